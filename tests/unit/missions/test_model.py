"""Mission files: each bound and each rule between fields, with the line where it stands."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

import missions
from missions.command_line import main
from missions.model import MAX_CENTRIPETAL_M_S2, Mission
from wire.errors import ConfigurationError

SAMPLE = Path(missions.__file__).parent / "launch-and-survey.yaml"
LINES = [
    "name: test", "clear_height_m: 12", "transit_speed_m_s: 5", "return_height_m: 12", "orbit:", "  radius_m: 100",
    "  height_m: 20", "  speed_m_s: 6", "  direction: clockwise", "  look: centre", "  laps: 1", "  centre:",
    "    north_m: 0", "    east_m: 0", "ends:", "  battery_percent: 30", "  flight_time_s: 3600",
]  # fmt: skip
BOUNDS: list[tuple[str, float, float]] = [
    ("clear_height_m", 5, 20), ("transit_speed_m_s", 1, 10), ("return_height_m", 5, 60), ("radius_m", 18, 150),
    ("height_m", 12, 120), ("speed_m_s", 1, 10), ("laps", 0.25, 16), ("north_m", -300, 300), ("east_m", -300, 300),
    ("battery_percent", 20, 80), ("flight_time_s", 191, 3600),
]  # fmt: skip
"""The ends of what a field may be in this mission, by its own bounds or by those between fields."""


def text(**changes: object) -> str:
    """The mission with other values; None leaves a line out."""
    lines = []
    for line in LINES:
        name = line.split(":")[0].strip()
        if name not in changes:
            lines.append(line)
        elif changes[name] is not None:
            lines.append(f"{line.split(':')[0]}: {changes[name]}")
    return "\n".join(lines)


def line_of(name: str) -> int:
    return next(i for i, line in enumerate(LINES, 1) if line.split(":")[0].strip() == name)


def complaint(text_: str) -> str:
    with pytest.raises(ConfigurationError) as caught:
        missions.parse(text_, "m.yaml")
    return str(caught.value)


def test_the_shipped_mission_is_right() -> None:
    mission = missions.load(SAMPLE)
    assert mission.name == SAMPLE.stem
    assert mission.orbit.expected_s < mission.ends.flight_time_s


def test_the_sample_shows_every_field() -> None:
    sample = SAMPLE.read_text()
    for kind in (Mission, *(type(part) for part in (missions.load(SAMPLE).orbit, missions.load(SAMPLE).ends))):
        for name in kind.__struct_fields__:
            assert f"{name}:" in sample


@pytest.mark.parametrize(("name", "lowest", "highest"), BOUNDS, ids=[name for name, *_ in BOUNDS])
def test_each_bound_from_both_sides_with_its_line(name: str, lowest: float, highest: float) -> None:
    for value in (lowest, highest):
        missions.parse(text(**{name: value}))
    for value in (lowest - 1.01, highest + 0.01 + abs(highest)):
        assert complaint(text(**{name: value})).startswith("m.yaml:")
    for nonsense in (".nan", ".inf", "-.inf", "x", "[1]"):
        said = complaint(text(**{name: nonsense}))
        assert said.startswith(f"m.yaml:{line_of(name)}: ") and f"{name}: " in said


@pytest.mark.parametrize(
    ("changes", "line", "says"),
    [
        ({"speed_m_s": 10, "radius_m": 49}, 8, "orbit.speed_m_s: 10 m/s on a 49 m circle is more than PX4 flies; at most 9.8"),
        ({"laps": None}, 5, "orbit: give either laps or duration_s, and only one of them"),
        ({"laps": "1\n  duration_s: 60"}, 5, "orbit: give either laps or duration_s, and only one of them"),
        ({"flight_time_s": 150}, 17, "ends.flight_time_s: the orbit takes about 131 s; allow at least 191 s, or fly less"),
        ({"height_m": 11.9}, 7, "orbit.height_m: is below clear_height_m (12 m)"),
        (
            {"name": "Has Capitals"},
            1,
            'name: must be text of a-z0-9- only, at least 1 and at most 40 characters; "Has Capitals" is not',
        ),
        ({"name": "x" * 41}, 1, "name: must be text of a-z0-9- only, at least 1 and at most 40 characters"),
        ({"direction": "left"}, 9, 'orbit.direction: must be one of clockwise, counter-clockwise; "left" is not'),
        ({"look": "down"}, 10, 'orbit.look: must be one of ahead, centre, fixed; "down" is not'),
        ({"laps": "1\n  lap: 2"}, 12, "orbit.lap: there is no such field; did you mean laps?"),
        ({"name": None}, 1, "name: is missing; write text of a-z0-9- only"),
        ({"radius_m": None}, 5, "orbit.radius_m: is missing; write a number from 8 to 150"),
    ],
)
def test_each_rule_with_its_line(changes: dict[str, Any], line: int, says: str) -> None:
    assert complaint(text(**changes)).startswith(f"m.yaml:{line}: {says}")


@settings(deadline=None)
@given(
    st.floats(8, 150), st.floats(1, 10), st.floats(0.25, 50) | st.none(), st.floats(10, 1800) | st.none(), st.floats(60, 3600)
)
def test_what_is_accepted_can_be_flown_and_ends(
    radius: float, speed: float, laps: float | None, duration: float | None, flight_time: float
) -> None:
    orbit = {"radius_m": radius, "height_m": 20, "speed_m_s": speed, "laps": laps, "duration_s": duration}
    try:
        mission = missions.parse(yaml.safe_dump({"name": "x", "orbit": orbit, "ends": {"flight_time_s": flight_time}}))
    except ConfigurationError:
        return
    assert speed**2 / radius <= MAX_CENTRIPETAL_M_S2
    assert (laps is None) != (duration is None)
    assert 0 < mission.orbit.expected_s <= flight_time - 60
    assert mission.orbit.wanted_rad == (None if laps is None else pytest.approx(laps * math.tau))


@settings(deadline=None)
@given(st.text(max_size=80))
def test_arbitrary_text_raises_nothing_else(words: str) -> None:
    try:
        missions.parse(words)
    except ConfigurationError as error:
        assert str(error).startswith("mission:")


LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=6)
FIELDS = ["name", "orbit", "ends", "clear_height_m", "radius_m", "height_m", "speed_m_s", "laps", "centre", "direction"]
TREES = st.recursive(
    LEAVES,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=15,
)


@settings(deadline=None)
@given(TREES)
def test_arbitrary_yaml_raises_nothing_else(tree: object) -> None:
    try:
        missions.parse(yaml.safe_dump(tree))
    except ConfigurationError as error:
        assert str(error).startswith("mission:")


@settings(deadline=None)
@given(st.integers(0, len(LINES) - 1), st.text(alphabet=":-[]{}#&*!|>'\" \tax1.", max_size=8))
def test_a_slip_of_the_hand_anywhere_raises_nothing_else(line: int, slip: str) -> None:
    lines = [*LINES]
    lines[line] += slip
    try:
        missions.parse("\n".join(lines))
    except ConfigurationError as error:
        assert str(error).startswith("mission:")


def test_the_checker_says_what_a_mission_does(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["check", str(SAMPLE)]) == 0
    assert "launch-and-survey: climbs to 12 m, circles 25 m around the scene" in capsys.readouterr().out
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text("name: x")
    assert main(["check", str(SAMPLE), str(wrong), str(tmp_path / "none.yaml")]) == 2
    said = capsys.readouterr()
    assert f"{wrong}:1: orbit: is missing; write fields of its own (radius_m, " in said.err
    assert "there is no such file" in said.err and "climbs to" in said.out
