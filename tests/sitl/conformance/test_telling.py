"""What a ground station is told without having asked: why, by words and events, and what others are to do."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol import dialect
from tests.sitl.conformance import plans
from tests.sitl.conformance.vehicle import NAN, PREARM, Vehicle

SET_MODE = mavlink.MAV_CMD_DO_SET_MODE
LOGGING = 0x01000000
ACCEPTED, REJECTED, DENIED = 0, 1, 2


def events(vehicle: Vehicle, since_s: float) -> dict[int, bytes]:
    """The EVENTs since a time: their arguments by their numbers without the component's."""
    found = {}
    for frame in vehicle.onboard.raw(dialect.EVENT.number, since_s):
        event = dialect.read(frame.data)
        assert event is not None
        found[event.id & 0xFFFFFF] = bytes(event.arguments)
    return found


def orders(vehicle: Vehicle, since_s: float) -> list[Any]:
    """What it told everybody to do since a time."""
    return [seen.message for seen in vehicle.onboard.of("COMMAND_LONG", since_s)]


def test_S18_a_refused_mode_is_said_to_a_ground_station_once_a_second(vehicle: Vehicle) -> None:
    """If that is component 190; others have the acknowledgement alone. The event names mode and custom_mode."""
    vehicle.take_off(5)
    since_s = vehicle.mark()
    assert vehicle.companion.answers(SET_MODE, 1, 6) == [ACCEPTED, REJECTED]
    assert not vehicle.said("is currently not available", since_s)
    assert vehicle.ground.answers(SET_MODE, 1, 6, within_s=0.3) == [ACCEPTED, REJECTED]
    assert vehicle.ground.answers(SET_MODE, 1, 3, within_s=0.3) == [ACCEPTED, REJECTED]
    vehicle.run(0.5)
    said = [text.words for text in vehicle.texts if text.t_s >= since_s and "not available" in text.words]
    assert said == ["Switching to Offboard is currently not available\t"]
    assert struct.unpack_from("<IB", events(vehicle, since_s)[0xA04397]) == (6 << 16, 7)


def test_S18_places_for_external_modes_are_empty(vehicle: Vehicle) -> None:
    """Disarmed they can be chosen, and do nothing; armed they are refused."""
    assert vehicle.companion.answers(SET_MODE, 1, 4, 12) == [ACCEPTED, ACCEPTED]
    vehicle.run(1.2)
    assert (vehicle.mode, vehicle.status) == ("4.12", mavlink.MAV_STATE_UNINIT)
    vehicle.set_mode("LOITER")
    vehicle.arm()
    assert vehicle.companion.answers(SET_MODE, 1, 4, 12) == [ACCEPTED, REJECTED]
    since_s = vehicle.mark()
    assert vehicle.ground.answers(SET_MODE, 1, 4, 11) == [ACCEPTED, REJECTED]
    assert vehicle.said("Switching to External 1 is currently not available\t", since_s)
    vehicle.run(1.0)
    since_s = vehicle.mark()
    vehicle.ground.send(mavlink.MAVLink_set_mode_message(vehicle.system, 1, 4 << 16 | 13 << 24))
    vehicle.run(1.0)
    assert vehicle.ground.results(SET_MODE, since_s) == [REJECTED]
    assert vehicle.said("Switching to External 3 is currently not available\t", since_s)


@pytest.mark.parametrize(
    ("say", "number", "arguments"),
    [
        pytest.param(lambda v: v.companion.long(400, 2), 0x253B9D, struct.pack("<f", 2.0), id="S15 arming by 2"),
        pytest.param(lambda v: v.companion.long(SET_MODE, 1, 4, 30), 0x2F2F05, b"", id="S15 an unknown auto mode"),
        pytest.param(lambda v: v.companion.long(2600), 0xFD2A87, b"", id="S15 no high latency link"),
        pytest.param(lambda v: plans.Client(v).set_current(50), 0xCF0A29, b"", id="S15 no such item"),
        pytest.param(
            lambda v: v.companion.send(mavlink.MAVLink_mission_ack_message(v.system, 1, 0, 0)),
            0x3E668E,
            b"",
            id="S15 an acknowledgement of nothing",
        ),
        pytest.param(
            lambda v: v.companion.send(
                mavlink.MAVLink_set_position_target_local_ned_message(0, v.system, 1, 7, 0, *([0.0] * 11))
            ),
            0xB04541,
            b"\x07",
            id="S15 an unknown frame",
        ),
    ],
)
def test_texts_have_their_events(vehicle: Vehicle, say: Any, number: int, arguments: bytes) -> None:
    since_s = vehicle.mark()
    say(vehicle)
    vehicle.run(0.3)
    vehicle.companion.settle()
    assert events(vehicle, since_s)[number][: len(arguments)] == arguments


