"""What a moving camera makes of standing things."""

from __future__ import annotations

import math

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboard.vision.geolocation import View, ground_ned, pixel_of
from onboard.vision.motion import Homography, carried
from onboard.vision.parallax import TALLEST_M, may_be_standing, plane_homographies, tallest_ratio
from tests.unit.vision.scenes import CAMERA, HOME, orbit_pose
from wire.geo import Ned, Position, ned_between, offset
from wire.messages import Pose


def at_height(north_m: float, east_m: float, height_m: float) -> Position:
    return offset(HOME, Ned(north_m, east_m, -height_m))


def measured_ground(earlier: Pose, later: Pose) -> Homography:
    """The homography of the ground between two poses, as four points on it give it, at an arbitrary scale."""

    points = [(8.0, -8.0), (8.0, 8.0), (-8.0, 8.0), (-8.0, -8.0)]
    pixels = [
        np.array([pixel_of(CAMERA, pose, at_height(*point, 0.0)) for point in points], np.float32) for pose in (earlier, later)
    ]
    return np.asarray(cv2.getPerspectiveTransform(pixels[0], pixels[1]), np.float64) * 3.7


@given(st.floats(0, 30), st.floats(-8, 8), st.floats(-8, 8), st.floats(0, TALLEST_M - 0.1))
def test_one_of_the_planes_fits_a_point_of_any_height(time_s: float, north_m: float, east_m: float, height_m: float) -> None:
    earlier, later = orbit_pose(time_s, shake_rad=0.02), orbit_pose(time_s + 0.45, shake_rad=0.02)
    planes = plane_homographies(measured_ground(earlier, later), View(CAMERA, earlier), View(CAMERA, later))
    point = at_height(north_m, east_m, height_m)
    before, after = pixel_of(CAMERA, earlier, point), pixel_of(CAMERA, later, point)
    assert before is not None
    assert after is not None
    assert min(math.dist(carried(plane, *before), after) for plane in planes) < 3.0


def test_a_hovering_camera_needs_the_ground_only() -> None:
    view = View(CAMERA, orbit_pose(1.0))
    assert len(plane_homographies(np.eye(3), view, view)) == 1


@given(st.floats(0, 30), st.floats(-15, 15), st.floats(-15, 15), st.floats(1, 11.5))
def test_a_standing_thing_may_be_standing(time_s: float, north_m: float, east_m: float, height_m: float) -> None:
    """Its place on the ground, as the camera sees it, is followed for a moment: that is its apparent velocity."""
    before, after = orbit_pose(time_s), orbit_pose(time_s + 0.05)
    places = []
    for pose in (before, after):
        pixel = pixel_of(CAMERA, pose, at_height(north_m, east_m, height_m))
        ground = None if pixel is None else ground_ned(CAMERA, pose, *pixel)
        if ground is None:
            return
        places.append((ground, ned_between(HOME, offset(pose.position, ground))))
    velocity = tuple((b - a) / 0.05 for a, b in zip(places[0][1], places[1][1], strict=True))
    camera = Ned(*(way / 0.05 for way in ned_between(before.position, after.position)))
    assert may_be_standing((velocity[0], velocity[1]), places[0][0], camera)


GROUND = Ned(20.0, 0.0, 27.0)
EASTWARD = Ned(0.0, 5.0, 0.0)


@pytest.mark.parametrize(
    ("velocity", "camera", "standing"),
    [
        ((0.0, 0.3), EASTWARD, True),  # too slow to tell
        ((0.0, -1.3), EASTWARD, True),  # just as a lamp would
        ((0.0, 1.3), EASTWARD, False),  # with the camera: nothing standing does
        ((1.3, 0.0), EASTWARD, False),
        ((0.9, -0.9), EASTWARD, False),
        ((0.0, -8.0), EASTWARD, False),  # no house is that high
        ((0.0, -1.3), Ned(0.0, 0.0, 0.0), False),  # a camera that hangs still sees no parallax
        ((-1.0, 0.0), Ned(0.0, 0.0, -2.0), True),  # climbing, high things seem to come nearer
        ((1.0, 0.0), Ned(0.0, 0.0, -2.0), False),
    ],
)
def test_directions(velocity: tuple[float, float], camera: Ned, standing: bool) -> None:
    assert may_be_standing(velocity, GROUND, camera) == standing


def test_the_tallest_thing_is_bounded_by_the_camera_height() -> None:
    assert tallest_ratio(30.0) == pytest.approx(12 / 18)
    assert tallest_ratio(10.0) == pytest.approx(1.5)
