"""The desk: a client's order becomes a command, the aircraft's replies become the client's answers. Pure.

Each order ends exactly once, as DONE, FAILED or REFUSED. The newest word counts: an order to stop overtakes everything that
is not yet answered, so that an older launch can never arrive after it; nothing is launched while a word is still on its way.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from groundlink.link.authority import LAUNCHING, Authority
from groundlink.link.uplink import EXPIRY_S
from groundlink.words import POSSIBLE, instead
from wire.errors import ConfigurationError
from wire.messages import Answer, Command, Order, Phase, Reply, Stage, Verb

LAUNCH_END_S = 180.0
END_S = 30.0
"""Accepted, but no end seen within these: the order has failed."""

REMEMBERED = 256
"""So many orders are known again when their id comes again."""

_SENTENCE_LENGTH = 400


@dataclass
class Case:
    """One order from its arrival to its end."""

    order: Order
    operator: str
    command: Command | None = None
    answer: Answer | None = None
    accepted_s: float | None = None

    @property
    def ended(self) -> bool:
        return self.answer is not None and self.answer.stage is not Stage.ACCEPTED

    @property
    def unanswered(self) -> bool:
        """Its command is still on its way."""
        return self.command is not None and self.answer is None

    @property
    def end_s(self) -> float:
        return LAUNCH_END_S if self.order.verb is Verb.LAUNCH else END_S


@dataclass(frozen=True)
class Taken:
    """What came of an order: what to tell which clients now, and what to send up."""

    answers: Sequence[Answer] = ()
    command: Command | None = None


class Desk:
    """`mission_of` gives the checked text of the mission that a launch order means, or raises ConfigurationError."""

    def __init__(self, authority: Authority, mission_of: Callable[[Order], str]) -> None:
        self._authority = authority
        self._mission_of = mission_of
        self._cases: dict[str, Case] = {}

    def take(self, order: Order, operator: str, now_s: float, status: str = "", refusal: str | None = None) -> Taken:
        """An order from a client. `status` answers the verb status; `refusal`: why nothing at all is taken now."""
        known = self._cases.get(order.id)
        if known is not None:
            return self._again(known, order, operator)
        if order.asked_again:
            return Taken([Answer(order_id=order.id, stage=Stage.UNKNOWN, sentence="this daemon does not know the order")])
        case = Case(order, operator)
        self._remember(case)
        reason = self._authority.refusal(operator, order.verb) or refusal
        if reason is None and order.verb is Verb.STATUS:
            return Taken([self._say(case, Stage.DONE, status)])
        reason = reason or self._in_the_way(order.verb)
        if reason is not None:
            return Taken([self._say(case, Stage.REFUSED, reason)])
        try:
            mission = self._mission_of(order) if order.verb is Verb.LAUNCH else None
        except ConfigurationError as error:
            return Taken([self._say(case, Stage.REFUSED, str(error))])
        overtaken = self._overtake(order.verb)
        case.command = Command(
            id=order.id,
            verb=order.verb,
            operator=operator,
            issued_s=now_s,
            expires_s=now_s + EXPIRY_S,
            mission_yaml=mission,
        )
        return Taken(overtaken, case.command)

    def reply(self, reply: Reply, now_s: float, phase: Phase | None = None) -> Answer | None:
        """The aircraft, in this phase, has replied; the answer for the client, if this is news to it."""
        case = self._cases.get(reply.command_id)
        if case is None or case.command is None or case.ended:
            return None
        if reply.stage is Stage.ACCEPTED and case.accepted_s is None:
            case.accepted_s = now_s
        sentence = reply.sentence
        if reply.stage is Stage.REFUSED:
            sentence = sentence.removeprefix(f"{case.order.verb} refused: ")  # the answer's stage says so
            if phase is not None and case.order.verb not in POSSIBLE[phase]:
                sentence = f"{sentence.rstrip('.')}; {instead(phase)}"
        if case.answer is not None and (case.answer.stage, case.answer.sentence) == (reply.stage, sentence):
            return None
        return self._say(case, reply.stage, sentence)

    def tick(self, now_s: float, aircraft: str) -> list[Answer]:
        """Ends what has waited too long. `aircraft` says in words what is known of it now."""
        answers = []
        for case in self._cases.values():
            if case.command is None or case.ended:
                continue
            if case.accepted_s is None and now_s >= case.command.expires_s:
                sentence = f"no answer from the aircraft within {EXPIRY_S:g} s: it may or may not have heard; watch it"
                answers.append(self._say(case, Stage.FAILED, sentence))
            elif case.accepted_s is not None and now_s - case.accepted_s >= case.end_s:
                sentence = f"the aircraft accepted it, but did not report its end within {case.end_s:g} s; {aircraft}"
                answers.append(self._say(case, Stage.FAILED, sentence))
        return answers

    @property
    def unanswered(self) -> frozenset[str]:
        """The ids of the commands that are still on their way."""
        return frozenset(each for each, case in self._cases.items() if case.unanswered)

    def launching(self) -> bool:
        """A launch of ours is under way."""
        return any(c.command is not None and not c.ended and c.order.verb is Verb.LAUNCH for c in self._cases.values())

    def _again(self, known: Case, order: Order, operator: str) -> Taken:
        if known.operator != operator:
            return self._used(order, "by another operator")
        if known.order.verb is not order.verb:
            return self._used(order, f"for {known.order.verb}, so this {order.verb} was not given")
        if known.order.mission != order.mission:
            return self._used(order, f"for another mission, so this {order.verb} was not given")
        return Taken([] if known.answer is None else [known.answer])

    @staticmethod
    def _used(order: Order, by: str) -> Taken:
        sentence = f"this order's id was already used {by}: give each order an id of its own"
        return Taken([Answer(order_id=order.id, stage=Stage.REFUSED, sentence=sentence)])

    def _in_the_way(self, verb: Verb) -> str | None:
        if verb is Verb.LAUNCH and self.launching():
            return "a launch is already under way: wait for its end, or abort it"
        pending = next((case for case in self._cases.values() if case.unanswered), None)
        if verb in LAUNCHING and pending is not None:
            return f"{pending.order.verb} has not been answered by the aircraft yet: wait for that, then say it again"
        return None

    def _overtake(self, verb: Verb) -> list[Answer]:
        sentence = f"overtaken by {verb} before the aircraft had answered"
        return [self._say(case, Stage.FAILED, sentence) for case in self._cases.values() if case.unanswered]

    def _say(self, case: Case, stage: Stage, sentence: str) -> Answer:
        case.answer = Answer(order_id=case.order.id, stage=stage, sentence=sentence[:_SENTENCE_LENGTH])
        return case.answer

    def _remember(self, case: Case) -> None:
        self._cases[case.order.id] = case
        if len(self._cases) > REMEMBERED:
            oldest = next((each for each, old in self._cases.items() if old.ended), None)
            if oldest is not None:
                del self._cases[oldest]
