"""When a command is sent again: a burst, then steadily, until somebody drops it or it expires. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from wire.clock import next_due_s
from wire.messages import Command

BURST = 6
BURST_PERIOD_S = 0.01
PERIOD_S = 0.1
EXPIRY_S = 3.0
"""A command not obeyed this long after it was given is never obeyed."""


@dataclass
class _Going:
    command: Command
    sent: int
    next_s: float


class Uplink:
    def __init__(self) -> None:
        self._going: dict[str, _Going] = {}

    def add(self, command: Command) -> None:
        self._going[command.id] = _Going(command, 0, command.issued_s)

    def keep(self, ids: frozenset[str]) -> None:
        """Drop all commands but these."""
        self._going = {each: going for each, going in self._going.items() if each in ids}

    def due(self, now_s: float) -> list[Command]:
        """What to send now, oldest order first. A late caller sends once, not everything that was missed."""
        self._going = {each: going for each, going in self._going.items() if now_s < going.command.expires_s}
        due = [going for going in self._going.values() if going.next_s <= now_s]
        for going in due:
            going.sent += 1
            going.next_s = next_due_s(going.next_s, now_s, BURST_PERIOD_S if going.sent < BURST else PERIOD_S)
        return [going.command for going in due]

    def next_s(self) -> float | None:
        """When something is due again, or None."""
        return min((going.next_s for going in self._going.values()), default=None)
