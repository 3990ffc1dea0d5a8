"""What goes wrong on board or between other people and PX4, and how the flight ends then."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from missions import requests as ask
from sitl.autopilot.body.wind import Wind
from tests.sitl.lockstep.harness import LONG, P, Watched, default_mission, in_order
from wire import geo
from wire.messages import Phase, Stage, Verb

PX4_AUTO = 4
PX4_LOITER, PX4_RTL, PX4_LAND = 3, 5, 6


def set_mode(sub: int) -> mavlink.MAVLink_message:
    flag = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
    return mavlink.MAVLink_command_long_message(1, 1, mavlink.MAV_CMD_DO_SET_MODE, 0, flag, PX4_AUTO, sub, 0, 0, 0, 0)


def ground_heartbeat() -> mavlink.MAVLink_message:
    return mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 4, 3)


@pytest.mark.parametrize("phase", [P.CLIMBING, P.TRANSIT, P.SURVEYING, P.RETURNING, P.LANDING], ids=str)
def test_flight_restarted_in_the_air_brings_it_back(phase: Phase) -> None:
    flight = Watched()
    flight.fly_to(phase)
    flight.run(5.0 if phase is P.CLIMBING else 1.0)
    assert flight.height_m > 0.5
    flight.restart_flight()
    seen = len(flight.phases)
    if phase is P.LANDING:  # which goes on by position
        assert flight.run_until(lambda: flight.phase in (P.SECURED, P.GROUNDED), 200.0), flight.story()
        assert not flight.armed
    else:
        assert flight.run_until(lambda: flight.phase is P.SECURED, 200.0), flight.story()
        flight.safe_on_the_roof()
    entered = flight.phases[seen:]
    assert entered[0] in (P.RETURNING, P.LANDING) and P.SURVEYING not in entered


def test_flight_restarted_on_the_roof_does_nothing() -> None:
    flight = Watched()
    flight.run(8.0)
    flight.restart_flight()
    before = len(flight.requests)
    flight.run(10.0)
    assert flight.phase is P.STOWED and len(flight.requests) == before
    flight.fly_to(P.SECURED)
    flight.safe_on_the_roof()


def test_px4_silent_for_a_while_and_back() -> None:
    """The cable loses contact while it circles: the survey goes on or ends in a return, and it comes back either way."""
    flight = Watched()
    flight.fly_to(P.SURVEYING, LONG.replace("laps: 20", "laps: 1"))
    flight.wire.cut = True
    flight.run(6.0)
    assert flight.newest.autopilot_age_s is not None and flight.newest.autopilot_age_s > 4.0
    flight.wire.cut = False
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_px4_silent_for_good_comes_home_by_itself() -> None:
    """No heartbeat of a ground station reaches it either."""
    flight = Watched()
    flight.fly_to(P.SURVEYING, LONG)
    flight.run(3.0)
    flight.wire.cut = True
    assert flight.run_until(lambda: not flight.armed, 120.0)
    assert flight.off_pad_m() < 3.0
    assert flight.latch_state().open, "the latch does not move for an aircraft that cannot be heard"
    assert flight.phase is not P.SECURED


@pytest.mark.parametrize(("sub", "mode"), [(PX4_RTL, "RETURN"), (PX4_LOITER, "LOITER"), (PX4_LAND, "LAND")])
def test_somebody_else_changes_the_mode(sub: int, mode: str) -> None:
    flight = Watched()
    flight.fly_to(P.SURVEYING, LONG)
    flight.run(4.0)
    flight.from_other_station(set_mode(sub))
    flight.wait_for(P.YIELDED, timeout_s=3.0)
    assert "was not asked for here: somebody else flies" in flight.newest.reason
    assert flight.mode == mode
    before = len(flight.requests)
    flight.run(3.0)
    assert set(flight.asked(before)) <= {ask.SetHome}
    flight.officer_overrides = True
    assert flight.outcome(flight.order(Verb.RETURN)).stage is Stage.DONE
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_other_pilot_who_flies_it_home_himself() -> None:
    """PX4's return, asked for by another station: watched down, and then secured on the roof."""
    flight = Watched()
    flight.fly_to(P.TRANSIT, LONG)
    flight.run(2.0)
    flight.from_other_station(set_mode(PX4_RTL))
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert in_order([P.TRANSIT, P.YIELDED, P.SECURING, P.SECURED], flight.phases)


def test_other_ground_station_is_flagged() -> None:
    """It would keep PX4 content while the vehicle is silent, and so defeat the dead man."""
    flight = Watched()
    flight.run(8.0)
    assert not any(s.other_ground_station for s in flight.states)
    flight.from_other_station(ground_heartbeat())
    flight.run(1.0)
    assert flight.newest.other_ground_station
    flight.run(8.0)
    assert not flight.newest.other_ground_station


def test_battery_at_the_missions_limit_ends_the_survey() -> None:
    flight = Watched(parameters={"SIM_BAT_DRAIN": 100.0})
    flight.fly_to(P.RETURNING, LONG)
    assert "the mission ends at 30 %" in flight.newest.reason
    assert flight.wait_for(P.SECURED, P.YIELDED, P.GROUNDED)
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert not flight.armed and flight.off_pad_m() < 3.0


def test_flight_time_at_the_missions_limit_ends_it_while_holding() -> None:
    flight = Watched()
    mission = (
        "name: m\nclear_height_m: 8\norbit: {radius_m: 8, height_m: 10, speed_m_s: 3, laps: 0.4}\nends: {flight_time_s: 120}"
    )
    flight.fly_to(P.SURVEYING, mission)
    flight.order(Verb.HOLD)
    flight.wait_for(P.RETURNING)
    assert flight.newest.reason == "it has flown for 120 s, where the mission ends"
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
def test_wind_with_gusts(seed: int) -> None:
    """4 m/s and gusts lean this light airframe by 25 degrees. It comes down where the pad is."""
    flight = Watched(seed=seed, wind=Wind(north_m_s=2.4, east_m_s=-3.2, gust_m_s=0.6, seed=seed))
    flight.fly_to(P.SECURED, default_mission(), 400.0)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("seed", [5, 6, 7, 8, 9, 10])
def test_strong_wind_with_gusts_ends_on_the_ground_near_the_pad(seed: int) -> None:
    """8 m/s lean it by 39 degrees. On the pad or beside it, it says which, and is safe either way."""
    flight = Watched(seed=seed, wind=Wind(north_m_s=4.8, east_m_s=-6.4, gust_m_s=1.0, seed=seed))
    flight.fly_to(P.SURVEYING)
    flight.wait_for(P.SECURED, P.GROUNDED, timeout_s=400.0)
    assert not flight.armed
    assert flight.off_pad_m() < 4.0
    assert (flight.phase is P.SECURED) == flight.latch_state().closed
    if flight.phase is P.GROUNDED:
        assert flight.newest.reason == "it is disarmed but not seen seated on the roof: go and look"


def test_same_seed_flies_the_same_flight() -> None:
    flights = [Watched(seed=7, wind=Wind(north_m_s=3.0, gust_m_s=0.5, seed=7)) for _ in range(2)]
    for flight in flights:
        flight.fly_to(P.SECURED)
    one, other = flights
    assert [(e.at_s, e.sentence) for e in one.events] == [(e.at_s, e.sentence) for e in other.events]
    assert geo.distance_m(one.aircraft(), other.aircraft()) == 0.0
