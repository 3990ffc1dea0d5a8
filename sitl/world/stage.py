"""All things of the scene as flat arrays, so that a frame is a few vectorised steps: place, look, sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sitl.world.camera import Array, View
from sitl.world.shapes import Face, Glow, Model

# Box corners: bottom then top, each front-left, front-right, back-right, back-left.
_SIGNS = np.array([(1, -1), (1, 1), (-1, 1), (-1, -1)] * 2, np.float64)
FACES = np.array([(4, 5, 6, 7), (5, 4, 0, 1), (7, 6, 2, 3), (4, 7, 3, 0), (6, 5, 1, 2)])
"""Corners of each `Face`, seen from outside: upper left, upper right, lower right, lower left."""
NORMALS_FRU = np.array([(0, 0, 1), (1, 0, 0), (-1, 0, 0), (0, -1, 0), (0, 1, 0)], np.float64)
_PANE_CORNERS = np.array([(-1, 1), (1, 1), (1, -1), (-1, -1)], np.float64)

Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class Boxes:
    """Of N boxes: `local` (N, 8, 3) corners forward, right, up; `colours` (N, 5, 3); the thing each belongs to."""

    local: Array
    colours: Array
    glow: Ints
    thing: Ints
    layer: Ints
    decals: dict[tuple[int, int], str]


@dataclass(frozen=True)
class Balls:
    local: Array
    radius_m: Array
    colours: Array
    thing: Ints
    layer: Ints


@dataclass(frozen=True)
class Panes:
    local: Array  # (P, 4, 3)
    face: Ints
    lit: Bools
    thing: Ints


class Stage:
    """Things by their models; `place` says where each stands, then `corners_enu_m` and the others are in the town frame."""

    def __init__(self, models: Sequence[Model]) -> None:
        self.boxes, self.balls, self.panes = _boxes(models), _balls(models), _panes(models)
        self.solid = np.array([model.solid for model in models], np.bool_)
        self._height_m = np.array([model.height_m for model in models])
        self._radius_m = np.array([model.radius_m for model in models])
        self.place(np.zeros((len(models), 3)))

    def place(self, places: Array) -> None:
        """(G, 3): east, north, heading (radians, clockwise from north) of each thing's foot."""
        self.foot_enu_m = np.column_stack((places[:, :2], np.zeros(len(places))))
        sine, cosine, zero = np.sin(places[:, 2]), np.cos(places[:, 2]), np.zeros(len(places))
        forward, right = np.stack((sine, cosine, zero), axis=1), np.stack((cosine, -sine, zero), axis=1)
        self.axes = np.stack((forward, right, np.tile((0.0, 0.0, 1.0), (len(places), 1))), axis=1)
        self.corners_enu_m = self._placed(self.boxes.local, self.boxes.thing)
        self.balls_enu_m = self._placed(self.balls.local[:, None], self.balls.thing)[:, 0]
        self.panes_enu_m = self._placed(self.panes.local, self.panes.thing)
        self.normals_enu = NORMALS_FRU @ self.axes

    def _placed(self, local: Array, thing: Ints) -> Array:
        return np.asarray(local @ self.axes[thing] + self.foot_enu_m[thing][:, None], np.float64)

    def in_view(self, view: View) -> Bools:
        """(G,): which things may be in the picture, by a ball around each."""
        radius_m = np.hypot(self._radius_m, self._height_m / 2)
        right, down, depth = view.to_camera(self.foot_enu_m + np.outer(self._height_m / 2, (0, 0, 1))).T
        f, camera = view.camera.focal_px, view.camera
        slack = radius_m[:, None] * np.hypot(1.0, np.array((camera.width, camera.height)) / 2 / f)
        inside_x = np.abs(right) <= depth * camera.width / 2 / f + slack[:, 0]
        inside_y = np.abs(down) <= depth * camera.height / 2 / f + slack[:, 1]
        return np.asarray((depth > -radius_m) & inside_x & inside_y, np.bool_)

    def visible_faces(self, view: View, seen: Bools) -> tuple[Ints, Ints]:
        """Box and face indices of what looks towards the camera, among the things `seen`."""
        boxes = np.flatnonzero(seen[self.boxes.thing])
        towards = view.centre_enu_m - self.corners_enu_m[boxes][:, FACES[:, 0]]
        facing = np.einsum("nfi,nfi->nf", towards, self.normals_enu[self.boxes.thing[boxes]]) > 1e-6
        rows, faces = np.nonzero(facing)
        return boxes[rows], faces

    def paint_order(self, view: View, seen: Bools) -> Array:
        """(G,): the further back, the smaller. Painter's algorithm, with buildings as the separators.

        Buildings go by the distance of their nearest corner. A smaller thing goes by its distance, but before the first
        building that it is behind: one of whose walls that face the camera it is outside of, it is in front of.
        """
        away_m = np.linalg.norm(self.foot_enu_m - view.centre_enu_m, axis=1)
        order = np.zeros(len(away_m))
        solids = np.flatnonzero(self.solid & seen)
        small = np.flatnonzero(~self.solid & seen)
        first = np.array([np.flatnonzero(self.boxes.thing == each)[0] for each in solids], np.int64)
        corners = self.corners_enu_m[first]
        nearest_m = np.linalg.norm(corners - view.centre_enu_m, axis=2).min(axis=1) if len(first) else np.zeros(0)
        sequence = np.argsort(-nearest_m)
        rank = np.empty(len(solids))
        rank[sequence] = np.arange(len(solids))
        order[solids] = rank * 1e4 + 5e3
        behind = self._behind(view, small, corners)
        slot = np.where(behind, rank[None, :], len(solids)).min(axis=1) if len(solids) else np.zeros(len(small))
        order[small] = slot * 1e4 - away_m[small]
        return order

    def _behind(self, view: View, small: Ints, corners: Array) -> Bools:
        """(things, buildings): not in front of any wall or roof that faces the camera, and in about the same direction."""
        point = corners[:, FACES[:, 0]]  # (B, 5, 3): buildings are not turned, so their normals are the plain ones
        normals = NORMALS_FRU[:, [1, 0, 2]]
        facing = np.einsum("bfi,fi->bf", view.centre_enu_m - point, normals) > 0
        tops = self.foot_enu_m[small] + np.outer(self._height_m[small], (0, 0, 0.6))
        outside = np.einsum("sbfi,fi->sbf", tops[:, None, None] - point[None], normals) > 0
        in_front = (outside & facing[None]).any(axis=2)
        middle = corners.mean(axis=1)
        half_m = np.linalg.norm(corners[:, 0] - middle, axis=1)
        to_small, to_middle = tops - view.centre_enu_m, middle - view.centre_enu_m
        lengths = np.linalg.norm(to_small, axis=1)[:, None], np.linalg.norm(to_middle, axis=1)[None]
        apart_rad = np.arccos(np.clip(to_small @ to_middle.T / (lengths[0] * lengths[1]), -1, 1))
        reach_rad = np.arctan2(half_m, lengths[1][0])[None] + np.arctan2(self._radius_m[small], lengths[0][:, 0])[:, None]
        return np.asarray(~in_front & (apart_rad < reach_rad), np.bool_)


