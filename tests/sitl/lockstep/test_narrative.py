"""A whole flight, as its report would tell it: what happens in which order, where it is flown, and how it ends."""

from __future__ import annotations

import math
import statistics

import pytest

from missions import parse
from missions import requests as ask
from sitl.world.configuration import Move
from tests.sitl.lockstep.harness import NARRATIVE, P, Watched, default_mission
from wire import geo
from wire.messages import Stage, Verb


@pytest.fixture(scope="module")
def flown() -> Watched:
    """The shipped mission, flown once while the vehicle drives 30 m."""
    flight = Watched(moves=[Move(after_launch_s=40.0, north_m=30.0, speed_m_s=4.0)])
    flight.fly_to(P.SECURED, default_mission(), 300.0)
    return flight


def test_phases_come_in_order(flown: Watched) -> None:
    assert tuple(flown.phases) == (P.STOWED, *NARRATIVE)


def test_ends_seated_latched_and_disarmed_on_the_pad(flown: Watched) -> None:
    flown.safe_on_the_roof()
    assert flown.off_pad_m() < 1.5


def test_flies_the_circle_that_was_asked_for(flown: Watched) -> None:
    orbit = parse(default_mission()).orbit
    began_s, ended_s = (next(e.at_s for e in flown.events if e.sentence.startswith(p)) for p in ("surveying", "returning"))
    last = [s.survey for s in flown.states if s.survey is not None][-1]
    places = [s.position for s in flown.states if began_s + 4 < s.sent_s < ended_s and s.position is not None]
    heights = [s.height_m for s in flown.states if began_s + 4 < s.sent_s < ended_s and s.height_m is not None]
    assert max(abs(geo.distance_m(last.centre, p) - orbit.radius_m) for p in places) < 3.0
    assert statistics.fmean(heights) == pytest.approx(orbit.height_m, abs=1.5)
    assert last.swept_rad / math.tau >= (orbit.laps or 0.0)


def test_truth_agrees_with_the_circle(flown: Watched) -> None:
    """Not by the aircraft's own telling: bearings from the centre were seen all around, by the simulation's truth."""
    again = Watched()
    again.fly_to(P.SURVEYING, default_mission())
    seen = set()
    while again.phase is P.SURVEYING:
        again.step()
        place = again.autopilot.pilot.flight.body.position_m
        assert math.hypot(place.north, place.east) == pytest.approx(25.0, abs=4.0)
        seen.add(int(math.degrees(math.atan2(place.east, place.north)) // 30))
    assert len(seen) == 12


def test_nothing_else_is_sent(flown: Watched) -> None:
    """Every verb once, in order; home and the parameters' reading beside them, and nothing besides."""
    beside = (ask.SetHome, ask.ReadParameters, ask.LandingTarget)
    verbs = [type(r) for r in flown.requests if not isinstance(r, beside)]
    if verbs[-1] is ask.Land:  # on the roof, where the marker outgrows the picture, until PX4 sees the ground
        verbs.pop()
    corrections = verbs.count(ask.Reposition) - 3  # to the survey's height, to the circle, back; more when the vehicle moves
    expected = [ask.SelectHold, ask.SelectHold, ask.ClearMission, ask.Arm, ask.Takeoff, ask.Reposition, ask.Reposition]
    assert verbs == [*expected, ask.FlyOrbit, *[ask.Reposition] * (1 + corrections), ask.LandPrecisely]
    assert 0 <= corrections <= 3
    assert set(flown.sent) - {"MAV_CMD_NAV_LAND"} == {
        "HEARTBEAT 18",
        "HEARTBEAT 6",
        "PARAM_REQUEST_READ",
        "MISSION_CLEAR_ALL",
        "MAV_CMD_SET_MESSAGE_INTERVAL",
        "MAV_CMD_REQUEST_MESSAGE",  # the heartbeat, as soon as PX4's state may have changed
        "MAV_CMD_DO_SET_MODE",
        "MAV_CMD_COMPONENT_ARM_DISARM",
        "MAV_CMD_NAV_TAKEOFF",
        "MAV_CMD_DO_REPOSITION",
        "MAV_CMD_DO_ORBIT",
        "MAV_CMD_DO_SET_HOME",
        "LANDING_TARGET",
    }


def test_latch_is_seen_open_before_arming(flown: Watched) -> None:
    sentences = [e.sentence for e in flown.events]
    assert sentences.index("arming: the latch was seen open") < sentences.index("climbing: seen armed")
    before = [s.armed for s in flown.states if s.phase in (P.STOWED, P.CHECKING, P.RELEASING)]
    assert before and not any(before)


def test_launch_is_answered_accepted_then_done(flown: Watched) -> None:
    stages = [r.stage for r in flown.replies]
    assert set(stages) == {Stage.ACCEPTED, Stage.DONE}
    assert stages.index(Stage.DONE) == stages.count(Stage.ACCEPTED)
    done = next(r for r in flown.replies if r.stage is Stage.DONE)
    assert done.sentence.startswith("airborne, ")


def test_home_moves_with_the_vehicle(flown: Watched) -> None:
    """PX4's own home is where the vehicle is: also a return that PX4 begins by itself ends there."""
    homes = [s.home for s in flown.states if s.home is not None]
    assert geo.ned_between(homes[0], homes[-1]).north_m == pytest.approx(30.0, abs=3.0)
    assert ask.SetHome in flown.asked()


def test_comes_back_to_a_vehicle_that_is_still_moving() -> None:
    """It drives on during the return, in two legs; landing waits until it stands."""
    moves = [Move(after_launch_s=20.0, north_m=60.0, speed_m_s=3.0), Move(after_launch_s=46.0, east_m=25.0, speed_m_s=2.0)]
    flight = Watched(moves=moves)
    flight.fly_to(P.RETURNING)
    start = flight.pad()
    flight.wait_for(P.LANDING)
    assert geo.distance_m(start, flight.pad()) > 20.0
    assert flight.off_pad_m() < 2.0
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_flies_again_after_the_first_flight() -> None:
    flight = Watched()
    flight.fly_to(P.SECURED)
    seen = len(flight.phases)
    order = flight.order(Verb.LAUNCH, default_mission())
    flight.run(1.0)
    flight.wait_for(P.SURVEYING)
    assert flight.outcome(order).stage is Stage.DONE
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert tuple(flight.phases[seen:]) == NARRATIVE


def test_ends_after_the_time_where_a_mission_says_so() -> None:
    flight = Watched()
    mission = default_mission().replace("laps: 1 ", "duration_s: 20 ")
    flight.fly_to(P.RETURNING, mission)
    survey = [s.survey for s in flight.states if s.survey is not None][-1]
    assert 20.0 <= survey.elapsed_s < 21.0
