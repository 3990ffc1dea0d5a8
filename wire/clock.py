"""Clocks, passed in wherever time matters.

Every process of one machine reads the same monotonic clock, times the simulation's speed, so their times compare directly. Two
machines compare theirs through `PeerClock`. Durations everywhere are in these seconds; only `wall_s` turns them into real ones.
"""

from __future__ import annotations

import time
from collections import deque
from typing import Protocol


class Clock(Protocol):
    """Seconds that only move forward."""

    @property
    def speed(self) -> float:
        """Seconds of this clock in a real second."""
        ...

    def now_s(self) -> float: ...

    def sleep(self, duration_s: float) -> None: ...

    def wall_s(self, duration_s: float) -> float:
        """How many real seconds `duration_s` of this clock takes: what a socket's poll is given."""
        ...


class SystemClock:
    """CLOCK_MONOTONIC times `speed` (1 on an aircraft; the simulator's speed factor in a simulation)."""

    def __init__(self, speed: float = 1.0) -> None:
        if not 0.01 <= speed <= 1000:
            raise ValueError(f"speed {speed} is not between 0.01 and 1000")
        self._speed = speed

    @property
    def speed(self) -> float:
        return self._speed

    def now_s(self) -> float:
        return time.monotonic() * self.speed

    def sleep(self, duration_s: float) -> None:
        time.sleep(max(0.0, duration_s / self.speed))

    def wall_s(self, duration_s: float) -> float:
        return max(0.0, duration_s / self.speed)


class ManualClock:
    """A clock that stands still until it is moved: for tests and replays."""

    speed = 1.0

    def __init__(self, now_s: float = 0.0) -> None:
        self._now_s = now_s

    def now_s(self) -> float:
        return self._now_s

    def sleep(self, duration_s: float) -> None:
        self._now_s += max(0.0, duration_s)

    def wall_s(self, duration_s: float) -> float:
        return max(0.0, duration_s)


def next_due_s(due_s: float, now_s: float, period_s: float) -> float:
    """When something steady is due again after it was done at `now_s`, having been due at `due_s`.

    One period after it was due, so that being called a little late each time does not slow it down; after a longer pause one
    period after now, so that what was missed is not made up for in a burst.
    """
    return (due_s if now_s < due_s + period_s else now_s) + period_s


class PeerClock:
    """How far the peer's clock is ahead of ours, by NTP's four time stamps (RFC 5905, section 8).

    Each exchange gives an offset and a round trip; of the last `window` exchanges the one with the shortest round trip counts,
    because queues only ever add delay. The offset's error is at most half that round trip.
    """

    def __init__(self, window: int = 30) -> None:
        self._samples: deque[tuple[float, float]] = deque(maxlen=window)

    def update(self, sent_s: float, peer_received_s: float, peer_sent_s: float, received_s: float) -> None:
        """One exchange: sent by us, received and answered by the peer (its clock), received by us."""
        round_trip_s = (received_s - sent_s) - (peer_sent_s - peer_received_s)
        if round_trip_s >= 0:
            offset_s = ((peer_received_s - sent_s) + (peer_sent_s - received_s)) / 2
            self._samples.append((round_trip_s, offset_s))

    @property
    def round_trip_s(self) -> float | None:
        return min(self._samples)[0] if self._samples else None

    @property
    def offset_s(self) -> float | None:
        """Peer's clock minus ours, or None before the first exchange."""
        return min(self._samples)[1] if self._samples else None

    def to_local_s(self, peer_s: float) -> float | None:
        """A peer's time stamp on our clock, or None before the first exchange."""
        offset_s = self.offset_s
        return None if offset_s is None else peer_s - offset_s
