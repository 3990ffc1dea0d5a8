"""Poses between poses."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboard.vision.poses import AHEAD_S, GAP_S, Poses, slerp
from wire.geo import Ned, Position, euler_from_quaternion, ned_between, offset, quaternion_from_euler
from wire.messages import Pose

HOME = Position(47.0, 8.0, 400.0)


def pose(at_s: float, north_m: float = 0.0, yaw_deg: float = 0.0, airborne: bool = True) -> Pose:
    return Pose(
        at_s=at_s,
        position=offset(HOME, Ned(north_m, 0, 0)),
        attitude=quaternion_from_euler(0, 0, math.radians(yaw_deg)),
        height_m=north_m,
        airborne=airborne,
    )


def line(count: int = 20, period_s: float = 0.05) -> Poses:
    """North at 10 m/s, turning right at 90 degrees/s."""
    poses = Poses()
    for index in range(count):
        at_s = 5 + index * period_s
        poses.add(pose(at_s, 10 * (at_s - 5), 90 * (at_s - 5)))
    return poses


@given(st.floats(5.0, 5.95 + AHEAD_S - 1e-6))
def test_in_between_and_a_little_ahead_the_motion_goes_on(at_s: float) -> None:
    found = line().at(at_s)
    assert found is not None
    assert found.at_s == at_s
    assert ned_between(HOME, found.position).north_m == pytest.approx(10 * (at_s - 5), abs=1e-6)
    assert found.height_m == pytest.approx(10 * (at_s - 5), abs=1e-6)
    assert math.degrees(euler_from_quaternion(found.attitude)[2]) == pytest.approx(90 * (at_s - 5), abs=1e-6)


@pytest.mark.parametrize("at_s", [4.99, 5.95 + AHEAD_S + 0.01, 100.0])
def test_before_and_long_after_nothing_is_known(at_s: float) -> None:
    assert line().at(at_s) is None


def test_without_poses_nothing_is_known() -> None:
    assert Poses().at(1.0) is None
    assert Poses().velocity_ned_m_s(1.0) is None


def test_a_gap_is_not_bridged() -> None:
    poses = Poses()
    poses.add(pose(1.0))
    poses.add(pose(1.0 + 2 * GAP_S, 10))
    assert poses.at(1.0 + GAP_S) is None
    assert poses.at(1.0 + 2 * GAP_S) is not None


def test_a_clock_that_begins_anew_is_followed() -> None:
    poses = line()
    poses.add(pose(1.0, 3))
    found = poses.at(1.05)
    assert found is not None
    assert ned_between(HOME, found.position).north_m == pytest.approx(3)


def test_velocity() -> None:
    assert line().velocity_ned_m_s(5.9) == pytest.approx((10, 0, 0), abs=1e-3)
    assert line().velocity_ned_m_s(5.1) is None, "0.4 s earlier is not known"


def test_slerp_takes_the_short_way() -> None:
    a, b = quaternion_from_euler(0, 0, math.radians(170)), quaternion_from_euler(0, 0, math.radians(-170))
    assert abs(math.degrees(euler_from_quaternion(slerp(a, b, 0.5))[2])) == pytest.approx(180)
