"""S46: precision landing on LANDING_TARGET: which frame, how it is begun, how it searches and gives up."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.plans import Client, at
from tests.sitl.conformance.vehicle import Vehicle

BEACON = (2.0, 1.5)
RATE_HZ = 20.0
OVER_S = 20.0
"""How much longer it may take to be within 0.2 m of the beacon just when it is seen: four PX4s took 2 to 12 s for that."""
LOCAL = mavlink.MAV_FRAME_LOCAL_NED


def target(frame: int = LOCAL, *, valid: int = 1) -> mavlink.MAVLink_message:
    """LANDING_TARGET at BEACON on the ground."""
    level = [1.0, 0.0, 0.0, 0.0]
    return mavlink.MAVLink_landing_target_message(0, 0, frame, 0.0, 0.0, 0.0, 0.0, 0.0, *BEACON, 0.0, level, 2, valid)


def show(vehicle: Vehicle, seconds: float) -> None:
    """Let the beacon be seen for a time, at most until disarmed."""
    end_s = vehicle.now_s + seconds
    while vehicle.now_s < end_s and vehicle.armed:
        vehicle.companion.send(target())
        vehicle.run(1.0 / RATE_HZ)


def height_m(vehicle: Vehicle) -> float:
    """Above the origin of the local frame."""
    return -float(vehicle.onboard.last("LOCAL_POSITION_NED").z)


@pytest.mark.slow
def test_S46_lands_on_the_beacon(vehicle: Vehicle) -> None:
    vehicle.take_off(8.0)
    show(vehicle, 0.3)
    vehicle.set_mode("PRECLAND")
    start_s = vehicle.now_s
    show(vehicle, 45.0 + OVER_S)
    assert not vehicle.armed
    assert 20.0 < vehicle.now_s - start_s < 35.0 + OVER_S
    here = vehicle.onboard.last("LOCAL_POSITION_NED")
    assert math.dist((here.x, here.y), BEACON) < 1.0
    assert vehicle.mode == "LOITER"


@pytest.mark.slow
def test_S46_unseen_it_waits_searches_over_the_origin_and_lands_where_it_is(vehicle: Vehicle) -> None:
    vehicle.take_off(5.0)
    vehicle.run(2.0)
    vehicle.set_mode("PRECLAND")
    begun_s = vehicle.until(lambda: height_m(vehicle) > 6.5, 6.0, "climb to search")
    assert 2.0 < begun_s < 5.0, "after 2 s, and the time it takes to climb"
    vehicle.until(lambda: height_m(vehicle) > 9.2, 6.0, "search altitude")
    took_s = vehicle.until(lambda: vehicle.landed_state == 4, 12.0, "landing")
    assert begun_s + took_s < 14.0
    assert height_m(vehicle) == pytest.approx(10.0, abs=1.0)
    assert vehicle.mode == "PRECLAND"


def test_S46_a_beacon_found_in_the_search_is_landed_on(vehicle: Vehicle) -> None:
    vehicle.take_off(5.0)
    vehicle.set_mode("PRECLAND")
    vehicle.until(lambda: height_m(vehicle) > 6.5, 6.0, "climb to search")
    start_s = vehicle.now_s
    while vehicle.landed_state != 4:
        vehicle.companion.send(target())
        vehicle.run(1.0 / RATE_HZ)
        assert vehicle.now_s - start_s < 15.0 + OVER_S, vehicle.summary()
    here = vehicle.onboard.last("LOCAL_POSITION_NED")
    assert math.dist((here.x, here.y), BEACON) < 0.8
    assert height_m(vehicle) < 9.0, "the climb was stopped"


@pytest.mark.parametrize(
    ("frame", "valid", "said"),
    [
        pytest.param(mavlink.MAV_FRAME_BODY_NED, 1, True, id="S46 body frame"),
        pytest.param(mavlink.MAV_FRAME_GLOBAL, 1, True, id="S46 global frame"),
        pytest.param(mavlink.MAV_FRAME_BODY_NED, 0, False, id="S46 angles only"),
        pytest.param(LOCAL, 1, False, id="S46 local frame"),
    ],
)
def test_only_the_local_frame_is_understood(vehicle: Vehicle, frame: int, valid: int, said: bool) -> None:
    since_s = vehicle.mark()
    vehicle.companion.send(target(frame, valid=valid))
    vehicle.run(0.6)
    assert vehicle.said(f"Landing target: coordinate frame {frame} unsupported\t", since_s) is said


def test_S46_the_command_begins_it_with_a_text(vehicle: Vehicle) -> None:
    vehicle.take_off(5.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_NAV_LAND_LOCAL) == 0
    vehicle.until(lambda: vehicle.mode == "PRECLAND", 1.5, "PRECLAND")
    assert vehicle.said("Precision landing\t", since_s)


@pytest.mark.parametrize(
    ("setting", "landed_state", "climbs"),
    [pytest.param(1, 4, False, id="S46 opportunistic return"), pytest.param(2, 2, True, id="S46 required return")],
)
def test_a_return_ends_so(start: Start, setting: int, landed_state: int, climbs: bool) -> None:
    vehicle = start({"RTL_PLD_MD": setting})
    vehicle.take_off(8.0)
    vehicle.run(2.0)
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    vehicle.until(lambda: vehicle.said("RTL: land at destination\t", since_s), 3.0, "arrival")
    vehicle.run(4.0)
    assert vehicle.landed_state == landed_state
    assert (vehicle.velocity_m_s.down_m < 0.3) is climbs
    assert vehicle.mode == "RTL"


def test_S46_prevents_arming(vehicle: Vehicle) -> None:
    vehicle.set_mode("PRECLAND")
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 1
    vehicle.set_mode("LOITER")


def test_S46_a_critical_battery_does_not_interrupt_it(start: Start) -> None:
    vehicle = start({"SIM_BAT_MIN_PCT": 0, "SIM_BAT_DRAIN": 30})
    vehicle.take_off(8.0)
    since_s = vehicle.mark()
    vehicle.set_mode("PRECLAND")
    vehicle.until(lambda: vehicle.said("Critical battery", since_s), 25.0, "critical battery")
    vehicle.run(1.5)
    assert (vehicle.mode, vehicle.status) == ("PRECLAND", mavlink.MAV_STATE_ACTIVE)


@pytest.mark.slow
def test_S46_sightings_are_dated_by_the_companions_clock_once_it_is_known(vehicle: Vehicle) -> None:
    """After 500 answers to TIMESYNC: then what was seen long ago is not seen now, however late it is told."""
    ahead_s = 1000.0
    answered = 0
    for _ in range(15000):
        for _, link, data in vehicle.backend.advance(0.004):
            if link is not vehicle.companion.link or int.from_bytes(data[7:10], "little") != mavlink.MAVLINK_MSG_ID_TIMESYNC:
                continue
            (asked,) = mavlink.MAVLink(None).parse_buffer(data)
            if asked.tc1 == 0:
                theirs_ns = round((vehicle.now_s + ahead_s) * 1e9)
                vehicle.companion.send(mavlink.MAVLink_timesync_message(theirs_ns, asked.ts1))
                answered += 1
        if answered > 520 and (not vehicle.real or answered > 900):  # PX4 leaves out those that took 10 ms
            break
    vehicle.take_off(8.0)

    def look(age_s: float, seconds: float) -> None:
        end_s = vehicle.now_s + seconds
        while vehicle.now_s < end_s:
            seen = target()
            seen.time_usec = round((vehicle.now_s + ahead_s - age_s) * 1e6)
            vehicle.companion.send(seen)
            vehicle.run(1.0 / RATE_HZ)

    look(8.0, 1.0)
    vehicle.set_mode("PRECLAND")
    look(8.0, 5.0)
    assert height_m(vehicle) > 8.5, "it searches"
    look(0.05, 6.0)
    here = vehicle.onboard.last("LOCAL_POSITION_NED")
    assert math.dist((here.x, here.y), BEACON) < 1.0


@pytest.mark.slow
@pytest.mark.parametrize("precision", [pytest.param(2, id="S51 required"), pytest.param(0, id="S51 none")])
def test_a_mission_ends_on_the_beacon_if_its_last_item_says_so(start: Start, precision: int) -> None:
    vehicle = start()
    land = at(vehicle, 21, 0, 0, 0.0, 0, precision, 0, 0)
    assert Client(vehicle).upload([at(vehicle, 22, 0, 0, 8.0), land]) == 0
    vehicle.set_mode("MISSION")
    vehicle.arm()
    vehicle.until(lambda: vehicle.height_m > 5.0, 30.0, "height")
    show(vehicle, 60.0)
    assert not vehicle.armed
    here = vehicle.onboard.last("LOCAL_POSITION_NED")
    assert (math.dist((here.x, here.y), BEACON) < 1.0) == (precision > 0)
