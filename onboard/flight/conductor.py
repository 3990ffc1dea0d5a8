"""The conductor: walks the executive's phases, runs each phase's step, asks the envelope, answers orders.

Pure: time, orders and views come in; permitted requests, events and replies go out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from missions import requests as ask
from missions.homing import AGAIN_S, KEEPS_FAILING
from missions.phases import HoldStep
from missions.steps import Outcome, Result, Step
from missions.view import Mode, View
from onboard.flight import envelope, executive, orders, rest
from onboard.flight.envelope import Limits
from onboard.flight.executive import Event
from onboard.flight.home import HomeKeeper
from onboard.flight.sortie import IDLE, Sortie
from onboard.flight.watcher import Watcher, at_its_seat, failsafe_sentence
from wire import geo
from wire.messages import Command, LatchRequest, Phase, Reply, Stage, Verb

SENTENCE = 400
MOVES_M_S, THERE_M = 0.5, 3.0

_DONE = {
    Phase.CHECKING: "everything is right",
    Phase.RELEASING: "the latch was seen open",
    Phase.ARMING: "seen armed",
    Phase.CLIMBING: "clear of the vehicle",
    Phase.TRANSIT: "at the circle",
    Phase.RETURNING: "back at the vehicle",
    Phase.LANDING: "on the ground",
    Phase.YIELDED: "seen on the ground",
}
"""Why a phase was left, where its step has no more to say."""


@dataclass
class Round:
    """What one round gives."""

    requests: list[ask.Request] = field(default_factory=list)
    events: list[tuple[str, str]] = field(default_factory=list)  # kind, sentence
    replies: list[Reply] = field(default_factory=list)


class Conductor:
    """One for the life of the process. Call `order` for each command and `update` every round, in one thread."""

    def __init__(self, limits: Limits, clock_speed: float = 1.0) -> None:
        self.phase, self.phase_since_s, self.reason = Phase.STARTING, 0.0, "just started"
        self.sortie = Sortie(limits, clock_speed)
        self._limits = limits
        self._step: Step | None = None
        self._watcher = Watcher()
        self._ledger = orders.Ledger()
        self._home = HomeKeeper()
        self._out = Round()
        self._disarmed_seen = False
        self._failsafe_told = False

    @property
    def latch_request(self) -> LatchRequest:
        """Open while releasing and leaving; close only once disarmed (the vehicle also wants to see it seated)."""
        if self.phase in (Phase.RELEASING, Phase.ARMING, Phase.CLIMBING):
            return LatchRequest.OPEN
        return LatchRequest.CLOSE if self.phase is Phase.SECURING and self._disarmed_seen else LatchRequest.KEEP

    def order(self, command: Command, now_ground_s: float | None, now_s: float, view: View) -> None:
        """Take a command; its reply comes with the next `update`. A repeat is answered from memory."""
        known = self._ledger.known(command, now_s)
        if known is not None:
            self._out.replies.append(known)
            return
        why_not = self._refusal(command, now_ground_s, view)
        if why_not is not None:
            sentence = f"{command.verb} refused: {why_not}"
            self._say("refused", f"{sentence} (ordered by {command.operator})")
            self._out.replies.append(self._ledger.reply(command, Stage.REFUSED, sentence, now_s))
            return
        self._out.replies += self._ledger.supersede(command, now_s)
        self._watcher.officer_over_failsafe = view.aircraft.failsafe
        spent = self._watcher.reserve.spent if command.verb in (Verb.HOLD, Verb.ABORT) else None
        although = f", although {spent}" if spent else ""
        sentence = f"{command.verb} ordered by {command.operator}{although}"
        self._happen(self._event_of(command.verb, view), sentence, now_s, view)
        sentence = f"{command.verb} accepted; {self.phase}"
        self._out.replies.append(self._ledger.reply(command, Stage.ACCEPTED, sentence, now_s))

    def update(self, now_s: float, view: View) -> Round:
        """One round: what was seen first, then the phase's step, then home, then the answer to the open order."""
        asked_s = self.sortie.arm_asked_s
        self._disarmed_seen = view.aircraft.seen_disarmed(None if asked_s is None else now_s - asked_s)
        seen = self._watcher.look(now_s, self.phase, self.sortie, view)
        self._explain(now_s, view)
        if seen is not None:
            self._happen(seen[0], seen[1], now_s, view)
        elif self._step is not None:
            self._run_step(self._step, now_s, view)
        elif self.phase not in IDLE:
            self._happen(Event.FAILED, "something that this phase needs is not known", now_s, view)
        home = self._home.update(now_s, view)
        if home is not None:
            self._request(home, now_s, view)
        reply = self._ledger.settle(self.phase, self._settled(view), self._place(view), now_s)
        if reply is not None:
            self._out.replies.append(reply)
        finished, self._out = self._out, Round()
        return finished

    def _event_of(self, verb: Verb, view: View) -> Event:
        """What an order is here: at its seat, whatever stops it has it land there instead of hover."""
        down = verb in (Verb.HOLD, Verb.RETURN, Verb.ABORT) and at_its_seat(self.phase, view)
        return Event.LAND if down else Event(verb)

    def _refusal(self, command: Command, now_ground_s: float | None, view: View) -> str | None:
        """Why an order is not obeyed, or None. A launch's mission is taken over here."""
        too_old = orders.expired(command, now_ground_s)
        if too_old:
            return too_old
        if command.verb is Verb.STATUS:
            return "status is answered by the vehicle"
        if executive.update(self.phase, Event(command.verb), view.aircraft.airborne) is None:
            why = f": {self.reason}" if self.phase in (Phase.STARTING, Phase.GROUNDED) else ""
            return f"it means nothing while {self.phase}{why}"
        if command.verb is Verb.RESUME:
            return self._watcher.reserve.spent or (None if self.sortie.unfinished() else "there is no unfinished survey")
        if command.verb is Verb.LAUNCH:
            mission = orders.mission_of(command)
            if isinstance(mission, str):
                return mission
            self.sortie.begin(mission)
        return None

    def _happen(self, event: Event, sentence: str, now_s: float, view: View) -> None:
        following = executive.update(self.phase, event, view.aircraft.airborne)
        if following is None:
            return
        self.sortie.keep(self._step)
        if following is Phase.LANDING:
            above = self.phase is Phase.RETURNING and event is Event.DONE
            back = event in (Event.DRIVES, Event.HELD) or at_its_seat(self.phase, view)
            self.sortie.to_the_pad = above or back or (self.phase is Phase.LANDING and self.sortie.to_the_pad)
            self.sortie.by_marker = above
        again = event is Event.FAILED and following is self.phase
        self.sortie.failures = self.sortie.failures + 1 if again else 0
        if following is Phase.RETURNING:
            self._choose_way(event, view, again=again)
        sentence = self._gone_around(event, following, sentence)
        self.sortie.called_off = self.phase in executive.LEAVING or event in (Event.ABORT, Event.FOUND_ARMED)
        sentence = self._alarm(sentence, now_s) if self.sortie.failures >= KEEPS_FAILING else sentence
        self.phase, self.phase_since_s, self.reason = following, now_s, sentence[:SENTENCE]
        self._failsafe_told = event is Event.FAILSAFE
        self._say("phase", f"{following}: {sentence}")
        self._step = self.sortie.step_for(following, view)

    def _choose_way(self, event: Event, view: View, *, again: bool) -> None:
        """Whose return it is. One that failed is tried the other way: what keeps PX4 from its own may not keep us from ours."""
        self.sortie.under_way = event is Event.FOUND_AIRBORNE and view.aircraft.mode is Mode.RETURN
        by_autopilot = event in (Event.ABORT, Event.FAILED) or self.sortie.under_way
        self.sortie.by_autopilot = not self.sortie.by_autopilot if again else by_autopilot

    def _gone_around(self, event: Event, following: Phase, sentence: str) -> str:
        """The battery ends it, not a count; but the officer has to know that the vehicle must stand."""
        coming = following in (Phase.RETURNING, Phase.LANDING)
        self.sortie.go_arounds = self.sortie.go_arounds + (event is Event.PAD_LEFT) if coming else 0
        if event is not Event.PAD_LEFT or self.sortie.go_arounds < KEEPS_FAILING:
            return sentence
        sentence = f"{sentence}, {self.sortie.go_arounds} times by now: let the vehicle stand, or give another order"
        self._say("alarm", sentence)
        return sentence

    def _alarm(self, why: str, now_s: float) -> str:
        """It keeps failing: the officer has to know, and may know better. The order that wanted it has failed."""
        what = "does not come back" if self.phase is Phase.RETURNING else "does not land"
        stays = ", stays where it is" if self.phase is Phase.RETURNING else ""
        sentence = f"it {what}{stays} and tries again every {AGAIN_S[-1]:g} s: give another order or fly it by hand ({why})"
        self._say("alarm", sentence)
        if self._ledger.open is not None:
            self._out.replies.append(self._ledger.reply(self._ledger.open, Stage.FAILED, sentence, now_s))
        return sentence

    def _explain(self, now_s: float, view: View) -> None:
        """At rest, what is seen now; and what is behind a changed mode, where PX4 tells of a failsafe only afterwards."""
        if self.phase is Phase.STARTING:
            self.reason = rest.unknown(view)
        elif self.phase is Phase.GROUNDED:
            self.reason = rest.not_stowed(view) or self.reason
        if self.phase is Phase.YIELDED and view.aircraft.failsafe and not self._failsafe_told:
            self._failsafe_told = True
            self.reason = failsafe_sentence(view.aircraft, now_s)[:SENTENCE]
            self._say("failsafe", self.reason)

    def _run_step(self, step: Step, now_s: float, view: View) -> None:
        output = step.update(now_s, view)
        self.sortie.keep(step)
        refused = [why for request in output.requests if (why := self._request(request, now_s, view))]
        outcome = output.outcome
        if refused and outcome is None:
            outcome = Outcome(Result.REFUSED, refused[0])
        if outcome is not None:
            event = Event.DONE if outcome.result is Result.SUCCESS else Event.FAILED
            sentence = outcome.sentence or (_DONE.get(self.phase, "") if event is Event.DONE else outcome.result)
            self._happen(event, sentence, now_s, view)

    def _request(self, request: ask.Request, now_s: float, view: View) -> str | None:
        """Through the envelope: sent, or the reason why not."""
        why_not = envelope.refusal(request, view, self._limits, officer=self._watcher.officer_over_failsafe)
        if why_not is None:
            self._out.requests.append(request)
            self._watcher.asked(request, now_s)
            if isinstance(request, ask.Arm):
                self.sortie.arm_asked_s = now_s
            return None
        self._say("envelope", f"{type(request).__name__} was not sent: {why_not}")
        return why_not

    def _settled(self, view: View) -> bool:
        """The phase's first effect was seen, not only asked for."""
        aircraft = view.aircraft
        match self.phase:
            case Phase.HOLDING:
                return HoldStep.settled(view)
            case Phase.RETURNING:
                return aircraft.mode is Mode.RETURN if self.sortie.by_autopilot else self._comes_back(view)
            case Phase.LANDING:
                return aircraft.mode in (Mode.LAND, Mode.PRECISION_LAND) or not aircraft.airborne
            case Phase.SURVEYING:
                return aircraft.mode is Mode.ORBIT
            case _:
                return True

    @staticmethod
    def _comes_back(view: View) -> bool:
        """Our own return is seen to have begun: it moves, or is there. Hold mode alone may be from before."""
        speed, away_m = view.aircraft.speed_m_s, distance_m(view)
        moves = speed is not None and speed > MOVES_M_S
        return view.aircraft.mode is Mode.HOLD and (moves or (away_m is not None and away_m < THERE_M))

    def _place(self, view: View) -> str:
        """Phase and place in words: the end of an order's answer."""
        height, distance = height_m(view), distance_m(view)
        if not view.aircraft.airborne or height is None or distance is None:
            return f"{self.phase}: {self.reason}"
        words = {Phase.TRANSIT: "airborne", Phase.RETURNING: "on its way back"}.get(self.phase, str(self.phase))
        return f"{words}, {height:.0f} m above the vehicle and {distance:.0f} m from it"

    def _say(self, kind: str, sentence: str) -> None:
        self._out.events.append((kind, sentence[:SENTENCE]))


def height_m(view: View) -> float | None:
    """Height above the vehicle's roof, by PX4's home, which is kept there."""
    return view.aircraft.height_m


def distance_m(view: View) -> float | None:
    """Horizontal distance to the vehicle's pad, or to home while the pad is not known."""
    here, pad = view.aircraft.position, view.vehicle.pad or view.aircraft.home
    return None if here is None or pad is None else geo.distance_m(here, pad)
