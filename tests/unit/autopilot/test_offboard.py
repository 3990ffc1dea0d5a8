"""Offboard: what its messages mean, how long it lives, how it flies, and what follows its loss."""

from __future__ import annotations

import math
import struct
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.navigator import setpoints as offboard
from sitl.autopilot.navigator.setpoints import FREE, Attitude, Course, Offboard, Rates
from tests.unit.autopilot.harness import NAN, Companion
from wire.geo import quaternion_from_euler

LOCAL, BODY = mavlink.MAV_FRAME_LOCAL_NED, mavlink.MAV_FRAME_BODY_NED
POSITION, VELOCITY, ACCELERATION, FORCE, YAW, YAW_RATE = 7, 56, 448, 512, 1024, 2048
EVERYTHING = POSITION | VELOCITY | ACCELERATION | YAW | YAW_RATE
LEVEL = (1.0, 0.0, 0.0, 0.0)


def local(use: int, frame: int = LOCAL, **values: float) -> mavlink.MAVLink_message:
    """SET_POSITION_TARGET_LOCAL_NED that uses these fields."""
    names = ("x", "y", "z", "vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate")
    mask = EVERYTHING & ~use | use & FORCE
    fields = [values.get(name, 0.0) for name in names]
    return mavlink.MAVLink_set_position_target_local_ned_message(0, 1, 1, frame, mask, *fields)


def placed(use: int, altitude_m: float, frame: int = 5, latitude: int = 488584000) -> mavlink.MAVLink_message:
    """SET_POSITION_TARGET_GLOBAL_INT over the start."""
    fields = (latitude, 22945000, altitude_m, *[0.0] * 8)
    return mavlink.MAVLink_set_position_target_global_int_message(0, 1, 1, frame, EVERYTHING & ~use, *fields)


def attitude(
    mask: int, q: tuple[float, float, float, float] = LEVEL, thrust: float = 0.5, **rates: float
) -> mavlink.MAVLink_message:
    names = ("body_roll_rate", "body_pitch_rate", "body_yaw_rate")
    return mavlink.MAVLink_set_attitude_target_message(0, 1, 1, mask, q, *(rates.get(n, 0.0) for n in names), thrust)


# Meaning


def test_only_what_is_not_ignored_counts() -> None:
    course = offboard.from_local(local(VELOCITY | YAW, vx=1.0, vy=2.0, vz=-3.0, x=9.0, yaw=0.5, yaw_rate=0.7), LEVEL)
    assert course == Course(FREE, (1.0, 2.0, -3.0), FREE, 0.5, None)
    assert offboard.from_local(local(1 | 2 | 32, x=1.0, y=2.0, vz=3.0), LEVEL) == Course((1.0, 2.0, None), (None, None, 3.0))


def test_the_bodys_frame_turns_with_the_heading_and_has_no_position() -> None:
    tilted = quaternion_from_euler(0.3, -0.2, math.pi / 2)
    course = offboard.from_local(local(POSITION | VELOCITY, BODY, x=5.0, vx=2.0, vy=0.5, vz=-1.0), tilted)
    assert course is not None
    assert course.position_m == FREE
    assert course.velocity_m_s == pytest.approx((-0.5, 2.0, -1.0))
    course = offboard.from_local(local(8 | 16, BODY, vx=2.0), LEVEL)
    assert course is not None
    assert course.empty, "all three velocities or none"


@given(st.integers(0, 4095), st.sampled_from([NAN, math.inf, 1e30, 1.0]))
def test_every_mask_is_understood_and_nothing_wild_is_flown(mask: int, value: float) -> None:
    fields: dict[str, Any] = dict.fromkeys(("x", "y", "z", "vx", "vy", "vz", "afx", "afy", "afz", "yaw", "yaw_rate"), value)
    course = offboard.from_local(local(EVERYTHING & ~mask, **fields), LEVEL)
    assert course is not None
    wanted = [*course.position_m, *course.velocity_m_s, *course.acceleration_m_s2]
    assert all((axis is not None) is (value == 1.0 and not mask & 1 << place) for place, axis in enumerate(wanted))
    assert course.empty is (wanted == [None] * 9)


@pytest.mark.parametrize(
    ("course", "flyable"),
    [
        (Course((1.0, 2.0, 3.0)), True),
        (Course((1.0, 2.0, None), (None, None, 1.0)), True),
        (Course((1.0, 2.0, None), FREE, (None, None, 0.0)), True),
        (Course((1.0, None, 3.0), (None, 1.0, None)), False),
        (Course((1.0, 2.0, None)), False),
        (Course(FREE, (1.0, None, 1.0)), False),
        (Course(), False),
    ],
)
def test_axes_must_be_complete_and_paired(course: Course, flyable: bool) -> None:
    assert course.flyable is flyable


