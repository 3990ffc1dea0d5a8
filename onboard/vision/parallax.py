"""Tells things that move from things that only stand high and are seen from a moving camera.

The homography explains the ground. A point at height h above it, seen from a camera at height H, seems to slide along the
ground as if it were at h / (H - h) times the camera's own way, backwards. In pictures that gives one more homography for each
height, all of one family (plane and parallax: Irani and Anandan, 1998); in a track's velocity it gives one direction.
"""

from __future__ import annotations

import math

import numpy as np

from onboard.vision.geolocation import View
from onboard.vision.motion import Homography
from wire.geo import Ned, ned_between

SLOWEST_M_S = 0.5
"""Slower tracks are not called moving: they are within the errors of pose and alignment."""
TALLEST_M, TALLEST_SHARE = 12.0, 0.6
"""Nothing higher, and nothing higher than this share of the camera's height, is expected where a survey flies."""
STEP_PX = 3.0
"""Between neighbouring heights, where it is most."""
MOST_PLANES = 20
_STILL_CAMERA_M_S = 0.3
_SIDEWAYS_M_S, _SIDEWAYS_SHARE = 0.3, 0.2


def tallest_ratio(height_m: float) -> float:
    """The largest h / (H - h) that is expected, for a camera at H = `height_m` above the ground."""
    tallest_m = min(TALLEST_M, TALLEST_SHARE * height_m)
    return tallest_m / (height_m - tallest_m)


def plane_homographies(ground: Homography, earlier: View, later: View) -> list[Homography]:
    """From the earlier picture to the later one: `ground` as it was measured, then those of level planes above it.

    Seen by a camera at d above the ground, a plane at height h has K (R + t n' / (d - h)) / K. That is the ground's plus
    K t n' / K times h / (d - h) / d, for which poses need to be right by a few percent only. Without a known ground there is
    only the measured one.
    """
    ground_m = earlier.pose.ground_amsl_m
    above_m = 0.0 if ground_m is None else earlier.pose.position.altitude_amsl_m - ground_m
    if above_m < 1.0:
        return [ground]
    intrinsic = earlier.camera.intrinsic
    way = np.array(ned_between(earlier.pose.position, later.pose.position))
    translation = -later.camera.axes_ned(later.pose.attitude) @ way
    normal = earlier.camera.axes_ned(earlier.pose.attitude)[:, 2]
    scaled = ground * np.cbrt((1 - way[2] / above_m) / np.linalg.det(ground))  # det of R + t n' / d is that ratio of heights
    most = intrinsic @ np.outer(translation, normal) @ np.linalg.inv(intrinsic) * (tallest_ratio(above_m) / above_m)
    width, height = earlier.camera.width_px, earlier.camera.height_px
    samples = np.array([[width / 2, width / 2], [height / 2, height], [1.0, 1.0]])  # the middle and the lower edge's
    low, high = scaled @ samples, (scaled + most) @ samples
    if min(*low[2], *high[2]) <= 0:
        return [ground]
    apart_px = float(np.hypot(*(high[:2] / high[2] - low[:2] / low[2])).max())
    count = min(MOST_PLANES, math.ceil(apart_px / STEP_PX))
    return [ground, *(scaled + most * (index + 1) / count for index in range(count))]


def apparent_velocity_m_s(ground: Ned, camera_velocity: Ned) -> tuple[float, float]:
    """North and east velocity that a standing thing with h / (H - h) = 1 would seem to have.

    `ground`: from the camera to the point on the ground behind it (its `down_m` is H); `camera_velocity` in NED.
    """
    sink = -camera_velocity.down_m / ground.down_m  # relative rate of change of H
    return (
        -(camera_velocity.north_m + ground.north_m * sink),
        -(camera_velocity.east_m + ground.east_m * sink),
    )


def may_be_standing(velocity_m_s: tuple[float, float], ground: Ned, camera_velocity: Ned) -> bool:
    """Whether a track's ground velocity (north, east) is what a standing thing would seem to have."""
    if math.hypot(*velocity_m_s) < SLOWEST_M_S:
        return True
    along = apparent_velocity_m_s(ground, camera_velocity)
    speed = math.hypot(*along)
    if speed < _STILL_CAMERA_M_S:
        return False
    forward = (velocity_m_s[0] * along[0] + velocity_m_s[1] * along[1]) / speed
    sideways = abs(velocity_m_s[0] * along[1] - velocity_m_s[1] * along[0]) / speed
    return 0 < forward < tallest_ratio(ground.down_m) * speed and sideways < max(_SIDEWAYS_M_S, _SIDEWAYS_SHARE * forward)
