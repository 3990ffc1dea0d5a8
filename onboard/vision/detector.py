"""What moves against the ground. The seam, and the detector by differences of motion-compensated pictures.

Two earlier pictures are warped onto the newest. A pixel is foreground where it differs from both, so that the place an object
has left does not count as one. "Differs" means outside the range of the neighbouring pixels, so that an alignment wrong by a
pixel, or a low wall's parallax, does not count either.
"""

from __future__ import annotations

from collections import deque
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from onboard.vision.cameras.camera import Image
from onboard.vision.motion import Homography

NEAR_S, FAR_S = 0.33, 0.66
"""How old the two pictures are: a walker has moved by about his width, and a flying camera not yet seen much parallax."""
THRESHOLD = 18
"""Grey levels: nine times the noise of an ordinary sensor by day."""
SMALLEST_PX = 6
LARGEST_SHARE = 0.1
"""Of the picture: one thing that large is not a person or a car seen from above."""
TOO_MUCH_SHARE = 0.25
"""Of the picture in foreground: the light changed or the alignment is wrong; nothing may be concluded."""


class Box(NamedTuple):
    """Left, top, width and height in pixels of the picture that was looked at."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


class Detector(Protocol):
    """Finds objects in a grey picture."""

    def detect(self, grey: Image, captured_s: float, motion: Homography | None) -> list[Box] | None:
        """`motion`: from the picture given before, None when it is not known. None: this picture could not be judged."""
        ...


class _Past:
    """An earlier picture, and the homography from it to the newest."""

    def __init__(self, grey: Image, captured_s: float) -> None:
        self.grey = grey
        self.captured_s = captured_s
        self.to_newest: Homography = np.eye(3)


class MovingTargetDetector:
    """Keeps the pictures of the last second."""

    def __init__(self) -> None:
        self._past: deque[_Past] = deque(maxlen=32)

    def detect(self, grey: Image, captured_s: float, motion: Homography | None) -> list[Box] | None:
        if motion is None:
            self._past.clear()
        else:
            for past in self._past:
                past.to_newest = motion @ past.to_newest
        near, far = self._at(captured_s - NEAR_S), self._at(captured_s - FAR_S)
        self._past.append(_Past(grey, captured_s))
        while captured_s - self._past[0].captured_s > 1.5 * FAR_S:
            self._past.popleft()
        if near is None or far is None or near is far:
            return None
        foreground = cv2.min(_difference(grey, near), _difference(grey, far))
        return boxes_of(np.asarray(foreground, np.uint8))

    def _at(self, time_s: float) -> _Past | None:
        """The picture nearest to a time, or None when none is near it."""
        near = min(self._past, key=lambda past: abs(past.captured_s - time_s), default=None)
        return near if near is not None and abs(near.captured_s - time_s) < 0.6 * NEAR_S else None


def _difference(grey: Image, past: _Past) -> Image:
    """How far each pixel is outside the range of its 3 x 3 neighbours in the earlier picture; 0 where that did not look."""
    height, width = grey.shape[:2]
    warped = cv2.warpPerspective(past.grey, past.to_newest, (width, height), dst=grey.copy(), borderMode=cv2.BORDER_TRANSPARENT)
    gain = float(np.clip(cv2.mean(grey)[0] / max(1.0, cv2.mean(warped)[0]), 0.5, 2.0))
    if abs(gain - 1) > 0.01:  # the exposure changed
        warped = cv2.convertScaleAbs(warped, alpha=gain)
    kernel = np.ones((3, 3), np.uint8)
    above = cv2.subtract(grey, cv2.dilate(warped, kernel))
    below = cv2.subtract(cv2.erode(warped, kernel), grey)
    return np.asarray(cv2.max(above, below), np.uint8)


def boxes_of(difference: Image) -> list[Box] | None:
    """The boxes of connected foreground, or None where so much differs that the comparison is worthless."""
    _, mask = cv2.threshold(difference, THRESHOLD, 255, cv2.THRESH_BINARY)
    if cv2.countNonZero(mask) > TOO_MUCH_SHARE * mask.size:
        return None
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = []
    for left, top, width, height, area in np.asarray(stats).tolist()[1:count]:
        if area >= SMALLEST_PX and width * height <= LARGEST_SHARE * mask.size:
            boxes.append(Box(left, top, width, height))
    return boxes
