"""A command, whichever message brought it."""

from __future__ import annotations

import math
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.plans.item import FRAME_MISSION, Item
from sitl.autopilot.protocol.links import Peer
from sitl.autopilot.protocol.manoeuvres import Goto

INT32_MAX = 2147483647
NAN_AS_INT32 = 0x7FF80000
MAX_ALTITUDE_M = 1e5


class Command(NamedTuple):
    """A command with its seven parameters; None is NaN. Latitude and longitude are degrees in both message forms."""

    number: int
    params: tuple[float | None, ...]
    sender: Peer | None = None  # nobody: a mission item

    def value(self, place: int, default: float = 0.0) -> float:
        """Parameter 1..7, the default for NaN."""
        value = self.params[place - 1]
        return default if value is None else value

    @property
    def goto(self) -> Goto:
        """Parameters 5 to 7 as a position."""
        return Goto(*self.params[4:7])

    @property
    def place_ok(self) -> bool:
        """Whether parameters 5 to 7, where given, can be a place on Earth."""
        limits = (90.0, 180.0, MAX_ALTITUDE_M)
        return all(value is None or abs(value) <= most for value, most in zip(self.params[4:7], limits, strict=True))


def from_long(message: mavlink.MAVLink_command_long_message) -> Command | None:
    """A COMMAND_LONG; None if it holds INT32_MAX where latitude and longitude go, which PX4 denies."""
    values = [getattr(message, f"param{place}") for place in range(1, 8)]
    if all(math.isfinite(v) and abs(v - INT32_MAX) <= 256.0 for v in values[4:6]):  # as near as float32 goes
        return None
    return Command(message.command, tuple(_finite(v) for v in values))


def from_int(message: mavlink.MAVLink_command_int_message) -> Command | None:
    """A COMMAND_INT: the frame is ignored, x and y are degrees times 1e7 or both INT32_MAX for NaN, z is AMSL, as in PX4.

    None if x and y are a NaN's bits, which PX4 denies.
    """
    if message.x == message.y == NAN_AS_INT32:
        return None
    first = [_finite(getattr(message, f"param{place}")) for place in range(1, 5)]
    left_out = message.x == message.y == INT32_MAX
    place = [None if left_out else v / 1e7 for v in (message.x, message.y)]
    return Command(message.command, (*first, *place, _finite(message.z)))


def from_item(item: Item, home_amsl_m: float) -> Command:
    """A mission item that is no place to fly to, done as a command."""
    place: tuple[float, float, float] = (float(item.x), float(item.y), item.z)
    if item.frame != FRAME_MISSION:
        place = (item.latitude_deg, item.longitude_deg, item.altitude_amsl_m(home_amsl_m))
    return Command(item.command, tuple(_finite(value) for value in (*item.params, *place)))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def from_set_mode(message: mavlink.MAVLink_set_mode_message) -> Command:
    """SET_MODE, as the command it stands for."""
    main, sub = float(message.custom_mode >> 16 & 0xFF), float(message.custom_mode >> 24 & 0xFF)
    return Command(mavlink.MAV_CMD_DO_SET_MODE, (float(message.base_mode), main, sub, 0.0, 0.0, 0.0, 0.0))
