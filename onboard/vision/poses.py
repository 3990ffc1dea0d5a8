"""Where the aircraft was when a frame was taken: poses come at 20 Hz, frames in between."""

from __future__ import annotations

import math
from collections import deque

import msgspec

from wire.geo import Ned, Quaternion, ned_between, offset
from wire.messages import Pose

AHEAD_S = 0.15
"""How far past the newest pose one is carried on: three periods. Further, the place is not known."""
GAP_S = 0.5
"""Poses further apart than this say nothing about the time between them."""
_KEPT = 64


class Poses:
    """The newest poses, by time."""

    def __init__(self) -> None:
        self._poses: deque[Pose] = deque(maxlen=_KEPT)

    def add(self, pose: Pose) -> None:
        """A pose that is older than the newest means that its sender's clock began anew: what was known is forgotten."""
        if self._poses and pose.at_s < self._poses[-1].at_s - GAP_S:
            self._poses.clear()
        if not self._poses or pose.at_s > self._poses[-1].at_s:
            self._poses.append(pose)

    def at(self, time_s: float) -> Pose | None:
        """The pose at `time_s`: interpolated, or carried on by at most AHEAD_S, or None when it is not known."""
        if not self._poses or time_s < self._poses[0].at_s:
            return None
        newest = self._poses[-1]
        if time_s > newest.at_s + AHEAD_S:
            return None
        if len(self._poses) == 1:
            return newest
        after = next((i for i in range(len(self._poses) - 1, 0, -1) if self._poses[i - 1].at_s <= time_s), 1)
        return _between(self._poses[after - 1], self._poses[after], time_s)

    def velocity_ned_m_s(self, time_s: float, window_s: float = 0.4) -> Ned | None:
        """The mean velocity over the `window_s` before `time_s`, or None when a pose at either end is not known."""
        now, before = self.at(time_s), self.at(time_s - window_s)
        if now is None or before is None:
            return None
        return Ned(*(way_m / window_s for way_m in ned_between(before.position, now.position)))


def _between(before: Pose, after: Pose, time_s: float) -> Pose | None:
    """At `time_s`, which may lie a little past `after`. What is not a quantity is the later pose's."""
    period_s = after.at_s - before.at_s
    share = (time_s - before.at_s) / period_s
    if period_s > GAP_S:
        return after if share >= 1 else None
    way = ned_between(before.position, after.position)
    height_m = after.height_m
    if before.height_m is not None and after.height_m is not None:
        height_m = before.height_m + share * (after.height_m - before.height_m)
    return msgspec.structs.replace(
        after,
        at_s=time_s,
        position=offset(before.position, Ned(*(share * way_m for way_m in way))),
        attitude=slerp(before.attitude, after.attitude, share),
        height_m=height_m,
    )


def slerp(a: Quaternion, b: Quaternion, share: float) -> Quaternion:
    """From `a` (share 0) to `b` (share 1) at constant angular velocity, and past `b` for shares over 1.

    Shoemake, Animating rotation with quaternion curves, 1985.
    """
    cosine = sum(x * y for x, y in zip(a, b, strict=True))
    if cosine < 0:
        b, cosine = (-b[0], -b[1], -b[2], -b[3]), -cosine
    angle_rad = math.acos(min(1.0, cosine))
    if angle_rad < 1e-6:
        return b
    weight_a = math.sin((1 - share) * angle_rad) / math.sin(angle_rad)
    weight_b = math.sin(share * angle_rad) / math.sin(angle_rad)
    mixed = [weight_a * x + weight_b * y for x, y in zip(a, b, strict=True)]
    length = math.sqrt(sum(x * x for x in mixed))
    return (mixed[0] / length, mixed[1] / length, mixed[2] / length, mixed[3] / length)
