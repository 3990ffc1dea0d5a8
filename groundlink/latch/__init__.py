"""The latch on the vehicle's roof: a seam of two methods."""

from __future__ import annotations

from typing import Protocol

from wire.messages import LatchState


class Latch(Protocol):
    """What holds the aircraft on the roof, and its sensors."""

    def order(self, *, to_open: bool, now_s: float) -> None:
        """Drive it open or closed; returns at once. Repeated while it is wanted; without an order it stays where it is."""
        ...

    def read(self, now_s: float) -> tuple[LatchState, float] | None:
        """The newest report of its sensors and how many seconds old that is; None before the first."""
        ...
