"""From requests to MAVLink messages: how PX4 v1.16 wants to be asked.

Unused coordinates are NaN, never 0 (PX4 would fly to 0/0). COMMAND_INT's frame is ignored by PX4 and altitudes are always
AMSL, so the frame sent is the global one. Precise coordinates go by COMMAND_INT (1e-7 deg); NaN ones need COMMAND_LONG.
"""

from __future__ import annotations

import math
from typing import Any

from pymavlink.dialects.v20 import development as mavlink

from missions import requests as ask
from wire.geo import Position

AUTOPILOT_COMPONENT = mavlink.MAV_COMP_ID_AUTOPILOT1
_NAN = math.nan
_CUSTOM_MODE = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
_PX4_MAIN_AUTO, _PX4_SUB_LOITER, _PX4_SUB_PRECLAND = 4, 3, 9  # px4_custom_mode.h
_REPOSITION_NOW = mavlink.MAV_DO_REPOSITION_FLAGS_CHANGE_MODE  # PX4 supports exactly this value


def messages(request: ask.Request, system: int) -> list[Any]:  # noqa: C901, PLR0912 (one line for each request)
    """The messages that ask autopilot `system` for `request`. Raises TypeError for a request that has no translation."""
    match request:
        case ask.ReadParameters(names):
            return [mavlink.MAVLink_param_request_read_message(system, AUTOPILOT_COMPONENT, n.encode(), -1) for n in names]
        case ask.ClearMission():
            kind = mavlink.MAV_MISSION_TYPE_MISSION
            return [mavlink.MAVLink_mission_clear_all_message(system, AUTOPILOT_COMPONENT, kind)]
        case ask.SelectHold():
            return [_long(system, mavlink.MAV_CMD_DO_SET_MODE, _CUSTOM_MODE, _PX4_MAIN_AUTO, _PX4_SUB_LOITER)]
        case ask.Arm():
            return [_long(system, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)]
        case ask.Disarm():
            return [_long(system, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0)]
        case ask.Takeoff(altitude_m):
            return [_long(system, mavlink.MAV_CMD_NAV_TAKEOFF, _NAN, 0, 0, _NAN, _NAN, _NAN, altitude_m)]
        case ask.Hold():
            return [_long(system, mavlink.MAV_CMD_DO_REPOSITION, -1, _REPOSITION_NOW, 0, _NAN, _NAN, _NAN, _NAN)]
        case ask.Reposition(target, speed_m_s):
            return [_int(system, mavlink.MAV_CMD_DO_REPOSITION, (speed_m_s, _REPOSITION_NOW, 0, _NAN), target)]
        case ask.FlyOrbit(centre, radius_m, speed_m_s, yaw):
            return [_int(system, mavlink.MAV_CMD_DO_ORBIT, (radius_m, speed_m_s, yaw, 0), centre)]
        case ask.Land():
            return [_long(system, mavlink.MAV_CMD_NAV_LAND, 0, 0, 0, _NAN, _NAN, _NAN, _NAN)]
        case ask.LandPrecisely():
            return [_long(system, mavlink.MAV_CMD_DO_SET_MODE, _CUSTOM_MODE, _PX4_MAIN_AUTO, _PX4_SUB_PRECLAND)]
        case ask.LandingTarget():
            return [_landing_target(request)]
        case ask.ReturnHome():
            return [_long(system, mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)]
        case ask.SetHome(position):
            return [_int(system, mavlink.MAV_CMD_DO_SET_HOME, (0, 0, 0, _NAN), position)]
    raise TypeError(f"{type(request).__name__} has no MAVLink translation")


def interval(system: int, message_id: int, rate_hz: float) -> Any:  # noqa: ANN401 (pymavlink is untyped)
    """SET_MESSAGE_INTERVAL: `rate_hz` 0 stops the stream."""
    period_us = -1 if rate_hz <= 0 else 1e6 / rate_hz
    return _long(system, mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, message_id, period_us)


def _landing_target(request: ask.LandingTarget) -> Any:  # noqa: ANN401
    """LANDING_TARGET as PX4 takes it: an absolute position in the local frame. Other frames it refuses, angles it passes on."""
    return mavlink.MAVLink_landing_target_message(
        time_usec=round(request.seen_s * 1e6),
        target_num=0,
        frame=mavlink.MAV_FRAME_LOCAL_NED,
        angle_x=0.0,
        angle_y=0.0,
        distance=0.0,
        size_x=0.0,
        size_y=0.0,
        x=request.local_ned_m.north_m,
        y=request.local_ned_m.east_m,
        z=request.local_ned_m.down_m,
        q=[1.0, 0.0, 0.0, 0.0],
        type=mavlink.LANDING_TARGET_TYPE_VISION_FIDUCIAL,
        position_valid=1,
    )


def on_request(system: int, message_id: int) -> Any:  # noqa: ANN401
    """REQUEST_MESSAGE: one message of this kind, now."""
    return _long(system, mavlink.MAV_CMD_REQUEST_MESSAGE, message_id)


def _long(system: int, command: int, *parameters: float) -> Any:  # noqa: ANN401
    padded = (*parameters, *(0.0,) * (7 - len(parameters)))
    return mavlink.MAVLink_command_long_message(system, AUTOPILOT_COMPONENT, command, 0, *padded)


def _int(system: int, command: int, first: tuple[float, float, float, float], place: Position) -> Any:  # noqa: ANN401
    x, y = round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7)
    frame = mavlink.MAV_FRAME_GLOBAL
    return mavlink.MAVLink_command_int_message(
        system, AUTOPILOT_COMPONENT, frame, command, 0, 0, *first, x, y, place.altitude_amsl_m
    )
