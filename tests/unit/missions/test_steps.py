"""Steps: asked, asked again while nothing answers, ended exactly once by what is seen."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions import homing, phases
from missions import requests as ask
from missions.model import Orbit
from missions.phases import SecureStep, SurveyStep
from missions.steps import REPEAT_S, Act, Outcome, Output, Result, Sequence, Step, Wait, Watch
from missions.view import Ack, Mode, OrbitStatus, View
from tests.unit.flight.build import CLOSED, ROOF, aircraft, flying, open_latch, place, vehicle, view
from wire import geo
from wire.geo import Ned
from wire.messages import Landed

LAND = 21
DOWN = view(aircraft(mode=Mode.LAND))
UP = view(flying())


def act(*, unless_seen: bool = False) -> Act:
    return Act(
        ask.Land(), lambda v: v.aircraft.mode is Mode.LAND, "landing",
        deadline_s=6.0, commands=(LAND,), unless_seen=unless_seen,
    )  # fmt: skip


def acked(at_s: float, *results: int, command: int = LAND, **changes: Any) -> View:
    return view(flying(acks=tuple(Ack(command, result, at_s) for result in results), **changes))


def result_of(output: Output) -> Result | None:
    return None if output.outcome is None else output.outcome.result


def drive(step: Step, views: Any, *, since_s: float = 100.0, period_s: float = 0.1) -> tuple[list[Output], Outcome | None]:
    """Update until the end; `views` gives the view for each time."""
    outputs: list[Output] = []
    for i in range(100_000):
        now_s = since_s + i * period_s
        seen = views(now_s)
        if seen is None:
            return outputs, None
        outputs.append(step.update(now_s, seen))
        if outputs[-1].outcome is not None:
            return outputs, outputs[-1].outcome
    raise AssertionError("it never ended")


def test_an_effect_that_is_seen_ends_an_act() -> None:
    step = act()
    assert step.update(1.0, UP) == Output((ask.Land(),))
    assert step.update(1.1, UP) == Output()
    assert result_of(step.update(1.2, DOWN)) is Result.SUCCESS


def test_an_acknowledgement_is_no_effect() -> None:
    outputs, end = drive(act(), lambda now_s: acked(100.1, 0))
    assert end is not None and end.result is Result.TIMED_OUT
    assert end.sentence == "landing was accepted, but its effect was not seen within 6 s"
    assert sum(len(o.requests) for o in outputs) == 1, "what was heard is not asked again"


def test_what_nobody_answers_is_asked_again_until_the_deadline() -> None:
    outputs, end = drive(act(), lambda now_s: UP)
    assert end == Outcome(Result.TIMED_OUT, "landing was not answered within 6 s")
    asked = [i * 0.1 for i, output in enumerate(outputs) if output.requests]
    assert len(asked) == 5 and all(b - a > REPEAT_S for a, b in itertools.pairwise(asked))


@pytest.mark.parametrize("result", [1, 2, 3, 4, 6, 7, 8, 9, 255])
@pytest.mark.parametrize("before", [(), (0,), (5,), (0, 5)], ids=str)
def test_any_refusal_ends_it_also_after_an_acceptance(result: int, before: tuple[int, ...]) -> None:
    """PX4 v1.16 answers DO_SET_MODE twice: accepted, and then what it really thinks."""
    step = act()
    step.update(1.0, UP)
    end = step.update(1.1, acked(1.1, *before, result, last_text="no home", last_text_s=1.05)).outcome
    assert end == Outcome(Result.REFUSED, "landing was refused: no home")


def test_answers_from_before_or_to_others_do_not_count() -> None:
    step = act()
    step.update(1.0, UP)
    assert step.update(1.1, acked(0.9, 2)) == Output()
    assert step.update(1.2, acked(1.1, 2, command=22)) == Output()
    assert step.update(2.4, acked(0.9, 0)).requests, "an old answer is none"


def test_an_old_text_is_no_reason() -> None:
    step = act()
    step.update(1.0, UP)
    end = step.update(1.1, acked(1.1, 2, last_text="old", last_text_s=0.5)).outcome
    assert end == Outcome(Result.REFUSED, "landing was refused without a reason given")


def test_what_is_so_already_is_not_asked_for() -> None:
    assert act(unless_seen=True).update(1.0, DOWN) == Output(outcome=Outcome(Result.SUCCESS))
    assert act(unless_seen=True).update(1.0, UP).requests
    assert act().update(1.0, DOWN).requests, "without that, it is asked for in any case"


def test_a_watch_sees_or_times_out() -> None:
    def seen(v: View) -> bool:
        return v.aircraft.landed is Landed.ON_GROUND

    assert result_of(Watch(seen, "the ground was not reached", deadline_s=5).update(1.0, view())) is Result.SUCCESS
    outputs, end = drive(Watch(seen, "the ground was not reached", deadline_s=5), lambda now_s: UP)
    assert end == Outcome(Result.TIMED_OUT, "the ground was not reached within 5 s") and len(outputs) == 52
    assert not any(output.requests for output in outputs)


def test_a_sequence_goes_on_at_once_and_ends_with_the_first_failure() -> None:
    disarm = Act(ask.Disarm(), lambda v: v.aircraft.armed is False, "disarming", deadline_s=6, commands=(400,))
    step = Sequence(act(), disarm)
    step.update(1.0, UP)
    assert step.update(1.1, DOWN) == Output((ask.Disarm(),))
    assert result_of(step.update(1.2, DOWN)) is Result.SUCCESS
    failing = Sequence(act(), act())
    failing.update(1.0, UP)
    assert result_of(failing.update(1.1, acked(1.1, 2))) is Result.REFUSED


@settings(deadline=None)
@given(st.lists(st.tuples(st.booleans(), st.sampled_from([None, 0, 2, 5])), max_size=200))
def test_a_step_ends_exactly_once_and_within_its_deadline(news: list[tuple[bool, int | None]]) -> None:
    step, ended = act(), False
    for i in range(100):
        down, result = news[i] if i < len(news) else (False, None)
        seen = DOWN if down else UP if result is None else acked(1.0 + i * 0.1, result)
        if step.update(1.0 + i * 0.1, seen).outcome is not None:
            ended = True
            break
    assert ended


def survey(direction: str = "clockwise", **how: Any) -> SurveyStep:
    fields: dict[str, Any] = {"radius_m": 20.0, "height_m": 20.0, "speed_m_s": 5.0, "laps": 2.0, "direction": direction}
    return SurveyStep(place(up_m=20.0), Orbit(**(fields | how)))


def circling(now_s: float, *, rate: float, start: float = 0.0, since_s: float = 100.0, status: bool = True) -> View:
    angle = start + rate * (now_s - since_s)
    at = place(20 * math.cos(angle), 20 * math.sin(angle), 20.0)
    orbit = OrbitStatus(20.0, now_s if status else since_s)
    return view(flying(mode=Mode.ORBIT, position=at, orbit=orbit))


@settings(deadline=None)
@given(st.sampled_from([1, -1]), st.floats(-3.2, 3.2), st.floats(0.1, 0.5), st.floats(0.3, 5.0))
def test_laps_are_counted_by_the_angle_swept_across_north_and_south(sign: int, start: float, rate: float, laps: float) -> None:
    step = survey("clockwise" if sign > 0 else "counter-clockwise", laps=laps)
    outputs, end = drive(step, lambda now_s: circling(now_s, rate=sign * rate, start=start))
    assert end is not None and end.result is Result.SUCCESS
    assert step.swept_rad == pytest.approx(laps * math.tau, abs=0.06)
    assert len(outputs) * 0.1 == pytest.approx(laps * math.tau / rate, abs=0.5)
    assert [o.requests for o in outputs if o.requests] == [(step._request,)], "an orbit is asked for once"


def test_the_wrong_way_round_does_not_count() -> None:
    step = survey("counter-clockwise", laps=0.5)
    _, end = drive(step, lambda now_s: circling(now_s, rate=0.25) if now_s < 130 else None)
    assert end is None and step.swept_rad < 0


def test_a_time_ends_it_too() -> None:
    step = survey(laps=None, duration_s=10.0)
    _, end = drive(step, lambda now_s: circling(now_s, rate=0.2))
    assert end is not None and end.result is Result.SUCCESS and step.elapsed_s == pytest.approx(10.0, abs=0.2)


def test_an_orbit_that_px4_stopped_is_noticed() -> None:
    step = survey()
    _, end = drive(
        step, lambda now_s: circling(now_s, rate=0.2, status=now_s < 105.0, since_s=105.0 if now_s >= 105 else 100.0)
    )
    assert end is not None and (end.result, end.sentence) == (Result.TIMED_OUT, "PX4 stopped flying the orbit")


def test_a_circle_of_another_size_is_not_ours() -> None:
    """PX4 loses an orbit's parameters when it is asked for on the ground, and circles at one metre."""
    small = view(flying(mode=Mode.ORBIT, position=place(20.0, 0.0, 20.0), orbit=OrbitStatus(1.0, 100.0)))
    _, end = drive(survey(), lambda now_s: small)
    assert end is not None and end.result is Result.TIMED_OUT


