"""Commands that PX4 answers, or leaves to other parts of the system, without anything to be seen from outside."""

from __future__ import annotations

from collections.abc import Mapping

from pymavlink.dialects.v20 import development as mavlink

_ACCEPTED, _REJECTED, _CANCELLED = mavlink.MAV_RESULT_ACCEPTED, mavlink.MAV_RESULT_TEMPORARILY_REJECTED, 6
_IN_PROGRESS = mavlink.MAV_RESULT_IN_PROGRESS

ANSWERED: Mapping[int, int] = {
    mavlink.MAV_CMD_NAV_ROI: _ACCEPTED,
    mavlink.MAV_CMD_DO_GO_AROUND: _ACCEPTED,
    mavlink.MAV_CMD_DO_LAND_START: _CANCELLED,
    mavlink.MAV_CMD_DO_SET_ACTUATOR: _ACCEPTED,
    mavlink.MAV_CMD_DO_AUTOTUNE_ENABLE: _IN_PROGRESS,
    mavlink.MAV_CMD_RUN_PREARM_CHECKS: _ACCEPTED,
    mavlink.MAV_CMD_LOGGING_STOP: _ACCEPTED,
    mavlink.MAV_CMD_EXTERNAL_POSITION_ESTIMATE: _REJECTED,
}
"""The MAV_RESULT of commands that do nothing here."""

SILENT = frozenset(
    {
        *range(3),  # PX4's own, for whoever extends it
        mavlink.MAV_CMD_NAV_DELAY,
        mavlink.MAV_CMD_DO_DIGICAM_CONTROL,
        mavlink.MAV_CMD_DO_MOUNT_CONFIGURE,
        mavlink.MAV_CMD_DO_MOUNT_CONTROL,
        mavlink.MAV_CMD_DO_SET_CAM_TRIGG_DIST,
        mavlink.MAV_CMD_DO_SET_CAM_TRIGG_INTERVAL,
        mavlink.MAV_CMD_DO_MOUNT_CONTROL_QUAT,
        mavlink.MAV_CMD_PREFLIGHT_SET_SENSOR_OFFSETS,
        mavlink.MAV_CMD_PREFLIGHT_UAVCAN,
        mavlink.MAV_CMD_OBLIQUE_SURVEY,
        mavlink.MAV_CMD_CONFIGURE_ACTUATOR,
        mavlink.MAV_CMD_START_RX_PAIR,
        mavlink.MAV_CMD_REQUEST_CAMERA_INFORMATION,
        mavlink.MAV_CMD_SET_CAMERA_MODE,
        mavlink.MAV_CMD_SET_CAMERA_ZOOM,
        mavlink.MAV_CMD_SET_CAMERA_FOCUS,
        mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW,
        mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE,
        mavlink.MAV_CMD_DO_TRIGGER_CONTROL,
        mavlink.MAV_CMD_DO_VTOL_TRANSITION,
        mavlink.MAV_CMD_PAYLOAD_PREPARE_DEPLOY,
        mavlink.MAV_CMD_PAYLOAD_CONTROL_DEPLOY,
        mavlink.MAV_CMD_DO_WINCH,
    }
)
"""Commands that get no answer: PX4's commander leaves them to modules that a simulated quadrotor does not run."""
