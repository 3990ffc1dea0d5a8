"""Boxes into tracks: a constant-velocity Kalman filter in pixels, moved along with the camera, and greedy assignment."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass, field
from typing import NamedTuple

from onboard.vision.detector import Box
from onboard.vision.motion import Homography, carried

CONFIRM_HITS = 4
DROP_TENTATIVE_MISSES = 2
DROP_MISSES = 6
_ACCELERATION_PX_S2 = 60.0
_FIRST_SPEED_PX_S = 60.0
_SIZE_GAIN = 0.3
_TRAIL_S = 1.0


@dataclass
class Axis:
    """One coordinate's position and velocity in pixels, with their covariance (Bar-Shalom, Estimation, 6.3.2)."""

    position: float
    variance: float
    velocity: float = 0.0
    velocity_variance: float = _FIRST_SPEED_PX_S**2
    covariance: float = 0.0

    def predict(self, step_s: float) -> None:
        noise = _ACCELERATION_PX_S2**2
        self.position += self.velocity * step_s
        self.variance += 2 * step_s * self.covariance + step_s**2 * self.velocity_variance + noise * step_s**4 / 4
        self.covariance += step_s * self.velocity_variance + noise * step_s**3 / 2
        self.velocity_variance += noise * step_s**2

    def update(self, measured: float, noise_variance: float) -> None:
        total = self.variance + noise_variance
        gain, velocity_gain = self.variance / total, self.covariance / total
        innovation = measured - self.position
        self.position += gain * innovation
        self.velocity += velocity_gain * innovation
        self.velocity_variance -= velocity_gain * self.covariance
        self.covariance *= 1 - gain
        self.variance *= 1 - gain


class TrailPoint(NamedTuple):
    """Where a track was, carried along with the camera into the newest picture."""

    at_s: float
    x: float
    y: float


@dataclass
class Track:
    """One object. Pixels are those of the newest picture."""

    id: int
    x: Axis
    y: Axis
    width: float
    height: float
    trail: deque[TrailPoint] = field(default_factory=deque)
    """The last second, oldest first."""
    hits: int = 1
    misses: int = 0
    age: int = 1
    evidence: int = 0
    """For whoever judges whether this really moves (see objects.py)."""

    @property
    def box(self) -> Box:
        return Box(self.x.position - self.width / 2, self.y.position - self.height / 2, self.width, self.height)

    @property
    def diagonal(self) -> float:
        return math.hypot(self.width, self.height)

    @property
    def travelled_px(self) -> float:
        """Along the trail, from its oldest point."""
        return math.hypot(self.x.position - self.trail[0].x, self.y.position - self.trail[0].y)

    def predict(self, motion: Homography, step_s: float) -> None:
        """Move with the camera, then by itself."""
        x, y = self.x.position, self.y.position
        ahead = carried(motion, x + self.x.velocity * 0.1, y + self.y.velocity * 0.1)
        self.x.position, self.y.position = carried(motion, x, y)
        self.x.velocity, self.y.velocity = (ahead[0] - self.x.position) * 10, (ahead[1] - self.y.position) * 10
        self.trail = deque(TrailPoint(point.at_s, *carried(motion, point.x, point.y)) for point in self.trail)
        self.x.predict(step_s)
        self.y.predict(step_s)
        self.age += 1

    def remember(self, at_s: float) -> None:
        """Add the present place to the trail."""
        self.trail.append(TrailPoint(at_s, self.x.position, self.y.position))
        while at_s - self.trail[0].at_s > _TRAIL_S:
            self.trail.popleft()

    def update(self, box: Box) -> None:
        x, y = box.centre
        noise = 1.0 + (0.15 * math.hypot(box.width, box.height)) ** 2
        self.x.update(x, noise)
        self.y.update(y, noise)
        self.width += _SIZE_GAIN * (box.width - self.width)
        self.height += _SIZE_GAIN * (box.height - self.height)
        self.hits += 1
        self.misses = 0


class Tracker:
    """Keeps tracks with stable ids: confirmed after CONFIRM_HITS, dropped after DROP_MISSES misses in a row."""

    def __init__(self) -> None:
        self.tracks: list[Track] = []
        self._next_id = 1
        self._last_s: float | None = None

    def reset(self) -> None:
        """Forget all tracks: the camera's motion was lost. Ids are never given twice."""
        self.tracks.clear()
        self._last_s = None

    def update(self, boxes: list[Box], motion: Homography, at_s: float) -> list[Track]:
        """Take the boxes of a picture; `motion` leads to it from the one before. Returns the confirmed tracks."""
        step_s = 0.0 if self._last_s is None else at_s - self._last_s
        self._last_s = at_s
        for track in self.tracks:
            track.predict(motion, step_s)
        pairs = assign(self.tracks, boxes)
        for index, track in enumerate(self.tracks):
            if index in pairs:
                track.update(boxes[pairs[index]])
            else:
                track.misses += 1
        taken = set(pairs.values())
        self.tracks = [track for track in self.tracks if not _over(track)]
        self.tracks += [self._start(box) for index, box in enumerate(boxes) if index not in taken]
        for track in self.tracks:
            track.remember(at_s)
        return [track for track in self.tracks if track.hits >= CONFIRM_HITS]

    def _start(self, box: Box) -> Track:
        x, y = box.centre
        noise = 1.0 + (0.15 * math.hypot(box.width, box.height)) ** 2
        track = Track(self._next_id, Axis(x, noise), Axis(y, noise), box.width, box.height)
        self._next_id += 1
        return track


def _over(track: Track) -> bool:
    return track.misses > (DROP_MISSES if track.hits >= CONFIRM_HITS else DROP_TENTATIVE_MISSES)


def assign(tracks: list[Track], boxes: list[Box]) -> dict[int, int]:
    """Track index to box index, best pairs first. Small boxes seldom overlap, so nearness counts beside overlap."""
    costs = sorted(
        (cost, t, b) for t, track in enumerate(tracks) for b, box in enumerate(boxes) if (cost := _cost(track, box)) is not None
    )
    pairs: dict[int, int] = {}
    taken: set[int] = set()
    for _, t, b in costs:
        if t not in pairs and b not in taken:
            pairs[t] = b
            taken.add(b)
    return pairs


def _cost(track: Track, box: Box) -> float | None:
    """Lower is better; None: these two cannot be one."""
    x, y = box.centre
    spread = math.sqrt(track.x.variance + track.y.variance)
    gate = min(60.0, 0.6 * max(track.diagonal, math.hypot(box.width, box.height)) + 2 * spread)
    distance = math.hypot(x - track.x.position, y - track.y.position) / gate
    shared = overlap(track.box, box)
    return distance - shared if distance < 1 or shared > 0.2 else None


def overlap(a: Box, b: Box) -> float:
    """Intersection over union, 0 to 1."""
    width = min(a.left + a.width, b.left + b.width) - max(a.left, b.left)
    height = min(a.top + a.height, b.top + b.height) - max(a.top, b.top)
    if width <= 0 or height <= 0:
        return 0.0
    return width * height / (a.width * a.height + b.width * b.height - width * height)