def test_attitudes_go_before_rates() -> None:
    wish = offboard.from_attitude(attitude(0, (2.0, 0.0, 0.0, 0.0), 0.6, body_yaw_rate=0.2, body_roll_rate=1.0))
    assert isinstance(wish, Attitude)
    assert wish.quaternion == (1.0, 0.0, 0.0, 0.0)
    assert tuple(wish)[1:] == pytest.approx((0.6, 0.2))
    wish = offboard.from_attitude(attitude(128 | 4, thrust=0.4, body_roll_rate=0.1, body_pitch_rate=-0.1))
    assert isinstance(wish, Rates)
    roll, pitch, yaw = wish[0]
    assert (roll, pitch, wish[1]) == pytest.approx((0.1, -0.1, 0.4))
    assert yaw is None


@pytest.mark.parametrize("message", [attitude(128 | 1), attitude(0, (0.0, 0.0, 0.0, 0.0)), attitude(0, (NAN, 0.0, 0.0, 0.0))])
def test_an_attitude_that_is_none_is_not_heard(message: mavlink.MAVLink_message) -> None:
    assert offboard.from_attitude(message) is None


def test_an_ignored_throttle_is_no_thrust() -> None:
    wish = offboard.from_attitude(attitude(64, thrust=0.9))
    assert isinstance(wish, Attitude)
    assert wish.thrust == 0.0


def test_a_thrust_vector_lifts_by_its_upward_part() -> None:
    mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=191)
    packet = bytearray(attitude(32, thrust=0.1).pack(mav))
    payload = bytes(packet[10:-2]).ljust(39, b"\0") + struct.pack("<3f", 0.0, 0.0, -0.7)
    crc_extra = mavlink.MAVLink_set_attitude_target_message.crc_extra
    header = bytes([len(payload), *packet[2:10]])
    crc = mavlink.x25crc(header + payload)
    crc.accumulate(bytes([crc_extra]))
    frame = b"\xfd" + header + payload + struct.pack("<H", crc.crc)
    wish = offboard.from_attitude(mavlink.MAVLink(None).decode(bytearray(frame)))
    assert isinstance(wish, Attitude)
    assert wish.thrust == pytest.approx(0.7)


# Life


def test_it_is_available_for_as_long_as_it_is_heard() -> None:
    signal = Offboard()
    looks = []
    for step in range(60):
        now_s = step * 0.05
        if step < 20:
            signal.hear(Course(velocity_m_s=(0.0, 0.0, 0.0)), now_s, flying=False)
        signal.check(now_s, 1.0, position_valid=True)
        looks.append(signal.available)
    assert looks[0]
    assert looks.index(False) * 0.05 == pytest.approx(0.95 + 1.0, abs=0.15)
    assert signal.wish is None, "not in OFFBOARD"


@pytest.mark.parametrize(("wish", "available"), [(Course((0.0, 0.0, 0.0)), False), (Attitude(LEVEL, 0.5, 0.0), True)])
def test_without_a_position_only_what_needs_none_is_available(wish: offboard.Wish, available: bool) -> None:
    signal = Offboard()
    signal.hear(wish, 1.0, flying=True)
    signal.check(1.0, 1.0, position_valid=False)
    assert signal.available is available


# Flight


def flying(height_m: float = 12.0, **parameters: float) -> Companion:
    companion = Companion(parameters=parameters)
    companion.gcs = True
    companion.run(5.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 35.0 + height_m)
    companion.long(400, 1.0)
    companion.run(20.0)
    return companion


def stream(companion: Companion, message: mavlink.MAVLink_message, seconds: float) -> None:
    """Send it at 20 Hz."""
    start_s = companion.now_s
    companion.stream = [(start_s + step * 0.05, message) for step in range(round(seconds / 0.05))]
    companion.run(seconds)


def in_offboard(companion: Companion, message: mavlink.MAVLink_message, seconds: float) -> Companion:
    stream(companion, message, 0.4)
    companion.long(176, 1.0, 6.0)
    stream(companion, message, seconds)
    assert companion.state("mode") == "6.0"
    return companion


def here(companion: Companion) -> Vector:
    return companion.autopilot.pilot.flight.body.position_m


def test_without_a_stream_it_is_refused() -> None:
    companion = flying()
    companion.long(176, 1.0, 6.0)
    companion.run(1.5)
    assert [ack[1:] for ack in companion.acks[-2:]] == [(176, 0), (176, 1)]
    assert companion.state("mode") == "4.3"


