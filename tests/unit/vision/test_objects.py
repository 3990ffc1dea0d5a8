"""What is said of a track."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from onboard.vision.detector import Box
from onboard.vision.geolocation import View, ground_ned
from onboard.vision.objects import Velocity, ground_velocity, judge, kind, plausible, report, size_m
from onboard.vision.tracker import Track, Tracker
from tests.unit.vision.scenes import CAMERA, HOME, orbit_pose
from wire.geo import Ned, ned_between, offset

HOVERING = View(CAMERA, orbit_pose(0.0), Ned(0.0, 0.0, 0.0))
BLIND = View(CAMERA, msgspec.structs.replace(orbit_pose(0.0), ground_amsl_m=None), None)
SLOW, FAST = Velocity(1.0, 1.0, 0.1), Velocity(0.0, -8.0, 0.1)


@pytest.mark.parametrize(
    ("size", "velocity", "expected"),
    [
        (1.7, SLOW, "person"),
        (1.7, None, "person"),
        (1.7, FAST, "moving"),
        (4.4, FAST, "vehicle"),
        (4.4, SLOW, "vehicle"),
        (None, SLOW, "moving"),
    ],
)
def test_kinds(size: float | None, velocity: Velocity | None, expected: str) -> None:
    assert kind(size, velocity) == expected


def tracked(step_px: float, steps: int = 12, view: View = HOVERING) -> Track:
    """A thing of 12 by 16 pixels that goes right by `step_px` each 0.1 s, judged each time."""
    tracker, motion = Tracker(), np.eye(3)
    for step in range(steps):
        for track in tracker.update([Box(300 + step_px * step, 240, 12, 16)], motion, step * 0.1):
            judge(view, track)
    return tracker.tracks[0]


def test_a_moving_thing_is_reported_with_place_and_velocity() -> None:
    track = tracked(2.0)
    (found,) = report(HOVERING, [track])
    ground = ground_ned(CAMERA, HOVERING.pose, track.x.position, track.box.top + 0.9 * track.height)
    assert ground is not None
    assert found.position is not None
    expected = ned_between(HOME, offset(HOVERING.pose.position, ground))
    assert ned_between(HOME, found.position) == pytest.approx(expected, abs=0.01)
    scale = size_m(HOVERING, Box(0, 0, 1, 1))
    assert scale is not None
    assert found.velocity_north_m_s == pytest.approx(0, abs=0.1)
    assert found.velocity_east_m_s is not None
    assert -2.5 < found.velocity_east_m_s < -1.2, "the camera looks south: right is west"
    assert found.kind == "person"
    assert 0 < found.confidence <= 1


def test_a_thing_that_stays_is_not_reported() -> None:
    assert report(HOVERING, [tracked(0.0)]) == []
    assert report(HOVERING, [tracked(0.2)]) == [], "too slow to tell from errors"


def test_without_scale_a_thing_that_goes_its_own_length_is_moving_somewhere() -> None:
    (found,) = report(BLIND, [tracked(4.0, view=BLIND)])
    assert (found.kind, found.position, found.velocity_east_m_s) == ("moving", None, None)


def test_a_young_track_has_no_velocity() -> None:
    assert ground_velocity(HOVERING, tracked(2.0, steps=2)) is None


def test_sizes_that_nothing_has_are_left_out() -> None:
    assert not plausible(HOVERING, Box(300, 240, 2, 2))
    assert plausible(HOVERING, Box(300, 240, 10, 16))
    assert not plausible(HOVERING, Box(50, 50, 500, 300))
    assert plausible(BLIND, Box(300, 240, 2, 2)), "without a scale nothing can be said"
