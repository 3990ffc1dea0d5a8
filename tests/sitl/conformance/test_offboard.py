"""S47: offboard control: what starts it, how it flies, what its loss brings, and that it goes on by itself."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.vehicle import NAN, Vehicle

EVERYTHING = 7 | 56 | 448 | 1024 | 2048
POSITION, VELOCITY, YAW, YAW_RATE = 7, 56, 1024, 2048
RATE_HZ = 20.0
SET_MODE = mavlink.MAV_CMD_DO_SET_MODE


def local(vehicle: Vehicle, use: int, frame: int = 1, **values: float) -> mavlink.MAVLink_message:
    """SET_POSITION_TARGET_LOCAL_NED that uses these fields."""
    names = ("x", "y", "z", "vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate")
    fields = [values.get(name, 0.0) for name in names]
    return mavlink.MAVLink_set_position_target_local_ned_message(0, vehicle.system, 1, frame, EVERYTHING & ~use, *fields)


def stream(
    vehicle: Vehicle, message: mavlink.MAVLink_message, seconds: float, until: Callable[[], object] | None = None
) -> None:
    """Send it at RATE_HZ for a time, or until something holds, which then has to."""
    end_s = vehicle.now_s + seconds
    while vehicle.now_s < end_s:
        vehicle.companion.send(message)
        vehicle.run(1.0 / RATE_HZ)
        if until is not None and until():
            return
    assert until is None, f"not within {seconds:g} s: {vehicle.summary()}"


def enter(vehicle: Vehicle, message: mavlink.MAVLink_message) -> None:
    """Stream for 0.4 s, then change to OFFBOARD."""
    stream(vehicle, message, 0.4)
    vehicle.companion.long(SET_MODE, 1, 6, 0)
    stream(vehicle, message, 2.0, until=lambda: vehicle.mode == "OFFBOARD")


def test_S47_is_refused_without_a_stream_and_accepted_after_a_third_of_a_second(vehicle: Vehicle) -> None:
    vehicle.take_off(8.0)
    assert vehicle.companion.answers(SET_MODE, 1, 6, 0)[-1] == 1
    vehicle.run(1.2)
    assert vehicle.mode == "LOITER"
    stream(vehicle, local(vehicle, VELOCITY), 0.35)
    assert vehicle.companion.answers(SET_MODE, 1, 6, 0)[-1] == 0


def test_S47_disarmed_without_setpoints_it_is_not_ready(vehicle: Vehicle) -> None:
    vehicle.set_mode("OFFBOARD")
    vehicle.until(lambda: vehicle.status == mavlink.MAV_STATE_UNINIT, 2.0, "not ready")
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1) == 1
    assert vehicle.onboard.last("HEARTBEAT").base_mode == 1, "nothing is controlled before a first setpoint"
    stream(vehicle, local(vehicle, POSITION, z=-1.0), 3.0, until=lambda: vehicle.status == mavlink.MAV_STATE_STANDBY)
    vehicle.set_mode("LOITER")


@pytest.mark.parametrize(
    ("use", "frame", "values", "speed_m_s"),
    [
        pytest.param(VELOCITY, 1, {"vx": 3.0}, (2.6, 0.0, 0.0), id="S47 velocity"),
        pytest.param(VELOCITY | YAW, 8, {"vx": 3.0, "yaw": 1.571}, (0.0, 2.6, 0.0), id="S47 velocity in the body's frame"),
        pytest.param(4 | 8 | 16, 1, {"z": -10.0, "vy": -2.0}, (0.0, -1.7, 0.0), id="S47 velocity at a height"),
        pytest.param(4 | 64 | 128, 1, {"z": -10.0, "afx": 2.0}, (2.0, 0.0, 0.0), id="S47 acceleration"),
    ],
)
def test_flies_what_is_not_ignored(
    vehicle: Vehicle, use: int, frame: int, values: dict[str, float], speed_m_s: tuple[float, float, float]
) -> None:
    vehicle.take_off(10.0)
    message = local(vehicle, use, frame, **values)
    enter(vehicle, message)
    stream(vehicle, message, 6.0)
    assert math.dist(vehicle.velocity_m_s, speed_m_s) < 0.8, vehicle.velocity_m_s


def test_S47_flies_to_a_position_and_a_heading(vehicle: Vehicle) -> None:
    vehicle.take_off(10.0)
    message = local(vehicle, POSITION | YAW, x=6.0, y=-4.0, z=-8.0, yaw=1.0)
    enter(vehicle, message)
    stream(vehicle, message, 10.0)
    here = vehicle.onboard.last("LOCAL_POSITION_NED")
    assert math.dist((here.x, here.y, here.z), (6.0, -4.0, -8.0)) < 1.0
    assert vehicle.onboard.last("ATTITUDE").yaw == pytest.approx(1.0, abs=0.15)


def test_S47_turns_at_a_rate(vehicle: Vehicle) -> None:
    vehicle.take_off(8.0)
    message = local(vehicle, VELOCITY | YAW_RATE, yaw_rate=0.3)
    enter(vehicle, message)
    stream(vehicle, message, 2.0)
    before = vehicle.onboard.last("ATTITUDE").yaw
    stream(vehicle, message, 3.0)
    assert vehicle.onboard.last("ATTITUDE").yaw - before == pytest.approx(0.9, abs=0.25)


def test_S47_flies_to_a_place_on_earth(vehicle: Vehicle) -> None:
    vehicle.take_off(8.0)
    place = vehicle.place(0.0, 8.0, 12.0)
    fields = (round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7), place.altitude_amsl_m, *[0.0] * 8)
    frame, mask = mavlink.MAV_FRAME_GLOBAL_INT, EVERYTHING & ~POSITION
    message = mavlink.MAVLink_set_position_target_global_int_message(0, vehicle.system, 1, frame, mask, *fields)
    enter(vehicle, message)
    stream(vehicle, message, 10.0)
    away = vehicle.away(place)
    assert math.hypot(*away) < 2.0, away


def test_S47_an_attitude_and_thrust(vehicle: Vehicle) -> None:
    vehicle.take_off(15.0)
    pitched = [math.cos(-0.1), 0.0, math.sin(-0.1), 0.0]
    message = mavlink.MAVLink_set_attitude_target_message(0, vehicle.system, 1, 7, pitched, 0.0, 0.0, 0.0, 0.5)
    enter(vehicle, message)
    stream(vehicle, message, 2.0)
    assert vehicle.onboard.last("ATTITUDE").pitch == pytest.approx(-0.2, abs=0.06)


def test_S47_takes_off_from_the_ground_and_lands(vehicle: Vehicle) -> None:
    up = local(vehicle, POSITION, z=-5.0)
    enter(vehicle, up)
    vehicle.companion.long(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
    stream(vehicle, up, 12.0, until=lambda: vehicle.onboard.last("LOCAL_POSITION_NED").z < -4.2)
    assert vehicle.landed_state == 2
    stream(vehicle, local(vehicle, VELOCITY, vz=0.7), 30.0, until=lambda: not vehicle.armed)
    assert vehicle.mode == "OFFBOARD"
    vehicle.set_mode("LOITER")


@pytest.mark.parametrize(
    ("use", "frame", "words"),
    [
        pytest.param(YAW, 1, "SET_POSITION_TARGET_LOCAL_NED invalid\t", id="S47 nothing asked for"),
        pytest.param(VELOCITY, 7, "SET_POSITION_TARGET_LOCAL_NED coordinate frame 7 unsupported\t", id="S47 frame"),
    ],
)
def test_what_is_no_setpoint_is_said(vehicle: Vehicle, use: int, frame: int, words: str) -> None:
    since_s = vehicle.mark()
    vehicle.companion.send(local(vehicle, use, frame))
    vehicle.until(lambda: vehicle.said(words, since_s), 1.0, words)


LOSSES = [
    pytest.param(0, "POSCTL", 0.7, id="S47 loss: position"),
    pytest.param(1, "ALTCTL", 0.7, id="S47 loss: altitude"),
    pytest.param(2, "STABILIZED", NAN, id="S47 loss: stabilized"),
    pytest.param(3, "RTL", NAN, id="S47 loss: return"),
    pytest.param(4, "LAND", 1.4, id="S47 loss: land"),
    pytest.param(5, "LOITER", 0.0, id="S47 loss: hold"),
]


@pytest.mark.parametrize(("action", "mode", "sink_m_s"), LOSSES)
def test_loss_acts_after_a_second_and_the_stream_ends_it(vehicle: Vehicle, action: int, mode: str, sink_m_s: float) -> None:
    vehicle.set(COM_OBL_RC_ACT=action)
    vehicle.take_off(12.0)
    message = local(vehicle, VELOCITY, vx=2.0)
    enter(vehicle, message)
    stream(vehicle, message, 3.0)
    since_s = vehicle.mark()
    took_s = vehicle.until(lambda: vehicle.said("Failsafe activated\t", since_s), 2.0, "failsafe")
    assert 0.8 < took_s < 1.4
    vehicle.until(lambda: (vehicle.mode, vehicle.status) == (mode, mavlink.MAV_STATE_CRITICAL), 1.5, f"{mode} and CRITICAL")
    vehicle.run(2.0)
    if not math.isnan(sink_m_s):
        assert vehicle.velocity_m_s.down_m == pytest.approx(sink_m_s, abs=0.45)
    stream(vehicle, message, 2.5, until=lambda: (vehicle.mode, vehicle.status) == ("OFFBOARD", mavlink.MAV_STATE_ACTIVE))


def test_S47_a_command_ends_the_failsafe(vehicle: Vehicle) -> None:
    vehicle.take_off(12.0)
    message = local(vehicle, VELOCITY)
    enter(vehicle, message)
    vehicle.until(lambda: vehicle.mode == "POSCTL", 3.5, "POSCTL")
    vehicle.set_mode("LOITER")
    vehicle.until(lambda: vehicle.status == mavlink.MAV_STATE_ACTIVE, 1.5, "ACTIVE")


def test_S47_loss_can_disarm(vehicle: Vehicle) -> None:
    vehicle.set(COM_OBL_RC_ACT=7)
    vehicle.take_off(6.0)
    enter(vehicle, local(vehicle, VELOCITY))
    since_s = vehicle.mark()
    vehicle.until(lambda: not vehicle.armed, 3.0, "disarmed")
    assert vehicle.said("Disarmed by failsafe\t", since_s)
    assert (vehicle.mode, vehicle.status) == ("OFFBOARD", mavlink.MAV_STATE_UNINIT)
    vehicle.until(lambda: vehicle.landed_state == 1, 4.0, "landed")
    vehicle.run(2.0)


def test_S47_loss_can_terminate(vehicle: Vehicle) -> None:
    vehicle.set(COM_OBL_RC_ACT=6)
    vehicle.take_off(6.0)
    enter(vehicle, local(vehicle, VELOCITY))
    vehicle.until(lambda: vehicle.status == mavlink.MAV_STATE_FLIGHT_TERMINATION, 3.0, "terminated")
    assert vehicle.onboard.last("HEARTBEAT").base_mode == 129
    stream(vehicle, local(vehicle, VELOCITY), 2.0)
    assert vehicle.status == mavlink.MAV_STATE_FLIGHT_TERMINATION


def test_S47_what_could_be_flown_is_flown_on_for_a_fifth_of_a_second(vehicle: Vehicle) -> None:
    """A setpoint that lacks east and down cannot be flown: the last that could be still counts until it is 0.2 s old."""
    vehicle.take_off(8.0)
    enter(vehicle, local(vehicle, VELOCITY, vx=2.0))
    stream(vehicle, local(vehicle, VELOCITY, vx=2.0), 2.0)
    lacking, since_s = local(vehicle, 8, vx=2.0), vehicle.mark()
    stopped_s = 0.0
    for _ in range(50):
        vehicle.companion.send(lacking)
        vehicle.run(0.02)
        told = vehicle.gcs.last("POSITION_TARGET_LOCAL_NED")
        if not stopped_s and abs(told.vx) < 0.1:
            stopped_s = vehicle.now_s
    assert 0.08 < stopped_s - since_s < 0.36
