"""The messages a link sends regularly, and how PX4 slows them down when they would exceed what the link may send.

PX4 multiplies the rates of a link by one factor between 5 % and 100 %, so that its streams fit the budget
(Mavlink::update_rate_mult). It also counts streams that are set up but have nothing to send: IDLE_BYTES_S, found from the
rates a real PX4 sends at on its 4 kB/s link.
"""

from __future__ import annotations

import heapq
from collections.abc import Mapping
from dataclasses import dataclass

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol import dialect

STREAM_OFF = 0.0
FIRST_S = 0.18  # the links start
FRAME_BYTES = 12
LEAST_SHARE = 0.05
IDLE_BYTES_S = 1560.0
CONSTANT = frozenset({mavlink.MAVLINK_MSG_ID_HEARTBEAT, mavlink.MAVLINK_MSG_ID_PING})
"""Sent at their own rate, whatever the budget."""


@dataclass
class Stream:
    """A message sent regularly: seconds between two as asked for, and when the next one is due."""

    interval_s: float
    due_s: float
    scaled: bool


def _size(message: int) -> int:
    known = dialect.TABLE.get(message)
    return FRAME_BYTES + (known.layout.size if known is not None else int(mavlink.mavlink_map[message].unpacker.size))


class Streams:
    """`unlimited` are messages that are sent whenever there is something new, at the rate given, outside the budget."""

    def __init__(self, rates_hz: Mapping[int, float], budget_bytes_s: float, unlimited: frozenset[int] = frozenset()) -> None:
        self._budget_bytes_s = budget_bytes_s
        self._unlimited = unlimited | CONSTANT
        self._streams: dict[int, Stream] = {}
        self._due: list[tuple[float, int]] = []
        self.share = 1.0
        for message, hz in rates_hz.items():
            if hz > 0.0:
                self._streams[message] = Stream(1.0 / hz, 0.0, message not in self._unlimited)
        self._update_share()
        for message, stream in self._streams.items():
            stream.due_s = FIRST_S + self._spacing_s(stream)
            self._due.append((stream.due_s, message))
        heapq.heapify(self._due)

    def interval_s(self, message: int) -> float:
        """The interval asked for, STREAM_OFF if it is not sent."""
        stream = self._streams.get(message)
        return STREAM_OFF if stream is None else stream.interval_s

    def set_interval(self, message: int, interval_s: float, now_s: float) -> None:
        """Send a message every interval_s from now on; STREAM_OFF stops it."""
        known = self._streams.get(message)
        if interval_s <= STREAM_OFF:
            self._streams.pop(message, None)
        elif known is not None:
            known.interval_s, known.scaled = interval_s, message not in CONSTANT
        else:
            self._streams[message] = Stream(interval_s, now_s + interval_s, message not in CONSTANT)
            heapq.heappush(self._due, (now_s + interval_s, message))
        self._update_share()

    def due(self, now_s: float) -> list[int]:
        """The messages whose time has come, each once; what was missed is not made up for."""
        ready: list[int] = []
        while self._due and self._due[0][0] <= now_s:
            due_s, message = heapq.heappop(self._due)
            stream = self._streams.get(message)
            if stream is None or due_s != stream.due_s:
                continue
            ready.append(message)
            stream.due_s = max(due_s + self._spacing_s(stream), now_s)
            heapq.heappush(self._due, (stream.due_s, message))
        return ready

    def _spacing_s(self, stream: Stream) -> float:
        return stream.interval_s / self.share if stream.scaled else stream.interval_s

    def _update_share(self) -> None:
        constant, scaled = 0.0, IDLE_BYTES_S
        for message, stream in self._streams.items():
            if stream.scaled:
                scaled += _size(message) / stream.interval_s
            elif message in CONSTANT:
                constant += _size(message) / stream.interval_s
        self.share = min(1.0, max(LEAST_SHARE, (self._budget_bytes_s - constant) / scaled))
