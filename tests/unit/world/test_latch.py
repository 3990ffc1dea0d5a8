"""The latch as a device: every fault against every order."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitl.world.configuration import LatchFaults
from sitl.world.latch import TRAVEL_S, Latch, is_seated
from wire.geo import Ned
from wire.messages import LatchState


def state(latch: Latch, now_s: float, *, seated: bool = True) -> LatchState:
    latch.update(now_s)
    return latch.state(seated=seated)


def test_it_starts_closed_and_seated() -> None:
    assert state(Latch(LatchFaults(), 0.0), 5.0) == LatchState(open=False, closed=True, seated=True, valid=True)


def test_opening_takes_its_time_and_in_between_neither_end_is_reached() -> None:
    latch = Latch(LatchFaults(), 10.0)
    latch.order(to_open=True)
    for now_s in (10.01, 10.4, 10.0 + TRAVEL_S - 0.01):
        between = state(latch, now_s)
        assert (between.open, between.closed, latch.holds) == (False, False, True)
    opened = state(latch, 10.0 + TRAVEL_S + 0.001)
    assert (opened.open, opened.closed, latch.holds) == (True, False, False)


def test_turning_round_takes_as_long_as_the_way_back() -> None:
    latch = Latch(LatchFaults(), 0.0)
    latch.order(to_open=True)
    state(latch, 0.3)
    latch.order(to_open=False)
    assert not state(latch, 0.59).closed
    assert state(latch, 0.61).closed


@pytest.mark.parametrize(
    ("stuck", "after_open", "after_close"),
    [("none", (True, False), (False, True)), ("closed", (False, True), (False, True)), ("open", (True, False), (True, False))],
)
def test_stuck(stuck: Literal["none", "closed", "open"], after_open: tuple[bool, bool], after_close: tuple[bool, bool]) -> None:
    latch = Latch(LatchFaults(stuck=stuck), 0.0)
    latch.order(to_open=True)
    opened = state(latch, 2.0)
    assert (opened.open, opened.closed) == after_open
    latch.order(to_open=False)
    closed = state(latch, 4.0)
    assert (closed.open, closed.closed) == after_close


def test_broken_sensors() -> None:
    assert not state(Latch(LatchFaults(sensor_broken=True), 0.0), 1.0).valid
    blind = state(Latch(LatchFaults(seat_sensor="broken"), 0.0), 1.0)
    assert (blind.seated, blind.valid) == (False, True)


@given(st.lists(st.tuples(st.booleans(), st.floats(0, 2))), st.sampled_from(["none", "closed", "open"]))
def test_the_end_switches_never_contradict(steps: list[tuple[bool, float]], stuck: Literal["none", "closed", "open"]) -> None:
    latch, now_s = Latch(LatchFaults(stuck=stuck), 0.0), 0.0
    for to_open, wait_s in steps:
        latch.order(to_open=to_open)
        now_s += wait_s
        seen = state(latch, now_s)
        assert not (seen.open and seen.closed)
        assert latch.holds == (not seen.open)
        if wait_s > TRAVEL_S and stuck == "none":
            assert (seen.open, seen.closed) == (to_open, not to_open)


@pytest.mark.parametrize(
    ("offset", "seated"),
    [
        (Ned(0, 0, 0), True),
        (Ned(0.7, -0.7, 0.3), True),
        (Ned(0.8, 0.8, 0), False),
        (Ned(0, 0, -0.34), True),
        (Ned(0, 0, -0.36), False),
        (Ned(0, 0, 0.36), False),
    ],
)
def test_seated_is_near_the_pad(offset: Ned, *, seated: bool) -> None:
    assert is_seated(offset) == seated
