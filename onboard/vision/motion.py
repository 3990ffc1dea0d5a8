"""How the camera moved between two pictures, as the homography of the ground: FAST corners, pyramidal LK, RANSAC."""

from __future__ import annotations

import cv2
import numpy as np
import numpy.typing as npt

from onboard.vision.cameras.camera import Image

Homography = npt.NDArray[np.float64]
"""3 x 3: turns pixels of the earlier picture into pixels of the later one."""
Points = npt.NDArray[np.float32]
"""n x 2 pixels (x, y)."""

POINTS = 240
FEWEST = 24
"""Fewer tracked points than this, or fewer than half of them on one plane, and the motion is not known."""
_GRID = (8, 6)
_RANSAC_PX = 1.5
_WINDOW = (15, 15)
_LEVELS = 3


class CameraMotion:
    """Tracks corners from picture to picture. Points of the ground stay; what moves or stands high is thrown out by RANSAC."""

    def __init__(self) -> None:
        self._previous: Image | None = None
        self._points: Points = np.empty((0, 2), np.float32)
        self._fast_threshold = 20

    def update(self, grey: Image) -> Homography | None:
        """The motion since the picture given before, or None for the first one and where it cannot be told."""
        previous, self._previous = self._previous, grey
        if previous is None or previous.shape != grey.shape:
            self._points = self._corners(grey)
            return None
        if len(self._points) < POINTS // 2:
            self._points = self._corners(previous)
        if len(self._points) < FEWEST:
            return None
        before, after = track(previous, grey, self._points)
        homography, good = plane_motion(before, after)
        self._points = after[good] if homography is not None else self._corners(grey)
        return homography

    def _corners(self, grey: Image) -> Points:
        """Up to POINTS corners, spread evenly: the first few of each cell of a grid, in a fixed random order."""
        found = _fast(grey, self._fast_threshold)
        while len(found) < 800 and self._fast_threshold > 5:
            self._fast_threshold -= 5
            found = _fast(grey, self._fast_threshold)
        if len(found) > 4000:
            self._fast_threshold = min(60, self._fast_threshold + 5)
        found = found[np.random.default_rng(0).permutation(len(found))]
        height, width = grey.shape[:2]
        cells = (found[:, 0] * _GRID[0] // width).astype(int) + _GRID[0] * (found[:, 1] * _GRID[1] // height).astype(int)
        share = POINTS // (_GRID[0] * _GRID[1])
        kept = [np.flatnonzero(cells == cell)[:share] for cell in range(_GRID[0] * _GRID[1])]
        return found[np.concatenate(kept)]


def _fast(grey: Image, threshold: int) -> Points:
    detector = cv2.FastFeatureDetector.create(threshold)
    return np.asarray(cv2.KeyPoint.convert(detector.detect(grey)), np.float32).reshape(-1, 2)


def track(earlier: Image, later: Image, points: Points) -> tuple[Points, Points]:
    """Where `points` of the earlier picture are in the later one: both, for those that were found again."""
    guess = np.empty_like(points)
    moved, status, _ = cv2.calcOpticalFlowPyrLK(earlier, later, points, guess, winSize=_WINDOW, maxLevel=_LEVELS)
    found = np.asarray(moved, np.float32).reshape(-1, 2)
    height, width = later.shape[:2]
    inside = (found[:, 0] >= 0) & (found[:, 0] < width) & (found[:, 1] >= 0) & (found[:, 1] < height)
    kept = (np.asarray(status).reshape(-1) == 1) & inside
    return points[kept], found[kept]


def plane_motion(before: Points, after: Points) -> tuple[Homography | None, npt.NDArray[np.bool_]]:
    """The homography that most points follow, and which ones do; None when too few agree."""
    nobody = np.zeros(len(before), np.bool_)
    if len(before) < FEWEST:
        return None, nobody
    homography, mask = cv2.findHomography(before, after, cv2.RANSAC, _RANSAC_PX)
    if homography is None or not np.all(np.isfinite(homography)):
        return None, nobody
    good = np.asarray(mask).reshape(-1) == 1
    if good.sum() < max(FEWEST, len(before) // 2):
        return None, nobody
    return np.asarray(homography, np.float64), good


def carried(homography: Homography, x: float, y: float) -> tuple[float, float]:
    """A pixel of the earlier picture in the later one."""
    h = homography
    w = h[2, 0] * x + h[2, 1] * y + h[2, 2]
    return (
        float((h[0, 0] * x + h[0, 1] * y + h[0, 2]) / w),
        float((h[1, 0] * x + h[1, 1] * y + h[1, 2]) / w),
    )
