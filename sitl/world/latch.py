"""The roof latch as a device: a claw that takes 0.8 s between its ends, with an end switch at each and a seat sensor."""

from __future__ import annotations

from sitl.world.configuration import LatchFaults
from wire.geo import Ned
from wire.messages import LatchState

TRAVEL_S = 0.8
SEAT_HORIZONTAL_M = 1.0
SEAT_VERTICAL_M = 0.35


def is_seated(pad_to_aircraft: Ned) -> bool:
    """Whether an aircraft at this true offset from the pad stands on it."""
    return pad_to_aircraft.horizontal_m <= SEAT_HORIZONTAL_M and abs(pad_to_aircraft.down_m) <= SEAT_VERTICAL_M


class Latch:
    """Starts closed. Pure: call `update` with the time, then read `state`."""

    def __init__(self, faults: LatchFaults, now_s: float) -> None:
        self.faults = faults
        """May change at any time; an order given before goes on."""
        self._opening = 0.0  # 0 closed .. 1 open
        self._wanted = 0.0
        self._at_s = now_s

    @property
    def holds(self) -> bool:
        """The claw is not fully open: an aircraft that was seated cannot leave."""
        return self._opening < 1.0

    def order(self, *, to_open: bool) -> None:
        """What the latch should do; the last order counts, also in mid-travel."""
        if to_open and self.faults.stuck == "closed":
            return
        if not to_open and self.faults.stuck == "open":
            return
        self._wanted = 1.0 if to_open else 0.0

    def update(self, now_s: float) -> None:
        step = max(0.0, now_s - self._at_s) / TRAVEL_S
        self._at_s = now_s
        if abs(self._wanted - self._opening) <= step:
            self._opening = self._wanted
        else:
            self._opening += step if self._wanted > self._opening else -step

    def state(self, *, seated: bool) -> LatchState:
        """What the sensors say of the true `seated`. While moving neither end switch is on."""
        return LatchState(
            open=self._opening >= 1.0,
            closed=self._opening <= 0.0,
            seated=seated and self.faults.seat_sensor == "works",
            valid=not self.faults.sensor_broken,
        )