def test_a_resumed_survey_goes_on_counting() -> None:
    step = survey(laps=1.0)
    step.swept_rad = 0.75 * math.tau
    outputs, _ = drive(step, lambda now_s: circling(now_s, rate=0.25))
    assert len(outputs) * 0.1 == pytest.approx(0.25 * math.tau / 0.25, abs=0.5)


ABOVE_AMSL_M = ROOF.altitude_amsl_m + 12.0


def returning(now_s: float, pad_north_m: float, here_north_m: float, **of_vehicle: Any) -> View:
    here = place(here_north_m)._replace(altitude_amsl_m=ABOVE_AMSL_M)
    return View(flying(position=here, velocity_ned_m_s=Ned(0, 0, 0)), vehicle(pad=place(pad_north_m), **of_vehicle))


def targets(outputs: list[Output]) -> list[ask.Reposition]:
    return [r for output in outputs for r in output.requests if isinstance(r, ask.Reposition)]


def test_the_way_back_ends_calm_above_a_standing_vehicle() -> None:
    step = homing.ReturnStep(ROOF.altitude_amsl_m, 12.0, 5.0)
    outputs, end = drive(step, lambda now_s: returning(now_s, 30.0, 0.0 if now_s < 105 else 30.0))
    assert end == Outcome(Result.SUCCESS, "above the vehicle")
    assert len(outputs) * 0.1 == pytest.approx(7.1, abs=0.3), "calm for two seconds"
    assert targets(outputs) == [ask.Reposition(place(30.0)._replace(altitude_amsl_m=ABOVE_AMSL_M), 5.0)]


