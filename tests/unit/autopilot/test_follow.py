"""Follow-me: the estimator of the target, and standing off behind it."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.vector import ZERO, Vector
from sitl.autopilot.navigator.follow import Estimator, Sighting
from tests.unit.autopilot.harness import HOME, NAN, Companion
from wire.geo import Ned, offset

DT_S = 0.02


def target(
    north_m: float, east_m: float, speed: tuple[float, float] = (0.0, 0.0), up_m: float = 0.0
) -> mavlink.MAVLink_message:
    """FOLLOW_TARGET at a place beside the start."""
    place = offset(HOME, Ned(north_m, east_m, -up_m))
    latitude, longitude = round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7)
    zero, level = [0.0] * 3, [1.0, 0.0, 0.0, 0.0]
    fields = (place.altitude_amsl_m, [*speed, 0.0], zero, level, zero, zero, 0)
    return mavlink.MAVLink_follow_target_message(0, 3, latitude, longitude, *fields)


def following(height_m: float = 10.0, **parameters: float) -> Companion:
    companion = Companion(parameters=parameters)
    companion.gcs = True
    companion.run(5.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 35.0 + height_m)
    companion.long(400, 1.0)
    companion.run(18.0)
    companion.long(176, 1.0, 4.0, 8.0)
    companion.run(1.5)
    assert companion.state("mode") == "4.8"
    return companion


def lead(companion: Companion, seconds: float, start: tuple[float, float], speed: tuple[float, float] = (0.0, 0.0)) -> None:
    """Tell once a second where a target is that moves steadily; ends where it is then."""
    for second in range(round(seconds)):
        companion.send(target(start[0] + speed[0] * second, start[1] + speed[1] * second, speed))
        companion.run(1.0)


def here(companion: Companion) -> Vector:
    return companion.autopilot.pilot.flight.body.position_m


def test_without_a_target_it_stops() -> None:
    companion = following()
    before = here(companion)
    companion.run(5.0)
    assert math.dist(here(companion)[:2], before[:2]) < 1.5


def test_it_stands_behind_a_target_at_distance_and_height_and_faces_it() -> None:
    companion = following(FLW_TGT_FA=0.0, FLW_TGT_DST=6.0, FLW_TGT_HT=9.0)
    lead(companion, 25.0, (10.0, 5.0))
    assert math.dist(here(companion), (16.0, 5.0, -9.0)) < 2.0, "course north, so angle 0 is north of it"
    assert abs(companion.autopilot.pilot.flight.estimate.yaw_rad) == pytest.approx(math.pi, abs=0.3)


def test_it_follows_a_moving_target_from_behind() -> None:
    companion = following()
    lead(companion, 30.0, (0.0, 0.0), (0.0, 3.0))
    behind = here(companion).east - 90.0
    assert behind == pytest.approx(-8.0, abs=4.0)
    assert companion.autopilot.pilot.flight.body.velocity_m_s.east == pytest.approx(3.0, abs=0.8)


def test_it_stops_with_a_target_that_falls_silent() -> None:
    companion = following()
    lead(companion, 12.0, (0.0, 0.0), (2.0, 0.0))
    companion.run(10.0)
    assert companion.autopilot.pilot.flight.body.velocity_m_s.horizontal < 0.7


@pytest.mark.parametrize(("mode", "down_m"), [(0.0, -9.0), (1.0, -9.0), (2.0, -12.0)])
def test_the_height_is_over_home_terrain_or_target(mode: float, down_m: float) -> None:
    companion = following(FLW_TGT_ALT_M=mode, FLW_TGT_HT=9.0)
    for _ in range(15):
        companion.send(target(5.0, 0.0, up_m=3.0))
        companion.run(1.0)
    assert here(companion).down == pytest.approx(down_m, abs=1.2)


def test_what_was_heard_before_does_not_count() -> None:
    companion = Companion()
    companion.run(5.0)
    companion.send(target(100.0, 0.0))
    companion = following()
    companion.run(5.0)
    assert here(companion).horizontal < 3.0


@pytest.mark.parametrize(
    "message",
    [
        mavlink.MAVLink_follow_target_message(
            0, 3, 2_000_000_000, 0, 35.0, *[[0.0] * 3] * 2, [1.0, 0, 0, 0], *[[0.0] * 3] * 2, 0
        ),
        mavlink.MAVLink_follow_target_message(0, 3, 488584000, 0, NAN, *[[0.0] * 3] * 2, [1.0, 0, 0, 0], *[[0.0] * 3] * 2, 0),
    ],
)
def test_a_target_that_is_nowhere_is_not_heard(message: mavlink.MAVLink_message) -> None:
    companion = Companion()
    companion.run(3.0)
    companion.send(message)
    companion.run(0.1)
    assert companion.autopilot.pilot.flight.leader.last is None


def test_it_prevents_arming() -> None:
    companion = Companion()
    companion.run(5.0)
    companion.long(176, 1.0, 4.0, 8.0)
    companion.long(400, 1.0)
    companion.run(0.5)
    assert companion.acks[-1][1:] == (400, 1)


@given(st.floats(0.1, 1.0), st.tuples(*[st.floats(-300.0, 300.0)] * 3), st.tuples(*[st.floats(-12.0, 12.0)] * 2))
def test_the_estimate_converges_on_a_steadily_moving_target(
    responsiveness: float, start: tuple[float, float, float], speed: tuple[float, float]
) -> None:
    estimator, velocity = Estimator(), Vector(*speed, 0.0)
    for step in range(round(40.0 / DT_S)):
        now_s = step * DT_S
        true = Vector(start[0] + speed[0] * now_s, start[1] + speed[1] * now_s, start[2])
        sighting = Sighting(true, velocity, now_s) if step % 50 == 0 else None
        estimator.update(sighting, responsiveness, now_s, DT_S)
    assert estimator.position_m is not None
    assert math.dist(estimator.position_m, true) < 1.0
    assert math.dist(estimator.velocity_m_s, velocity) < 0.5


@given(st.lists(st.tuples(*[st.floats(-1e6, 1e6)] * 6), max_size=12), st.floats(0.0, 2.0))
def test_the_estimate_stays_finite_whatever_is_told(sightings: list[tuple[float, ...]], gap_s: float) -> None:
    estimator, now_s = Estimator(), 0.0
    estimator.update(None, 0.1, now_s, DT_S)
    for values in sightings:
        now_s += gap_s
        estimator.update(Sighting(Vector(*values[:3]), Vector(*values[3:]), now_s), 0.1, now_s, DT_S)
    estimator.update(None, 0.1, now_s + 5.0, DT_S)
    assert estimator.velocity_m_s == ZERO
    assert estimator.position_m is None or all(math.isfinite(part) for part in estimator.position_m)
