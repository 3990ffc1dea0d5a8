"""A gripper without a sensor, as PX4's payload deliverer works it: what it was told is done when PD_GRIPPER_TO has passed."""

from __future__ import annotations

import math

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.payload.orders import (
    ACCEPTED,
    CANCELLED,
    DENIED,
    DO_GRIPPER,
    FAILED,
    IN_PROGRESS,
    PROGRESS_UNKNOWN,
    TEMPORARILY_REJECTED,
    Answer,
    Order,
)
from sitl.autopilot.protocol.links import Peer

RELEASE, GRAB = 0, 1
LOOK_S = 0.1
SERVO = 0


class Gripper:
    """Grabs at the start. `holds` is RELEASE or GRAB, what it was last told; `moving` until that counts as done.

    It is there once PD_GRIPPER_TYPE was a servo, and keeps the time-out it then had.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._timeout_s: float | None = None
        self._done_s = 0.0
        self._next_look_s = 0.0
        self._orderer: Peer | None = None
        self.holds: int | None = None
        self.moving = False

    def order(self, order: Order, now_s: float) -> list[Answer]:
        """DO_GRIPPER."""
        if self._timeout_s is None:
            return self._answer(order, order.sender, FAILED)
        return self._finish(now_s) + self._do(order, now_s)

    def _do(self, order: Order, now_s: float) -> list[Answer]:
        action = math.floor(order.value(2, -1.0) + 0.5)
        if self.moving and action == self.holds:
            return self._answer(order, order.sender, TEMPORARILY_REJECTED)
        answers = self._answer(order, self._orderer, CANCELLED) if self.moving else []
        if action not in (RELEASE, GRAB):
            return answers + self._answer(order, order.sender, DENIED)
        if action == self.holds:
            return answers + self._answer(order, order.sender, ACCEPTED)
        self._move(action, order.sender, now_s)
        return answers + self._answer(order, order.sender, IN_PROGRESS, PROGRESS_UNKNOWN)

    def update(self, now_s: float) -> list[Answer]:
        """Time passes."""
        if now_s < self._next_look_s:
            return []
        self._next_look_s = now_s + LOOK_S
        if self._timeout_s is None and self._parameters["PD_GRIPPER_TYPE"] == SERVO:
            self._timeout_s = self._parameters["PD_GRIPPER_TO"]
            self._move(GRAB, None, now_s)
        return self._finish(now_s)

    def _finish(self, now_s: float) -> list[Answer]:
        if not self.moving or now_s < self._done_s:
            return []
        self.moving = False
        return [] if self._orderer is None else [Answer(self._orderer, DO_GRIPPER, ACCEPTED)]

    def _move(self, action: int, orderer: Peer | None, now_s: float) -> None:
        self.holds, self.moving, self._orderer = action, True, orderer
        self._done_s = now_s + (self._timeout_s or 0.0)

    @staticmethod
    def _answer(order: Order, to: Peer | None, result: int, progress: int = 0) -> list[Answer]:
        return [] if to is None else [Answer(to, order.number, result, progress)]
