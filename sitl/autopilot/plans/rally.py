"""Where a return goes: home, or a rally point that is closer (rtl.cpp)."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.home import Home
from sitl.autopilot.plans import item as items
from sitl.autopilot.plans.item import Item
from wire.geo import Position

NEAR_HOME_M = 10.0  # a rally point that close to home is none
CLOSER_BY_M = 2.0
_KNOWN_FRAMES = (0, 3)


class Destination(NamedTuple):
    """Where to land (the ground there, AMSL and in the local frame), with which heading."""

    position: Position
    point_m: Vector
    yaw_rad: float


class Choice(NamedTuple):
    """The destination, the frames PX4 complained about (it knows 0 and 3 only), whether the mission lands there."""

    destination: Destination
    unknown_frames: tuple[int, ...]
    by_mission: bool = False


class Alternatives(NamedTuple):
    """Where else a return may go, by RTL_TYPE: home only if nothing else is there (1); to the mission's landing (1, 3)."""

    home_last: bool = False
    landing: tuple[Position, Vector] | None = None


def choose(
    home: Home,
    rally: Sequence[Item],
    here_m: Vector,
    local: Callable[[Position], Vector],
    alternatives: Alternatives,
) -> Choice:
    """The closest one. A point in an unknown frame counts as home itself, where PX4 would go to a place it left undefined."""
    best = Destination(home.position, home.point_m, home.yaw_rad)
    best_m, by_mission = math.inf if alternatives.home_last else _level_m(here_m, home.point_m), False
    unknown: list[int] = []
    if alternatives.landing is not None:
        place, point_m = alternatives.landing
        away_m = _level_m(here_m, point_m)
        if away_m + CLOSER_BY_M < best_m:
            best, best_m, by_mission = Destination(place, point_m, home.yaw_rad), away_m, True
    for item in rally:
        place = Position(item.latitude_deg, item.longitude_deg, item.altitude_amsl_m(home.position.altitude_amsl_m))
        point_m = local(place)
        if item.command != items.RALLY_POINT or _level_m(point_m, home.point_m) <= NEAR_HOME_M:
            continue
        if item.frame not in _KNOWN_FRAMES:
            unknown.append(item.frame)
            continue
        away_m = _level_m(here_m, point_m)
        if away_m + CLOSER_BY_M < best_m:
            best, best_m, by_mission = Destination(place, point_m, home.yaw_rad), away_m, False
    return Choice(best, tuple(unknown), by_mission)


def _level_m(a: Vector, b: Vector) -> float:
    return Vector(a.north - b.north, a.east - b.east, 0.0).horizontal
