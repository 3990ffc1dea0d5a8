"""The ground seen from straight above: one texture of the whole town, painted once, and its mip levels."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from sitl.world.light import SHADOW_PER_M, Light, lamp_map
from sitl.world.town import BAY_M, CARRIAGEWAY_M, ENTRANCE_M, HALF_SIZE_M, PAVEMENT_M, POND_M, Colour, Rect, Town

PIXELS_PER_M = 10.0
Image = NDArray[np.uint8]
Point = tuple[float, float]

_SHIFT = 4  # cv2's fixed-point digits of a coordinate
_ASPHALT, _PAVING, _LINE = (86, 84, 82), (158, 162, 164), (215, 220, 220)
_GRASS, _YARD, _PATH, _WATER = (62, 112, 88), (120, 130, 135), (140, 165, 180), (120, 95, 60)


class _Painter:
    """A canvas north up, addressed in metres of the town frame."""

    def __init__(self, colour: Colour) -> None:
        size = round(2 * HALF_SIZE_M * PIXELS_PER_M)
        self.image: Image = np.full((size, size, 3), colour, np.uint8)

    def _px(self, points: Sequence[Point]) -> NDArray[np.int32]:
        array = np.array(points, np.float64)
        array = np.stack((array[:, 0] + HALF_SIZE_M, HALF_SIZE_M - array[:, 1]), axis=1) * PIXELS_PER_M - 0.5
        return np.asarray(np.round(array * 2**_SHIFT), np.int32)

    def area(self, points: Sequence[Point], colour: Colour) -> None:
        cv2.fillPoly(self.image, [self._px(points)], colour, cv2.LINE_AA, _SHIFT)

    def line(self, points: Sequence[Point], width_m: float, colour: Colour) -> None:
        thickness = max(1, round(width_m * PIXELS_PER_M))
        cv2.polylines(self.image, [self._px(points)], False, colour, thickness, cv2.LINE_AA, _SHIFT)

    def disc(self, centre: Point, radius_m: float, colour: Colour) -> None:
        x, y = self._px([centre])[0]
        cv2.circle(self.image, (int(x), int(y)), round(radius_m * PIXELS_PER_M * 2**_SHIFT), colour, -1, cv2.LINE_AA, _SHIFT)


def paint(town: Town, seed: int, light: Light) -> Image:
    """The ground texture (rows, columns, BGR), north up, PIXELS_PER_M over the whole town."""
    painter = _Painter(_GRASS)
    _mottle(painter.image, seed, 24.0)
    for block in town.blocks:
        _block(painter, town, block)
    _park(painter, town)
    _car_park(painter, town)
    _streets(painter, town)
    _grain(painter.image, seed)
    if light.night:
        return _by_night(painter.image, town, light)
    return _with_shadows(painter.image, town)


def mip_levels(texture: Image, smallest: int = 64) -> list[Image]:
    """The texture and its halves, quarters and so on: each pixel of a level is the mean of four of the one before."""
    levels = [texture]
    while min(levels[-1].shape[:2]) >= 2 * smallest:
        height, width = levels[-1].shape[:2]
        levels.append(np.asarray(cv2.resize(levels[-1], (width // 2, height // 2), interpolation=cv2.INTER_AREA), np.uint8))
    return levels


def _mottle(image: Image, seed: int, levels: float) -> None:
    """Patches of lighter and darker, a few metres wide, as grass has."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    field = np.zeros((height, width), np.float32)
    for cells, weight in ((40, 1.0), (150, 0.8), (600, 0.6)):
        coarse = rng.standard_normal((cells, cells)).astype(np.float32) * (weight * levels / 2)
        field += cv2.resize(coarse, (width, height), interpolation=cv2.INTER_LINEAR)
    for channel in range(3):
        image[..., channel] = cv2.add(image[..., channel], field, dtype=cv2.CV_8U)


def _grain(image: Image, seed: int) -> None:
    """Fine texture over everything: what optical flow finds on asphalt."""
    rng = np.random.default_rng(seed + 1)
    tile = rng.normal(0, 5, (500, 500, 1)).astype(np.float32) + cv2.resize(
        rng.normal(0, 4, (125, 125)).astype(np.float32), (500, 500), interpolation=cv2.INTER_CUBIC
    ).reshape(500, 500, 1)
    tile = np.repeat(tile, 3, axis=2)
    for row in range(0, image.shape[0], 500):
        for column in range(0, image.shape[1], 500):
            part = image[row : row + 500, column : column + 500]
            part[...] = cv2.add(part, tile[: part.shape[0], : part.shape[1]], dtype=cv2.CV_8U)


def _block(painter: _Painter, town: Town, block: Rect) -> None:
    """Pavement all around, and paved yards in front of the houses."""
    painter.area(block.shrunk(-PAVEMENT_M).corners(), _PAVING)
    inner = _GRASS if block != town.park else (70, 120, 82)
    painter.area(block.corners(), inner)
    for building in town.buildings:
        if block.distance_m(*building.area.centre) == 0:
            painter.area(building.area.shrunk(-1.5).corners(), _YARD)
            east_m = building.area.centre[0]
            to_m = block.south_m if building.area.centre[1] < block.centre[1] else block.north_m
            painter.line([(east_m, building.area.centre[1]), (east_m, to_m)], 2.4, _YARD)


