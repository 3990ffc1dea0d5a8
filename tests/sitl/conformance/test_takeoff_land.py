"""S28 to S31: taking off by command, and landing."""

from __future__ import annotations

import math
import statistics

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.vehicle import NAN, Vehicle

ACCEPTED = 0
ON_GROUND, IN_AIR, TAKING_OFF, LANDING = 1, 2, 3, 4
TAKEOFF = mavlink.MAV_CMD_NAV_TAKEOFF


def states(vehicle: Vehicle, since_s: float) -> list[int]:
    """landed_state, each change once."""
    found = [seen.message.landed_state for seen in vehicle.onboard.of("EXTENDED_SYS_STATE", since_s)]
    return [state for at, state in enumerate(found) if at == 0 or found[at - 1] != state]


def test_S28_the_mode_is_taken_at_once_also_disarmed(vehicle: Vehicle) -> None:
    altitude_amsl_m = vehicle.origin.altitude_amsl_m + 12.0
    assert vehicle.companion.answers(TAKEOFF, 0, 0, 0, NAN, NAN, NAN, altitude_amsl_m) == [ACCEPTED]
    vehicle.until(lambda: vehicle.mode == "TAKEOFF", 1.2, "mode TAKEOFF")
    assert not vehicle.armed
    vehicle.set_mode("LOITER")


def test_S28_takes_off(vehicle: Vehicle) -> None:
    altitude_amsl_m = vehicle.position.altitude_amsl_m + 12.0
    assert vehicle.companion.answer(TAKEOFF, 0, 0, 0, NAN, NAN, NAN, altitude_amsl_m) == ACCEPTED
    vehicle.run(0.5)
    ground_m, since_s, start_s = vehicle.position.altitude_amsl_m, vehicle.mark(), vehicle.now_s
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == ACCEPTED
    vehicle.until(lambda: vehicle.said("Takeoff detected\t", since_s), 3.0, "take-off detected")
    assert vehicle.now_s - start_s == pytest.approx(2.0, abs=0.4)
    assert vehicle.position.altitude_amsl_m - ground_m < 0.5, "still on the ground"
    detected_s = vehicle.mark()
    vehicle.until(lambda: vehicle.landed_state == TAKING_OFF, 0.5, "taking off")
    vehicle.until(lambda: vehicle.onboard.of("HOME_POSITION", detected_s), 2.2, "home, recorded again")
    vehicle.until(lambda: vehicle.velocity_m_s.down_m < -0.3, 5.0, "lift-off")
    assert vehicle.now_s - start_s == pytest.approx(4.7, abs=0.8)
    vehicle.until(lambda: vehicle.landed_state == IN_AIR, 14.0, "end of the climb")
    assert vehicle.now_s - start_s == pytest.approx(14.7, abs=1.8)
    assert altitude_amsl_m - vehicle.position.altitude_amsl_m == pytest.approx(0.8, abs=0.4)
    vehicle.until(lambda: vehicle.mode == "LOITER", 1.2, "mode LOITER")
    assert states(vehicle, since_s) == [ON_GROUND, TAKING_OFF, IN_AIR]
    fastest_m_s = max(-seen.message.vz / 100 for seen in vehicle.onboard.of("GLOBAL_POSITION_INT", since_s))
    assert 1.2 < fastest_m_s < 1.8
    vehicle.run(6.0)
    assert abs(altitude_amsl_m - vehicle.position.altitude_amsl_m) < 0.7


def test_S29_without_an_altitude_the_default_one(vehicle: Vehicle) -> None:
    ground_m, since_s = vehicle.position.altitude_amsl_m, vehicle.mark()
    assert vehicle.companion.answer(TAKEOFF, 0, 0, 0, NAN, NAN, NAN, NAN) == ACCEPTED
    vehicle.arm()
    vehicle.until(lambda: vehicle.said("Using default takeoff altitude: 2.5 m\t", since_s), 2.0, "text")
    vehicle.until(lambda: vehicle.mode == "LOITER" and vehicle.landed_state == IN_AIR, 15.0, "end of the climb")
    vehicle.run(5.0)
    assert vehicle.position.altitude_amsl_m - ground_m == pytest.approx(2.5, abs=0.9)


