"""The last step of drawing: coloured polygons, balls and textures in the order of their depth, by cv2."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray

from sitl.world.camera import Array, View, clipped
from sitl.world.ground import Image
from sitl.world.town import Colour

NEAR_M = 0.15
"""Nothing nearer than this is drawn."""

SHIFT = 4
"""cv2's fixed-point digits of a coordinate."""

_FARTHEST_PX = 1e5  # keeps cv2's fixed-point coordinates in range
_SMALLEST_PX = 0.5


class Brush:
    """Collects shapes of one frame, then paints them: smaller order first."""

    def __init__(self, image: Image, view: View) -> None:
        self._image, self._view = image, view
        self._jobs: list[tuple[float, Callable[[], object]]] = []

    def polygons(self, corners_enu_m: Array, colours: Array, order: Array) -> None:
        """(N, 4, 3) quads, (N, 3) BGR levels, (N,) orders. What crosses the near plane is cut there."""
        camera_m = self._view.to_camera(corners_enu_m)
        ahead = camera_m[..., 2] >= NEAR_M
        whole = ahead.all(axis=1)
        pixels, colours_whole, order_whole = self._view.pixels(camera_m[whole]), colours[whole], order[whole]
        least, most = pixels.min(axis=1), pixels.max(axis=1)
        size = np.array((self._view.camera.width, self._view.camera.height))
        matters = (most > 0).all(axis=1) & (least < size).all(axis=1) & ((most - least).max(axis=1) > _SMALLEST_PX)
        points, keys = fixed(pixels[matters]), order_whole[matters].tolist()
        for shape, colour, key in zip(points, _levels(colours_whole[matters]), keys, strict=True):
            self._jobs.append((key, partial(cv2.fillConvexPoly, self._image, shape, colour, cv2.LINE_AA, SHIFT)))
        for index in np.flatnonzero(ahead.any(axis=1) & ~whole):
            part = clipped(camera_m[index], NEAR_M)
            shape, colour = fixed(self._view.pixels(part)), _levels(colours[index][None])[0]
            self._jobs.append(
                (float(order[index]), partial(cv2.fillConvexPoly, self._image, shape, colour, cv2.LINE_AA, SHIFT))
            )

    def balls(self, centres_enu_m: Array, radii_m: Array, dark: Array, bright: Array, order: Array) -> None:
        """Discs of the balls' size (N,), brighter towards the sky."""
        camera_m = self._view.to_camera(centres_enu_m)
        ahead = camera_m[:, 2] >= NEAR_M + radii_m
        pixels = self._view.pixels(camera_m[ahead])
        radii = radii_m[ahead] / camera_m[ahead, 2] * self._view.camera.focal_px
        up = np.array((self._view.rotation[0, 2], self._view.rotation[1, 2]))
        lifted = pixels + up * radii[:, None] * 0.3
        middles = zip(fixed(pixels).tolist(), fixed(lifted).tolist(), strict=True)
        colours = zip(_levels(dark[ahead]), _levels(bright[ahead]), strict=True)
        for middle, radius, colour, key in zip(middles, radii.tolist(), colours, order[ahead].tolist(), strict=True):
            self._jobs.append((key, partial(_ball, self._image, middle, radius, colour)))

    def decal(self, corners_enu_m: Array, levels: list[Image], light: float, order: float) -> None:
        """A texture (its mip levels) on a quad: (4, 3), upper left, upper right, lower right, lower left."""
        self._jobs.append((order, partial(self._decal, corners_enu_m, levels, light)))

    def paint(self) -> None:
        for _, job in sorted(self._jobs, key=lambda each: each[0]):
            job()

    def _decal(self, corners_enu_m: Array, levels: list[Image], light: float) -> None:
        camera_m = self._view.to_camera(corners_enu_m)
        if (camera_m[:, 2] < NEAR_M).all():
            return
        outline = self._view.pixels(clipped(camera_m, NEAR_M))
        height, width = self._image.shape[:2]
        left, top = np.clip(np.floor(outline.min(axis=0)), 0, (width, height)).astype(int).tolist()
        right, bottom = np.clip(np.ceil(outline.max(axis=0)) + 1, 0, (width, height)).astype(int).tolist()
        if right <= left or bottom <= top:
            return
        texture = levels[_level(levels[0], outline, len(levels))]
        rows, columns = texture.shape[:2]
        right_enu, down_enu = corners_enu_m[1] - corners_enu_m[0], corners_enu_m[3] - corners_enu_m[0]
        to_pixels = self._view.plane_homography(corners_enu_m[0], right_enu, down_enu)
        from_texture = np.array([[1 / columns, 0, 0.5 / columns], [0, 1 / rows, 0.5 / rows], [0, 0, 1]])
        shift = np.array([[1, 0, -left - 0.5], [0, 1, -top - 0.5], [0, 0, 1.0]])
        size = (right - left, bottom - top)
        drawn = cv2.warpPerspective(
            texture, shift @ to_pixels @ from_texture, size, None, cv2.INTER_LINEAR, cv2.BORDER_REPLICATE
        )
        mask = np.zeros((size[1], size[0]), np.uint8)
        cv2.fillConvexPoly(mask, fixed(outline - (left, top)), 255, cv2.LINE_8, SHIFT)
        cv2.copyTo(cv2.convertScaleAbs(drawn, alpha=light), mask, self._image[top:bottom, left:right])


def _ball(image: Image, middles: tuple[list[int], list[int]], radius: float, colours: tuple[Colour, Colour]) -> None:
    """Its own disc, and on it the brighter, smaller one: (x, y) in fixed point of both, and their colours."""
    if radius < _SMALLEST_PX:
        return
    (x, y), (high_x, high_y) = middles
    scale = 2**SHIFT
    cv2.circle(image, (x, y), round(radius * scale), colours[0], -1, cv2.LINE_AA, SHIFT)
    if radius > 2:
        cv2.circle(image, (high_x, high_y), round(radius * 0.68 * scale), colours[1], -1, cv2.LINE_AA, SHIFT)


def fixed(pixels: Array) -> NDArray[np.int32]:
    """Pixel coordinates in cv2's fixed point, where whole numbers are the middles of pixels."""
    return np.asarray(np.round((np.clip(pixels, -_FARTHEST_PX, _FARTHEST_PX) - 0.5) * 2**SHIFT), np.int32)


def _levels(colours: Array) -> list[Colour]:
    return [(blue, green, red) for blue, green, red in np.clip(np.round(colours), 0, 255).astype(int).tolist()]


def _level(texture: Image, outline_px: Array, count: int) -> int:
    """The mip level with about as many pixels as the outline covers, rather too sharp than too soft."""
    area_px = abs(float(cv2.contourArea(outline_px.astype(np.float32))))
    return min(count - 1, max(0, int(np.log2(texture.shape[0] * texture.shape[1] / max(area_px, 1.0)) / 2 + 0.4)))
