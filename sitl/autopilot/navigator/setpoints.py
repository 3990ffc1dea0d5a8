"""Offboard control: what a companion asks for with SET_POSITION_TARGET_* and SET_ATTITUDE_TARGET, and whether it still does.

Every such message that asks for something is a sign of life. Only while the vehicle is in OFFBOARD is its content used.
"""

from __future__ import annotations

import math
import struct
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.vector import Vector
from wire.geo import Quaternion, euler_from_quaternion, quaternion_from_euler, rotate

Axes = tuple[float | None, float | None, float | None]
"""North, east, down; None is not asked for."""

CHECK_S = 0.1  # PX4 looks at the signal 10 times a second
FREE: Axes = (None, None, None)
LARGEST = 1e6  # a number beyond is not used; PX4 does not check
_POSITION_BITS, _VELOCITY_BITS, _ACCELERATION_BITS = (1, 2, 4), (8, 16, 32), (64, 128, 256)
_FORCE: int = mavlink.POSITION_TARGET_TYPEMASK_FORCE_SET
_NO_YAW: int = mavlink.POSITION_TARGET_TYPEMASK_YAW_IGNORE
_NO_YAW_RATE: int = mavlink.POSITION_TARGET_TYPEMASK_YAW_RATE_IGNORE
_NO_ATTITUDE: int = mavlink.ATTITUDE_TARGET_TYPEMASK_ATTITUDE_IGNORE
_NO_THROTTLE: int = mavlink.ATTITUDE_TARGET_TYPEMASK_THROTTLE_IGNORE
_THRUST_VECTOR = 32  # ATTITUDE_TARGET_TYPEMASK_THRUST_BODY_SET
_THRUST_DOWN_AT = 47  # in the payload
_NO_RATE = (1, 2, 4)


class Course(NamedTuple):
    """Position (m), velocity (m/s) and acceleration (m/s²) in the local frame; heading and its rate in radians."""

    position_m: Axes = FREE
    velocity_m_s: Axes = FREE
    acceleration_m_s2: Axes = FREE
    yaw_rad: float | None = None
    yaw_rate_rad_s: float | None = None

    @property
    def empty(self) -> bool:
        """Whether it asks for nothing that could be flown."""
        return {*self.position_m, *self.velocity_m_s, *self.acceleration_m_s2} == {None}

    @property
    def flyable(self) -> bool:
        """Whether each axis is asked for in some way, north and east in the same: else PX4 stops and waits."""
        kinds = (self.position_m, self.velocity_m_s, self.acceleration_m_s2)
        paired = all((kind[0] is None) == (kind[1] is None) for kind in kinds)
        return paired and all(any(kind[axis] is not None for kind in kinds) for axis in range(3))


class Attitude(NamedTuple):
    """An attitude, thrust (0..1 of the maximum), and how fast the heading is meant to turn (rad/s)."""

    quaternion: Quaternion
    thrust: float
    yaw_rate_rad_s: float


class Rates(NamedTuple):
    """Body rates (rad/s, forward, right, down; None leaves the yaw rate as it is) and thrust (0..1 of the maximum)."""

    rates_rad_s: tuple[float, float, float | None]
    thrust: float


Wish = Course | Attitude | Rates


class Offboard:
    """Keeps the last wish. `available` tells whether PX4 would fly, or go on flying, in OFFBOARD.

    `holds_attitude`: the last message, if any came, left holding an attitude to the autopilot; `flies_course`: it was about
    positions, speeds or accelerations.
    """

    def __init__(self) -> None:
        self.wish: Wish | None = None
        self.wished_at_s = -math.inf
        self.available = False
        self.holds_attitude = self.flies_course = False
        self._heard_s = -math.inf
        self._uses_position = False
        self._next_check_s = 0.0

    @property
    def heard(self) -> bool:
        """Whether any message ever came: before, OFFBOARD controls nothing."""
        return self._heard_s > -math.inf

    def hear(self, wish: Wish, now_s: float, *, flying: bool) -> None:
        """A message came in; `flying` in OFFBOARD."""
        self._heard_s = now_s
        self.holds_attitude = not isinstance(wish, Rates)
        self.flies_course = isinstance(wish, Course)
        self._uses_position = isinstance(wish, Course) and {*wish.position_m, *wish.velocity_m_s} != {None}
        if flying:
            self.wish, self.wished_at_s = wish, now_s
        if not self.available:
            self._next_check_s = now_s  # PX4 looks at once, so that OFFBOARD can be chosen right after a first message

    def forget(self) -> None:
        """OFFBOARD begins: what was wished for in an earlier one does not count."""
        self.wish = None

    def check(self, now_s: float, timeout_s: float, *, position_valid: bool) -> None:
        """Look at the signal, CHECK_S after the last look."""
        if now_s < self._next_check_s:
            return
        self._next_check_s = now_s + CHECK_S
        recent = now_s - self._heard_s < timeout_s
        self.available = recent and (position_valid or not self._uses_position)


