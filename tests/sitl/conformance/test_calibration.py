"""PREFLIGHT_CALIBRATION, and what a missing calibration does (S19, S26): a ground station's sensor setup."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import Vehicle

CALIBRATE, ARM, STORAGE = mavlink.MAV_CMD_PREFLIGHT_CALIBRATION, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 245
ACCEPTED, REJECTED, DENIED = 0, 1, 2


def words(vehicle: Vehicle, since_s: float) -> list[str]:
    return [text.words for text in vehicle.texts if text.t_s >= since_s]


def test_S19_the_gyroscopes_take_a_second(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer(CALIBRATE, 1) == ACCEPTED
    vehicle.run(0.3)
    assert vehicle.companion.answer(ARM, 1) == REJECTED
    took_s = vehicle.until(lambda: vehicle.said("[cal] calibration done: gyro", since_s), 3.0, "calibration")
    assert took_s < 1.5
    said = words(vehicle, since_s)
    assert said[0] == "[cal] calibration started: 2 gyro"
    progress = [one for one in said if "progress" in one]
    assert progress[0] == "[cal] progress <0>" and progress[-1] == "[cal] progress <100>" and len(progress) >= 9
    assert any("Arming denied: calibrating" in one for one in said)
    vehicle.run(2.5)
    assert vehicle.companion.answers(CALIBRATE) == [ACCEPTED], "nothing is left to be cancelled"


def test_S19_nothing_is_calibrated_in_flight(vehicle: Vehicle) -> None:
    vehicle.take_off(3.0)
    assert vehicle.companion.answers(CALIBRATE, 1) == [REJECTED]


def test_S19_level(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer(CALIBRATE, 0, 0, 0, 0, 2) == ACCEPTED
    vehicle.until(lambda: vehicle.said("[cal] calibration done: level", since_s), 3.0, "calibration")


def test_S19_the_compass_waits_to_be_turned_until_it_is_cancelled(start: Start) -> None:
    vehicle = start()
    since_s = vehicle.mark()
    assert vehicle.companion.answer(CALIBRATE, 0, 1) == ACCEPTED
    vehicle.until(lambda: vehicle.said("[cal] Rotate vehicle", since_s), 5.0, "request to turn it")
    vehicle.run(4.0)
    assert sorted(vehicle.companion.answers(CALIBRATE, within_s=1.0)) == [ACCEPTED, REJECTED]
    assert vehicle.said("[cal] calibration cancelled", since_s)
    vehicle.run(1.0)
    assert vehicle.companion.answer(ARM, 1) == ACCEPTED


def test_S19_what_cannot_be_calibrated(start: Start) -> None:
    vehicle = start()
    assert vehicle.companion.answers(CALIBRATE, 3) == [], "temperature: nobody answers"
    assert vehicle.companion.answers(CALIBRATE, 0, 0, 0, 0, 0, 0, 1) == [DENIED], "motor controllers with a battery"
    assert vehicle.companion.answers(CALIBRATE, 0, 0, 0, 1) == [ACCEPTED]
    assert vehicle.said("Calibration: Disabling RC input")
    assert vehicle.companion.answers(CALIBRATE) == [ACCEPTED]
    assert vehicle.said("Calibration: Restoring RC input")
    assert vehicle.companion.answers(mavlink.MAV_CMD_FIXED_MAG_CAL_YAW, 10) == [ACCEPTED]
    assert vehicle.said("Mag quick calibration finished")


@pytest.mark.parametrize(("kind", "airframe"), [pytest.param(2, 0, id="S26 all"), pytest.param(3, 10040, id="S26 sensors")])
def test_without_calibration_it_cannot_be_armed(start: Start, kind: int, airframe: int) -> None:
    vehicle = start()
    since_s = vehicle.mark()
    assert vehicle.companion.answer(STORAGE, kind) == ACCEPTED
    vehicle.until(lambda: vehicle.said("Preflight Fail: Compass 0 uncalibrated", since_s), 5.0, "complaint")
    assert {"Preflight Fail: Accel 0 uncalibrated", "Preflight Fail: Gyro 0 uncalibrated"} <= {*words(vehicle, since_s)}
    assert vehicle.parameter("CAL_ACC0_ID") == vehicle.parameter("CAL_MAG0_ID") == 0
    assert vehicle.parameter("SYS_AUTOSTART") == airframe
    assert not vehicle.ready
    assert vehicle.companion.answer(ARM, 1) == REJECTED
    vehicle.until(lambda: vehicle.said("Arming denied: Resolve system health failures first", since_s), 2.0, "refusal")
