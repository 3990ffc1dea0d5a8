"""What a mission allows, battery and time in the air: a limit passed brings the aircraft back; an officer may say no."""

from __future__ import annotations

from missions.model import Ends
from missions.view import Aircraft

LAST_PERCENT = 15.0
"""Passed with an officer's hold in force, this brings it back once more; PX4 comes back by itself at BAT_CRIT_THR (7 %)."""


class Reserve:
    """Pure; asked every round. Each limit is told once in a flight: an order that follows has been given in its knowledge."""

    def __init__(self) -> None:
        self._airborne_since_s: float | None = None
        self._passed: dict[str, str] = {}

    @property
    def spent(self) -> str | None:
        """The limit that was passed last in this flight, in words."""
        return next(reversed(self._passed.values()), None)

    def update(self, now_s: float, aircraft: Aircraft, ends: Ends) -> str | None:
        """A limit that has been passed just now, in words."""
        if aircraft.armed is False:  # only then a flight is over: a land detector may be wrong for a moment
            self._airborne_since_s = None
            self._passed.clear()
        if not aircraft.airborne:
            return None
        if self._airborne_since_s is None:
            self._airborne_since_s = now_s
        before = len(self._passed)
        battery = aircraft.battery_percent
        if now_s - self._airborne_since_s > ends.flight_time_s:
            self._passed.setdefault("time", f"it has flown for {ends.flight_time_s:g} s, where the mission ends")
        if battery is not None and battery < ends.battery_percent:
            self._passed.setdefault(
                "battery", f"the battery is at {battery:.0f} %, the mission ends at {ends.battery_percent:g} %"
            )
        if battery is not None and battery < min(LAST_PERCENT, ends.battery_percent):
            self._passed.setdefault("last", f"the battery is at {battery:.0f} %: it comes back while it can")
        return self.spent if len(self._passed) > before else None
