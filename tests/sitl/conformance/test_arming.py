"""S25 to S27, S32, S33: arming, who may not, disarming, and what cannot be undone."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import MODES, Vehicle

ACCEPTED, REJECTED = 0, 1
ARM = mavlink.MAV_CMD_COMPONENT_ARM_DISARM
FORCE = 21196
LOGGING = 0x01000000
ON_GROUND = 1


def test_S25_arming_is_told_everywhere(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answers(ARM, 1) == [ACCEPTED]
    vehicle.until(lambda: vehicle.said("Armed by external command\t", since_s), 1.0, "text")
    vehicle.until(lambda: vehicle.onboard.of("HOME_POSITION", since_s), 2.2, "home, told again")
    vehicle.until(lambda: vehicle.onboard.last("HEARTBEAT").base_mode == 157, 1.5, "armed heartbeat")
    vehicle.until(lambda: vehicle.onboard.last("SYS_STATUS").onboard_control_sensors_present & LOGGING, 2.0, "logging")
    assert vehicle.status == mavlink.MAV_STATE_ACTIVE
    assert vehicle.companion.answers(ARM, 1) == [ACCEPTED], "again"
    assert vehicle.companion.answers(ARM, 0) == [ACCEPTED]
    vehicle.until(lambda: vehicle.said("Disarmed by external command\t", since_s), 1.0, "text")


@pytest.mark.parametrize("force", [0, FORCE], ids=["asked", "forced"])
@pytest.mark.parametrize(
    "mode",
    [
        pytest.param("ORBIT", id="S26 ORBIT"),
        pytest.param("LAND", id="S26 LAND"),
        pytest.param("RTL", id="S26 RTL"),
        pytest.param("PRECLAND", id="S26 PRECLAND"),
        pytest.param("OFFBOARD", id="S26 OFFBOARD without setpoints"),
    ],
)
def test_no_arming_in(vehicle: Vehicle, mode: str, force: int) -> None:
    if mode == "ORBIT":
        vehicle.orbit(20.0, 3.0, vehicle.place(0, 0, 15))
    else:
        vehicle.set_mode(mode)
    since_s = vehicle.mark()
    assert vehicle.companion.answers(ARM, 1, force) == [REJECTED]
    assert vehicle.said("Arming denied: Resolve system health failures first\t", since_s)
    vehicle.run(1.1)
    assert not vehicle.armed
    vehicle.set_mode("LOITER")


@pytest.mark.parametrize("force", [pytest.param(0, id="S26 unhealthy"), pytest.param(FORCE, id="S26 unhealthy forced")])
def test_no_arming_without_a_position(start: Start, force: int) -> None:
    vehicle = start()
    vehicle.set(SIM_GPS_USED=0)
    vehicle.until(lambda: not vehicle.ready and vehicle.status == mavlink.MAV_STATE_UNINIT, 15.0, "unhealthy")
    since_s = vehicle.mark()
    assert vehicle.companion.answers(ARM, 1, force) == [REJECTED]
    assert vehicle.said("Arming denied: Resolve system health failures first\t", since_s)
    vehicle.run(1.1)
    assert not vehicle.armed


def test_S27_disarms_when_it_does_not_take_off(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer(ARM, 1) == ACCEPTED
    took_s = vehicle.until(lambda: vehicle.said("Disarmed by auto preflight disarming\t", since_s), 13.0, "disarming")
    assert took_s == pytest.approx(11.2, abs=0.3)
    vehicle.until(lambda: not vehicle.armed, 1.2, "disarmed")


def test_S32_no_disarming_in_the_air_but_by_force(vehicle: Vehicle) -> None:
    vehicle.take_off(10)
    vehicle.run(2.0)
    since_s = vehicle.mark()
    assert vehicle.companion.answers(ARM, 0) == [REJECTED]
    assert vehicle.said("Disarming denied: not landed\t", since_s)
    assert vehicle.armed
    assert vehicle.companion.answers(ARM, 0, FORCE, within_s=0.3) == [ACCEPTED]
    vehicle.until(lambda: not vehicle.armed and vehicle.landed_state == ON_GROUND, 1.2, "landed as it is disarmed")
    assert vehicle.height_m > 2.0, "landed_state does not wait for the ground"
    vehicle.until(lambda: vehicle.height_m < 2.0, 3.0, "fall")


def test_S33_termination_stays(vehicle: Vehicle) -> None:
    """Still armed, so that arming is accepted and means nothing."""
    vehicle.take_off(5)
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_FLIGHTTERMINATION, 1)[0] == ACCEPTED
    vehicle.until(lambda: vehicle.mode == "TERMINATION", 1.5, "termination")
    heartbeat = vehicle.onboard.last("HEARTBEAT")
    assert (heartbeat.base_mode, heartbeat.system_status) == (129, mavlink.MAV_STATE_FLIGHT_TERMINATION)
    vehicle.until(lambda: vehicle.height_m < 1.5, 5.0, "fall")
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_SET_MODE, 1, *MODES["LOITER"])[-1] == REJECTED
    assert vehicle.companion.answers(ARM, 1) == [ACCEPTED]
    vehicle.run(1.2)
    assert vehicle.mode == "TERMINATION"
