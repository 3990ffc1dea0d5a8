"""Scenarios in simulated time: each kind of event, and what is seen of it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from sitl.options import HOME
from sitl.report import judge
from sitl.report.record import FlightRecord, PhaseSpan
from sitl.scenario import model
from tests.sitl.lockstep.harness import LONG, SHORT, P, Watched, default_mission, in_order
from wire import geo
from wire.geo import euler_from_quaternion
from wire.messages import Phase, Verb

SURVEYING_S = 25.0
"""After launch: LONG is being flown then."""


def scenario(*events: str) -> model.Scenario:
    """Of events as YAML's short form has them."""
    return model.parse("name: test\nevents:\n" + "".join(f"  - {{{event}}}\n" for event in events))


def flying(*events: str, mission: str = LONG, until: Phase = P.SURVEYING) -> Watched:
    flight = Watched(scenario=scenario(*events))
    flight.fly_to(until, mission)
    return flight


def until_s(flight: Watched, after_launch_s: float) -> None:
    launched_s = flight.launched_s
    assert launched_s is not None
    flight.run(launched_s + after_launch_s - flight.now_s)


def told(flight: Watched) -> list[tuple[float, bool]]:
    """When after launch something began or ended."""
    return [(round(change.since_launch_s or 0.0), change.began) for change, _ in flight.changes]


def true_yaw_deg(flight: Watched) -> float:
    return math.degrees(euler_from_quaternion(flight.autopilot.pilot.flight.body.quaternion)[2])


@pytest.mark.parametrize("way", ["both", "up"])
def test_radio_cut_while_surveying_px4_comes_home_by_itself(way: str) -> None:
    flight = flying(f"kind: link_cut, way: {way}, after_launch_s: {SURVEYING_S}, for_s: 20")
    flight.wait_for(P.YIELDED)
    assert "failsafe" in flight.newest.reason and flight.mode in ("LOITER", "RETURN")
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert told(flight) == [(25, True), (45, False)]


def test_radio_cut_on_the_way_down_the_aircraft_flies_on_and_the_latch_waits_until_it_is_heard() -> None:
    flight = flying("kind: link_cut, way: down, after_launch_s: 10, for_s: 75", mission=SHORT)
    flight.wait_for(P.GROUNDED)
    assert not flight.armed and flight.seated() and P.YIELDED not in flight.phases, flight.story()
    assert flight.latch_state().open, "it was not heard to have landed"
    until_s(flight, 86.0)
    flight.order(Verb.ABORT)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_an_order_that_is_given_while_the_radio_is_cut_does_not_arrive() -> None:
    flight = flying(f"kind: link_cut, after_launch_s: {SURVEYING_S}, for_s: 6")
    until_s(flight, SURVEYING_S + 1.0)
    lost = flight.order(Verb.HOLD)
    flight.run(8.0)
    assert flight.end_of(lost) is None and flight.phases[-1] is P.SURVEYING
    flight.outcome(flight.order(Verb.HOLD))
    assert flight.phase is P.HOLDING


def test_latch_stuck_closed_from_the_start_ends_the_launch_on_the_roof() -> None:
    flight = Watched(scenario=scenario("kind: latch_stuck, at: closed"))
    flight.launch(SHORT)
    flight.wait_for(P.SECURED)
    assert P.ARMING not in flight.phases and flight.latch_state().closed


def test_latch_stuck_open_for_a_while_closes_afterwards() -> None:
    flight = flying("kind: latch_stuck, at: open, after_launch_s: 5, for_s: 75", mission=SHORT)
    flight.wait_for(P.GROUNDED)
    assert "the latch is not seen closed" in flight.newest.reason and flight.seated() and flight.latch_state().open
    until_s(flight, 81.0)
    flight.order(Verb.ABORT)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("frames", ["repeat", "stop"])
