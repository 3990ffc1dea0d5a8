"""A camera that draws its own pictures: squares that move over a textured ground which pans."""

from __future__ import annotations

import cv2
import numpy as np

from onboard.vision.cameras.camera import Frame, Image
from wire.clock import Clock


def textured_ground(width_px: int, height_px: int, seed: int = 7) -> Image:
    """A random picture with detail at several scales, BGR."""
    noise = np.random.default_rng(seed)
    ground = np.full((height_px, width_px, 3), 20.0, np.float32)
    for cell, weight in ((64, 80), (16, 50), (6, 40), (2, 40)):
        cells = noise.random((height_px // cell + 2, width_px // cell + 2, 3), dtype=np.float32)
        ground += weight * cv2.resize(cells, (width_px, height_px), interpolation=cv2.INTER_LINEAR)
    return np.clip(ground, 0, 255).astype(np.uint8)


class FakeCamera:
    """Gives `frames` frames (None: endless) at its rate, then nothing more.

    Square i goes right at 2(i+1) pixels per frame; the ground pans by one pixel per frame.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        width_px: int = 640,
        height_px: int = 480,
        frames_per_s: float = 15.0,
        squares: int = 2,
        frames: int | None = None,
    ) -> None:
        self._clock = clock
        self._size = (width_px, height_px)
        self._period_s = 1 / frames_per_s
        self._squares = squares
        self._frames = frames
        self._ground = textured_ground(2 * width_px, height_px)
        self._due_s = clock.now_s()
        self._sequence = 0

    def read(self, timeout_s: float) -> Frame | None:
        if self._frames is not None and self._sequence >= self._frames:
            self._clock.sleep(timeout_s)
            return None
        early_s = self._due_s - self._clock.now_s()
        self._clock.sleep(min(early_s, timeout_s))
        if early_s > timeout_s:
            return None
        self._sequence += 1
        captured_s, self._due_s = self._clock.now_s(), self._due_s + self._period_s
        return Frame(self._draw(self._sequence), captured_s, self._sequence)

    def close(self) -> None:
        pass

    def _draw(self, step: int) -> Image:
        width, height = self._size
        left = step % width
        picture = self._ground[:, left : left + width].copy()
        for index in range(self._squares):
            x = (width // 4 + 2 * (index + 1) * step) % (width - 12)
            y = height * (index + 1) // (self._squares + 1)
            picture[y : y + 10, x : x + 10] = (250, 250, 250)
        return picture
