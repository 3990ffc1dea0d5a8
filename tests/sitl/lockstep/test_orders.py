"""What an officer can order in each phase, and what then happens: all the way down to the roof."""

from __future__ import annotations

import pytest

from missions import requests as ask
from tests.sitl.lockstep.harness import LONG, NARRATIVE, P, Watched, in_order
from wire.messages import Command, Landed, Phase, Stage, Verb

FLYING = (P.TRANSIT, P.SURVEYING, P.HOLDING, P.RETURNING, P.LANDING)
ON_THE_ROOF_BEFORE = (P.CHECKING, P.RELEASING, P.ARMING)


def put_into(phase: Phase) -> Watched:
    """A flight that has just entered a phase."""
    flight = Watched()
    if phase is P.STOWED:
        flight.run(8.0)
    elif phase is P.HOLDING:
        flight.fly_to(P.SURVEYING)
        flight.order(Verb.HOLD)
        flight.run(2.0)
    elif phase is P.YIELDED:
        flight.fly_to(P.SURVEYING, LONG)
        flight.vehicle_silent = True
        flight.wait_for(P.YIELDED)
        flight.vehicle_silent = False
        flight.run(1.0)
    else:
        flight.fly_to(phase)
    assert flight.phase is phase
    return flight


@pytest.mark.parametrize("phase", ON_THE_ROOF_BEFORE, ids=str)
def test_abort_before_take_off_stops_everything(phase: Phase) -> None:
    flight = put_into(phase)
    order = flight.order(Verb.ABORT)
    end = flight.outcome(order)
    assert end.stage is Stage.DONE, end
    flight.run(5.0)
    assert flight.phase is (P.STOWED if phase is P.CHECKING else P.SECURED)
    flight.safe_on_the_roof()
    assert flight.height_m < 0.1
    assert P.CLIMBING not in flight.phases


@pytest.mark.parametrize("delay_s", [0.0, 0.3, 0.6, 0.9, 1.2, 1.5, 2.0, 4.0])
def test_abort_at_any_moment_of_the_take_off(delay_s: float) -> None:
    """Either the motors stop on the roof, or it comes back to it: it never flies on."""
    flight = put_into(P.CLIMBING)
    flight.run(delay_s)
    order = flight.order(Verb.ABORT)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert flight.outcome(order).stage is Stage.DONE
    assert P.TRANSIT not in flight.phases and P.YIELDED not in flight.phases


@pytest.mark.parametrize("phase", [P.TRANSIT, P.SURVEYING, P.HOLDING, P.RETURNING, P.YIELDED], ids=str)
def test_abort_in_the_air_brings_it_back_by_itself(phase: Phase) -> None:
    flight = put_into(phase)
    flight.officer_overrides = True
    order = flight.order(Verb.ABORT)
    assert flight.outcome(order).stage is Stage.DONE
    assert flight.mode == "RETURN"
    before = len(flight.requests)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert set(flight.asked(before)) <= {ask.SetHome}, "PX4's own return needs nothing more"


def test_abort_of_a_landing_stops_it_above_the_roof_until_the_officer_says_more() -> None:
    flight = put_into(P.LANDING)
    flight.run(2.0)
    assert flight.outcome(flight.order(Verb.ABORT)).stage is Stage.DONE
    flight.run(10.0)
    assert flight.phase is P.HOLDING and flight.height_m > 2.0
    assert flight.outcome(flight.order(Verb.RETURN)).stage is Stage.DONE
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("phase", [P.STOWED, P.SECURING, P.SECURED], ids=str)
def test_abort_means_nothing_where_it_is_down(phase: Phase) -> None:
    flight = put_into(phase)
    assert flight.refused(Verb.ABORT) == f"abort refused: it means nothing while {phase}"
    if phase is not P.STOWED:
        flight.wait_for(P.SECURED)
        flight.safe_on_the_roof()


@pytest.mark.parametrize("phase", [P.CLIMBING, *FLYING], ids=str)
def test_hold_stops_it_in_the_air(phase: Phase) -> None:
    flight = put_into(phase)
    if phase is P.CLIMBING:
        flight.run(6.0)
    if phase is P.LANDING:
        flight.run(2.0)
    end = flight.outcome(flight.order(Verb.HOLD))
    assert end.stage is Stage.DONE, end
    flight.run(3.0)
    assert flight.phase is P.HOLDING
    place, height_m = flight.aircraft(), flight.height_m
    flight.run(20.0)
    assert flight.mode == "LOITER"
    assert flight.height_m == pytest.approx(height_m, abs=2.5) and flight.height_m > 0.7  # PX4's estimate wanders so
    assert place.latitude_deg == pytest.approx(flight.aircraft().latitude_deg, abs=3e-5)


