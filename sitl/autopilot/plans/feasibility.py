"""Whether a stored mission can be flown: PX4's checks for a multicopter, and what it says (FeasibilityChecker.cpp)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.plans import item as items
from sitl.autopilot.plans import words
from sitl.autopilot.plans.item import Item
from sitl.autopilot.telling.texts import Text
from wire.geo import Position, ned_between

_STORED_NOT_FLOWN = frozenset({mavlink.MAV_CMD_CONDITION_DELAY, mavlink.MAV_CMD_CONDITION_DISTANCE, items.FENCE_RETURN})
_VTOL = frozenset({items.VTOL_TAKEOFF, items.VTOL_LAND, mavlink.MAV_CMD_DO_VTOL_TRANSITION})
_BEFORE_TAKEOFF_TOO = frozenset({items.RETURN, items.GATE, mavlink.MAV_CMD_DO_WINCH, mavlink.MAV_CMD_DO_GRIPPER})
_BEFORE_TAKEOFF_TOO |= frozenset({mavlink.MAV_CMD_DO_SET_ACTUATOR})


class Circumstances(NamedTuple):
    """What the checks depend on. `inside`: whether the geofence allows a place."""

    home: Position | None
    landed: bool
    first_waypoint_within_m: float
    takeoff_land_required: int
    inside: Callable[[Position], bool]


class Verdict(NamedTuple):
    """Whether the mission may be flown, and what is said about it."""

    valid: bool
    said: list[Text]


def check(mission: tuple[Item, ...], now: Circumstances) -> Verdict:
    """Check a mission; an empty one is not valid, without a word."""
    if not mission or now.home is None:
        return Verdict(False, [])
    said: list[Text] = []
    for index, item in enumerate(mission):
        text = _unflyable(index, item, now)
        if text is not None:
            return Verdict(False, [*said, text, *_fence(mission, now)])
        if index == 0:
            said += _far_from_home(mission, now)
    failures = [*_takeoffs(mission, now.home), *_vtol(mission), *_both_ends(mission, now)]
    failures += _fence(mission, now)
    return Verdict(not failures, said + failures)


def _unflyable(index: int, item: Item, now: Circumstances) -> Text | None:
    """What ends all other checks."""
    if item.command in _STORED_NOT_FLOWN:
        return words.unsupported_command(index, item.command)
    if index == 0 and item.command == items.LAND and now.landed:
        return words.STARTS_WITH_LANDING
    return None


def _far_from_home(mission: tuple[Item, ...], now: Circumstances) -> list[Text]:
    """Said, but no reason to refuse."""
    first = next((item for item in mission if item.is_position), None)
    if first is None or now.home is None or now.first_waypoint_within_m <= 0.0:
        return []
    north_m, east_m, _ = ned_between(now.home, place_of(first, now.home.altitude_amsl_m))
    distance_m = math.hypot(north_m, east_m)
    return [] if distance_m < now.first_waypoint_within_m else [words.first_far(distance_m)]


def place_of(item: Item, home_amsl_m: float) -> Position:
    """Where an item is."""
    return Position(item.latitude_deg, item.longitude_deg, item.altitude_amsl_m(home_amsl_m))


def _takeoffs(mission: tuple[Item, ...], home: Position) -> list[Text]:
    position_seen = False
    for item in mission:
        if item.command in (items.TAKEOFF, items.VTOL_TAKEOFF):
            if item.altitude_amsl_m(home.altitude_amsl_m) - home.altitude_amsl_m < 1e-6:
                return [words.takeoff_too_low(0.0 if item.relative else home.altitude_amsl_m)]
            if position_seen:
                return [words.TAKEOFF_NOT_FIRST]
        position_seen = position_seen or item.is_position or item.command in _BEFORE_TAKEOFF_TOO
    return []


def _vtol(mission: tuple[Item, ...]) -> list[Text]:
    return [words.VTOL_ITEMS] if any(item.command in _VTOL for item in mission) else []


def _both_ends(mission: tuple[Item, ...], now: Circumstances) -> list[Text]:
    """MIS_TKO_LAND_REQ: 1 take-off, 2 landing, 3 both, 4 both or neither, 5 the same but in the air only a landing."""
    takeoff = any(item.command in (items.TAKEOFF, items.VTOL_TAKEOFF) for item in mission)
    landing = any(item.command == items.LAND for item in mission)
    required = now.takeoff_land_required
    if required == 1:
        return [] if takeoff else [words.TAKEOFF_REQUIRED]
    if required == 2:
        return [] if landing else [words.LANDING_REQUIRED]
    if required == 3:
        return [] if takeoff and landing else [words.TAKEOFF_OR_LANDING_MISSING]
    if required == 5 and not now.landed:
        return [] if landing else [words.LANDING_REQUIRED_IN_AIR]
    if required in (4, 5) and takeoff != landing:
        return [words.ADD_LANDING if takeoff else words.ADD_TAKEOFF]
    return []


def _fence(mission: tuple[Item, ...], now: Circumstances) -> list[Text]:
    """The first item outside the geofence."""
    home_amsl_m = 0.0 if now.home is None else now.home.altitude_amsl_m
    for index, item in enumerate(mission):
        if item.is_position and not now.inside(place_of(item, home_amsl_m)):
            return [words.outside_fence(index)]
    return []
