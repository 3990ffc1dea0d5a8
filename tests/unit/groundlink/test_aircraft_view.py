"""How old the aircraft's state is, whatever delays it and whatever its clock says."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundlink.link.aircraft import STALE_S, AircraftView
from tests.unit.groundlink.build import aircraft
from wire.messages import Echo


def exchange(view: AircraftView, now_s: float, offset_s: float, up_s: float, down_s: float) -> None:
    """The vehicle's heartbeat of a moment ago was heard; the state that says so arrives at `now_s`."""
    sent_s = now_s - down_s + offset_s
    echo = Echo(peer_sent_s=now_s - down_s - up_s, received_s=now_s - down_s + offset_s)
    view.take(aircraft(sent_s=sent_s, phase_since_s=sent_s - 5, echo=echo), now_s)


def test_nothing_heard() -> None:
    view = AircraftView()
    assert view.age_s(1.0) is None
    assert view.proven_age_s(1.0) is None
    assert not view.alive(1.0)
    assert view.echo() is None
    assert view.phase_for_s(1.0) is None


def test_before_the_clocks_are_compared_the_age_is_not_proven() -> None:
    view = AircraftView()
    view.take(aircraft(sent_s=7.0), 100.0)
    assert view.age_s(100.5) == pytest.approx(0.5)
    assert view.proven_age_s(100.5) is None
    assert view.alive(100.5)
    assert not view.alive(100.0 + STALE_S + 0.1)
    assert view.echo() == Echo(peer_sent_s=7.0, received_s=100.0)


@given(
    offset_s=st.floats(-1e5, 1e5),
    up_s=st.floats(0.001, 0.5),
    down_s=st.floats(0.001, 0.5),
    wait_s=st.floats(0, 10),
)
def test_the_age_is_right_to_half_a_round_trip(offset_s: float, up_s: float, down_s: float, wait_s: float) -> None:
    view = AircraftView()
    exchange(view, 1000.0, offset_s, up_s, down_s)
    age_s = view.proven_age_s(1000.0 + wait_s)
    assert age_s is not None
    assert age_s == pytest.approx(down_s + wait_s, abs=(up_s + down_s) / 2 + 1e-4)


def test_a_state_that_waited_in_a_buffer_is_old_when_it_comes() -> None:
    view = AircraftView()
    exchange(view, 1000.0, 50.0, 0.01, 0.01)
    view.take(aircraft(sent_s=1050.5), 1008.0)
    age_s = view.proven_age_s(1008.0)
    assert age_s is not None
    assert age_s == pytest.approx(7.5, abs=0.02)
    assert not view.alive(1008.0)


def test_an_echo_counts_once() -> None:
    view = AircraftView()
    echo = Echo(peer_sent_s=99.98, received_s=10.0)
    view.take(aircraft(sent_s=10.0, echo=echo), 100.0)
    before = view.clock.offset_s
    for step in range(1, 40):  # the same echo again and again: the uplink is dead, the downlink ever slower
        view.take(aircraft(sent_s=10.0 + step * 0.1, echo=echo), 100.0 + step * 0.2)
    assert view.clock.offset_s == before


def test_a_restarted_aircraft_gets_a_new_comparison() -> None:
    view = AircraftView()
    exchange(view, 1000.0, 500.0, 0.001, 0.001)
    exchange(view, 1001.0, -900.0, 0.1, 0.1)  # slower than the old best, which must not count any more
    offset_s = view.clock.offset_s
    assert offset_s == pytest.approx(-900.0, abs=0.2)
    assert view.phase_for_s(1001.0) == pytest.approx(5.1, abs=0.2)
