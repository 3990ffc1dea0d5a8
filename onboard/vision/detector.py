"""What moves against the ground. The seam, and the detector by differences of motion-compensated pictures.

A picture is compared with one from before and one from after it, warped onto it. A pixel is foreground where it differs from
both: so neither the place that an object has left nor ground that comes out from behind a house counts. "Differs" means outside
the range of the neighbouring pixels, which forgives an alignment that is wrong by a pixel, and by more along strong edges.
Where something differs, the pictures are warped once more for each height that a standing thing may have: what then fits is
a house, a tree or a parked car. The price: the time until the picture from after is there (COMPARED_S), and who walks just as a
standing thing would seem to is missed until the camera has moved on.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import NamedTuple, Protocol

import cv2
import numpy as np

from onboard.vision.cameras.camera import Image
from onboard.vision.geolocation import View
from onboard.vision.motion import Homography
from onboard.vision.parallax import plane_homographies

COMPARED_S = 0.45
"""How far apart the pictures are: a walker has moved by more than his width."""
THRESHOLD = 12
"""Grey levels: six times the noise of an ordinary sensor by day."""
EDGE_SHARE = 0.3
"""Of the range of grey in a pixel's neighbourhood: added to the threshold."""
SMALLEST_PX = 6
LARGEST_SHARE = 0.1
"""Of the picture: one thing that large is not a person or a car seen from above."""
TOO_MUCH_SHARE = 0.25
"""Of the picture in foreground: the light changed or the alignment is wrong; nothing may be concluded."""
_TILE_PX, _MARGIN_PX = 80, 4
_NEAR_PX = 3
_AROUND = np.ones((3, 3), np.uint8)
_WHOLE_NEIGHBOURHOOD = np.ones((5, 5), np.uint8)


class Box(NamedTuple):
    """Left, top, width and height in pixels."""

    left: float
    top: float
    width: float
    height: float

    @property
    def centre(self) -> tuple[float, float]:
        return self.left + self.width / 2, self.top + self.height / 2


class Scene:
    """A grey picture, where it was taken from, and the homography from it to the newest picture."""

    def __init__(self, grey: Image, captured_s: float, sequence: int, view: View) -> None:
        self.grey = grey
        self.captured_s = captured_s
        self.sequence = sequence
        self.view = view
        self.to_newest: Homography = np.eye(3)

    def onto(self, other: Scene) -> Homography:
        """The homography from this picture to the other."""
        return np.asarray(np.linalg.inv(other.to_newest) @ self.to_newest, np.float64)


class Found(NamedTuple):
    """What was found, and in which picture: that need not be the newest."""

    scene: Scene
    boxes: list[Box]


class Detector(Protocol):
    """Finds objects in pictures given one after the other."""

    def detect(self, scene: Scene, motion: Homography | None) -> Found | None:
        """`motion`: from the picture given before, None when it is not known. None: nothing could be judged this time."""
        ...


class MovingTargetDetector:
    """Keeps the pictures of the last second."""

    def __init__(self) -> None:
        self._scenes: deque[Scene] = deque(maxlen=64)

    def detect(self, scene: Scene, motion: Homography | None) -> Found | None:
        if motion is None:
            self._scenes.clear()
        else:
            for earlier in self._scenes:
                earlier.to_newest = motion @ earlier.to_newest
        self._scenes.append(scene)
        while scene.captured_s - self._scenes[0].captured_s > 2.5 * COMPARED_S:
            self._scenes.popleft()
        middle, before = self._at(scene.captured_s - COMPARED_S), self._at(scene.captured_s - 2 * COMPARED_S)
        if middle is None or before is None or middle is before or middle is scene:
            return None
        difference = moving(middle, (before, scene))
        boxes = None if difference is None else boxes_of(difference)
        return None if boxes is None else Found(middle, boxes)

    def _at(self, time_s: float) -> Scene | None:
        """The picture nearest to a time, or None when none is near it."""
        near = min(self._scenes, key=lambda scene: abs(scene.captured_s - time_s))
        return near if abs(near.captured_s - time_s) < 0.4 * COMPARED_S else None


def moving(middle: Scene, others: tuple[Scene, ...]) -> Image | None:
    """By how many grey levels each pixel is outside of what standing things explain; None where too much differs."""
    planes = [plane_homographies(other.onto(middle), other.view, middle.view) for other in others]
    rest = np.full_like(middle.grey, 255)
    for other, (ground, *_) in zip(others, planes, strict=True):
        rest = np.asarray(cv2.min(rest, _off_ground(middle.grey, other.grey, ground)), np.uint8)
    if np.count_nonzero(rest > THRESHOLD) > TOO_MUCH_SHARE * rest.size:
        return None
    for other, (_, *heights) in zip(others, planes, strict=True):
        for rows, columns in _parts(rest):
            _explain(rest[rows, columns], middle.grey[rows, columns], other.grey, heights, (columns.start, rows.start))
    return rest


