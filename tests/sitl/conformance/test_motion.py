"""S35 to S37, S45: going somewhere else, how fast, and where home is."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.plans import FENCE, Client, empty, square
from tests.sitl.conformance.vehicle import NAN, Vehicle
from wire.geo import Position

ACCEPTED, UNSUPPORTED = 0, 3
REPOSITION = mavlink.MAV_CMD_DO_REPOSITION
CHANGE_SPEED = mavlink.MAV_CMD_DO_CHANGE_SPEED
SET_HOME = mavlink.MAV_CMD_DO_SET_HOME


def go(vehicle: Vehicle, place: Position, speed_m_s: float = -1.0, yaw_rad: float = NAN) -> None:
    """DO_REPOSITION, accepted."""
    assert vehicle.companion.answer_placed(REPOSITION, (speed_m_s, 1, 0, yaw_rad), place) == ACCEPTED


def brake(vehicle: Vehicle) -> None:
    """DO_REPOSITION to nowhere, accepted."""
    assert vehicle.companion.answer(REPOSITION, -1, 1, 0, NAN, NAN, NAN, NAN) == ACCEPTED


def fastest_m_s(vehicle: Vehicle, since_s: float) -> float:
    """Over ground since a time."""
    seen = vehicle.onboard.of("GLOBAL_POSITION_INT", since_s)
    return max(math.hypot(one.message.vx, one.message.vy) / 100 for one in seen)


def made_good_m_s(vehicle: Vehicle, duration_s: float) -> float:
    """Over ground, during the next seconds, by two places: a velocity may be 0.3 m/s wrong for a second or two."""
    since_s, start = vehicle.now_s, vehicle.position
    vehicle.run(duration_s)
    way = vehicle.away(start)
    return math.hypot(way.north_m, way.east_m) / (vehicle.now_s - since_s)


@pytest.mark.parametrize("flags", [0, 2, 3], ids=["S35 no change of mode", "S35 other flag", "S35 one flag more"])
def test_a_reposition_must_ask_for_the_mode(vehicle: Vehicle, flags: int) -> None:
    assert vehicle.companion.answers(REPOSITION, -1, flags, 0, NAN, NAN, NAN, NAN) == [UNSUPPORTED]


def test_S35_accepted_and_without_effect_when_disarmed(vehicle: Vehicle) -> None:
    go(vehicle, vehicle.place(20, 0, 10))
    vehicle.run(1.2)
    assert (vehicle.mode, vehicle.armed, vehicle.landed_state) == ("LOITER", False, 1)


def test_S35_S36_flies_at_the_speed_asked_for_turns_and_stops(vehicle: Vehicle) -> None:
    vehicle.take_off(8)
    vehicle.run(2.0)
    since_s, place = vehicle.mark(), vehicle.place(40, 0, 8)
    go(vehicle, place, 3.0, math.radians(90))
    took_s = vehicle.until(lambda: vehicle.speed_m_s > 1.5, 4.0, "speed")
    assert 0.5 < took_s < 2.0
    vehicle.run(1.5)
    assert made_good_m_s(vehicle, 8.0) == pytest.approx(2.7, abs=0.25), "drag takes a fifth at first, and less later"
    assert fastest_m_s(vehicle, since_s) < 3.2
    before = vehicle.position
    brake(vehicle)
    vehicle.until(lambda: vehicle.speed_m_s < 0.4, 10.0, "stop")
    stop = vehicle.away(before)
    assert 2.0 < math.hypot(stop.north_m, stop.east_m) < 4.6
    assert vehicle.mode == "LOITER"
    go(vehicle, place, 3.0, math.radians(90))
    vehicle.until(lambda: abs(vehicle.away(place).north_m) < 1.2, 14.0, "arrival")
    vehicle.run(2.0)
    assert vehicle.onboard.last("ATTITUDE").yaw == pytest.approx(math.radians(90), abs=0.15)


def test_S35_outside_the_fence_is_accepted_and_not_flown(vehicle: Vehicle) -> None:
    client: Client = empty(vehicle)
    assert client.upload(square(vehicle, 40), FENCE) == ACCEPTED
    vehicle.run(1.5)
    vehicle.take_off(8)
    since_s = vehicle.mark()
    go(vehicle, vehicle.place(80, 0, 8))
    vehicle.until(lambda: vehicle.said("Reposition is outside geofence\t", since_s), 1.5, "text")
    vehicle.run(3.0)
    assert vehicle.speed_m_s < 0.8
    assert client.clear(FENCE) == ACCEPTED


def test_S36_S37_speed_lags_behind_the_request(vehicle: Vehicle) -> None:
    vehicle.take_off(8)
    vehicle.run(2.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer(CHANGE_SPEED, 1, 8, -1) == ACCEPTED
    go(vehicle, vehicle.place(90, 0, 8))
    took_s = vehicle.until(lambda: vehicle.speed_m_s > 4.0, 8.0, "speed")
    assert 2.0 < took_s < 4.0
    vehicle.run(3.0)
    assert made_good_m_s(vehicle, 1.5) == pytest.approx(6.3, abs=0.5)
    assert fastest_m_s(vehicle, since_s) < 7.2
    before, braked_s = vehicle.position, vehicle.mark()
    brake(vehicle)
    vehicle.until(lambda: vehicle.speed_m_s < 0.5, 7.0, "stop")
    vehicle.run(4.0)
    furthest_deg = max(seen.message.lat for seen in vehicle.onboard.of("GLOBAL_POSITION_INT", braked_s)) / 1e7
    assert (furthest_deg - vehicle.position.latitude_deg) * 111_200 < 4.0, "overshoot"
    assert vehicle.away(before).north_m == pytest.approx(14.0, abs=3.0)


def test_S37_changes_altitude_in_loiter(vehicle: Vehicle) -> None:
    vehicle.take_off(8)
    vehicle.run(3.0)
    higher_m = vehicle.origin.altitude_amsl_m + 14.0
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_CHANGE_ALTITUDE, higher_m, 3) == ACCEPTED
    vehicle.until(lambda: abs(vehicle.position.altitude_amsl_m - higher_m) < 0.8, 10.0, "altitude")
    assert vehicle.mode == "LOITER"


def test_S69_sticks_count_for_nothing_when_they_are_disabled(vehicle: Vehicle) -> None:
    vehicle.set(COM_RC_IN_MODE=4)
    vehicle.take_off(8)
    vehicle.run(2.0)
    for _ in range(30):
        vehicle.companion.send(mavlink.MAVLink_manual_control_message(vehicle.system, 1000, 1000, 800, 0, 0))
        vehicle.run(0.1)
    assert (vehicle.mode, vehicle.status) == ("LOITER", 4)
    assert vehicle.speed_m_s < 0.8


def test_S45_home_follows_a_disarmed_vehicle(vehicle: Vehicle) -> None:
    vehicle.take_off(6)
    assert abs(vehicle.away(vehicle.home).north_m) < 1.5
    go(vehicle, vehicle.place(8, 0, 6))
    vehicle.until(lambda: vehicle.away(vehicle.origin).north_m > 6.0, 8.0, "some way")
    vehicle.kill()
    vehicle.until(lambda: vehicle.height_m < 1.5, 4.0, "fall")
    vehicle.run(4.0)
    away = vehicle.away(vehicle.home)
    assert math.hypot(away.north_m, away.east_m) < 1.3
    assert abs(away.down_m) < 1.8


def test_S45_home_is_told_and_altitude_is_measured_from_it(vehicle: Vehicle) -> None:
    vehicle.take_off(8)
    seen = vehicle.onboard.last("GLOBAL_POSITION_INT")
    assert seen.relative_alt / 1e3 == pytest.approx(seen.alt / 1e3 - vehicle.home.altitude_amsl_m, abs=0.05)
    place, since_s = vehicle.place(12, 5, 3), vehicle.mark()
    assert vehicle.companion.answer_placed(SET_HOME, (0, 0, 0, 0), place) == ACCEPTED
    vehicle.until(lambda: vehicle.onboard.of("HOME_POSITION", since_s), 2.2, "home, told again")
    assert vehicle.home.altitude_amsl_m == pytest.approx(place.altitude_amsl_m, abs=0.01)
    assert vehicle.home.latitude_deg == pytest.approx(place.latitude_deg, abs=2e-7)
    vehicle.run(0.5)
    seen = vehicle.onboard.last("GLOBAL_POSITION_INT")
    assert seen.relative_alt / 1e3 == pytest.approx(seen.alt / 1e3 - place.altitude_amsl_m, abs=0.05)


def test_S45_a_home_set_by_command_survives_arming_until_reset(vehicle: Vehicle) -> None:
    place = vehicle.place(12, 5, 3)
    assert vehicle.companion.answer_placed(SET_HOME, (0, 0, 0, 0), place) == ACCEPTED
    vehicle.run(1.0)
    vehicle.arm()
    vehicle.run(1.0)
    assert vehicle.home.altitude_amsl_m == pytest.approx(place.altitude_amsl_m, abs=0.01)
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) == ACCEPTED
    assert vehicle.companion.answer(SET_HOME, 1) == ACCEPTED
    vehicle.until(lambda: abs(vehicle.home.altitude_amsl_m - vehicle.position.altitude_amsl_m) < 1.0, 3.0, "home here")
