"""Which message goes where, how often, and who builds it (rates: PX4 v1.16.0, mavlink_main.cpp and px4-rc.mavlink)."""

from __future__ import annotations

from collections.abc import Callable

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.links import Link, LinkName
from sitl.autopilot.telemetry import gimbal, identity, motion, status, targets
from sitl.autopilot.telemetry.information import flight_information, storage_information
from sitl.autopilot.telemetry.sources import Message, Sources

Builder = Callable[[Sources], Message | None]
"""Builds a message, None while there is nothing to tell."""

HEARTBEAT = mavlink.MAVLINK_MSG_ID_HEARTBEAT

BUILDERS: dict[int, Builder] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: status.heartbeat,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: status.sys_status,
    mavlink.MAVLINK_MSG_ID_SYSTEM_TIME: status.system_time,
    mavlink.MAVLINK_MSG_ID_PING: status.ping,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: motion.gps_raw_int,
    mavlink.MAVLINK_MSG_ID_SCALED_PRESSURE: motion.scaled_pressure,
    mavlink.MAVLINK_MSG_ID_ATTITUDE: motion.attitude,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: motion.attitude_quaternion,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: motion.local_position_ned,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: motion.global_position_int,
    mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: targets.servo_output_raw,
    mavlink.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: motion.gps_global_origin,
    mavlink.MAVLINK_MSG_ID_VFR_HUD: motion.vfr_hud,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_TARGET: targets.attitude_target,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: targets.position_target_local_ned,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: targets.position_target_global_int,
    mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: motion.highres_imu,
    mavlink.MAVLINK_MSG_ID_SCALED_IMU: motion.scaled_imu,
    mavlink.MAVLINK_MSG_ID_ACTUATOR_OUTPUT_STATUS: targets.actuator_output_status,
    mavlink.MAVLINK_MSG_ID_TIMESYNC: status.timesync,
    mavlink.MAVLINK_MSG_ID_HIL_STATE_QUATERNION: motion.hil_state_quaternion,
    mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR: motion.distance_sensor,
    mavlink.MAVLINK_MSG_ID_ALTITUDE: motion.altitude,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: status.battery_status,
    mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION: status.autopilot_version,
    mavlink.MAVLINK_MSG_ID_ESTIMATOR_STATUS: status.estimator_status,
    mavlink.MAVLINK_MSG_ID_VIBRATION: status.vibration,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: motion.home_position,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: status.extended_sys_state,
    mavlink.MAVLINK_MSG_ID_ODOMETRY: motion.odometry,
    mavlink.MAVLINK_MSG_ID_ORBIT_EXECUTION_STATUS: targets.orbit_execution_status,
    mavlink.MAVLINK_MSG_ID_CURRENT_MODE: status.current_mode,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_LOCATION: status.open_drone_id_location,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_SYSTEM: status.open_drone_id_system,
    mavlink.MAVLINK_MSG_ID_FLIGHT_INFORMATION: flight_information,
    mavlink.MAVLINK_MSG_ID_STORAGE_INFORMATION: storage_information,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_INFORMATION: gimbal.manager_information,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS: gimbal.manager_status,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: gimbal.device_attitude_status,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_BASIC_ID: identity.open_drone_id_basic_id,
    mavlink.MAVLINK_MSG_ID_HIL_ACTUATOR_CONTROLS: targets.hil_actuator_controls,
    mavlink.MAVLINK_MSG_ID_MOUNT_ORIENTATION: gimbal.mount_orientation,
    mavlink.MAVLINK_MSG_ID_AUTOPILOT_STATE_FOR_GIMBAL_DEVICE: motion.state_for_gimbal,
    dialect.PROTOCOL_VERSION.number: identity.protocol_version,
    dialect.TIME_ESTIMATE_TO_TARGET.number: targets.time_estimate_to_target,
    dialect.COMPONENT_INFORMATION.number: identity.component_information,
    dialect.COMPONENT_METADATA.number: identity.component_metadata,
}
_WITHOUT_A_SENSOR = (
    *("ADSB_VEHICLE", "AVAILABLE_MODES", "CAMERA_IMAGE_CAPTURED", "CAMERA_TRIGGER", "COMMAND_LONG"),
    *("DEBUG", "DEBUG_FLOAT_ARRAY", "DEBUG_VECT", "EFI_STATUS", "GIMBAL_DEVICE_INFORMATION"),
    *("GIMBAL_DEVICE_SET_ATTITUDE", "GPS2_RAW", "GPS_RTCM_DATA", "GPS_STATUS", "HIGH_LATENCY2", "HYGROMETER_SENSOR"),
    *("LANDING_TARGET", "MAG_CAL_REPORT", "MANUAL_CONTROL", "NAMED_VALUE_FLOAT", "NAV_CONTROLLER_OUTPUT"),
    *("OBSTACLE_DISTANCE", "OPTICAL_FLOW_RAD", "RAW_RPM", "RC_CHANNELS", "SCALED_IMU2", "SCALED_IMU3"),
    *("SCALED_PRESSURE2", "SCALED_PRESSURE3", "STATUSTEXT", "WIND_COV"),
)
"""PX4 has streams of these (mavlink_messages.cpp): they can be asked for, but this aircraft has nothing to tell in them."""

