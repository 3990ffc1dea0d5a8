"""Steps: a step asks for things, looks, and ends exactly once with a result. Pure: time and view come in, requests go out.

An acknowledgement is not an effect: a step succeeds only by what it *sees* in telemetry.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from missions.requests import Request
from missions.view import View

ACK_ACCEPTED, ACK_IN_PROGRESS = 0, 5  # MAV_RESULT
REPEAT_S = 1.2
"""A request without any acknowledgement is sent again after this."""


class Result(StrEnum):
    SUCCESS = "success"
    REFUSED = "refused"
    TIMED_OUT = "timed out"
    FAILSAFE = "failsafe"
    TAKEN_OVER = "taken over"


@dataclass(frozen=True, slots=True)
class Outcome:
    result: Result
    sentence: str = ""


@dataclass(frozen=True, slots=True)
class Output:
    """What one update gives: requests to send now, and the outcome if this was the end."""

    requests: tuple[Request, ...] = ()
    outcome: Outcome | None = None


class Step(Protocol):
    """Call `update` until it gives an outcome, then never again."""

    def update(self, now_s: float, view: View) -> Output: ...


SUCCESS = Output(outcome=Outcome(Result.SUCCESS))


def failed(result: Result, sentence: str) -> Output:
    return Output(outcome=Outcome(result, sentence))


class Act:
    """One request whose effect is seen: asked, asked again while nothing answers, ended by sight, refusal or deadline.

    `commands` are the MAV_CMD ids whose refusal ends it. A request that must not be repeated once it was heard (PX4 starts
    an orbit anew each time) is safe here: any acknowledgement stops the repeating. `unless_seen`: do not ask for what is so.
    """

    def __init__(
        self,
        request: Request,
        seen: Callable[[View], bool],
        what: str,
        *,
        deadline_s: float,
        commands: tuple[int, ...],
        unless_seen: bool = False,
    ) -> None:
        self._request, self._seen, self._what = request, seen, what
        self._unless_seen = unless_seen
        self._deadline_s, self._commands = deadline_s, commands
        self._started_s: float | None = None
        self._asked_s = 0.0

    def update(self, now_s: float, view: View) -> Output:
        if self._started_s is None:
            self._started_s = self._asked_s = now_s
            return SUCCESS if self._unless_seen and self._seen(view) else Output((self._request,))
        if self._seen(view):
            return SUCCESS
        started_s = self._started_s
        answers = [a for a in view.aircraft.acks if a.command in self._commands and a.at_s >= started_s]
        refusal = next((a for a in answers if a.result not in (ACK_ACCEPTED, ACK_IN_PROGRESS)), None)
        if refusal:
            return failed(Result.REFUSED, f"{self._what} was refused{self._why(view, started_s)}")
        if now_s - started_s > self._deadline_s:
            heard = "accepted, but its effect was not seen" if answers else "not answered"
            return failed(Result.TIMED_OUT, f"{self._what} was {heard} within {self._deadline_s:g} s")
        if not answers and now_s - self._asked_s > REPEAT_S:
            self._asked_s = now_s
            return Output((self._request,))
        return Output()

    @staticmethod
    def _why(view: View, since_s: float) -> str:
        aircraft = view.aircraft
        if aircraft.last_text_s is not None and aircraft.last_text_s >= since_s and aircraft.last_text:
            return f": {aircraft.last_text}"
        return " without a reason given"


class Sequence:
    """Steps one after the other; the first that does not succeed ends it."""

    def __init__(self, *steps: Step) -> None:
        self._steps = list(steps)

    def update(self, now_s: float, view: View) -> Output:
        requests: tuple[Request, ...] = ()
        while True:
            output = self._steps[0].update(now_s, view)
            requests += output.requests
            done = output.outcome is not None and output.outcome.result is Result.SUCCESS
            if not done or len(self._steps) == 1:
                return Output(requests, output.outcome)
            self._steps.pop(0)


class Once:
    """One request, and never mind what becomes of it."""

    def __init__(self, request: Request) -> None:
        self._request = request

    def update(self, now_s: float, view: View) -> Output:
        del now_s, view
        return Output((self._request,), Outcome(Result.SUCCESS))


class Wait:
    """Lets time pass."""

    def __init__(self, wait_s: float) -> None:
        self._wait_s = wait_s
        self._started_s: float | None = None

    def update(self, now_s: float, view: View) -> Output:
        del view
        self._started_s = now_s if self._started_s is None else self._started_s
        return SUCCESS if now_s - self._started_s >= self._wait_s else Output()


class Watch:
    """No request: waits until something is seen, with a deadline."""

    def __init__(self, seen: Callable[[View], bool], what: str, *, deadline_s: float) -> None:
        self._seen, self._what, self._deadline_s = seen, what, deadline_s
        self._started_s: float | None = None

    def update(self, now_s: float, view: View) -> Output:
        if self._started_s is None:
            self._started_s = now_s
        if self._seen(view):
            return SUCCESS
        if now_s - self._started_s > self._deadline_s:
            return failed(Result.TIMED_OUT, f"{self._what} within {self._deadline_s:g} s")
        return Output()
