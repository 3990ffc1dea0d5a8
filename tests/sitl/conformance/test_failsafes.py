"""What it does by itself when something is lost, and how it is taken over."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import NAN, PREARM, Vehicle

ACTIVE, CRITICAL = 4, 5
LOSS_S = 5.0
NOTICED_S = (LOSS_S, LOSS_S + 2.5 + 1.5)  # and the heartbeat that shows it
HOLD_S = (4.0, 6.3)  # COM_FAIL_ACT_T 5 s, seen in heartbeats 1 s apart
RETURNING = {"NAV_DLL_ACT": 2.0, "COM_DL_LOSS_T": LOSS_S}


def circling(vehicle: Vehicle, height_m: float = 12.0) -> None:
    """Fly a circle of 15 m at 3 m/s."""
    vehicle.take_off(height_m)
    vehicle.orbit(15, 3, vehicle.place(0, 0, height_m))
    vehicle.run(8)
    assert (vehicle.mode, vehicle.status) == ("ORBIT", ACTIVE)


def lose_ground(vehicle: Vehicle) -> float:
    """Stop the ground station's heartbeats; when the failsafe's hold was seen, since then."""
    vehicle.ground.heartbeats = False
    return vehicle.until(lambda: vehicle.status == CRITICAL, 12.0, "failsafe")


def test_S58_ground_station_lost(vehicle: Vehicle) -> None:
    vehicle.set(**RETURNING)
    circling(vehicle)
    took_s = lose_ground(vehicle)
    assert NOTICED_S[0] < took_s < NOTICED_S[1]
    assert vehicle.mode == "LOITER"
    held_s = vehicle.until(lambda: vehicle.mode == "RTL", 8.0, "return")
    assert HOLD_S[0] < held_s < HOLD_S[1]
    assert vehicle.status == CRITICAL
    since_s = vehicle.mark()
    vehicle.ground.heartbeats = True
    vehicle.until(lambda: vehicle.said("GCS connection regained\t", since_s), 3.0, "ground station back")
    vehicle.run(4)
    assert (vehicle.mode, vehicle.status) == ("RTL", CRITICAL)
    vehicle.set_mode("LOITER")
    vehicle.run(1.1)
    assert (vehicle.mode, vehicle.status) == ("LOITER", ACTIVE)


def test_S58_says_what_it_does(vehicle: Vehicle) -> None:
    """To a ground station on the onboard link, which is not lost; the texts have an event twin."""
    vehicle.set(**RETURNING)
    vehicle.take_off(10)
    since_s = vehicle.mark()
    lose_ground(vehicle)
    vehicle.until(lambda: vehicle.mode == "RTL", 8.0, "return")
    vehicle.ground.heartbeats = True
    vehicle.run(3)
    words = [(text.severity, text.words) for text in vehicle.texts if text.t_s >= since_s]
    assert (2, "Failsafe activated\t") in words
    assert (6, "GCS connection regained\t") in words


@pytest.mark.parametrize(
    ("action", "mode"), [(1, "LOITER"), (3, "LAND"), (5, "TERMINATION")], ids=["hold", "land", "terminate"]
)
def test_S58_action(vehicle: Vehicle, action: int, mode: str) -> None:
    vehicle.set(NAV_DLL_ACT=action, COM_DL_LOSS_T=LOSS_S)
    vehicle.take_off(6)
    vehicle.ground.heartbeats = False
    vehicle.until(lambda: vehicle.status >= CRITICAL, 12.0, "failsafe")
    vehicle.until(lambda: vehicle.mode == mode, 8.0, mode)
    vehicle.run(2)
    assert vehicle.mode == mode


def test_S58_nothing_without_an_action(vehicle: Vehicle) -> None:
    assert vehicle.parameter("NAV_DLL_ACT") == 0
    vehicle.set(COM_DL_LOSS_T=LOSS_S)
    vehicle.take_off(6)
    vehicle.ground.heartbeats = False
    vehicle.run(15)
    assert (vehicle.mode, vehicle.status) == ("LOITER", ACTIVE)


def test_S58_not_armable_without_a_ground_station(vehicle: Vehicle) -> None:
    """With an action set: no PREARM bit, system_status 0, arming refused; without one: armable."""
    vehicle.set(**RETURNING)
    vehicle.ground.heartbeats = False
    vehicle.until(lambda: vehicle.status == 0, 12.0, "not armable")
    vehicle.run(2)
    assert not vehicle.onboard.last("SYS_STATUS").onboard_control_sensors_health & PREARM
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == mavlink.MAV_RESULT_TEMPORARILY_REJECTED
    vehicle.set(NAV_DLL_ACT=0)
    vehicle.wait_ready(6.0)


def test_S59_a_mode_command_takes_over(vehicle: Vehicle) -> None:
    """An orbit asked for during the return ends in LOITER; nothing more until the link is back and lost again."""
    vehicle.set(**RETURNING)
    circling(vehicle)
    lose_ground(vehicle)
    vehicle.until(lambda: vehicle.mode == "RTL", 8.0, "return")
    result = vehicle.companion.answer_placed(mavlink.MAV_CMD_DO_ORBIT, (15, 3, 0, 0), vehicle.place(0, 0, 12))
    assert result == mavlink.MAV_RESULT_ACCEPTED
    vehicle.until(lambda: vehicle.status == ACTIVE, 2.0, "end of the failsafe")
    vehicle.run(12)
    assert (vehicle.mode, vehicle.status) == ("LOITER", ACTIVE)
    assert vehicle.speed_m_s < 1.3  # it stands; noise
    vehicle.ground.heartbeats = True
    vehicle.run(3)
    assert (vehicle.mode, vehicle.status) == ("LOITER", ACTIVE)
    took_s = lose_ground(vehicle)
    assert NOTICED_S[0] < took_s < NOTICED_S[1]


def test_S59_taken_over_in_the_first_hold(vehicle: Vehicle) -> None:
    vehicle.set(**RETURNING)
    circling(vehicle)
    lose_ground(vehicle)
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_REPOSITION, -1, 1, 0, NAN, NAN, NAN, NAN) == [0]
    vehicle.until(lambda: vehicle.status == ACTIVE, 2.0, "end of the failsafe")
    vehicle.run(10)
    assert (vehicle.mode, vehicle.status) == ("LOITER", ACTIVE)


def test_S60_companion_lost(vehicle: Vehicle) -> None:
    """A text and nothing else."""
    vehicle.take_off(6)
    vehicle.companion.heartbeats = False
    took_s = vehicle.until(lambda: vehicle.said("Connection to mission computer lost\t"), 9.0, "loss of the companion")
    assert took_s == pytest.approx(6.3, abs=1.6)  # COM_OBC_LOSS_T 5 s, and up to 2.5 s
    assert [text.severity for text in vehicle.texts if "mission computer lost" in text.words] == [2]
    vehicle.run(5)
    assert (vehicle.mode, vehicle.status) == ("LOITER", ACTIVE)
    vehicle.companion.heartbeats = True
    vehicle.until(lambda: vehicle.said("Onboard controller regained\t"), 3.0, "return of the companion")


def test_S62_position_lost(vehicle: Vehicle) -> None:
    circling(vehicle, 15.0)
    vehicle.put("SIM_GPS_USED", 0)
    vehicle.changed["SIM_GPS_USED"] = 10
    vehicle.until(lambda: vehicle.onboard.last("GPS_RAW_INT").fix_type == 0, 1.0, "loss of the fix")
    took_s = vehicle.until(lambda: vehicle.status == CRITICAL, 9.0, "failsafe")
    assert took_s == pytest.approx(5.3, abs=1.3)
    assert vehicle.mode == "LAND"
    assert vehicle.said("Failsafe activated\t")
    vehicle.run(3)
    since_s, start_m = vehicle.now_s, vehicle.onboard.last("LOCAL_POSITION_NED").z
    vehicle.run(6)
    sink_m_s = (vehicle.onboard.last("LOCAL_POSITION_NED").z - start_m) / (vehicle.now_s - since_s)
    assert sink_m_s == pytest.approx(0.65, abs=0.2)


def test_S62_lands_and_disarms_without_position(vehicle: Vehicle) -> None:
    vehicle.take_off(5)
    vehicle.put("SIM_GPS_USED", 0)
    vehicle.changed["SIM_GPS_USED"] = 10
    vehicle.until(lambda: not vehicle.armed, 45.0, "landing and disarming")
    assert vehicle.said("Disarmed by landing\t")


@pytest.mark.parametrize(
    ("unit", "failure", "instance", "results"),
    [
        pytest.param(100, 0, 0, [0], id="battery ok"),
        pytest.param(100, 1, 1, [3], id="battery 1 off"),
        pytest.param(100, 2, 0, [], id="battery stuck"),
        pytest.param(101, 0, 0, [0], id="motors ok"),
        pytest.param(101, 1, 1, [0], id="motor off"),
        pytest.param(101, 2, 1, [3], id="motor stuck"),
        pytest.param(4, 1, 0, [], id="gps off"),
        pytest.param(2, 1, 0, [], id="magnetometer off"),
        pytest.param(3, 1, 0, [], id="barometer off"),
        pytest.param(102, 1, 0, [], id="rc off"),
    ],
)
def test_S63_injected_failures(start: Start, unit: int, failure: int, instance: int, results: list[int]) -> None:
    """Acknowledged to everybody; motors turn on as they did."""
    vehicle = start()
    since_s = vehicle.mark()
    vehicle.companion.answers(mavlink.MAV_CMD_INJECT_FAILURE, unit, failure, instance)
    acks = [s.message for s in vehicle.onboard.of("COMMAND_ACK", since_s)]
    assert [a.result for a in acks] == results
    assert {(a.target_system, a.target_component) for a in acks} <= {(0, 0)}


def test_S63_denied_when_disabled(vehicle: Vehicle) -> None:
    vehicle.set(SYS_FAILURE_EN=0)
    vehicle.run(1)
    assert vehicle.companion.answers(mavlink.MAV_CMD_INJECT_FAILURE, 100, 1) == [mavlink.MAV_RESULT_DENIED]


def test_S63_battery_off(vehicle: Vehicle) -> None:
    """Empty at once: hold, then land."""
    vehicle.take_off(8)
    assert vehicle.companion.answers(mavlink.MAV_CMD_INJECT_FAILURE, 100, 1) == [0]
    vehicle.until(lambda: vehicle.status == CRITICAL, 10.0, "failsafe")
    vehicle.until(lambda: vehicle.mode == "LAND", 8.0, "landing")
    assert vehicle.onboard.last("SYS_STATUS").battery_remaining <= 1
