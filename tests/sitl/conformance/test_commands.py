"""How commands are answered, whatever they do."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import NAN, Vehicle

ACCEPTED, REJECTED, DENIED, UNSUPPORTED, FAILED = 0, 1, 2, 3, 4
INT32_MAX = 2147483647
SET_MODE = mavlink.MAV_CMD_DO_SET_MODE
INTERVAL = mavlink.MAV_CMD_SET_MESSAGE_INTERVAL
ARM = mavlink.MAV_CMD_COMPONENT_ARM_DISARM
LATENCY_S = 0.045  # 2 to 20 ms, and 25 ms of reading the clock


def sent_at_s(vehicle: Vehicle) -> float:
    """Wait for the next message, so that the clock was read just now; the time."""
    since_s = vehicle.mark()
    vehicle.until(lambda: vehicle.onboard.frames and vehicle.onboard.frames[-1].t_s >= since_s, 0.5, "any message")
    return vehicle.now_s


@pytest.mark.parametrize(
    ("system", "component"), [(0, 7), (1, 1), (0, 191), (77, 0)], ids=["component", "system", "own component", "any of another"]
)
def test_S16_silence_to_others_commands(vehicle: Vehicle, system: int, component: int) -> None:
    """`system` is added to the vehicle's own."""
    since_s = vehicle.mark()
    values = (mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION, *[0.0] * 6)
    vehicle.companion.send(mavlink.MAVLink_command_long_message((vehicle.system + system) % 256, component, 512, 0, *values))
    vehicle.run(1)
    assert vehicle.onboard.of("COMMAND_ACK", since_s) == []
    assert vehicle.onboard.of("AUTOPILOT_VERSION", since_s) == []


def test_S16_component_0_is_everybody(vehicle: Vehicle) -> None:
    assert vehicle.companion.answers(512, mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION, component=0) == [ACCEPTED]


def test_S16_silence_to_a_sender_of_its_own_identity(vehicle: Vehicle) -> None:
    impostor = vehicle.station(vehicle.companion.link, (vehicle.system, 1), 0, heartbeats=False)
    since_s = vehicle.mark()
    impostor.long(mavlink.MAV_CMD_RUN_PREARM_CHECKS)
    vehicle.run(1)
    assert vehicle.onboard.of("COMMAND_ACK", since_s) == []


def test_S16_its_own_identity_gets_messages(vehicle: Vehicle) -> None:
    impostor = vehicle.station(vehicle.companion.link, (vehicle.system, 1), 0, heartbeats=False)
    impostor.send(mavlink.MAVLink_heartbeat_message(0, 0, 0, 0, 4, 3))  # so that it is known on this link
    vehicle.run(0.2)
    since_s = vehicle.mark()
    impostor.long(mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION)
    vehicle.run(0.5)
    assert len(vehicle.onboard.of("AUTOPILOT_VERSION", since_s)) == 1
    assert impostor.results(mavlink.MAV_CMD_REQUEST_MESSAGE, since_s) == [ACCEPTED]


def test_S16_a_message_may_come_in_two_datagrams(vehicle: Vehicle) -> None:
    packet = bytes(
        mavlink.MAVLink_command_long_message(vehicle.system, 1, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, 148, 0, 0, 0, 0, 0, 0).pack(
            mavlink.MAVLink(None, *vehicle.companion.identity)
        )
    )
    since_s = vehicle.mark()
    vehicle.companion.send_bytes(packet[:9])
    vehicle.companion.send_bytes(packet[9:])
    vehicle.run(0.5)
    assert vehicle.companion.results(mavlink.MAV_CMD_REQUEST_MESSAGE, since_s) == [ACCEPTED]


def test_S17_acknowledged_to_the_sender_within_20_ms(vehicle: Vehicle) -> None:
    for command in (512, mavlink.MAV_CMD_DO_CHANGE_SPEED, mavlink.MAV_CMD_RUN_PREARM_CHECKS, mavlink.MAV_CMD_DO_SET_SERVO):
        since_s, start_s = vehicle.mark(), sent_at_s(vehicle)
        vehicle.companion.long(command, 148)
        vehicle.companion.first_result(command, since_s)
        (seen,) = vehicle.onboard.of("COMMAND_ACK", since_s)
        assert 0.0 <= seen.t_s - start_s < LATENCY_S
        ack = seen.message
        assert (ack.command, ack.target_system, ack.target_component) == (command, *vehicle.companion.identity)
        assert (ack.progress, ack.result_param2) == (0, 0)


