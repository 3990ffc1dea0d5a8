"""Down onto the vehicle's roof: by PX4's precision landing while the marker is seen well, by position alone otherwise."""

from __future__ import annotations

import math

from missions import requests as ask
from missions.phases import CMD_LAND, CMD_SET_MODE
from missions.steps import SUCCESS, Act, Output, Result, failed
from missions.view import Mode, View
from wire.messages import Landed

BEGIN_ABOVE_M = 2.0
"""A precision landing is not begun lower than this above the roof: there is no way left to correct."""
BEGIN_FRESH_S = 0.4
LOST_S = 1.0
LOST_LOW_S = 3.0
"""A marker not seen for this long is lost; the second below BEGIN_ABOVE_M, where it outgrows the picture. PX4 waits for 5 s."""
TRIES = 3
CENTRED_S = 25.0
"""PX4 goes down once it is centred above the marker for 2 s. If it does not come to that in this time, it lands by position."""
SUNK_M = 1.0
DEADLINE_S = 180.0


class LandOnPad:
    """Ends when PX4 sees the ground. Losing the marker is no failure: PX4 is told to land where it is, which it always can.

    PX4's own answer to a lost marker would be to climb and search; it is set up not to (PLD_SRCH_TOUT 0).
    """

    def __init__(self) -> None:
        self._started_s: float | None = None
        self._act: Act | None = None
        self._way: Mode | None = None
        self._begun_s, self._begun_height_m = 0.0, math.inf
        self._tries = TRIES
        self._seen_s = -math.inf

    def update(self, now_s: float, view: View) -> Output:
        self._started_s = now_s if self._started_s is None else self._started_s
        if view.aircraft.landed is Landed.ON_GROUND:
            return SUCCESS
        if now_s - self._started_s > DEADLINE_S:
            return failed(Result.TIMED_OUT, f"the ground was not reached within {DEADLINE_S:g} s")
        told = self._tell(view)
        way = self._choose(now_s, view)
        if way is not self._way:
            self._begin(way, now_s, view)
        return self._ask(now_s, view, told)

    def _tell(self, view: View) -> tuple[ask.Request, ...]:
        """Each new sighting is passed on to PX4, before a precision landing and during it."""
        sight = view.sight
        local = None if sight is None else view.aircraft.local_ned(sight.pad)
        if sight is None or local is None or not sight.steady or sight.seen_s <= self._seen_s:
            return ()
        self._seen_s = sight.seen_s
        wanted = self._tries > 0 or self._way is Mode.PRECISION_LAND
        return (ask.LandingTarget(sight.pad, local, sight.seen_s),) if wanted else ()

    def _choose(self, now_s: float, view: View) -> Mode:
        """The way down from now on."""
        height_m, unseen_s = view.aircraft.height_m, now_s - self._seen_s
        low = height_m is not None and height_m <= BEGIN_ABOVE_M
        if self._way is Mode.PRECISION_LAND:
            if unseen_s > (LOST_LOW_S if low else LOST_S):
                return Mode.LAND
            return Mode.LAND if self._hangs(now_s, height_m) else Mode.PRECISION_LAND
        if self._tries > 0 and unseen_s <= BEGIN_FRESH_S and height_m is not None and not low:
            return Mode.PRECISION_LAND
        return Mode.LAND

    def _hangs(self, now_s: float, height_m: float | None) -> bool:
        """It does not sink. Then the marker is not tried again."""
        hangs = now_s - self._begun_s > CENTRED_S and (height_m is None or height_m > self._begun_height_m - SUNK_M)
        self._tries = 0 if hangs else self._tries
        return hangs

    def _begin(self, way: Mode, now_s: float, view: View) -> None:
        precisely = way is Mode.PRECISION_LAND
        self._tries -= precisely
        self._way, self._begun_s = way, now_s
        self._begun_height_m = math.inf if view.aircraft.height_m is None else view.aircraft.height_m
        self._act = Act(
            ask.LandPrecisely() if precisely else ask.Land(),
            lambda v: v.aircraft.mode is way,
            "the precision landing" if precisely else "landing",
            deadline_s=3 if precisely else 6,
            commands=(CMD_SET_MODE,) if precisely else (CMD_LAND,),
            unless_seen=True,
        )

    def _ask(self, now_s: float, view: View, told: tuple[ask.Request, ...]) -> Output:
        if self._act is None:
            return Output(told)
        output = self._act.update(now_s, view)
        if output.outcome is None:
            return Output(told + output.requests)
        self._act = None
        if output.outcome.result is Result.SUCCESS:
            return Output(told + output.requests)
        if self._way is not Mode.PRECISION_LAND:
            return output
        self._tries = 0
        self._begin(Mode.LAND, now_s, view)  # asked for in the next round
        return Output(told)
