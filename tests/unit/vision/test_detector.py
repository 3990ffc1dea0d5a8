"""The detector and what follows it, on pictures of which the truth is known."""

from __future__ import annotations

import math
from collections import Counter

import cv2
import msgspec
import numpy as np
import pytest

from onboard.vision.cameras.camera import Frame, Image
from onboard.vision.cameras.fake import textured_ground
from onboard.vision.configuration import CameraConfig, DetectorConfig
from onboard.vision.detection import Job, Lookout, rest_reason
from onboard.vision.detector import Box, MovingTargetDetector, joined
from onboard.vision.motion import CameraMotion, carried
from onboard.vision.poses import Poses
from tests.unit.vision.scenes import HOME, Scene, Thing, orbit_pose
from wire.geo import ned_between
from wire.messages import Detection, Pose

PERIOD_S = 2 / 15
POSE = orbit_pose(0.0)


def pictures(
    homography: np.ndarray[tuple[int, ...], np.dtype[np.float64]], count: int = 24, squares: bool = True
) -> list[Image]:
    """A textured ground that the homography moves on from picture to picture, with two squares moving over it."""
    ground = textured_ground(1200, 1000)
    to_picture = np.array([[1.0, 0, -280], [0, 1, -260], [0, 0, 1]])
    found = []
    for step in range(count):
        scene = ground.copy()
        for index in range(2 if squares else 0):
            x, y = 420 + 7 * (index + 1) * step, 420 + 160 * index + 5 * step
            cv2.rectangle(scene, (x, y), (x + 12, y + 12), (250, 250, 250), -1)
        found.append(np.asarray(cv2.warpPerspective(scene, to_picture, (640, 480)), np.uint8))
        to_picture = homography @ to_picture
    return found


def rotation(angle_deg: float, scale: float = 1.0) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.vstack([cv2.getRotationMatrix2D((320, 240), angle_deg, scale), [0, 0, 1]])


MOTIONS = {
    "still": np.eye(3),
    "pan": np.array([[1, 0, -6.5], [0, 1, 3.2], [0, 0, 1]]),
    "roll": rotation(1.5),
    "climb": rotation(0.0, 0.995),
    "perspective": np.array([[1.002, 0.001, -3], [-0.002, 0.999, 2], [8e-6, -5e-6, 1]]),
}


def seen(frames: list[Image]) -> list[list[Detection] | None]:
    """What a lookout reports on frames taken from one place: all motion of the ground is then rotation of the camera."""
    lookout = Lookout(CameraConfig(), MovingTargetDetector())
    return [lookout.look(Job(Frame(frame, 10 + i * PERIOD_S, i), i, POSE, None)).objects for i, frame in enumerate(frames)]


@pytest.mark.parametrize("name", MOTIONS)
def test_squares_that_move_over_a_moving_ground_are_found_and_nothing_else(name: str) -> None:
    reports = seen(pictures(MOTIONS[name]))
    assert reports[0] is None, "one picture says nothing"
    late = [report for report in reports[14:] if report is not None]
    assert len(late) >= 8
    assert max(len(report) for report in late) <= 2
    assert sum(len(report) == 2 for report in late) >= 0.8 * len(late)
    assert len({thing.track_id for report in late for thing in report}) == 2, "each keeps its number"


@pytest.mark.parametrize("name", MOTIONS)
def test_nothing_is_found_where_only_the_camera_moves(name: str) -> None:
    reports = seen(pictures(MOTIONS[name], squares=False))
    assert [] in reports
    assert all(not report for report in reports)


def test_without_texture_nothing_is_claimed() -> None:
    lookout = Lookout(CameraConfig(), MovingTargetDetector())
    for index in range(12):
        grey = np.full((480, 640, 3), 120, np.uint8)
        detections = lookout.look(Job(Frame(grey, index * PERIOD_S, index), index, POSE, None))
        assert detections.objects is None
        assert "motion is not known" in detections.reason


def test_when_the_light_is_switched_nothing_is_claimed() -> None:
    frames = pictures(MOTIONS["pan"])
    bright = [frame if i < 15 else np.asarray(255 - frame, np.uint8) for i, frame in enumerate(frames)]
    reports = seen(bright)
    assert all(not report for report in reports[15:18]), "no swarm of objects"


def test_large_pictures_are_looked_at_small_and_reported_large() -> None:
    frames = [np.asarray(cv2.resize(frame, (1280, 960)), np.uint8) for frame in pictures(MOTIONS["still"])]
    report = seen(frames)[-1]
    small = seen(pictures(MOTIONS["still"]))[-1]
    assert report
    assert small
    assert report[0].box_px == pytest.approx([2 * side for side in small[0].box_px], abs=4)


