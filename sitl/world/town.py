"""A town of blocks between streets, made from a seed: what stands where. Metres in the town frame (ENU about the home).

The home lies on a street that runs north, in its right-hand lane, beside a park and a car park: nothing high stands within
`CLEAR_M` of it, where the aircraft climbs, circles and lands. Everything else is lower than 9 m.
"""

from __future__ import annotations

import itertools
import math
import random
from dataclasses import dataclass
from typing import NamedTuple

HALF_SIZE_M = 150.0
CLEAR_M = 34.0
CARRIAGEWAY_M = 7.0
PAVEMENT_M = 2.5
LANE_M = CARRIAGEWAY_M / 4  # a lane's middle, from the street's
_HALF_STREET_M = CARRIAGEWAY_M / 2 + PAVEMENT_M
BAY_M = (5.0, 2.5)
POND_M = 8.5
ENTRANCE_M = 4.0  # the car park's: half its width, opposite the home
LAMP_HEIGHT_M = 6.0

Colour = tuple[int, int, int]
"""Blue, green, red, 0..255."""

_WALLS: tuple[Colour, ...] = (
    (170, 190, 205),
    (150, 165, 200),
    (195, 200, 205),
    (120, 140, 185),
    (185, 205, 220),
    (160, 160, 165),
)
_ROOFS: tuple[Colour, ...] = ((95, 95, 100), (75, 80, 90), (120, 118, 115), (70, 85, 125), (140, 140, 142), (85, 105, 100))


class Rect(NamedTuple):
    west_m: float
    south_m: float
    east_m: float
    north_m: float

    @property
    def centre(self) -> tuple[float, float]:
        return (self.west_m + self.east_m) / 2, (self.south_m + self.north_m) / 2

    @property
    def size(self) -> tuple[float, float]:
        """East-west and north-south extent."""
        return self.east_m - self.west_m, self.north_m - self.south_m

    def shrunk(self, margin_m: float) -> Rect:
        return Rect(self.west_m + margin_m, self.south_m + margin_m, self.east_m - margin_m, self.north_m - margin_m)

    def distance_m(self, east_m: float, north_m: float) -> float:
        """From a point outside; 0 inside."""
        return math.hypot(
            max(self.west_m - east_m, 0.0, east_m - self.east_m), max(self.south_m - north_m, 0.0, north_m - self.north_m)
        )

    def corners(self) -> list[tuple[float, float]]:
        """Clockwise seen from above, from the south-west."""
        w, s, e, n = self
        return [(w, s), (w, n), (e, n), (e, s)]


@dataclass(frozen=True)
class Building:
    area: Rect
    height_m: float
    wall: Colour
    roof: Colour


class Tree(NamedTuple):
    east_m: float
    north_m: float
    crown_m: float  # radius
    shade: float


class Lamp(NamedTuple):
    east_m: float
    north_m: float
    heading_rad: float  # the way its arm points: over the street


class Bay(NamedTuple):
    east_m: float
    north_m: float
    heading_rad: float


@dataclass(frozen=True)
class Town:
    """`north_streets_m`: the east coordinates of streets that run north; `east_streets_m`: the north ones of the others."""

    north_streets_m: tuple[float, ...]
    east_streets_m: tuple[float, ...]
    blocks: tuple[Rect, ...]  # inside the pavements
    park: Rect
    car_park: Rect
    buildings: tuple[Building, ...]
    trees: tuple[Tree, ...]
    lamps: tuple[Lamp, ...]
    bays: tuple[Bay, ...]
    park_paths: tuple[tuple[tuple[float, float], ...], ...]


def make_town(seed: int) -> Town:
    """The same town for the same seed."""
    rng = random.Random(seed)
    north_streets = (-96.0 + rng.uniform(-5, 5), -LANE_M, 90.0 + rng.uniform(-5, 5))
    east_streets = (
        -112.0 + rng.uniform(-5, 5),
        -38.0 + rng.uniform(-4, 4),
        42.0 + rng.uniform(-4, 4),
        116.0 + rng.uniform(-5, 5),
    )
    blocks = _blocks(north_streets, east_streets)
    park = next(b for b in blocks if b.east_m < 0 and b.south_m < 0 < b.north_m and b.east_m > -20)
    parking = next(b for b in blocks if 0 < b.west_m < 20 and b.south_m < 0 < b.north_m)
    car_park = Rect(parking.west_m + 1.0, parking.south_m + 4.0, parking.west_m + 44.0, parking.north_m - 4.0)
    buildings = [_shop(rng, parking)]
    for block in blocks:
        if block not in (park, parking):
            buildings += _houses(rng, block)
    paths = _park_paths(park)
    return Town(
        north_streets,
        east_streets,
        blocks,
        park,
        car_park,
        tuple(buildings),
        tuple(_trees(rng, _Ground(blocks, park, car_park, buildings, [p for path in paths for p in _dense(path)]))),
        tuple(_lamps(north_streets, east_streets)),
        tuple(_bays(car_park)),
        paths,
    )


def _blocks(north_streets: tuple[float, ...], east_streets: tuple[float, ...]) -> tuple[Rect, ...]:
    def gaps(streets: tuple[float, ...]) -> list[tuple[float, float]]:
        edges = [-HALF_SIZE_M - _HALF_STREET_M, *streets, HALF_SIZE_M + _HALF_STREET_M]
        return [(a + _HALF_STREET_M, b - _HALF_STREET_M) for a, b in itertools.pairwise(edges)]

    return tuple(Rect(w, s, e, n) for w, e in gaps(north_streets) for s, n in gaps(east_streets))


