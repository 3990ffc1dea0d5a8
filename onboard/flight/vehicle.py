"""The vehicle as the aircraft believes it: from its heartbeats to a `Vehicle` view in the aircraft's own frame.

The vehicle's receiver and the aircraft's disagree by metres, in height by more. While the aircraft sits on the pad the two
must be the same place, so their difference is measured there and taken off in flight: what remains is how the vehicle moved.
"""

from __future__ import annotations

from missions.view import Vehicle
from wire import geo
from wire.geo import Ned, Position
from wire.messages import VehicleState

_SMOOTHING = 0.1  # per heartbeat, while the aircraft is on the roof, or the vehicle stands still
_STANDING_M_S = 0.5


class VehicleTracker:
    """Fed with heartbeats; gives views. Pure: times are the board's clock."""

    def __init__(self) -> None:
        self._state: VehicleState | None = None
        self._heard_s = 0.0
        self._correction: Ned | None = None
        self._standing_since_s: float | None = None
        self._place: Position | None = None

    def heard(self, state: VehicleState, now_s: float) -> bool:
        """Take a heartbeat. False: its sequence did not move on (a repeat, or stale bytes), so it proves nothing."""
        if self._state is not None and state.sequence <= self._state.sequence and state.sent_s <= self._state.sent_s:
            return False
        self._state, self._heard_s = state, now_s
        if state.speed_m_s is None or state.speed_m_s > _STANDING_M_S:
            self._standing_since_s = None
        elif self._standing_since_s is None:
            self._standing_since_s = now_s
        self._place = self._smoothed(state.position)
        return True

    def _smoothed(self, position: Position | None) -> Position | None:
        """A standing vehicle's place is averaged: its receiver's noise is larger than the pad."""
        if position is None or self._place is None or self._standing_since_s is None:
            return position
        away = geo.ned_between(self._place, position)
        return geo.offset(self._place, Ned(*(_SMOOTHING * part for part in away)))

    def calibrate(self, aircraft: Position | None, *, on_roof: bool) -> None:
        """While the aircraft sits on the pad, learn how far the two receivers disagree."""
        if not on_roof or aircraft is None or self._state is None or self._state.position is None:
            return
        now = geo.ned_between(self._state.position, aircraft)
        old = self._correction or now
        self._correction = Ned(*(o + _SMOOTHING * (n - o) for o, n in zip(old, now, strict=True)))

    def view(self, now_s: float) -> Vehicle:
        state = self._state
        if state is None:
            return Vehicle()
        age_s = now_s - self._heard_s
        standing = 0.0 if self._standing_since_s is None else now_s - self._standing_since_s
        return Vehicle(
            age_s=age_s,
            pad=None if self._place is None else self._corrected(self._place),
            pad_age_s=None if state.position_age_s is None else state.position_age_s + age_s,
            speed_m_s=state.speed_m_s,
            stopped_s=standing,
            disagreement_m=None if self._correction is None else self._correction.horizontal_m,
            latch=state.latch,
            latch_age_s=None if state.latch_age_s is None else state.latch_age_s + age_s,
        )

    def _corrected(self, position: Position) -> Position:
        return position if self._correction is None else geo.offset(position, self._correction)
