"""Keeps a camera going in a thread of its own: one slot for the newest frame, and a bounded patience for a lost camera."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from types import TracebackType
from typing import Self

from onboard.vision.cameras.camera import Camera, EndOfFootageError, Frame
from onboard.vision.wake import Wake
from wire.clock import Clock
from wire.errors import DeviceError, PilotfishError

READ_TIMEOUT_S = 0.25
SILENCE_S = 2.0
"""A camera that has given nothing for this long is lost."""
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0

_log = logging.getLogger(__name__)


class Capture:
    """Opens the camera, reads it, and opens it again when it is lost, pausing longer each time."""

    def __init__(self, open_camera: Callable[[], Camera], clock: Clock, wake: Wake) -> None:
        self._open_camera = open_camera
        self._clock = clock
        self._wake = wake
        self._lock = threading.Lock()
        self._stopping = threading.Event()
        self._slot: Frame | None = None
        self._fault = "the camera has not given a frame yet"
        self._newest_s = clock.now_s()
        self._crash: Exception | None = None
        self._thread = threading.Thread(target=self._run, name="capture", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        self._thread.join(2.0)  # a V4L2 driver may hold it longer; a daemon thread does not keep the process

    def take(self) -> Frame | None:
        """The newest frame, once. Frames that nobody took in time are gone. Raises what the thread died of."""
        if self._crash is not None:
            raise self._crash
        with self._lock:
            frame, self._slot = self._slot, None
        return frame

    def fault(self, now_s: float) -> str:
        """Why there are no frames, or '' while they come."""
        with self._lock:
            silence_s = now_s - self._newest_s
            if self._fault or silence_s < SILENCE_S:
                return self._fault
        return f"the camera has given no frame for {silence_s:.0f} s"

    def _run(self) -> None:
        pause_s = FIRST_PAUSE_S
        try:
            while not self._stopping.is_set():
                try:
                    if self._read_until_lost():
                        pause_s = FIRST_PAUSE_S
                except EndOfFootageError as end:
                    self._lost(str(end))
                    return
                except PilotfishError as error:
                    self._lost(str(error))
                self._stopping.wait(self._clock.wall_s(pause_s))
                pause_s = min(2 * pause_s, LONGEST_PAUSE_S)
        except Exception as error:  # noqa: BLE001 - raised again in the main thread by take()
            self._crash = error
            self._wake.set()

    def _read_until_lost(self) -> bool:
        """Whether it had given frames before it stopped. Raises DeviceError when it says itself that it is broken."""
        camera = self._open_camera()
        opened_s = last_s = self._clock.now_s()
        try:
            while not self._stopping.is_set():
                frame = camera.read(READ_TIMEOUT_S)
                now_s = self._clock.now_s()
                if frame is not None:
                    last_s = now_s
                    self._keep(frame, now_s)
                elif now_s - last_s > SILENCE_S:
                    self._lost(f"the camera has given no frame for {SILENCE_S:g} s")
                    break
        except DeviceError as error:
            if last_s == opened_s or isinstance(error, EndOfFootageError):
                raise
            self._lost(str(error))
        finally:
            camera.close()
        return last_s > opened_s

    def _keep(self, frame: Frame, now_s: float) -> None:
        with self._lock:
            recovered = bool(self._fault)
            self._slot, self._fault, self._newest_s = frame, "", now_s
        if recovered:
            _log.info("the camera gives frames of %dx%d", frame.bgr.shape[1], frame.bgr.shape[0])
        self._wake.set()

    def _lost(self, reason: str) -> None:
        with self._lock:
            changed, self._fault = reason != self._fault, reason
        if changed:
            _log.warning("%s", reason)
        self._wake.set()
