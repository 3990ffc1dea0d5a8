"""Pixels to places and back."""

from __future__ import annotations

import math

import msgspec
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from onboard.vision.geolocation import CameraModel, ground_ned, ground_position, metres_per_pixel, pixel_of
from wire.geo import Position, ned_between, quaternion_from_euler
from wire.messages import Pose

CAMERA = CameraModel(640, 480, math.radians(90), math.radians(45))
DOWN = CameraModel(640, 480, math.radians(90), math.radians(90))
LEVEL = CameraModel(640, 480, math.radians(90), 0.0)


def pose(roll_deg: float = 0.0, pitch_deg: float = 0.0, yaw_deg: float = 0.0, above_m: float = 30.0) -> Pose:
    return Pose(
        at_s=1.0,
        position=Position(47.0, 8.0, 400.0 + above_m),
        attitude=quaternion_from_euler(math.radians(roll_deg), math.radians(pitch_deg), math.radians(yaw_deg)),
        height_m=above_m - 2,
        airborne=True,
        ground_amsl_m=400.0,
    )


@pytest.mark.parametrize(
    ("camera", "place", "pixel", "expected"),
    [
        (CAMERA, pose(), (320, 240), (30, 0)),  # 45 degrees down, 30 m up: 30 m ahead
        (CAMERA, pose(yaw_deg=90), (320, 240), (0, 30)),
        (CAMERA, pose(yaw_deg=180), (320, 240), (-30, 0)),
        (CAMERA, pose(), (640, 240), (30, 30 * math.sqrt(2))),  # 45 degrees to the right of a slant range of 42.4 m
        (DOWN, pose(yaw_deg=37), (320, 240), (0, 0)),
        (DOWN, pose(), (320, 0), (22.5, 0)),  # the picture's top is ahead: 30 m x 240 / 320
        (DOWN, pose(), (640, 240), (0, 30)),
        (DOWN, pose(roll_deg=45), (320, 240), (0, -30)),  # right wing down looks left
        (LEVEL, pose(pitch_deg=-45), (320, 240), (30, 0)),  # nose down is the same as a mount that looks down
    ],
)
def test_known_places(camera: CameraModel, place: Pose, pixel: tuple[float, float], expected: tuple[float, float]) -> None:
    found = ground_ned(camera, place, *pixel)
    assert found is not None
    assert (found.north_m, found.east_m, found.down_m) == pytest.approx((*expected, 30.0), abs=1e-9)


def test_scale_at_the_picture_centre_is_range_over_focal_length() -> None:
    assert metres_per_pixel(CAMERA, pose(), 320, 240) == pytest.approx(30 * math.sqrt(2) / 320)
    assert metres_per_pixel(DOWN, pose(), 500, 100) == pytest.approx(30 / 320), "the same all over, seen from straight above"


@pytest.mark.parametrize("place", [pose(), pose(roll_deg=20), pose(above_m=-1.0), None])
def test_at_or_above_the_horizon_or_below_the_ground_or_without_pose_there_is_no_place(place: Pose | None) -> None:
    assert ground_position(LEVEL, place, 320, 239) is None


def test_without_the_ground_there_is_no_place() -> None:
    assert ground_position(CAMERA, msgspec.structs.replace(pose(), ground_amsl_m=None), 320, 240) is None


def test_behind_the_camera_there_is_no_pixel() -> None:
    behind = ground_position(CAMERA, pose(yaw_deg=180), 320, 100)
    assert behind is not None
    assert pixel_of(CAMERA, pose(), behind) is None


CAMERAS = st.builds(
    lambda fov_deg, mount_deg: CameraModel(640, 480, math.radians(fov_deg), math.radians(mount_deg)),
    st.floats(20, 120),
    st.floats(10, 90),
)
POSES = st.builds(pose, st.floats(-30, 30), st.floats(-30, 30), st.floats(-180, 180), st.floats(3, 120))


@given(CAMERAS, POSES, st.floats(0, 640), st.floats(0, 480))
def test_a_pixel_comes_back(camera: CameraModel, place: Pose, u: float, v: float) -> None:
    ground = ground_position(camera, place, u, v)
    assume(ground is not None)
    assert ground is not None
    assert ground.altitude_amsl_m == pytest.approx(400.0, abs=1e-6)
    above_m = place.position.altitude_amsl_m - 400.0
    assert ned_between(place.position, ground).horizontal_m < 20 * above_m, "never at the horizon"
    pixel = pixel_of(camera, place, ground)
    assert pixel == pytest.approx((u, v), abs=0.01)
