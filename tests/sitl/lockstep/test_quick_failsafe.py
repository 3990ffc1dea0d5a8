"""What others do to PX4 in the moment in which flight sends something: PX4's failsafe, and another pilot."""

from __future__ import annotations

import functools
import math

import pytest

from missions import requests as ask
from sitl.world.configuration import Move
from tests.sitl.lockstep.harness import LONG, P, Watched
from tests.sitl.lockstep.test_trouble import PX4_LAND, PX4_RTL, set_mode
from wire.messages import Verb

MOVES = (ask.Reposition, ask.FlyOrbit, ask.Takeoff)
KNOWN_S = 0.25
"""How long after PX4's failsafe has begun flight may not yet know of it."""


def moves_in_a_failsafe(flight: Watched, seconds: float) -> list[object]:
    """Fly on; the movements that were sent when PX4 had acted on a failsafe for KNOWN_S or more."""
    found: list[object] = []
    since_s = math.inf
    until_s = flight.now_s + seconds
    while flight.now_s < until_s:
        before = len(flight.requests)
        flight.step()
        since_s = min(since_s, flight.now_s) if flight.autopilot.pilot.failsafe.active else math.inf
        if flight.now_s - since_s > KNOWN_S:
            found += [r for r in flight.requests[before:] if isinstance(r, MOVES)]
    return found


def following() -> Watched:
    """On its way back to a vehicle that drives: a new place to go to about every second and a half, in hold mode."""
    flight = Watched(moves=[Move(after_launch_s=0.0, north_m=300.0, speed_m_s=4.0)])
    flight.fly_to(P.SURVEYING, LONG)
    flight.order(Verb.RETURN)
    flight.run(3.0)
    sent = flight.asked().count(ask.Reposition)
    assert flight.run_until(lambda: flight.asked().count(ask.Reposition) > sent, 20.0)
    return flight


@pytest.mark.parametrize("after_s", [0.6, 0.8, 1.0, 1.2, 1.4])
def test_a_critical_battery_while_it_follows_the_vehicle(after_s: float) -> None:
    """PX4 begins with a hold, and the aircraft is in hold: only the heartbeat tells. Its return must not be cancelled."""
    flight = following()
    flight.run(after_s)
    sent = flight.asked().count(ask.Reposition)  # one on its way as the failsafe begins, a tenth of a second later, cancels it
    flight.autopilot.parameters["BAT_CRIT_THR"] = 1.0
    assert flight.run_until(lambda: flight.autopilot.pilot.failsafe.active, 2.0)
    assert moves_in_a_failsafe(flight, 8.0) == []
    assert flight.phase is P.YIELDED or flight.asked().count(ask.Reposition) > sent
    assert flight.mode == "RETURN" or flight.asked().count(ask.Reposition) > sent, "nothing has cancelled it"


@pytest.mark.parametrize("mission_end_s", [0.1, 0.4, 0.7])
def test_lost_position_as_the_survey_ends(mission_end_s: float) -> None:
    """PX4 flies another mode than it was told: seen at once, though no heartbeat has come."""
    flight = Watched()
    flight.fly_to(P.SURVEYING, LONG)
    flight.autopilot.parameters["SIM_GPS_USED"] = 0.0
    assert flight.run_until(lambda: flight.autopilot.pilot.failsafe.active, 20.0)
    flight.run(mission_end_s)
    assert flight.newest.failsafe
    assert moves_in_a_failsafe(flight, 3.0) == []
    assert flight.phase is P.YIELDED and flight.mode in ("DESCEND", "LAND")


@functools.cache
def orbit_asked_s() -> float:
    """When, after the launch, flight asks for the orbit: the same in each flight of the same seed."""
    flight = Watched()
    flight.launch(LONG)
    assert flight.run_until(lambda: ask.FlyOrbit in flight.asked(), 100.0)
    return flight.now_s


@pytest.mark.parametrize("before_s", [0.3, 0.2, 0.15, 0.1, 0.05, -0.05, -0.1, -0.2])
@pytest.mark.parametrize("sub", [PX4_LAND, PX4_RTL])
def test_another_pilot_in_the_moment_of_a_request(before_s: float, sub: int) -> None:
    """His mode is seen before, or right after; then it is his aircraft, and nothing more is sent.

    Two requests within some 20 ms nobody can tell apart: the later one counts, and if it is ours, he has to say it again.
    """
    flight = Watched()
    flight.launch(LONG)
    flight.run(orbit_asked_s() - before_s - flight.now_s)
    flight.from_other_station(set_mode(sub))
    flight.wait_for(P.YIELDED, timeout_s=1.0)
    assert "somebody else flies" in flight.newest.reason
    before = len(flight.requests)
    flight.run(5.0)
    assert set(flight.asked(before)) <= {ask.SetHome}
    if before_s > 0.1 or before_s < 0.0:
        assert flight.mode == {PX4_LAND: "LAND", PX4_RTL: "RETURN"}[sub], "his mode stands"
