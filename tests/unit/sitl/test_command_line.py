"""What `sitl` says of itself, and what it refuses before anything starts."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitl.main import main


@pytest.mark.parametrize("verb", [["fly"], ["run"], ["autopilot"], ["compare"], ["scenario", "check"]])
def test_the_help_tells_the_exit_codes(verb: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main([*verb, "--help"])
    assert ended.value.code == 0
    assert "Exit code" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["fly", "--px4", ""], "--px4"),
        (["fly", "--flights", ""], "--flights"),
        (["fly", "--scenario", ""], "--scenario"),
        (["fly", ""], "MISSION"),
        (["run", "--px4", ""], "--px4"),
        (["autopilot", "--folder", ""], "--folder"),
        (["autopilot", "--log", ""], "--log"),
        (["compare", ""], "RECORDING"),
        (["scenario", "check", ""], "SCENARIO"),
    ],
)
def test_an_empty_path_is_refused_by_name(arguments: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        main(arguments)
    assert refused.value.code == 2
    assert f"argument {named}: is empty" in capsys.readouterr().err


@pytest.mark.parametrize("verb", [["fly"], ["fly", "--headless"], ["run"]])
@pytest.mark.parametrize("variable", ["PX4_PARAM_NOPE", "PX4_SIM_SPEED_FACTOR"])
def test_what_the_environment_asks_for_in_vain_is_refused_before_anything_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, verb: list[str], variable: str
) -> None:
    monkeypatch.setenv(variable, "3")
    assert main([*verb, "--flights", str(tmp_path / "flights")]) == 2
    assert not (tmp_path / "flights").exists()