def test_frozen_landing_camera_it_lands_by_position(frames: str) -> None:
    flight = flying(
        f"kind: camera_frozen, camera: landing, frames: {frames}, after_launch_s: 5", mission=SHORT, until=P.LANDING
    )
    assert "landing goes by position" in flight.events[-2].sentence
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_landing_camera_that_freezes_half_way_down_is_not_followed_any_more() -> None:
    landing = flying("kind: drive, north_m: 1, after_launch_s: 900", mission=SHORT, until=P.LANDING)
    begins_s = landing.now_s - (landing.launched_s or 0.0) + 6.0
    flight = flying(f"kind: camera_frozen, camera: landing, after_launch_s: {begins_s:.2f}", mission=SHORT, until=P.LANDING)
    assert flight.run_until(lambda: flight.mode == "PRECISION_LAND", 6.0)
    assert flight.run_until(lambda: flight.mode == "LAND" and flight.height_m > 2.0, 10.0), flight.story()
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert flight.off_pad_m() < 2.0


def test_gnss_bias_at_landing_it_stands_beside_and_says_so() -> None:
    flight = flying("kind: sensor_bias, after_launch_s: 30, gnss_north_m: 6", mission=SHORT, until=P.LANDING)
    flight.wait_for(P.GROUNDED)
    assert not flight.armed and "not seen seated" in flight.newest.reason
    assert flight.away().north_m == pytest.approx(-6.0, abs=1.5) and abs(flight.away().east_m) < 1.5
    assert any("from where the vehicle says its roof is" in event.sentence for event in flight.events), flight.story()


def test_gnss_height_bias_it_flies_lower_than_it_believes_and_is_right_again_afterwards() -> None:
    flight = flying("kind: sensor_bias, after_launch_s: 25, for_s: 60, gnss_up_m: 5")
    before_m = flight.height_m
    until_s(flight, 84.0)
    assert flight.height_m == pytest.approx(before_m - 5.0, abs=1.2)
    assert flight.newest.height_m == pytest.approx(before_m, abs=1.2)
    until_s(flight, 150.0)
    assert flight.height_m == pytest.approx(before_m, abs=1.2)


def test_barometer_bias_is_felt_and_soon_forgotten() -> None:
    flight = flying("kind: sensor_bias, after_launch_s: 25, barometer_m: 5")
    before_m = flight.height_m
    until_s(flight, 31.0)
    assert 1.5 < before_m - flight.height_m < 5.5
    until_s(flight, 100.0)
    assert flight.height_m == pytest.approx(before_m, abs=1.2)


def test_heading_bias_it_looks_past_what_it_circles() -> None:
    flight = flying(
        "kind: sensor_bias, after_launch_s: 25, for_s: 30, heading_deg: 20", "kind: drive, north_m: 1, after_launch_s: 900"
    )
    until_s(flight, 50.0)
    believed_deg = math.degrees(flight.autopilot.pilot.flight.estimate.yaw_rad)
    assert (believed_deg - true_yaw_deg(flight) + 180) % 360 - 180 == pytest.approx(20.0, abs=1.0)
    assert flight.phase is P.SURVEYING and not flight.newest.failsafe
    until_s(flight, 75.0)
    believed_deg = math.degrees(flight.autopilot.pilot.flight.estimate.yaw_rad)
    assert (believed_deg - true_yaw_deg(flight) + 180) % 360 - 180 == pytest.approx(0.0, abs=0.5)


def test_vehicles_receiver_without_a_fix_it_returns_to_where_the_vehicle_was() -> None:
    flight = flying("kind: vehicle_gnss_lost, after_launch_s: 24, for_s: 40", mission=SHORT)
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert not flight.armed and flight.off_pad_m() < 3.0
    assert any(event.sentence == "returning: the vehicle's position is not known" for event in flight.events), flight.story()


def test_vehicles_receiver_that_is_off_it_lands_where_that_says() -> None:
    flight = flying("kind: vehicle_gnss_bias, after_launch_s: 10, north_m: 5", mission=SHORT)
    flight.wait_for(P.GROUNDED)
    assert flight.away().north_m == pytest.approx(5.0, abs=1.5)


