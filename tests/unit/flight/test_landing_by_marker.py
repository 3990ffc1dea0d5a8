"""The conductor and the roof's marker: which landings follow it, and what becomes of one that may not."""

from __future__ import annotations

import pytest

from missions import requests as ask
from missions.view import Mode, Sight, View
from onboard.flight.flight import SEEKING
from tests.unit.flight.build import sight
from tests.unit.flight.plant import Plant
from wire.messages import Phase, Verb

P = Phase


class Marked(Plant):
    """The marker is always well seen."""

    @property
    def view(self) -> View:
        return View(self.aircraft, self.vehicle, self.marker)

    @property
    def marker(self) -> Sight:
        return sight(seen_s=self.now_s - 0.05, age_s=0.05)

    def landings(self) -> list[type]:
        return [type(request) for request in self.requests if isinstance(request, ask.Land | ask.LandPrecisely)]


def test_the_landing_after_a_return_follows_the_marker() -> None:
    plant = Marked()
    plant.fly_to(P.SECURED)
    assert plant.landings() == [ask.LandPrecisely]


def test_a_landing_ordered_by_the_officer_is_where_it_is() -> None:
    plant = Marked()
    plant.fly_to(P.SURVEYING)
    plant.order(Verb.LAND)
    plant.run(3.0)
    assert plant.landings() == [ask.Land]


@pytest.mark.parametrize("silent_s", [4.5, None])
def test_one_that_the_gate_refuses_becomes_an_ordinary_one(silent_s: float | None) -> None:
    """The vehicle has fallen silent: nothing moves sideways for it, but down it comes."""
    plant = Marked()
    plant.deaf = {ask.LandPrecisely}
    plant.fly_to(P.LANDING)
    plant.requests.clear()
    plant.change(age_s=silent_s)
    plant.run(10.0)
    assert plant.landings() == [ask.Land] and plant.is_in(P.SECURING, P.SECURED)


def test_abort_stops_a_precision_landing_too() -> None:
    plant = Marked()
    plant.fly_to(P.LANDING)
    plant.change(mode=Mode.PRECISION_LAND)
    plant.order(Verb.ABORT)
    assert plant.is_in(P.HOLDING)


def test_vision_looks_for_the_marker_on_the_way_to_the_roof_only() -> None:
    assert {P.RETURNING, P.LANDING} == SEEKING
