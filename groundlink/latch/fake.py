"""A latch in memory, for tests: it takes its time, and can be stuck, silent, or contradict itself."""

from __future__ import annotations

from wire.messages import LatchState


class FakeLatch:
    """Closed with the aircraft seated, until ordered otherwise. `travel_s` is how long it moves."""

    def __init__(self, travel_s: float = 0.5) -> None:
        self.travel_s = travel_s
        self.seated = True
        self.stuck = False
        self.silent_since_s: float | None = None
        self.contradicting = False
        self._open = False
        self._moved_s = float("-inf")

    def order(self, *, to_open: bool, now_s: float) -> None:
        if to_open != self._open and not self.stuck:
            self._open, self._moved_s = to_open, now_s

    def read(self, now_s: float) -> tuple[LatchState, float] | None:
        at_s = now_s if self.silent_since_s is None else self.silent_since_s
        there = at_s - self._moved_s >= self.travel_s
        state = LatchState(
            open=self.contradicting or (self._open and there),
            closed=self.contradicting or (not self._open and there),
            seated=self.seated,
        )
        return state, now_s - at_s