def from_local(message: mavlink.MAVLink_set_position_target_local_ned_message, attitude: Quaternion) -> Course | None:
    """SET_POSITION_TARGET_LOCAL_NED in the local frame, or in the body's with its heading; None for another frame."""
    mask = message.type_mask
    velocity = _axes((message.vx, message.vy, message.vz), mask, _VELOCITY_BITS)
    acceleration = _axes((message.afx, message.afy, message.afz), mask, _ACCELERATION_BITS)
    if message.coordinate_frame == mavlink.MAV_FRAME_LOCAL_NED:
        position = _axes((message.x, message.y, message.z), mask, _POSITION_BITS)
        return Course(position, velocity, acceleration, *_yaw(message))
    if message.coordinate_frame != mavlink.MAV_FRAME_BODY_NED:
        return None
    heading = quaternion_from_euler(0.0, 0.0, euler_from_quaternion(attitude)[2])
    level, (*_, down) = (*velocity[:2], 0.0), velocity
    north, east, _ = _turned(level, heading)
    velocity = FREE if mask & sum(_VELOCITY_BITS) else (north, east, down)
    return Course(FREE, velocity, _turned(acceleration, attitude), *_yaw(message))


def from_global(message: mavlink.MAVLink_set_position_target_global_int_message, point_m: Vector | None) -> Course:
    """SET_POSITION_TARGET_GLOBAL_INT, its place already brought into the local frame (None: it has none)."""
    mask = message.type_mask
    velocity = _axes((message.vx, message.vy, message.vz), mask, _VELOCITY_BITS)
    acceleration = _axes((message.afx, message.afy, message.afz), mask, _ACCELERATION_BITS)
    position: Axes = FREE if point_m is None else (point_m.north, point_m.east, point_m.down)
    return Course(position, velocity, acceleration, *_yaw(message))


def places(type_mask: int) -> bool:
    """Whether a SET_POSITION_TARGET_GLOBAL_INT has a place: all three of it, or none."""
    return not type_mask & sum(_POSITION_BITS)


def wants_force(wish: Course, type_mask: int) -> bool:
    """Whether it asks for a force, which PX4 does not do."""
    return {*wish.acceleration_m_s2} != {None} and bool(type_mask & _FORCE)


def from_attitude(message: mavlink.MAVLink_set_attitude_target_message) -> Attitude | Rates | None:
    """SET_ATTITUDE_TARGET; None if it asks for nothing. An attitude goes before rates."""
    mask = message.type_mask
    rates = [_number(rate) or 0.0 for rate in (message.body_roll_rate, message.body_pitch_rate, message.body_yaw_rate)]
    thrust = 0.0 if mask & _NO_THROTTLE else _number(message.thrust) or 0.0
    if not mask & _NO_ATTITUDE:
        norm = math.sqrt(sum(part * part for part in message.q))
        if not 1e-3 < norm < LARGEST:
            return None
        if mask & _THRUST_VECTOR:
            thrust = _lift(bytes(message.get_msgbuf()))
        w, x, y, z = (part / norm for part in message.q)
        return Attitude((w, x, y, z), thrust, 0.0 if mask & _NO_RATE[2] else rates[2])
    if mask & (_NO_RATE[0] | _NO_RATE[1]):
        return None
    return Rates((rates[0], rates[1], None if mask & _NO_RATE[2] else rates[2]), thrust)


def _lift(packet: bytes) -> float:
    """The upward part of thrust_body, a field that pymavlink's definitions of SET_ATTITUDE_TARGET leave out."""
    start = 10 if packet[0] == mavlink.PROTOCOL_MARKER_V2 else 6
    payload = packet[start : start + packet[1]]
    (down,) = struct.unpack_from("<f", payload.ljust(_THRUST_DOWN_AT + 4, b"\0"), _THRUST_DOWN_AT)
    return -(_number(down) or 0.0)


def _axes(values: tuple[float, float, float], mask: int, bits: tuple[int, int, int]) -> Axes:
    north, east, down = (None if mask & bit else _number(value) for value, bit in zip(values, bits, strict=True))
    return north, east, down


def _turned(body: Axes, rotation: Quaternion) -> Axes:
    """Out of the body's frame; nothing if an axis is missing."""
    forward, right, down = body
    if forward is None or right is None or down is None:
        return FREE
    north, east, below = rotate(rotation, forward, right, down)
    return north, east, below


def _yaw(message: mavlink.MAVLink_message) -> tuple[float | None, float | None]:
    mask = message.type_mask
    yaw = None if mask & _NO_YAW else _number(message.yaw)
    return yaw, None if mask & _NO_YAW_RATE else _number(message.yaw_rate)


def _number(value: float) -> float | None:
    return float(value) if math.isfinite(value) and abs(value) < LARGEST else None
