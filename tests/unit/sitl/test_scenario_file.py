"""Scenario files: what is read, what is refused and how, and the samples that are shipped."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import get_args

import msgspec
import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from sitl.scenario import check, events, model
from sitl.scenario.events import (
    CameraFrozen,
    Drive,
    Event,
    Kill,
    LatchStuck,
    LinkCut,
    Px4Failure,
    SensorBias,
    VehicleGnssBias,
    VehicleGnssLost,
    WindChange,
)
from wire.errors import ConfigurationError
from wire.messages import Phase

SHIPPED = sorted(model.FOLDER.glob("*.yaml"))

EVERYTHING = """
name: everything
events:
  - {kind: latch_stuck, at: closed}
  - {kind: link_cut, after_launch_s: 1, for_s: 2.5, way: up}
  - {kind: camera_frozen, after_launch_s: 2, camera: landing, frames: stop}
  - {kind: sensor_bias, gnss_north_m: 1, gnss_east_m: -2, gnss_up_m: 3, barometer_m: 4, heading_deg: -5}
  - {kind: vehicle_gnss_lost, after_launch_s: 3}
  - {kind: vehicle_gnss_bias, after_launch_s: 4, east_m: 2}
  - {kind: wind, north_m_s: 3, east_m_s: 0, gust_m_s: 1}
  - {kind: drive, after_launch_s: 5, north_m: 30, speed_m_s: 4}
  - {kind: px4_failure, after_launch_s: 6, unit: battery, failure: off}
  - {kind: kill, after_launch_s: 7, process: vision}