def test_S17_acknowledged_on_every_link_that_knows_the_sender(vehicle: Vehicle) -> None:
    """The companion's heartbeats are forwarded, but it was heard on the onboard link only."""
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_RUN_PREARM_CHECKS) == ACCEPTED
    assert vehicle.ground.answers(mavlink.MAV_CMD_RUN_PREARM_CHECKS) == [ACCEPTED]
    targets = {(s.message.target_system, s.message.target_component) for s in vehicle.gcs.of("COMMAND_ACK", since_s)}
    assert targets == {vehicle.ground.identity}


@pytest.mark.parametrize(
    ("main", "sub", "results", "mode"),
    [
        pytest.param(4, 3, [ACCEPTED, ACCEPTED], "LOITER", id="hold"),
        pytest.param(3, 0, [ACCEPTED, ACCEPTED], "POSCTL", id="position"),
        pytest.param(3, 1, [ACCEPTED, ACCEPTED], "POSCTL", id="position with ORBIT's sub mode"),
        pytest.param(99, 0, [ACCEPTED, ACCEPTED], "LOITER", id="unknown main mode"),
        pytest.param(4, 99, [ACCEPTED, REJECTED], "LOITER", id="unknown sub mode"),
        pytest.param(4, 0, [ACCEPTED, ACCEPTED], "MISSION", id="no sub mode"),
    ],
)
def test_S18_mode_is_acknowledged_twice(vehicle: Vehicle, main: int, sub: int, results: list[int], mode: str) -> None:
    assert vehicle.companion.answers(SET_MODE, 1, main, sub) == results
    vehicle.run(1.1)
    assert vehicle.mode == mode


def test_S18_second_acknowledgement_is_the_true_one(vehicle: Vehicle) -> None:
    """In the air without setpoints OFFBOARD is refused; both come within 15 ms of each other."""
    vehicle.take_off(5)
    since_s = vehicle.mark()
    assert vehicle.companion.answers(SET_MODE, 1, 6, 0) == [ACCEPTED, REJECTED]
    first, second = vehicle.onboard.of("COMMAND_ACK", since_s)
    assert second.t_s - first.t_s < 0.015 + 0.012
    vehicle.run(1.1)
    assert vehicle.mode == "LOITER"


