"""The simulated battery and what it makes the autopilot do."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import Vehicle

FULL_V, HALF_V, EMPTY_V = 16.2, 15.3, 14.4
OK, LOW, CRITICAL_CHARGE, EMERGENCY = 1, 2, 3, 4
BATTERY_HEALTH = 0x02000000


def charge(vehicle: Vehicle) -> tuple[float, float]:
    """Volts and remaining share."""
    status = vehicle.onboard.last("SYS_STATUS")
    return status.voltage_battery / 1e3, status.battery_remaining / 100


def test_S61_full_on_the_ground(vehicle: Vehicle) -> None:
    vehicle.run(3)
    assert charge(vehicle) == pytest.approx((FULL_V, 1.0), abs=0.05)
    status = vehicle.onboard.last("BATTERY_STATUS")
    assert (status.charge_state, status.time_remaining, status.current_battery) == (OK, 0, -100)
    assert status.voltages[0] / 1e3 == pytest.approx(FULL_V, abs=0.1)


def test_S61_drains_in_a_minute_to_half(start: Start) -> None:
    vehicle = start()
    vehicle.take_off(5)
    armed_s = next(t_s for t_s, armed in vehicle.onboard.changes("HEARTBEAT", lambda m: m.base_mode & 128) if armed)
    vehicle.until(lambda: vehicle.now_s - armed_s >= 20.0, 30.0, "20 s armed")
    assert charge(vehicle)[1] == pytest.approx(1.0 - 20.0 / 60.0, abs=0.06)
    vehicle.until(lambda: vehicle.now_s - armed_s >= 45.0, 30.0, "45 s armed")
    assert charge(vehicle) == pytest.approx((HALF_V, 0.5), abs=0.05)
    assert vehicle.onboard.last("BATTERY_STATUS").charge_state == OK
    vehicle.kill()
    vehicle.run(12)
    assert charge(vehicle) == pytest.approx((FULL_V, 1.0), abs=0.05)


def test_S61_empty_in_flight(start: Start) -> None:
    """COM_LOW_BAT_ACT 3: a warning at 15 %, hold at 7 %, landing once it is below 5 %."""
    vehicle = start({"SIM_BAT_MIN_PCT": 0.0})
    assert vehicle.parameter("COM_LOW_BAT_ACT") == 3
    vehicle.take_off(12)
    vehicle.orbit(15, 3, vehicle.place(0, 0, 12))
    vehicle.until(lambda: vehicle.said("Low battery\t"), 60.0, "warning")
    assert charge(vehicle)[1] == pytest.approx(0.15, abs=0.03)
    vehicle.run(1.5)
    assert (vehicle.mode, vehicle.status) == ("ORBIT", 4)
    assert vehicle.said("Failsafe activated\t")
    assert not vehicle.onboard.last("SYS_STATUS").onboard_control_sensors_health & BATTERY_HEALTH
    vehicle.until(lambda: vehicle.said("Critical battery\t"), 12.0, "critical")
    assert charge(vehicle)[1] == pytest.approx(0.07, abs=0.02)
    vehicle.until(lambda: vehicle.status == 5, 2.0, "failsafe")
    assert vehicle.mode == "LOITER"
    assert vehicle.said("Failsafe activated: entering Hold for 5 seconds\t")
    vehicle.until(lambda: vehicle.said("Emergency battery level\t"), 6.0, "emergency")
    assert vehicle.said("System does not support shutdown\t")
    vehicle.until(lambda: vehicle.mode == "LAND", 8.0, "landing")
    assert {t.severity for t in vehicle.texts if "attery" in t.words} == {0}
    states = [state for _, state in vehicle.onboard.changes("BATTERY_STATUS", lambda m: m.charge_state)]
    assert [state for state in states if state != CRITICAL_CHARGE] == [OK, LOW, EMERGENCY]


def test_S61_critical_alone_returns(start: Start) -> None:
    vehicle = start({"SIM_BAT_MIN_PCT": 6.0})
    vehicle.take_off(12)
    vehicle.until(lambda: vehicle.said("Critical battery\t"), 70.0, "critical")
    vehicle.until(lambda: vehicle.status == 5, 2.0, "failsafe")
    held_s = vehicle.until(lambda: vehicle.mode == "RTL", 8.0, "return")
    assert held_s == pytest.approx(5.0, abs=1.3)


def test_S61_warns_only_when_told_so(start: Start) -> None:
    vehicle = start({"SIM_BAT_MIN_PCT": 0.0})
    vehicle.set(COM_LOW_BAT_ACT=0)  # at start PX4's script would set it again
    vehicle.take_off(6)
    vehicle.until(lambda: vehicle.said("Critical battery\t"), 65.0, "critical")
    since_s = vehicle.mark()
    vehicle.until(lambda: vehicle.said("System does not support shutdown\t", since_s), 5.0, "emergency")
    vehicle.run(8)
    assert (vehicle.mode, vehicle.status) == ("LOITER", 4)
    warned = [text.words for text in vehicle.texts if text.words == "Failsafe activated\t"]
    assert len(warned) == 3, "low, critical, emergency"
    assert not vehicle.said("Emergency battery level\t"), "the warning took the report's place"


@pytest.mark.slow
def test_S61_a_landing_goes_on_when_critical_and_holds_first_in_an_emergency(start: Start) -> None:
    vehicle = start({"SIM_BAT_MIN_PCT": 0.0})
    vehicle.take_off(30)
    vehicle.until(lambda: charge(vehicle)[1] < 0.19, 60.0, "nearly low")
    vehicle.set_mode("LAND")
    vehicle.until(lambda: vehicle.said("Critical battery\t"), 15.0, "critical")
    assert (vehicle.mode, vehicle.status) == ("LAND", 4)
    vehicle.until(lambda: vehicle.said("Failsafe activated: entering Hold for 4 seconds\t"), 3.0, "emergency")
    vehicle.until(lambda: (vehicle.mode, vehicle.status) == ("LOITER", 5), 1.5, "hold")
    held_s = vehicle.until(lambda: (vehicle.mode, vehicle.status) == ("LAND", 5), 6.0, "landing")
    assert held_s == pytest.approx(3.8, abs=1.2)
    assert not vehicle.said("Emergency battery level\t")


def test_S61_empty_on_the_ground_it_powers_off(start: Start) -> None:
    """A minute later it is gone; until then nothing that the commander decides is done or answered."""
    vehicle = start()
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_INJECT_FAILURE, mavlink.FAILURE_UNIT_SYSTEM_BATTERY, 1, 0) == 0
    vehicle.until(
        lambda: vehicle.said("Dangerously low battery! Shutting system down in 60 seconds\t", since_s), 8.0, "decision"
    )
    assert vehicle.companion.answers(mavlink.MAV_CMD_RUN_PREARM_CHECKS) == []
    assert vehicle.companion.answers(mavlink.MAV_CMD_REQUEST_MESSAGE, 148) == [0], "what needs no commander goes on"
