"""The police vehicle: white with blue and yellow checks, a light bar, and the landing pad with its marker on the roof."""

from __future__ import annotations

import cv2
import numpy as np

from sitl.world.ground import Image
from sitl.world.shapes import Box, Face, Glow, Model
from sitl.world.town import Colour

MARKER_DICTIONARY = cv2.aruco.DICT_4X4_50
MARKER_ID = 0
MARKER_SIDE_M = 0.75
"""From outer edge to outer edge of the black border; centred on the pad, its top towards the vehicle's front."""

_QUIET_M = MARKER_SIDE_M / 6  # one module of white around it, without which it is not found
_PIXELS_PER_M = 80
_WHITE, _BLUE, _YELLOW, _GREY = (240, 240, 240), (150, 60, 10), (40, 225, 235), (70, 70, 72)
_GLASS, _TYRE = (60, 52, 45), (35, 35, 35)
_BODY_M = (2.6, 0.95, 1.1)  # half length, half width, top
_BODY_FORWARD_M = 0.25
_ROOF_LENGTH_M, _ROOF_WIDTH_M = 2.6, 1.65


def police_vehicle(roof_height_m: float) -> Model:
    """Its origin is below the pad's centre; 5.2 m by 1.9 m."""
    length_m, width_m, top_m = _BODY_M
    cabin_m = (_ROOF_LENGTH_M / 2, _ROOF_WIDTH_M / 2)
    window_m = min(top_m + 0.55, roof_height_m - 0.2)
    bar = [
        Box(1.1, side * 0.4, 0.13, 0.38, roof_height_m, roof_height_m + 0.13, colour, colour, glow)
        for side, colour, glow in ((-1, (255, 90, 30), Glow.BLINK_A), (1, (50, 40, 255), Glow.BLINK_B))
    ]
    checks = tuple((face, "checks") for face in (Face.LEFT, Face.RIGHT))
    return Model(
        (
            Box(_BODY_FORWARD_M, 0, length_m - 0.1, width_m - 0.08, 0.0, 0.35, _TYRE, _TYRE),
            Box(_BODY_FORWARD_M, 0, length_m, width_m, 0.35, top_m, _WHITE, _WHITE, decals=((Face.TOP, "bonnet"), *checks)),
            Box(-0.05, 0, cabin_m[0] + 0.35, cabin_m[1] + 0.04, top_m, window_m, _GLASS, _GLASS),
            Box(0.0, 0, *cabin_m, window_m, roof_height_m, _WHITE, _WHITE, decals=((Face.TOP, "roof"),)),
            *bar,
        )
    )


def textures() -> dict[str, Image]:
    """The decals, BGR; a top's upper edge is the vehicle's front."""
    return {"roof": _roof(), "bonnet": _bonnet(), "checks": _checks()}


def _canvas(width_m: float, height_m: float, colour: Colour) -> Image:
    return np.full((round(height_m * _PIXELS_PER_M), round(width_m * _PIXELS_PER_M), 3), colour, np.uint8)


def marker(side_px: int) -> Image:
    """The roof's ArUco marker without its quiet zone, grey levels (side_px, side_px)."""
    dictionary = cv2.aruco.getPredefinedDictionary(MARKER_DICTIONARY)
    return np.asarray(cv2.aruco.generateImageMarker(dictionary, MARKER_ID, side_px), np.uint8)


def _roof() -> Image:
    """The pad with its marker in the middle, the car's number behind it."""
    image = _canvas(_ROOF_WIDTH_M, _ROOF_LENGTH_M, _WHITE)
    height, width = image.shape[:2]
    row, column = height // 2, width // 2
    pad, side = round(0.62 * _PIXELS_PER_M), round(MARKER_SIDE_M * _PIXELS_PER_M)
    cv2.rectangle(image, (column - pad, row - pad), (column + pad - 1, row + pad - 1), _BLUE, -1)
    plate = round((MARKER_SIDE_M / 2 + _QUIET_M) * _PIXELS_PER_M)
    cv2.rectangle(image, (column - plate, row - plate), (column + plate - 1, row + plate - 1), (250, 250, 250), -1)
    top, left = row - side // 2, column - side // 2
    image[top : top + side, left : left + side] = marker(side)[..., None]
    for text, baseline, scale in (("POLICE", height - 18, 1.15),):
        (text_width, _), _ = cv2.getTextSize(text, cv2.FONT_HERSHEY_DUPLEX, scale, 3)
        cv2.putText(image, text, (column - text_width // 2, baseline), cv2.FONT_HERSHEY_DUPLEX, scale, _BLUE, 3, cv2.LINE_AA)
    return image


def _bonnet() -> Image:
    """The body from above, where the cabin does not hide it: a blue stripe over white, and the windscreen's foot."""
    image = _canvas(_BODY_M[1] * 2, _BODY_M[0] * 2, _WHITE)
    column = image.shape[1] // 2
    cv2.rectangle(image, (column - 45, 0), (column + 44, image.shape[0]), _BLUE, -1)
    cv2.rectangle(image, (column - 45, 0), (column - 36, image.shape[0]), _YELLOW, -1)
    cv2.rectangle(image, (column + 35, 0), (column + 44, image.shape[0]), _YELLOW, -1)
    return image


def _checks() -> Image:
    """Two rows of checks, blue and yellow in turn, as on many European police vehicles."""
    image = _canvas(_BODY_M[0] * 2, _BODY_M[2] - 0.35, _WHITE)
    check = round(0.4 * _PIXELS_PER_M)
    for row in range(2):
        for column in range(image.shape[1] // check + 1):
            colour = _BLUE if (row + column) % 2 else _YELLOW
            top = round(0.06 * _PIXELS_PER_M) + row * round(0.28 * _PIXELS_PER_M)
            image[top : top + round(0.28 * _PIXELS_PER_M), column * check : (column + 1) * check] = colour
    return image
