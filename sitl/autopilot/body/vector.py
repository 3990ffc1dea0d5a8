"""A triple in north, east, down: metres, m/s or m/s², as the name of the variable says."""

from __future__ import annotations

import math
from typing import NamedTuple


class Vector(NamedTuple):
    """Components along north, east and down, in the unit the name of the variable gives."""

    north: float
    east: float
    down: float

    @property
    def horizontal(self) -> float:
        """The length of the horizontal part."""
        return math.hypot(self.north, self.east)


ZERO = Vector(0.0, 0.0, 0.0)


def clamp(value: float, low: float, high: float) -> float:
    """The value, moved into [low, high]; low for NaN."""
    return high if value > high else value if value >= low else low


def interpolate(x: float, x_low: float, x_high: float, y_low: float, y_high: float) -> float:
    """The straight line through (x_low, y_low) and (x_high, y_high), held constant outside."""
    return y_low + (y_high - y_low) * clamp((x - x_low) / (x_high - x_low), 0.0, 1.0)
