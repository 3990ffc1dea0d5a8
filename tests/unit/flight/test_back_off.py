"""PX4 refuses to return, to land, to hold: it is asked again, less and less often, somebody is told, and nothing spins."""

from __future__ import annotations

import itertools
from typing import Any

import pytest

from missions import requests as ask
from missions.homing import AGAIN_S, KEEPS_FAILING
from missions.view import Ack, Mode
from tests.unit.flight.build import place
from tests.unit.flight.plant import Plant
from wire.messages import Phase, Stage, Verb

P = Phase
COMMANDS: dict[type[ask.Request], int] = {
    ask.ReturnHome: 20,
    ask.Land: 21,
    ask.Reposition: 192,
    ask.Hold: 192,
    ask.FlyOrbit: 34,
}
DENIED = 2


class Stubborn(Plant):
    """`refuses`: types of requests that PX4 answers with a refusal."""

    def __init__(self) -> None:
        super().__init__()
        self.refuses: set[type[ask.Request]] = set()
        self.asked: list[tuple[float, type[ask.Request]]] = []

    def _obey(self, request: ask.Request) -> None:
        self.asked.append((self.now_s, type(request)))
        if type(request) in self.refuses:
            answer = Ack(COMMANDS[type(request)], DENIED, self.now_s)
            self.change(acks=(*self.aircraft.acks, answer)[-16:])
        else:
            super()._obey(request)

    def told(self, kind: str) -> list[str]:
        return [sentence for done in self.rounds for what, sentence in done.events if what == kind]

    def times(self, kind: type[ask.Request]) -> list[float]:
        return [at_s for at_s, what in self.asked if what is kind]


def flying(*refuses: type[ask.Request], **changes: Any) -> Stubborn:
    plant = Stubborn()
    plant.fly_to(P.SURVEYING)
    plant.run(1.0)
    plant.asked.clear()
    plant.refuses = set(refuses)
    plant.change(**changes)
    return plant


def test_a_refused_return_is_asked_for_less_and_less_often_and_goes_on() -> None:
    plant = flying(ask.ReturnHome, pad=None)
    plant.order(Verb.ABORT)
    plant.run(300.0)
    assert plant.is_in(P.RETURNING)
    asked = plant.times(ask.ReturnHome)
    waits = [later - before for before, later in itertools.pairwise(asked)]
    assert len(asked) <= len(AGAIN_S) + 300 / AGAIN_S[-1] + 1
    assert waits[-1] == pytest.approx(AGAIN_S[-1], abs=1.0), "never longer than that: it may work at any time"
    assert all(later > before - 0.5 for before, later in itertools.pairwise(waits)), "growing"
    plant.refuses.clear()
    plant.run(AGAIN_S[-1] + 1.0)
    assert plant.aircraft.mode is Mode.RETURN


def test_a_return_that_keeps_failing_stops_the_aircraft_and_tells_the_officer() -> None:
    plant = flying(ask.ReturnHome, pad=None)
    order = plant.order(Verb.ABORT)
    plant.run(30.0)
    assert plant.aircraft.mode is Mode.HOLD and plant.times(ask.Hold)
    alarms = plant.told("alarm")
    assert alarms and "it does not come back, stays where it is and tries again every 15 s" in alarms[0]
    assert "the return was refused" in plant.conductor.reason
    ends = [r for done in plant.rounds for r in done.replies if r.command_id == order and r.stage is not Stage.ACCEPTED]
    assert [r.stage for r in ends] == [Stage.FAILED] and ends[0].sentence == alarms[0]
    assert len(alarms) <= 6


def test_what_px4_refuses_is_tried_our_way_and_the_other_way_round() -> None:
    plant = flying(ask.ReturnHome)
    plant.order(Verb.ABORT)
    plant.run(20.0)
    assert plant.phase in (P.LANDING, P.SECURING, P.SECURED), plant.conductor.reason
    plant = flying(ask.Reposition)
    plant.order(Verb.RETURN)
    plant.run(3.0)
    assert plant.aircraft.mode is Mode.RETURN


@pytest.mark.parametrize(("battery", "lands"), [(40.0, False), (12.5, False), (11.5, True), (None, False)])
def test_with_the_battery_nearly_empty_it_lands_where_it_is(battery: float | None, lands: bool) -> None:
    plant = flying(ask.ReturnHome, pad=None, position=place(60.0, 0.0, 20.0), battery_percent=battery)
    plant.order(Verb.ABORT)
    plant.run(40.0)
    assert bool(plant.times(ask.Land)) is lands
    assert plant.is_in(P.RETURNING) is not lands
    if lands:
        assert len(plant.times(ask.ReturnHome)) >= KEEPS_FAILING


def test_a_refused_hold_ends_in_a_return_and_a_refused_return_too_spins_nowhere() -> None:
    plant = flying(ask.Hold, ask.ReturnHome, pad=None)
    plant.order(Verb.HOLD)
    plant.run(120.0)
    assert plant.is_in(P.RETURNING) and plant.told("alarm")
    assert len(plant.asked) < 40


def test_a_refused_landing_is_asked_for_again_and_told() -> None:
    plant = flying(ask.Land)
    plant.order(Verb.LAND)
    plant.run(120.0)
    assert plant.is_in(P.LANDING)
    assert KEEPS_FAILING < len(plant.times(ask.Land)) < 20
    assert "it does not land and tries again" in plant.told("alarm")[0]
    assert not plant.times(ask.Hold), "a landing is not stopped"
    plant.refuses.clear()
    plant.run(AGAIN_S[-1] + 3.0)
    assert plant.is_in(P.SECURING, P.GROUNDED, P.SECURED)


def test_an_order_begins_anew_without_a_wait() -> None:
    plant = flying(ask.ReturnHome, pad=None)
    plant.order(Verb.ABORT)
    plant.run(60.0)
    plant.refuses.clear()
    plant.order(Verb.ABORT)
    plant.run(0.5)
    assert plant.aircraft.mode is Mode.RETURN


def test_a_return_is_done_when_it_is_seen_to_begin_not_while_it_still_hangs_in_hold() -> None:
    plant = flying()
    plant.order(Verb.HOLD)
    plant.run(2.0)
    plant.refuses = set()
    plant.deaf = {ask.Reposition}
    plant.change(position=place(60.0, 0.0, 20.0))
    order = plant.order(Verb.RETURN)
    plant.run(2.0)
    ends = [r for done in plant.rounds for r in done.replies if r.command_id == order and r.stage is Stage.DONE]
    assert not ends, "hold mode was there before"


@pytest.mark.parametrize("answers", [True, False])
def test_a_stop_for_a_vehicle_that_moved_which_px4_does_not_make_is_not_asked_for_every_round(answers: bool) -> None:
    plant = flying(position=place(up_m=20.0))
    plant.order(Verb.ABORT)
    plant.run(1.0)
    assert plant.aircraft.mode is Mode.RETURN
    plant.deaf, plant.refuses = (set(), {ask.Hold}) if answers else ({ask.Hold}, set())
    sent = len(plant.requests)
    plant.change(home=place(30.0), pad=place(30.0))
    plant.run(4.0)
    assert 1 <= sum(isinstance(request, ask.Hold) for request in plant.requests[sent:]) <= 4
    plant.run(3.0)
    assert any(isinstance(request, ask.Reposition) for request in plant.requests[sent:]), "ours is tried then"
