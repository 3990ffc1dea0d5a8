"""One item of a plan: what PX4 takes in, what it gives back, and the checksum it names a plan by (mavlink_mission.cpp)."""

from __future__ import annotations

import math
import struct
import zlib
from enum import IntEnum
from typing import NamedTuple, TypeAlias

from pymavlink.dialects.v20 import development as mavlink

Message: TypeAlias = mavlink.MAVLink_mission_item_int_message | mavlink.MAVLink_mission_item_message


class Kind(IntEnum):
    """MAV_MISSION_TYPE of the three plans."""

    MISSION = mavlink.MAV_MISSION_TYPE_MISSION
    FENCE = mavlink.MAV_MISSION_TYPE_FENCE
    RALLY = mavlink.MAV_MISSION_TYPE_RALLY


MAX_ITEMS = {Kind.MISSION: 10000, Kind.FENCE: 64, Kind.RALLY: 32}
"""What a simulated PX4 stores of each."""

_GLOBAL, _RELATIVE, _GLOBAL_INT, _RELATIVE_INT = 0, 3, 5, 6
FRAME_MISSION: int = mavlink.MAV_FRAME_MISSION
_INT_FRAMES = frozenset({_GLOBAL_INT, _RELATIVE_INT})

TAKEOFF: int = mavlink.MAV_CMD_NAV_TAKEOFF
WAYPOINT: int = mavlink.MAV_CMD_NAV_WAYPOINT
LAND: int = mavlink.MAV_CMD_NAV_LAND
LOITER_UNLIMITED: int = mavlink.MAV_CMD_NAV_LOITER_UNLIM
LOITER_TIME: int = mavlink.MAV_CMD_NAV_LOITER_TIME
LOITER_TO_ALTITUDE: int = mavlink.MAV_CMD_NAV_LOITER_TO_ALT
GATE: int = mavlink.MAV_CMD_CONDITION_GATE
DELAY: int = mavlink.MAV_CMD_NAV_DELAY
JUMP: int = mavlink.MAV_CMD_DO_JUMP
LAND_START: int = mavlink.MAV_CMD_DO_LAND_START
RETURN: int = mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH
VTOL_TAKEOFF: int = mavlink.MAV_CMD_NAV_VTOL_TAKEOFF
VTOL_LAND: int = mavlink.MAV_CMD_NAV_VTOL_LAND
CHANGE_SPEED: int = mavlink.MAV_CMD_DO_CHANGE_SPEED
GRIPPER: int = mavlink.MAV_CMD_DO_GRIPPER
WINCH: int = mavlink.MAV_CMD_DO_WINCH
GIMBAL_CONFIGURE: int = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE
GIMBAL_PITCH_YAW: int = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW
ROI_LOCATION: int = mavlink.MAV_CMD_DO_SET_ROI_LOCATION
POLYGON_INSIDE: int = mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION
POLYGON_OUTSIDE: int = mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION
CIRCLE_INSIDE: int = mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION
CIRCLE_OUTSIDE: int = mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION
FENCE_RETURN: int = mavlink.MAV_CMD_NAV_FENCE_RETURN_POINT
RALLY_POINT: int = mavlink.MAV_CMD_NAV_RALLY_POINT

POLYGONS = frozenset({POLYGON_INSIDE, POLYGON_OUTSIDE})
CIRCLES = frozenset({CIRCLE_INSIDE, CIRCLE_OUTSIDE})
FENCES = POLYGONS | CIRCLES
_ROIS = frozenset({mavlink.MAV_CMD_NAV_ROI, mavlink.MAV_CMD_DO_SET_ROI})

POSITIONS = frozenset(
    {WAYPOINT, LOITER_UNLIMITED, LOITER_TIME, LAND, TAKEOFF, LOITER_TO_ALTITUDE, VTOL_TAKEOFF, VTOL_LAND},
)
"""Commands of items that are flown to."""

_PLACED = POSITIONS | FENCES | _ROIS | {ROI_LOCATION, GATE, FENCE_RETURN, RALLY_POINT}  # what may come with a global frame