def test_the_way_back_follows_a_moving_pad_and_does_not_end_above_it() -> None:
    step = homing.ReturnStep(ROOF.altitude_amsl_m, 12.0, 5.0)

    def driving(now_s: float) -> View | None:
        pad_m = 3.0 * (now_s - 100.0)
        return returning(now_s, pad_m, pad_m, stopped_s=0.0, speed_m_s=3.0) if now_s < 130 else None

    outputs, end = drive(step, driving)
    assert end is None
    asked = targets(outputs)
    assert 15 <= len(asked) <= 20
    assert [round(geo.ned_between(ROOF, r.target).north_m) for r in asked][-1] >= 84


def test_the_way_back_begins_straight_up_while_it_is_low() -> None:
    step = homing.ReturnStep(ROOF.altitude_amsl_m, 12.0, 5.0)

    def rising(now_s: float) -> View | None:
        seen = returning(now_s, 30.0, 5.0)
        here = place(5.0)._replace(altitude_amsl_m=ROOF.altitude_amsl_m + 1.0 + (now_s - 100.0))
        return replace(seen, aircraft=replace(seen.aircraft, position=here)) if now_s < 106 else None

    outputs, _ = drive(step, rising)
    assert [round(geo.ned_between(ROOF, r.target).north_m) for r in targets(outputs)] == [5, 30]
    assert all(r.target.altitude_amsl_m == ABOVE_AMSL_M for r in targets(outputs))
    first_homeward = next(n for n, output in enumerate(outputs) if len(targets(outputs[: n + 1])) == 2)
    assert first_homeward * 0.1 == pytest.approx(homing.LOW_M - 1.0, abs=0.2)


@pytest.mark.parametrize(
    "unsure", [{"stopped_s": 1.0}, {"pad_age_s": 3.1}, {"pad_age_s": None}, {"pad_age_s": math.nan}], ids=str
)
def test_nothing_lands_on_a_pad_that_moves_or_is_not_heard(unsure: dict[str, Any]) -> None:
    step = homing.ReturnStep(ROOF.altitude_amsl_m, 12.0, 5.0, deadline_s=30.0)
    _, end = drive(step, lambda now_s: returning(now_s, 0.0, 0.0, **unsure))
    assert end is not None and end.result is Result.TIMED_OUT