@pytest.mark.parametrize("name", MOTIONS)
def test_camera_motion_is_measured(name: str) -> None:
    motion = CameraMotion()
    measured = [
        motion.update(np.asarray(cv2.cvtColor(frame, cv2.COLOR_BGR2GRAY), np.uint8)) for frame in pictures(MOTIONS[name])
    ]
    assert measured[0] is None
    for homography in measured[1:]:
        assert homography is not None
        for corner in ((100.0, 100.0), (540.0, 100.0), (540.0, 380.0), (100.0, 380.0)):
            assert carried(homography, *corner) == pytest.approx(carried(MOTIONS[name], *corner), abs=0.5)


def test_boxes_that_nearly_touch_are_one() -> None:
    assert joined([Box(0, 0, 10, 10), Box(30, 0, 10, 10), Box(11, 2, 18, 4)]) == [Box(0, 0, 40, 10)]
    assert len(joined([Box(0, 0, 10, 10), Box(20, 0, 10, 10)])) == 2


class Flight:
    """An orbit over a scene, looked at from above: what was reported when, beside the truth."""

    def __init__(self, things: list[Thing], seconds: float = 9.0) -> None:
        scene = Scene(things)
        lookout, poses = Lookout(CameraConfig(), MovingTargetDetector()), Poses()
        self.reports: list[tuple[float, list[Detection]]] = []
        for index in range(round(seconds / PERIOD_S)):
            time_s = index * PERIOD_S
            pose = orbit_pose(time_s, shake_rad=0.015)
            poses.add(pose)
            frame = scene.frame(pose, time_s, index)
            detections = lookout.look(Job(frame, index, pose, poses.velocity_ned_m_s(time_s)))
            if detections.objects is not None:
                self.reports.append((detections.captured_s, detections.objects))

    def near(self, thing: Thing, within_m: float = 2.0) -> list[Detection]:
        found = []
        for time_s, objects in self.reports:
            for each in objects:
                assert each.position is not None
                place = ned_between(HOME, each.position)
                north, east = thing.place(time_s)
                if math.hypot(place.north_m - north, place.east_m - east) < within_m:
                    found.append(each)
        return found

    @property
    def total(self) -> int:
        return sum(len(objects) for _, objects in self.reports)


def test_people_and_cars_are_found_where_they_are_and_how_they_move() -> None:
    walkers = [Thing(-4, 3, (1.2, 0.6)), Thing(6, -4, (-0.8, 1.1), grey=40)]
    car = Thing(0, -30, (0.0, 8.0), (1.9, 4.4), 1.5)
    flight = Flight([*walkers, car])
    for thing in (*walkers, car):
        reports = flight.near(thing, 2.5)
        kinds = Counter(each.kind for each in reports)
        assert sum(kinds.values()) >= 8
        assert kinds.most_common(1)[0][0] == ("vehicle" if thing is car else "person")
        off = sorted(
            math.dist((each.velocity_north_m_s or 0.0, each.velocity_east_m_s or 0.0), thing.velocity_m_s) for each in reports
        )
        assert off[len(off) // 2] < 0.25 * math.hypot(*thing.velocity_m_s) + 0.2
    assert sum(len(flight.near(thing, 2.5)) for thing in (*walkers, car)) >= 0.95 * flight.total


def test_houses_lamps_and_parked_cars_do_not_move() -> None:
    houses = [
        Thing(8, -12, size_m=(12, 9), height_m=8.8, textured=True, grey=180),
        Thing(-16, 10, size_m=(9, 14), height_m=6.0, textured=True, grey=140),
    ]
    small = [Thing(-5, -10, size_m=(0.3, 0.3), height_m=6.0, grey=90), Thing(2, 3, size_m=(4.4, 1.9), height_m=1.5)]
    flight = Flight([*houses, *small])
    assert len(flight.reports) > 40
    assert flight.total <= 0.03 * len(flight.reports)


@pytest.mark.parametrize(
    ("pose", "reason"),
    [
        (None, "not known"),
        (msgspec.structs.replace(POSE, airborne=False), "on the ground"),
        (msgspec.structs.replace(POSE, height_m=2.9), "below 3 m"),
        (msgspec.structs.replace(POSE, height_m=None, ground_amsl_m=None), "the height is not known"),
    ],
)
def test_when_the_detector_rests_it_says_why(pose: Pose | None, reason: str) -> None:
    assert reason in rest_reason(DetectorConfig(), pose)


def test_in_the_air_it_works_unless_switched_off() -> None:
    assert rest_reason(DetectorConfig(), POSE) == ""
    assert rest_reason(DetectorConfig(), msgspec.structs.replace(POSE, height_m=None)) == ""
    assert "switched off" in rest_reason(DetectorConfig(kind="none"), POSE)