_UNPLACED = _ROIS | frozenset(
    {
        JUMP,
        mavlink.MAV_CMD_DO_WINCH,
        mavlink.MAV_CMD_DO_GRIPPER,
        mavlink.MAV_CMD_DO_CHANGE_SPEED,
        mavlink.MAV_CMD_DO_SET_HOME,
        LAND_START,
        mavlink.MAV_CMD_DO_TRIGGER_CONTROL,
        mavlink.MAV_CMD_DO_DIGICAM_CONTROL,
        mavlink.MAV_CMD_DO_MOUNT_CONFIGURE,
        mavlink.MAV_CMD_DO_MOUNT_CONTROL,
        mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW,
        mavlink.MAV_CMD_SET_CAMERA_FOCUS,
        mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE,
        mavlink.MAV_CMD_IMAGE_START_CAPTURE,
        mavlink.MAV_CMD_IMAGE_STOP_CAPTURE,
        mavlink.MAV_CMD_VIDEO_START_CAPTURE,
        mavlink.MAV_CMD_VIDEO_STOP_CAPTURE,
        mavlink.MAV_CMD_DO_CONTROL_VIDEO,
        mavlink.MAV_CMD_DO_SET_CAM_TRIGG_DIST,
        mavlink.MAV_CMD_OBLIQUE_SURVEY,
        mavlink.MAV_CMD_DO_SET_CAM_TRIGG_INTERVAL,
        mavlink.MAV_CMD_SET_CAMERA_MODE,
        mavlink.MAV_CMD_SET_CAMERA_SOURCE,
        mavlink.MAV_CMD_DO_VTOL_TRANSITION,
        DELAY,
        RETURN,
        mavlink.MAV_CMD_DO_SET_ROI_WPNEXT_OFFSET,
        mavlink.MAV_CMD_DO_SET_ROI_NONE,
        mavlink.MAV_CMD_CONDITION_DELAY,
        mavlink.MAV_CMD_CONDITION_DISTANCE,
        mavlink.MAV_CMD_DO_SET_ACTUATOR,
    },
)  # what may come with MAV_FRAME_MISSION
_PLACED_ROI_MODES: tuple[int, ...] = (0, 3)
_UNPLACED_ROI_MODES: tuple[int, ...] = (0, 1, 2)


class Item(NamedTuple):
    """As it was sent: x and y are degrees times 1e7 (with MAV_FRAME_MISSION parameters 5 and 6), z metres or parameter 7."""

    frame: int
    command: int
    autocontinue: bool
    params: tuple[float, float, float, float]
    x: int
    y: int
    z: float

    @property
    def relative(self) -> bool:
        """Whether z counts from home."""
        return self.frame in (_RELATIVE, _RELATIVE_INT)

    @property
    def is_position(self) -> bool:
        """Whether it is flown to."""
        return self.command in POSITIONS

    @property
    def latitude_deg(self) -> float:
        return self.x / 1e7

    @property
    def longitude_deg(self) -> float:
        return self.y / 1e7

    def altitude_amsl_m(self, home_amsl_m: float) -> float:
        """Where it is, over sea level."""
        return self.z + home_amsl_m if self.relative else self.z


