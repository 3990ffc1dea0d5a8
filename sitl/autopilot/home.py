"""Home: recorded on the ground, when arming and at take-off, or set by command and then kept."""

from __future__ import annotations

from typing import NamedTuple

from sitl.autopilot.vector import Vector
from wire.geo import Position

MOVED_M, RISEN_M = 1.0, 1.5  # kMinHomePositionChangeEPH, ...EPV: PX4's estimated accuracy is better than half of them


class Home(NamedTuple):
    """A home position; point_m is the same in the local frame. `manual`: set by command, kept until a restart or reset."""

    position: Position
    point_m: Vector
    yaw_rad: float
    set_at_s: float
    manual: bool


class HomeKeeper:
    """Holds the present home, None before the first position."""

    def __init__(self) -> None:
        self.home: Home | None = None

    def record(self, home: Home) -> None:
        """Take this automatically recorded home unless one was set by command."""
        if self.home is None or not self.home.manual:
            self.home = home

    def command(self, home: Home) -> None:
        """Take this home whatever was before."""
        self.home = home

    def moved(self, point_m: Vector) -> bool:
        """Whether the believed position is further than MOVED_M from home, or RISEN_M higher or lower."""
        if self.home is None:
            return True
        away = Vector(*(a - b for a, b in zip(point_m, self.home.point_m, strict=True)))
        return away.horizontal > MOVED_M or abs(away.down) > RISEN_M
