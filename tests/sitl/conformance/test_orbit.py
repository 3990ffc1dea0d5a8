"""S38 to S43: circling a place."""

from __future__ import annotations

import math
import statistics
from collections.abc import Callable

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.vehicle import NAN, Vehicle
from wire.geo import Position

ACCEPTED = 0
ORBIT = mavlink.MAV_CMD_DO_ORBIT
HEIGHT_M = 10.0


def distance_m(vehicle: Vehicle, centre: Position) -> float:
    """Over ground."""
    away = vehicle.away(centre)
    return math.hypot(away.north_m, away.east_m)


def turning(vehicle: Vehicle, centre: Position) -> float:
    """Speed around a place, clockwise as seen from above."""
    away, velocity = vehicle.away(centre), vehicle.velocity_m_s
    return (away.north_m * velocity.east_m - away.east_m * velocity.north_m) / distance_m(vehicle, centre)


def to_centre_rad(vehicle: Vehicle, centre: Position) -> float:
    """The heading from it to a place."""
    away = vehicle.away(centre)
    return math.atan2(-away.east_m, -away.north_m)


def off_rad(vehicle: Vehicle, heading_rad: float) -> float:
    """How far its heading is from another."""
    return math.remainder(vehicle.onboard.last("ATTITUDE").yaw - heading_rad, math.tau)


def over_ground(vehicle: Vehicle, since_s: float) -> list[float]:
    """Its speeds since a time, m/s."""
    return [math.hypot(s.message.vx, s.message.vy) / 100 for s in vehicle.onboard.of("GLOBAL_POSITION_INT", since_s)]


def circling(vehicle: Vehicle, radius_m: float, speed_m_s: float) -> Position:
    """Take off and fly a circle around a place as far away as its radius; the place."""
    centre = vehicle.place(abs(radius_m), 0, HEIGHT_M)
    vehicle.take_off(HEIGHT_M)
    vehicle.run(2.0)
    vehicle.orbit(radius_m, speed_m_s, centre)
    vehicle.until(lambda: abs(turning(vehicle, centre)) > 0.6 * abs(speed_m_s), 15.0, "circling")
    vehicle.run(2.0)
    return centre


