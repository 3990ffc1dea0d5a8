"""All phases, all events, in the air and on the ground."""

from __future__ import annotations

import itertools

import pytest

from onboard.flight import executive
from onboard.flight.executive import FLYING, LEAVING, MAY_BE_ARMED, ON_ROOF, Event
from onboard.flight.sortie import IDLE
from wire.messages import Phase

P = Phase
EVERYTHING = list(itertools.product(Phase, Event, (True, False)))
RESTING = {P.STOWED, P.SECURED}

# What each event may lead to at all, anywhere. Whoever adds a way adds it here, too.
LEADS_TO: dict[Event, set[Phase]] = {
    Event.LAUNCH: {P.CHECKING},
    Event.HOLD: {P.HOLDING, P.STOWED, P.SECURING},
    Event.RESUME: {P.TRANSIT},
    Event.RETURN: {P.RETURNING, P.STOWED, P.SECURING},
    Event.LAND: {P.LANDING, P.STOWED, P.SECURING},
    Event.ABORT: {P.RETURNING, P.HOLDING, P.STOWED, P.SECURING},
    Event.DONE: {P.RELEASING, P.ARMING, P.CLIMBING, P.TRANSIT, P.SURVEYING, P.RETURNING, P.LANDING, P.SECURING, P.SECURED},
    Event.FAILED: {P.STOWED, P.SECURING, P.RETURNING, P.LANDING, P.GROUNDED},
    Event.FAILSAFE: {P.YIELDED, P.SECURING},
    Event.TAKEN_OVER: {P.YIELDED, P.SECURING},
    Event.DISARMED: {P.SECURING},
    Event.PAD_LEFT: {P.RETURNING},
    Event.LATCH_LOST: {P.SECURING},
    Event.ENOUGH: {P.RETURNING},
    Event.DRIVES: {P.SECURING, P.LANDING},
    Event.HELD: {P.LANDING},
    Event.EXHAUSTED: {P.LANDING},
    Event.FOUND_AIRBORNE: {P.RETURNING},
    Event.FOUND_LANDING: {P.LANDING},
    Event.FOUND_ARMED: {P.SECURING},
    Event.STOWED_SEEN: {P.STOWED},
    Event.NOT_STOWED: {P.GROUNDED},
}


@pytest.mark.parametrize("event", Event)
def test_each_event_leads_only_where_it_may(event: Event) -> None:
    found = {executive.update(phase, event, airborne) for phase in Phase for airborne in (True, False)} - {None}
    assert found == LEADS_TO[event]


def test_every_phase_is_on_the_roof_or_may_be_armed_and_not_both() -> None:
    assert set(Phase) == ON_ROOF | MAY_BE_ARMED
    assert not ON_ROOF & MAY_BE_ARMED
    assert LEAVING | FLYING | {P.YIELDED} == MAY_BE_ARMED
    assert IDLE < ON_ROOF


@pytest.mark.parametrize(("phase", "event", "airborne"), EVERYTHING)
def test_from_where_it_may_be_armed_nothing_leads_to_rest_directly(phase: Phase, event: Event, airborne: bool) -> None:
    following = executive.update(phase, event, airborne)
    if phase in MAY_BE_ARMED:
        assert following not in RESTING | {P.CHECKING, P.RELEASING, P.ARMING, P.GROUNDED}


@pytest.mark.parametrize("phase", Phase)
@pytest.mark.parametrize("event", Event)
def test_arming_and_climbing_come_only_after_what_goes_before(phase: Phase, event: Event) -> None:
    for airborne in (True, False):
        following = executive.update(phase, event, airborne)
        if following is P.ARMING:
            assert (phase, event) == (P.RELEASING, Event.DONE)
        if following is P.CLIMBING:
            assert (phase, event) == (P.ARMING, Event.DONE)
        if following is P.RELEASING:
            assert (phase, event) == (P.CHECKING, Event.DONE)


@pytest.mark.parametrize("phase", sorted(MAY_BE_ARMED - {P.LANDING}))
def test_abort_leads_home_from_the_air_and_to_the_roof_from_the_ground(phase: Phase) -> None:
    assert executive.update(phase, Event.ABORT, airborne=True) is P.RETURNING
    assert executive.update(phase, Event.ABORT, airborne=False) is P.SECURING


def test_abort_of_a_landing_stops_it_in_the_air() -> None:
    """Whoever says it may see a person below."""
    assert executive.update(P.LANDING, Event.ABORT, airborne=True) is P.HOLDING
    assert executive.update(P.LANDING, Event.ABORT, airborne=False) is None, "it is down"