def test_it_flies_to_a_position_and_a_heading() -> None:
    companion = in_offboard(flying(), local(POSITION | YAW, x=6.0, y=-4.0, z=-9.0, yaw=1.0), 12.0)
    assert math.dist(here(companion), (6.0, -4.0, -9.0)) < 1.5
    assert companion.autopilot.pilot.flight.estimate.yaw_rad == pytest.approx(1.0, abs=0.1)


def test_it_turns_at_a_rate() -> None:
    companion = in_offboard(flying(), local(VELOCITY | YAW_RATE, yaw_rate=0.3), 2.0)
    before = companion.autopilot.pilot.flight.estimate.yaw_rad
    stream(companion, local(VELOCITY | YAW_RATE, yaw_rate=0.3), 3.0)
    assert companion.autopilot.pilot.flight.estimate.yaw_rad - before == pytest.approx(0.9, abs=0.2)


def test_it_keeps_a_height_while_it_moves() -> None:
    companion = in_offboard(flying(), local(4 | 8 | 16, z=-10.0, vx=2.0, vy=1.0), 8.0)
    assert here(companion).down == pytest.approx(-10.0, abs=1.0)
    assert companion.autopilot.pilot.flight.body.velocity_m_s.north == pytest.approx(1.7, abs=0.5)


def test_accelerations_are_tilted_for() -> None:
    companion = in_offboard(flying(), local(4 | 64 | 128, z=-12.0, afx=2.0), 6.0)
    assert companion.autopilot.pilot.flight.body.velocity_m_s.north == pytest.approx(2.0, abs=0.4), "2 m/s² against the drag"


def test_what_cannot_be_flown_stops_it() -> None:
    companion = in_offboard(flying(), local(VELOCITY, vx=4.0), 4.0)
    stream(companion, local(1 | 2, x=100.0, y=0.0), 4.0)
    assert companion.autopilot.pilot.flight.estimate.velocity_m_s.horizontal < 0.6


@pytest.mark.parametrize(("frame", "altitude_m"), [(5, 50.0), (6, 15.0), (11, 15.0)])
def test_places_on_earth_have_three_kinds_of_altitude(frame: int, altitude_m: float) -> None:
    companion = in_offboard(flying(), placed(POSITION, altitude_m, frame), 8.0)
    assert here(companion).down == pytest.approx(-15.0, abs=1.5)


def test_attitude_and_rates_reach_the_motors() -> None:
    companion = in_offboard(flying(), attitude(7, quaternion_from_euler(0.0, -0.15, 0.0), 0.5), 2.0)
    assert companion.autopilot.pilot.flight.estimate.pitch_rad == pytest.approx(-0.15, abs=0.03)
    stream(companion, attitude(128, thrust=0.5, body_yaw_rate=0.8), 1.0)
    assert companion.autopilot.pilot.flight.estimate.rates_rad_s[2] == pytest.approx(0.8, abs=0.1)


def test_armed_in_offboard_it_takes_off_when_asked_to_go_up_and_lands_when_asked_to_go_down() -> None:
    companion = Companion()
    companion.gcs = True
    companion.run(5.0)
    stream(companion, local(VELOCITY, vz=0.5), 0.5)
    companion.long(176, 1.0, 6.0)
    stream(companion, local(VELOCITY, vz=0.5), 1.5)
    assert companion.state("system_status") == 3
    companion.long(400, 1.0)
    stream(companion, local(VELOCITY, vz=0.5), 4.0)
    assert companion.changes("landed_state") == [1]
    stream(companion, local(POSITION, z=-5.0), 12.0)
    assert companion.changes("landed_state") == [1, 2]
    assert here(companion).down == pytest.approx(-5.0, abs=1.0)
    stream(companion, local(VELOCITY, vz=0.7), 20.0)
    assert companion.changes("landed_state") == [1, 2, 1]
    assert (companion.state("armed"), companion.state("mode")) == (False, "6.0")


def test_thrust_lifts_it_off_and_no_thrust_lands_it() -> None:
    companion = Companion()
    companion.run(5.0)
    stream(companion, attitude(7, thrust=0.1), 0.5)
    companion.long(176, 1.0, 6.0)
    companion.long(400, 1.0)
    stream(companion, attitude(7, thrust=0.6), 3.0)
    assert companion.changes("landed_state") == [1, 2]
    stream(companion, attitude(7, thrust=0.4), 10.0)
    stream(companion, attitude(7, thrust=0.05), 8.0)
    assert companion.changes("landed_state")[-1] == 1


