"""The battery: alone, failing, and what is said about it."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitl.autopilot import texts
from sitl.autopilot.battery import REPORT_S, Battery, BatteryTexts, Charge
from sitl.autopilot.injection import inject
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


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(Charge), st.booleans(), st.floats(0.05, 3.0)), max_size=40))
def test_texts_never_come_closer_than_reports_and_never_get_better_while_armed(steps: list[tuple[Charge, bool, float]]) -> None:
    said, now_s = BatteryTexts(), 0.0
    told: list[tuple[float, int]] = []
    order = [texts.BATTERY_LOW, texts.BATTERY_CRITICAL, texts.BATTERY_EMERGENCY]
    for charge, armed, wait_s in steps:
        now_s += wait_s
        new = [order.index(text) for text in said.update(charge, now_s, armed=armed) if text in order]
        if not armed:
            assert new == []
            told = [(at_s, -1) for at_s, _ in told[-1:]]
        for rank in new:
            assert all(now_s - at_s >= REPORT_S and rank > before for at_s, before in told[-1:])
            told.append((now_s, rank))


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