def test_wind_leans_it_while_it_blows() -> None:
    flight = flying("kind: wind, after_launch_s: 25, for_s: 15, north_m_s: 0, east_m_s: 6")
    flight.order(Verb.HOLD)
    flight.wait_for(P.HOLDING)

    def lean_deg() -> float:
        roll, pitch, _ = euler_from_quaternion(flight.autopilot.pilot.flight.body.quaternion)
        return math.degrees(math.hypot(roll, pitch))

    until_s(flight, 38.0)
    assert lean_deg() > 15.0
    until_s(flight, 50.0)
    assert lean_deg() < 5.0


def test_drives_move_the_vehicle_and_the_flight_ends_on_its_roof() -> None:
    flight = flying(
        "kind: drive, after_launch_s: 10, north_m: 30, speed_m_s: 5", "kind: drive, after_launch_s: 12, east_m: -10"
    )
    flight.order(Verb.RETURN)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    away = geo.ned_between(HOME, flight.pad())
    assert (round(away.north_m), round(away.east_m)) == (30, -10)


def test_px4s_own_battery_failure_ends_on_the_ground() -> None:
    flight = flying(f"kind: px4_failure, unit: battery, failure: off, after_launch_s: {SURVEYING_S}")
    flight.wait_for(P.YIELDED, P.RETURNING)
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert not flight.armed
    assert [outcome for _, outcome in flight.changes] == ["PX4: accepted"]


def test_a_failure_that_px4s_simulation_does_not_know_is_told_so() -> None:
    flight = flying("kind: px4_failure, unit: gps, failure: off, after_launch_s: 10", mission=SHORT)
    flight.wait_for(P.SECURED)
    assert [outcome for _, outcome in flight.changes] == ["PX4 does not answer: its simulation does not know this failure"]


def test_flight_killed_brings_it_back() -> None:
    flight = flying(f"kind: kill, process: flight, after_launch_s: {SURVEYING_S}")
    seen = len(flight.phases)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert flight.phases[seen] is P.RETURNING


def test_vision_and_link_killed_the_flight_goes_on() -> None:
    flight = flying(
        "kind: kill, process: vision, after_launch_s: 12", "kind: kill, process: link, after_launch_s: 14", mission=SHORT
    )
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
    assert P.YIELDED not in flight.phases and told(flight) == [(12, True), (14, True)]


def test_the_same_scenario_is_the_same_flight() -> None:
    bad_day = model.load(model.scenario_path("bad-day"))
    one, other = (Watched(seed=3, scenario=bad_day) for _ in range(2))
    for flight in (one, other):
        flight.launch(default_mission())
        flight.run(70.0)
    assert [(e.at_s, e.sentence) for e in one.events] == [(e.at_s, e.sentence) for e in other.events]
    assert one.changes == other.changes and len(one.changes) == 5
    assert geo.distance_m(one.aircraft(), other.aircraft()) == 0.0


@pytest.mark.parametrize("path", sorted(model.FOLDER.glob("*.yaml")), ids=lambda path: path.stem)
def test_each_shipped_scenario_ends_as_it_expects(path: Path) -> None:
    shipped = model.load(path)
    assert shipped.expect is not None
    flight = Watched(scenario=shipped)
    flight.launch(default_mission())
    flight.run(2.0)
    flight.wait_for(P.SECURED, P.GROUNDED)
    spans = [PhaseSpan(phase, 0.0, "") for phase in flight.phases]
    assert judge.as_expected(FlightRecord(phases=spans), shipped.expect) == [], flight.story()
    assert in_order([Phase.CHECKING, Phase.RELEASING], flight.phases)


@pytest.mark.parametrize("up_m", [-20.0, -12.0, 12.0, 20.0])
def test_a_wrong_altitude_of_the_vehicle_flies_nobody_into_the_ground(up_m: float) -> None:
    """Nor so high that it does not come down: streets do not rise so on the spot."""
    flight = flying(f"kind: vehicle_gnss_bias, up_m: {up_m}, after_launch_s: 12", mission=SHORT, until=P.LANDING)
    assert 4.0 < flight.height_m < 12.0
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
