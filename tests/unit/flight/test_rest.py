"""A program that has just started says what it has seen, and a stowed aircraft is one that is seen so."""

from __future__ import annotations

from typing import Any

import pytest

from missions import requests as ask
from missions.view import Mode
from tests.unit.flight.build import CLOSED, OPEN, open_latch, place
from tests.unit.flight.plant import Plant
from wire.messages import Landed, LatchRequest, Phase, Stage, Verb

P = Phase
UP: dict[str, Any] = {"armed": True, "landed": Landed.IN_AIR, "position": place(40.0, 0.0, 25.0)}


def started(seconds: float = 1.0, **changes: Any) -> Plant:
    """A conductor that finds things so."""
    plant = Plant()
    plant.latch_follows = False
    plant.change(**({"latch": CLOSED} | changes))
    plant.run(seconds)
    return plant


def test_before_it_has_looked_it_says_so() -> None:
    assert Plant().phase is P.STARTING


@pytest.mark.parametrize(
    ("changes", "phase", "says"),
    [
        ({}, P.STOWED, "seen seated, latched and disarmed"),
        ({"latch": OPEN}, P.GROUNDED, "the latch is not seen closed: go and look"),
        ({"latch": open_latch(seated=False)}, P.GROUNDED, "not seen seated on the roof: go and look"),
        ({"latch": open_latch(valid=False)}, P.STARTING, "the latch's sensors contradict each other"),
        ({"latch_age_s": None}, P.STARTING, "the latch is not heard yet"),
        ({"latch_age_s": 5.0}, P.STARTING, "the latch is not heard yet"),
        ({"heartbeat_age_s": None, "armed": None}, P.STARTING, "PX4 is not heard yet"),
        ({"heartbeat_age_s": None, "armed": None, "latch": open_latch(seated=False)}, P.STARTING, "PX4 is not heard yet"),
        ({"armed": True, "mode": Mode.POSITION}, P.GROUNDED, "it is armed, and not by an order from here: keep clear"),
        ({"armed": True, "mode": Mode.POSITION, "latch_age_s": None}, P.GROUNDED, "it is armed"),
    ],
    ids=str,
)
def test_it_says_how_the_aircraft_is_found(changes: dict[str, Any], phase: Phase, says: str) -> None:
    plant = started(**changes)
    assert plant.phase is phase and says in plant.conductor.reason
    assert not plant.requests and plant.asks(LatchRequest.KEEP), "nothing moves by itself"


@pytest.mark.parametrize("changes", [{"latch": OPEN}, {"latch_age_s": None}, {"armed": True, "mode": Mode.POSITION}], ids=str)
def test_nothing_is_launched_before_it_is_seen_stowed(changes: dict[str, Any]) -> None:
    plant = started(**changes)
    order = plant.order(Verb.LAUNCH)
    (reply,) = [r for r in plant.step().replies if r.command_id == order]
    assert reply.stage is Stage.REFUSED and plant.conductor.reason in reply.sentence
    plant.run(5.0)
    assert ask.Arm() not in plant.requests


def test_what_is_put_right_is_stowed() -> None:
    plant = started(latch=OPEN)
    plant.change(latch=CLOSED)
    plant.run(0.5)
    assert plant.is_in(P.STOWED)


def test_what_is_changed_by_hand_while_stowed_is_told_and_silence_is_not_taken_for_it() -> None:
    plant = started()
    plant.change(latch_age_s=30.0)
    plant.run(1.0)
    assert plant.is_in(P.STOWED)
    plant.change(latch_age_s=0.1, latch=OPEN)
    plant.run(0.5)
    assert plant.is_in(P.GROUNDED) and "latch is not seen closed" in plant.conductor.reason
    plant.change(latch=CLOSED, armed=True, mode=Mode.POSITION)
    plant.run(0.5)
    assert plant.is_in(P.GROUNDED) and "it is armed" in plant.conductor.reason
    plant.change(armed=False)
    plant.run(0.5)
    assert plant.is_in(P.STOWED)


@pytest.mark.parametrize("mode", [Mode.HOLD, Mode.TAKEOFF])
def test_found_about_to_take_off_the_motors_are_stopped(mode: Mode) -> None:
    plant = started(0.1, armed=True, mode=mode, latch=OPEN)
    assert plant.is_in(P.SECURING)
    plant.latch_follows = True
    plant.run(3.0)
    assert plant.requests == [ask.Disarm()] and plant.is_in(P.SECURED)


def test_the_officer_can_have_it_secured() -> None:
    plant = started(latch=OPEN)
    plant.latch_follows = True
    plant.order(Verb.ABORT)
    plant.run(3.0)
    assert plant.is_in(P.SECURED)


@pytest.mark.parametrize("mode", [Mode.LAND, Mode.PRECISION_LAND])
def test_a_landing_that_is_found_under_way_goes_on_downwards(mode: Mode) -> None:
    plant = Plant()
    plant.change(**UP | {"position": place(0.3, 0.0, 1.0)})
    plant.change(mode=mode)
    plant.conductor.update(plant.now_s + 0.1, plant.view)
    assert plant.is_in(P.LANDING)
    asked = plant.conductor.update(plant.now_s + 0.2, plant.view).requests
    assert [r for r in asked if not isinstance(r, ask.SetHome)] == ([] if mode is Mode.LAND else [ask.Land()])


def test_a_return_of_px4s_that_is_found_under_way_goes_on_untouched() -> None:
    """Asked for again, it would climb anew."""
    plant = started(20.0, mode=Mode.RETURN, **UP)
    assert plant.is_in(P.RETURNING) and not [r for r in plant.requests if not isinstance(r, ask.SetHome)]
    plant.change(landed=Landed.ON_GROUND, armed=False)
    plant.run(1.0)
    assert plant.phase in (P.SECURING, P.SECURED, P.GROUNDED)


@pytest.mark.parametrize(("height_m", "flown_m"), [(25.0, 25.0), (3.0, 8.0), (200.0, 60.0)])
def test_found_flying_it_comes_back_at_the_height_that_it_has(height_m: float, flown_m: float) -> None:
    plant = started(0.5, mode=Mode.HOLD, **UP | {"position": place(40.0, 0.0, height_m)})
    (request,) = [r for r in plant.requests if isinstance(r, ask.Reposition)]
    assert request.target.altitude_amsl_m - place().altitude_amsl_m == pytest.approx(flown_m)


@pytest.mark.parametrize("missing", [{"position": None}, {"landed": Landed.UNKNOWN}], ids=str)
def test_until_it_is_seen_whether_it_flies_nothing_is_decided(missing: dict[str, Any]) -> None:
    plant = started(2.0, mode=Mode.HOLD, **UP | missing)
    assert plant.is_in(P.STARTING) and not plant.requests
    plant.run(5.0)
    assert plant.is_in(P.YIELDED) and not plant.requests


def test_found_in_a_failsafe_px4_is_left_alone() -> None:
    plant = started(5.0, mode=Mode.RETURN, failsafe=True, **UP)
    assert plant.is_in(P.YIELDED)
    assert not [r for r in plant.requests if not isinstance(r, ask.SetHome)]
