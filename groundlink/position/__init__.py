"""Where the vehicle is: a seam of one method, and the choice of what is behind it."""

from __future__ import annotations

from typing import NamedTuple, Protocol

from wire.geo import Position


class Fix(NamedTuple):
    """A valid position of the roof pad, its age, and the vehicle's speed where that is known."""

    position: Position
    age_s: float
    speed_m_s: float | None


class PositionSource(Protocol):
    def read(self, now_s: float) -> Fix | None:
        """The newest valid fix, however old it is; None when there is none or the receiver says it has lost it. Never waits."""
        ...
