"""Command line and environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from sitl.autopilot import process
from sitl.autopilot.arguments import DEFAULT_HOME, home, parameters, parse
from wire.errors import ConfigurationError
from wire.geo import Position


def test_defaults() -> None:
    options = parse([], {})
    assert (options.instance, home(options, {}, {}), options.speed, options.seed) == (0, DEFAULT_HOME, None, 0)
    assert (options.wind, options.gust, options.log) == ((0.0, 0.0), 0.0, None)


def test_southern_and_western_places_and_winds() -> None:
    options = parse(["--home", "-33.9,-151.2,-5", "--wind", "-3,-2.5"], {})
    assert options.home == Position(-33.9, -151.2, -5.0)
    assert options.wind == (-3.0, -2.5)


def test_px4s_environment_counts_and_the_command_line_wins() -> None:
    environment = {"PX4_HOME_LAT": "47.4", "PX4_HOME_LON": "8.5", "PX4_HOME_ALT": "488", "PX4_SIM_SPEED_FACTOR": "8"}
    assert home(parse([], environment), environment, {}) == Position(47.4, 8.5, 488.0)
    assert parse([], environment).speed == 8.0
    assert parse(["--speed", "2"], environment).speed == 2.0
    assert parameters({"PX4_PARAM_NAV_DLL_ACT": "2", "HOME": "/"}) == {"NAV_DLL_ACT": 2.0}


@pytest.mark.parametrize(
    ("name", "text", "words"),
    [
        ("X", "y", "PX4_PARAM_X is 'y': give a number"),
        ("MIS_TAKEOFF_ALT", "nan", "give a number"),
        ("MIS_TAKEOFF_ALT", "1e300", "MIS_TAKEOFF_ALT cannot hold"),
        ("NOPE", "1", "there is no parameter NOPE"),
        ("NAV_DLL_ACT", "0.5", "NAV_DLL_ACT is an integer"),
    ],
)
def test_a_parameter_that_cannot_be_is_told_by_name(name: str, text: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        parameters({f"PX4_PARAM_{name}": text})


def test_what_a_real_px4_knows_it_tells_itself() -> None:
    assert parameters({"PX4_PARAM_NOPE": "1"}, of_a_real_px4=True) == {"NOPE": 1.0}
    with pytest.raises(ConfigurationError, match="give a number"):
        parameters({"PX4_PARAM_NOPE": "inf"}, of_a_real_px4=True)


def test_without_a_place_it_starts_where_it_was() -> None:
    kept = {"SIH_LOC_LAT0": 47.0, "SIH_LOC_LON0": 8.0, "SIH_LOC_H0": 400.0}
    assert home(parse([], {}), {}, kept) == Position(47.0, 8.0, 400.0)
    assert home(parse([], {}), {"PX4_HOME_ALT": "500"}, kept) == Position(47.0, 8.0, 500.0)
    assert home(parse(["--home", "1,2,3"], {}), {"PX4_HOME_ALT": "500"}, kept) == Position(1.0, 2.0, 3.0)
    with pytest.raises(ValueError, match="PX4_HOME_LAT"):
        home(parse([], {}), {"PX4_HOME_LAT": "north"}, kept)


@pytest.mark.parametrize(
    "argv",
    [
        ["--home", "1,2"],
        ["--home", "nan,2,3"],
        ["--home", "86,0,0"],
        ["--speed", "0"],
        ["--speed", "inf"],
        ["--speed", "nan"],
        ["--instance", "-1"],
        ["--instance", "100"],
        ["--wind", "50,0"],
        ["--gust", "-1"],
        ["--seed", "x"],
        ["--seed", "-5"],
        ["--instance", "²"],
        ["--folder", ""],
        ["--log", ""],
        ["--told", ""],
        ["--scenario", ""],
        ["--what"],
    ],
)
def test_nonsense_is_refused_by_name(argv: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as refused:
        parse(argv, {})
    assert refused.value.code == 2
    assert argv[0] in capsys.readouterr().err


def test_one_number_is_asked_for_as_one(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parse(["--speed", "nan"], {})
    assert "'nan': give a number" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("option", "place"), [("--folder", "/dev/null/state"), ("--log", "/dev/null/a.tlog"), ("--told", "/dev/null/told")]
)
def test_where_nothing_can_be_kept_it_is_said(option: str, place: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert process.main([option, place]) == 2
    said = capsys.readouterr().err
    assert said.startswith(f"autopilot: {place}") and f"choose another {option}" in said and "Errno" not in said


def test_what_it_cannot_do_of_a_scenario_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["--folder", str(tmp_path), "--scenario"]
    assert process.main([*arguments, "latch-stuck"], keep=True) == 2
    assert "latch_stuck cannot be done by an autopilot alone" in capsys.readouterr().err
    mixed = tmp_path / "mixed.yaml"
    mixed.write_text(
        "name: mixed\nevents: [{kind: wind, north_m_s: 3, east_m_s: 0, gust_m_s: 0}, {kind: latch_stuck, at: open}]\n",
        encoding="utf-8",
    )
    assert process.main([*arguments, str(mixed), "--log", "/dev/null/a.tlog"], keep=True) == 2
    assert "latch_stuck cannot be done by an autopilot alone and is left out" in capsys.readouterr().err
