"""The marker on the vehicle's roof: found in a picture, and where it is from the camera.

An ArUco marker of 4x4 cells (cv2's DICT_4X4_50). It lies flat, its side is known, and the attitude is PX4's: so its distance is
how much smaller its side is than at one metre, without the ambiguity that a full pose of a small square has.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import cv2
import numpy as np
import numpy.typing as npt

from onboard.vision.cameras.camera import Image
from onboard.vision.configuration import LandingConfig
from onboard.vision.detection import camera_model
from onboard.vision.geolocation import CameraModel
from wire.geo import Ned, Quaternion, rotate
from wire.messages import PadSighting, Pose

DICTIONARY = cv2.aruco.DICT_4X4_50
LOWEST_SINE = math.sin(math.radians(15))
"""A corner less than this far below level is not looked at: a flat marker seen from there has no shape."""
_BORDER_ERRORS = 0.2
"""The share of the black border's cells that may be wrong. cv2's default of 0.35 lets more clutter through."""
Corners = npt.NDArray[np.float64]
"""(4, 2): pixels of the corners, clockwise from the upper left as the marker is printed; (0, 0) is the picture's corner."""


class Placed(NamedTuple):
    """Where a marker is, and how well that fits."""

    offset_ned_m: Ned
    side_px: float
    misfit: float


class MarkerFinder:
    """Finds one marker by its number. Not thread-safe."""

    def __init__(self, config: LandingConfig) -> None:
        self._config = config
        parameters = cv2.aruco.DetectorParameters()
        parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_SUBPIX
        parameters.cornerRefinementWinSize = 3
        parameters.relativeCornerRefinmentWinSize = 0.15
        parameters.maxErroneousBitsInBorderRate = _BORDER_ERRORS
        parameters.errorCorrectionRate = 0.0  # every cell has to be right: what looks almost like it is not it
        self._detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(DICTIONARY), parameters)

    def look(self, grey: Image, captured_s: float, sequence: int, pose: Pose) -> PadSighting:
        """One picture's sighting, from where the camera was."""
        found = self.corners(grey)
        camera = camera_model(self._config.camera, grey.shape[1], grey.shape[0]) if self._config.camera else None
        placed, reason = None, "" if len(found) < 2 else f"seen {len(found)} times: which is the roof's is not known"
        if len(found) == 1 and camera is not None:
            placed = locate(found[0], camera, pose.attitude, self._config.marker_side_m)
            reason = "" if placed else "it is seen too flat to say where it is"
        return PadSighting(
            captured_s=captured_s,
            sequence=sequence,
            marker_id=self._config.marker_id,
            offset_ned_m=placed.offset_ned_m if placed else None,
            side_px=placed.side_px if placed else None,
            misfit=placed.misfit if placed else None,
            reason=reason,
        )

    def corners(self, grey: Image) -> list[Corners]:
        """Those of each marker with the wanted number."""
        squares, ids, _ = self._detector.detectMarkers(grey)
        numbers = [] if ids is None else ids.ravel().tolist()
        return [
            np.asarray(square, np.float64).reshape(4, 2) + 0.5  # cv2's whole numbers are the middles of pixels
            for square, number in zip(squares, numbers, strict=True)
            if number == self._config.marker_id
        ]


def locate(corners: Corners, camera: CameraModel, attitude: Quaternion, side_m: float) -> Placed | None:
    """The marker's centre from the camera, or None where a corner is seen at or above a low angle.

    Each corner's ray meets the level plane one metre below the camera; the marker's side there says how far it really is.
    """
    rays = [rotate(attitude, *camera.ray_frd(float(u), float(v))) for u, v in corners]
    if any(down < LOWEST_SINE for _, _, down in rays):
        return None
    level = np.array([complex(north / down, east / down) for north, east, down in rays])
    centre = complex(level.mean())
    turns = np.array([1, 1j, -1, -1j])  # a square's corners are each a quarter turn on
    spoke = complex(((level - centre) * turns.conj()).mean())  # the best square's first corner, by least squares
    side = abs(spoke) * math.sqrt(2)
    if side <= 0:
        return None
    misfit = math.sqrt(float(np.mean(np.abs(level - centre - spoke * turns) ** 2))) / side
    below_m = side_m / side
    edges = np.linalg.norm(corners - np.roll(corners, 1, axis=0), axis=1)
    return Placed(Ned(centre.real * below_m, centre.imag * below_m, below_m), float(edges.mean()), min(misfit, 1.0))