def test_without_a_place_to_go_to_the_way_back_fails_at_once() -> None:
    seen = returning(100.0, 0.0, 10.0)
    for blind in (View(seen.aircraft, replace(seen.vehicle, pad=None)), View(flying(position=None), seen.vehicle)):
        assert result_of(homing.ReturnStep(ROOF.altitude_amsl_m, 12.0, 5.0).update(100.0, blind)) is Result.REFUSED


def secured(**of_vehicle: Any) -> View:
    return View(aircraft(), vehicle(**({"latch": CLOSED} | of_vehicle)))


def test_secured_is_disarmed_seated_and_latched() -> None:
    outputs, end = drive(SecureStep(), lambda now_s: secured())
    assert end == Outcome(Result.SUCCESS, "seated, latched and disarmed") and not any(o.requests for o in outputs)


@pytest.mark.parametrize(
    ("latch", "says"),
    [
        (open_latch(), "the latch is not seen closed"),
        (open_latch(seated=False), "not seen seated"),
        (open_latch(open=False, closed=True, seated=True, valid=False), "not seen seated"),
        (None, "not seen seated"),
    ],
)
def test_what_cannot_be_secured_says_go_and_look(latch: Any, says: str) -> None:
    _, end = drive(SecureStep(), lambda now_s: secured(latch=latch))
    assert end is not None and end.result is Result.REFUSED and says in end.sentence and "go and look" in end.sentence


def test_after_a_landing_px4_disarms_by_itself_and_is_asked_when_it_does_not() -> None:
    armed = View(aircraft(armed=True), vehicle())
    outputs, end = drive(SecureStep(), lambda now_s: armed)
    asked = [i * 0.1 for i, output in enumerate(outputs) if ask.Disarm() in output.requests]
    assert end is not None and end.result is Result.TIMED_OUT
    assert asked[0] == pytest.approx(5.2, abs=0.2)


def test_a_take_off_that_is_called_off_is_disarmed_at_once() -> None:
    assert SecureStep(at_once=True).update(100.0, View(aircraft(armed=True), vehicle())).requests == (ask.Disarm(),)


@pytest.mark.parametrize(
    ("age_s", "asked_ago_s", "disarmed"),
    [(0.1, None, True), (0.1, 0.5, False), (0.1, 1.2, True), (0.5, 1.2, False), (2.6, None, False), (2.6, 99.0, False)],
)
def test_disarmed_is_what_a_heartbeat_after_the_last_request_to_arm_says(
    age_s: float, asked_ago_s: float | None, disarmed: bool
) -> None:
    assert aircraft(heartbeat_age_s=age_s).seen_disarmed(asked_ago_s) is disarmed
    assert not aircraft(heartbeat_age_s=age_s, armed=True).seen_disarmed(asked_ago_s)


def test_release_waits_for_the_latch_and_never_asks_px4() -> None:
    outputs, end = drive(phases.release(), lambda now_s: secured() if now_s < 103 else secured(latch=open_latch()))
    assert end is not None and end.result is Result.SUCCESS and not any(o.requests for o in outputs)
    _, stuck = drive(phases.release(), lambda now_s: secured())
    assert stuck is not None and "it may be stuck" in stuck.sentence


def test_before_arming_come_hold_mode_and_no_stored_mission() -> None:
    seen = view(aircraft(mode=Mode.MISSION, stored_mission_items=5))
    step = phases.arm()
    assert step.update(100.0, seen).requests == (ask.SelectHold(),)
    in_hold = view(aircraft(stored_mission_items=5))
    assert step.update(100.1, in_hold).requests == (ask.ClearMission(),)
    assert step.update(100.2, view()).requests == (ask.Arm(),)
    assert result_of(step.update(100.3, view(aircraft(armed=True)))) is Result.SUCCESS


@pytest.mark.parametrize("waits_s", [(0.0, 0.0, 100.0), (0.0, 100.0), (0.0, 0.0, 0.0, 5.0)])
def test_a_sequence_is_over_with_its_last_step_and_not_before(waits_s: tuple[float, ...]) -> None:
    """Also when several of its steps have nothing to do."""
    sequence = Sequence(*(Wait(each) for each in waits_s))
    seen = view()
    assert sequence.update(100.0, seen).outcome is None
    assert sequence.update(100.0 + waits_s[-1] - 0.1, seen).outcome is None
    assert result_of(sequence.update(100.0 + waits_s[-1], seen)) is Result.SUCCESS
