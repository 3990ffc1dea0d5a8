"""A camera that hangs may go on giving its last picture with fresh time stamps. A sensor's noise never repeats: a picture that
is the same as the one before tells nothing new."""

from __future__ import annotations

import numpy as np

from onboard.vision.cameras.camera import Frame, Image

FROZEN_S = 2.0
"""Pictures that have been the same for so long are a frozen camera's."""
REASON = "the camera gives the same picture over and over"
_EVERY_NTH_ROW = 8  # is enough to tell two pictures apart


class StillWatch:
    """Fed with each frame of a camera."""

    def __init__(self) -> None:
        self._rows: Image | None = None
        self._changed_s = float("-inf")
        self.repeats = False
        """The newest picture is the same as the one before."""

    def update(self, frame: Frame) -> bool:
        """Whether this picture is the same as the one before."""
        rows = frame.bgr[::_EVERY_NTH_ROW]
        self.repeats = self._rows is not None and np.array_equal(rows, self._rows)
        if not self.repeats:
            self._rows, self._changed_s = rows, frame.captured_s
        return self.repeats

    def fault(self, now_s: float) -> str:
        """What is wrong with a camera whose pictures do not change, or ''."""
        return REASON if self.repeats and now_s - self._changed_s >= FROZEN_S else ""
