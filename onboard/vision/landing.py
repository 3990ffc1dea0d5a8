"""The landing camera, and the search for the roof's marker in its pictures while flight wants it."""

from __future__ import annotations

from collections.abc import Callable
from types import TracebackType
from typing import NamedTuple, Self

import cv2
import numpy as np

from onboard.vision.cameras.camera import Camera, Frame
from onboard.vision.capture import Capture
from onboard.vision.configuration import LandingConfig
from onboard.vision.marker import MarkerFinder
from onboard.vision.poses import Poses
from onboard.vision.still import StillWatch
from onboard.vision.wake import Wake
from onboard.vision.worker import Worker
from wire.clock import Clock
from wire.messages import PadSighting, Pose

_AVERAGE_GAIN = 0.1


class _Job(NamedTuple):
    frame: Frame
    pose: Pose


class PadLookout:
    """Use it in a `with`. While nobody looks for the marker, frames are taken and dropped, so that a lost camera is known.

    A picture that is the same as the one before is not looked at: a frozen marker would seem fresh.
    """

    def __init__(self, config: LandingConfig, open_camera: Callable[[], Camera], clock: Clock, wake: Wake) -> None:
        self._config = config
        self._finder = MarkerFinder(config)
        self._capture = Capture(open_camera, clock, wake)
        self._still = StillWatch()
        self._flying = False
        self._worker: Worker[_Job, PadSighting] = Worker("marker", self._look, wake)
        self.look_ms: float | None = None

    def __enter__(self) -> Self:
        self._worker.__enter__()
        self._capture.__enter__()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._capture.__exit__(kind, error, trace)
        self._worker.__exit__(kind, error, trace)

    def step(self, poses: Poses) -> list[PadSighting]:
        """Take the newest frame; give what has been found since the last call. Raises what a thread died of."""
        frame = self._capture.take()
        pose = None if frame is None else poses.at(frame.captured_s)
        repeats = frame is not None and self._still.update(frame)
        self._flying = self._flying if pose is None else pose.airborne
        if frame is not None and pose is not None and pose.seek_pad and not repeats:
            self._worker.offer(_Job(frame, pose))
        sightings = []
        for done in self._worker.results():
            self.look_ms = (
                done.took_ms if self.look_ms is None else self.look_ms + _AVERAGE_GAIN * (done.took_ms - self.look_ms)
            )
            sightings.append(done.result)
        return sightings

    def fault(self, now_s: float) -> str:
        """Why there are no frames, or none that can be used, or ''."""
        return self._capture.fault(now_s) or (self._still.fault(now_s) if self._flying else "")

    def _look(self, job: _Job) -> PadSighting:
        frame = job.frame
        try:
            grey = np.asarray(cv2.cvtColor(frame.bgr, cv2.COLOR_BGR2GRAY), np.uint8) if frame.bgr.ndim == 3 else frame.bgr
            return self._finder.look(grey, frame.captured_s, frame.sequence, job.pose)
        except (cv2.error, ValueError, ArithmeticError) as error:
            return PadSighting(
                captured_s=frame.captured_s,
                sequence=frame.sequence,
                marker_id=self._config.marker_id,
                offset_ned_m=None,
                reason=f"the search failed on this picture: {error}"[:400],
            )
