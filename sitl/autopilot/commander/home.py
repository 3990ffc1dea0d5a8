"""Home: recorded on the ground, when arming and at take-off, or set by command and then kept."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.commander import READY_AFTER_S
from wire.geo import Position

if TYPE_CHECKING:
    from sitl.autopilot.flight import Flight

RECORDED_AT_S = (1.6, 3.6)
MOVED_M, RISEN_M = 1.0, 1.5  # kMinHomePositionChangeEPH, ...EPV: PX4's estimated accuracy is better than half of them


class Home(NamedTuple):
    """A home position; point_m is the same in the local frame. `manual`: set by command, kept until a restart or reset.

    `yaw_rad` is the heading to land with, NaN for whichever it has then.
    """

    position: Position
    point_m: Vector
    yaw_rad: float
    set_at_s: float
    manual: bool


class HomeKeeper:
    """Holds the present home, None before the first position."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight
        self._due_s = list(RECORDED_AT_S)
        self.home: Home | None = None

    def record(self) -> None:
        """Home is here unless one was set by command."""
        if self.home is None or not self.home.manual:
            self.home = self._here()

    def command(self, position: Position | None, yaw_rad: float = math.nan) -> bool:
        """Home is there, or None for here with the present heading, whatever was before; False without a position."""
        if self.home is None:
            return False
        if position is None:
            self.home = self._here()
        else:
            self.home = Home(position, self._flight.local(position), yaw_rad, self._flight.now_s, manual=True)
        return True

    def keep(self, *, grounded: bool) -> None:
        """Record home when it is time to after start, and when it moves on the ground, disarmed."""
        now_s = self._flight.now_s
        if self._due_s and now_s >= self._due_s[0]:
            self._due_s.pop(0)
            self.record()
        if grounded and now_s >= READY_AFTER_S and self._flight.position_valid and self._moved():
            self.record()

    def _here(self) -> Home:
        flight = self._flight
        return Home(flight.position, flight.estimate.position_m, flight.estimate.yaw_rad, flight.now_s, manual=False)

    def _moved(self) -> bool:
        """Whether the believed position is further than MOVED_M from home, or RISEN_M higher or lower."""
        if self.home is None:
            return True
        away = Vector(*(a - b for a, b in zip(self._flight.estimate.position_m, self.home.point_m, strict=True)))
        return away.horizontal > MOVED_M or abs(away.down) > RISEN_M