def _building(rng: random.Random, area: Rect, height_m: float) -> Building:
    return Building(area, height_m, rng.choice(_WALLS), rng.choice(_ROOFS))


def _shop(rng: random.Random, block: Rect) -> Building:
    return _building(rng, Rect(block.east_m - 26.0, block.south_m + 8.0, block.east_m - 4.0, block.north_m - 8.0), 6.0)


def _houses(rng: random.Random, block: Rect) -> list[Building]:
    """A row along the southern and one along the northern edge, with gaps, none near the home."""
    houses = []
    for south_m, north_m in ((block.south_m + 3.0, block.south_m + 15.0), (block.north_m - 15.0, block.north_m - 3.0)):
        west_m = block.west_m + rng.uniform(2, 6)
        while block.east_m - west_m > 12.0:
            width_m = min(rng.uniform(10, 24), block.east_m - 2.0 - west_m)
            inset = rng.uniform(0, 2.0)
            area = Rect(west_m, south_m + inset, west_m + width_m, north_m - rng.uniform(0, 2.0))
            if area.distance_m(0, 0) > CLEAR_M and area.size[1] > 5 and block.size[1] > 30:
                houses.append(_building(rng, area, rng.choice((3.4, 6.2, 6.2, 8.8))))
            west_m += width_m + rng.uniform(3, 9)
    return houses


def _park_paths(park: Rect) -> tuple[tuple[tuple[float, float], ...], ...]:
    (x, y), inner = park.centre, park.shrunk(3.0)
    ring = tuple((x + 14 * math.cos(a), y + 12 * math.sin(a)) for a in (i * math.pi / 12 for i in range(25)))
    return (
        ring,
        ((inner.west_m, inner.south_m), (x - 10, y - 8.5)),
        ((inner.east_m, inner.north_m), (x + 10, y + 8.5)),
        ((inner.east_m, inner.south_m), (x + 10, y - 8.5)),
        ((inner.west_m, inner.north_m), (x - 10, y + 8.5)),
    )


@dataclass(frozen=True)
class _Ground:
    """What a tree must not stand on."""

    blocks: tuple[Rect, ...]
    park: Rect
    car_park: Rect
    buildings: list[Building]
    path_points: list[tuple[float, float]]

    def free_for(self, tree: Tree) -> bool:
        place = tree.east_m, tree.north_m
        return (
            math.hypot(*place) > 12
            and self.car_park.distance_m(*place) > 1.0
            and all(building.area.distance_m(*place) > tree.crown_m * 0.8 for building in self.buildings)
            and all(math.dist(place, point) > 2.2 for point in self.path_points)
            and math.dist(place, self.park.centre) > POND_M + 2.0
        )


def _trees(rng: random.Random, ground: _Ground) -> list[Tree]:
    """Many in the park, some in the yards; none over the pad, on a path, in a building or on the car park."""
    trees: list[Tree] = []
    for block in ground.blocks:
        inner = block.shrunk(2.5)
        if min(inner.size) <= 0:
            continue
        for _ in range(34 if block == ground.park else 9):
            place = rng.uniform(inner.west_m, inner.east_m), rng.uniform(inner.south_m, inner.north_m)
            tree = Tree(*place, rng.uniform(1.3, 2.6), rng.uniform(0.75, 1.15))
            if ground.free_for(tree) and all(math.dist(place, other[:2]) > 2.5 for other in trees):
                trees.append(tree)
    return trees


def _dense(path: tuple[tuple[float, float], ...]) -> list[tuple[float, float]]:
    """Points at most about 2 m apart along a path."""
    points = []
    for a, b in itertools.pairwise(path):
        steps = max(1, round(math.dist(a, b) / 2))
        points += [(a[0] + (b[0] - a[0]) * i / steps, a[1] + (b[1] - a[1]) * i / steps) for i in range(steps + 1)]
    return points


def _lamps(north_streets: tuple[float, ...], east_streets: tuple[float, ...]) -> list[Lamp]:
    """Every 30 m, on alternating sides, not in a crossing."""
    lamps: list[Lamp] = []
    edge_m = CARRIAGEWAY_M / 2 + 0.5
    for index in range(-5, 6):
        along_m, side = index * 30.0 - 14.0, 1 if index % 2 else -1
        across_rad, turned_rad = -side * math.pi / 2, math.pi if side > 0 else 0.0
        if all(abs(along_m - crossing) > 7 for crossing in east_streets):
            lamps += [Lamp(centre_m + side * edge_m, along_m, across_rad) for centre_m in north_streets]
        if all(abs(along_m - crossing) > 7 for crossing in north_streets):
            lamps += [Lamp(along_m, centre_m + side * edge_m, turned_rad) for centre_m in east_streets]
    return lamps


def _bays(car_park: Rect) -> list[Bay]:
    """Rows of bays side by side along the car park's north-south extent: single at the edges, double in the middle."""
    bays = []
    length_m, width_m = BAY_M
    columns = (
        (car_park.west_m + length_m / 2, math.pi / 2),
        (car_park.centre[0] - length_m / 2, -math.pi / 2),
        (car_park.centre[0] + length_m / 2, math.pi / 2),
        (car_park.east_m - length_m / 2, -math.pi / 2),
    )
    for east_m, heading_rad in columns:
        count = int((car_park.size[1] - 8.0) // width_m)
        bays += [Bay(east_m, car_park.south_m + 4.0 + (row + 0.5) * width_m, heading_rad) for row in range(count)]
    return [bay for bay in bays if bay.east_m > columns[0][0] or abs(bay.north_m) > ENTRANCE_M + width_m / 2]
