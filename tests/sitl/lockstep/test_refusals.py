"""A launch that is refused, each time by name: nothing has moved, the latch is closed, and the sentence says what to do."""

from __future__ import annotations

import re

import pytest

from missions import requests as ask
from onboard.flight import parameters
from sitl.world.configuration import LatchFaults, Move
from tests.sitl.lockstep.harness import SHORT, P, Watched
from wire.messages import Command, Stage, Verb

SAMPLED = {"NAV_DLL_ACT": 1.0, "COM_DL_LOSS_T": 60.0, "COM_LOW_BAT_ACT": 2.0, "RTL_TYPE": 1.0, "COM_DISARM_PRFLT": 2.0}
"""Wrong on the bench, one at a time."""


def refused_launch(flight: Watched, mission: str = SHORT) -> str:
    """The sentence that a launch ends with, which must be a refusal before anything has moved."""
    before = len(flight.requests)
    end = flight.outcome(flight.launch(mission))
    assert end.stage is Stage.REFUSED, end
    flight.run(1.0)
    assert flight.phase is (P.STARTING if flight.clock_unknown else P.STOWED)
    assert set(flight.asked(before)) <= {ask.ReadParameters, ask.SelectHold}
    assert P.RELEASING not in flight.phases
    flight.safe_on_the_roof()
    return end.sentence


@pytest.mark.parametrize("name", sorted(SAMPLED))
def test_wrong_safety_parameter(name: str) -> None:
    sentence = refused_launch(Watched(parameters={name: SAMPLED[name]}))
    right = next(r for r in parameters.REQUIRED if r.name == name)
    assert f"PX4's parameter {name} is {SAMPLED[name]:g}, set it to {right.set_to:g}: {right.why}" in sentence


def test_every_wrong_parameter_is_counted() -> None:
    wrong = {"NAV_DLL_ACT": 3.0, "RTL_TYPE": 1.0, "COM_OBL_RC_ACT": 0.0, "RTL_LAND_DELAY": -1.0}
    sentence = refused_launch(Watched(parameters=wrong))
    assert sum(name in sentence for name in wrong) == 3 and "(and 1 more)" in sentence


def test_no_vehicle_position() -> None:
    flight = Watched()
    flight.no_fix = True
    assert "the vehicle's position is not known or stale: check its GNSS receiver" in refused_launch(flight)


def test_stale_vehicle_position() -> None:
    flight = Watched()
    flight.run(6.0)
    flight.fix_age_s = 6.0
    assert "the vehicle's position is not known or stale" in refused_launch(flight)


def test_vehicle_that_moves() -> None:
    flight = Watched(moves=[Move(after_launch_s=0.0, east_m=400.0, speed_m_s=3.0)])
    flight.carried_to_the_pad = True  # on the driving roof
    flight.drive_off()
    flight.run(5.0)
    end = flight.outcome(flight.launch())
    assert end.stage is Stage.REFUSED
    assert "the vehicle is not seen standing still" in end.sentence
    assert flight.phase is P.STOWED and not flight.armed


def test_low_battery() -> None:
    flight = Watched(parameters={"SIM_BAT_MIN_PCT": 45.0, "SIM_BAT_DRAIN": 40.0})
    flight.autopilot.pilot.battery.fail(True)
    assert "the battery has 0 %, a launch needs 60 %" in refused_launch(flight)


def test_aircraft_not_seated() -> None:
    flight = Watched(latch=LatchFaults(seat_sensor="broken"))
    end = flight.outcome(flight.launch())
    assert end.stage is Stage.REFUSED
    assert end.sentence == (
        "launch refused: it means nothing while grounded: it is disarmed but not seen seated on the roof: go and look"
    )
    assert flight.phase is P.GROUNDED and not flight.armed and flight.latch_state().closed


def test_latch_sensors_that_contradict_each_other() -> None:
    flight = Watched(latch=LatchFaults(sensor_broken=True))
    end = flight.outcome(flight.launch())
    assert end.stage is Stage.REFUSED
    assert "the latch's sensors contradict each other" in end.sentence
    assert flight.phase is P.STARTING and not flight.armed


