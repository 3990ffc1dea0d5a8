"""When the latch moves. Pure.

It moves only for a disarmed aircraft that was heard just now. It opens for a launch of ours, when the aircraft asks for it in
the phase releasing. It closes when the aircraft asks for it on the roof and the seat sensor agrees. Everything else keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from groundlink.link.aircraft import STALE_S
from wire.messages import AircraftState, LatchRequest, LatchState, Phase

REPORT_STALE_S = 1.0
STUCK_S = 5.0
"""A latch that was driven for this long and is not seen there is stuck."""

_ON_THE_ROOF = frozenset({Phase.SECURING, Phase.STOWED, Phase.SECURED})


class Action(StrEnum):
    OPEN = "open"
    CLOSE = "close"
    KEEP = "keep"


@dataclass(frozen=True)
class Decision:
    action: Action
    reason: str


def checked(latch: LatchState | None) -> LatchState | None:
    """The same sensors, with `valid` False when they contradict each other: a latch cannot be open and closed."""
    return msgspec.structs.replace(latch, valid=False) if latch is not None and latch.open and latch.closed else latch


def decide(
    aircraft: AircraftState | None,
    aircraft_age_s: float | None,
    latch: LatchState | None,
    latch_age_s: float | None,
    *,
    launching: bool,
) -> Decision:
    """What the latch should do now. `aircraft_age_s` None: not known for sure, which is as bad as old."""
    if aircraft is None or aircraft_age_s is None or not -STALE_S <= aircraft_age_s <= STALE_S:
        return _keep("kept: the aircraft is not heard now")
    if aircraft.latch_request is LatchRequest.KEEP:
        return _keep("kept: the aircraft asks for nothing")
    latch = checked(latch)
    asks_open = aircraft.latch_request is LatchRequest.OPEN
    if asks_open and aircraft.phase is not Phase.RELEASING and latch is not None and latch.valid and latch.open:
        return _keep("kept: open, as the aircraft asks")
    if aircraft.armed is not False:
        return _keep(f"kept: the aircraft asks to {aircraft.latch_request} but is not known to be disarmed")
    if asks_open:
        return _opening(aircraft, launching=launching)
    return _closing(aircraft, latch, latch_age_s)


def _opening(aircraft: AircraftState, *, launching: bool) -> Decision:
    if aircraft.phase is not Phase.RELEASING:
        return _keep(f"kept: the aircraft asks to open in phase {aircraft.phase}, which only releasing may")
    if not launching:
        return _keep("kept: the aircraft asks to open, but no launch was ordered here")
    return Decision(Action.OPEN, "opening for a launch")


def _closing(aircraft: AircraftState, latch: LatchState | None, latch_age_s: float | None) -> Decision:
    if aircraft.phase not in _ON_THE_ROOF:
        return _keep(f"kept: the aircraft asks to close in phase {aircraft.phase}, which is not on the roof")
    heard = latch_age_s is not None and abs(latch_age_s) <= REPORT_STALE_S
    if latch is None or not heard or not latch.valid:
        return _keep("kept: the aircraft asks to close, but the latch's sensors say nothing that counts")
    if not latch.seated:
        return _keep("kept: the aircraft asks to close, but the seat sensor does not see it on the pad")
    return Decision(Action.CLOSE, "closing on the seated aircraft")


def _keep(reason: str) -> Decision:
    return Decision(Action.KEEP, reason)


class StuckWatch:
    """Tells a latch that does not get where it is driven."""

    def __init__(self) -> None:
        self._action = Action.KEEP
        self._since_s = 0.0

    def update(self, action: Action, latch: LatchState | None, now_s: float) -> str | None:
        """A sentence when it is stuck, or None."""
        there = latch is not None and latch.valid and (latch.open if action is Action.OPEN else latch.closed)
        if action is Action.KEEP or there or action is not self._action:
            self._action, self._since_s = action, now_s
        if now_s - self._since_s < STUCK_S:
            return None
        return f"the latch was told to {action} {now_s - self._since_s:.0f} s ago and is not seen there: look at it"
