"""Tracks keep their numbers."""

from __future__ import annotations

import random

import numpy as np
import pytest

from onboard.vision.detector import Box
from onboard.vision.motion import Homography
from onboard.vision.tracker import CONFIRM_HITS, DROP_MISSES, Axis, Tracker, overlap

PERIOD_S = 0.1
STILL: Homography = np.eye(3)
PAN: Homography = np.array([[1.0, 0, -11.0], [0, 1, 7.0], [0, 0, 1]])


def box(x: float, y: float, size: float = 12.0) -> Box:
    return Box(x - size / 2, y - size / 2, size, size)


def test_a_track_is_confirmed_after_some_hits_and_dropped_after_some_misses() -> None:
    tracker = Tracker()
    confirmed = [tracker.update([box(100 + 3 * i, 50)], STILL, i * PERIOD_S) for i in range(CONFIRM_HITS + 2)]
    assert [len(tracks) for tracks in confirmed] == [0] * (CONFIRM_HITS - 1) + [1, 1, 1]
    missed = [len(tracker.update([], STILL, (10 + i) * PERIOD_S)) for i in range(DROP_MISSES + 2)]
    assert missed == [1] * DROP_MISSES + [0, 0]


def test_a_flash_is_soon_forgotten() -> None:
    tracker = Tracker()
    tracker.update([box(100, 100)], STILL, 0.0)
    for step in range(1, 5):
        assert tracker.update([], STILL, step * PERIOD_S) == []
    assert tracker.tracks == []


@pytest.mark.parametrize("motion", [STILL, PAN])
def test_twenty_things_keep_their_numbers_through_misses_and_camera_motion(motion: Homography) -> None:
    noise = random.Random(3)
    things = [(60.0 + 110 * (i % 5), 60.0 + 100 * (i // 5), noise.uniform(-4, 4), noise.uniform(-4, 4)) for i in range(20)]
    tracker, camera = Tracker(), np.eye(3)
    numbers: list[set[int]] = [set() for _ in things]
    for step in range(40):
        camera = motion @ camera if step else camera
        places = []
        for x, y, vx, vy in things:
            place = camera @ np.array([x + vx * step * 0.3, y + vy * step * 0.3, 1.0])
            places.append((float(place[0]), float(place[1])))
        boxes = [box(x + noise.gauss(0, 0.7), y + noise.gauss(0, 0.7)) for x, y in places if noise.random() > 0.1]
        noise.shuffle(boxes)
        for track in tracker.update(boxes, motion if step else STILL, step * PERIOD_S):
            distances = [abs(track.x.position - x) + abs(track.y.position - y) for x, y in places]
            numbers[distances.index(min(distances))].add(track.id)
    assert all(len(each) == 1 for each in numbers)
    assert len(set.union(*numbers)) == 20


def test_things_that_cross_keep_their_numbers() -> None:
    tracker = Tracker()
    for step in range(30):
        boxes = [box(100 + 6 * step, 100 + 2 * step), box(280 - 6 * step, 100 + 2.5 * step)]
        tracks = tracker.update(boxes[:: 1 if step % 2 else -1], STILL, step * PERIOD_S)
    assert sorted((track.id, round(track.x.velocity / 10)) for track in tracks) in ([(1, -6), (2, 6)], [(1, 6), (2, -6)])


def test_the_trail_is_carried_along_with_the_camera() -> None:
    tracker, x, y = Tracker(), 300.0, 100.0
    for step in range(12):
        tracks = tracker.update([box(x, y)], PAN if step else STILL, step * PERIOD_S)
        x, y = x - 11, y + 7
    assert tracks[0].travelled_px < 1.0, "it stands on the ground; only the camera moved"
    assert tracks[0].trail[-1].at_s - tracks[0].trail[0].at_s <= 1.0 + 1e-9


def test_numbers_are_never_given_twice() -> None:
    tracker = Tracker()
    tracker.update([box(10, 10), box(90, 90)], STILL, 0.0)
    tracker.reset()
    tracker.update([box(10, 10)], STILL, 1.0)
    assert [track.id for track in tracker.tracks] == [3]


def test_a_kalman_axis_learns_a_steady_velocity() -> None:
    axis = Axis(0.0, 4.0)
    for step in range(1, 40):
        axis.predict(0.1)
        axis.update(2.5 * step, 4.0)
    assert axis.velocity == pytest.approx(25, rel=0.02)
    assert 0 < axis.variance < 4


def test_overlap() -> None:
    assert overlap(Box(0, 0, 10, 10), Box(0, 0, 10, 10)) == 1
    assert overlap(Box(0, 0, 10, 10), Box(5, 0, 10, 10)) == pytest.approx(1 / 3)
    assert overlap(Box(0, 0, 10, 10), Box(10, 0, 10, 10)) == 0
