"""Commands that PX4's navigator gives itself, gimbals and cameras, and tells everybody on every link (COMMAND_LONG)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.payload.orders import CONFIGURE, MOUNT_CONTROL, PITCH_YAW, Order

AGAIN_AFTER_S = (1.01, 1.51, 2.02)  # of MavlinkCommandSender, whose links wait for each other
CAMERA: int = mavlink.MAV_COMP_ID_CAMERA
NEUTRAL_FLAG = 2.0
MOST_WAITING = 32
_NAN = math.nan
_SINGLE_PICTURE = 1
_START, _STOP = mavlink.MAV_CMD_IMAGE_START_CAPTURE, mavlink.MAV_CMD_IMAGE_STOP_CAPTURE
_CAMERA_CHOSEN = {_START, _STOP, mavlink.MAV_CMD_SET_CAMERA_MODE, mavlink.MAV_CMD_SET_CAMERA_SOURCE}
_ANY_CAMERA = {mavlink.MAV_CMD_VIDEO_START_CAPTURE, mavlink.MAV_CMD_VIDEO_STOP_CAPTURE}


_AHEAD = Order(PITCH_YAW, (_NAN, _NAN, _NAN, _NAN, NEUTRAL_FLAG, 0.0, 0.0))
_RELEASE = Order(CONFIGURE, (-3.0, -3.0, -1.0, -1.0, 0.0, 0.0, 0.0))
_NO_TRIGGER = Order(mavlink.MAV_CMD_DO_TRIGGER_CONTROL, (-1.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0))


def landing(system: int) -> list[Order]:
    """A landing or a return begins: the gimbal is taken into control, put ahead, and let go of."""
    return [control(system), _AHEAD, _RELEASE]


def mission_left() -> list[Order]:
    """A mission ended or is left: no more pictures, the gimbal ahead."""
    return [_NO_TRIGGER, _AHEAD, _RELEASE]


def control(system: int) -> Order:
    """The gimbal in our control."""
    return Order(CONFIGURE, (float(system), 1.0, -1.0, -1.0, 0.0, 0.0, 0.0))


def of_item(order: Order, system: int) -> list[Order]:
    """What is told of a mission's item that is done as a command."""
    if order.number == _START and int(order.value(3)) == _SINGLE_PICTURE:
        return [Order(mavlink.MAV_CMD_DO_DIGICAM_CONTROL, (0.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0))]
    return [control(system), order] if order.number == MOUNT_CONTROL else [order]


def component(order: Order) -> int:
    """Who is meant: a camera, or everybody."""
    if order.number in _CAMERA_CHOSEN:
        chosen = int(order.value(1))
        return chosen if 0 < chosen < 256 else CAMERA
    return CAMERA if order.number in _ANY_CAMERA or order.number == mavlink.MAV_CMD_DO_DIGICAM_CONTROL else 0


@dataclass
class _Waiting:
    order: Order
    since_s: float
    again: int = 0


class Announcer:
    """Tells each order at once, and the first of each batch three times more unless somebody acknowledges it."""

    def __init__(self, system: int) -> None:
        self._system = system
        self._waiting: list[_Waiting] = []

    def due(self, batches: Sequence[Sequence[Order]], now_s: float) -> list[mavlink.MAVLink_message]:
        """What is told now: batches, each given in one moment, and what is told again."""
        told = [self._message(order, 0) for batch in batches for order in batch]
        self._waiting += [_Waiting(batch[0], now_s) for batch in batches][: MOST_WAITING - len(self._waiting)]
        for waiting in self._waiting:
            if now_s >= waiting.since_s + AGAIN_AFTER_S[waiting.again]:
                waiting.again += 1
                told.append(self._message(waiting.order, waiting.again))
        self._waiting = [waiting for waiting in self._waiting if waiting.again < len(AGAIN_AFTER_S)]
        return told

    def acknowledged(self, number: int) -> None:
        """Somebody did what was told."""
        self._waiting = [waiting for waiting in self._waiting if waiting.order.number != number]

    def _message(self, order: Order, again: int) -> mavlink.MAVLink_message:
        params = [_NAN if value is None else value for value in order.params]
        return mavlink.MAVLink_command_long_message(self._system, component(order), order.number, again, *params)
