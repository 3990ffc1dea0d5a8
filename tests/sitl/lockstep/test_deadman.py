"""The dead man: the vehicle falls silent, PX4 comes home by itself, and flight keeps quiet until an officer speaks."""

from __future__ import annotations

import pytest

from missions import requests as ask
from sitl.world.configuration import Move
from tests.sitl.lockstep.harness import LONG, P, Watched, in_order
from wire import geo
from wire.messages import Phase, Stage, Verb

GCS_HEARTBEAT = "HEARTBEAT 6"
HOME_AGAIN_M = 3.0


def silenced(phase: Phase, **how: object) -> Watched:
    """A flight whose vehicle falls silent in a phase, a few seconds after it began."""
    flight = Watched(**how)
    if phase is P.HOLDING:
        flight.fly_to(P.SURVEYING, LONG)
        flight.order(Verb.HOLD)
    else:
        flight.fly_to(phase, LONG if phase in (P.TRANSIT, P.SURVEYING) else LONG.replace("laps: 20", "laps: 0.25"))
    flight.run(3.5)
    assert flight.phase is phase, flight.story()
    flight.vehicle_silent = True
    return flight


@pytest.mark.parametrize("phase", [P.CLIMBING, P.TRANSIT, P.SURVEYING, P.HOLDING, P.RETURNING], ids=str)
def test_silent_vehicle_in_each_phase(phase: Phase) -> None:
    flight = silenced(phase)
    last_place = flight.pad()
    flight.run(3.0)
    relayed, asked = flight.sent[GCS_HEARTBEAT], len(flight.requests)
    flight.run(5.0)
    assert flight.sent[GCS_HEARTBEAT] == relayed, "no ground station is feigned"
    flight.wait_for(P.YIELDED, P.LANDING, timeout_s=60.0)
    if flight.phase is P.LANDING:
        return  # it was home before PX4 noticed
    assert "failsafe" in flight.newest.reason
    sent = len(flight.requests)
    flight.wait_for(P.SECURING)
    assert set(flight.asked(sent)) <= {ask.SetHome}
    assert ask.Land not in flight.asked(asked)
    flight.run(25.0)
    assert not flight.armed
    assert flight.height_m < 0.1
    assert geo.distance_m(last_place, flight.aircraft()) < HOME_AGAIN_M


def test_silence_while_landing_ends_on_the_ground() -> None:
    flight = silenced(P.LANDING)
    flight.run(60.0)
    assert not flight.armed
    assert geo.distance_m(flight.pad(), flight.aircraft()) < HOME_AGAIN_M
    assert not flight.latch_state().closed, "nobody drives the latch while nobody hears the aircraft"


def test_comes_home_to_where_the_vehicle_was_last_heard() -> None:
    """It has moved 40 m before it falls silent: PX4's home has moved with it."""
    flight = Watched(moves=[Move(after_launch_s=12.0, north_m=40.0, speed_m_s=5.0)])
    flight.fly_to(P.SURVEYING, LONG)
    flight.run(20.0)
    start = next(s.home for s in flight.states if s.home is not None)
    flight.vehicle_silent = True
    flight.wait_for(P.SECURING)
    assert geo.distance_m(start, flight.aircraft()) > 35.0
    assert geo.distance_m(flight.pad(), flight.aircraft()) < HOME_AGAIN_M


def test_short_silence_is_nothing() -> None:
    flight = Watched()
    flight.fly_to(P.SURVEYING)
    flight.vehicle_silent = True
    flight.run(4.0)
    flight.vehicle_silent = False
    flight.wait_for(P.SECURED)
    assert P.YIELDED not in flight.phases
    assert [e.sentence for e in flight.events if e.kind == "link"][1:] == [
        "the vehicle is not heard any more: PX4 will come back by itself",
        "the vehicle is heard",
    ]


def test_vehicle_heard_again_during_the_failsafe_changes_nothing() -> None:
    """PX4 goes on with its return; flight watches it, and secures the aircraft on the roof."""
    flight = silenced(P.SURVEYING)
    flight.wait_for(P.YIELDED)
    flight.run(2.0)
    flight.vehicle_silent = False
    asked = len(flight.requests)
    flight.run(10.0)
    assert flight.phase is P.YIELDED
    assert flight.mode in ("RETURN", "LAND", "LOITER")
    flight.wait_for(P.SECURING)
    assert set(flight.asked(asked)) <= {ask.SetHome}
    assert flight.wait_for(P.SECURED, P.GROUNDED) is P.SECURED
    flight.safe_on_the_roof()


@pytest.mark.parametrize(
    ("verb", "phase", "mode"),
    [(Verb.HOLD, P.HOLDING, "LOITER"), (Verb.LAND, P.LANDING, "LAND"), (Verb.RETURN, P.RETURNING, "LOITER")],
    ids=str,
)
def test_officer_overrides_the_failsafe(verb: Verb, phase: Phase, mode: str) -> None:
    flight = silenced(P.SURVEYING)
    flight.wait_for(P.YIELDED)
    flight.vehicle_silent = False
    flight.run(2.0)
    flight.officer_overrides = True
    end = flight.outcome(flight.order(verb))
    assert end.stage is Stage.DONE, end
    assert flight.phase is phase and flight.mode == mode
    if verb is Verb.HOLD:
        flight.run(20.0)
        assert flight.phase is P.HOLDING
        flight.order(Verb.RETURN)
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert not flight.armed and flight.height_m < 0.1


def test_vehicle_that_comes_back_and_is_lost_again_is_a_new_failsafe() -> None:
    flight = silenced(P.SURVEYING)
    flight.wait_for(P.YIELDED)
    flight.vehicle_silent = False
    flight.run(2.0)
    flight.officer_overrides = True
    flight.order(Verb.HOLD)
    flight.run(10.0)
    assert flight.phase is P.HOLDING
    flight.officer_overrides = False
    flight.vehicle_silent = True
    flight.wait_for(P.YIELDED)
    flight.wait_for(P.SECURING)
    assert geo.distance_m(flight.pad(), flight.aircraft()) < HOME_AGAIN_M


def test_vehicle_that_loses_its_position_in_flight() -> None:
    """It is heard, but does not know where it is: the return is to where it was last."""
    flight = Watched()
    flight.fly_to(P.SURVEYING)
    flight.no_fix = True
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert in_order([P.SURVEYING, P.RETURNING], flight.phases)
    assert not flight.armed
    assert geo.distance_m(flight.pad(), flight.aircraft()) < HOME_AGAIN_M
