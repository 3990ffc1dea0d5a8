"""The way back to a vehicle that may have moved, and may still be moving."""

from __future__ import annotations

from missions import requests as ask
from missions.phases import ALTITUDE_TOLERANCE_M, CMD_REPOSITION
from missions.steps import Act, Once, Outcome, Output, Result, Sequence, Step, Wait, Watch, failed
from missions.view import Mode, View
from wire import geo
from wire.geo import Position
from wire.messages import Landed

ABOVE_M = 0.5
"""This near above the pad, and slow, landing may begin: PX4 lands where it is when it is told to."""
WIDER_M, WIDER_AFTER_S = 1.0, 20.0
"""In gusts it may not stay that near; after a while somewhat farther is near enough."""
CALM_S = 2.0
MOVED_M = 2.0
STANDING_MOVED_M = 0.3
"""The target is corrected when the pad is farther than this from where the aircraft was sent (the second: while it stands)."""
CORRECT_S = 1.5
PAD_FRESH_S = 3.0
"""Nothing lands on a pad whose place was not heard this recently: the vehicle may have gone."""
LOW_M = 4.0
"""With less than this above the roof it rises straight up first: beside the vehicle there may be something in the way."""
STOPPED_S = 3.0
"""Landing waits for a vehicle that has stood still this long: PX4's land detector and estimator assume a still ground."""


class ReturnStep:
    """Fly to above the pad and stay there, following it; success when calm above a standing vehicle.

    Without a pad position the step fails at once, and the executive lets PX4 return to its home, kept at the last known place.
    """

    def __init__(self, roof_amsl_m: float, height_m: float, speed_m_s: float, deadline_s: float = 300.0) -> None:
        """At a height above the roof; lower than `LOW_M` above it, straight up first."""
        self._low_amsl_m, self._altitude_amsl_m = roof_amsl_m + min(LOW_M, height_m / 2), roof_amsl_m + height_m
        self._speed_m_s, self._deadline_s = speed_m_s, deadline_s
        self._rises_at: Position | None = None
        self._started_s: float | None = None
        self._leg: Act | None = None
        self._target: Position | None = None
        self._sent_s = 0.0
        self._calm_since_s: float | None = None
        self._near_since_s: float | None = None

    def update(self, now_s: float, view: View) -> Output:
        self._started_s = self._started_s or now_s
        pad, here = view.vehicle.pad, view.aircraft.position
        if pad is None or here is None:
            return failed(Result.REFUSED, "the vehicle's position is not known")
        if now_s - self._started_s > self._deadline_s:
            return failed(Result.TIMED_OUT, f"it did not come to rest above the vehicle within {self._deadline_s:g} s")
        place = self._place(here, pad)
        if self._stale(now_s, place, standing=view.vehicle.stopped_s > 1.0):
            self._target, self._sent_s = place._replace(altitude_amsl_m=self._altitude_amsl_m), now_s
            request = ask.Reposition(self._target, self._speed_m_s)
            self._leg = Act(
                request, lambda v: v.aircraft.mode is Mode.HOLD, "turning back", deadline_s=6, commands=(CMD_REPOSITION,)
            )
        return self._fly(now_s, view, here, pad)

    def _place(self, here: Position, pad: Position) -> Position:
        """Where to be: above the pad, but while it is low, above where it became so."""
        if here.altitude_amsl_m >= self._low_amsl_m:
            self._rises_at = None
            return pad
        self._rises_at = self._rises_at or here
        return self._rises_at

    def _stale(self, now_s: float, place: Position, *, standing: bool) -> bool:
        if self._target is None:
            return True
        moved_m = STANDING_MOVED_M if standing else MOVED_M
        return now_s - self._sent_s > CORRECT_S and geo.distance_m(self._target, place) > moved_m

    def _fly(self, now_s: float, view: View, here: Position, pad: Position) -> Output:
        requests: tuple[ask.Request, ...] = ()
        if self._leg is not None:
            output = self._leg.update(now_s, view)
            if output.outcome is not None:
                self._leg = None
                if output.outcome.result is not Result.SUCCESS:
                    return output
            requests = output.requests
        if not self._calm(now_s, view, here, pad):
            return Output(requests)
        return Output(requests, Outcome(Result.SUCCESS, "above the vehicle"))

    def _tolerance_m(self, now_s: float, distance_m: float) -> float:
        if distance_m > 3 * WIDER_M:
            self._near_since_s = None
            return ABOVE_M
        self._near_since_s = self._near_since_s or now_s
        return WIDER_M if now_s - self._near_since_s > WIDER_AFTER_S else ABOVE_M

    def _calm(self, now_s: float, view: View, here: Position, pad: Position) -> bool:
        speed_m_s = view.aircraft.speed_m_s
        low = here.altitude_amsl_m < self._altitude_amsl_m + ALTITUDE_TOLERANCE_M
        pad_age_s = view.vehicle.pad_age_s
        known = pad_age_s is not None and pad_age_s <= PAD_FRESH_S
        near = known and low and geo.distance_m(here, pad) < self._tolerance_m(now_s, geo.distance_m(here, pad))
        still = speed_m_s is not None and speed_m_s < 0.5 and view.vehicle.stopped_s >= STOPPED_S
        if not (near and still):
            self._calm_since_s = None
            return False
        self._calm_since_s = self._calm_since_s or now_s
        return now_s - self._calm_since_s >= CALM_S


