"""What a start sets, and what stays of an earlier one."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping

import pytest

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.starting import Given, reset, start

TIMEOUTS = ("COM_DL_LOSS_T", "COM_OF_LOSS_T", "COM_OBC_LOSS_T", "COM_RC_LOSS_T")
NOWHERE: Mapping[str, float] = {}


def started(
    kept: Mapping[str, float] | None = None, given: Mapping[str, float] = NOWHERE, speed: float | None = None
) -> Parameters:
    parameters = Parameters(kept=kept)
    start(parameters, Given(given, NOWHERE, speed=speed))
    return parameters


def timeouts(parameters: Parameters) -> list[float]:
    return [parameters[name] for name in TIMEOUTS]


def test_a_speed_sets_the_time_outs_whatever_they_were_and_no_speed_leaves_them() -> None:
    first = started(given={"COM_DL_LOSS_T": 5})
    assert timeouts(first) == [5, 1.0, 5.0, 0.5]
    second = started(first.kept, speed=8.0)
    assert timeouts(second) == [80, 8.0, 40.0, 8.0]
    third = started(second.kept)
    assert timeouts(third) == [80, 8.0, 40.0, 8.0]
    assert timeouts(started(third.kept, speed=1.0)) == [10, 1.0, 5.0, 1.0]


def test_what_is_given_counts_for_later_starts_too() -> None:
    first = started(given={"MIS_TAKEOFF_ALT": 8.0})
    assert started(first.kept)["MIS_TAKEOFF_ALT"] == 8.0
    assert started(first.kept, {"MIS_TAKEOFF_ALT": 6.0})["MIS_TAKEOFF_ALT"] == 6.0
    assert started(first.kept, {"MIS_TAKEOFF_ALT": 2.5}).kept == {}, "its default is not kept"


def test_what_the_firmware_has_by_itself_loses_to_the_simulation_unless_something_else_was_set() -> None:
    assert started(given={"COM_LOW_BAT_ACT": 0})["COM_LOW_BAT_ACT"] == 3
    assert started({"COM_LOW_BAT_ACT": 2}, {"COM_LOW_BAT_ACT": 0})["COM_LOW_BAT_ACT"] == 0


def test_another_airframe_or_a_wish_for_its_defaults_resets_all_but_calibration_and_flight_modes() -> None:
    kept = {"MPC_XY_CRUISE": 7.0, "COM_FLTMODE1": 2.0, "CAL_ACC0_PRIO": 75.0}
    for cause in ({"SYS_AUTOSTART": 4001.0}, {"SYS_AUTOCONFIG": 1.0}):
        assert started({**kept, **cause}).kept == {"CAL_ACC0_PRIO": 75, "COM_FLTMODE1": 2}


def test_after_a_reset_nothing_is_kept_but_that_the_sensors_are_not_calibrated() -> None:
    parameters = started({"MPC_XY_CRUISE": 7.0, "COM_FLIGHT_UUID": 5.0})
    reset(parameters, flights=False)
    assert (parameters.value("SYS_AUTOSTART"), parameters.value("CAL_ACC0_ID"), parameters.value("MPC_XY_CRUISE")) == (
        0,
        0,
        5.0,
    )
    assert parameters.value("COM_FLIGHT_UUID") == 5
    assert started(parameters.kept).kept == {"COM_FLIGHT_UUID": 5}


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_what_is_no_number_is_told_and_kept_but_never_flown_with(value: float) -> None:
    parameters = Parameters({"MPC_XY_CRUISE": 4.0})
    changed = parameters.set_encoded("MPC_XY_CRUISE", struct.pack("<f", value))
    assert changed is not math.isnan(value)
    assert parameters.encoded("MPC_XY_CRUISE") == struct.pack("<f", value)
    for now_s in (0.0, 1.0, 2.0):
        parameters.look(now_s)
    assert parameters["MPC_XY_CRUISE"] == 4.0
    assert str(parameters.kept["MPC_XY_CRUISE"]) == str(value)
    assert started(parameters.kept)["MPC_XY_CRUISE"] == 5.0