def test_S22_what_contradicts_is_set_back(vehicle: Vehicle) -> None:
    vehicle.changed.setdefault("MPC_Z_V_AUTO_UP", vehicle.parameter("MPC_Z_V_AUTO_UP"))
    vehicle.run(3)
    since_s = vehicle.mark()
    vehicle.put("MPC_Z_V_AUTO_UP", 5.0)
    vehicle.until(lambda: vehicle.said("Ascent speed has been constrained by max speed", since_s), 2.0, "a text")
    vehicle.run(0.2)
    assert vehicle.parameter("MPC_Z_V_AUTO_UP") == pytest.approx(3.0)
    assert struct.unpack_from("<f", events(vehicle, since_s)[0x58BACF]) == (3.0,)


def test_S22_everything_not_yet_saved_is_told_with_a_change(vehicle: Vehicle) -> None:
    """PX4 saves 0.3 s after a change, and not what was set to the value it had."""
    vehicle.run(3)
    vehicle.put("RTL_MIN_DIST", 10.0)  # as it was
    vehicle.run(1.0)
    vehicle.changed.setdefault("RTL_CONE_ANG", vehicle.parameter("RTL_CONE_ANG"))
    since_s = vehicle.mark()
    vehicle.put("RTL_CONE_ANG", 60)
    vehicle.run(0.3)
    told = [seen.message.param_id for seen in vehicle.gcs.of("PARAM_VALUE", since_s)]
    assert {"RTL_MIN_DIST", "RTL_CONE_ANG"} <= set(told)


def test_S67_gimbals_are_told_of_a_landing(vehicle: Vehicle) -> None:
    """Taken into control, put ahead, let go of; the first is told three times more unless somebody acknowledges it."""
    vehicle.take_off(5)
    since_s = vehicle.mark()
    vehicle.set_mode("LAND")
    vehicle.run(3)
    told = orders(vehicle, since_s)
    at_once = [(order.command, order.param1, order.param5) for order in told if order.confirmation == 0]
    assert [command for command, _, _ in at_once] == [1001, 1000, 1001]
    assert (at_once[0][1], at_once[1][2], at_once[2][1]) == (vehicle.system, 2.0, -3.0)
    assert math.isnan(at_once[1][1])
    assert {(order.target_system, order.target_component) for order in told} == {(vehicle.system, 0)}
    assert [order.confirmation for order in told if order.confirmation] == [1, 2, 3]


def test_S67_an_acknowledged_order_is_not_repeated(vehicle: Vehicle) -> None:
    vehicle.take_off(5)
    since_s = vehicle.mark()
    vehicle.set_mode("LAND")
    vehicle.until(lambda: orders(vehicle, since_s), 1.0, "orders")
    vehicle.companion.send(mavlink.MAVLink_command_ack_message(1001, 0, 0, 0, vehicle.system, 1))
    vehicle.run(3)
    assert [order.confirmation for order in orders(vehicle, since_s) if order.confirmation > 1] == []