@pytest.mark.parametrize("event", [Event.HOLD, Event.RETURN, Event.LAND, Event.ABORT])
@pytest.mark.parametrize("phase", [P.CHECKING, P.RELEASING, *sorted(LEAVING)])
def test_every_word_that_stops_calls_a_launch_off(phase: Phase, event: Event) -> None:
    assert executive.update(phase, event, airborne=False) is (P.STOWED if phase is P.CHECKING else P.SECURING)


@pytest.mark.parametrize("phase", Phase)
def test_nothing_takes_off_from_a_vehicle_that_drives(phase: Phase) -> None:
    expected = P.SECURING if phase in LEAVING | {P.RELEASING} else None
    assert executive.update(phase, Event.DRIVES, airborne=False) is expected
    flying = P.LANDING if phase in LEAVING else expected
    assert executive.update(phase, Event.DRIVES, airborne=True) is flying, "PX4 calls it flying before it has left the roof"


@pytest.mark.parametrize("airborne", [True, False])
def test_abort_before_anything_moved_ends_the_launch(airborne: bool) -> None:
    assert executive.update(P.CHECKING, Event.ABORT, airborne) is P.STOWED
    assert executive.update(P.RELEASING, Event.ABORT, airborne) is P.SECURING


@pytest.mark.parametrize(("phase", "event"), list(itertools.product(sorted(MAY_BE_ARMED), Event)))
def test_on_the_ground_nothing_begins_a_return(phase: Phase, event: Event) -> None:
    """PX4's return begins with a climb: from the ground it would be a take-off that nobody ordered."""
    assert executive.update(phase, event, airborne=False) is not P.RETURNING


@pytest.mark.parametrize("phase", sorted(LEAVING | FLYING))
@pytest.mark.parametrize("event", [Event.FAILSAFE, Event.TAKEN_OVER])
def test_another_pilot_in_the_air_is_yielded_to(phase: Phase, event: Event) -> None:
    assert executive.update(phase, event, airborne=True) is P.YIELDED


@pytest.mark.parametrize("phase", sorted(MAY_BE_ARMED - {P.YIELDED}))
def test_enough_brings_it_back_once(phase: Phase) -> None:
    expected = None if phase in (P.RETURNING, P.LANDING) else P.RETURNING
    assert executive.update(phase, Event.ENOUGH, airborne=True) is expected
    assert executive.update(P.YIELDED, Event.ENOUGH, airborne=True) is None, "who flies decides"


@pytest.mark.parametrize("phase", sorted(LEAVING))
def test_a_latch_that_is_not_seen_open_stops_a_take_off_and_no_flight(phase: Phase) -> None:
    assert executive.update(phase, Event.LATCH_LOST, airborne=False) is P.SECURING
    assert executive.update(phase, Event.LATCH_LOST, airborne=True) is None


@pytest.mark.parametrize("phase", Phase)
def test_every_phase_has_a_way_to_the_roof(phase: Phase) -> None:
    """By whatever events: nowhere is a dead end."""
    reached, edge = {phase}, {phase}
    while edge:
        edge = {n for p in edge for e in Event for a in (True, False) if (n := executive.update(p, e, a))} - reached
        reached |= edge
    assert reached & RESTING


@pytest.mark.parametrize("phase", sorted(ON_ROOF - {P.CHECKING, P.RELEASING}))
@pytest.mark.parametrize("event", [Event.HOLD, Event.RESUME, Event.RETURN, Event.LAND, Event.ABORT, Event.ENOUGH])
def test_on_the_roof_the_orders_of_the_air_mean_nothing(phase: Phase, event: Event) -> None:
    expected = P.SECURING if (phase, event) == (P.GROUNDED, Event.ABORT) else None  # motors off, and the latch if it is seated
    assert executive.update(phase, event, airborne=False) is expected


@pytest.mark.parametrize("event", [e for e in Event if e not in (Event.STOWED_SEEN, Event.NOT_STOWED, Event.FOUND_ARMED)])
def test_a_program_that_has_just_started_takes_no_order_on_the_ground(event: Event) -> None:
    following = executive.update(P.STARTING, event, airborne=False)
    assert following is (P.RETURNING if event is Event.FOUND_AIRBORNE else None)


@pytest.mark.parametrize("phase", sorted(set(Phase) - {P.RETURNING}))
def test_only_a_return_that_fails_ends_in_a_landing_elsewhere(phase: Phase) -> None:
    assert executive.update(phase, Event.EXHAUSTED, airborne=True) is None
    assert executive.update(P.RETURNING, Event.EXHAUSTED, airborne=False) is None
