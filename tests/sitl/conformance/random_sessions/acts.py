"""What a session is made of: things somebody says at a time, and a seed's sequence of them."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import NamedTuple

from tests.sitl.conformance.random_sessions import plans, sentences
from tests.sitl.conformance.random_sessions.sentences import Say

GAPS_S = ((0.6, 0.15, 0.6), (0.25, 0.8, 3.0), (0.15, 4.0, 12.0))
"""How likely, and from to: in quick succession, in a row, with time to fly."""
SHORTEST_S, LONGEST_S = 40.0, 110.0
TAKE_OFF_FIRST = 0.75


class Act(NamedTuple):
    """Say it `at_s` seconds after the vehicle was ready."""

    at_s: float
    say: Say


Maker = Callable[[random.Random], list[Say]]

MAKERS: tuple[tuple[float, Maker], ...] = (
    (3.0, sentences.arming),
    (5.0, sentences.mode),
    (3.0, sentences.take_off),
    (5.0, sentences.reposition),
    (4.0, sentences.orbit),
    (3.0, sentences.speed_and_altitude),
    (2.0, sentences.plain),
    (2.0, sentences.home),
    (2.0, sentences.region_of_interest),
    (3.0, sentences.parameter),
    (3.0, sentences.request),
    (2.0, sentences.interval),
    (3.0, sentences.offboard),
    (1.5, sentences.target),
    (1.5, sentences.payload),
    (1.0, sentences.failure),
    (2.0, sentences.oddity),
    (1.5, sentences.clock),
    (1.0, sentences.heartbeats),
    (5.0, plans.transfer),
    (2.0, plans.current),
)


def session(seed: int) -> list[Act]:
    """What is said in a session; the same for the same seed. Each session has its favourites among the kinds of acts."""
    rng = random.Random(f"session {seed}")
    weights = [weight * rng.choice((0.0, 1.0, 1.0, 3.0)) for weight, _ in MAKERS]
    until_s = rng.uniform(SHORTEST_S, LONGEST_S)
    acts: list[Act] = []
    now_s = 1.0
    if rng.random() < TAKE_OFF_FIRST:
        for say in sentences.launch(rng):
            acts.append(Act(now_s, say))
            now_s += 0.3
        now_s += rng.choice((0.5, 6.0, 15.0))
    while now_s < until_s:
        maker = rng.choices([maker for _, maker in MAKERS], weights)[0]
        for say in maker(rng):
            acts.append(Act(round(now_s, 2), say))
            now_s += 0.15
        now_s += _gap_s(rng)
    return acts


def _gap_s(rng: random.Random) -> float:
    _, low_s, high_s = rng.choices(GAPS_S, [share for share, _, _ in GAPS_S])[0]
    return rng.uniform(low_s, high_s)