def _park(painter: _Painter, town: Town) -> None:
    for path in town.park_paths:
        painter.line(path, 2.0, _PATH)
    x, y = town.park.centre
    points = [
        (x + (POND_M - 1) * math.cos(a) + math.cos(3 * a), y + 5.5 * math.sin(a)) for a in np.linspace(0, 2 * math.pi, 40)
    ]
    painter.area(points, (105, 130, 135))
    painter.area([(x + (e - x) * 0.93, y + (n - y) * 0.93) for e, n in points], _WATER)


def _car_park(painter: _Painter, town: Town) -> None:
    area = town.car_park
    painter.area(area.corners(), (78, 76, 75))
    painter.area(Rect(area.west_m - 4.0, -ENTRANCE_M, area.west_m + 5.0, ENTRANCE_M).corners(), (78, 76, 75))  # the entrance
    length_m, width_m = BAY_M
    for bay in town.bays:
        for side in (-0.5, 0.5):
            north_m = bay.north_m + side * width_m
            painter.line([(bay.east_m - length_m / 2, north_m), (bay.east_m + length_m / 2, north_m)], 0.1, _LINE)
    shop = town.buildings[0].area
    painter.area(Rect(area.east_m, shop.south_m, shop.west_m, shop.north_m).corners(), (150, 155, 160))


def _streets(painter: _Painter, town: Town) -> None:
    half_m, end_m = CARRIAGEWAY_M / 2, HALF_SIZE_M + 10
    for centre_m in town.north_streets_m:
        painter.area(Rect(centre_m - half_m, -end_m, centre_m + half_m, end_m).corners(), _ASPHALT)
    for centre_m in town.east_streets_m:
        painter.area(Rect(-end_m, centre_m - half_m, end_m, centre_m + half_m).corners(), _ASPHALT)
    for centre_m in town.north_streets_m:
        _markings(painter, centre_m, town.east_streets_m, along_north=True)
    for centre_m in town.east_streets_m:
        _markings(painter, centre_m, town.north_streets_m, along_north=False)


def _markings(painter: _Painter, centre_m: float, crossings: tuple[float, ...], *, along_north: bool) -> None:
    """Kerbs, centre dashes, stop lines and zebra crossings, not inside the crossings."""

    def at(across_m: float, along_m: float) -> Point:
        return (centre_m + across_m, along_m) if along_north else (along_m, centre_m + across_m)

    half_m, keep_m = CARRIAGEWAY_M / 2, CARRIAGEWAY_M / 2 + 5.0
    edges = [-HALF_SIZE_M - keep_m, *crossings, HALF_SIZE_M + keep_m]
    for start_m, end_m in ((a + keep_m, b - keep_m) for a, b in itertools.pairwise(edges)):
        for side in (-1, 1):
            painter.line([at(side * half_m, start_m - 2), at(side * half_m, end_m + 2)], 0.2, (125, 128, 130))
        for dash_m in np.arange(start_m + 1.0, end_m - 3.0, 6.0):
            painter.line([at(0, dash_m), at(0, dash_m + 3.0)], 0.15, _LINE)
    for crossing_m in crossings:
        for side in (-1, 1):
            zebra_m = crossing_m + side * (half_m + 2.5)
            for stripe in range(-3, 4):
                painter.line([at(stripe * 1.0, zebra_m - 1.4), at(stripe * 1.0, zebra_m + 1.4)], 0.5, _LINE)
            lane = (-half_m, 0.0) if (side > 0) == along_north else (0.0, half_m)
            stop_m = zebra_m + side * 2.2
            painter.line([at(lane[0] + 0.2, stop_m), at(lane[1] - 0.2, stop_m)], 0.4, _LINE)


def _with_shadows(image: Image, town: Town) -> Image:
    """Darkened where buildings, trees and lamps take the sun."""
    mask = _Painter((0, 0, 0))
    for building in town.buildings:
        foot = building.area.corners()
        thrown = [(e + SHADOW_PER_M[0] * building.height_m, n + SHADOW_PER_M[1] * building.height_m) for e, n in foot]
        hull = cv2.convexHull(np.array(foot + thrown, np.float32)).reshape(-1, 2)
        mask.area([(float(e), float(n)) for e, n in hull], (255, 255, 255))
    for tree in town.trees:
        height_m = tree.crown_m * 1.7
        centre = (tree.east_m + SHADOW_PER_M[0] * height_m, tree.north_m + SHADOW_PER_M[1] * height_m)
        mask.disc(centre, tree.crown_m, (255, 255, 255))
    keep = cv2.convertScaleAbs(cv2.GaussianBlur(mask.image, (0, 0), 1.2), alpha=-0.5, beta=255.0)
    return np.asarray(cv2.multiply(image, keep, scale=1 / 255), np.uint8)


def _by_night(image: Image, town: Town, light: Light) -> Image:
    """Moonlight, and warm pools under the street lamps."""
    pools = lamp_map(town.lamps, PIXELS_PER_M)
    for channel, (moon, lamp) in enumerate(((light.ambient * 1.25, 0.45), (light.ambient, 0.68), (light.ambient * 0.9, 0.85))):
        image[..., channel] = cv2.multiply(image[..., channel], moon + lamp * pools, dtype=cv2.CV_8U)
    return image
