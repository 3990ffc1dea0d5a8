"""The dead man: may PX4 be told that a ground station is there?

The only GCS heartbeat that PX4 gets is the one relayed here, and only while the vehicle's authenticated heartbeats are
fresh *and* the executive is making progress. Whatever dies, the heartbeat stops, and PX4 (NAV_DLL_ACT) brings the aircraft
home by itself.
"""

from __future__ import annotations

from wire.clock import next_due_s

VEHICLE_FRESH_S = 2.0
PROGRESS_FRESH_S = 1.0
PERIOD_S = 1.0


class DeadMan:
    """Pure: told of heartbeats and progress, asked whether to relay now. Times are the board's clock."""

    def __init__(self) -> None:
        self._vehicle_s: float | None = None
        self._progress_s: float | None = None
        self._due_s: float | None = None

    def vehicle_heard(self, sent_s: float) -> None:
        """An authenticated heartbeat came that moved on, sent at this time of the board's clock or later."""
        self._vehicle_s = sent_s if self._vehicle_s is None else max(self._vehicle_s, sent_s)

    def progressed(self, now_s: float) -> None:
        """The executive finished a round."""
        self._progress_s = now_s

    def alive(self, now_s: float) -> bool:
        vehicle = self._vehicle_s is not None and now_s - self._vehicle_s <= VEHICLE_FRESH_S
        progress = self._progress_s is not None and now_s - self._progress_s <= PROGRESS_FRESH_S
        return vehicle and progress

    def relay(self, now_s: float) -> bool:
        """True once a second while alive: send one GCS heartbeat now."""
        if not self.alive(now_s):
            return False
        due_s = now_s if self._due_s is None else self._due_s
        if now_s < due_s:
            return False
        self._due_s = next_due_s(due_s, now_s, PERIOD_S)
        return True