def test_latch_stuck_closed() -> None:
    """This is only seen once it should have opened: the launch fails, and nothing was armed."""
    flight = Watched(latch=LatchFaults(stuck="closed"))
    end = flight.outcome(flight.launch())
    assert end.stage is Stage.FAILED
    assert "the latch was not seen open: look at it, it may be stuck" in end.sentence
    flight.run(15.0)
    assert flight.phase is P.SECURED
    assert ask.Arm not in flight.asked()
    flight.safe_on_the_roof()


def test_px4_that_is_not_heard() -> None:
    flight = Watched()
    flight.run(8.0)
    flight.wire.cut = True
    flight.run(5.0)
    end = flight.outcome(flight.launch())
    assert end.stage is Stage.REFUSED
    assert "PX4 is not heard: check its power and the cable to it" in end.sentence


@pytest.mark.parametrize(
    ("issued_s", "life_s", "says"),
    [
        (-10.0, 3.0, r"the order is 10\.\d s old and has expired; say it again"),
        (+30.0, 3.0, "the order claims to come from the future; the clocks do not agree"),
    ],
)
@pytest.mark.parametrize("verb", [Verb.LAUNCH, Verb.RETURN, Verb.ABORT], ids=str)
def test_order_out_of_its_time(verb: Verb, issued_s: float, life_s: float, says: str) -> None:
    flight = Watched()
    flight.run(20.0)
    sentence = flight.refused(verb, SHORT, issued_s=flight.now_s + issued_s, life_s=life_s)
    assert re.fullmatch(f"{verb} refused: {says}", sentence)


def test_expired_order_in_the_air_changes_nothing() -> None:
    flight = Watched()
    flight.fly_to(P.SURVEYING)
    before = len(flight.requests)
    assert "has expired" in flight.refused(Verb.LAND, issued_s=flight.now_s - 8.0)
    assert ask.Land not in flight.asked(before)


def test_order_while_the_clock_is_not_known() -> None:
    flight = Watched()
    flight.clock_unknown = True
    assert refused_launch(flight) == "launch refused: the vehicle's clock is not known yet; say it again"


@pytest.mark.parametrize(
    ("mission", "says"),
    [
        ("", "mission"),
        ("{", "mission"),
        ("name: x\norbit: {radius_m: 8, height_m: 10, speed_m_s: 3}", "give either laps or duration_s"),
        ("name: x\norbit: {radius_m: 8, height_m: 10, speed_m_s: 9, laps: 1}", "orbit.speed_m_s"),
        ("name: x\nwings: 2\norbit: {radius_m: 8, height_m: 12, speed_m_s: 3, laps: 1}", "wings"),
        ("name: x\norbit: {radius_m: .nan, height_m: 12, speed_m_s: 3, laps: 1}", "radius_m"),
    ],
)
def test_bad_mission_text(mission: str, says: str) -> None:
    flight = Watched()
    sentence = refused_launch(flight, mission)
    assert sentence.startswith("launch refused: ") and says in sentence


def test_launch_without_a_mission() -> None:
    flight = Watched()
    flight.run(8.0)
    command = Command(id="no-mission", verb=Verb.LAUNCH, operator="operator", issued_s=8.0, expires_s=11.0)
    flight.give(command)
    assert flight.outcome(command.id).sentence == "launch refused: the launch names no mission"


def test_mission_beyond_the_aircrafts_limits() -> None:
    far = "name: far\norbit: {radius_m: 150, height_m: 90, speed_m_s: 5, laps: 0.25, centre: {north_m: 300}}"
    sentence = refused_launch(Watched(), far)
    assert "mission far goes to 90 m, the limit is 60 m" in sentence
    assert "mission far goes 450 m away, the limit is 400 m" in sentence


def test_a_refused_launch_can_be_ordered_again() -> None:
    flight = Watched()
    flight.no_fix = True
    refused_launch(flight)
    flight.no_fix = False
    flight.run(4.0)
    flight.order(Verb.LAUNCH, SHORT)
    flight.wait_for(P.SECURED, P.CLIMBING)
    assert flight.phase is P.CLIMBING
