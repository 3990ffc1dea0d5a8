"""Whole flights of random orders and random failures: whatever comes, what must hold does. A failing seed prints its story."""

from __future__ import annotations

import pytest

from tests.sitl.lockstep.chaos import Chaos

FEW, MANY = range(1, 4), range(4, 304)


@pytest.mark.parametrize("seed", FEW)
def test_whatever_comes(seed: int) -> None:
    Chaos(seed).fly()


@pytest.mark.slow
@pytest.mark.parametrize("seed", MANY)
def test_whatever_else_comes(seed: int) -> None:
    Chaos(seed).fly()


def test_the_same_seed_is_the_same_flight() -> None:
    one, other = Chaos(1), Chaos(1)
    one.fly()
    other.fly()
    assert one.told == other.told
