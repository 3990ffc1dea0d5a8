"""A vehicle that drives when it should stand: before the aircraft has left, during a return of PX4's own, under a landing."""

from __future__ import annotations

import pytest

from missions import requests as ask
from sitl.options import HOME
from sitl.world.configuration import Move
from tests.sitl.lockstep.harness import LONG, SHORT, P, Watched
from wire import geo
from wire.messages import Phase, Verb

FAR_OFF = Move(after_launch_s=1000.0, north_m=40.0, speed_m_s=4.0)
"""Begun by `drive_off`."""


@pytest.mark.parametrize("phase", [P.RELEASING, P.ARMING, P.CLIMBING], ids=str)
def test_nothing_takes_off_from_a_vehicle_that_drives(phase: Phase) -> None:
    """It is called off; motors off, latched again on the vehicle that goes on driving (the simulated aircraft stays behind)."""
    flight = Watched(moves=[FAR_OFF])
    flight.fly_to(phase)
    flight.carried_to_the_pad = True
    flight.drive_off(1000.0)
    assert flight.run_until(lambda: flight.phase in (P.SECURING, P.LANDING), 6.0), flight.story()
    assert "the vehicle drives" in flight.newest.reason or "standing still" in flight.newest.reason
    flight.wait_for(P.SECURED)
    assert not flight.armed and flight.height_m < 0.3


@pytest.mark.parametrize("seconds", [0.0, 4.0, 8.0, 12.0, 20.0])
def test_an_abort_while_the_vehicle_drives_ends_at_the_vehicle(seconds: float) -> None:
    """PX4's own return does not follow; it is stopped once the vehicle has gone, waits for it to stand, and is begun anew."""
    flight = Watched(moves=[Move(after_launch_s=1000.0, north_m=60.0, speed_m_s=4.0)])
    flight.fly_to(P.SURVEYING, LONG)
    flight.drive_off(1000.0)
    flight.run(seconds)
    flight.order(Verb.ABORT)
    assert flight.run_until(lambda: flight.phase is not P.RETURNING, 200.0)
    assert flight.height_m < 0.3, f"a return of PX4's own ends on the ground\n{flight.story()}"
    assert flight.off_pad_m() < 1.5
    assert flight.asked().count(ask.ReturnHome) <= 3
    flight.wait_for(P.SECURED, P.GROUNDED)


def test_a_place_some_seconds_old_still_breaks_a_landing_off() -> None:
    flight = Watched(moves=[FAR_OFF])
    flight.fix_age_s = 1.8
    flight.fly_to(P.LANDING, SHORT)
    flight.run(4.0)
    flight.drive_off(1000.0)
    assert flight.run_until(lambda: flight.phase is P.RETURNING, 6.0), flight.story()
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert flight.off_pad_m() < 1.5


@pytest.mark.parametrize("height_m", [3.0, 1.5, 0.7])
def test_a_landing_is_broken_off_also_when_the_vehicles_speed_is_not_known(height_m: float) -> None:
    flight = Watched(moves=[FAR_OFF])
    flight.camera.dead = True
    flight.fly_to(P.LANDING, SHORT)
    assert flight.run_until(lambda: flight.height_m < height_m, 60.0)
    flight.speed_unknown = True
    flight.drive_off(1000.0)
    assert flight.run_until(lambda: flight.phase is P.RETURNING, 6.0), flight.story()
    flight.run(15.0)
    flight.speed_unknown = False
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert geo.distance_m(flight.pad(), flight.aircraft()) < 1.5


def test_back_before_the_drive_is_secured_and_the_next_flight_has_its_own() -> None:
    """Latched, the aircraft would have to be carried along: the vehicle stands, and drives in the next flight."""
    flight = Watched(seed=2, moves=[Move(after_launch_s=60.0, north_m=30.0, speed_m_s=4.0)])
    flight.fly_to(P.TRANSIT, SHORT)
    flight.order(Verb.RETURN)
    flight.wait_for(P.SECURED)
    assert flight.launched_s is not None and flight.now_s < flight.launched_s + 59.0, "it was back too late for this test"
    flight.run(60.0)
    assert flight.phase is P.SECURED, flight.story()
    flight.safe_on_the_roof()
    stood = flight.pad()
    assert geo.distance_m(stood, HOME) == 0.0
    flight.fly_to(P.SURVEYING, LONG)
    flight.run(75.0)
    assert 29.0 < geo.ned_between(stood, flight.pad()).north_m < 31.0
    flight.order(Verb.RETURN)
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("height_m", [2.5, 2.0, 1.5])
def test_a_landing_is_broken_off_when_the_vehicle_creeps_away_under_it(height_m: float) -> None:
    """Too slow to count as driving, and fast enough to leave the aircraft on the street."""
    flight = Watched(moves=[Move(after_launch_s=1000.0, north_m=30.0, speed_m_s=0.8)])
    flight.fly_to(P.LANDING, SHORT)
    assert flight.run_until(lambda: flight.height_m < height_m, 60.0)
    flight.drive_off(1000.0)
    assert flight.run_until(lambda: flight.phase is not P.LANDING, 20.0), flight.story()
    assert flight.phase is P.RETURNING or flight.off_pad_m() < 2.5, flight.story()
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert flight.off_pad_m() < 2.5


def test_the_officer_is_told_of_a_vehicle_that_drives_on_and_on_under_it() -> None:
    flight = Watched(moves=[Move(after_launch_s=1000.0 * n, north_m=12.0, speed_m_s=4.0) for n in (1, 2, 3)])
    for n in (1, 2, 3):
        assert "alarm" not in {event.kind for event in flight.events}
        if n == 1:
            flight.fly_to(P.LANDING, SHORT)
        flight.wait_for(P.LANDING)
        flight.run(2.0)
        flight.drive_off(1000.0 * n)
        flight.wait_for(P.RETURNING, timeout_s=20.0)
    alarm = next(event.sentence for event in flight.events if event.kind == "alarm")
    assert "3 times by now: let the vehicle stand" in alarm
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()
