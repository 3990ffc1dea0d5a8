"""At which interval PX4 sets up its streams, whether or not there is something to tell (mavlink_main.cpp, px4-rc.mavlink)."""

from __future__ import annotations

import struct
from collections.abc import Mapping

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.links import LinkName

ALWAYS_HZ = -1.0
"""Whenever there is something new."""

SLOWEST_HZ = 1e-6

_OTHERS = {
    "ESC_INFO": 290,
    "ESC_STATUS": 291,
    "FIGURE_EIGHT_EXECUTION_STATUS": 361,
    "FUEL_STATUS": 371,
    "OPEN_DRONE_ID_ARM_STATUS": 12918,
}
_OTHERS |= {definition.name: definition.number for definition in dialect.TABLE.values()}

_NORMAL = {
    ALWAYS_HZ: "ADSB_VEHICLE CAMERA_IMAGE_CAPTURED",
    0.1: "HYGROMETER_SENSOR PING VIBRATION",
    0.3: "AVAILABLE_MODES",
    0.5: "BATTERY_STATUS CURRENT_MODE DISTANCE_SENSOR ESTIMATOR_STATUS GIMBAL_MANAGER_STATUS HOME_POSITION WIND_COV",
    1.0: "ALTITUDE ESC_INFO ESC_STATUS EXTENDED_SYS_STATE GIMBAL_DEVICE_ATTITUDE_STATUS GPS2_RAW GPS_GLOBAL_ORIGIN GPS_STATUS "
    "LOCAL_POSITION_NED NAV_CONTROLLER_OUTPUT OBSTACLE_DISTANCE OPEN_DRONE_ID_LOCATION OPEN_DRONE_ID_SYSTEM "
    "OPEN_DRONE_ID_ARM_STATUS POSITION_TARGET_GLOBAL_INT SCALED_PRESSURE SERVO_OUTPUT_RAW SYS_STATUS TIME_ESTIMATE_TO_TARGET "
    "DEBUG DEBUG_FLOAT_ARRAY DEBUG_VECT NAMED_VALUE_FLOAT LINK_NODE_STATUS FUEL_STATUS",
    1.5: "POSITION_TARGET_LOCAL_NED",
    2.0: "ATTITUDE_TARGET EFI_STATUS ORBIT_EXECUTION_STATUS RAW_RPM",
    4.0: "VFR_HUD",
    5.0: "GIMBAL_DEVICE_SET_ATTITUDE GLOBAL_POSITION_INT GPS_RAW_INT RC_CHANNELS FIGURE_EIGHT_EXECUTION_STATUS",
    10.0: "ATTITUDE_QUATERNION MOUNT_ORIENTATION",
    15.0: "ATTITUDE",
}
_ONBOARD = {
    ALWAYS_HZ: "CAMERA_TRIGGER ADSB_VEHICLE CAMERA_IMAGE_CAPTURED GPS2_RAW GPS_RAW_INT",
    0.3: "AVAILABLE_MODES",
    0.5: "BATTERY_STATUS CURRENT_MODE GIMBAL_MANAGER_STATUS HOME_POSITION VIBRATION",
    1.0: "ESTIMATOR_STATUS GIMBAL_DEVICE_ATTITUDE_STATUS GPS_GLOBAL_ORIGIN GPS_STATUS HYGROMETER_SENSOR OPEN_DRONE_ID_LOCATION "
    "OPEN_DRONE_ID_SYSTEM OPEN_DRONE_ID_ARM_STATUS PING SCALED_PRESSURE SYSTEM_TIME TIME_ESTIMATE_TO_TARGET LINK_NODE_STATUS "
    "FUEL_STATUS",
    2.0: "EFI_STATUS",
    5.0: "EXTENDED_SYS_STATE GIMBAL_DEVICE_SET_ATTITUDE ORBIT_EXECUTION_STATUS RAW_RPM SYS_STATUS "
    "FIGURE_EIGHT_EXECUTION_STATUS",
    10.0: "TIMESYNC ALTITUDE DISTANCE_SENSOR ESC_INFO ESC_STATUS MOUNT_ORIENTATION OBSTACLE_DISTANCE ATTITUDE_TARGET "
    "NAV_CONTROLLER_OUTPUT OPTICAL_FLOW_RAD POSITION_TARGET_GLOBAL_INT POSITION_TARGET_LOCAL_NED SERVO_OUTPUT_RAW VFR_HUD "
    "WIND_COV DEBUG DEBUG_FLOAT_ARRAY DEBUG_VECT NAMED_VALUE_FLOAT",
    20.0: "RC_CHANNELS",
    30.0: "LOCAL_POSITION_NED ODOMETRY",
    50.0: "HIGHRES_IMU ATTITUDE_QUATERNION GLOBAL_POSITION_INT",
    100.0: "ATTITUDE",
}
_GIMBAL = {20.0: "AUTOPILOT_STATE_FOR_GIMBAL_DEVICE GIMBAL_DEVICE_SET_ATTITUDE"}
_RAISED = {
    LinkName.GCS: {
        10.0: "OPTICAL_FLOW_RAD",
        20.0: "RC_CHANNELS",
        50.0: "POSITION_TARGET_LOCAL_NED LOCAL_POSITION_NED GLOBAL_POSITION_INT ATTITUDE ATTITUDE_QUATERNION ATTITUDE_TARGET "
        "SERVO_OUTPUT_RAW",
    },
    LinkName.DISPLAY: {25.0: "HIL_STATE_QUATERNION", 200.0: "HIL_ACTUATOR_CONTROLS"},
}
_ON_EVERY_LINK = {ALWAYS_HZ: "COMMAND_LONG", 1.0: "HEARTBEAT", 20.0: "STATUSTEXT"}


def _by_number(table: Mapping[float, str]) -> dict[int, float]:
    return {_number(name): hz for hz, names in table.items() for name in names.split()}


def _number(name: str) -> int:
    return _OTHERS.get(name) or int(getattr(mavlink, f"MAVLINK_MSG_ID_{name}"))


DEFAULTS_HZ: dict[LinkName, dict[int, float]] = {
    LinkName.ONBOARD: _by_number(_ONBOARD),
    LinkName.GCS: _by_number(_NORMAL),
    LinkName.CAMERA: _by_number(_ONBOARD),
    LinkName.GIMBAL: _by_number(_GIMBAL),
    LinkName.DISPLAY: {},
}
"""What an interval of 0 brings back: the defaults of a link's mode, without what the start script raised."""


def interval_us(hz: float) -> int:
    """As MESSAGE_INTERVAL tells it: -1 for ALWAYS_HZ."""
    return -1 if hz < 0.0 else int(1e6 / hz)


def as_set_us(wanted_us: float) -> int:
    """What becomes of an interval that somebody sets: PX4 turns it into a rate and back, in single precision."""
    rate_hz = _as_float32(1e6 / _as_float32(wanted_us))
    return int(min(_as_float32(1e6 / rate_hz), 2.0**31 - 1)) if rate_hz > SLOWEST_HZ else 0


def _as_float32(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def at_start_us(link: LinkName) -> dict[int, int]:
    """What MESSAGE_INTERVAL tells of each stream before anybody changes one."""
    set_up = _by_number(_ON_EVERY_LINK) | DEFAULTS_HZ[link] | _by_number(_RAISED.get(link, {}))
    return {number: interval_us(hz) for number, hz in set_up.items()}
