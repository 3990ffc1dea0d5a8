"""When parameters count."""

from __future__ import annotations

import struct

from sitl.autopilot.parameters import LOOK_S, Parameters

STEP_S = 0.004


def set_and_wait(parameters: Parameters, value: int, from_s: float, until_s: float) -> list[float]:
    """NAV_DLL_ACT as it counts at each step after it was set."""
    parameters.look(from_s - STEP_S)
    assert parameters.set_encoded("NAV_DLL_ACT", struct.pack("<i", value))
    seen = []
    for step in range(round((until_s - from_s) / STEP_S)):
        parameters.look(from_s + step * STEP_S)
        seen.append(parameters["NAV_DLL_ACT"])
    return seen


def test_two_that_are_set_count_soon_and_a_third_a_second_later() -> None:
    """After a quiet while PX4's modules look at two changes at once."""
    parameters = Parameters()
    first = set_and_wait(parameters, 2, 1.0, 1.1)
    assert first[0] == 0 and first[-1] == 2
    second = set_and_wait(parameters, 3, 1.1, 1.2)
    assert second[0] == 2 and second[-1] == 3
    third = set_and_wait(parameters, 0, 1.2, 1.2 + LOOK_S)
    assert third[round(0.8 / STEP_S)] == 3, "not within a second"
    assert third[-1] == 0
    assert parameters.encoded("NAV_DLL_ACT") == struct.pack("<i", 0)


def test_what_is_set_is_told_at_once() -> None:
    parameters = Parameters()
    assert parameters.set_encoded("NAV_DLL_ACT", struct.pack("<i", 3))
    assert parameters.encoded("NAV_DLL_ACT") == struct.pack("<i", 3)
    assert parameters["NAV_DLL_ACT"] == 0
