"""The mission's limits bring the aircraft back; what an officer orders then, in that knowledge, stands."""

from __future__ import annotations

import pytest

from missions import requests as ask
from tests.sitl.lockstep.harness import LONG, SHORT, P, Watched
from wire.messages import Stage, Verb

LOW = {"SIM_BAT_DRAIN": 40.0, "SIM_BAT_MIN_PCT": 25.0}
"""Soon at 25 %, below the 30 % at which missions end, and then no lower."""
TIMED = SHORT + "ends: {flight_time_s: 75}\n"


@pytest.mark.parametrize("verb", [Verb.HOLD, Verb.ABORT], ids=str)
@pytest.mark.parametrize("limit", ["battery", "time"])
def test_a_landing_that_is_stopped_stays_stopped(limit: str, verb: Verb) -> None:
    """Somebody may stand below."""
    flight = Watched(parameters=LOW if limit == "battery" else {})
    flight.fly_to(P.SURVEYING, SHORT if limit == "battery" else TIMED)
    flight.order(Verb.HOLD)
    flight.wait_for(P.LANDING)
    flight.run(6.0)
    assert flight.height_m > 2.0
    end = flight.outcome(flight.order(verb))
    assert end.stage is Stage.DONE and "holding" in end.sentence, end
    height_m = flight.height_m
    flight.run(30.0)
    assert flight.phase is P.HOLDING and flight.height_m == pytest.approx(height_m, abs=1.5)
    assert "although" in flight.newest.reason
    flight.order(Verb.RETURN)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_a_hold_on_the_way_back_stands_and_the_survey_is_over() -> None:
    flight = Watched(parameters=LOW)
    flight.fly_to(P.RETURNING, LONG)
    assert "the mission ends at 30 %" in flight.newest.reason
    end = flight.outcome(flight.order(Verb.HOLD))
    assert end.stage is Stage.DONE and "holding" in end.sentence, end
    flight.run(10.0)
    assert flight.phase is P.HOLDING
    assert "the battery is at" in flight.refused(Verb.RESUME)


def test_a_hold_that_was_ordered_before_the_limit_ends_with_it() -> None:
    flight = Watched(parameters={"SIM_BAT_DRAIN": 90.0, "SIM_BAT_MIN_PCT": 25.0})
    flight.fly_to(P.SURVEYING, LONG)
    flight.order(Verb.HOLD)
    flight.run(1.0)
    assert flight.phase is P.HOLDING
    assert flight.run_until(lambda: flight.phase is P.RETURNING, 120.0)
    assert "the mission ends at 30 %" in flight.newest.reason


def test_it_comes_back_once_more_while_it_can() -> None:
    """A hold that nobody ends: at 15 % it comes back by itself, before PX4 does so by position."""
    flight = Watched(parameters={"SIM_BAT_DRAIN": 60.0, "SIM_BAT_MIN_PCT": 12.0})
    flight.fly_to(P.RETURNING, LONG)
    flight.order(Verb.HOLD)
    flight.run(1.0)
    assert flight.phase is P.HOLDING
    assert flight.run_until(lambda: flight.phase is P.RETURNING, 120.0)
    assert "while it can" in flight.newest.reason
    flight.wait_for(P.SECURED)


def test_a_hold_over_a_failsafe_is_a_hold_and_nothing_else() -> None:
    """PX4 returns for its battery; the officer has it stop. Nothing that nobody ordered cancels what PX4 does."""
    flight = Watched(parameters={"SIM_BAT_DRAIN": 40.0, "SIM_BAT_MIN_PCT": 6.5})
    flight.fly_to(P.SURVEYING, LONG + "ends: {battery_percent: 10}\n" if "ends" not in LONG else LONG)
    flight.wait_for(P.YIELDED)
    flight.officer_overrides = True
    before = len(flight.requests)
    flight.order(Verb.HOLD)
    flight.run(1.0)
    asked = [request for request in flight.asked(before) if request is not ask.SetHome]
    assert asked[:1] == [ask.Hold] and ask.Reposition not in asked, asked
