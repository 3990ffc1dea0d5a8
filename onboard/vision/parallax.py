"""Tells things that move from things that only stand high and are seen from a moving camera.

The homography explains the ground. A point at height h above it, seen from a camera at height H that moves horizontally with
velocity c, seems to slide along the ground with -c h / (H - h); a change of H adds a part towards or away from the point
below the camera. So a track whose velocity points just that way, and no faster than a tall house would seem to, may be a house.
"""

from __future__ import annotations

import math

from wire.geo import Ned

SLOWEST_M_S = 0.5
"""Slower tracks are not called moving: they are within the errors of pose and alignment."""
TALLEST_SHARE = 0.6
"""Of the camera's height: higher roofs are not expected inside a survey, which flies clear of them."""
_STILL_CAMERA_M_S = 0.3
_SIDEWAYS_M_S = 0.4
_SIDEWAYS_SHARE = 0.3


def apparent_direction_m_s(ground: Ned, camera_velocity: Ned) -> tuple[float, float]:
    """North and east velocity that a thing with h / (H - h) = 1 would seem to have.

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
    along = apparent_direction_m_s(ground, camera_velocity)
    speed = math.hypot(*along)
    if speed < _STILL_CAMERA_M_S:
        return False
    forward = (velocity_m_s[0] * along[0] + velocity_m_s[1] * along[1]) / speed
    sideways = abs(velocity_m_s[0] * along[1] - velocity_m_s[1] * along[0]) / speed
    tallest = TALLEST_SHARE / (1 - TALLEST_SHARE)
    return 0 < forward < tallest * speed and sideways < max(_SIDEWAYS_M_S, _SIDEWAYS_SHARE * forward)