CMD_RETURN = 20  # MAV_CMD_NAV_RETURN_TO_LAUNCH
HOME_MOVED_M = 4.0
TURN_ABOVE_M = 3.0


class ReturnByAutopilot:
    """PX4's own return to its home, which is kept at the vehicle: it needs nothing of us once it has begun.

    PX4 freezes the destination when the return begins. When home has been moved since, it is stopped, waits for the vehicle to
    stand, and is begun again, so that it too ends at the vehicle.
    """

    def __init__(self, *, under_way: bool = False) -> None:
        """`under_way`: PX4 is seen returning already; asked again, it would climb anew."""
        self._steps: Step = Sequence(*_return(unless_seen=under_way))
        self._destination: Position | None = None

    def update(self, now_s: float, view: View) -> Output:
        home = view.aircraft.home
        if self._destination is None or view.aircraft.mode is not Mode.RETURN:
            self._destination = home  # frozen from when the return is seen to begin
        if home is not None and self._destination is not None and self._may_begin_again(home, self._destination, view):
            stop = _into(Mode.HOLD, ask.Hold(), "stopping to turn to the moved vehicle", CMD_REPOSITION)
            standing = Watch(lambda v: v.vehicle.stopped_s > STOPPED_S, "the vehicle did not stop", deadline_s=240)
            self._steps, self._destination = Sequence(stop, standing, *_return()), home  # once for each move
        return self._steps.update(now_s, view)

    @staticmethod
    def _may_begin_again(home: Position, destination: Position, view: View) -> bool:
        """Under way, and so high that going up again is no danger."""
        here = view.aircraft.position
        if view.aircraft.mode is not Mode.RETURN or here is None:
            return False
        high = here.altitude_amsl_m - home.altitude_amsl_m > TURN_ABOVE_M
        return high and geo.distance_m(home, destination) > HOME_MOVED_M


def _into(mode: Mode, request: ask.Request, what: str, command: int, *, unless_seen: bool = False) -> Step:
    """A request that ends when its flight mode is seen."""
    return Act(request, lambda v: v.aircraft.mode is mode, what, deadline_s=5, commands=(command,), unless_seen=unless_seen)


def _return(*, unless_seen: bool = False) -> tuple[Step, Step]:
    down = Watch(lambda v: v.aircraft.landed is Landed.ON_GROUND, "the return did not end on the ground", deadline_s=300)
    return _into(Mode.RETURN, ask.ReturnHome(), "the return", CMD_RETURN, unless_seen=unless_seen), down


AGAIN_S = (0.0, 1.0, 2.0, 4.0, 8.0, 15.0)
"""How long to wait before what has failed is tried again: the first time at once, and never longer than the last of these."""
KEEPS_FAILING = 3
"""So many failures in a row are more than bad luck: somebody has to know."""


def again(step: Step, failures: int, *, hold: bool) -> Step:
    """A step that has failed so many times in a row, later. `hold`: when it keeps failing, the aircraft stays where it is."""
    stop = (Once(ask.Hold()),) if hold and failures >= KEEPS_FAILING else ()
    return Sequence(*stop, Wait(AGAIN_S[min(failures, len(AGAIN_S)) - 1]), step)