_UNKNOWN_HERE = (290, 291, 361, 371, 372, 10001, 10002, 12918)
"""The same for messages that the dialect lacks: of motors, figures of eight, fuel, batteries, transponders, remote id."""

KNOWN = frozenset(BUILDERS) | {
    dialect.LINK_NODE_STATUS.number,
    *_UNKNOWN_HERE,
    *(int(getattr(mavlink, f"MAVLINK_MSG_ID_{name}")) for name in _WITHOUT_A_SENSOR),
}
"""What can be asked for, or sent regularly."""


def build(number: int, link: Link, src: Sources) -> Message | None:
    """A message for a link, None if there is nothing to tell or it is not KNOWN."""
    if number == dialect.LINK_NODE_STATUS.number:
        return link.node_status(src.now_s)
    if number == mavlink.MAVLINK_MSG_ID_CURRENT_MODE and not link.news(status.published(src), src.now_s):
        return None
    builder = BUILDERS.get(number)
    return None if builder is None else builder(src)


_GPS_HZ = 8.0
FASTEST_NEWS_S = 0.008
_EACH_STEP = (
    *(
        "ATTITUDE",
        "ATTITUDE_QUATERNION",
        "ATTITUDE_TARGET",
        "GLOBAL_POSITION_INT",
        "HIGHRES_IMU",
        "LOCAL_POSITION_NED",
        "ODOMETRY",
    ),
    *("POSITION_TARGET_LOCAL_NED", "SERVO_OUTPUT_RAW", "VFR_HUD"),
)
NEWS_S: dict[int, float] = {
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: 1.0 / _GPS_HZ,
    dialect.TIME_ESTIMATE_TO_TARGET.number: 2.0,
    **{int(getattr(mavlink, f"MAVLINK_MSG_ID_{name}")): FASTEST_NEWS_S for name in _EACH_STEP},
}
"""How often there is something new in a message that PX4 does not send twice: asked for in between it is DENIED.

For the fastest that is a matter of luck: 2 in 10 requests were, on PX4.
"""

