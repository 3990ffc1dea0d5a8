"""The world's camera against itself, against plain geometry, and against the one that vision assumes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from onboard.vision.geolocation import CameraModel
from sitl.world.camera import Camera, clipped
from wire.geo import Quaternion, quaternion_from_euler, rotate

CAMERA = Camera(640, 480, 70.0, 45.0)

angles = st.floats(-math.pi, math.pi)
tilts = st.floats(-0.4, 0.4)
attitudes = st.builds(quaternion_from_euler, tilts, tilts, angles)
places = st.tuples(st.floats(-100, 100), st.floats(-100, 100), st.floats(1, 60))


@given(places, attitudes, st.floats(0, 640), st.floats(0, 480))
def test_a_pixels_ray_meets_the_ground_where_the_ground_projects(
    place: tuple[float, float, float], attitude: Quaternion, x_px: float, y_px: float
) -> None:
    view = CAMERA.view(place, attitude)
    ray = view.ray(x_px, y_px)
    if ray[2] > -0.05:
        return
    ground = view.centre_enu_m - ray * (place[2] / ray[2])
    assert ground[2] == pytest.approx(0, abs=1e-9)
    assert view.project(tuple(ground)) == pytest.approx((x_px, y_px), abs=1e-6)
    homogeneous = view.plane_homography(np.zeros(3), np.array((1.0, 0, 0)), np.array((0, 1.0, 0))) @ (ground[0], ground[1], 1)
    assert homogeneous[:2] / homogeneous[2] == pytest.approx((x_px, y_px), abs=1e-6)


@given(attitudes, st.floats(0, 640), st.floats(0, 480), st.floats(0, 90), st.floats(40, 100))
def test_it_is_the_camera_that_vision_assumes(
    attitude: Quaternion, x_px: float, y_px: float, pitch_down_deg: float, hfov_deg: float
) -> None:
    view = Camera(640, 480, hfov_deg, pitch_down_deg).view((0.0, 0.0, 10.0), attitude)
    model = CameraModel(640, 480, math.radians(hfov_deg), math.radians(pitch_down_deg))
    north, east, down = rotate(attitude, *model.ray_frd(x_px, y_px))
    assert view.ray(x_px, y_px) == pytest.approx((east, north, -down), abs=1e-9)


def test_level_and_facing_north_the_axis_points_north_and_down() -> None:
    view = CAMERA.view((0.0, 0.0, 10.0), (1.0, 0.0, 0.0, 0.0))
    assert view.project((0.0, 10.0, 0.0)) == pytest.approx((320, 240))
    right = view.project((1.0, 10.0, 0.0))
    assert right is not None
    assert right[0] == pytest.approx(320 + CAMERA.focal_px / math.hypot(10, 10))
    assert view.project((0.0, -20.0, 10.0)) is None


@given(st.lists(st.tuples(st.floats(-10, 10), st.floats(-10, 10)), min_size=3, max_size=3), st.floats(-9, 9))
def test_clipping_keeps_only_what_is_on_the_right_side(corners: list[tuple[float, float]], least: float) -> None:
    kept = clipped(np.array(corners), least)
    assert (kept[:, 1] >= least - 1e-6).all()
    assert all(corner in kept.tolist() for corner in map(list, corners) if corner[1] >= least)
    assert (len(kept) == 0) == all(corner[1] < least for corner in corners)
