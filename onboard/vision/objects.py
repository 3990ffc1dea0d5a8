"""Tracks into what is reported: only what has shown that it moves, with its kind by size and its place on the map."""

from __future__ import annotations

from dataclasses import dataclass

from onboard.vision.detector import Box
from onboard.vision.geolocation import CameraModel, ground_ned, metres_per_pixel
from onboard.vision.parallax import may_be_standing
from onboard.vision.tracker import Track
from wire.geo import Ned, offset
from wire.messages import Detection, Pose

SMALLEST_M, PERSON_M, LARGEST_M = 0.3, 2.4, 15.0
"""The longer side of what is looked at: smaller is noise, up to PERSON_M is a person, up to LARGEST_M a vehicle."""
_MOVED_PX, _MOVED_SHARE = 3.0, 0.25
_ENOUGH_EVIDENCE, _MOST_EVIDENCE = 3, 12
_COASTING_MISSES = 2
_AHEAD_S = 0.5


@dataclass(frozen=True)
class View:
    """From where a picture was taken. Pose and camera are those of the picture that the tracks' pixels belong to."""

    camera: CameraModel
    pose: Pose
    velocity_ned_m_s: Ned | None


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
    moved = track.travelled_px >= max(_MOVED_PX, _MOVED_SHARE * track.diagonal)
    velocity = ground_velocity_m_s(view, track)
    ground = ground_ned(view.camera, view.pose, *foot(track.box))
    if velocity is not None and ground is not None and view.velocity_ned_m_s is not None:
        moved = moved and not may_be_standing(velocity, ground, view.velocity_ned_m_s)
    track.evidence = max(0, min(_MOST_EVIDENCE, track.evidence + (1 if moved else -1)))


def ground_velocity_m_s(view: View, track: Track) -> tuple[float, float] | None:
    """North and east velocity, by the camera-compensated motion in the picture; None when the scale is not known."""
    u, v = foot(track.box)
    here = ground_ned(view.camera, view.pose, u, v)
    there = ground_ned(view.camera, view.pose, u + track.x.velocity * _AHEAD_S, v + track.y.velocity * _AHEAD_S)
    if here is None or there is None:
        return None
    return (there.north_m - here.north_m) / _AHEAD_S, (there.east_m - here.east_m) / _AHEAD_S


def report(view: View, tracks: list[Track]) -> list[Detection]:
    """What is there to tell of confirmed tracks."""
    return [
        _detection(view, track)
        for track in tracks
        if track.evidence >= _ENOUGH_EVIDENCE and track.misses <= _COASTING_MISSES and plausible(view, track.box)
    ]


def _detection(view: View, track: Track) -> Detection:
    ground = ground_ned(view.camera, view.pose, *foot(track.box))
    velocity = ground_velocity_m_s(view, track)
    return Detection(
        track_id=track.id,
        kind=kind(size_m(view, track.box)),
        confidence=round(track.hits / track.age * track.evidence / _MOST_EVIDENCE, 3),
        box_px=(track.box.left, track.box.top, track.width, track.height),
        position=None if ground is None else offset(view.pose.position, ground),
        velocity_north_m_s=None if velocity is None else velocity[0],
        velocity_east_m_s=None if velocity is None else velocity[1],
    )


def kind(longer_side_m: float | None) -> str:
    """By size alone: "person", "vehicle", or "moving" when the size is not known."""
    if longer_side_m is None:
        return "moving"
    return "person" if longer_side_m <= PERSON_M else "vehicle"
