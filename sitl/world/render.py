"""Draws the town: ground and sky by one look-up per pixel, then everything that stands on it, from far to near."""

from __future__ import annotations

import math

import cv2
import numpy as np

from sitl.world.camera import Array, View, clipped
from sitl.world.ground import PIXELS_PER_M, Image, mip_levels
from sitl.world.light import Light, shade
from sitl.world.paint import NEAR_M, SHIFT, Brush, fixed
from sitl.world.stage import FACES, Bools, Stage, glowing
from sitl.world.town import HALF_SIZE_M

_BAND_ROWS = 80
_HAZE = 0.02  # how far below the horizon, as a sine, the ground ends
_NOISE_MARGIN_PX = 64
_PANES_SEEN_M = 120.0
_LIT_WINDOW = (110, 190, 230)
_DARK_WINDOW = (95, 85, 75)


class Ground:
    """The town's texture in its mip levels."""

    def __init__(self, texture: Image) -> None:
        self._levels = mip_levels(texture)

    def draw(self, image: Image, view: View, light: Light) -> None:
        """Fill the picture: below the horizon the ground (rows in bands, each from the level that fits), above it the sky."""
        for top in range(0, image.shape[0], _BAND_ROWS):
            self._band(image[top : top + _BAND_ROWS], top, view, light)
        for sine, colour in ((-_HAZE, light.horizon_bgr), (0.12, light.sky_bgr)):
            _fill_above(image, view, sine, colour)

    def _band(self, rows: Image, top: int, view: View, light: Light) -> None:
        level = self._level(view, top + rows.shape[0] / 2)
        pixels_per_m = PIXELS_PER_M / 2**level
        to_pixels = view.plane_homography(np.zeros(3), np.array((1.0, 0, 0)), np.array((0, 1.0, 0)))
        shift = np.array([[1, 0, 0.5], [0, 1, top + 0.5], [0, 0, 1.0]])
        scale = pixels_per_m * HALF_SIZE_M - 0.5
        to_texture = np.array([[pixels_per_m, 0, scale], [0, -pixels_per_m, scale], [0, 0, 1]])
        matrix = to_texture @ np.linalg.inv(to_pixels) @ shift
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        size = (rows.shape[1], rows.shape[0])
        cv2.warpPerspective(self._levels[level], matrix, size, rows, flags, cv2.BORDER_CONSTANT, light.horizon_bgr)

    def _level(self, view: View, row: float) -> int:
        """The mip level whose pixel is about as large as the picture's on the ground, in the middle of a row."""
        down = -float(view.ray(view.camera.width / 2, row)[2])
        if down < _HAZE:
            return len(self._levels) - 1
        across_m = float(view.centre_enu_m[2]) / down / view.camera.focal_px
        texels = across_m * PIXELS_PER_M / math.sqrt(down)  # along the look a pixel covers 1 / sin of that: their mean
        return min(len(self._levels) - 1, max(0, int(math.log2(max(texels, 1e-6)) + 0.3)))


def _fill_above(image: Image, view: View, sine: float, colour: tuple[int, int, int]) -> None:
    """Paint what looks higher than an angle over the horizon (about its sine; exact at 0), with a straight edge."""
    height, width = image.shape[:2]
    f = view.camera.focal_px
    up = view.rotation[:, 2]
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float64)
    rays = np.column_stack(((corners[:, 0] - width / 2) / f, (corners[:, 1] - height / 2) / f, np.ones(4)))
    polygon = clipped(np.column_stack((corners, rays @ up)), sine)
    if len(polygon) >= 3:
        cv2.fillConvexPoly(image, fixed(polygon[:, :2]), colour, cv2.LINE_AA, SHIFT)


class SensorNoise:
    """Gaussian noise drawn once; each frame takes another part of it."""

    def __init__(self, width: int, height: int, levels: float, seed: int) -> None:
        rng = np.random.default_rng(seed)
        shape = (height + _NOISE_MARGIN_PX, width + _NOISE_MARGIN_PX, 3)
        noise = rng.normal(0, levels, shape) if levels > 0 else np.zeros(shape)
        self._more: Image = np.clip(np.round(noise), 0, 255).astype(np.uint8)
        self._less: Image = np.clip(np.round(-noise), 0, 255).astype(np.uint8)
        self._seed = seed

    def add(self, image: Image, sequence: int) -> None:
        hashed = (sequence * 2654435761 + self._seed * 40503) & 0xFFFFFFFF  # Knuth's multiplicative hash
        top, left = (hashed >> 8) % _NOISE_MARGIN_PX, (hashed >> 20) % _NOISE_MARGIN_PX
        part = (slice(top, top + image.shape[0]), slice(left, left + image.shape[1]))
        cv2.add(image, self._more[part], image)
        cv2.subtract(image, self._less[part], image)


