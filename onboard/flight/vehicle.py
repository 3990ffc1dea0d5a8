"""The vehicle as the aircraft believes it: from its heartbeats to a `Vehicle` view in the aircraft's own frame.

The vehicle's receiver and the aircraft's disagree by metres, in height by more. While the aircraft sits on the pad the two
must be the same place, so their difference is measured there and taken off in flight: what remains is how the vehicle moved.

A heartbeat is as old as the whole round trip at most: it says which of our stamps the vehicle had seen, and how long before.
That needs no agreement of clocks. One that says nothing of the kind may have lain in a buffer, and has no age here.
"""

from __future__ import annotations

from missions.view import Vehicle
from wire import geo
from wire.clock import PeerClock
from wire.geo import Ned, Position
from wire.messages import VehicleState

_SMOOTHING = 0.1  # per heartbeat, while the aircraft is on the roof, or the vehicle stands still
_STANDING_M_S = 0.5
_GRADE, _SLACK_M = 0.10, 2.0
"""How much higher or lower a vehicle on a street may be for each metre that it is away from where it stood, and what is left to
noise. A receiver's height alone may be wrong by more than the aircraft flies above the roof."""
_HEARD_S = 2.0  # a vehicle not heard for this long is not known to stand
_RESTARTED_S = 5.0  # a clock that goes back by more has begun anew
_PROOF_S = 2.0
_SLACK_S = 0.5  # two clocks drift apart a little while the downlink is silent


def transit_s(state: VehicleState, now_s: float) -> float | None:
    """How long a heartbeat was on its way at most: the round trip (RFC 5905, section 8). None where it carries no proof."""
    echo = state.echo
    if echo is None:
        return None
    round_trip_s = (now_s - echo.peer_sent_s) - (state.sent_s - echo.received_s)
    return max(0.0, round_trip_s) if round_trip_s >= -_SLACK_S else None


class VehicleTracker:
    """Fed with heartbeats; gives views. Pure: times are the board's clock."""

    def __init__(self) -> None:
        self._state: VehicleState | None = None
        self.clock = PeerClock()
        self.sent_s: float | None = None
        """The newest heartbeat was sent at this time of the board's clock, or later. None: not known."""
        self._correction: Ned | None = None
        self._calibrated = True
        """The newest heartbeat has been used for the correction, or there was none."""
        self._standing_since_s: float | None = None
        self._place: Position | None = None
        self._roof: Position | None = None
        """The pad in the aircraft's frame, when the aircraft was last seen on it."""

    def heard(self, state: VehicleState, now_s: float) -> bool:
        """Take a heartbeat. False: the vehicle's clock did not move on (a repeat, or stale bytes), so it proves nothing.

        A sequence that begins anew on a clock that goes on is a restarted daemon; a clock that went far back, in a heartbeat
        that was sent just now, is a restarted vehicle.
        """
        on_way_s = transit_s(state, now_s)
        if self._state is not None and state.sent_s <= self._state.sent_s:
            if self._state.sent_s - state.sent_s < _RESTARTED_S or on_way_s is None or on_way_s > _PROOF_S:
                return False
            self.clock = PeerClock()
        if state.echo is not None:
            self.clock.update(state.echo.peer_sent_s, state.echo.received_s, state.sent_s, now_s)
        self._state = state
        self.sent_s = None if on_way_s is None else now_s - on_way_s
        if state.speed_m_s is None or state.speed_m_s > _STANDING_M_S:
            self._standing_since_s = None
        elif self._standing_since_s is None:
            self._standing_since_s = now_s
        self._place = self._smoothed(state.position)
        self._calibrated = False
        return True

    def _smoothed(self, position: Position | None) -> Position | None:
        """A standing vehicle's place is averaged: its receiver's noise is larger than the pad."""
        if position is None or self._place is None or self._standing_since_s is None:
            return position
        away = geo.ned_between(self._place, position)
        return geo.offset(self._place, Ned(*(_SMOOTHING * part for part in away)))

    def calibrate(self, aircraft: Position | None, *, on_roof: bool) -> None:
        """While the aircraft sits on the pad, learn how far the two receivers disagree: once for each heartbeat.

        Only while the vehicle stands: of a moving one the two places are of different moments.
        """
        if self._calibrated or not on_roof or aircraft is None or self._place is None or self._standing_since_s is None:
            return
        self._calibrated = True
        now = geo.ned_between(self._place, aircraft)
        old = self._correction or now
        self._correction = Ned(*(o + _SMOOTHING * (n - o) for o, n in zip(old, now, strict=True)))
        self._roof = geo.offset(self._place, self._correction)

    def view(self, now_s: float) -> Vehicle:
        state = self._state
        if state is None:
            return Vehicle()
        age_s = None if self.sent_s is None else now_s - self.sent_s
        unheard = age_s is None or age_s > _HEARD_S
        standing = 0.0 if self._standing_since_s is None or unheard else now_s - self._standing_since_s
        return Vehicle(
            age_s=age_s,
            pad=None if self._place is None else self._corrected(self._place),
            pad_age_s=_sum_s(state.position_age_s, age_s),
            speed_m_s=state.speed_m_s,
            stopped_s=standing,
            disagreement_m=None if self._correction is None else self._correction.horizontal_m,
            latch=state.latch,
            latch_age_s=_sum_s(state.latch_age_s, age_s),
        )

    def _corrected(self, position: Position) -> Position:
        if self._correction is None or self._roof is None:
            return position
        pad = geo.offset(position, self._correction)
        climb_m = _SLACK_M + _GRADE * geo.distance_m(self._roof, pad)
        roof_amsl_m = self._roof.altitude_amsl_m
        return pad._replace(altitude_amsl_m=min(max(pad.altitude_amsl_m, roof_amsl_m - climb_m), roof_amsl_m + climb_m))


def _sum_s(reported_s: float | None, age_s: float | None) -> float | None:
    """An age that the vehicle reports, grown by its heartbeat's. None for one from the future."""
    return None if reported_s is None or age_s is None or reported_s < -_SLACK_S else reported_s + age_s
