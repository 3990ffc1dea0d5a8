"""PX4's parameters: each one that is missing or wrong is refused by its name."""

from __future__ import annotations

import math

import pytest

from onboard.flight import parameters
from onboard.flight.parameters import REQUIRED, SCALED_BY_SPEED, Required
from tests.unit.flight.build import RIGHT

NAMES = [required.name for required in REQUIRED]


def test_the_values_to_set_are_right() -> None:
    assert parameters.problems(RIGHT) == []
    assert parameters.problems(RIGHT | {"UNRELATED": 5.0}) == []
    assert len(set(NAMES)) == len(NAMES)


@pytest.mark.parametrize("required", REQUIRED, ids=NAMES)
def test_a_missing_one_is_named(required: Required) -> None:
    values = {name: value for name, value in RIGHT.items() if name != required.name}
    assert parameters.problems(values) == [f"PX4's parameter {required.name} could not be read"]


@pytest.mark.parametrize("required", REQUIRED, ids=NAMES)
def test_a_wrong_one_is_named_with_what_to_set(required: Required) -> None:
    for wrong in (required.lowest - 0.01, required.highest + 0.01, -1e9, math.nan, math.inf, -math.inf):
        (problem,) = parameters.problems(RIGHT | {required.name: wrong})
        assert problem.startswith(f"PX4's parameter {required.name} is {wrong:g}, set it to {required.set_to:g}: ")
    for right in (required.lowest, required.highest, float(f"{required.set_to:.7g}")):
        assert parameters.problems(RIGHT | {required.name: right}) == []


@pytest.mark.parametrize("name", sorted(SCALED_BY_SPEED))
def test_a_fast_simulation_scales_its_time_outs(name: str) -> None:
    assert parameters.problems(RIGHT | {name: RIGHT[name] * 10}, clock_speed=10.0) == []
    assert parameters.problems(RIGHT, clock_speed=10.0) != []
    assert parameters.problems(RIGHT | {name: RIGHT[name] * 10}) != []


def test_what_the_safety_rests_on_is_required() -> None:
    exact = {required.name: required.set_to for required in REQUIRED if required.lowest == required.highest}
    assert exact["NAV_DLL_ACT"] == 2 and exact["COM_DLL_EXCEPT"] == 0 and exact["COM_LOW_BAT_ACT"] == 3
    assert exact["COM_TAKEOFF_ACT"] == 0 and exact["COM_THROW_EN"] == 0 and exact["RTL_TYPE"] == 0
