"""A camera that Linux knows as a V4L2 device (USB or MIPI)."""

from __future__ import annotations

import cv2
import numpy as np

from onboard.vision.cameras.camera import Frame
from onboard.vision.configuration import CameraConfig
from wire.clock import Clock
from wire.errors import DeviceError


class V4l2Camera:
    """Motion-JPEG from the device, one buffer, so that a frame is never older than one period.

    `read` waits as long as the driver does (OpenCV gives up after ten seconds), not `timeout_s`: run it in a thread of its own.
    The driver may pick another size or rate than the one asked for; frames that come too fast are left out.
    """

    def __init__(self, config: CameraConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._capture = cv2.VideoCapture(config.source, cv2.CAP_V4L2)
        if not self._capture.isOpened():
            raise DeviceError(f"no camera at {config.source}: is it plugged in, and is this user in the group video?")
        for setting, value in (
            (cv2.CAP_PROP_FOURCC, cv2.VideoWriter.fourcc(*"MJPG")),
            (cv2.CAP_PROP_FRAME_WIDTH, config.width_px),
            (cv2.CAP_PROP_FRAME_HEIGHT, config.height_px),
            (cv2.CAP_PROP_FPS, config.frames_per_s),
            (cv2.CAP_PROP_BUFFERSIZE, 1),
        ):
            self._capture.set(setting, value)
        self._sequence = 0
        self._last_s = float("-inf")

    def read(self, timeout_s: float) -> Frame | None:
        del timeout_s
        if not self._capture.grab():
            raise DeviceError(f"the camera at {self._config.source} stopped giving frames: check its plug and cable")
        captured_s = self._clock.now_s()
        if captured_s - self._last_s < 0.75 / self._config.frames_per_s:
            return None
        good, pixels = self._capture.retrieve()
        if not good:
            raise DeviceError(f"the camera at {self._config.source} gave a frame that cannot be decoded")
        self._last_s = captured_s
        self._sequence += 1
        return Frame(np.asarray(pixels, np.uint8), captured_s, self._sequence)

    def close(self) -> None:
        self._capture.release()