@pytest.mark.parametrize(
    "radius_m",
    [
        pytest.param(2000.0, id="S38 too large"),
        pytest.param(1001.0, id="S38 a little too large"),
        pytest.param(0.9, id="S38 too small"),
        pytest.param(-0.9, id="S38 too small the other way round"),
        pytest.param(0.0, id="S38 none"),
    ],
)
def test_a_radius_out_of_range_is_accepted_then_it_hovers(vehicle: Vehicle, radius_m: float) -> None:
    """From 1 m to MC_ORBIT_RAD_MAX."""
    vehicle.take_off(6)
    vehicle.run(1.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer_placed(ORBIT, (radius_m, 3, 0, 0), vehicle.place(0, 0, 6)) == ACCEPTED
    vehicle.until(lambda: vehicle.said("Orbit radius limit exceeded\t", since_s), 1.5, "text")
    vehicle.until(lambda: vehicle.mode == "ORBIT", 1.2, "mode ORBIT")
    vehicle.run(1.0)
    quiet_s = vehicle.mark()
    vehicle.run(2.0)
    assert vehicle.onboard.of("ORBIT_EXECUTION_STATUS", quiet_s) == []
    assert vehicle.speed_m_s < 0.8
    vehicle.kill()


def test_S38_the_smallest_radius_is_flown(vehicle: Vehicle) -> None:
    vehicle.take_off(6)
    vehicle.run(1.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer_placed(ORBIT, (1, 1, 0, 0), vehicle.place(0, 0, 6)) == ACCEPTED
    vehicle.run(2.5)
    assert not vehicle.said("Orbit radius limit exceeded", since_s)
    assert vehicle.onboard.last("ORBIT_EXECUTION_STATUS").radius == 1.0
    vehicle.kill()


@pytest.mark.parametrize(
    ("radius_m", "speed_m_s", "sign"),
    [
        pytest.param(15.0, 4.0, 1, id="S39 clockwise"),
        pytest.param(-15.0, 4.0, -1, id="S39 negative radius"),
        pytest.param(15.0, -4.0, -1, id="S39 negative speed"),
    ],
)
def test_circles(vehicle: Vehicle, radius_m: float, speed_m_s: float, sign: int) -> None:
    centre = circling(vehicle, radius_m, speed_m_s)
    seen = []
    for _ in range(10):
        vehicle.run(0.4)
        seen.append((sign * turning(vehicle, centre), distance_m(vehicle, centre), vehicle.height_m))
        assert abs(off_rad(vehicle, to_centre_rad(vehicle, centre))) < 0.3, "faces the centre"
    speed_m_s, distance, height_m = map(statistics.mean, zip(*seen, strict=True))
    assert 0.73 * 4.0 < speed_m_s < 0.86 * 4.0
    assert -0.4 < distance - 15.0 < 1.3
    assert abs(height_m - HEIGHT_M) < 0.9


@pytest.mark.parametrize(
    ("behaviour", "error_rad"),
    [
        pytest.param(1, lambda vehicle, centre, before_rad: off_rad(vehicle, before_rad), id="S39 keeps its heading"),
        pytest.param(
            3,
            lambda vehicle, centre, before_rad: off_rad(vehicle, to_centre_rad(vehicle, centre) - math.pi / 2),
            id="S39 flies nose first",
        ),
    ],
)
def test_the_nose_points_as_asked(
    vehicle: Vehicle, behaviour: int, error_rad: Callable[[Vehicle, Position, float], float]
) -> None:
    centre = circling(vehicle, 15.0, 4.0)
    before_rad = vehicle.onboard.last("ATTITUDE").yaw
    vehicle.companion.placed(ORBIT, (15, 4, behaviour, 0), centre)
    vehicle.run(5.0)
    assert abs(error_rad(vehicle, centre, before_rad)) < 0.35


def test_S37_another_speed_counts_for_nothing_here(vehicle: Vehicle) -> None:
    centre = circling(vehicle, 15.0, 4.0)
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_CHANGE_SPEED, 1, 1.0, -1) == ACCEPTED
    vehicle.run(3.0)
    assert turning(vehicle, centre) > 0.68 * 4.0


def test_S40_landed_it_loses_what_was_asked_for(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer_placed(ORBIT, (20, 3, 0, 0), vehicle.place(0, 0, 15)) == ACCEPTED
    vehicle.until(lambda: vehicle.mode == "ORBIT", 1.2, "mode ORBIT")
    vehicle.until(lambda: vehicle.onboard.of("ORBIT_EXECUTION_STATUS", since_s), 1.5, "status")
    vehicle.run(1.0)
    assert vehicle.onboard.last("ORBIT_EXECUTION_STATUS").radius == 1.0
    assert (vehicle.armed, vehicle.landed_state) == (False, 1)
    vehicle.set_mode("LOITER")


@pytest.mark.parametrize(
    "values",
    [
        pytest.param((NAN, NAN), id="S41 NaN"),
        pytest.param((15.0, NAN), id="S41 radius"),
        pytest.param((15.0, 4.0), id="S41 radius and speed"),
    ],
)
def test_asked_for_the_same_circle_again_it_flies_on_and_nan_keeps_what_was(
    vehicle: Vehicle, values: tuple[float, float]
) -> None:
    circling(vehicle, 15.0, 4.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer(ORBIT, *values, NAN, 0, NAN, NAN, NAN) == ACCEPTED
    vehicle.run(5.0)
    assert min(over_ground(vehicle, since_s)) > 0.6 * 4.0
    assert {round(s.message.radius, 3) for s in vehicle.onboard.of("ORBIT_EXECUTION_STATUS", since_s)} == {15.0}
    assert vehicle.mode == "ORBIT"


def test_S41_asked_for_another_circle_it_brakes_and_approaches(vehicle: Vehicle) -> None:
    centre = circling(vehicle, 15.0, 4.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer(ORBIT, 20, NAN, NAN, 0, NAN, NAN, NAN) == ACCEPTED
    vehicle.until(lambda: turning(vehicle, centre) < 1.2, 4.0, "braking")
    vehicle.until(lambda: turning(vehicle, centre) > 0.6 * 4.0, 12.0, "circling again")
    assert distance_m(vehicle, centre) == pytest.approx(20.0, abs=2.0)
    assert {round(s.message.radius, 3) for s in vehicle.onboard.of("ORBIT_EXECUTION_STATUS", since_s)} <= {15.0, 20.0}


def test_S41_the_other_way_round_it_turns_on_the_circle(vehicle: Vehicle) -> None:
    centre = circling(vehicle, 15.0, 4.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer(ORBIT, -15, NAN, NAN, 0, NAN, NAN, NAN) == ACCEPTED
    took_s = vehicle.until(lambda: turning(vehicle, centre) < -0.6 * 4.0, 8.0, "circling the other way")
    assert took_s < 5.5
    assert vehicle.onboard.of("ORBIT_EXECUTION_STATUS", since_s)[-1].message.radius == -15.0


def test_S41_without_an_altitude_the_one_it_has_then_the_last_one(vehicle: Vehicle) -> None:
    vehicle.take_off(HEIGHT_M)
    vehicle.run(3.0)
    begun_m, centre = vehicle.height_m, vehicle.place(15, 0, 0)
    vehicle.orbit(15.0, 4.0, centre._replace(altitude_amsl_m=NAN))
    vehicle.until(lambda: turning(vehicle, centre) > 0.6 * 4.0, 15.0, "circling")
    assert vehicle.height_m == pytest.approx(begun_m, abs=0.9)
    higher_m = vehicle.origin.altitude_amsl_m + HEIGHT_M + 4.0
    assert vehicle.companion.answer(ORBIT, NAN, NAN, NAN, 0, NAN, NAN, higher_m) == ACCEPTED
    vehicle.run(1.0)
    assert vehicle.companion.answer(ORBIT, NAN, NAN, NAN, 0, NAN, NAN, NAN) == ACCEPTED
    vehicle.until(lambda: vehicle.position.altitude_amsl_m > higher_m - 1.0, 8.0, "the altitude asked for before")


def test_S42_status_is_told_while_it_circles_only(vehicle: Vehicle) -> None:
    centre = circling(vehicle, -15.0, 4.0)
    since_s, start_s = vehicle.mark(), vehicle.now_s
    vehicle.run(4.0)
    assert vehicle.onboard.rate_hz("ORBIT_EXECUTION_STATUS", since_s, start_s + 4.0) == pytest.approx(5.0, rel=0.2)
    assert vehicle.gcs.rate_hz("ORBIT_EXECUTION_STATUS", since_s, start_s + 4.0) == pytest.approx(2.0, rel=0.3)
    status = vehicle.onboard.last("ORBIT_EXECUTION_STATUS")
    assert (status.radius, status.frame) == (-15.0, 0)
    assert status.x == pytest.approx(centre.latitude_deg * 1e7, abs=3)
    assert status.y == pytest.approx(centre.longitude_deg * 1e7, abs=3)
    assert status.z == pytest.approx(centre.altitude_amsl_m, abs=1.2)
    vehicle.set_mode("LOITER")
    vehicle.run(0.6)
    quiet_s = vehicle.mark()
    vehicle.run(1.5)
    assert vehicle.onboard.of("ORBIT_EXECUTION_STATUS", quiet_s) == []


def test_S43_no_figure_eight(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_FIGURE_EIGHT, 10) == []
    words = "Figure 8 command only available for fixed wing and vtol vehicles."
    vehicle.until(lambda: vehicle.said(words, since_s), 1.0, "text")