def test_disarmed_without_setpoints_it_is_not_ready() -> None:
    companion = Companion()
    companion.run(5.0)
    companion.long(176, 1.0, 6.0)
    companion.run(1.5)
    assert (companion.state("mode"), companion.state("system_status")) == ("6.0", 0)
    companion.long(400, 1.0)
    companion.run(0.5)
    assert companion.acks[-1][1:] == (400, 1)


@pytest.mark.parametrize(
    ("message", "words"),
    [
        (local(YAW), "SET_POSITION_TARGET_LOCAL_NED invalid\t"),
        (local(VELOCITY, 7), "SET_POSITION_TARGET_LOCAL_NED coordinate frame 7 unsupported\t"),
        (local(ACCELERATION | FORCE), "SET_POSITION_TARGET_LOCAL_NED force not supported\t"),
        (placed(POSITION, 50.0, 0), "SET_POSITION_TARGET_GLOBAL_INT invalid coordinate frame 0\t"),
    ],
)
def test_what_it_does_not_understand_is_said(message: mavlink.MAVLink_message, words: str) -> None:
    companion = flying()
    companion.send(message)
    companion.run(0.5)
    assert words in "".join(text for _, severity, text in companion.texts if severity == 2)
    companion.long(176, 1.0, 6.0)
    companion.run(0.5)
    assert companion.acks[-1][1:] == (176, 1)


@pytest.mark.parametrize("message", [placed(POSITION, NAN), placed(POSITION, 50.0, 5, 2_000_000_000), placed(3, 50.0)])
def test_no_place_is_no_sign_of_life(message: mavlink.MAVLink_message) -> None:
    companion = flying()
    stream(companion, message, 0.5)
    companion.long(176, 1.0, 6.0)
    companion.run(0.5)
    assert companion.acks[-1][1:] == (176, 1)


# Loss


def lost(setting: int) -> Companion:
    companion = in_offboard(flying(COM_OBL_RC_ACT=setting), local(VELOCITY, vx=2.0), 4.0)
    companion.run(3.0)
    return companion


@pytest.mark.parametrize(
    ("setting", "mode", "sink_m_s"),
    [(0, "3.0", 0.7), (1, "2.0", 0.7), (2, "7.0", 0.0), (3, "4.5", 0.0), (4, "4.6", 1.4), (5, "4.3", 0.0)],
)
def test_after_a_second_of_silence_the_failsafe_acts_and_the_stream_ends_it(setting: int, mode: str, sink_m_s: float) -> None:
    companion = lost(setting)
    assert (companion.state("mode"), companion.state("system_status")) == (mode, 5)
    assert (2, "Failsafe activated\t") in [text[1:] for text in companion.texts]
    assert companion.autopilot.pilot.flight.body.velocity_m_s.down == pytest.approx(sink_m_s, abs=0.35)
    stream(companion, local(VELOCITY, vx=2.0), 3.0)
    assert (companion.state("mode"), companion.state("system_status")) == ("6.0", 4)
    assert companion.autopilot.pilot.flight.body.velocity_m_s.north == pytest.approx(1.7, abs=0.5)


def test_a_command_ends_it_too() -> None:
    companion = lost(0)
    companion.long(176, 1.0, 4.0, 3.0)
    companion.run(1.5)
    assert (companion.state("mode"), companion.state("system_status")) == ("4.3", 4)


def test_termination_lasts() -> None:
    companion = lost(6)
    assert (companion.state("mode"), companion.state("system_status")) == ("10.0", 8)
    stream(companion, local(VELOCITY, vx=2.0), 4.0)
    assert (companion.state("mode"), companion.state("system_status")) == ("10.0", 8)
    assert here(companion).down == 0.0


def test_disarming_lets_it_fall_in_offboard() -> None:
    companion = lost(7)
    assert (companion.state("armed"), companion.state("mode"), companion.state("system_status")) == (False, "6.0", 0)
    assert (6, "Disarmed by failsafe\t") in [text[1:] for text in companion.texts]


def test_a_take_over_from_another_failsafe_does_not_outlive_the_stream() -> None:
    companion = in_offboard(flying(NAV_DLL_ACT=1.0, COM_DL_LOSS_T=5.0), local(VELOCITY, vx=0.0), 1.0)
    companion.gcs = False
    stream(companion, local(VELOCITY, vx=0.0), 10.0)
    assert (companion.state("mode"), companion.state("system_status")) == ("4.3", 5)
    companion.long(176, 1.0, 6.0)
    stream(companion, local(VELOCITY, vx=0.0), 2.0)
    assert (companion.state("mode"), companion.state("system_status")) == ("6.0", 4)
    companion.run(3.0)
    assert (companion.state("mode"), companion.state("system_status")) == ("3.0", 5)
