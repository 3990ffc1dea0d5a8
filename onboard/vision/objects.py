"""Tracks into what is reported: only what has shown that it moves, with its kind by size and its place on the map."""

from __future__ import annotations

import math
from typing import NamedTuple

from onboard.vision.detector import Box
from onboard.vision.geolocation import View, ground_ned, metres_per_pixel
from onboard.vision.parallax import SLOWEST_M_S, may_be_standing
from onboard.vision.tracker import Track
from wire.geo import offset
from wire.messages import Detection

SMALLEST_M, PERSON_M, LARGEST_M = 0.4, 2.4, 15.0
"""The longer side of what is looked at: smaller is noise, up to PERSON_M is a person, up to LARGEST_M a vehicle."""
RUNNING_M_S = 5.0
"""Faster than this, a small thing is not called a person: part of a car is more likely."""
_ENOUGH_EVIDENCE, _MOST_EVIDENCE = 3, 12
_COASTING_MISSES = 2
_SHORTEST_TRAIL_S, _FEWEST_POINTS = 0.35, 4


class Velocity(NamedTuple):
    """Over the ground, and the standard deviation of each component."""

    north_m_s: float
    east_m_s: float
    deviation_m_s: float


def size_m(view: View, box: Box) -> float | None:
    """The longer side in metres, or None when the scale is not known."""
    scale = metres_per_pixel(view.camera, view.pose, *foot(box))
    return None if scale is None else scale * max(box.width, box.height)


def plausible(view: View, box: Box) -> bool:
    """Whether a box has the size of something that is looked for. Without a scale everything may be."""
    size = size_m(view, box)
    return size is None or SMALLEST_M <= size <= LARGEST_M


def foot(box: Box) -> tuple[float, float]:
    """The pixel where an object stands on the ground: the middle of the lower edge, a little inside."""
    return box.left + box.width / 2, box.top + 0.9 * box.height


def judge(view: View, track: Track) -> None:
    """Count for or against the track's being a moving thing."""
    track.evidence = max(0, min(_MOST_EVIDENCE, track.evidence + (1 if _moves(view, track) else -1)))


def _moves(view: View, track: Track) -> bool:
    velocity = ground_velocity(view, track)
    ground = ground_ned(view.camera, view.pose, *foot(track.box))
    if velocity is None or ground is None:
        return track.travelled_px > track.diagonal  # the scale is not known
    speed_m_s = math.hypot(velocity.north_m_s, velocity.east_m_s)
    if speed_m_s < SLOWEST_M_S + velocity.deviation_m_s or velocity.deviation_m_s > 0.1 + 0.3 * speed_m_s:
        return False
    camera = view.velocity_ned_m_s
    return camera is None or not may_be_standing((velocity.north_m_s, velocity.east_m_s), ground, camera)


def ground_velocity(view: View, track: Track) -> Velocity | None:
    """By a straight line (least squares) through the track's trail on the ground; None when it is too short or without scale.

    The trail was carried along with the camera in the picture, so that errors of pose do not look like motion.
    """
    newest_s = track.trail[-1].at_s
    if len(track.trail) < _FEWEST_POINTS or newest_s - track.trail[0].at_s < _SHORTEST_TRAIL_S:
        return None
    down_px = 0.4 * track.height
    places = [ground_ned(view.camera, view.pose, point.x, point.y + down_px) for point in track.trail]
    known = [(place.north_m, place.east_m) for place in places if place is not None]
    if len(known) < len(places):
        return None
    count = len(known)
    mean_s = sum(point.at_s for point in track.trail) / count
    times_s = [point.at_s - mean_s for point in track.trail]
    spread = sum(time_s * time_s for time_s in times_s)
    slopes, residual = [], 0.0
    for axis in (0, 1):
        mean_m = sum(place[axis] for place in known) / count
        slope = sum(t * (place[axis] - mean_m) for t, place in zip(times_s, known, strict=True)) / spread
        residual += sum((place[axis] - mean_m - slope * t) ** 2 for t, place in zip(times_s, known, strict=True))
        slopes.append(slope)
    return Velocity(slopes[0], slopes[1], math.sqrt(residual / (count - 2) / spread))


def report(view: View, tracks: list[Track]) -> list[Detection]:
    """What is there to tell of confirmed tracks."""
    return [
        _detection(view, track)
        for track in tracks
        if track.evidence >= _ENOUGH_EVIDENCE and track.misses <= _COASTING_MISSES and plausible(view, track.box)
    ]


def _detection(view: View, track: Track) -> Detection:
    ground = ground_ned(view.camera, view.pose, *foot(track.box))
    velocity = ground_velocity(view, track)
    return Detection(
        track_id=track.id,
        kind=kind(size_m(view, track.box), velocity),
        confidence=round(track.hits / track.age * track.evidence / _MOST_EVIDENCE, 3),
        box_px=(track.box.left, track.box.top, track.width, track.height),
        position=None if ground is None else offset(view.pose.position, ground),
        velocity_north_m_s=None if velocity is None else velocity.north_m_s,
        velocity_east_m_s=None if velocity is None else velocity.east_m_s,
    )


def kind(longer_side_m: float | None, velocity: Velocity | None) -> str:
    """By size and speed alone: "person", "vehicle", or "moving" where the size is not known or the thing too fast for it."""
    if longer_side_m is None:
        return "moving"
    if longer_side_m > PERSON_M:
        return "vehicle"
    fast = velocity is not None and math.hypot(velocity.north_m_s, velocity.east_m_s) > RUNNING_M_S
    return "moving" if fast else "person"
