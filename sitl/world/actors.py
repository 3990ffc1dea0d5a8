"""Who moves in the town: people on pavements and paths, cars in their lanes: pure functions of time, the same for a seed."""

from __future__ import annotations

import bisect
import itertools
import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from sitl.world.town import HALF_SIZE_M, LANE_M, Colour, Rect, Town

Kind = Literal["person", "car"]
Point = tuple[float, float]

CAR_SPEED_M_S = 8.0  # one for all, so that nobody runs into the one ahead
_PARKED_SHARE = 0.35
_COATS: tuple[Colour, ...] = (
    (60, 60, 190),
    (180, 90, 40),
    (60, 150, 60),
    (40, 180, 220),
    (60, 60, 60),
    (220, 220, 225),
    (140, 60, 140),
)
_PAINTS: tuple[Colour, ...] = (
    (45, 45, 48),
    (200, 200, 205),
    (150, 150, 155),
    (40, 40, 150),
    (130, 80, 35),
    (70, 95, 60),
    (225, 228, 230),
)


class Placement(NamedTuple):
    """Where something is: its foot, and the way it faces, clockwise from north."""

    east_m: float
    north_m: float
    heading_rad: float
    speed_m_s: float


class Path:
    """A polyline walked from its first point to its last, then again from the first."""

    def __init__(self, points: Sequence[Point]) -> None:
        self._points = list(points)
        self._starts_m = [0.0]
        for a, b in itertools.pairwise(self._points):
            self._starts_m.append(self._starts_m[-1] + math.dist(a, b))

    @property
    def length_m(self) -> float:
        return self._starts_m[-1]

    def at(self, way_m: float) -> tuple[float, float, float]:
        """East, north and heading after `way_m`."""
        way_m %= self.length_m
        index = min(bisect.bisect_right(self._starts_m, way_m), len(self._points) - 1)
        a, b = self._points[index - 1], self._points[index]
        share = (way_m - self._starts_m[index - 1]) / (self._starts_m[index] - self._starts_m[index - 1])
        return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share, math.atan2(b[0] - a[0], b[1] - a[1])


@dataclass(frozen=True)
class TownActor:
    """A person or a car. Without a path it stays where it is."""

    kind: Kind
    colour: Colour
    start: Placement
    path: Path | None = None
    phase_m: float = 0.0

    def at(self, time_s: float) -> Placement:
        if self.path is None:
            return self.start
        speed_m_s = self.start.speed_m_s
        return Placement(*self.path.at(self.phase_m + speed_m_s * time_s), speed_m_s)


def make_actors(town: Town, seed: int, people: int, cars: int) -> tuple[TownActor, ...]:
    """People and driving cars as asked, and the parked cars: the same ones for the same seed."""
    rng = random.Random(seed + 7919)
    walkers = [_walker(rng, town, index) for index in range(people)]
    return (*walkers, *_drivers(rng, town, cars), *_parked(rng, town))


def _walker(rng: random.Random, town: Town, index: int) -> TownActor:
    """Half of them walk around the blocks beside the home, others through the park or over the crossings; some stand."""
    colour, speed_m_s = rng.choice(_COATS), rng.uniform(1.1, 1.6)
    if index % 9 == 8:
        east_m, north_m = town.park.east_m + 1.2, rng.uniform(-20, 20)
        return TownActor("person", colour, Placement(east_m, north_m, rng.uniform(-math.pi, math.pi), 0.0))
    near = [block for block in town.blocks if block.distance_m(0, 0) < 20]
    if index % 4 == 3:
        points = _through_the_park(town)
    elif index % 8 == 2:  # over the street's zebra crossings
        points = _around(Rect(near[0].west_m, near[0].south_m, near[-1].east_m, near[0].north_m), rng.uniform(0.4, 0.8))
    elif index % 8 == 6:
        points = _around(rng.choice([b for b in town.blocks if min(b.size) > 30]), rng.uniform(0.7, 1.9))
    else:
        points = _around(near[index % 2], rng.uniform(0.7, 1.9))
    if rng.random() < 0.5:
        points.reverse()
    path = Path(points)
    return TownActor("person", colour, Placement(0, 0, 0, speed_m_s), path, rng.uniform(0, path.length_m))


def _through_the_park(town: Town) -> list[Point]:
    """From one corner around the pond to the opposite one, and back."""
    ring, corner, other = town.park_paths[0], town.park_paths[1][0], town.park_paths[2][0]
    eighth = (len(ring) - 1) // 8
    points = [corner, *ring[5 * eighth : -1], *ring[: eighth + 1], other]
    return [*points, *points[-2::-1]]


def _around(block: Rect, off_m: float) -> list[Point]:
    """A closed way around a block, `off_m` outside its edge, with cut corners."""
    ring = block.shrunk(-off_m)
    points: list[Point] = []
    for (e, n), (from_e, from_n), (to_e, to_n) in _corners(ring):
        points += [(e + 0.5 * from_e, n + 0.5 * from_n), (e + 0.5 * to_e, n + 0.5 * to_n)]
    return [*points, points[0]]


def _corners(ring: Rect) -> list[tuple[Point, Point, Point]]:
    """Each corner, clockwise, with the unit vectors to the one before and the one after."""
    sides: list[tuple[Point, Point]] = [((1, 0), (0, 1)), ((0, -1), (1, 0)), ((-1, 0), (0, -1)), ((0, 1), (-1, 0))]
    return [(corner, before, after) for corner, (before, after) in zip(ring.corners(), sides, strict=True)]


def _drivers(rng: random.Random, town: Town, count: int) -> list[TownActor]:
    """Cars in the right-hand lanes, spread evenly; none in the police vehicle's lane."""
    end_m = HALF_SIZE_M + 10.0
    lanes = [Path([(e - LANE_M, end_m), (e - LANE_M, -end_m)]) for e in town.north_streets_m]
    lanes += [Path([(-end_m, n - LANE_M), (end_m, n - LANE_M)]) for n in town.east_streets_m[1:3]]
    lanes += [Path([(end_m, n + LANE_M), (-end_m, n + LANE_M)]) for n in town.east_streets_m[1:3]]
    order = [1, 3, 5, 4, 6, 0, 2]  # the streets beside the home first
    drivers = []
    for index in range(count):
        lane, turn = lanes[order[index % len(order)]], index // len(order)
        phase_m = lane.length_m * (turn / math.ceil(count / len(order)) + rng.uniform(0.1, 0.25))
        start = Placement(0, 0, 0, CAR_SPEED_M_S)
        drivers.append(TownActor("car", rng.choice(_PAINTS), start, lane, phase_m))
    return drivers


def _parked(rng: random.Random, town: Town) -> list[TownActor]:
    chosen = [bay for bay in town.bays if rng.random() < _PARKED_SHARE]
    return [
        TownActor(
            "car",
            rng.choice(_PAINTS),
            Placement(bay.east_m, bay.north_m, bay.heading_rad + (math.pi if rng.random() < 0.4 else 0.0), 0.0),
        )
        for bay in chosen
    ]
