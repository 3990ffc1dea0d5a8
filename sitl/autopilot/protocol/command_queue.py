"""Commands wait a few milliseconds, as PX4's commander makes them wait."""

from __future__ import annotations

import random
from collections import deque
from typing import NamedTuple

from sitl.autopilot.protocol.command import Command
from sitl.autopilot.protocol.links import Peer

FASTEST_S, SLOWEST_S = 0.003, 0.012  # so that acknowledgements take 2 to 20 ms
MAX_WAITING = 256


class _Waiting(NamedTuple):
    due_s: float
    command: Command


class CommandQueue:
    """In order; what comes when it is full is lost."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"latency {seed}")
        self._waiting: deque[_Waiting] = deque()

    def put(self, command: Command, sender: Peer, now_s: float) -> None:
        """A command came in."""
        if len(self._waiting) >= MAX_WAITING:
            return
        due_s = now_s + self._random.uniform(FASTEST_S, SLOWEST_S)
        if self._waiting:
            due_s = max(due_s, self._waiting[-1].due_s)
        self._waiting.append(_Waiting(due_s, command._replace(sender=sender)))

    def due(self, now_s: float) -> list[Command]:
        """Those whose time has come."""
        ready: list[Command] = []
        while self._waiting and self._waiting[0].due_s <= now_s:
            ready.append(self._waiting.popleft().command)
        return ready