def test_S52_what_a_mission_orders_is_told_everybody(vehicle: Vehicle) -> None:
    """A camera is told by its number; a mission that is left takes the pictures' trigger and the gimbal back."""
    client = plans.empty(vehicle)
    vehicle.take_off(5)
    items = [plans.do(530, 0, 1), plans.do(178, 1, 4, -1), plans.at(vehicle, 16, 30, 0, 8)]
    assert client.upload(items) == ACCEPTED
    vehicle.run(1)
    since_s = vehicle.mark()
    vehicle.set_mode("MISSION")
    vehicle.run(0.5)
    told = {order.command: order for order in orders(vehicle, since_s)}
    assert told[530].target_component == mavlink.MAV_COMP_ID_CAMERA
    assert (told[178].target_component, told[178].param2) == (0, 4.0)
    left_s = vehicle.mark()
    vehicle.set_mode("LOITER")
    vehicle.run(0.3)
    assert [order.command for order in orders(vehicle, left_s) if order.confirmation == 0] == [2003, 1000, 1001]
    assert client.clear() == ACCEPTED


def test_S6_the_flight_log_ends_with_disarming_and_a_new_one_is_told(start: Any) -> None:
    """SDLOG_MODE 1: from the start until disarmed, then while armed."""
    vehicle = start()
    assert vehicle.onboard.last("SYS_STATUS").onboard_control_sensors_present & LOGGING
    vehicle.arm()
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) == ACCEPTED
    vehicle.until(lambda: not vehicle.onboard.last("SYS_STATUS").onboard_control_sensors_present & LOGGING, 6.0, "no log")
    vehicle.run(2)
    since_s = vehicle.mark()
    vehicle.arm()
    vehicle.until(lambda: vehicle.said("[logger] ./log/", since_s), 1.0, "a log's name")
    assert 0x125BEF in events(vehicle, since_s)


def test_S15_sticks_that_are_forbidden_are_an_error(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    vehicle.set(COM_RC_IN_MODE=4)
    vehicle.until(lambda: 0x06ED29 in events(vehicle, since_s), 5.0, "a report")
    vehicle.run(0.2)
    (modes,) = struct.unpack_from("<I", events(vehicle, since_s)[0x06ED29])
    assert modes == 0x8447  # those that sticks fly
    assert vehicle.onboard.last("SYS_STATUS").onboard_control_sensors_health & PREARM


def test_S45_a_home_set_without_a_heading_has_none(vehicle: Vehicle) -> None:
    vehicle.run(2.2)
    place = vehicle.place(5, 5, 0)
    vehicle.companion.placed(mavlink.MAV_CMD_DO_SET_HOME, (0, 0, 0, NAN), place)
    vehicle.until(lambda: math.isnan(vehicle.onboard.last("HOME_POSITION").q[0]), 3.0, "home")
    vehicle.companion.placed(mavlink.MAV_CMD_DO_SET_HOME, (0, 0, 0, 90), place)
    vehicle.until(lambda: vehicle.onboard.last("HOME_POSITION").q[3] == pytest.approx(math.sqrt(0.5), abs=0.01), 3.0, "east")
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_SET_HOME, 1, 0, 0, 45) == ACCEPTED
    vehicle.until(lambda: abs(vehicle.onboard.last("HOME_POSITION").q[3]) < 0.2, 3.0, "its own heading")


def test_S45_home_may_be_switched_off(vehicle: Vehicle) -> None:
    vehicle.set(COM_HOME_EN=0)
    vehicle.run(1.2)
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_SET_HOME, 1) == DENIED


@pytest.mark.parametrize("mode", ["MANUAL", "STABILIZED", "ACRO"])
def test_S7_no_position_target_where_none_is_flown(vehicle: Vehicle, mode: str) -> None:
    vehicle.set_mode(mode)
    vehicle.run(0.5)
    since_s = vehicle.now_s
    vehicle.run(2)
    assert vehicle.onboard.rate_hz("POSITION_TARGET_LOCAL_NED", since_s, since_s + 2) == 0.0
    assert vehicle.onboard.rate_hz("SERVO_OUTPUT_RAW", since_s, since_s + 2) == pytest.approx(10.0, rel=0.2)


