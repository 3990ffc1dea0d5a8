"""A video file as a camera: replays footage at its own pace."""

from __future__ import annotations

from collections.abc import Iterator

import av
import numpy as np

from onboard.vision.cameras.camera import EndOfFootageError, Frame
from onboard.vision.configuration import CameraConfig
from wire.clock import Clock
from wire.errors import DeviceError


class FileCamera:
    """Plays any file that PyAV reads, scaled to the configured size. Late frames are skipped, as a live camera would."""

    def __init__(self, config: CameraConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._container: av.container.InputContainer | None = None
        self._sequence = 0
        self._frames = self._play()
        self._start_s = clock.now_s()
        self._next: tuple[av.VideoFrame, float] | None = self._advance()

    def read(self, timeout_s: float) -> Frame | None:
        if self._next is None:
            self._next = self._advance()
        frame, due_s = self._next
        early_s = due_s - self._clock.now_s()
        if early_s > timeout_s:
            self._clock.sleep(timeout_s)
            return None
        self._clock.sleep(early_s)
        frame, due_s = self._newest_due(frame, due_s)
        self._next = None
        pixels = frame.to_ndarray(format="bgr24", width=self._config.width_px, height=self._config.height_px)
        return Frame(np.asarray(pixels, np.uint8), due_s, self._sequence)

    def close(self) -> None:
        if self._container is not None:
            self._container.close()
            self._container = None

    def _newest_due(self, frame: av.VideoFrame, due_s: float) -> tuple[av.VideoFrame, float]:
        """The newest frame that is due, when more than half a second was slept through."""
        while self._clock.now_s() - due_s > 0.5:
            frame, due_s = self._advance()
        return frame, due_s

    def _advance(self) -> tuple[av.VideoFrame, float]:
        try:
            frame, offset_s = next(self._frames)
        except StopIteration:
            raise EndOfFootageError(f"{self._config.source} has ended: set camera.loop to play it again and again") from None
        except av.FFmpegError as error:
            raise DeviceError(f"{self._config.source} cannot be played: {error}") from error
        self._sequence += 1
        return frame, self._start_s + offset_s

    def _play(self) -> Iterator[tuple[av.VideoFrame, float]]:
        """Frames and their seconds since the first frame, over all loops."""
        period_s, offset_s, lap_s = 1 / self._config.frames_per_s, 0.0, 0.0
        while True:
            self._container = av.open(self._config.source)
            if not self._container.streams.video:
                raise DeviceError(f"{self._config.source} has no video in it: name another file")
            first_s: float | None = None
            for index, frame in enumerate(self._container.decode(video=0)):
                stamp_s = index * period_s if frame.time is None else frame.time
                first_s = stamp_s if first_s is None else first_s
                offset_s = lap_s + stamp_s - first_s
                yield frame, offset_s
            self.close()
            if not self._config.loop or first_s is None:
                return
            lap_s = offset_s + period_s
