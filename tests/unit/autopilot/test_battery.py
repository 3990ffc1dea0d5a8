"""The battery: alone, and failing."""

from __future__ import annotations

import pytest

from sitl.autopilot.body.battery import Battery
from sitl.autopilot.commander.injection import inject
from sitl.autopilot.parameters import Parameters

DT_S = 0.1
ACCEPTED, DENIED, UNSUPPORTED = 0, 2, 3


def drain(battery: Battery, seconds: float) -> None:
    for _ in range(round(seconds / DT_S)):
        battery.step(DT_S, armed=True)


def test_drains_to_the_floor_and_is_full_again_when_disarmed() -> None:
    battery = Battery(Parameters({"SIM_BAT_MIN_PCT": 30.0, "SIM_BAT_DRAIN": 20.0}))
    drain(battery, 60.0)
    assert battery.remaining == pytest.approx(0.3, abs=0.001)
    assert battery.voltage_v == pytest.approx(14.4 + 0.3 * 1.8)
    battery.step(DT_S, armed=False)
    assert battery.voltage_v == pytest.approx(16.2)


def test_the_remainder_lags_by_a_second() -> None:
    battery = Battery(Parameters({"SIM_BAT_MIN_PCT": 0.0, "SIM_BAT_DRAIN": 100.0}))
    drain(battery, 50.0)
    assert battery.remaining == pytest.approx(0.51, abs=0.002)


@pytest.mark.parametrize(
    ("unit", "failure", "instance", "result"),
    [
        (100, 0, 0, ACCEPTED),
        (100, 1, 0, ACCEPTED),
        (100, 1, 1, UNSUPPORTED),
        (100, 3, 0, None),
        (101, 0, 0, ACCEPTED),
        (101, 0, 99, UNSUPPORTED),
        (101, 1, 4, ACCEPTED),
        (101, 2, 0, UNSUPPORTED),
        (0, 1, 0, None),
        (102, 0, 0, None),
    ],
)
def test_injected_failures(unit: int, failure: int, instance: int, result: int | None) -> None:
    parameters = Parameters({"SYS_FAILURE_EN": 1})
    battery = Battery(parameters)
    assert inject(battery, parameters, unit, failure, instance) == result
    battery.step(DT_S, armed=False)
    assert (battery.voltage_v == pytest.approx(14.4)) == ((unit, failure, instance) == (100, 1, 0))
    parameters["SYS_FAILURE_EN"] = 0
    assert inject(battery, parameters, unit, failure, instance) == DENIED
