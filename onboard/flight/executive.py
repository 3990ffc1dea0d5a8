"""Where the aircraft is in its work, and what leads where: an enum, a table and a pure function.

`update(phase, event, airborne)` gives the next phase, or None where the event means nothing: for an order that is a refusal.
Abort comes first, then what others do to the aircraft, then the ordinary flow.
"""

from __future__ import annotations

from enum import StrEnum

from wire.messages import Phase

P = Phase


class Event(StrEnum):
    # the officer's orders
    LAUNCH = "launch"
    HOLD = "hold"
    RESUME = "resume"
    RETURN = "return"
    LAND = "land"
    ABORT = "abort"
    # the phase's own step
    DONE = "done"
    FAILED = "failed"
    # what was seen
    FAILSAFE = "failsafe"  # PX4 reports CRITICAL: it acts by itself
    TAKEN_OVER = "taken over"  # a mode that nobody here asked for
    DISARMED = "disarmed"  # seen disarmed in a phase that flies
    PAD_LEFT = "pad left"  # the vehicle drives away under a landing aircraft
    LATCH_LOST = "latch lost"  # not seen open any more, before the aircraft has left
    DRIVES = "drives"  # the vehicle drives, before the aircraft has left
    HELD = "held"  # PX4 flies, and the latch holds the aircraft
    ENOUGH = "enough"  # the mission's battery or time limit
    EXHAUSTED = "exhausted"  # it cannot come back, and the battery does not last
    FOUND_AIRBORNE = "found airborne"  # this program started while the aircraft flies, or a take-off could not be called off
    FOUND_LANDING = "found landing"  # this program started while the aircraft lands
    FOUND_ARMED = "found armed"  # this program started while the aircraft is about to take off
    STOWED_SEEN = "stowed seen"  # seated, latched and disarmed, in a phase that did not expect it
    NOT_STOWED = "not stowed"  # at rest, and seen armed, not latched or not seated


ORDERS = (Event.LAUNCH, Event.HOLD, Event.RESUME, Event.RETURN, Event.LAND, Event.ABORT)

ON_ROOF = frozenset({P.STARTING, P.STOWED, P.CHECKING, P.RELEASING, P.SECURING, P.SECURED, P.GROUNDED})
"""Phases in which the aircraft is not to be armed."""
LEAVING = frozenset({P.ARMING, P.CLIMBING})
"""Phases in which it may be on the roof with its motors on."""
FLYING = frozenset({P.TRANSIT, P.SURVEYING, P.HOLDING, P.RETURNING, P.LANDING})
MAY_BE_ARMED = LEAVING | FLYING | {P.YIELDED}

_IMPOSED = frozenset(
    {Event.FAILSAFE, Event.TAKEN_OVER, Event.DISARMED, Event.LATCH_LOST, Event.FOUND_AIRBORNE, Event.FOUND_LANDING}
)

_NEXT: dict[tuple[Phase, Event], Phase] = {
    (P.STOWED, Event.LAUNCH): P.CHECKING,
    (P.SECURED, Event.LAUNCH): P.CHECKING,
    (P.CHECKING, Event.DONE): P.RELEASING,
    (P.CHECKING, Event.FAILED): P.STOWED,
    (P.RELEASING, Event.DONE): P.ARMING,
    (P.RELEASING, Event.FAILED): P.SECURING,
    (P.ARMING, Event.DONE): P.CLIMBING,
    (P.CLIMBING, Event.DONE): P.TRANSIT,
    (P.TRANSIT, Event.DONE): P.SURVEYING,
    (P.TRANSIT, Event.FAILED): P.RETURNING,
    (P.SURVEYING, Event.DONE): P.RETURNING,
    (P.SURVEYING, Event.FAILED): P.RETURNING,
    (P.HOLDING, Event.RESUME): P.TRANSIT,
    (P.HOLDING, Event.FAILED): P.RETURNING,
    (P.RETURNING, Event.DONE): P.LANDING,
    (P.RETURNING, Event.FAILED): P.RETURNING,  # in the other way, ours or PX4's own, and after a wait
    (P.LANDING, Event.DONE): P.SECURING,
    (P.LANDING, Event.FAILED): P.LANDING,  # after a wait
    (P.SECURING, Event.DONE): P.SECURED,
    (P.SECURING, Event.FAILED): P.GROUNDED,
    (P.YIELDED, Event.DONE): P.SECURING,
    (P.GROUNDED, Event.STOWED_SEEN): P.STOWED,
    (P.STARTING, Event.STOWED_SEEN): P.STOWED,
    (P.STARTING, Event.NOT_STOWED): P.GROUNDED,
    (P.STOWED, Event.NOT_STOWED): P.GROUNDED,
    (P.SECURED, Event.NOT_STOWED): P.GROUNDED,
    (P.STARTING, Event.FOUND_ARMED): P.SECURING,
}


