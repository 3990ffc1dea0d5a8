"""Datagrams of all kinds, and what becomes of the motion between them."""

from __future__ import annotations

import math

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.world.pose import PoseParser, TruePose
from tests.unit.world.hil import hil_state
from wire.geo import Ned, Position, euler_from_quaternion, ned_between, quaternion_from_euler

HOME = Position(47.397742, 8.545594, 489.4)
LEVEL = (1.0, 0.0, 0.0, 0.0)


def test_a_pose_is_read_in_its_units() -> None:
    attitude = quaternion_from_euler(0.1, -0.2, 2.0)
    pose = PoseParser().feed(hil_state(HOME, attitude, Ned(1.5, -2.25, 0.5), (0.1, 0.2, -0.3)), 12.5)
    assert pose is not None
    assert pose.at_s == 12.5
    assert pose.position == pytest.approx(HOME, abs=1e-7)
    assert pose.attitude == pytest.approx(attitude, abs=1e-6)
    assert pose.velocity_ned_m_s == pytest.approx((1.5, -2.25, 0.5))
    assert pose.rates_rad_s == pytest.approx((0.1, 0.2, -0.3))


@given(st.binary(max_size=300))
@example(b"\xfd")
@example(b"\xfd\xff\x00\x00\x00\x01\x01\x73\x00\x00")
@example(hil_state(HOME, LEVEL)[:-3])
def test_garbage_is_counted_and_hurts_nobody(garbage: bytes) -> None:
    parser = PoseParser()
    assert parser.feed(garbage, 0.0) is None
    if garbage and garbage[0] not in (0xFD, 0xFE):  # those two begin a message, which may wait for more
        assert parser.broken > 0
    pose = parser.feed(hil_state(HOME, LEVEL), 1.0)
    assert pose is not None


@given(st.integers(1, 90), st.integers(1, 255))
def test_a_flipped_byte_is_no_pose(index: int, flip: int) -> None:
    broken = bytearray(hil_state(HOME, LEVEL, Ned(1, 2, 3)))
    index %= len(broken)
    broken[index] ^= flip
    pose = PoseParser().feed(bytes(broken), 0.0)
    assert pose is None


def test_the_newest_of_a_datagram_counts_and_others_are_passed_over() -> None:
    encoder = mavlink.MAVLink(None, 1, 1)
    heartbeat = encoder.heartbeat_encode(2, 12, 0, 0, 3).pack(encoder)
    higher = Position(HOME.latitude_deg, HOME.longitude_deg, 500.0)
    parser = PoseParser()
    pose = parser.feed(heartbeat + hil_state(HOME, LEVEL) + b"noise" + hil_state(higher, LEVEL) + heartbeat, 0.0)
    assert pose is not None
    assert pose.position.altitude_amsl_m == pytest.approx(500)
    assert (parser.messages, parser.broken > 0) == (4, True)


@pytest.mark.parametrize(
    "attitude", [(0.0, 0.0, 0.0, 0.0), (math.nan, 0.0, 0.0, 0.0), (2.0, 0.0, 0.0, 0.0), (math.inf, 0.0, 0.0, 0.0)]
)
def test_an_impossible_attitude_is_no_pose(attitude: tuple[float, float, float, float]) -> None:
    parser = PoseParser()
    assert parser.feed(hil_state(HOME, attitude), 0.0) is None
    assert parser.broken == 1


def test_an_impossible_place_is_no_pose() -> None:
    parser = PoseParser()
    assert parser.feed(hil_state(Position(95.0, 0.0, 0.0), LEVEL), 0.0) is None
    assert parser.feed(hil_state(Position(0.0, 0.0, 2e6), LEVEL), 0.0) is None
    assert parser.feed(hil_state(HOME, LEVEL, rates_rad_s=(math.nan, 0.0, 0.0)), 0.0) is None
    assert parser.broken == 3


def test_motion_is_carried_on_for_a_moment_only() -> None:
    pose = TruePose(10.0, HOME, quaternion_from_euler(0, 0, 1.0), Ned(2.0, 0.0, -1.0), (0.0, 0.0, 0.5))
    soon, late = pose.at(10.1), pose.at(20.0)
    assert ned_between(HOME, soon.position) == pytest.approx((0.2, 0.0, -0.1), abs=1e-6)
    assert euler_from_quaternion(soon.attitude)[2] == pytest.approx(1.05)
    assert ned_between(HOME, late.position).north_m == pytest.approx(0.4, abs=1e-6)
    assert math.hypot(*soon.attitude) == pytest.approx(1)