def refusal(message: Message) -> int:
    """The MAV_MISSION_RESULT PX4 answers an item with that it cannot store, MAV_MISSION_ACCEPTED for one it can."""
    exact = isinstance(message, mavlink.MAVLink_mission_item_int_message)
    frame, command = message.frame, message.command
    if frame in (_GLOBAL, _RELATIVE) or (exact and frame in _INT_FRAMES):
        known, modes = _PLACED, _PLACED_ROI_MODES
    elif frame == FRAME_MISSION:
        known, modes = _UNPLACED, _UNPLACED_ROI_MODES
    else:
        return int(mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
    if command not in known:
        return int(mavlink.MAV_MISSION_UNSUPPORTED)
    if command in _ROIS and _whole(message.param1, -1, 255) not in modes:
        return int(mavlink.MAV_MISSION_INVALID_PARAM1)
    return int(mavlink.MAV_MISSION_ACCEPTED)


def from_message(message: Message) -> Item:
    """An item that was not refused."""
    params = (message.param1, message.param2, message.param3, message.param4)
    scale = 1.0
    if isinstance(message, mavlink.MAVLink_mission_item_message) and message.frame != FRAME_MISSION:
        scale = 1e7
    command = mavlink.MAV_CMD_DO_SET_ROI if message.command in _ROIS else message.command
    x, y = (_whole(value * scale, -(2**31), 2**31 - 1) for value in (message.x, message.y))
    return Item(message.frame, command, bool(message.autocontinue & 1), params, x, y, message.z)


def checksum(message: Message, before: int) -> int:
    """The CRC-32 over the items so far (start with 0); zlib's without its inversions."""
    place = "ii" if isinstance(message, mavlink.MAVLink_mission_item_int_message) else "ff"
    values = (message.param1, message.param2, message.param3, message.param4, message.x, message.y, message.z)
    data = struct.pack(f"<BHB4f{place}f", message.frame, message.command, message.autocontinue, *values)
    return zlib.crc32(data, before ^ 0xFFFFFFFF) ^ 0xFFFFFFFF


class Told(NamedTuple):
    """The fields an item is given back with; x and y as in an Item."""

    frame: int
    command: int
    autocontinue: int
    params: tuple[float, float, float, float]
    x: int
    y: int
    z: float


def told(item: Item, kind: int, *, exact: bool) -> Told:
    """What PX4 gives back of an item: not all it was sent. `exact`: in a MISSION_ITEM_INT, whose frames are others."""
    if item.frame == FRAME_MISSION:
        params = item.params
        if item.command == JUMP:
            params = (float(jump_target(item)), float(jump_repeats(item)), *params[2:])
        return Told(FRAME_MISSION, item.command, int(item.autocontinue), params, _kept(item.x), _kept(item.y), item.z)
    relative = item.relative and kind != Kind.FENCE
    frame = (_RELATIVE_INT if exact else _RELATIVE) if relative else (_GLOBAL_INT if exact else _GLOBAL)
    autocontinue = 0 if kind == Kind.FENCE else int(item.autocontinue)
    return Told(frame, item.command, autocontinue, _told_params(item), item.x, item.y, item.z)


def _told_params(item: Item) -> tuple[float, float, float, float]:
    first, second, third, fourth = item.params
    heading = math.degrees(yaw_rad(fourth))
    if item.command in POLYGONS:
        return (float(vertices(item)), 0.0, 0.0, 0.0)
    if item.command in CIRCLES:
        return (first, 0.0, 0.0, 0.0)
    if item.command == WAYPOINT:
        return (first, second, 0.0, heading)
    if item.command == LOITER_UNLIMITED:
        return (0.0, 0.0, third, heading)
    if item.command == LOITER_TIME:
        return (first, float(second > 0.0), third, float(fourth > 0.0))
    if item.command == LOITER_TO_ALTITUDE:
        return (float(first > 0.0), second, 0.0, float(fourth > 0.0))
    if item.command == LAND:
        return (0.0, float(land_precision(item)), 0.0, heading)
    return (0.0, 0.0, 0.0, heading) if item.command in (TAKEOFF, VTOL_TAKEOFF, VTOL_LAND) else (0.0, 0.0, 0.0, 0.0)


def yaw_rad(degrees: float) -> float:
    """A heading in radians, 0 to 2 pi; NaN if none is asked for."""
    return math.radians(degrees) % math.tau if math.isfinite(degrees) else math.nan


def vertices(item: Item) -> int:
    """How many vertices the polygon of a fence item has."""
    return _whole(item.params[0] + 0.5, 0, 65535)


def jump_target(item: Item) -> int:
    """Where a DO_JUMP goes."""
    return _whole(item.params[0], -32768, 32767)


def jump_repeats(item: Item) -> int:
    """How often a DO_JUMP is done."""
    return _whole(item.params[1], 0, 65535)


def land_precision(item: Item) -> int:
    """Of a landing: 0 none, 1 opportunistic, 2 required."""
    return _whole(item.params[1], 0, 65535)


def _whole(value: float, low: int, high: int) -> int:
    """Cut to a whole number in [low, high]; 0 for NaN."""
    return 0 if math.isnan(value) else int(min(max(value, low), high))


def _kept(value: int) -> int:
    """Parameter 5 or 6 after PX4 kept it as a float32; one that no longer fits comes back as the least number, as on x86."""
    kept = round(struct.unpack("<f", struct.pack("<f", float(value)))[0])
    return kept if kept < 2**31 else -(2**31)