def test_S29_lower_than_it_is_nothing_happens(vehicle: Vehicle) -> None:
    vehicle.take_off(10)
    vehicle.run(4.0)
    height_m, since_s = vehicle.height_m, vehicle.mark()
    lower_m = vehicle.origin.altitude_amsl_m + 4.0
    assert vehicle.companion.answer(TAKEOFF, 0, 0, 0, NAN, NAN, NAN, lower_m) == ACCEPTED
    vehicle.until(lambda: vehicle.said("Already higher than takeoff altitude\t", since_s), 1.0, "text")
    vehicle.run(2.2)
    assert vehicle.mode == "LOITER"
    assert vehicle.height_m == pytest.approx(height_m, abs=1.0)
    assert vehicle.landed_state == IN_AIR


def test_S30_latitude_and_longitude_0_are_a_place(vehicle: Vehicle) -> None:
    """They are not taken for "here": the way there is thousands of kilometres and hardly a climb: it stays on the ground."""
    altitude_amsl_m = vehicle.origin.altitude_amsl_m + 12.0
    assert vehicle.companion.answer(TAKEOFF, 0, 0, 0, NAN, 0, 0, altitude_amsl_m) == ACCEPTED
    since_s = vehicle.mark()
    vehicle.arm()
    disarmed = "Disarmed by auto preflight disarming\t"
    assert vehicle.until(lambda: vehicle.said(disarmed, since_s), 13.0, "disarming") == pytest.approx(11.0, abs=0.8)
    vehicle.run(1.2)
    assert (vehicle.mode, vehicle.armed, states(vehicle, since_s)) == ("TAKEOFF", False, [ON_GROUND])
    assert not vehicle.said("Takeoff detected\t", since_s)
    vehicle.set_mode("LOITER")


def test_S30_a_place_nearby_is_flown_to_while_climbing(vehicle: Vehicle) -> None:
    place = vehicle.place(8, 0, 8)
    where = (place.latitude_deg, place.longitude_deg, place.altitude_amsl_m)
    assert vehicle.companion.answer(TAKEOFF, 0, 0, 0, NAN, *where) == ACCEPTED
    vehicle.arm()
    vehicle.until(lambda: vehicle.height_m > 5.0, 14.0, "climb")
    assert -7.0 < vehicle.away(place).north_m < -1.5, "on the way"
    vehicle.until(lambda: vehicle.mode == "LOITER" and vehicle.landed_state == IN_AIR, 12.0, "end of the climb")
    vehicle.run(3.0)
    assert math.hypot(*vehicle.away(place)[:2]) < 1.5


def test_S31_lands_by_itself(vehicle: Vehicle) -> None:
    """How fast it sinks is seen by its range finder: PX4's vertical speed may be 0.4 m/s wrong, and its setpoint with it."""
    vehicle.take_off(14)
    vehicle.run(3.0)
    since_s = vehicle.mark()
    vehicle.set_mode("LAND")
    vehicle.until(lambda: vehicle.landed_state == LANDING, 1.0, "landing")
    vehicle.until(lambda: vehicle.said("Landing detected\t", since_s), 45.0, "landing detected")
    landed_s = vehicle.now_s
    vehicle.until(lambda: vehicle.said("Disarmed by landing\t", since_s), 3.0, "disarming")
    assert vehicle.now_s - landed_s == pytest.approx(2.05, abs=0.3)
    ranges = [(s.t_s, s.message.current_distance / 100) for s in vehicle.onboard.of("DISTANCE_SENSOR", since_s)]
    at_s = {m: next(t_s for t_s, range_m in ranges if range_m <= m) for m in (12.5, 10.0, 5.0, 3.0, 2.0, 1.2, 0.5, 0.1)}
    assert (12.5 - 10.0) / (at_s[10.0] - at_s[12.5]) == pytest.approx(1.4, abs=0.35), "MPC_Z_V_AUTO_DN"
    assert (5.0 - 2.0) / (at_s[2.0] - at_s[5.0]) == pytest.approx(0.65, abs=0.25), "MPC_LAND_SPEED"
    asked = [(s.t_s, s.message.vz) for s in vehicle.onboard.of("POSITION_TARGET_LOCAL_NED", since_s)]
    slow = statistics.mean(vz for t_s, vz in asked if at_s[3.0] < t_s < at_s[1.2])
    slowest = min(vz for t_s, vz in asked if at_s[0.5] < t_s < at_s[0.1])
    assert slow - slowest == pytest.approx(0.45, abs=0.25), "MPC_LAND_CRWL below 1 m"
    assert 2.0 < landed_s - at_s[0.1] < 7.0
    vehicle.until(lambda: not vehicle.armed and vehicle.mode == "LOITER", 1.5, "the mode before")
    assert states(vehicle, since_s)[-2:] == [LANDING, ON_GROUND]