def _parts(rest: Image) -> Iterator[tuple[slice, slice]]:
    """The rows and columns of tiles in which anything differs, no larger than needed, with a margin: neighbours may overlap."""
    height, width = rest.shape
    _, mask = cv2.threshold(rest, THRESHOLD, 255, cv2.THRESH_BINARY)
    for top in range(0, height, _TILE_PX):
        for left in range(0, width, _TILE_PX):
            x, y, wide, high = cv2.boundingRect(mask[top : top + _TILE_PX, left : left + _TILE_PX])
            if wide:
                yield (
                    slice(max(0, top + y - _MARGIN_PX), min(height, top + y + high + _MARGIN_PX)),
                    slice(max(0, left + x - _MARGIN_PX), min(width, left + x + wide + _MARGIN_PX)),
                )


def _explain(rest: Image, target: Image, earlier: Image, heights: list[Homography], corner: tuple[int, int]) -> None:
    """Lower `rest` in place where a plane of some height fits in a pixel's whole neighbourhood."""
    shift = np.array([[1.0, 0, -corner[0]], [0, 1, -corner[1]], [0, 0, 1]])
    for homography in heights:
        if rest.max() <= THRESHOLD:
            return
        warped = _warped(earlier, shift @ homography, target)
        off = _outside(target, cv2.dilate(warped, _AROUND), cv2.erode(warped, _AROUND))
        cv2.min(rest, np.asarray(cv2.dilate(off, _WHOLE_NEIGHBOURHOOD), np.uint8), dst=rest)


def _off_ground(target: Image, earlier: Image, homography: Homography) -> Image:
    warped = _warped(earlier, homography, target)
    gain = float(np.clip(cv2.mean(target)[0] / max(1.0, cv2.mean(warped)[0]), 0.5, 2.0))
    if abs(gain - 1) > 0.02:  # the exposure changed
        warped = np.asarray(cv2.convertScaleAbs(warped, alpha=gain), np.uint8)
    highest, lowest = cv2.dilate(warped, _AROUND), cv2.erode(warped, _AROUND)
    edges = cv2.convertScaleAbs(cv2.subtract(highest, lowest), alpha=EDGE_SHARE)
    return np.asarray(cv2.subtract(_outside(target, highest, lowest), edges), np.uint8)


def _warped(earlier: Image, homography: Homography, target: Image) -> Image:
    """The earlier picture as seen from the target's place; where it did not look, the target itself: no difference."""
    size = (target.shape[1], target.shape[0])
    warped = cv2.warpPerspective(earlier, homography, size, dst=target.copy(), borderMode=cv2.BORDER_TRANSPARENT)
    return np.asarray(warped, np.uint8)


def _outside(target: Image, highest: cv2.typing.MatLike, lowest: cv2.typing.MatLike) -> cv2.typing.MatLike:
    return cv2.max(cv2.subtract(target, highest), cv2.subtract(lowest, target))


def boxes_of(difference: Image) -> list[Box] | None:
    """The boxes of connected foreground, or None where so much differs that the comparison is worthless."""
    _, mask = cv2.threshold(difference, THRESHOLD, 255, cv2.THRESH_BINARY)
    mask = cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((7, 7), np.uint8))
    mask = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    count, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = []
    for left, top, width, height, area in np.asarray(stats).tolist()[1:count]:
        if area >= SMALLEST_PX and width * height <= LARGEST_SHARE * mask.size:
            boxes.append(Box(left, top, width, height))
    return joined(boxes)


def joined(boxes: list[Box]) -> list[Box]:
    """Boxes that overlap or nearly touch are parts of one thing."""
    whole: list[Box] = []
    for box in boxes:
        while near := next((other for other in whole if _touch(box, other)), None):
            whole.remove(near)
            left, top = min(box.left, near.left), min(box.top, near.top)
            right = max(box.left + box.width, near.left + near.width)
            box = Box(left, top, right - left, max(box.top + box.height, near.top + near.height) - top)  # noqa: PLW2901
        whole.append(box)
    return whole


def _touch(a: Box, b: Box) -> bool:
    across = max(a.left, b.left) - min(a.left + a.width, b.left + b.width)
    return across < _NEAR_PX and max(a.top, b.top) - min(a.top + a.height, b.top + b.height) < _NEAR_PX
