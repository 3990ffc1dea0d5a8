"""Rows S52, S53, S34 and the mission items: what is flown, told and said."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.backend import HOME
from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.plans import FENCE, NAN, RALLY, Client, at, do, empty, square
from tests.sitl.conformance.vehicle import Vehicle

START, SPEED, RETURN, JUMP, GRIPPER, DELAY = 300, 178, 20, 177, 211, 93
DENIED = 2
EVENT = 410


@pytest.fixture
def vehicle(start: Start) -> Vehicle:
    """A fresh one: another might stand where the last case ended."""
    return start()


def reached(vehicle: Vehicle, since_s: float = 0.0) -> list[int]:
    """The items of MISSION_ITEM_REACHED, in order, each change once."""
    items = [seen.message.seq for seen in vehicle.onboard.of("MISSION_ITEM_REACHED", since_s)]
    return [seq for at_, seq in enumerate(items) if at_ == 0 or items[at_ - 1] != seq]


def events(vehicle: Vehicle, since_s: float) -> list[int]:
    """The ids of the EVENTs since a time."""
    return [int.from_bytes(frame.payload[:4], "little") for frame in vehicle.onboard.raw(EVENT, since_s)]


def begin(vehicle: Vehicle) -> None:
    """MISSION_START, seen to have armed it."""
    assert vehicle.companion.answer(START, 0, 0) == 0
    vehicle.until(lambda: vehicle.armed and vehicle.mode == "MISSION", 1.5, "mission")


def test_S53_mission_start_arms_climbs_flies_and_holds_at_the_end(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload([at(vehicle, 22, 0, 0, 10), at(vehicle, 16, 25, 0, 10)]) == 0
    vehicle.run(1.0)
    since_s = vehicle.mark()
    begin(vehicle)
    vehicle.until(lambda: vehicle.mode == "LOITER", 45.0, "end of the mission")
    words = [text.words for text in vehicle.texts if text.t_s >= since_s and "logger" not in text.words]
    assert words[:4] == [
        "Armed by mission start\t",
        "Executing Mission\t",
        "Climb to 10.0 meters above home\t",
        "Takeoff detected\t",
    ]
    assert "Mission finished, loitering\t" in words
    assert reached(vehicle, since_s) == [0, 1]
    vehicle.run(4.0)
    away = vehicle.away(vehicle.place(25, 0, 10))
    assert math.hypot(away.north_m, away.east_m) < 4.0 and abs(away.down_m) < 2.0
    states = [value for _, value in vehicle.onboard.changes("EXTENDED_SYS_STATE", lambda m: m.landed_state)]
    assert states[-3:] == [1, 3, 2]
    vehicle.kill()


def test_S52_items_without_a_place_are_done_at_once_and_mostly_not_told(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    items = [
        do(SPEED, 1, 8, -1, 0),
        at(vehicle, 22, 0, 0, 8),
        at(vehicle, 16, 30, 0, 8, 2, 1, 0, 180),
        do(GRIPPER, 1, 0),
        do(197),
        do(DELAY, 3),
        do(JUMP, 2, 1),
        at(vehicle, 19, 30, 20, 8, 2, 0, 0, NAN),
    ]
    assert client.upload(items) == 0
    vehicle.run(1.0)
    since_s = vehicle.mark()
    begin(vehicle)
    client.until_current(5, 60.0)
    heading = vehicle.onboard.last("ATTITUDE").yaw
    assert abs(abs(heading) - math.pi) < math.radians(20)
    speeds = [math.hypot(s.message.vx, s.message.vy) / 100 for s in vehicle.onboard.of("GLOBAL_POSITION_INT", since_s)]
    assert max(speeds) > 4.6  # more than MPC_XY_CRUISE allows in this air
    vehicle.until(lambda: vehicle.onboard.of("MISSION_ITEM_INT", since_s), 8.0, "the jump told")
    jump = vehicle.onboard.of("MISSION_ITEM_INT", since_s)[0].message
    assert (jump.seq, jump.command, jump.param1, jump.param2) == (6, JUMP, 2.0, 1.0)
    vehicle.until(lambda: vehicle.mode == "LOITER", 60.0, "end of the mission")
    told = reached(vehicle, since_s)
    assert told[0] == 0 and told[1] == 1 and told[-1] == 7
    assert sum(seq in (2, 3, 4) for seq in told) >= 2 and 5 in told and 6 not in told
    repeats = [seen.t_s for seen in vehicle.onboard.of("MISSION_ITEM_REACHED", since_s) if seen.message.seq == 1]
    assert len(repeats) <= 11
    vehicle.kill()


def test_S52_an_item_is_told_eleven_times_at_most(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload([at(vehicle, 22, 0, 0, 5), at(vehicle, 17, 0, 0, 5, 0, 0, 0, NAN)]) == 0
    vehicle.run(1.0)
    begin(vehicle)
    vehicle.until(lambda: reached(vehicle) == [0], 25.0, "item 0")
    vehicle.run(14.0)
    assert len(vehicle.onboard.of("MISSION_ITEM_REACHED")) == 11
    assert vehicle.mode == "MISSION" and client.ids.current == 1
    vehicle.kill()


def test_S34_pause_go_on_return_land_and_fly_again(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    items = [at(vehicle, 22, 0, 0, 6), at(vehicle, 16, 25, 0, 6), at(vehicle, 16, 25, 15, 6), do(RETURN)]
    assert client.upload(items) == 0
    vehicle.run(1.0)
    vehicle.set_mode("MISSION")
    vehicle.arm()
    client.until_current(2, 45.0)
    vehicle.set_mode("LOITER")
    vehicle.run(4.0)
    assert client.ids.current == 2 and vehicle.speed_m_s < 0.6
    since_s = vehicle.mark()
    vehicle.set_mode("MISSION")
    vehicle.until(lambda: vehicle.mode == "RTL", 30.0, "return")
    assert vehicle.said("Returning to launch\t", since_s) and vehicle.said("Executing Mission\t", since_s)
    vehicle.until(lambda: not vehicle.armed, 90.0, "landing")
    assert vehicle.mode == "MISSION"
    since_s = vehicle.mark()
    vehicle.arm()
    client.until_current(0, 3.0)
    assert vehicle.said("Executing Mission\t", since_s)
    vehicle.until(lambda: vehicle.landed_state == 3, 4.0, "take-off")
    vehicle.kill()


def test_S34_landing_by_the_mission_stays_in_mission(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload([at(vehicle, 22, 0, 0, 5), at(vehicle, 21, 12, 0, 0, 0, 0, 0, NAN)]) == 0
    vehicle.run(1.0)
    begin(vehicle)
    vehicle.until(lambda: vehicle.landed_state == 4, 40.0, "landing")
    vehicle.until(lambda: not vehicle.armed, 40.0, "disarmed")
    vehicle.run(0.5)
    assert vehicle.said("Mission finished, landed\t") and vehicle.said("Disarmed by landing\t")
    assert vehicle.mode == "MISSION" and client.ids.current == 1
    away = vehicle.away(vehicle.place(12, 0, 0))
    assert math.hypot(away.north_m, away.east_m) < 5.0


def test_S19_mission_start_is_denied_for_an_item_that_is_not_there(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert vehicle.companion.answer(START, 0) == DENIED
    vehicle.until(lambda: vehicle.said("Mission start denied! No valid mission\t"), 1.0, "text")
    assert client.upload([at(vehicle, 22, 0, 0, 10)]) == 0
    vehicle.run(1.0)
    for first in (1.0, 99.0, -2.0, NAN):
        assert vehicle.companion.answer(START, first) == DENIED
    assert not vehicle.armed


@pytest.mark.parametrize(
    ("case", "event"),
    [
        pytest.param("land", 0x5D73E8, id="S56-starts with landing"),
        pytest.param("low", 0xBA4A6D, id="S56-takes off to below home"),
        pytest.param("late", 0xFE4222, id="S56-takes off later"),
        pytest.param("delay", 0x85E823, id="S56-has an item that is not flown"),
        pytest.param("vtol", 0xAFCEB9, id="S56-is for a VTOL"),
        pytest.param("far", 0x511709, id="S56-begins far away"),
    ],
)
def test_S15_what_cannot_be_flown_is_stored_and_refused_by_an_event_without_words(
    vehicle: Vehicle, case: str, event: int
) -> None:
    client = empty(vehicle)
    missions = {
        "land": [at(vehicle, 21, 0, 0, 0, 0, 0, 0, NAN)],
        "low": [at(vehicle, 22, 0, 0, -1)],
        "late": [at(vehicle, 16, 10, 0, 10), at(vehicle, 22, 0, 0, 10)],
        "delay": [at(vehicle, 22, 0, 0, 10), do(112, 5)],
        "vtol": [at(vehicle, 22, 0, 0, 10), do(3000, 4)],
        "far": [at(vehicle, 16, 20000, 0, 10)],
    }
    since_s = vehicle.mark()
    assert client.upload(missions[case]) == 0
    vehicle.until(lambda: 0x1000000 | event in events(vehicle, since_s), 2.0, "event")
    vehicle.run(0.5)
    assert not [text for text in vehicle.texts if text.t_s >= since_s]
    assert vehicle.companion.answer(START, 99) == DENIED
    vehicle.run(0.3)
    assert vehicle.said("Mission start denied! No valid mission\t", since_s) is (case != "far")


def test_S53_in_the_air_set_current_start_clear_and_new_missions(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    vehicle.take_off(8)
    assert client.upload([at(vehicle, 16, n, 0, 8) for n in (30, 60, 90)]) == 0
    vehicle.run(0.5)
    vehicle.set_mode("MISSION")
    vehicle.run(2.0)
    client.set_current(2)
    client.until_current(2, 2.0)
    assert vehicle.companion.answer(START, 1) == 0
    client.until_current(1, 2.0)
    since_s = vehicle.mark()
    assert client.clear() == 0
    vehicle.until(lambda: vehicle.mode == "LOITER", 3.0, "hold")
    assert vehicle.said("No valid mission available, loitering\t", since_s)
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_SET_MODE, 1, 4, 4) == [0, 1]
    assert client.upload([at(vehicle, 16, 0, 20, 20), at(vehicle, 16, 0, 20, 8)]) == 0
    vehicle.run(0.5)
    since_s = vehicle.mark()
    vehicle.set_mode("MISSION")
    vehicle.run(1.0)
    assert vehicle.said("Climb to ", since_s)
    vehicle.until(lambda: vehicle.height_m > 18.0, 15.0, "climb first")
    away = vehicle.away(vehicle.place(0, 20, 20))
    assert math.hypot(away.north_m, away.east_m) > 8.0
    vehicle.kill()


def test_S44_a_return_goes_to_the_closest_rally_point(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    rally = [at(vehicle, 5100, 45, 0, 0, 0.0, frame=3), at(vehicle, 5100, 6, 0, 0, 0.0, frame=3)]
    assert client.upload(rally, RALLY) == 0
    vehicle.set(RTL_RETURN_ALT=10.0)
    vehicle.take_off(10)
    place = vehicle.place(30, 0, 10)
    vehicle.companion.placed(mavlink.MAV_CMD_DO_REPOSITION, (-1, 1, 0, NAN), place)
    vehicle.until(lambda: vehicle.away(place).north_m > -2.0, 20.0, "arrival")
    vehicle.set_mode("RTL")
    vehicle.until(lambda: vehicle.landed_state == 4, 30.0, "landing")
    away = vehicle.away(vehicle.place(45, 0, 0))
    assert math.hypot(away.north_m, away.east_m) < 4.0
    vehicle.set_mode("LOITER")
    client.clear(255)
    vehicle.run(3.0)
    vehicle.set_mode("RTL")
    vehicle.until(lambda: vehicle.landed_state == 4, 40.0, "landing at home")
    away = vehicle.away(HOME)
    assert math.hypot(away.north_m, away.east_m) < 4.0
    vehicle.kill()


def test_S44_rally_points_in_the_wrong_frame_are_complained_about(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    since_s = vehicle.mark()
    assert client.upload([at(vehicle, 5100, 45, 0, 0, 0.0, frame=6)], RALLY) == 0
    vehicle.until(lambda: vehicle.said("RTL: unsupported MAV_FRAME\t", since_s), 5.0, "text")
    assert client.clear(RALLY) == 0


def test_S56_a_fence_that_changes_makes_the_mission_checked_again(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload(square(vehicle, 30), FENCE) == 0
    vehicle.run(1.0)
    since_s = vehicle.mark()
    assert client.upload([at(vehicle, 22, 0, 0, 10), at(vehicle, 16, 50, 0, 10)]) == 0
    vehicle.until(lambda: vehicle.said("Geofence violation for waypoint 2\t", since_s), 2.0, "text")
    vehicle.run(0.3)
    assert vehicle.companion.answer(START, 0) == DENIED
    assert vehicle.said("Mission start denied! No valid mission\t", since_s)
    assert client.clear(FENCE) == 0
    vehicle.run(1.2)
    since_s = vehicle.mark()
    assert vehicle.companion.answer(START, 99) == DENIED
    assert not vehicle.said("Mission start denied! No valid mission\t", since_s)
    assert Client(vehicle).upload(square(vehicle, 30), FENCE) == 0
    vehicle.until(lambda: vehicle.said("Geofence violation for waypoint 2\t", since_s), 2.0, "text again")
