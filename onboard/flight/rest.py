"""The aircraft at rest, or so it should be: what is seen of it when this program starts, and while it is stowed.

A program that has just started knows nothing. It says so until it has seen how the aircraft is, and moves nothing that is not
moving already. Pure.
"""

from __future__ import annotations

from missions.phases import NOT_LATCHED, NOT_SEATED
from missions.view import HEARTBEAT_FRESH_S, Aircraft, Mode, View
from onboard.flight.executive import Event
from wire.messages import Landed, Phase

_UP = frozenset({Mode.TAKEOFF, Mode.HOLD})
_DOWN = frozenset({Mode.LAND, Mode.PRECISION_LAND})
_OURS = _UP | _DOWN | {Mode.ORBIT, Mode.RETURN}
"""Modes that this program's predecessor may have asked for."""


def look(phase: Phase, view: View, *, recent: bool) -> tuple[Event, str] | None:
    """What a phase at rest did not expect, if anything. `recent`: PX4 was first heard only just now."""
    aircraft, vehicle = view.aircraft, view.vehicle
    starting = phase is Phase.STARTING
    if aircraft.airborne:
        return _flying(view, may_be_ours=starting and recent)
    if starting and recent and aircraft.armed and aircraft.mode in _UP:
        return Event.FOUND_ARMED, "this program started and found the aircraft about to take off"
    stowed = aircraft.seen_disarmed() and vehicle.seated_seen() and vehicle.latch_seen(open_=False)
    if stowed and phase in (Phase.STARTING, Phase.GROUNDED):
        return Event.STOWED_SEEN, "seen seated, latched and disarmed"
    wrong = not_stowed(view)
    return (Event.NOT_STOWED, wrong) if wrong and phase is not Phase.GROUNDED else None


def _flying(view: View, *, may_be_ours: bool) -> tuple[Event, str] | None:
    aircraft = view.aircraft
    known = aircraft.position is not None and aircraft.landed is not Landed.UNKNOWN
    if may_be_ours and not known:
        return None  # a moment later it is
    if may_be_ours and aircraft.mode in _DOWN:
        return Event.FOUND_LANDING, "this program started and found the aircraft landing"
    if may_be_ours and aircraft.mode in _OURS:
        return Event.FOUND_AIRBORNE, "this program started and found the aircraft flying"
    return Event.TAKEN_OVER, "the aircraft flies, and not by an order from here"


def not_stowed(view: View) -> str | None:
    """What is seen that belongs to no stowed aircraft. None: nothing; that does not mean that it is seen stowed."""
    vehicle = view.vehicle
    if _heard(view.aircraft) and view.aircraft.armed:
        return "it is armed, and not by an order from here: keep clear"
    if not view.aircraft.seen_disarmed():
        return None  # it may fly
    if vehicle.latch is None or not vehicle.latch_heard() or not vehicle.latch.valid:
        return None
    if not vehicle.latch.seated:
        return NOT_SEATED
    return None if vehicle.latch_seen(open_=False) else NOT_LATCHED


def unknown(view: View) -> str:
    """What a program that has just started still waits for."""
    if not _heard(view.aircraft):
        return "just started: PX4 is not heard yet"
    if not view.vehicle.latch_heard():
        return "just started: the latch is not heard yet"
    if view.vehicle.latch is None or not view.vehicle.latch.valid:
        return "just started: the latch's sensors contradict each other"
    return "just started: the aircraft is not yet seen seated, latched and disarmed"


def _heard(aircraft: Aircraft) -> bool:
    return aircraft.heartbeat_age_s is not None and aircraft.heartbeat_age_s <= HEARTBEAT_FRESH_S
