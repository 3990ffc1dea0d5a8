"""From a pixel to a place on the ground and back.

Pinhole camera without lens distortion, fixed on the aircraft, looking forward and down. Camera axes as in OpenCV: x right,
y down in the picture, z along the optical axis. Pixels are continuous: (0, 0) is the picture's upper left corner, its
centre is (width / 2, height / 2). The ground is level, at the pose's `ground_amsl_m`.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from wire.geo import Ned, Position, Quaternion, ned_between, offset, rotate
from wire.messages import Pose

LOWEST_SINE = math.sin(math.radians(3.0))
"""A ray less than this far below level meets the ground too far away to say where."""


@dataclass(frozen=True)
class CameraModel:
    """The intrinsics and the mount."""

    width_px: int
    height_px: int
    horizontal_fov_rad: float
    pitch_down_rad: float

    @property
    def focal_px(self) -> float:
        return self.width_px / 2 / math.tan(self.horizontal_fov_rad / 2)

    @property
    def intrinsic(self) -> npt.NDArray[np.float64]:
        """K (3 x 3): from the camera's axes to pixels."""
        return np.array([[self.focal_px, 0, self.width_px / 2], [0, self.focal_px, self.height_px / 2], [0, 0, 1]])

    def axes_ned(self, attitude: Quaternion) -> npt.NDArray[np.float64]:
        """(3 x 3): turns NED vectors into the camera's axes x, y, z."""
        cosine, sine = math.cos(self.pitch_down_rad), math.sin(self.pitch_down_rad)
        axes_frd = ((0.0, 1.0, 0.0), (-sine, 0.0, cosine), (cosine, 0.0, sine))
        return np.array([rotate(attitude, *axis) for axis in axes_frd])

    def ray_frd(self, u_px: float, v_px: float) -> tuple[float, float, float]:
        """The unit vector (forward, right, down) of the body along which a pixel looks."""
        x = (u_px - self.width_px / 2) / self.focal_px
        y = (v_px - self.height_px / 2) / self.focal_px
        length = math.sqrt(x * x + y * y + 1)
        cosine, sine = math.cos(self.pitch_down_rad), math.sin(self.pitch_down_rad)
        return ((cosine - y * sine) / length, x / length, (sine + y * cosine) / length)

    def pixel_of_frd(self, forward: float, right: float, down: float) -> tuple[float, float] | None:
        """The pixel that sees a body vector of any length, inside the picture or not; None when it is behind the camera."""
        cosine, sine = math.cos(self.pitch_down_rad), math.sin(self.pitch_down_rad)
        z = forward * cosine + down * sine
        if z <= 1e-9:
            return None
        y = down * cosine - forward * sine
        return (self.width_px / 2 + self.focal_px * right / z, self.height_px / 2 + self.focal_px * y / z)


@dataclass(frozen=True)
class View:
    """From where a picture was taken. `velocity_ned_m_s`: the camera's, None when it is not known."""

    camera: CameraModel
    pose: Pose
    velocity_ned_m_s: Ned | None = None


def ground_ned(camera: CameraModel, pose: Pose | None, u_px: float, v_px: float) -> Ned | None:
    """Where a pixel's ray meets the ground, in metres from the camera.

    None when pose or ground are unknown, the camera is not above the ground, or the pixel looks at or above the horizon.
    """
    if pose is None or pose.ground_amsl_m is None:
        return None
    above_m = pose.position.altitude_amsl_m - pose.ground_amsl_m
    north, east, down = rotate(pose.attitude, *camera.ray_frd(u_px, v_px))
    if above_m <= 0 or down < LOWEST_SINE:
        return None
    return Ned(north * above_m / down, east * above_m / down, above_m)


def ground_position(camera: CameraModel, pose: Pose | None, u_px: float, v_px: float) -> Position | None:
    """`ground_ned` as a place on the map, at the ground's altitude."""
    ned = ground_ned(camera, pose, u_px, v_px)
    return None if ned is None or pose is None else offset(pose.position, ned)


def metres_per_pixel(camera: CameraModel, pose: Pose | None, u_px: float, v_px: float) -> float | None:
    """The size, across the line of sight, of one pixel on something that stands at that pixel's place on the ground."""
    ned = ground_ned(camera, pose, u_px, v_px)
    if ned is None:
        return None
    x = (u_px - camera.width_px / 2) / camera.focal_px
    y = (v_px - camera.height_px / 2) / camera.focal_px
    depth_m = math.sqrt(sum(way_m * way_m for way_m in ned)) / math.sqrt(x * x + y * y + 1)
    return depth_m / camera.focal_px


def pixel_of(camera: CameraModel, pose: Pose, position: Position) -> tuple[float, float] | None:
    """The pixel (u, v) that sees a position, inside the picture or not; None when it is behind the camera."""
    way = ned_between(pose.position, position)
    return camera.pixel_of_frd(*rotate(inverse(pose.attitude), *way))


def inverse(q: Quaternion) -> Quaternion:
    return (q[0], -q[1], -q[2], -q[3])