@pytest.mark.parametrize(
    ("command", "params", "results"),
    [
        pytest.param(193, (0,), [UNSUPPORTED], id="DO_PAUSE_CONTINUE"),
        pytest.param(183, (1, 1500), [UNSUPPORTED], id="DO_SET_SERVO"),
        pytest.param(181, (1, 1), [UNSUPPORTED], id="DO_SET_RELAY"),
        pytest.param(207, (1,), [UNSUPPORTED], id="DO_FENCE_ENABLE"),
        pytest.param(16, (), [UNSUPPORTED], id="NAV_WAYPOINT"),
        pytest.param(31999, (1,), [UNSUPPORTED], id="USER_5"),
        pytest.param(192, (-1, 0, 0, NAN, NAN, NAN, NAN), [UNSUPPORTED], id="DO_REPOSITION without change of mode"),
        pytest.param(192, (-1, 3, 0, NAN, NAN, NAN, NAN), [UNSUPPORTED], id="DO_REPOSITION with another flag"),
        pytest.param(300, (), [DENIED], id="MISSION_START without a mission"),
        pytest.param(179, (0, 0, 0, NAN, NAN, NAN, NAN), [DENIED], id="DO_SET_HOME nowhere"),
        pytest.param(179, (0, 0, 0, NAN, 48.0, 2.0, NAN), [DENIED], id="DO_SET_HOME without altitude"),
        pytest.param(192, (-1, 1, 0, NAN, float(INT32_MAX), float(INT32_MAX), 50.0), [DENIED], id="INT32_MAX in COMMAND_LONG"),
        pytest.param(400, (2,), [], id="arming by 2"),
        pytest.param(1000, (0, 0), [], id="gimbal without one"),
        pytest.param(1001, (1, 191), [], id="gimbal control without one"),
        pytest.param(42600, (1, 1), [], id="DO_WINCH"),
        pytest.param(35, (10,), [], id="DO_FIGURE_EIGHT"),
        pytest.param(187, (0.5,), [ACCEPTED], id="DO_SET_ACTUATOR"),
        pytest.param(195, (0, 0, 0, 0, 48.0, 2.0, 50.0), [ACCEPTED], id="DO_SET_ROI_LOCATION"),
        pytest.param(197, (), [ACCEPTED], id="DO_SET_ROI_NONE"),
        pytest.param(178, (1, 3, -1), [ACCEPTED], id="DO_CHANGE_SPEED"),
        pytest.param(401, (), [ACCEPTED], id="RUN_PREARM_CHECKS"),
        pytest.param(185, (0,), [DENIED], id="DO_FLIGHTTERMINATION off"),
        pytest.param(185, (1,), [DENIED], id="DO_FLIGHTTERMINATION disarmed"),
        pytest.param(519, (1,), [ACCEPTED], id="REQUEST_PROTOCOL_VERSION"),
        pytest.param(520, (1,), [ACCEPTED], id="REQUEST_AUTOPILOT_CAPABILITIES"),
        pytest.param(410, (), [ACCEPTED], id="GET_HOME_POSITION"),
        pytest.param(520, (0,), [ACCEPTED], id="REQUEST_AUTOPILOT_CAPABILITIES by 0"),
        pytest.param(1, (), [], id="PX4's own"),
        pytest.param(84, (0, 0, 0, 0, 0, 0, 50), [ACCEPTED], id="NAV_VTOL_TAKEOFF"),
        pytest.param(2600, (1,), [FAILED], id="CONTROL_HIGH_LATENCY"),
        pytest.param(31000, (), [UNSUPPORTED], id="WAYPOINT_USER_1"),
        pytest.param(400, (0.5, 21195.7), [ACCEPTED], id="arming by a half"),
        pytest.param(528, (1,), [ACCEPTED], id="REQUEST_FLIGHT_INFORMATION"),
        pytest.param(525, (0, 1), [ACCEPTED], id="REQUEST_STORAGE_INFORMATION"),
        pytest.param(521, (1,), [], id="REQUEST_CAMERA_INFORMATION"),
        pytest.param(2511, (), [ACCEPTED], id="LOGGING_STOP"),
        pytest.param(205, (1,), [], id="DO_MOUNT_CONTROL"),
        pytest.param(203, (1,), [], id="DO_DIGICAM_CONTROL"),
        pytest.param(531, (1,), [], id="SET_CAMERA_ZOOM"),
        pytest.param(191, (1,), [ACCEPTED], id="DO_GO_AROUND"),
        pytest.param(189, (1,), [6], id="DO_LAND_START"),
        pytest.param(245, (0,), [ACCEPTED], id="PREFLIGHT_STORAGE"),
        pytest.param(245, (NAN,), [], id="PREFLIGHT_STORAGE by NaN"),
        pytest.param(246, (NAN,), [DENIED], id="PREFLIGHT_REBOOT_SHUTDOWN by NaN"),
        pytest.param(2510, (1,), [UNSUPPORTED], id="LOGGING_START in another format"),
        pytest.param(310, (0, 0, 0, 0, 33), [ACCEPTED], id="ACTUATOR_TEST of a servo"),
        pytest.param(310, (0, 0, 0, 0, 1101), [ACCEPTED], id="ACTUATOR_TEST by PX4's number"),
        pytest.param(310, (0, 0, 0, 0, 13), [], id="ACTUATOR_TEST of nothing"),
        pytest.param(310, (0, 0, 0, 0, NAN), [], id="ACTUATOR_TEST of NaN"),
    ],
)
def test_S19_results(vehicle: Vehicle, command: int, params: tuple[float, ...], results: list[int]) -> None:
    assert vehicle.companion.answers(command, *params) == results


@pytest.mark.parametrize(
    ("command", "params", "results"),
    [
        pytest.param(2510, (0,), [ACCEPTED], id="S19 LOGGING_START"),
        pytest.param(43004, (1, 1, 0, 1), [ACCEPTED, UNSUPPORTED], id="S19 EXTERNAL_WIND_ESTIMATE"),
        pytest.param(42006, (0,), [ACCEPTED], id="S19 FIXED_MAG_CAL_YAW"),
    ],
)
def test_results_of_what_leaves_its_mark(start: Start, command: int, params: tuple[float, ...], results: list[int]) -> None:
    """Two parts of PX4 answer at the same time, so in any order."""
    assert sorted(start().companion.answers(command, *params)) == results


def test_S19_armed_no_actuator_is_tested(vehicle: Vehicle) -> None:
    vehicle.arm()
    assert vehicle.companion.answers(mavlink.MAV_CMD_ACTUATOR_TEST, 0, 0, 0, 0, 1) == [DENIED]
    vehicle.kill()


@pytest.mark.parametrize(
    ("command", "params", "severity", "words"),
    [
        pytest.param(400, (2,), 2, "Unsupported ARM_DISARM param: 2.000\t", id="arming by 2"),
        pytest.param(176, (1, 4, 99), 2, "Unsupported auto mode\t", id="unknown sub mode"),
        pytest.param(300, (), 2, "Mission start denied! No valid mission\t", id="MISSION_START without a mission"),
        pytest.param(35, (10,), 2, "Figure 8 command only available for fixed wing and vtol vehicles.", id="figure of eight"),
    ],
)
def test_S19_says_why(vehicle: Vehicle, command: int, params: tuple[float, ...], severity: int, words: str) -> None:
    since_s = vehicle.mark()
    vehicle.companion.answers(command, *params)
    assert [(text.severity, text.words) for text in vehicle.texts if text.t_s >= since_s] == [(severity, words)]


