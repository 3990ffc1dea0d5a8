"""The detector's way from a frame to a message."""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import msgspec
import numpy as np

from onboard.vision.cameras.camera import Frame, Image
from onboard.vision.configuration import CameraConfig, DetectorConfig
from onboard.vision.detector import Detector, Found, Scene
from onboard.vision.geolocation import CameraModel, View
from onboard.vision.motion import CameraMotion
from onboard.vision.objects import judge, plausible, report
from onboard.vision.tracker import Tracker
from wire.geo import Ned
from wire.messages import Detection, Detections, Pose

LONGEST_STEP_S = 0.6
"""After a longer pause, all begins anew."""
WIDTH_PX = 640
"""Wider pictures are made smaller before they are looked at."""


class Job(NamedTuple):
    """A frame to look at. `velocity_ned_m_s`: the camera's, where known."""

    frame: Frame
    sequence: int
    pose: Pose
    velocity_ned_m_s: Ned | None


def rest_reason(config: DetectorConfig, pose: Pose | None) -> str:
    """Why the detector does not run on a frame, or '' when it does."""
    if config.kind == "none":
        return "the detector is switched off"
    if pose is None:
        return "the aircraft's position is not known"
    if not pose.airborne:
        return "on the ground"
    height_m = pose.height_m
    if height_m is None and pose.ground_amsl_m is not None:
        height_m = pose.position.altitude_amsl_m - pose.ground_amsl_m
    if height_m is None:
        return "the height is not known"
    return "" if height_m >= config.minimum_height_m else f"below {config.minimum_height_m:g} m"


class Lookout:
    """Frame by frame: camera motion, detector, tracker, objects. Not thread-safe."""

    def __init__(self, camera: CameraConfig, detector: Detector) -> None:
        self._camera = camera
        self._detector = detector
        self._motion = CameraMotion()
        self._tracker = Tracker()
        self._last_s = float("-inf")
        self._judged: Scene | None = None

    def look(self, job: Job) -> Detections:
        """What moves, in the newest picture that can be judged: the message names its time and sequence. Never raises."""
        try:
            return self._looked(job)
        except (cv2.error, ValueError, ArithmeticError) as error:
            reason = f"the detector failed on this frame: {error}"[:400]
            return Detections(captured_s=job.frame.captured_s, sequence=job.sequence, objects=None, valid=False, reason=reason)

    def _looked(self, job: Job) -> Detections:
        grey, scale = small_grey(job.frame.bgr)
        captured_s = job.frame.captured_s
        step_s, self._last_s = captured_s - self._last_s, captured_s
        motion = self._motion.update(grey)
        if not 0 < step_s < LONGEST_STEP_S:
            motion = None
        if motion is None:
            self._tracker.reset()
            self._judged = None
        view = View(camera_model(self._camera, grey.shape[1], grey.shape[0]), job.pose, job.velocity_ned_m_s)
        found = self._detector.detect(Scene(grey, captured_s, job.sequence, view), motion)
        if motion is None:
            return _none(job, "the camera's motion is not known yet")
        if found is None:
            return _none(job, "there are not enough pictures to compare, or too much differs between them")
        objects = [_enlarged(thing, 1 / scale) for thing in self._follow(found)]
        return Detections(captured_s=found.scene.captured_s, sequence=found.scene.sequence, objects=objects)

    def _follow(self, found: Found) -> list[Detection]:
        scene, view = found.scene, found.scene.view
        before, self._judged = self._judged, scene
        if before is None or scene.captured_s - before.captured_s > LONGEST_STEP_S:
            self._tracker.reset()
            before = scene
        boxes = [box for box in found.boxes if plausible(view, box)]
        tracks = self._tracker.update(boxes, before.onto(scene), scene.captured_s)
        for track in tracks:
            judge(view, track)
        return report(view, tracks)


def camera_model(config: CameraConfig, width_px: int, height_px: int) -> CameraModel:
    return CameraModel(width_px, height_px, math.radians(config.horizontal_fov_deg), math.radians(config.pitch_down_deg))


def small_grey(bgr: Image) -> tuple[Image, float]:
    """Grey, at most WIDTH_PX wide, and the factor by which it was made smaller."""
    scale = min(1.0, WIDTH_PX / bgr.shape[1])
    grey = cv2.cvtColor(bgr, cv2.COLOR_BGR2GRAY)
    if scale < 1:
        grey = cv2.resize(grey, (WIDTH_PX, round(bgr.shape[0] * scale)), interpolation=cv2.INTER_AREA)
    return np.asarray(grey, np.uint8), scale


def _enlarged(found: Detection, factor: float) -> Detection:
    if factor == 1:
        return found
    left, top, width, height = found.box_px
    return msgspec.structs.replace(found, box_px=(left * factor, top * factor, width * factor, height * factor))


def _none(job: Job, reason: str) -> Detections:
    return Detections(captured_s=job.frame.captured_s, sequence=job.sequence, objects=None, reason=reason)
