"""Commands the autopilot sends on all its links, and again until somebody acknowledges (mavlink_command_sender.cpp)."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.payload import errands
from sitl.autopilot.payload.orders import Order
from sitl.autopilot.protocol.links import LinkName, Peer

AGAIN_S = 0.51  # half a second, looked at in PX4's rhythm
REPEATS = 3
MAX_OPEN = 3  # the oldest is dropped
Sent = tuple[LinkName, mavlink.MAVLink_message]


@dataclass
class _Open:
    """A command that is repeated: how often it was on each link, and when a round of repetitions began."""

    order: Order
    since_s: float
    repeats: dict[LinkName, int] = field(default_factory=lambda: dict.fromkeys(LinkName, 0))
    acknowledged: bool = False


class Errands:
    """`due` hands out what is to be sent now."""

    def __init__(self, system: int) -> None:
        self._system = system
        self._open: deque[_Open] = deque(maxlen=MAX_OPEN)

    def begin(self, orders: Sequence[Order], now_s: float) -> list[Sent]:
        """Send orders given at the same time. Only the first of them is repeated: PX4 knows them by their time."""
        if orders:
            self._open.append(_Open(orders[0], now_s))
        return [(link, self._message(order, 0)) for order in orders for link in LinkName]

    def due(self, now_s: float) -> list[Sent]:
        """What is to be repeated now."""
        sent: list[Sent] = []
        for one in list(self._open):
            if now_s - one.since_s > AGAIN_S:
                sent += self._again(one, now_s)
        return sent

    def _again(self, one: _Open, now_s: float) -> Iterable[Sent]:
        """A round begins on one link; the others follow when the time is up once more."""
        least, most = min(one.repeats.values()), max(one.repeats.values())
        if one.acknowledged or least == REPEATS:
            self._open.remove(one)
            return
        if least == most:
            turn: tuple[LinkName, ...] = (LinkName.GCS,)
            one.since_s = now_s
        else:
            turn = tuple(link for link, repeats in one.repeats.items() if repeats < most)
        for link in turn:
            one.repeats[link] += 1
            yield link, self._message(one.order, one.repeats[link])

    def acknowledged(self, number: int, sender: Peer) -> None:
        """Somebody answered a command."""
        for one in self._open:
            wanted = errands.component(one.order)
            if one.order.number == number and sender.system == self._system and wanted in (0, sender.component):
                one.acknowledged = True
                return

    def _message(self, order: Order, confirmation: int) -> mavlink.MAVLink_message:
        params = (math.nan if value is None else value for value in order.params)
        target = errands.component(order)
        return mavlink.MAVLink_command_long_message(self._system, target, order.number, confirmation, *params)