@pytest.mark.parametrize("phase", [P.CLIMBING, *FLYING], ids=str)
def test_return_brings_it_back(phase: Phase) -> None:
    flight = put_into(phase)
    if phase is P.CLIMBING:
        flight.run(6.0)
    end = flight.outcome(flight.order(Verb.RETURN))
    assert end.stage is Stage.DONE, end
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("phase", [P.CLIMBING, *FLYING], ids=str)
def test_land_goes_down_where_it_is(phase: Phase) -> None:
    flight = put_into(phase)
    if phase is P.CLIMBING:
        flight.run(6.0)
    place = flight.aircraft()
    end = flight.outcome(flight.order(Verb.LAND))
    assert end.stage is Stage.DONE, end
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert not flight.armed
    assert flight.height_m < 0.5
    assert place.latitude_deg == pytest.approx(flight.aircraft().latitude_deg, abs=8e-5)
    if phase in (P.SURVEYING, P.HOLDING):
        assert flight.phase is P.GROUNDED
        assert "not seen seated" in flight.newest.reason


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.RETURN, Verb.LAND], ids=str)
@pytest.mark.parametrize("phase", [P.CHECKING, P.RELEASING, P.ARMING, P.CLIMBING], ids=str)
def test_every_word_that_stops_calls_a_launch_off(phase: Phase, verb: Verb) -> None:
    flight = put_into(phase)
    assert flight.outcome(flight.order(verb)).stage is Stage.DONE
    flight.run(8.0)
    assert flight.phase in (P.STOWED, P.SECURED)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("again", [None, Verb.HOLD, Verb.ABORT, Verb.RETURN], ids=str)
@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.RETURN, Verb.ABORT, Verb.LAND], ids=str)
def test_what_stops_a_launch_while_px4_calls_it_flying_on_its_seat_leaves_no_motors_on(verb: Verb, again: Verb | None) -> None:
    flight = put_into(P.CLIMBING)
    flight.run(3.0)
    assert flight.newest.landed is Landed.TAKING_OFF and flight.seated()
    order = flight.order(verb)
    if again is not None:
        flight.run(0.5)
        order = flight.order(again)
    assert flight.outcome(order).stage is Stage.DONE
    assert flight.run_until(lambda: not flight.armed, 15.0), flight.story()
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_a_hold_in_the_climb_to_the_surveys_height_is_done_when_it_is_seen_to_stop() -> None:
    """That climb is flown in hold mode, straight up."""
    flight = Watched()
    flight.fly_to(P.TRANSIT, LONG)
    assert flight.run_until(lambda: flight.autopilot.pilot.flight.body.velocity_m_s.down < -1.5, 6.0)
    assert flight.outcome(flight.order(Verb.HOLD)).stage is Stage.DONE
    assert abs(flight.autopilot.pilot.flight.body.velocity_m_s.down) < 1.2


def test_resume_goes_on_where_it_was_held() -> None:
    flight = Watched()
    flight.fly_to(P.SURVEYING, LONG.replace("laps: 20", "laps: 1"))
    flight.run(8.0)
    flight.order(Verb.HOLD)
    flight.run(10.0)
    swept = flight.states[-1].survey
    assert swept is not None and swept.swept_rad > 0.5
    assert flight.outcome(flight.order(Verb.RESUME)).stage is Stage.DONE
    assert flight.phase is P.SURVEYING
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    last = flight.states[-1].survey
    assert last is not None and last.wanted_rad is not None
    assert last.wanted_rad <= last.swept_rad < last.wanted_rad + 0.5, "not a whole lap anew"


NOTHING = {
    Verb.HOLD: [P.STOWED, P.SECURING, P.SECURED],
    Verb.RESUME: [P.STOWED, P.CHECKING, P.CLIMBING, P.SURVEYING, P.RETURNING, P.LANDING, P.SECURED],
    Verb.RETURN: [P.STOWED, P.SECURING, P.SECURED],
    Verb.LAND: [P.STOWED, P.SECURING, P.SECURED],
    Verb.LAUNCH: [P.CHECKING, P.RELEASING, P.ARMING, P.CLIMBING, P.TRANSIT, P.SURVEYING, P.HOLDING, P.RETURNING, P.LANDING],
}


