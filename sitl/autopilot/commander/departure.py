"""Where the next take-off goes: told by NAV_TAKEOFF, and kept until one begins, however long that takes."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from sitl.autopilot.navigator.takeoff import Takeoff
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling import texts
from sitl.autopilot.telling.texts import Text
from wire.geo import Position

if TYPE_CHECKING:
    from sitl.autopilot.flight import Flight


class Departure:
    """`to` is the place told, None without one; a NaN altitude is MIS_TAKEOFF_ALT above where it begins."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self.to: Position | None = None

    def begin(self, flight: Flight, spooled_s: float, said: list[Text]) -> Takeoff:
        """A take-off as told; `said` collects what is said of it. Never down."""
        here, to = flight.position, self.to
        self.to = None
        if to is None or math.isnan(to.altitude_amsl_m):
            height = self._parameters["MIS_TAKEOFF_ALT"]
            said.append(texts.default_takeoff_altitude(height))
            to = (to or here)._replace(altitude_amsl_m=here.altitude_amsl_m + height)
        if to.altitude_amsl_m < here.altitude_amsl_m:
            said.append(texts.ALREADY_HIGHER)
            to = to._replace(altitude_amsl_m=here.altitude_amsl_m)
        return flight.takeoff(flight.local(to), spooled_s)
