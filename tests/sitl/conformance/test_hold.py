"""Holding, and what begins or ends in it: go-to from the ground, in a take-off, in a return."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.vehicle import NAN, Vehicle

REPOSITION = mavlink.MAV_CMD_DO_REPOSITION
CHANGE_ALTITUDE = mavlink.MAV_CMD_DO_CHANGE_ALTITUDE
ACCEPTED, UNSUPPORTED = 0, 3


def test_S35_goes_there_whatever_the_flags_when_it_holds_already(vehicle: Vehicle) -> None:
    vehicle.take_off(10)
    place = vehicle.place(12, 0, 10)
    assert vehicle.companion.answer_placed(REPOSITION, (-1, 0, 0, NAN), place) == UNSUPPORTED
    vehicle.until(lambda: math.hypot(*vehicle.away(place)[:2]) < 3.0, 20.0, "arrival")


def test_S35_the_flags_alone_do_not_change_the_mode(vehicle: Vehicle) -> None:
    vehicle.take_off(10)
    vehicle.set_mode("RTL")
    assert vehicle.companion.answer_placed(REPOSITION, (-1, 0, 0, NAN), vehicle.place(12, 0, 10)) == UNSUPPORTED
    vehicle.run(1.2)
    assert vehicle.mode == "RTL"


def test_S35_without_an_altitude_it_stays_at_the_one_it_has_by_then(vehicle: Vehicle) -> None:
    vehicle.take_off(8)
    assert vehicle.companion.answer_placed(REPOSITION, (-1, 1, 0, NAN), vehicle.place(0, 0, 30)) == ACCEPTED
    vehicle.until(lambda: vehicle.height_m > 14.0, 10.0, "a climb")
    there = vehicle.place(10, 0, 0)
    vehicle.companion.long(REPOSITION, -1, 1, 0, NAN, there.latitude_deg, there.longitude_deg, NAN)
    vehicle.run(6)
    assert 13.0 < vehicle.height_m < 21.0  # it overshoots where it was told, up to 4 m


@pytest.mark.parametrize("command", [pytest.param(REPOSITION, id="S35 to a place"), pytest.param(CHANGE_ALTITUDE, id="S37")])
def test_what_lies_above_lifts_it_off(vehicle: Vehicle, command: int) -> None:
    """Armed on the ground in LOITER; IN_AIR, not TAKEOFF, is what it shows then."""
    vehicle.arm()
    since_s = vehicle.mark()
    above = vehicle.place(0, 0, 8)
    if command == REPOSITION:
        vehicle.companion.placed(command, (-1, 1, 0, NAN), above)
    else:
        vehicle.companion.long(command, above.altitude_amsl_m)
    vehicle.until(lambda: vehicle.said("Takeoff detected", since_s), 3.0, "take-off")
    vehicle.until(lambda: vehicle.height_m > 6.0, 12.0, "a climb")
    assert vehicle.mode == "LOITER"
    assert {seen.message.landed_state for seen in vehicle.onboard.of("EXTENDED_SYS_STATE", since_s)} == {1, 2}


def test_S38_a_lift_off_goes_on_in_another_mode(vehicle: Vehicle) -> None:
    """An orbit asked for on the ground is not flown, but for one asked for while the motors begin to lift."""
    vehicle.arm()
    vehicle.companion.placed(REPOSITION, (-1, 1, 0, NAN), vehicle.place(0, 0, 10))
    vehicle.run(1.5)
    vehicle.orbit(10, 2, vehicle.place(0, 0, 12))
    vehicle.until(lambda: vehicle.height_m > 6.0, 15.0, "a climb")
    assert vehicle.mode == "ORBIT"


def test_S37_no_altitude_is_the_present_one(vehicle: Vehicle) -> None:
    vehicle.take_off(10)
    assert vehicle.companion.answer(CHANGE_ALTITUDE, NAN) == ACCEPTED
    vehicle.run(4)
    assert vehicle.height_m == pytest.approx(10.0, abs=2.0)


def test_S37_below_the_ground_it_lands_there_and_disarms(vehicle: Vehicle) -> None:
    vehicle.take_off(5)
    assert vehicle.companion.answer(CHANGE_ALTITUDE, 0) == ACCEPTED
    vehicle.until(lambda: vehicle.said("Landing detected"), 30.0, "landing")
    assert vehicle.mode == "LOITER"
    vehicle.until(lambda: not vehicle.armed, 4.0, "disarmed")


def test_S29_a_take_off_is_broken_off_by_hold(vehicle: Vehicle) -> None:
    up_m = vehicle.origin.altitude_amsl_m + 30.0
    vehicle.companion.long(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, NAN, NAN, NAN, up_m)
    vehicle.run(0.3)
    vehicle.arm()
    vehicle.until(lambda: vehicle.height_m > 7.0, 20.0, "7 m")
    vehicle.set_mode("LOITER")
    vehicle.run(7)
    assert vehicle.height_m < 16.0


@pytest.mark.slow
def test_S44_the_climb_of_a_return_goes_on_in_hold(vehicle: Vehicle) -> None:
    """PX4 takes it for a loiter, which Hold keeps."""
    vehicle.take_off(6)
    vehicle.companion.placed(REPOSITION, (-1, 1, 0, NAN), vehicle.place(40, 0, 6))
    vehicle.until(lambda: vehicle.away(vehicle.place(40, 0, 6)).north_m > -3.0, 30.0, "arrival")
    vehicle.set_mode("RTL")
    vehicle.run(1.0)
    vehicle.set_mode("LOITER")
    vehicle.until(lambda: vehicle.height_m > 26.0, 20.0, "the return's height")
    assert vehicle.away(vehicle.place(40, 0, 0)).north_m > -8.0


@pytest.mark.slow
def test_S44_waits_before_it_lands(vehicle: Vehicle) -> None:
    """RTL_LAND_DELAY seconds at RTL_DESCEND_ALT; negative for ever."""
    vehicle.set(RTL_RETURN_ALT=12.0, RTL_LAND_DELAY=-1.0)
    vehicle.run(3)
    vehicle.take_off(12)
    vehicle.companion.placed(REPOSITION, (-1, 1, 0, NAN), vehicle.place(25, 0, 12))
    vehicle.until(lambda: vehicle.away(vehicle.place(25, 0, 12)).north_m > -3.0, 30.0, "arrival")
    vehicle.set_mode("RTL")
    vehicle.until(lambda: vehicle.said("RTL: completed, loitering"), 40.0, "end of the return")
    vehicle.run(6)
    assert vehicle.height_m == pytest.approx(10.0, abs=2.0)
    assert vehicle.mode == "RTL"


def test_S28_disarmed_a_take_off_is_kept_until_it_is_armed(vehicle: Vehicle) -> None:
    """Nothing is said of it before, and it is not forgotten in another mode."""
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, NAN, NAN, NAN, NAN) == ACCEPTED
    vehicle.run(1.2)
    assert not vehicle.said("Using default takeoff altitude", since_s)
    vehicle.set_mode("LOITER")
    vehicle.set_mode("TAKEOFF")
    vehicle.arm()
    assert vehicle.said("Using default takeoff altitude", since_s)


def test_S44_disarmed_a_return_is_no_return(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH) == ACCEPTED
    vehicle.run(1.2)
    assert [text.words for text in vehicle.texts if text.t_s >= since_s] == ["Returning to launch\t"]


def test_S28_in_the_air_a_take_off_shows_no_take_off(vehicle: Vehicle) -> None:
    vehicle.take_off(5)
    since_s = vehicle.mark()
    up_m = vehicle.origin.altitude_amsl_m + 9.0
    assert vehicle.companion.answer(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, NAN, NAN, NAN, up_m) == ACCEPTED
    vehicle.run(2)
    assert {seen.message.landed_state for seen in vehicle.onboard.of("EXTENDED_SYS_STATE", since_s)} == {2}