def _boxes(models: Sequence[Model]) -> Boxes:
    rows = [(thing, layer, box) for thing, model in enumerate(models) for layer, box in enumerate(model.boxes)]
    local = np.empty((len(rows), 8, 3))
    for index, (_, _, box) in enumerate(rows):
        local[index, :, :2] = _SIGNS * (box.half_length_m, box.half_width_m) + (box.forward_m, box.right_m)
        local[index, :4, 2], local[index, 4:, 2] = box.bottom_m, box.top_m
    return Boxes(
        local,
        np.array([[box.roof] + [box.side] * 4 for _, _, box in rows], np.float64),
        np.array([box.glow for _, _, box in rows], np.int64),
        np.array([thing for thing, _, _ in rows], np.int64),
        np.array([layer for _, layer, _ in rows], np.int64),
        {(index, int(face)): name for index, (_, _, box) in enumerate(rows) for face, name in box.decals},
    )


def _balls(models: Sequence[Model]) -> Balls:
    rows = [(thing, layer, ball) for thing, model in enumerate(models) for layer, ball in enumerate(model.balls)]
    return Balls(
        np.array([(ball.forward_m, ball.right_m, ball.up_m) for _, _, ball in rows]).reshape(-1, 3),
        np.array([ball.radius_m for _, _, ball in rows]),
        np.array([ball.colour for _, _, ball in rows], np.float64).reshape(-1, 3),
        np.array([thing for thing, _, _ in rows], np.int64),
        np.array([layer for _, layer, _ in rows], np.int64),
    )


def _panes(models: Sequence[Model]) -> Panes:
    quads, faces, lit, things = [], [], [], []
    for thing, model in enumerate(models):
        for pane in model.panes:
            wall = model.boxes[0]
            half_m = wall.half_length_m if pane.face in (Face.FRONT, Face.BACK) else wall.half_width_m
            normal = NORMALS_FRU[pane.face]
            right = np.cross((0, 0, 1), normal)
            middle = normal * (half_m + 0.02) + right * pane.along_m + np.array((0, 0, pane.up_m))
            size = _PANE_CORNERS * (pane.half_width_m, pane.half_height_m)
            quads.append(middle + size[:, :1] * right + size[:, 1:] * np.array((0, 0, 1)))
            faces.append(int(pane.face))
            lit.append(pane.lit)
            things.append(thing)
    return Panes(
        np.array(quads).reshape(-1, 4, 3), np.array(faces, np.int64), np.array(lit, np.bool_), np.array(things, np.int64)
    )


def glowing(glow: Ints, *, night: bool, time_s: float) -> tuple[Bools, Bools]:
    """(shines, is dark) of boxes with these `Glow`s: the light bar's halves take turns, four times a second."""
    phase = Glow.BLINK_A if int(time_s * 4) % 2 else Glow.BLINK_B
    blinks = (glow == Glow.BLINK_A) | (glow == Glow.BLINK_B)
    shines = (glow == phase) | ((glow == Glow.AT_NIGHT) & night)
    return shines, blinks & (glow != phase)
