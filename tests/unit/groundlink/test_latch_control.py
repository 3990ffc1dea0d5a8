"""The latch moves only for a disarmed aircraft that is heard now: over every combination of what it decides on."""

from __future__ import annotations

import itertools

import pytest

from groundlink.latch.fake import FakeLatch
from groundlink.link.latch_control import STUCK_S, Action, StuckWatch, checked, decide
from tests.unit.groundlink.build import aircraft, latch
from wire.messages import AircraftState, LatchRequest, LatchState, Phase

ON_THE_ROOF = {Phase.SECURING, Phase.STOWED, Phase.SECURED}
STATES = [
    aircraft(phase=phase, latch_request=request, armed=armed)
    for phase, request, armed in itertools.product(Phase, LatchRequest, (True, False, None))
]
LATCHES: list[LatchState | None] = [
    None,
    *(LatchState(open=a, closed=b, seated=c, valid=d) for a, b, c, d in itertools.product((True, False), repeat=4)),
]
AGES = (None, 0.0, 0.9, 1.1, -3.0, float("nan"))
LATCH_AGES = (None, 0.5, 1.5, -2.0, float("nan"))


def may_close(state: AircraftState, age_s: float | None, sensors: LatchState | None, latch_age_s: float | None) -> bool:
    return (
        state.latch_request is LatchRequest.CLOSE
        and state.armed is False
        and state.phase in ON_THE_ROOF
        and age_s in (0.0, 0.9)
        and sensors is not None
        and sensors.valid
        and sensors.seated
        and not (sensors.open and sensors.closed)
        and latch_age_s == 0.5
    )


def may_open(state: AircraftState, age_s: float | None, *, launching: bool) -> bool:
    return (
        state.latch_request is LatchRequest.OPEN
        and state.phase is Phase.RELEASING
        and state.armed is False
        and age_s in (0.0, 0.9)
        and launching
    )


def test_every_combination() -> None:
    seen = set()
    for state, age_s, sensors, latch_age_s, launching in itertools.product(STATES, AGES, LATCHES, LATCH_AGES, (True, False)):
        decision = decide(state, age_s, sensors, latch_age_s, launching=launching)
        wanted = Action.KEEP
        if may_close(state, age_s, sensors, latch_age_s):
            wanted = Action.CLOSE
        elif may_open(state, age_s, launching=launching):
            wanted = Action.OPEN
        assert decision.action is wanted, (state, age_s, sensors, latch_age_s, launching)
        assert decision.reason
        assert state.armed is False or decision.action is Action.KEEP
        seen.add(decision.action)
    assert seen == set(Action)


def test_an_open_latch_that_stays_open_is_not_called_a_refusal() -> None:
    arming = aircraft(phase=Phase.CLIMBING, latch_request=LatchRequest.OPEN, armed=True)
    assert (
        decide(arming, 0.1, latch(is_open=True, closed=False), 0.1, launching=True).reason == "kept: open, as the aircraft asks"
    )
    assert "not known to be disarmed" in decide(arming, 0.1, latch(is_open=True), 0.1, launching=True).reason


def test_nothing_heard_keeps_it() -> None:
    assert decide(None, None, latch(), 0.1, launching=True).action is Action.KEEP


@pytest.mark.parametrize("valid", [True, False])
def test_open_and_closed_at_once_is_invalid(valid: bool) -> None:
    contradiction = checked(latch(is_open=True, closed=True, valid=valid))
    assert contradiction is not None
    assert not contradiction.valid
    assert checked(latch()) == latch()
    assert checked(None) is None


@pytest.mark.parametrize("action", [Action.OPEN, Action.CLOSE])
def test_a_latch_that_does_not_get_there_is_stuck(action: Action) -> None:
    between = latch(is_open=False, closed=False)
    watch = StuckWatch()
    assert watch.update(action, between, 10.0) is None
    assert watch.update(action, between, 10.0 + STUCK_S - 0.1) is None
    sentence = watch.update(action, between, 10.0 + STUCK_S)
    assert sentence is not None
    assert action.value in sentence
    assert watch.update(Action.KEEP, between, 11.0 + STUCK_S) is None


def test_a_latch_that_gets_there_is_not_stuck() -> None:
    watch = StuckWatch()
    for step in range(100):
        now_s = step * 0.2
        assert watch.update(Action.OPEN, latch(is_open=step > 5, closed=False), now_s) is None


def test_turning_around_starts_the_time_anew() -> None:
    watch = StuckWatch()
    between = latch(is_open=False, closed=False)
    watch.update(Action.OPEN, between, 0.0)
    assert watch.update(Action.CLOSE, between, STUCK_S) is None
    assert watch.update(Action.CLOSE, between, 2 * STUCK_S) is not None


def test_broken_sensors_never_show_a_latch_there() -> None:
    watch = StuckWatch()
    watch.update(Action.CLOSE, latch(valid=False), 0.0)
    assert watch.update(Action.CLOSE, latch(valid=False), STUCK_S) is not None


def test_the_fake_latch_takes_its_time_and_can_fail() -> None:
    fake = FakeLatch(travel_s=0.5)
    assert fake.read(0.0) == (latch(), 0.0)
    fake.order(to_open=True, now_s=1.0)
    assert fake.read(1.2) == (latch(is_open=False, closed=False), 0.0)
    assert fake.read(1.6) == (latch(is_open=True, closed=False), 0.0)
    fake.stuck = True
    fake.order(to_open=False, now_s=2.0)
    assert fake.read(4.0) == (latch(is_open=True, closed=False), 0.0)
    fake.silent_since_s = 4.0
    assert fake.read(6.0) == (latch(is_open=True, closed=False), 2.0)
    fake.contradicting = True
    report = fake.read(6.0)
    assert report is not None
    assert report[0].open
    assert report[0].closed
