"""Home is the vehicle: PX4's home is moved with it, so that any return, PX4's own too, goes to where the vehicle is now.

In height only if the two receivers were compared on the roof: one alone may be off by more than the aircraft flies above it.
"""

from __future__ import annotations

from missions.requests import SetHome
from missions.view import View
from wire import geo

MOVED_M = 1.5
CLIMBED_M = 3.0
PERIOD_S = 2.0
PAD_FRESH_S = 2.0


class HomeKeeper:
    """Pure: asked each round whether home has to move. Only in the air: on the roof PX4 sets its home itself, at arming."""

    def __init__(self) -> None:
        self._asked_s: float | None = None

    def update(self, now_s: float, view: View) -> SetHome | None:
        aircraft, vehicle = view.aircraft, view.vehicle
        if not aircraft.airborne or aircraft.home is None or vehicle.pad is None:
            return None
        if vehicle.pad_age_s is None or vehicle.pad_age_s > PAD_FRESH_S:
            return None
        if self._asked_s is not None and now_s - self._asked_s < PERIOD_S:
            return None
        away = geo.ned_between(aircraft.home, vehicle.pad)
        climbed = vehicle.disagreement_m is not None and abs(away.down_m) >= CLIMBED_M
        if away.horizontal_m < MOVED_M and not climbed:
            return None
        self._asked_s = now_s
        altitude_m = vehicle.pad.altitude_amsl_m if climbed else aircraft.home.altitude_amsl_m
        return SetHome(vehicle.pad._replace(altitude_amsl_m=altitude_m))