expect: {through: [yielded, securing], never: [holding], end: [secured, grounded]}
"""


def test_every_kind_as_it_is_written() -> None:
    read = model.parse(EVERYTHING)
    assert read.events == (
        LatchStuck(at="closed"),
        LinkCut(after_launch_s=1.0, for_s=2.5, way="up"),
        CameraFrozen(after_launch_s=2.0, camera="landing", frames="stop"),
        SensorBias(gnss_north_m=1.0, gnss_east_m=-2.0, gnss_up_m=3.0, barometer_m=4.0, heading_deg=-5.0),
        VehicleGnssLost(after_launch_s=3.0),
        VehicleGnssBias(after_launch_s=4.0, east_m=2.0),
        WindChange(north_m_s=3.0, east_m_s=0.0, gust_m_s=1.0),
        Drive(after_launch_s=5.0, north_m=30.0, speed_m_s=4.0),
        Px4Failure(after_launch_s=6.0, unit="battery", failure=False),
        Kill(after_launch_s=7.0, process="vision"),
    )
    assert {type(event) for event in read.events} == set(get_args(events.AnyEvent))
    assert read.expect == model.Expect(
        through=(Phase.YIELDED, Phase.SECURING), never=(Phase.HOLDING,), end=("secured", "grounded")
    )
    assert [event.sentence for event in read.events] == [
        "the latch is stuck closed",
        "the radio is cut on the way up",
        "the landing camera gives no pictures",
        "the aircraft's sensors are off: GNSS +1 m north, GNSS -2 m east, GNSS +3 m up, barometer +4 m, heading -5°",
        "the vehicle's receiver has no fix",
        "the vehicle's receiver is off: +2 m east",
        "the wind blows +3 m/s north, +0 m/s east, gusts 1 m/s",
        "the vehicle drives +30 m north, +0 m east, at 4 m/s",
        "PX4 is told that its battery fails: off",
        "the process vision is killed",
    ]
    parts = (read.of_the_world, read.of_the_autopilot, read.cuts, read.kills)
    assert sorted(event.sentence for part in parts for event in part) == sorted(event.sentence for event in read.events)
    assert read.lasts_s == 7.0


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "s.yaml:1: name: is missing; write text of a-z0-9- only"),
        ("name: Über", "s.yaml:1: name: must be text of a-z0-9- only"),
        ("name: a\nevents: []", "s.yaml:2: events: must be a list, at least 1 and at most 100 items; an empty list is not"),
        ("name: a\nevent: []", "s.yaml:2: event: there is no such field; did you mean events?"),
        ("name: a\nevents:\n  - way: up", "s.yaml:3: events.0.kind: is missing; write one of link_cut, latch_stuck, "),
        ("name: a\nevents:\n  - kind: link_cutt", "s.yaml:3: events.0.kind: must be one of link_cut, latch_stuck, "),
        (
            "name: a\nevents:\n  - kind: meteorite",
            "s.yaml:3: events.0.kind: must be one of link_cut, latch_stuck, ",
        ),
        ("name: a\nevents:\n  - kind: link_cut", "s.yaml:3: events.0.after_launch_s: is missing; say when it begins"),
        (
            "name: a\nevents:\n  - kind: link_cut\n    after_launch_s: 3\n    wya: up",
            "s.yaml:5: events.0.wya: there is no such field; did you mean way?",
        ),
        (
            "name: a\nevents:\n  - kind: kill\n    after_launch_s: 3\n    process: vison",
            's.yaml:5: events.0.process: must be one of flight, link, vision; "vison" is not; did you mean vision?',
        ),
        (
            "name: a\nevents:\n  - {kind: link_cut, after_launch_s: 3}\n  - kind: link_cut\n    after_launch_s: -3",
            "s.yaml:5: events.1.after_launch_s: must be a number from 0 to 86400",
        ),
        (
            "name: a\nevents:\n  - kind: kill\n    after_launch_s: 3\n    process: vision\n    for_s: 4",
            "s.yaml:6: events.0.for_s: does not belong here: this happens at a moment; leave it out",
        ),
        (
            "name: a\nevents:\n  - kind: latch_stuck\n    at: open\n    for_s: 4",
            "s.yaml:5: events.0.for_s: counts from after_launch_s; give that, too",
        ),
        (
            "name: a\nevents:\n  - kind: sensor_bias\n    after_launch_s: 4",
            "s.yaml:3: events.0.kind: give one of gnss_north_m, ",
        ),
        (
            "name: a\nevents:\n  - {kind: drive, after_launch_s: 4}",
            "s.yaml:3: events.0.kind: give north_m or east_m, and not 0",
        ),
        (
            "name: a\nevents:\n  - {kind: px4_failure, after_launch_s: 4, unit: gps, failure: on}",
            "s.yaml:3: events.0.failure: a failure is off, stuck, ",
        ),
        (
            "name: a\nevents:\n  - {kind: vehicle_gnss_lost, after_launch_s: 4}\nexpect:\n  end: secured\n  through: [yeilded]",
            "s.yaml:6: expect.through.0: must be one of starting, stowed, ",
        ),
        ("name: a\nevents:\n  - {kind: vehicle_gnss_lost, after_launch_s: 4}\nexpect: {end: flying}", "s.yaml:4: expect.end: "),
    ],
)
def test_a_mistake_gets_file_line_field_and_what_would_be_right(text: str, says: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        model.parse(text, "s.yaml")
    assert str(caught.value).startswith(says)


@given(st.text(max_size=200))
def test_whatever_is_in_the_file_only_a_configuration_error_is_raised(text: str) -> None:
    try:
        model.parse(text)
    except ConfigurationError as error:
        assert str(error).startswith("scenario:")


_TIMES = {"after_launch_s": st.floats(0, 86_400), "for_s": st.none() | st.floats(0.001, 86_400)}
_EVENTS = st.one_of(
    st.builds(LinkCut, way=st.sampled_from(["both", "up", "down"]), **_TIMES),
    st.builds(LatchStuck, at=st.sampled_from(["closed", "open"]), **_TIMES),
    st.builds(
        CameraFrozen, camera=st.sampled_from(["survey", "landing"]), frames=st.sampled_from(["repeat", "stop"]), **_TIMES
    ),
    st.builds(SensorBias, gnss_up_m=st.floats(1, 50), heading_deg=st.floats(-60, 60), **_TIMES),
    st.builds(WindChange, north_m_s=st.floats(-40, 40), east_m_s=st.floats(-40, 40), gust_m_s=st.floats(0, 20), **_TIMES),
    st.builds(
        Px4Failure, unit=st.sampled_from(get_args(events.Unit)), failure=st.sampled_from(get_args(events.Failure)), **_TIMES
    ),
)


@given(st.lists(_EVENTS, min_size=1, max_size=8))
def test_what_is_written_is_read_again(told: list[Event]) -> None:
    """A scenario is handed to each process as a file."""
    scenario = model.Scenario(name="again", events=tuple(told))  # type: ignore[arg-type]
    assert model.parse(yaml.safe_dump(msgspec.to_builtins(scenario))) == scenario


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_what_is_shipped_is_right_and_named_as_its_file(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert model.load(path).name == path.stem
    assert model.scenario_path(path.stem) == path
    assert check.run([path.stem]) == 0
    assert f"{path}: {path.stem}\n" in capsys.readouterr().out


def test_a_name_that_is_none_gets_those_there_are() -> None:
    with pytest.raises(ConfigurationError, match=r"nonsense: there is no such file.*; there are .*latch-stuck"):
        model.scenario_path("nonsense")


@pytest.mark.parametrize("kind", ["sensor_bias, gnss_up_m: 3", "wind, north_m_s: 3, east_m_s: 0"])
def test_what_a_real_px4_cannot_do_is_refused_by_name(kind: str) -> None:
    text = f"name: a\nevents:\n  - {{kind: kill, after_launch_s: 3, process: vision}}\n  - {{kind: {kind}}}"
    with pytest.raises(ConfigurationError, match=rf"^f: events.1: {kind.partition(',')[0]} cannot be done with a real PX4"):
        model.refuse_on_px4(model.parse(text), "f")


def test_what_a_real_px4_can_do_is_not_refused() -> None:
    rest = [event for event in model.parse(EVERYTHING).events if not isinstance(event, events.EMBEDDED_ONLY)]
    model.refuse_on_px4(model.Scenario(name="rest", events=tuple(rest)), "f")


def test_the_checker_as_a_program_says_what_happens_and_what_is_wrong(tmp_path: Path) -> None:
    good, bad = tmp_path / "good.yaml", tmp_path / "bad.yaml"
    good.write_text(EVERYTHING, encoding="utf-8")
    bad.write_text("name: a\nevents:\n  - kind: link_cutt\n", encoding="utf-8")
    command = [sys.executable, "-m", "sitl", "scenario", "check", str(good), str(bad)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert done.returncode == 2
    assert "  from 1 s to 3.5 s: the radio is cut on the way up\n" in done.stdout
    assert "  from the start: the latch is stuck closed\n" in done.stdout
    assert (
        "  expected: the flight passes through yielded, securing, never comes to holding, ends secured or grounded\n"
        in done.stdout
    )
    assert done.stderr.startswith(f"{bad}:3: events.0.kind: must be one of link_cut, ")


def test_a_phase_cannot_be_expected_and_forbidden() -> None:
    text = "name: a\nevents: [{kind: vehicle_gnss_lost, after_launch_s: 3}]\nexpect:\n  end: secured\n"
    text += "  through: [surveying, holding]\n  never: [yielded, holding]\n"
    with pytest.raises(ConfigurationError, match=r"^f:6: expect\.never\.1: holding is in `through`, too"):
        model.parse(text, "f")
