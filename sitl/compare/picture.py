"""Both tracks in one picture: from above, and height over time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import cv2
import numpy as np
from numpy.typing import NDArray

from sitl.compare.narrative import Point
from wire.errors import DeviceError

SIZE_PX, MARGIN_PX = 900, 60
THEIRS, OURS = (30, 110, 230), (180, 90, 20)  # blue, green, red
_PAPER, _GRID, _INK = (252, 252, 252), (225, 225, 225), (40, 40, 40)
_FONT = cv2.FONT_HERSHEY_SIMPLEX
_STEPS_M = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)

Image = NDArray[np.uint8]
Pick = Callable[[Point], tuple[float, float]]


class Tracks(NamedTuple):
    """The recorded one, and those of who flew it again, with that one's name."""

    theirs: list[Point]
    ours: list[list[Point]]
    whose: str


def draw(path: Path, title: str, tracks: Tracks) -> None:
    """Write the picture. Raises DeviceError when it cannot be written."""
    above = _panel(tracks, lambda p: (p.east_m, p.north_m), equal=True, words=f"{title}: from above, m east and north")
    beside = _panel(tracks, lambda p: (p.t_s, -p.down_m), equal=False, words="height over the start, m, over time, s")
    drawn, data = cv2.imencode(path.suffix, np.hstack([above, beside]))
    try:
        path.write_bytes(data.tobytes() if drawn else b"")
    except OSError as error:
        raise DeviceError(f"the picture {path} cannot be written ({error.strerror}): choose another --picture") from error


def check(path: Path) -> None:
    """Before something is flown for it: raises DeviceError where no picture can be written by its name."""
    wrong = (
        "it is a folder" if path.is_dir() else
        "its folder is not there" if not path.parent.is_dir() else
        "its name should end in .png" if not cv2.haveImageWriter(str(path)) else
        ""
    )  # fmt: skip
    if wrong:
        raise DeviceError(f"the picture {path} cannot be written ({wrong}): choose another --picture")


class _Scale:
    """From the values of both tracks to pixels, with the same measure on both axes if `equal`."""

    def __init__(self, values: NDArray[np.float64], *, equal: bool) -> None:
        self.low, self.high = values.min(axis=0), values.max(axis=0)
        span = np.maximum(self.high - self.low, 2.0)
        if equal:
            span = np.full(2, span.max())
        middle = (self.low + self.high) / 2
        self.low, self.high = middle - span / 2, middle + span / 2
        self._px = (SIZE_PX - 2 * MARGIN_PX) / span

    def points(self, values: NDArray[np.float64]) -> NDArray[np.int32]:
        x, y = ((values - self.low) * self._px).T
        return np.stack([MARGIN_PX + x, SIZE_PX - MARGIN_PX - y], axis=1).round().astype(np.int32)

    def step(self, axis: int) -> int:
        """Metres or seconds between two grid lines."""
        span = self.high[axis] - self.low[axis]
        return next((step for step in _STEPS_M if span / step <= 10), _STEPS_M[-1])


def _panel(tracks: Tracks, pick: Pick, *, equal: bool, words: str) -> Image:
    image: Image = np.full((SIZE_PX, SIZE_PX, 3), _PAPER, np.uint8)
    theirs, *ours = (np.array([pick(p) for p in track], np.float64).reshape(-1, 2) for track in (tracks.theirs, *tracks.ours))
    scale = _Scale(np.concatenate([theirs, *ours, np.zeros((1, 2))]), equal=equal)
    _grid(image, scale)
    cv2.polylines(image, [scale.points(theirs)], False, THEIRS, 5, cv2.LINE_AA)
    for track in ours:
        cv2.polylines(image, [scale.points(track)], False, OURS, 2, cv2.LINE_AA)
    cv2.putText(image, words, (MARGIN_PX, 30), _FONT, 0.55, _INK, 1, cv2.LINE_AA)
    for row, (name, colour) in enumerate((("recorded", THEIRS), (tracks.whose, OURS))):
        cv2.putText(image, name, (SIZE_PX - 150, 30 + 22 * row), _FONT, 0.55, colour, 2, cv2.LINE_AA)
    return image


def _grid(image: Image, scale: _Scale) -> None:
    for axis in (0, 1):
        step = scale.step(axis)
        first = np.ceil(scale.low[axis] / step) * step
        for value in np.arange(first, scale.high[axis] + 1e-9, step):
            ends = np.array([scale.low, scale.high])
            ends[:, axis] = value
            (x, y), (x2, y2) = scale.points(ends).tolist()
            cv2.line(image, (x, y), (x2, y2), _GRID, 1)
            at = (x - 8, SIZE_PX - 30) if axis == 0 else (8, y + 5)
            cv2.putText(image, f"{value:g}", at, _FONT, 0.42, _INK, 1, cv2.LINE_AA)
