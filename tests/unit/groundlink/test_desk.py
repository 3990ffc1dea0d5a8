"""From order to answer: told as stories, and held to its rules under any sequence of events."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from groundlink.configuration import Operator
from groundlink.link.authority import LAUNCHING, STOPPING, Authority
from groundlink.link.desk import END_S, LAUNCH_END_S, REMEMBERED, Desk, Taken
from groundlink.link.uplink import EXPIRY_S
from wire.errors import ConfigurationError
from wire.messages import Answer, Order, Phase, Reply, Stage, Verb

OPERATORS = [Operator(name="chief", launch=True), Operator(name="officer")]
ENDS = (Stage.DONE, Stage.REFUSED, Stage.FAILED)


def mission_of(order: Order) -> str:
    if order.mission == "bad":
        raise ConfigurationError("the mission:1: orbit: is wrong")
    return order.mission or "default mission"


def make() -> Desk:
    return Desk(Authority(OPERATORS), mission_of)


def order(verb: Verb, name: str = "order-001", mission: str | None = None) -> Order:
    return Order(id=name, verb=verb, mission=mission)


def reply(stage: Stage, name: str = "order-001", sentence: str = "as it is") -> Reply:
    return Reply(command_id=name, stage=stage, sentence=sentence, at_s=0.0)


def only(taken: Taken) -> Answer:
    assert taken.command is None
    assert len(taken.answers) == 1
    return taken.answers[0]


@pytest.mark.parametrize("verb", sorted(LAUNCHING | STOPPING))
def test_accepted_then_done(verb: Verb) -> None:
    desk = make()
    taken = desk.take(order(verb), "chief", 10.0)
    assert not taken.answers
    assert taken.command is not None
    assert (taken.command.verb, taken.command.operator) == (verb, "chief")
    assert (taken.command.issued_s, taken.command.expires_s) == (10.0, 10.0 + EXPIRY_S)
    assert taken.command.mission_yaml == ("default mission" if verb is Verb.LAUNCH else None)
    assert desk.unanswered == {"order-001"}
    assert desk.reply(reply(Stage.ACCEPTED), 10.1) == Answer(order_id="order-001", stage=Stage.ACCEPTED, sentence="as it is")
    assert desk.unanswered == frozenset()
    assert desk.reply(reply(Stage.ACCEPTED), 10.2) is None  # the aircraft answers every repetition
    assert desk.reply(reply(Stage.ACCEPTED, sentence="climbing"), 10.3) is not None
    done = desk.reply(reply(Stage.DONE), 20.0)
    assert done is not None
    assert done.stage is Stage.DONE
    assert not desk.launching()


@pytest.mark.parametrize(("stage", "later"), list(itertools.product(ENDS, Stage)))
def test_an_end_is_an_end(stage: Stage, later: Stage) -> None:
    desk = make()
    desk.take(order(Verb.LAUNCH), "chief", 10.0)
    first = desk.reply(reply(stage), 10.1)
    assert first is not None
    assert first.stage is stage
    assert desk.reply(reply(later, sentence="something else"), 10.2) is None
    assert desk.tick(1000.0, "") == []
    assert only(desk.take(order(Verb.LAUNCH), "chief", 1001.0)) == first


def test_a_refusal_is_said_once_and_with_what_can_be_ordered() -> None:
    desk = make()
    desk.take(order(Verb.HOLD), "chief", 10.0)
    refused = reply(Stage.REFUSED, sentence="hold refused: it means nothing while stowed")
    answer = desk.reply(refused, 10.1, Phase.STOWED)
    assert answer is not None
    assert (answer.stage, answer.sentence) == (Stage.REFUSED, "it means nothing while stowed; now you can order launch")
    assert desk.reply(refused, 10.2, Phase.STOWED) is None


def test_a_refusal_for_another_reason_needs_no_hint() -> None:
    desk = make()
    desk.take(order(Verb.LAUNCH), "chief", 10.0)
    answer = desk.reply(reply(Stage.REFUSED, sentence="launch refused: the latch is stuck"), 10.1, Phase.STOWED)
    assert answer is not None and answer.sentence == "the latch is stuck"


def test_an_order_that_is_asked_about_is_never_given() -> None:
    desk = make()
    again = msgspec.structs.replace(order(Verb.LAUNCH), asked_again=True)
    assert only(desk.take(again, "chief", 10.0)).stage is Stage.UNKNOWN
    assert not desk.launching() and desk.unanswered == frozenset()
    assert desk.take(order(Verb.LAUNCH), "chief", 10.0).command is not None
    assert desk.take(again, "chief", 10.1) == Taken([])
    desk.reply(reply(Stage.DONE), 11.0)
    assert only(desk.take(again, "chief", 12.0)).stage is Stage.DONE


def test_no_answer_until_expiry() -> None:
    desk = make()
    desk.take(order(Verb.HOLD), "officer", 10.0)
    assert desk.tick(10.0 + EXPIRY_S - 0.01, "") == []
    (answer,) = desk.tick(10.0 + EXPIRY_S, "")
    assert answer.stage is Stage.FAILED
    assert "no answer from the aircraft within 3 s" in answer.sentence
    assert desk.unanswered == frozenset()
    assert desk.reply(reply(Stage.ACCEPTED), 14.0) is None


@pytest.mark.parametrize(("verb", "end_s"), [(Verb.LAUNCH, LAUNCH_END_S), (Verb.RETURN, END_S), (Verb.RESUME, END_S)])
def test_accepted_but_no_end(verb: Verb, end_s: float) -> None:
    desk = make()
    desk.take(order(verb), "chief", 10.0)
    desk.reply(reply(Stage.ACCEPTED), 11.0)
    assert desk.tick(11.0 + end_s - 0.01, "") == []
    (answer,) = desk.tick(11.0 + end_s, "the aircraft is climbing for 170 s")
    assert answer.stage is Stage.FAILED
    assert "the aircraft is climbing for 170 s" in answer.sentence


def test_status_is_answered_here() -> None:
    answer = only(make().take(order(Verb.STATUS), "officer", 1.0, status="all is well"))
    assert (answer.stage, answer.sentence) == (Stage.DONE, "all is well")


def test_refusals_reach_nobody_else() -> None:
    assert only(make().take(order(Verb.LAUNCH), "officer", 1.0)).stage is Stage.REFUSED
    assert only(make().take(order(Verb.STATUS), "stranger", 1.0)).stage is Stage.REFUSED
    assert "orbit" in only(make().take(order(Verb.LAUNCH, mission="bad"), "chief", 1.0)).sentence
    stalled = only(make().take(order(Verb.ABORT), "chief", 1.0, refusal="old by now"))
    assert (stalled.stage, stalled.sentence) == (Stage.REFUSED, "old by now")


@pytest.mark.parametrize("answered", [False, True])
@pytest.mark.parametrize(("first", "second"), list(itertools.permutations(sorted(LAUNCHING | STOPPING), 2)))
def test_an_id_is_good_for_one_verb_only(first: Verb, second: Verb, answered: bool) -> None:
    desk = make()
    desk.take(order(first), "chief", 1.0)
    if answered:
        desk.reply(reply(Stage.DONE), 1.1)
    answer = only(desk.take(order(second), "chief", 2.0))
    assert answer.stage is Stage.REFUSED
    assert f"already used for {first}, so this {second} was not given" in answer.sentence
    again = desk.take(order(first), "chief", 3.0)  # the first one is as it was
    assert [each.stage for each in again.answers] == [Stage.DONE] * answered


def test_an_id_is_good_for_one_mission_only() -> None:
    desk = make()
    desk.take(order(Verb.LAUNCH, mission="one"), "chief", 1.0)
    answer = only(desk.take(order(Verb.LAUNCH, mission="two"), "chief", 2.0))
    assert answer.stage is Stage.REFUSED
    assert "already used for another mission" in answer.sentence
    assert desk.launching()


def test_one_launch_at_a_time() -> None:
    desk = make()
    desk.take(order(Verb.LAUNCH), "chief", 1.0)
    desk.reply(reply(Stage.ACCEPTED), 1.1)
    assert desk.launching()
    assert "already under way" in only(desk.take(order(Verb.LAUNCH, "order-002"), "chief", 2.0)).sentence
    desk.reply(reply(Stage.FAILED), 3.0)
    assert not desk.launching()
    assert desk.take(order(Verb.LAUNCH, "order-003"), "chief", 4.0).command is not None


@pytest.mark.parametrize("verb", sorted(STOPPING))
def test_a_stop_overtakes_a_launch_that_is_still_on_its_way(verb: Verb) -> None:
    desk = make()
    desk.take(order(Verb.LAUNCH), "chief", 1.0)
    taken = desk.take(order(verb, "order-002"), "officer", 1.5)
    assert taken.command is not None
    (overtaken,) = taken.answers
    assert (overtaken.order_id, overtaken.stage) == ("order-001", Stage.FAILED)
    assert desk.unanswered == {"order-002"}
    assert not desk.launching()


@pytest.mark.parametrize(("stop", "go"), list(itertools.product(sorted(STOPPING), sorted(LAUNCHING))))
def test_nothing_is_launched_while_a_stop_is_on_its_way(stop: Verb, go: Verb) -> None:
    desk = make()
    desk.take(order(stop), "officer", 1.0)
    assert "not been answered" in only(desk.take(order(go, "order-002"), "chief", 1.1)).sentence
    desk.reply(reply(Stage.ACCEPTED), 1.2)
    assert desk.take(order(go, "order-003"), "chief", 1.3).command is not None


def test_the_same_id_again() -> None:
    desk = make()
    desk.take(order(Verb.HOLD), "officer", 1.0)
    assert desk.take(order(Verb.HOLD), "officer", 1.1) == Taken([])
    accepted = desk.reply(reply(Stage.ACCEPTED), 1.2)
    assert only(desk.take(order(Verb.HOLD), "officer", 1.3)) == accepted
    assert "another operator" in only(desk.take(order(Verb.HOLD), "chief", 1.4)).sentence


def test_replies_to_nobody() -> None:
    desk = make()
    assert desk.reply(reply(Stage.DONE, "never-seen"), 1.0) is None
    desk.take(order(Verb.STATUS), "officer", 1.0)
    assert desk.reply(reply(Stage.FAILED), 1.0) is None


def test_memory_is_bounded_and_keeps_what_has_not_ended() -> None:
    desk = make()
    desk.take(order(Verb.LAUNCH), "chief", 0.0)
    desk.reply(reply(Stage.ACCEPTED), 0.1)
    for number in range(2 * REMEMBERED):
        desk.take(order(Verb.STATUS, f"status-{number:05}"), "officer", 0.2)
    assert desk.launching()
    assert desk.take(order(Verb.STATUS, "status-00000"), "officer", 0.3, status="anew").answers[0].sentence == "anew"
    assert (
        desk.take(order(Verb.STATUS, f"status-{2 * REMEMBERED - 1:05}"), "officer", 0.3, status="anew").answers[0].sentence
        == ""
    )


class AnyDay(RuleBasedStateMachine):
    """Orders, replies and time in any sequence."""

    def __init__(self) -> None:
        super().__init__()
        self.desk = make()
        self.now_s = 0.0
        self.issued_s: dict[str, float] = {}
        self.ended: dict[str, Answer] = {}
        self.verbs: dict[str, Verb] = {}
        self.number = 0

    def told(self, answers: list[Answer]) -> None:
        for answer in answers:
            assert answer.order_id not in self.ended, "an order ended twice"
            if answer.stage in ENDS:
                self.ended[answer.order_id] = answer

    @rule(verb=st.sampled_from(sorted(Verb)), who=st.sampled_from(["chief", "officer", "stranger"]))
    def order(self, verb: Verb, who: str) -> None:
        self.number += 1
        name = f"order-{self.number:04}"
        self.verbs[name] = verb
        taken = self.desk.take(order(verb, name), who, self.now_s)
        self.told(list(taken.answers))
        if taken.command is not None:
            assert taken.command.operator == who
            assert who == "chief" or (who == "officer" and verb in STOPPING)
            self.issued_s[name] = self.now_s
            assert self.desk.unanswered == {name}, "the newest order is the only one on its way"
        else:
            assert name in self.ended

    @rule(number=st.integers(1, 20), verb=st.sampled_from(sorted(Verb)))
    def again(self, number: int, verb: Verb) -> None:
        name = f"order-{number:04}"
        if name in self.ended:
            answer = only(self.desk.take(order(verb, name), "officer", self.now_s))
            if "another operator" in answer.sentence:
                return
            if verb is self.verbs[name]:
                assert answer == self.ended[name]
            else:
                assert answer.stage is Stage.REFUSED and f"already used for {self.verbs[name]}" in answer.sentence

    @rule(number=st.integers(1, 20), stage=st.sampled_from(sorted(Stage)))
    def reply(self, number: int, stage: Stage) -> None:
        answer = self.desk.reply(reply(stage, f"order-{number:04}"), self.now_s)
        self.told([answer] if answer else [])

    @rule(step_s=st.floats(0.01, 100.0))
    def wait(self, step_s: float) -> None:
        self.now_s += step_s
        self.told(self.desk.tick(self.now_s, "words"))

    @invariant()
    def nothing_waits_for_ever(self) -> None:
        for name, issued_s in self.issued_s.items():
            assert name in self.ended or self.now_s - issued_s < EXPIRY_S + LAUNCH_END_S

    @invariant()
    def one_on_its_way_at_most(self) -> None:
        assert len(self.desk.unanswered) <= 1


TestAnyDay = AnyDay.TestCase
TestAnyDay.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