def update(phase: Phase, event: Event, airborne: bool) -> Phase | None:
    """The next phase (it may be the same one, begun anew), or None: the event changes nothing here."""
    following = _following(phase, event, airborne)
    on_ground = phase in MAY_BE_ARMED and not airborne  # from the ground, PX4's return would begin with a take-off
    return P.SECURING if following is P.RETURNING and on_ground else following


def _following(phase: Phase, event: Event, airborne: bool) -> Phase | None:
    if event is Event.ABORT:
        return _abort(phase, airborne)
    if event in _IMPOSED:
        return _imposed(phase, event, airborne)
    if event in (Event.HOLD, Event.RETURN, Event.LAND, Event.ENOUGH):
        return _ordered(phase, event, airborne)
    if event is Event.HELD:
        return P.LANDING if phase in LEAVING and airborne else None
    if event is Event.DRIVES:
        return _stay(phase, airborne)
    if event is Event.EXHAUSTED:
        return P.LANDING if phase is P.RETURNING and airborne else None
    if event is Event.PAD_LEFT:
        return P.RETURNING if phase is P.LANDING and airborne else None
    if event is Event.FAILED and phase in LEAVING:
        return P.RETURNING if airborne else P.SECURING
    return _NEXT.get((phase, event))


def _stay(phase: Phase, airborne: bool) -> Phase | None:
    if phase in LEAVING and airborne:  # PX4 calls it flying before it has left, and does not stop the motors then
        return P.LANDING
    return P.SECURING if phase in LEAVING or phase is P.RELEASING else None


def _abort(phase: Phase, airborne: bool) -> Phase | None:
    if phase is P.CHECKING:
        return P.STOWED
    if phase is P.RELEASING or (phase in LEAVING | {P.GROUNDED} and not airborne):
        return P.SECURING
    if phase is P.LANDING:
        return P.HOLDING if airborne else None  # somebody may stand below: stop, and let the officer see
    return P.RETURNING if phase in MAY_BE_ARMED else None


def _imposed(phase: Phase, event: Event, airborne: bool) -> Phase | None:
    if event is Event.FOUND_AIRBORNE:
        return P.RETURNING if phase in (P.STARTING, P.SECURING) else None
    if event is Event.FOUND_LANDING:
        return P.LANDING if phase is P.STARTING and airborne else None
    if phase in (P.STARTING, P.STOWED, P.SECURED, P.GROUNDED):
        return P.YIELDED if event is Event.TAKEN_OVER and airborne else None
    if phase not in MAY_BE_ARMED:
        return None
    if event is Event.DISARMED:
        return None if phase is P.ARMING else P.SECURING
    if event is Event.LATCH_LOST:
        return P.SECURING if phase in LEAVING and not airborne else None
    if phase in LEAVING and not airborne:
        return P.SECURING
    return None if phase is P.YIELDED else P.YIELDED


def _ordered(phase: Phase, event: Event, airborne: bool) -> Phase | None:
    if event is not Event.ENOUGH and phase in (P.CHECKING, P.RELEASING):
        return _abort(phase, airborne)  # before anything flies, every word that stops calls it off
    if phase not in MAY_BE_ARMED:
        return None
    if not airborne:
        return P.SECURING if phase in LEAVING and event is not Event.ENOUGH else None
    if event is Event.ENOUGH:
        return None if phase in (P.RETURNING, P.LANDING, P.YIELDED) else P.RETURNING
    return {Event.HOLD: P.HOLDING, Event.RETURN: P.RETURNING, Event.LAND: P.LANDING}[event]
