"""The latch, as the flight meets it: stuck, shut at the wrong moment, or never closed again."""

from __future__ import annotations

import pytest

from sitl.world.configuration import LatchFaults
from tests.sitl.lockstep.harness import P, Watched
from wire.messages import LatchRequest, Stage, Verb


def test_stuck_open_after_landing_is_not_secured_and_says_so() -> None:
    flight = Watched(latch=LatchFaults(stuck="open"))
    flight.fly_to(P.SECURING)
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert flight.phase is P.GROUNDED
    assert flight.newest.reason == "it is seated and disarmed, but the latch is not seen closed: go and look"
    assert not flight.armed and flight.latch.holds is False
    assert flight.refused(Verb.LAUNCH, "") == f"launch refused: it means nothing while grounded: {flight.newest.reason}"


@pytest.mark.parametrize("after_s", [0.0, 0.2, 0.5, 0.7])
def test_latch_shut_by_hand_before_take_off_stops_the_motors(after_s: float) -> None:
    """Nobody can foresee that: the motors are stopped as soon as the sensor tells, and it never leaves the roof."""
    flight = Watched()
    flight.fly_to(P.ARMING)
    flight.run(after_s)
    flight.hands_on_latch = True
    flight.latch.order(to_open=False)
    flight.wait_for(P.SECURING, P.YIELDED)
    assert flight.phase is P.SECURING
    flight.run(10.0)
    assert not flight.armed and flight.armed_while_latched_s < 2.0
    assert flight.height_m < 0.05
    assert P.TRANSIT not in flight.phases


def test_latch_is_asked_to_close_only_when_seen_disarmed() -> None:
    flight = Watched()
    flight.fly_to(P.SECURED)
    asked = [s for s in flight.states if s.latch_request is LatchRequest.CLOSE]
    assert asked
    assert all(s.armed is False and s.phase is P.SECURING for s in asked)


def test_latch_is_left_alone_in_the_air() -> None:
    flight = Watched()
    flight.fly_to(P.TRANSIT)
    while flight.phase is not P.SECURING:
        flight.step()
        assert flight.latch_state().open
        assert flight.newest.latch_request is not LatchRequest.CLOSE


def test_grounded_aircraft_that_is_put_back_is_stowed_again() -> None:
    """It landed beside the vehicle; a person carries it to the roof and shuts the latch."""
    flight = Watched()
    flight.fly_to(P.SURVEYING)
    assert flight.outcome(flight.order(Verb.LAND)).stage is Stage.DONE
    flight.wait_for(P.GROUNDED)
    flight.latch.order(to_open=False)
    flight.run(5.0)
    assert flight.phase is P.GROUNDED
    flight.carried_to_the_pad = True
    flight.wait_for(P.STOWED, timeout_s=20.0)
    assert flight.newest.reason == "seen seated, latched and disarmed"
