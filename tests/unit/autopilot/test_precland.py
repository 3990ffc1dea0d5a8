"""Precision landing: onto the beacon, over searches and losses, down to a landing without it."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.navigator.precland import PrecisionLand, State
from tests.unit.autopilot.harness import NAN, Companion

BEACON = (4.0, -3.0, 0.0)
OVER_S = 40.0
"""How long it may take to be over the beacon: PX4's estimate wanders, and must be within 0.2 m of it just when it is seen."""


def target(frame: int = mavlink.MAV_FRAME_LOCAL_NED, *, valid: int = 1, x: float = BEACON[0]) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_landing_target_message(
        0, 0, frame, 0.0, 0.0, 0.0, 0.0, 0.0, x, *BEACON[1:], [1.0, 0.0, 0.0, 0.0], 2, valid
    )


def flying(height_m: float = 8.0, **parameters: float) -> Companion:
    companion = Companion(parameters=parameters)
    companion.gcs = True
    companion.run(5.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 35.0 + height_m)
    companion.long(400, 1.0)
    companion.run(16.0)
    return companion


def stream(companion: Companion, seconds: float, rate_hz: float = 10.0) -> None:
    """Let the beacon be seen from now on."""
    start_s = companion.now_s
    companion.stream = [(start_s + step / rate_hz, target()) for step in range(round(seconds * rate_hz))]


def state(companion: Companion) -> State:
    task = companion.autopilot.pilot.flight.task
    assert isinstance(task, PrecisionLand)
    return task.state


def run_until(companion: Companion, wanted: State, within_s: float) -> float:
    """Run until the landing is in a state; how long it took."""
    start_s = companion.now_s
    while state(companion) is not wanted:
        companion.run(0.1)
        assert companion.now_s - start_s < within_s, f"still {state(companion)}"
    return companion.now_s - start_s


def precision_land(companion: Companion) -> None:
    companion.long(176, 1.0, 4.0, 9.0)
    companion.run(0.3)


def test_it_lands_on_the_beacon() -> None:
    companion = flying()
    stream(companion, OVER_S + 45.0)
    precision_land(companion)
    companion.run(OVER_S + 45.0)
    body = companion.autopilot.pilot.flight.body.position_m
    assert math.dist((body.north, body.east), BEACON[:2]) < 1.0
    assert companion.changes("armed") == [False, True, False]
    assert companion.changes("mode")[-2:] == ["4.9", "4.3"]


def test_unseen_it_waits_climbs_over_the_origin_and_lands_where_it_is() -> None:
    companion = flying(5.0)
    precision_land(companion)
    assert 1.5 < run_until(companion, State.SEARCH, 4.0) < 2.5
    assert 9.5 < run_until(companion, State.FALLBACK, 12.0) < 10.5
    assert companion.autopilot.pilot.flight.estimate.position_m.down == pytest.approx(-10.0, abs=1.0)
    companion.run(40.0)
    assert companion.changes("landed_state")[-2:] == [4, 1]


def test_a_beacon_found_in_the_search_is_approached_after_a_second() -> None:
    companion = flying(5.0)
    precision_land(companion)
    run_until(companion, State.SEARCH, 4.0)
    companion.run(3.0)
    stream(companion, 20.0)
    assert 0.8 < run_until(companion, State.APPROACH, 3.0) < 1.5


def test_a_beacon_lost_over_the_ground_is_searched_for_until_patience_ends() -> None:
    companion = flying(8.0, PLD_MAX_SRCH=1.0, PLD_BTOUT=1.0)
    stream(companion, 60.0)
    precision_land(companion)
    run_until(companion, State.DESCEND, OVER_S)
    companion.stream = []
    run_until(companion, State.START, 3.0)
    run_until(companion, State.SEARCH, 4.0)
    stream(companion, 60.0)
    run_until(companion, State.DESCEND, OVER_S)
    companion.stream = []
    run_until(companion, State.FALLBACK, 3.0)


def test_a_beacon_lost_near_the_ground_does_not_matter() -> None:
    companion = flying(4.0, PLD_FAPPR_ALT=2.0)
    stream(companion, 60.0)
    precision_land(companion)
    run_until(companion, State.DESCEND, OVER_S)
    while companion.autopilot.pilot.flight.estimate.position_m.down < -1.8:
        companion.run(0.1)
    companion.stream = []
    assert run_until(companion, State.FINAL, 3.0) < 1.0


@pytest.mark.parametrize(("frame", "said"), [(8, True), (0, True), (1, False)])
def test_only_the_local_frame_is_understood(frame: int, said: bool) -> None:
    companion = flying()
    companion.send(target(frame))
    companion.run(0.5)
    assert companion.autopilot.pilot.flight.beacon.fresh is not said
    assert ((2, f"Landing target: coordinate frame {frame} unsupported\t") in [t[1:] for t in companion.texts]) is said


@pytest.mark.parametrize("message", [target(valid=0), target(8, valid=0), target(x=NAN), target(x=1e30)])
def test_angles_and_nonsense_are_not_a_beacon(message: mavlink.MAVLink_message) -> None:
    companion = flying()
    companion.send(message)
    companion.run(0.5)
    assert not companion.autopilot.pilot.flight.beacon.fresh
    assert not [text for text in companion.texts if "Landing target" in text[2]]


def test_the_command_says_so_and_the_mode_alone_does_not() -> None:
    companion = flying()
    precision_land(companion)
    assert "Precision landing\t" not in [text[2] for text in companion.texts]
    companion.long(176, 1.0, 4.0, 3.0)
    companion.long(23)
    companion.run(1.5)
    assert (6, "Precision landing\t") in [text[1:] for text in companion.texts]
    assert (companion.acks[-1][1:], companion.state("mode")) == ((23, 0), "4.9")


@pytest.mark.parametrize(("setting", "expected"), [(1.0, State.FALLBACK), (2.0, State.SEARCH)])
def test_a_return_ends_on_the_beacon_if_set_so(setting: float, expected: State) -> None:
    companion = flying(8.0, RTL_PLD_MD=setting)
    companion.long(20)
    companion.run(3.5)
    assert "RTL: land at destination\t" in [text[2] for text in companion.texts]
    landing = companion.autopilot.pilot.flight.task
    assert getattr(landing, "arrived", False)
    stages = []
    for _ in range(40):
        companion.run(0.1)
        stages.append(companion.autopilot.pilot.landed_state)
    assert (stages[-1] == 4) is (expected is State.FALLBACK)


def test_a_return_lands_on_a_beacon_it_sees() -> None:
    companion = flying(8.0, RTL_PLD_MD=1.0)
    stream(companion, 60.0)
    companion.long(20)
    companion.run(50.0)
    body = companion.autopilot.pilot.flight.body.position_m
    assert companion.state("armed") is False
    assert math.dist((body.north, body.east), BEACON[:2]) < 1.0


def test_on_the_ground_it_prevents_arming() -> None:
    companion = Companion()
    companion.run(5.0)
    precision_land(companion)
    companion.long(400, 1.0)
    companion.run(0.5)
    assert companion.acks[-1][1:] == (400, 1)
