"""Clocks, and the comparison of two of them over a link that delays."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wire.clock import ManualClock, PeerClock, SystemClock, next_due_s

DELAYS = st.floats(1e-4, 5.0)
EXCHANGES = st.lists(st.tuples(DELAYS, DELAYS, st.floats(0.0, 1.0)), min_size=1, max_size=40)


Delays = tuple[float, float, float]
"""Up, down, and held by the peer between."""


def exchange(clock: PeerClock, now_s: float, ahead_s: float, delays: Delays) -> float:
    """One exchange with a peer whose clock is `ahead_s`; when its answer is here."""
    up_s, down_s, held_s = delays
    back_s = now_s + up_s + held_s + down_s
    clock.update(now_s, now_s + up_s + ahead_s, now_s + up_s + held_s + ahead_s, back_s)
    return back_s


@settings(deadline=None)
@given(EXCHANGES, st.floats(-1e5, 1e5))
def test_the_error_is_at_most_half_the_round_trip_however_lopsided_the_delays(exchanges: list[Delays], ahead_s: float) -> None:
    clock, now_s = PeerClock(), 100.0
    for delays in exchanges:
        now_s = exchange(clock, now_s, ahead_s, delays) + 0.2
    assert clock.offset_s is not None and clock.round_trip_s is not None
    assert abs(clock.offset_s - ahead_s) <= clock.round_trip_s / 2 + 1e-6
    shortest = min(up + down for up, down, _ in exchanges[-30:])
    assert clock.round_trip_s == pytest.approx(shortest, abs=1e-6)
    local_s = clock.to_local_s(now_s + ahead_s)
    assert local_s is not None and abs(local_s - now_s) <= shortest / 2 + 1e-6


def test_nothing_is_known_before_the_first_exchange() -> None:
    clock = PeerClock()
    assert clock.offset_s is None and clock.round_trip_s is None and clock.to_local_s(5.0) is None


def test_an_answer_that_came_before_it_was_asked_for_is_no_exchange() -> None:
    clock = PeerClock()
    clock.update(10.0, 50.0, 60.0, 11.0)
    assert clock.offset_s is None


def test_a_clock_that_jumped_is_known_again_after_one_window() -> None:
    clock, now_s = PeerClock(window=30), 0.0
    now_s = exchange(clock, now_s, 100.0, (0.0, 0.0, 0.0))
    for _ in range(29):
        now_s = exchange(clock, now_s + 0.2, -7.0, (0.05, 0.05, 0.0))
    assert clock.offset_s == 100.0, "the shortest exchange still counts"
    exchange(clock, now_s + 0.2, -7.0, (0.05, 0.05, 0.0))
    assert clock.offset_s == pytest.approx(-7.0)


@pytest.mark.parametrize("speed", [0.0, -1.0, 0.001, 1001.0, float("nan"), float("inf")])
def test_absurd_speeds_are_refused(speed: float) -> None:
    with pytest.raises(ValueError, match="is not between"):
        SystemClock(speed)


def test_a_fast_clock_waits_less() -> None:
    clock = SystemClock(20.0)
    assert clock.wall_s(10.0) == 0.5
    assert clock.wall_s(-1.0) == 0.0
    before_s = clock.now_s()
    clock.sleep(0.02)
    assert clock.now_s() - before_s >= 0.02


def test_a_manual_clock_moves_only_forward_and_when_told() -> None:
    clock = ManualClock(5.0)
    assert clock.now_s() == clock.now_s() == 5.0
    clock.sleep(2.0)
    clock.sleep(-3.0)
    assert clock.now_s() == 7.0


@given(st.lists(st.floats(0.0, 0.19), min_size=1, max_size=200))
def test_what_is_due_steadily_keeps_its_rate_however_late_each_look_is(late_s: list[float]) -> None:
    due_s = 100.0
    for each_s in late_s:
        due_s = next_due_s(due_s, due_s + each_s, 0.2)
    assert due_s == pytest.approx(100.0 + 0.2 * len(late_s))


def test_what_was_missed_in_a_pause_is_not_made_up_for() -> None:
    assert next_due_s(100.0, 105.0, 0.2) == pytest.approx(105.2)
