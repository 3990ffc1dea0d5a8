"""S38 to S43: circling a place."""

from __future__ import annotations

import math

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


def circling(vehicle: Vehicle, radius_m: float, speed_m_s: float) -> Position:
    """Take off and fly a circle around a place as far away as its radius; the place."""
    centre = vehicle.place(abs(radius_m), 0, HEIGHT_M)
    vehicle.take_off(HEIGHT_M)
    vehicle.orbit(radius_m, speed_m_s, centre)
    vehicle.until(lambda: abs(turning(vehicle, centre)) > 0.6 * abs(speed_m_s), 15.0, "circling")
    vehicle.run(2.0)
    return centre


def test_S38_too_large_a_radius_is_accepted_then_it_hovers(vehicle: Vehicle) -> None:
    vehicle.take_off(6)
    vehicle.run(1.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer_placed(ORBIT, (2000, 3, 0, 0), vehicle.place(0, 0, 6)) == ACCEPTED
    vehicle.until(lambda: vehicle.said("Orbit radius limit exceeded\t", since_s), 1.5, "text")
    vehicle.until(lambda: vehicle.mode == "ORBIT", 1.2, "mode ORBIT")
    vehicle.run(1.0)
    quiet_s = vehicle.mark()
    vehicle.run(2.0)
    assert vehicle.onboard.of("ORBIT_EXECUTION_STATUS", quiet_s) == []
    assert vehicle.speed_m_s < 0.8


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
    vehicle.run(2.0)
    assert 0.7 * 4.0 < sign * turning(vehicle, centre) < 0.95 * 4.0
    assert -0.8 < distance_m(vehicle, centre) - 15.0 < 1.8
    assert -1.2 < vehicle.height_m - HEIGHT_M < 0.8
    away = vehicle.away(centre)
    off_rad = vehicle.onboard.last("ATTITUDE").yaw - math.atan2(-away.east_m, -away.north_m)
    assert abs(math.remainder(off_rad, math.tau)) < 0.3, "faces the centre"


def test_S40_landed_it_loses_what_was_asked_for(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer_placed(ORBIT, (20, 3, 0, 0), vehicle.place(0, 0, 15)) == ACCEPTED
    vehicle.until(lambda: vehicle.mode == "ORBIT", 1.2, "mode ORBIT")
    vehicle.until(lambda: vehicle.onboard.of("ORBIT_EXECUTION_STATUS", since_s), 1.5, "status")
    vehicle.run(1.0)
    assert vehicle.onboard.last("ORBIT_EXECUTION_STATUS").radius == 1.0
    assert (vehicle.armed, vehicle.landed_state) == (False, 1)
    vehicle.set_mode("LOITER")


def test_S41_S42_asked_again_it_brakes_and_nan_keeps_what_was(vehicle: Vehicle) -> None:
    centre = circling(vehicle, 15.0, 4.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer(ORBIT, NAN, NAN, NAN, 0, NAN, NAN, NAN) == ACCEPTED
    vehicle.until(lambda: vehicle.speed_m_s < 1.0, 4.0, "braking")
    vehicle.until(lambda: turning(vehicle, centre) > 0.6 * 4.0, 10.0, "circling again")
    assert {round(s.message.radius, 3) for s in vehicle.onboard.of("ORBIT_EXECUTION_STATUS", since_s)} == {15.0}
    assert vehicle.mode == "ORBIT"


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
