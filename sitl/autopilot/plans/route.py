"""Which mission item follows which: DO_JUMPs done, items without a place passed over (mission_base.cpp)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sitl.autopilot.plans import item as items
from sitl.autopilot.plans.item import Item

MAX_JUMPS = 10


class Step(NamedTuple):
    """The item to go on with, and the DO_JUMPs done on the way there."""

    at: int
    jumped: tuple[int, ...]


def following(mission: tuple[Item, ...], start: int, jumps: Mapping[int, int]) -> Step | None:
    """The first item from `start` on that is no DO_JUMP. None at the end, or for a jump out of the mission."""
    index = start
    jumped: list[int] = []
    done = dict(jumps)
    for _ in range(MAX_JUMPS):
        if not 0 <= index < len(mission):
            return None
        item = mission[index]
        if item.command != items.JUMP:
            return Step(index, tuple(jumped))
        target = items.jump_target(item)
        if not 0 <= target < len(mission):
            return None
        if done.get(index, 0) < items.jump_repeats(item):
            done[index] = done.get(index, 0) + 1
            jumped.append(index)
            index = target
        else:
            index += 1
    return None


def next_position(mission: tuple[Item, ...], start: int, jumps: Mapping[int, int]) -> int | None:
    """The first item from `start` on that is flown to, jumps done but not counted."""
    index = start
    for _ in range(len(mission) + MAX_JUMPS):
        step = following(mission, index, jumps)
        if step is None:
            return None
        if mission[step.at].is_position:
            return step.at
        index = step.at + 1
    return None


def place_before(mission: tuple[Item, ...], index: int) -> int | None:
    """The last item before one that is flown to."""
    return max((at for at in range(index) if mission[at].is_position), default=None)


def landing_start(mission: tuple[Item, ...]) -> int | None:
    """Where a mission begins to land: at its first DO_LAND_START, else at its first landing; None if it does not land."""
    commands = [item.command for item in mission]
    if items.LAND not in commands:
        return None
    return commands.index(items.LAND_START if items.LAND_START in commands else items.LAND)
