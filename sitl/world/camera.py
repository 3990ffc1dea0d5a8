"""A pinhole camera fixed to the aircraft's body, and what one look through it is.

Square pixels, principal point in the middle, f = (width / 2) / tan(hfov / 2). The optical axis is the body's forward axis
turned down by the pitch; image right is body right. Camera frame: right, down, along the axis. Pixel coordinates are
continuous: (0, 0) is the picture's upper left corner, so the pixel in column i has its middle at i + 0.5.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sitl.world.configuration import CameraConfig
from wire.geo import Quaternion, rotate

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Camera:
    width: int
    height: int
    hfov_deg: float
    pitch_down_deg: float

    @property
    def focal_px(self) -> float:
        return self.width / 2 / math.tan(math.radians(self.hfov_deg) / 2)

    def view(self, position_enu_m: tuple[float, float, float], attitude: Quaternion) -> View:
        """The view from a place in the town frame with an FRD-to-NED attitude."""
        sine, cosine = math.sin(math.radians(self.pitch_down_deg)), math.cos(math.radians(self.pitch_down_deg))
        axes_frd = ((0.0, 1.0, 0.0), (-sine, 0.0, cosine), (cosine, 0.0, sine))
        axes_ned = (rotate(attitude, *axis) for axis in axes_frd)
        return View(self, np.array(position_enu_m), np.array([(east, north, -down) for north, east, down in axes_ned]))


def camera_of(config: CameraConfig) -> Camera:
    return Camera(config.width, config.height, config.hfov_deg, config.pitch_down_deg)


@dataclass(frozen=True)
class View:
    """`rotation` (3, 3) turns town frame vectors into the camera's; `centre_enu_m` (3,) is where the camera is."""

    camera: Camera
    centre_enu_m: Array
    rotation: Array

    @property
    def intrinsic(self) -> Array:
        """K (3, 3): from camera frame to pixels."""
        f = self.camera.focal_px
        return np.array([[f, 0, self.camera.width / 2], [0, f, self.camera.height / 2], [0, 0, 1]])

    def to_camera(self, points_enu_m: Array) -> Array:
        """Town frame points (..., 3) in the camera frame; the last is the depth in metres."""
        return np.asarray((points_enu_m - self.centre_enu_m) @ self.rotation.T, np.float64)

    def pixels(self, camera_m: Array) -> Array:
        """Camera frame points (..., 3), all in front, as pixels (..., 2)."""
        centre = np.array((self.camera.width / 2, self.camera.height / 2))
        return np.asarray(camera_m[..., :2] / camera_m[..., 2:] * self.camera.focal_px + centre, np.float64)

    def project(self, point_enu_m: tuple[float, float, float]) -> tuple[float, float] | None:
        """One point's pixel, or None when it is not in front of the camera."""
        camera_m = self.to_camera(np.array(point_enu_m))
        if camera_m[2] <= 1e-6:
            return None
        x, y = self.pixels(camera_m)
        return float(x), float(y)

    def ray(self, x_px: float, y_px: float) -> Array:
        """The unit vector (3,) in the town frame that a pixel looks along."""
        f = self.camera.focal_px
        camera = np.array(((x_px - self.camera.width / 2) / f, (y_px - self.camera.height / 2) / f, 1.0))
        return np.asarray(self.rotation.T @ (camera / np.linalg.norm(camera)), np.float64)

    def plane_homography(self, origin_enu_m: Array, u_enu: Array, v_enu: Array) -> Array:
        """(3, 3), from plane coordinates (u, v, 1) of origin + u * U + v * V to homogeneous pixels; the third is the depth."""
        columns = np.stack((u_enu, v_enu, origin_enu_m - self.centre_enu_m), axis=1)
        return np.asarray(self.intrinsic @ self.rotation @ columns, np.float64)


def clipped(polygon: Array, least: float) -> Array:
    """The part (K, D) of a convex polygon (N, D) whose last coordinate is at least `least` (Sutherland and Hodgman, 1974)."""
    inside = polygon[:, -1] >= least
    if inside.all():
        return polygon
    points = []
    for index in range(len(polygon)):
        a, b = polygon[index - 1], polygon[index]
        if inside[index - 1] != inside[index]:
            points.append(a + (b - a) * ((least - a[-1]) / (b[-1] - a[-1])))
        if inside[index]:
            points.append(b)
    return np.array(points).reshape(-1, polygon.shape[1])