@pytest.mark.parametrize(
    ("number", "interval_us"),
    [
        pytest.param(mavlink.MAVLINK_MSG_ID_RC_CHANNELS, 50_000, id="S7 nothing to tell"),
        pytest.param(mavlink.MAVLINK_MSG_ID_WIND_COV, 100_000, id="S7 nothing to tell yet"),
        pytest.param(mavlink.MAVLINK_MSG_ID_GPS_RAW_INT, -1, id="S7 whenever there is something new"),
        pytest.param(mavlink.MAVLINK_MSG_ID_RAW_IMU, 0, id="S7 unknown"),
        pytest.param(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION, 0, id="S7 on request only"),
        pytest.param(mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED, 33_333, id="S7 a third of a tenth"),
    ],
)
def test_the_interval_that_a_stream_is_set_up_with(vehicle: Vehicle, number: int, interval_us: int) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_GET_MESSAGE_INTERVAL, number) == ACCEPTED
    (seen,) = vehicle.onboard.of("MESSAGE_INTERVAL", since_s)
    assert (seen.message.message_id, seen.message.interval_us) == (number, interval_us)


def test_S8_nobody_knows_the_wind(start: Any) -> None:
    """A quadrotor does not estimate it by itself."""
    vehicle = start()
    assert vehicle.companion.request(mavlink.MAVLINK_MSG_ID_WIND_COV) == 2


def test_S7_the_default_on_the_ground_stations_link_is_not_what_the_start_script_raised(start: Any) -> None:
    vehicle = start()
    attitude = mavlink.MAVLINK_MSG_ID_ATTITUDE
    assert vehicle.ground.answer(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, attitude, 0) == ACCEPTED
    vehicle.run(0.5)
    since_s = vehicle.now_s
    vehicle.run(4)
    assert vehicle.gcs.rate_hz("ATTITUDE", since_s, since_s + 4) == pytest.approx(15.0, rel=0.1)


@pytest.mark.parametrize("place", [3, 4, 7])
def test_S23_intervals_with_more_than_a_number_are_refused(vehicle: Vehicle, place: int) -> None:
    params = [float(mavlink.MAVLINK_MSG_ID_ATTITUDE), 10_000.0, 0.0, 0.0, 0.0, 0.0, 0.0]
    params[place - 1] = 1.0
    assert vehicle.companion.answers(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, *params) == [4]


@pytest.mark.parametrize("name", ["SCALED_IMU", "ACTUATOR_OUTPUT_STATUS"])
def test_S8_seldom_asked_for(vehicle: Vehicle, name: str) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.request(int(getattr(mavlink, f"MAVLINK_MSG_ID_{name}"))) == ACCEPTED
    (seen,) = vehicle.onboard.of(name, since_s)
    if name == "SCALED_IMU":
        assert seen.message.zacc == pytest.approx(-1000, abs=60)
    else:
        assert (seen.message.active, seen.message.actuator[:2]) == (16, [900.0, 900.0])


def test_S11_current_mode_has_its_standard_number(vehicle: Vehicle) -> None:
    vehicle.set_mode("TAKEOFF")
    vehicle.until(lambda: vehicle.onboard.last("CURRENT_MODE").standard_mode == 8, 3.0, "TAKEOFF's number")


def test_S55_a_breach_is_reported_by_its_kind(vehicle: Vehicle) -> None:
    vehicle.set(GF_MAX_VER_DIST=8.0, GF_ACTION=1)
    since_s = vehicle.mark()
    vehicle.run(1.2)
    vehicle.take_off(12)
    vehicle.until(lambda: 0xD47520 in events(vehicle, since_s), 5.0, "a report")
    assert not {0x3E092F, 0x022EAB} & set(events(vehicle, since_s))


def test_S47_in_the_bodys_frame_one_speed_may_be_left_to_the_autopilot(vehicle: Vehicle) -> None:
    """A vertical speed that is no number does not spoil the others."""
    vehicle.take_off(8)
    since_s = vehicle.mark()
    for _ in range(30):
        values = (0.0, 0.0, 0.0, 2.0, 0.0, NAN, 0.0, 0.0, 0.0, 0.0, 0.0)
        vehicle.companion.send(mavlink.MAVLink_set_position_target_local_ned_message(0, vehicle.system, 1, 8, 0xDC7, *values))
        vehicle.run(0.1)
        if vehicle.mode != "OFFBOARD":
            vehicle.companion.long(SET_MODE, 1, 6)
    assert not vehicle.said("SET_POSITION_TARGET_LOCAL_NED invalid", since_s)
    assert vehicle.mode == "OFFBOARD"
