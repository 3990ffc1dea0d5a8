"""Follow-me: AUTO.FOLLOW behind whoever sends FOLLOW_TARGET."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.vehicle import Vehicle


def lead(vehicle: Vehicle, seconds: float, start: tuple[float, float], speed: tuple[float, float] = (0.0, 0.0)) -> None:
    """Tell once a second where a target on the ground is that moves steadily."""
    begun_s = vehicle.now_s
    while (since_s := vehicle.now_s - begun_s) < seconds:
        place = vehicle.place(start[0] + speed[0] * since_s, start[1] + speed[1] * since_s, 0.0)
        latitude, longitude = round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7)
        zero, level = [0.0] * 3, [1.0, 0.0, 0.0, 0.0]
        fields = (place.altitude_amsl_m, [*speed, 0.0], zero, level, zero, zero, 0)
        vehicle.companion.send(mavlink.MAVLink_follow_target_message(0, 3, latitude, longitude, *fields))
        vehicle.run(1.0)


def test_without_a_target_it_stops(vehicle: Vehicle) -> None:
    vehicle.take_off(8.0)
    vehicle.set_mode("FOLLOW")
    before = vehicle.position
    vehicle.run(4.0)
    assert math.hypot(*vehicle.away(before)) < 1.5


@pytest.mark.slow
def test_it_stands_off_at_angle_distance_and_height_and_faces_the_target(vehicle: Vehicle) -> None:
    vehicle.set(FLW_TGT_FA=0.0, FLW_TGT_DST=6.0, FLW_TGT_HT=9.0)
    vehicle.take_off(9.0)
    vehicle.set_mode("FOLLOW")
    lead(vehicle, 20.0, (10.0, 5.0))
    away = vehicle.away(vehicle.place(16.0, 5.0, vehicle.home.altitude_amsl_m - vehicle.origin.altitude_amsl_m + 9.0))
    assert math.hypot(*away) < 2.0, away
    assert abs(vehicle.onboard.last("ATTITUDE").yaw) == pytest.approx(math.pi, abs=0.35)


@pytest.mark.slow
def test_it_follows_behind_and_stops_with_the_target(vehicle: Vehicle) -> None:
    vehicle.take_off(8.0)
    vehicle.set_mode("FOLLOW")
    lead(vehicle, 25.0, (0.0, 0.0), (0.0, 3.0))
    behind = vehicle.away(vehicle.place(0.0, 75.0, 0.0))
    assert behind.east_m == pytest.approx(-8.0, abs=4.5)
    assert behind.north_m == pytest.approx(0.0, abs=2.5)
    assert vehicle.velocity_m_s.east_m == pytest.approx(3.0, abs=0.8)
    vehicle.run(9.0)
    assert vehicle.speed_m_s < 0.8


def test_it_prevents_arming(vehicle: Vehicle) -> None:
    vehicle.set_mode("FOLLOW")
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 1
    vehicle.set_mode("LOITER")