@pytest.mark.parametrize("phase", sorted({p for phases in NOTHING.values() for p in phases}), ids=str)
def test_orders_that_mean_nothing_are_refused_in_a_sentence(phase: Phase) -> None:
    flight = put_into(phase)
    for verb in [verb for verb, phases in NOTHING.items() if phase in phases]:
        before = len(flight.requests)
        # given without letting time pass, so that the phase is the one of the test
        order = flight.order(verb, LONG)
        turn = flight.flight.round(flight.now_s)
        reply = next(m for _, m in turn.messages if getattr(m, "command_id", None) == order)
        assert getattr(reply, "stage", None) is Stage.REFUSED
        assert getattr(reply, "sentence", "") == f"{verb} refused: it means nothing while {phase}"
        assert len(flight.requests) == before
    if phase is not P.STOWED:
        if phase is P.HOLDING:
            flight.order(Verb.RETURN)
        flight.wait_for(P.SECURED)
        flight.safe_on_the_roof()


@pytest.mark.parametrize("verb", [Verb.LAUNCH, Verb.HOLD, Verb.RETURN, Verb.LAND, Verb.ABORT], ids=str)
def test_the_same_order_again_is_obeyed_once_and_answered_each_time(verb: Verb) -> None:
    """The vehicle sends an order ten times a second until it hears the answer."""
    flight = put_into(P.STOWED if verb is Verb.LAUNCH else P.SURVEYING)
    command = Command(
        id="repeated-order",
        verb=verb,
        operator="operator",
        issued_s=flight.now_s,
        expires_s=flight.now_s + 3,
        mission_yaml=LONG,
    )
    phases, asked = len(flight.phases), len(flight.requests)
    for _ in range(30):
        answered = len(flight.replies)
        flight.give(command)
        flight.step()
        assert [r.command_id for r in flight.replies[answered:]].count(command.id) >= 1
    entered, requests = flight.phases[phases:], flight.asked(asked)
    assert len(entered) == len(set(entered))
    assert requests.count(ask.Arm) <= 1
    for once in (ask.Hold, ask.Land, ask.ReturnHome, ask.Takeoff):
        assert requests.count(once) <= 1


def test_a_repeat_after_the_flight_does_not_launch_again() -> None:
    flight = Watched()
    flight.run(8.0)
    command = Command(
        id="launched-once", verb=Verb.LAUNCH, operator="operator", issued_s=8.0, expires_s=20.0,
        mission_yaml="name: m\norbit: {radius_m: 8, height_m: 12, speed_m_s: 3, laps: 0.25}",
    )  # fmt: skip
    flight.give(command)
    flight.wait_for(P.SECURED)
    flight.give(command)
    flight.run(3.0)
    assert flight.phase is P.SECURED
    assert flight.phases.count(P.CHECKING) == 1


def test_launch_twice_is_refused_and_the_first_goes_on() -> None:
    flight = Watched()
    first = flight.fly_to(P.CLIMBING)
    assert flight.refused(Verb.LAUNCH, LONG) == "launch refused: it means nothing while climbing"
    flight.wait_for(P.SECURED)
    end = flight.end_of(first)
    assert end is not None and end.stage is Stage.DONE
    assert flight.phases.count(P.CHECKING) == 1


def test_a_newer_order_ends_the_one_before_it() -> None:
    flight = Watched()
    launch = flight.fly_to(P.CLIMBING)
    flight.run(6.0)
    hold = flight.order(Verb.HOLD)
    end = flight.outcome(launch)
    assert (end.stage, end.sentence) == (Stage.FAILED, "launch was overtaken by hold")
    back = flight.order(Verb.RETURN)
    assert flight.outcome(hold).sentence == "hold was overtaken by return"
    assert flight.outcome(back).stage is Stage.DONE
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert in_order([P.CLIMBING, P.HOLDING, P.RETURNING, P.LANDING, P.SECURED], flight.phases)


def test_second_survey_is_not_judged_by_the_first_ones_telemetry() -> None:
    """The last orbit's status is still known when the next one is asked for, with the same radius."""
    flight = Watched()
    flight.fly_to(P.SECURED)
    flight.run(10.0)
    seen = len(flight.phases)
    flight.fly_to(P.SURVEYING)
    flight.wait_for(P.SECURED)
    assert "laps in" in next(e.sentence for e in flight.events[-6:] if e.sentence.startswith("returning"))
    assert flight.phases[seen:] == list(NARRATIVE)
