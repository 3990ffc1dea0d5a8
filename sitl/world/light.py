"""Day and night: how bright things are, and where lamps shine."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from sitl.world.town import HALF_SIZE_M, LAMP_HEIGHT_M, Lamp

SUN_ENU = (0.45, -0.55, 0.70)
"""Towards the sun: in the south-east, about 45 degrees high."""
SHADOW_PER_M = (-SUN_ENU[0] / SUN_ENU[2], -SUN_ENU[1] / SUN_ENU[2])
"""Where the shadow of a point one metre high falls, east and north of its foot."""


@dataclass(frozen=True)
class Light:
    """`ambient` and `direct` scale colours; the sky is blue, green, red at the horizon and higher up."""

    night: bool
    ambient: float
    direct: float
    horizon_bgr: tuple[int, int, int]
    sky_bgr: tuple[int, int, int]


DAY = Light(False, 0.62, 0.42, (225, 215, 205), (225, 180, 130))
NIGHT = Light(True, 0.16, 0.04, (38, 26, 22), (24, 14, 10))


def light_of(name: Literal["day", "night"]) -> Light:
    return NIGHT if name == "night" else DAY


def shade(light: Light, normals_enu: NDArray[np.float64]) -> NDArray[np.float64]:
    """How bright surfaces with these unit normals (..., 3) are: Lambert's cosine law over an ambient share."""
    cosine = normals_enu @ (np.array(SUN_ENU) / math.sqrt(sum(axis * axis for axis in SUN_ENU)))
    return np.asarray(light.ambient + light.direct * np.maximum(cosine, 0.0), np.float64)


def lamp_map(lamps: tuple[Lamp, ...], pixels_per_m: float) -> NDArray[np.float32]:
    """How much lamplight falls on the ground, 0..1, north up: cos³ over distance², as under a point source."""
    size = round(2 * HALF_SIZE_M * pixels_per_m)
    reach_m = 16.0
    half = round(reach_m * pixels_per_m)
    axis = np.arange(-half, half + 1, dtype=np.float32) / pixels_per_m
    slant2 = axis[None, :] ** 2 + axis[:, None] ** 2 + LAMP_HEIGHT_M**2
    pool = (LAMP_HEIGHT_M**3 / slant2**1.5 - (LAMP_HEIGHT_M**2 / (LAMP_HEIGHT_M**2 + reach_m**2)) ** 1.5).clip(0)
    padded = np.zeros((size + 2 * half + 2, size + 2 * half + 2), np.float32)
    for lamp in lamps:
        column = int((lamp.east_m + 1.2 * math.sin(lamp.heading_rad) + HALF_SIZE_M) * pixels_per_m)
        row = int((HALF_SIZE_M - lamp.north_m - 1.2 * math.cos(lamp.heading_rad)) * pixels_per_m)
        if 0 <= column < size and 0 <= row < size:
            padded[row : row + 2 * half + 1, column : column + 2 * half + 1] += pool
    return np.asarray(padded[half : half + size, half : half + size].clip(0, 1), np.float32)
