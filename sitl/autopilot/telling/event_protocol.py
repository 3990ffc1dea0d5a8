"""EVENT, CURRENT_EVENT_SEQUENCE, REQUEST_EVENT: how events reach ground stations, also one that was missed.

As in PX4 (mavlink_events.cpp) the last 20 events are kept, sequence numbers begin shortly before they wrap, and events go out
on every link, whoever listens.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.dialect import ExtraMessage
from sitl.autopilot.telling.kinds import ARGUMENTS_LENGTH, Event

KEPT = 20
SEQUENCE_EVERY_S = 3.0
BEFORE_FIRST = 65525
RESET = 1
UNAVAILABLE = 0
MAX_ANSWERS = 64


class _Kept(NamedTuple):
    sequence: int
    time_ms: int
    event: Event


class EventProtocol:
    """`add` tells an event, `due` is what goes to every link now, `answer` what goes to one that asked."""

    def __init__(self) -> None:
        self._kept: deque[_Kept] = deque(maxlen=KEPT)
        self._new: list[_Kept] = []
        self._sequence = BEFORE_FIRST
        self._next_sequence_s = 0.0

    def add(self, event: Event, now_s: float) -> None:
        """Something happened."""
        self._sequence = (self._sequence + 1) & 0xFFFF
        kept = _Kept(self._sequence, round(now_s * 1e3), event)
        self._kept.append(kept)
        self._new.append(kept)

    def due(self, now_s: float) -> list[ExtraMessage]:
        """New events, and every three seconds which was the last."""
        found: list[ExtraMessage] = []
        if self._new and self._new[0] is self._kept[0] and self._new[0].sequence == (BEFORE_FIRST + 1) & 0xFFFF:
            found.append(self._current(RESET))
            self._next_sequence_s = now_s + SEQUENCE_EVERY_S
        found += [_message(kept) for kept in self._new]
        self._new.clear()
        if self._kept and now_s >= self._next_sequence_s:
            self._next_sequence_s = now_s + SEQUENCE_EVERY_S
            found.append(self._current(0))
        return found

    def _current(self, flags: int) -> ExtraMessage:
        return dialect.message(dialect.CURRENT_EVENT_SEQUENCE, sequence=self._sequence, flags=flags)

    def answer(self, first: int, last: int, asker: tuple[int, int]) -> list[ExtraMessage]:
        """The events asked for, or for each that is gone which is the oldest one left. At most MAX_ANSWERS."""
        known = {kept.sequence: kept for kept in self._kept}
        wanted = [(first + place) & 0xFFFF for place in range(min((last - first) % 65536 + 1, MAX_ANSWERS))]
        return [_message(known[number]) if number in known else self._gone(number, asker) for number in wanted]

    def _gone(self, sequence: int, asker: tuple[int, int]) -> ExtraMessage:
        later = [kept.sequence for kept in self._kept]
        oldest = min(later, key=lambda number: (number - sequence) % 65536, default=self._sequence)
        return dialect.message(
            dialect.RESPONSE_EVENT_ERROR,
            target_system=asker[0],
            target_component=asker[1],
            sequence=sequence,
            sequence_oldest_available=oldest,
            reason=UNAVAILABLE,
        )


def _message(kept: _Kept) -> ExtraMessage:
    return dialect.message(
        dialect.EVENT,
        id=kept.event.number,
        event_time_boot_ms=kept.time_ms & 0xFFFFFFFF,
        sequence=kept.sequence,
        log_levels=kept.event.levels,
        arguments=kept.event.arguments.ljust(ARGUMENTS_LENGTH, b"\0"),
    )
