"""A parked vehicle: its place is configured. Also what tests use, as a position that they can move or take away."""

from __future__ import annotations

from groundlink.position import Fix
from wire.geo import Position


class FixedSource:
    """A `PositionSource` that says what it was told."""

    def __init__(self, position: Position | None, speed_m_s: float | None = 0.0) -> None:
        self.position = position
        self.speed_m_s = speed_m_s

    def read(self, now_s: float) -> Fix | None:
        del now_s
        return None if self.position is None else Fix(self.position, 0.0, self.speed_m_s)