class Painter:
    """Draws a stage's things into a picture."""

    def __init__(self, stage: Stage, light: Light, textures: dict[str, Image]) -> None:
        self._stage, self._light, self._time_s = stage, light, 0.0
        self._textures = {name: mip_levels(texture, 8) for name, texture in textures.items()}

    def draw(self, image: Image, view: View, time_s: float, lamplight: Array) -> None:
        """`lamplight` (G,): how much lamplight, 0..1, falls on each thing; counts at night only."""
        seen = self._stage.in_view(view)
        order = self._stage.paint_order(view, seen)
        brush = Brush(image, view)
        bright = lamplight * 0.7 if self._light.night else np.zeros(len(lamplight))
        self._time_s = time_s
        self._faces(brush, view, seen, order, bright)
        self._panes(brush, view, seen, order)
        self._balls(brush, view, seen, order, bright)
        brush.paint()

    def _faces(self, brush: Brush, view: View, seen: Bools, order: Array, bright: Array) -> None:
        stage, boxes = self._stage, self._stage.boxes
        index, face = stage.visible_faces(view, seen)
        thing = boxes.thing[index]
        light = shade(self._light, stage.normals_enu[thing, face]) + bright[thing]
        shines, dark = glowing(boxes.glow[index], night=self._light.night, time_s=self._time_s)
        light = np.where(shines, 1.15, np.where(dark, light * 0.5, light))
        colours = boxes.colours[index, face] * light[:, None]
        corners = stage.corners_enu_m[index[:, None], FACES[face]]
        brush.polygons(corners, colours, order[thing] + boxes.layer[index] * 1e-3)
        for row, key in enumerate(zip(index.tolist(), face.tolist(), strict=True)):
            if key in boxes.decals:
                key_order = float(order[thing[row]] + boxes.layer[index[row]] * 1e-3 + 5e-4)
                brush.decal(corners[row], self._textures[boxes.decals[key]], float(light[row]), key_order)

    def _panes(self, brush: Brush, view: View, seen: Bools, order: Array) -> None:
        stage, panes = self._stage, self._stage.panes
        near = np.linalg.norm(stage.foot_enu_m - view.centre_enu_m, axis=1) < _PANES_SEEN_M
        chosen = np.flatnonzero((seen & near)[panes.thing])
        quads, normals = stage.panes_enu_m[chosen], stage.normals_enu[panes.thing[chosen], panes.face[chosen]]
        facing = np.einsum("ni,ni->n", view.centre_enu_m - quads[:, 0], normals) > 0
        chosen, quads, normals = chosen[facing], quads[facing], normals[facing]
        light = shade(self._light, normals)[:, None]
        colours = np.where((panes.lit[chosen] & self._light.night)[:, None], _LIT_WINDOW, np.array(_DARK_WINDOW) * light)
        brush.polygons(quads, colours, order[panes.thing[chosen]] + 5e-4)  # on the walls, under the roof's edge

    def _balls(self, brush: Brush, view: View, seen: Bools, order: Array, bright: Array) -> None:
        balls = self._stage.balls
        chosen = np.flatnonzero(seen[balls.thing])
        thing = balls.thing[chosen]
        light = (self._light.ambient + bright[thing])[:, None]
        keys = order[thing] + 0.1 + balls.layer[chosen] * 1e-3
        centres, radii, colours = self._stage.balls_enu_m[chosen], balls.radius_m[chosen], balls.colours[chosen]
        brush.balls(centres, radii, colours * light, colours * (light + self._light.direct), keys)


def cast_shadows(image: Image, view: View, outlines_enu_m: list[Array]) -> None:
    """Halve the light inside flat outlines, each (N, 3) points whose hull it is."""
    mask, part = _masked(image, view, outlines_enu_m)
    cv2.copyTo(cv2.convertScaleAbs(part, alpha=0.5), mask, part)


def cast_beams(image: Image, view: View, outlines_enu_m: list[Array]) -> None:
    """Add headlights' light inside flat outlines, with soft edges."""
    mask, part = _masked(image, view, outlines_enu_m)
    soft = cv2.blur(mask, (15, 15))
    cv2.add(part, cv2.merge([cv2.convertScaleAbs(soft, alpha=share) for share in (0.2, 0.24, 0.26)]), part)


def _masked(image: Image, view: View, outlines_enu_m: list[Array]) -> tuple[Image, Image]:
    """A mask of the outlines, and the part of the picture that it is of: the smallest that holds them all."""
    mask: Image = np.zeros(image.shape[:2], np.uint8)
    if outlines_enu_m:
        camera_m = view.to_camera(np.concatenate(outlines_enu_m))
        pixels = fixed(view.pixels(np.maximum(camera_m, (-np.inf, -np.inf, NEAR_M))))
        ends = np.cumsum([len(outline) for outline in outlines_enu_m])[:-1]
        for depths, points in zip(np.split(camera_m[:, 2], ends), np.split(pixels, ends), strict=True):
            if depths.min() >= NEAR_M:
                cv2.fillConvexPoly(mask, cv2.convexHull(points), 255, cv2.LINE_8, SHIFT)
    left, top, width, height = cv2.boundingRect(mask)
    where = (slice(top, top + max(height, 1)), slice(left, left + max(width, 1)))
    return mask[where], image[where]
