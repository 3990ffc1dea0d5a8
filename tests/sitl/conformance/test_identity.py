"""Who the autopilot says it is, and in which state."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import Vehicle

ACCEPTED, DENIED = 0, 2
CAPABILITIES = 59647
VERSION_1_16_0 = 0x011000FF
UID = 5283920058631409231
DISARMED_BASE_MODES = {
    "MANUAL": 81,
    "ALTCTL": 81,
    "POSCTL": 81,
    "ORBIT": 17,
    "TAKEOFF": 29,
    "LOITER": 29,
    "MISSION": 29,
    "RTL": 29,
    "LAND": 29,
    "FOLLOW": 17,
    "PRECLAND": 29,
    "ACRO": 65,
    "OFFBOARD": 1,  # 17 once a setpoint came
    "STABILIZED": 81,
}
ARMABLE = ("LOITER", "TAKEOFF")
ALWAYS_AVAILABLE = (
    "HEARTBEAT",
    "SYS_STATUS",
    "EXTENDED_SYS_STATE",
    "HOME_POSITION",
    "GPS_GLOBAL_ORIGIN",
    "BATTERY_STATUS",
    "AUTOPILOT_VERSION",
    "CURRENT_MODE",
    "FLIGHT_INFORMATION",
    "OPEN_DRONE_ID_BASIC_ID",
)
UNAVAILABLE = (259, 280, 281, 310, 225, 410, 437, 42)  # camera, gimbal, UAVCAN, EFI, EVENT, modes' monitor, MISSION_CURRENT
MODE_ROWS = [
    (0x00010000, 0, 1, "Manual"),
    (0x00020000, 4, 0, ""),
    (0x00030000, 1, 0, ""),
    (0x04040000, 6, 1, ""),
    (0x03040000, 0, 1, "Hold"),
    (0x05040000, 5, 1, ""),
    (0x02030000, 0, 1, "Position Slow"),
    (0x00050000, 0, 1, "Acro"),
    (0x000A0000, 0, 3, "Termination"),
    (0x00060000, 0, 1, "Offboard"),
    (0x00070000, 0, 1, "Stabilized"),
    (0x02040000, 8, 1, ""),
    (0x06040000, 7, 1, ""),
    (0x08040000, 0, 1, "Follow Target"),
    (0x09040000, 0, 1, "Precision Landing"),
    (0x01030000, 2, 1, ""),
    (0x0A040000, 0, 1, "VTOL Takeoff"),
]
"""custom_mode, standard_mode, properties (1 advanced, 2 not selectable), name."""


@pytest.mark.parametrize("mode", DISARMED_BASE_MODES)
def test_S4_modes_on_the_ground(vehicle: Vehicle, mode: str) -> None:
    """On the ground, disarmed, any mode can be chosen, but ORBIT and TERMINATION by DO_SET_MODE."""
    if mode == "ORBIT":
        vehicle.orbit(20, 3, vehicle.place(0, 0, 20))
    else:
        vehicle.set_mode(mode)
    heartbeat = vehicle.onboard.last("HEARTBEAT")
    assert heartbeat.base_mode == DISARMED_BASE_MODES[mode]
    vehicle.run(2.1)
    assert vehicle.onboard.last("CURRENT_MODE").custom_mode == heartbeat.custom_mode
    assert vehicle.mode == mode
    assert vehicle.status == (3 if mode in ARMABLE else 0)  # S5


def test_S4_S5_flying(vehicle: Vehicle) -> None:
    assert (vehicle.onboard.last("HEARTBEAT").base_mode, vehicle.status) == (29, 3)
    vehicle.take_off(8)
    assert (vehicle.onboard.last("HEARTBEAT").base_mode, vehicle.status) == (157, 4)
    vehicle.orbit(10, 2, vehicle.place(0, 0, 8))
    assert (vehicle.onboard.last("HEARTBEAT").base_mode, vehicle.status) == (145, 4)
    vehicle.set_mode("LAND")
    assert (vehicle.onboard.last("HEARTBEAT").base_mode, vehicle.status) == (157, 4)
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_FLIGHTTERMINATION, 1) == 0
    vehicle.until(lambda: vehicle.mode == "TERMINATION", 2.0, "termination")
    assert vehicle.onboard.last("HEARTBEAT").base_mode & ~128 == 1
    assert vehicle.status == 8


def test_S5_uninitialised_until_armable(start: Start) -> None:
    vehicle = start(ready=False)
    vehicle.wait_ready(8.0)
    vehicle.run(2)
    assert [value for _, value in vehicle.onboard.changes("HEARTBEAT", lambda m: m.system_status)] == [0, 3]


@pytest.mark.parametrize("name", ALWAYS_AVAILABLE)
def test_S8_requested_message_comes_before_its_acknowledgement(vehicle: Vehicle, name: str) -> None:
    number = {kind.msgname: number for number, kind in mavlink.mavlink_map.items()}[name]
    since_s = vehicle.mark()
    assert vehicle.companion.request(number) == 0
    ack = next(seen for seen in vehicle.onboard.of("COMMAND_ACK", since_s) if seen.message.command == 512)
    assert vehicle.onboard.of(name, since_s)[0].t_s < ack.t_s


@pytest.mark.parametrize("number", UNAVAILABLE)
def test_S8_unavailable_message_is_denied(vehicle: Vehicle, number: int) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.request(number) == mavlink.MAV_RESULT_DENIED
    vehicle.run(0.2)
    assert number == mavlink.MAVLINK_MSG_ID_MISSION_CURRENT or vehicle.onboard.raw(number, since_s) == []


def test_S9_version(vehicle: Vehicle) -> None:
    assert vehicle.companion.request(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION) == 0
    version = vehicle.onboard.last("AUTOPILOT_VERSION")
    assert version.capabilities == CAPABILITIES
    assert version.flight_sw_version == VERSION_1_16_0
    assert version.uid == UID + vehicle.system - 1
    assert (version.board_version, version.vendor_id, version.product_id) == (1, 0, 0)
    assert version.uid2[0] == vehicle.system - 1
    assert not vehicle.gcs.has("AUTOPILOT_VERSION")


def test_S11_available_modes(vehicle: Vehicle) -> None:
    assert vehicle.companion.answer(mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAVLINK_MSG_ID_AVAILABLE_MODES, 0) == 0
    vehicle.run(1)
    modes = [seen.message for seen in vehicle.onboard.of("AVAILABLE_MODES")]
    assert [mode.mode_index for mode in modes] == list(range(1, 26))
    assert {mode.number_modes for mode in modes} == {25}
    assert [mode.mode_name for mode in modes].count("(Mode not available)") == 8
    assert [(m.custom_mode, m.standard_mode, m.properties, m.mode_name) for m in modes[:17]] == MODE_ROWS


def test_S11_one_mode(vehicle: Vehicle) -> None:
    assert vehicle.companion.answer(mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAVLINK_MSG_ID_AVAILABLE_MODES, 4) == 0
    vehicle.run(0.5)
    (seen,) = vehicle.onboard.of("AVAILABLE_MODES")
    assert seen.message.mode_index == 4


def test_S11_current_mode(vehicle: Vehicle) -> None:
    vehicle.run(6)
    assert len(vehicle.onboard.of("CURRENT_MODE")) in (3, 4)
    assert vehicle.onboard.last("CURRENT_MODE").custom_mode == vehicle.onboard.last("HEARTBEAT").custom_mode


def test_S68_remote_id(vehicle: Vehicle) -> None:
    """The operator is at home; status is on ground, airborne, emergency."""
    vehicle.run(3)
    system, location = vehicle.onboard.last("OPEN_DRONE_ID_SYSTEM"), vehicle.onboard.last("OPEN_DRONE_ID_LOCATION")
    home = vehicle.onboard.last("HOME_POSITION")
    assert (system.operator_latitude, system.operator_longitude) == (home.latitude, home.longitude)
    assert system.operator_location_type == 0
    assert location.status == 1
    vehicle.take_off(5)
    vehicle.run(1.2)
    assert vehicle.onboard.last("OPEN_DRONE_ID_LOCATION").status == 2
    assert vehicle.onboard.last("OPEN_DRONE_ID_LOCATION").altitude_geodetic == pytest.approx(vehicle.position[2], abs=2.0)


def test_S69_no_rc(vehicle: Vehicle) -> None:
    vehicle.run(3)
    assert not vehicle.onboard.has("RC_CHANNELS")
    assert not vehicle.gcs.has("RC_CHANNELS")
    assert vehicle.companion.request(mavlink.MAVLINK_MSG_ID_RC_CHANNELS) == mavlink.MAV_RESULT_DENIED


def test_S8_what_was_just_sent_is_denied(vehicle: Vehicle) -> None:
    """PX4 sends nothing twice: on the onboard link each position of the receiver goes out at once."""
    answers = []
    for _ in range(6):
        vehicle.run(0.07)
        answers.append(vehicle.companion.request(mavlink.MAVLINK_MSG_ID_GPS_RAW_INT))
    assert answers.count(DENIED) >= 5
    assert vehicle.companion.request(mavlink.MAVLINK_MSG_ID_SYS_STATUS) == ACCEPTED