def test_S20_integers_are_scaled_and_the_frame_is_ignored(vehicle: Vehicle) -> None:
    """A relative frame makes no relative altitude: z is above mean sea level."""
    place = vehicle.place(30, -20, 12)
    x, y, z = round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7), place.altitude_amsl_m
    since_s = vehicle.mark()
    vehicle.companion.placed(mavlink.MAV_CMD_DO_SET_HOME, (0, 0, 0, NAN), (x, y, z), frame=3)
    assert vehicle.companion.first_result(mavlink.MAV_CMD_DO_SET_HOME, since_s) == ACCEPTED
    vehicle.run(2.5)
    home = vehicle.onboard.last("HOME_POSITION")
    assert (home.latitude, home.longitude) == pytest.approx((x, y), abs=2)
    assert home.altitude / 1e3 == pytest.approx(z, abs=0.01)
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_SET_HOME, 1) == ACCEPTED


def test_S20_int32_max_is_nan(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    vehicle.companion.placed(mavlink.MAV_CMD_DO_SET_HOME, (0, 0, 0, NAN), (INT32_MAX, INT32_MAX, 50.0))
    assert vehicle.companion.first_result(mavlink.MAV_CMD_DO_SET_HOME, since_s) == DENIED


def test_S20_orbit_with_a_relative_frame_descends(vehicle: Vehicle) -> None:
    vehicle.take_off(15)
    place = vehicle.place(0, 0, 15)
    x, y = round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7)
    vehicle.companion.placed(mavlink.MAV_CMD_DO_ORBIT, (10, 2, 0, 0), (x, y, 15.0), frame=3)
    vehicle.until(lambda: vehicle.height_m < 11.0, 12.0, "descent towards 15 m above the sea")


def test_S21_confirmation_is_ignored(vehicle: Vehicle) -> None:
    """A retry is carried out again."""
    for confirmation in (0, 1, 2, 2):
        since_s = vehicle.mark()
        vehicle.companion.long(512, mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION, confirmation=confirmation)
        assert vehicle.companion.first_result(512, since_s) == ACCEPTED
        assert len(vehicle.onboard.of("AUTOPILOT_VERSION", since_s)) == 1


def test_S21_arming_twice(vehicle: Vehicle) -> None:
    assert vehicle.companion.answer(ARM, 0) == ACCEPTED
    for confirmation in (0, 1):
        since_s = vehicle.mark()
        vehicle.companion.long(ARM, 1, confirmation=confirmation)
        assert vehicle.companion.first_result(ARM, since_s) == ACCEPTED
    vehicle.until(lambda: vehicle.armed, 1.5, "armed")
    assert vehicle.companion.answers(ARM, 0) == [ACCEPTED]
    assert vehicle.companion.answers(ARM, 0) == [ACCEPTED]
    vehicle.until(lambda: not vehicle.armed, 1.5, "disarmed")


@pytest.mark.parametrize("number", [0, 5555, 11])
def test_S23_no_interval_for_heartbeats_and_unknown_messages(vehicle: Vehicle, number: int) -> None:
    assert vehicle.companion.answers(INTERVAL, number, 100_000) == [FAILED]
    since_s = vehicle.now_s
    vehicle.run(4)
    assert vehicle.onboard.rate_hz("HEARTBEAT", since_s, since_s + 4) == pytest.approx(1.0, abs=0.26)


def test_S24_set_mode_message(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    vehicle.companion.send(mavlink.MAVLink_set_mode_message(vehicle.system, 1, 3 << 16))
    vehicle.run(1.2)
    assert vehicle.companion.results(SET_MODE, since_s) == [ACCEPTED]
    assert vehicle.mode == "POSCTL"


@pytest.mark.parametrize(
    ("standard", "results", "mode"),
    [
        pytest.param(1, [ACCEPTED], "POSCTL", id="position hold"),
        pytest.param(4, [ACCEPTED], "ALTCTL", id="altitude hold"),
        pytest.param(5, [ACCEPTED], "RTL", id="safe recovery"),
        pytest.param(7, [ACCEPTED], "LAND", id="land"),
        pytest.param(8, [ACCEPTED], "TAKEOFF", id="takeoff"),
        pytest.param(3, [FAILED], "LOITER", id="cruise"),
        pytest.param(99, [FAILED], "LOITER", id="unknown"),
    ],
)
def test_S24_standard_modes(vehicle: Vehicle, standard: int, results: list[int], mode: str) -> None:
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_SET_STANDARD_MODE, standard) == results
    vehicle.run(1.1)
    assert vehicle.mode == mode
