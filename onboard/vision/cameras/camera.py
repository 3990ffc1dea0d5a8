"""The seam of a camera."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from wire.errors import DeviceError

Image = npt.NDArray[np.uint8]
"""Height x width x 3 (BGR) or height x width (grey), 8 bits."""


@dataclass(frozen=True)
class Frame:
    """One picture."""

    bgr: Image
    captured_s: float
    """When it was taken, on this board's clock."""
    sequence: int
    """Counts the camera's frames: a jump means that some were lost between camera and reader."""


class EndOfFootageError(DeviceError):
    """A camera that ends by itself has ended: opening it again is no cure."""


class Camera(Protocol):
    """Gives the newest frame. Opening raises DeviceError where there is no camera."""

    def read(self, timeout_s: float) -> Frame | None:
        """The newest frame not yet read, or None after `timeout_s`. Raises DeviceError when the camera is broken or gone."""
        ...

    def close(self) -> None: ...
