"""Down onto the pad: by the marker while it is seen well, by position otherwise, and always down."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions import requests as ask
from missions.landing import BEGIN_ABOVE_M, CENTRED_S, DEADLINE_S, LOST_LOW_S, LOST_S, TRIES, LandOnPad
from missions.steps import Outcome, Result
from missions.view import Ack, Mode
from tests.unit.flight.build import ROOF, flying, place, sight, vehicle, view
from wire.geo import Ned
from wire.messages import Landed

STEP_S = 0.1
SET_MODE, LAND = 176, 21


class Descent:
    """PX4 that does what it is asked, sinking at 0.5 m/s while it lands; `deaf` to some requests."""

    def __init__(self, height_m: float = 10.0, *, seen: bool = True, deaf: tuple[type, ...] = ()) -> None:
        self.step = LandOnPad()
        self.now_s, self.height_m = 1000.0, height_m
        self.mode, self.landed = Mode.HOLD, Landed.IN_AIR
        self.seen, self.steady, self.sinks = seen, True, True
        self.deaf = deaf
        self.refuses: tuple[type, ...] = ()
        self.acks: tuple[Ack, ...] = ()
        self.seen_s = -1.0
        self.asked: list[ask.Request] = []
        self.outcome: Outcome | None = None
        self.changes: dict[str, Any] = {}

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            if self.outcome is None:
                self.round()

    def round(self) -> None:
        self.now_s += STEP_S
        self.seen_s = self.now_s - 0.1 if self.seen else self.seen_s
        age_s = self.now_s - self.seen_s
        marker = sight(seen_s=self.seen_s, age_s=age_s, steady=self.steady) if age_s < 1.5 else None
        state = {"mode": self.mode, "landed": self.landed, "position": place(up_m=self.height_m), "acks": self.acks}
        output = self.step.update(self.now_s, view(flying(**(state | self.changes)), vehicle(), marker))
        self.asked += output.requests
        self.outcome = output.outcome
        for request in output.requests:
            self.obey(request)
        if self.sinks and self.mode in (Mode.LAND, Mode.PRECISION_LAND):
            self.height_m -= 0.5 * STEP_S
        if self.height_m <= 0:
            self.landed = Landed.ON_GROUND

    def obey(self, request: ask.Request) -> None:
        if isinstance(request, self.refuses):
            self.acks = (Ack(SET_MODE if isinstance(request, ask.LandPrecisely) else LAND, 1, self.now_s),)
        elif isinstance(request, ask.Land) and ask.Land not in self.deaf:
            self.mode = Mode.LAND
        elif isinstance(request, ask.LandPrecisely) and ask.LandPrecisely not in self.deaf:
            self.mode = Mode.PRECISION_LAND

    def kinds(self) -> list[str]:
        return [type(request).__name__ for request in self.asked if not isinstance(request, ask.LandingTarget)]

    @property
    def done(self) -> bool:
        return self.outcome is not None and self.outcome.result is Result.SUCCESS


def test_seen_all_the_way_it_lands_precisely() -> None:
    descent = Descent()
    descent.run(60)
    assert descent.done and descent.kinds() == ["LandPrecisely"]


def test_px4_is_told_of_the_target_before_it_is_asked_to_land_on_it() -> None:
    """A precision landing that begins without a target gives up at once."""
    descent = Descent()
    descent.run(STEP_S)
    assert [type(request) for request in descent.asked] == [ask.LandingTarget, ask.LandPrecisely]


def test_each_sighting_is_passed_on_once_in_px4s_frame() -> None:
    descent = Descent()
    descent.changes = {"home_local_ned": Ned(3.0, -2.0, 0.5)}
    descent.run(2.0)
    targets = [request for request in descent.asked if isinstance(request, ask.LandingTarget)]
    assert len(targets) == 20 and len({target.seen_s for target in targets}) == 20
    assert {target.local_ned_m for target in targets} == {Ned(3.0, -2.0, 0.5)} and targets[0].pad == ROOF


@pytest.mark.parametrize("how", ["unseen", "unsteady", "low", "height unknown", "frame unknown"])
def test_without_a_good_sight_it_lands_by_position(how: str) -> None:
    descent = Descent(height_m=BEGIN_ABOVE_M - 0.1 if how == "low" else 10.0, seen=how != "unseen")
    descent.steady = how != "unsteady"
    descent.changes = {"height unknown": {"home": None}, "frame unknown": {"home_local_ned": None}}.get(how, {})
    descent.run(60)
    assert descent.done and descent.kinds() == ["Land"]


def test_a_marker_that_comes_into_sight_on_the_way_down_is_used() -> None:
    descent = Descent(seen=False)
    descent.run(6)
    descent.seen = True
    descent.run(60)
    assert descent.done and descent.kinds() == ["Land", "LandPrecisely"]


def test_a_marker_lost_half_way_ends_in_a_landing_where_it_is_within_a_second() -> None:
    """PX4 itself would wait five, and then search."""
    descent = Descent()
    descent.run(5)
    descent.seen = False
    descent.run(LOST_S + 0.3)
    assert descent.kinds() == ["LandPrecisely", "Land"]
    descent.run(60)
    assert descent.done and descent.kinds() == ["LandPrecisely", "Land"]


def test_near_the_roof_where_the_marker_outgrows_the_picture_it_goes_on() -> None:
    descent = Descent()
    descent.run(17)
    assert 0 < descent.height_m < BEGIN_ABOVE_M
    descent.seen = False
    descent.run(LOST_LOW_S - 0.3)
    assert descent.kinds() == ["LandPrecisely"]
    descent.run(60)
    assert descent.done


def test_low_and_unseen_for_long_it_lands_by_position() -> None:
    descent = Descent()
    descent.run(17)
    descent.seen = descent.sinks = False
    descent.run(LOST_LOW_S + 0.5)
    assert descent.kinds() == ["LandPrecisely", "Land"]


def test_a_marker_that_comes_and_goes_is_tried_a_few_times_only() -> None:
    descent = Descent(height_m=50.0)
    for _ in range(8):
        descent.seen = True
        descent.run(2)
        descent.seen = False
        descent.run(3)
    descent.seen = True
    descent.run(120)
    assert descent.done and descent.kinds().count("LandPrecisely") == TRIES
    assert descent.mode is Mode.LAND


def test_px4_that_never_goes_down_lands_by_position_and_stays_with_it() -> None:
    descent = Descent()
    descent.sinks = False
    descent.run(CENTRED_S + 1)
    assert descent.kinds() == ["LandPrecisely", "Land"]
    descent.run(5)
    assert descent.kinds() == ["LandPrecisely", "Land"]


@pytest.mark.parametrize("how", ["refused", "unanswered"])
def test_a_precision_landing_that_px4_does_not_begin_becomes_an_ordinary_one(how: str) -> None:
    descent = Descent(deaf=(ask.LandPrecisely,) if how == "unanswered" else ())
    descent.refuses = (ask.LandPrecisely,) if how == "refused" else ()
    descent.run(60)
    kinds = descent.kinds()
    assert descent.done and kinds[-1] == "Land" and kinds.count("Land") == 1
    assert set(kinds[:-1]) == {"LandPrecisely"}


def test_a_landing_that_px4_refuses_is_told() -> None:
    descent = Descent(seen=False)
    descent.refuses = (ask.Land,)
    descent.run(2)
    assert descent.outcome is not None and descent.outcome.result is Result.REFUSED


def test_it_does_not_wait_for_the_ground_for_ever() -> None:
    descent = Descent(seen=False)
    descent.sinks = False
    descent.run(DEADLINE_S + 1)
    assert descent.outcome is not None and descent.outcome.result is Result.TIMED_OUT


def test_on_the_ground_it_is_over() -> None:
    descent = Descent(height_m=0.0)
    descent.landed = Landed.ON_GROUND
    descent.run(1)
    assert descent.done and not descent.asked


@settings(deadline=None, max_examples=40)
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(1, 30)), max_size=30))
def test_whatever_is_seen_it_comes_down(story: list[tuple[bool, bool, int]]) -> None:
    descent = Descent()
    for seen, steady, rounds in story:
        descent.seen, descent.steady = seen, steady
        descent.run(rounds * STEP_S)
    descent.run(60)
    assert descent.done
    assert set(descent.kinds()) <= {"Land", "LandPrecisely"}, "nothing climbs, nothing holds"