_ONBOARD_HZ: dict[int, float] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE: 100.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: 50.0,
    mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: 50.0,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 50.0,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 30.0,
    mavlink.MAVLINK_MSG_ID_ODOMETRY: 30.0,
    mavlink.MAVLINK_MSG_ID_ALTITUDE: 10.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_TARGET: 10.0,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: 10.0,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: 10.0,
    mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: 10.0,
    mavlink.MAVLINK_MSG_ID_VFR_HUD: 10.0,
    mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR: 10.0,
    mavlink.MAVLINK_MSG_ID_TIMESYNC: 10.0,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: _GPS_HZ,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 5.0,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 5.0,
    mavlink.MAVLINK_MSG_ID_ORBIT_EXECUTION_STATUS: 5.0,
    mavlink.MAVLINK_MSG_ID_ESTIMATOR_STATUS: 1.0,
    mavlink.MAVLINK_MSG_ID_SCALED_PRESSURE: 1.0,
    mavlink.MAVLINK_MSG_ID_SYSTEM_TIME: 1.0,
    mavlink.MAVLINK_MSG_ID_PING: 1.0,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_LOCATION: 1.0,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_SYSTEM: 1.0,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: 1.0,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS: 0.5,
    dialect.LINK_NODE_STATUS.number: 1.0,
    dialect.TIME_ESTIMATE_TO_TARGET.number: 0.5,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: 0.5,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: 0.5,
    mavlink.MAVLINK_MSG_ID_CURRENT_MODE: 0.5,
    mavlink.MAVLINK_MSG_ID_VIBRATION: 0.5,
}

_GCS_HZ: dict[int, float] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    # raised by the simulator's start script
    mavlink.MAVLINK_MSG_ID_ATTITUDE: 50.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: 50.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_TARGET: 50.0,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 50.0,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 50.0,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: 50.0,
    mavlink.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: 50.0,
    # mode Normal
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: 5.0,
    mavlink.MAVLINK_MSG_ID_VFR_HUD: 4.0,
    mavlink.MAVLINK_MSG_ID_ORBIT_EXECUTION_STATUS: 2.0,
    mavlink.MAVLINK_MSG_ID_ALTITUDE: 1.0,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 1.0,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 1.0,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: 1.0,
    mavlink.MAVLINK_MSG_ID_SCALED_PRESSURE: 1.0,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_LOCATION: 1.0,
    mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_SYSTEM: 1.0,
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS: 1.0,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS: 0.5,
    dialect.LINK_NODE_STATUS.number: 1.0,
    dialect.TIME_ESTIMATE_TO_TARGET.number: 0.5,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: 0.5,
    mavlink.MAVLINK_MSG_ID_CURRENT_MODE: 0.5,
    mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR: 0.5,
    mavlink.MAVLINK_MSG_ID_ESTIMATOR_STATUS: 0.5,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: 0.5,
    mavlink.MAVLINK_MSG_ID_PING: 0.1,
    mavlink.MAVLINK_MSG_ID_VIBRATION: 0.1,
}

_DISPLAY_HZ: dict[int, float] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    mavlink.MAVLINK_MSG_ID_HIL_ACTUATOR_CONTROLS: 125.0,
    mavlink.MAVLINK_MSG_ID_HIL_STATE_QUATERNION: 25.0,
}

_GIMBAL_HZ: dict[int, float] = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    mavlink.MAVLINK_MSG_ID_AUTOPILOT_STATE_FOR_GIMBAL_DEVICE: 20.0,
}

_WITH_GIMBAL_HZ: dict[int, float] = {mavlink.MAVLINK_MSG_ID_MOUNT_ORIENTATION: 10.0}
"""Not even counted for what a link may send as long as there is no gimbal."""

RATES_HZ: dict[LinkName, dict[int, float]] = {
    LinkName.ONBOARD: _ONBOARD_HZ,
    LinkName.GCS: _GCS_HZ,
    LinkName.CAMERA: _ONBOARD_HZ,
    LinkName.GIMBAL: _GIMBAL_HZ,
    LinkName.DISPLAY: _DISPLAY_HZ,
}


def rates_hz(link: LinkName, *, gimbal: bool) -> dict[int, float]:
    """What a link sends regularly, and how often."""
    told = gimbal and link in (LinkName.ONBOARD, LinkName.GCS, LinkName.CAMERA)
    return RATES_HZ[link] | (_WITH_GIMBAL_HZ if told else {})
