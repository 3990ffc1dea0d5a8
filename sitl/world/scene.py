"""The whole picture: the town, who moves in it and the police vehicle, seen through the aircraft's camera."""

from __future__ import annotations

import math
import random
from typing import Literal

import numpy as np

from sitl.world import ground, livery, shapes
from sitl.world.actors import Placement, TownActor, make_actors
from sitl.world.camera import Array, Camera, View, camera_of
from sitl.world.configuration import CameraConfig, WorldConfig
from sitl.world.ground import Image
from sitl.world.light import SHADOW_PER_M, lamp_map, light_of
from sitl.world.render import Ground, Painter, SensorNoise, cast_beams, cast_shadows
from sitl.world.stage import Stage
from sitl.world.town import HALF_SIZE_M, make_town
from sitl.world.vehicle import VehiclePose
from wire.geo import Quaternion

_EYE_M = 0.15
"""The camera is never nearer than this above what the aircraft stands on."""
_BEAM_M = (1.6, 12.0)
"""A headlight's beam on the ground: half its width at the far end, and its length."""


class Scene:
    """Built once (about a second); then `draw` as often as wanted. Everything is a pure function of the time given."""

    def __init__(self, config: WorldConfig) -> None:
        self._config, self._light = config, light_of(config.light)
        town = make_town(config.seed)
        rng = random.Random(config.seed + 1)
        self.actors: tuple[TownActor, ...] = make_actors(town, config.seed, config.people, config.cars)
        models = [
            shapes.person(a.colour, rng) if a.kind == "person" else shapes.car(a.colour, driving=a.path is not None)
            for a in self.actors
        ]
        fixed: list[tuple[shapes.Model, tuple[float, ...]]] = [
            (shapes.building(b, rng), (*b.area.centre, 0.0)) for b in town.buildings
        ]
        fixed += [(shapes.tree(t, rng), (t.east_m, t.north_m, 0.0)) for t in town.trees]
        fixed += [(shapes.lamp(), tuple(lamp)) for lamp in town.lamps]
        self._fixed_places = np.array([place for _, place in fixed])
        self._stage = Stage([livery.police_vehicle(config.roof_height_m), *models, *(model for model, _ in fixed)])
        self._painter = Painter(self._stage, self._light, livery.textures())
        self._ground = Ground(ground.paint(town, config.seed, self._light))
        self._lamps = lamp_map(town.lamps, 1.0)
        self._eyes = {"survey": _eye(config.camera, config.seed), "landing": _eye(config.landing_camera, config.seed)}

    def draw(
        self,
        place_enu_m: tuple[float, float, float],
        attitude: Quaternion,
        vehicle: VehiclePose,
        time_s: float,
        sequence: int,
        *,
        eye: Literal["survey", "landing"] = "survey",
    ) -> Image:
        """One frame (height, width, 3) BGR, from the aircraft's place in the town frame at `time_s` since the world began."""
        camera, noise = self._eyes[eye]
        view = camera.view(self._above(place_enu_m, vehicle), attitude)
        moving = [actor.at(time_s) for actor in self.actors]
        places = np.array([(vehicle.east_m, vehicle.north_m, vehicle.heading_rad), *((p[0], p[1], p[2]) for p in moving)])
        self._stage.place(np.concatenate((places, self._fixed_places)))
        image: Image = np.empty((view.camera.height, view.camera.width, 3), np.uint8)
        self._ground.draw(image, view, self._light)
        self._on_the_ground(image, view, [Placement(*vehicle[:4]), *moving])
        self._painter.draw(image, view, time_s, self._lamplight())
        noise.add(image, sequence)
        return image

    def _above(self, place_enu_m: tuple[float, float, float], vehicle: VehiclePose) -> tuple[float, float, float]:
        """The aircraft's place, but above the street, and above the roof where that is under it."""
        east_m, north_m, up_m = place_enu_m
        over_roof = math.hypot(east_m - vehicle.east_m, north_m - vehicle.north_m) < 1.0
        floor_m = self._config.roof_height_m if over_roof and up_m > self._config.roof_height_m - 0.5 else 0.0
        return east_m, north_m, max(up_m, floor_m + _EYE_M)

    def _on_the_ground(self, image: Image, view: View, moving: list[Placement]) -> None:
        """Shadows by day, headlights by night, of what moves; what never moves has them in the ground's texture."""
        seen = self._stage.in_view(view)[: len(moving)]
        if self._light.night:
            beams = [
                _beam(p) for p, actor in zip(moving[1:], self.actors, strict=True) if actor.kind == "car" and p.speed_m_s > 0
            ]
            cast_beams(image, view, [*beams, _beam(moving[0])])
            return
        rows = np.flatnonzero(np.isin(self._stage.boxes.thing, np.flatnonzero(seen)))
        if not len(rows):
            return
        corners = self._stage.corners_enu_m[rows]
        flat = corners[..., :2] + corners[..., 2:] * np.array(SHADOW_PER_M)
        shadows = np.concatenate((flat, np.zeros_like(flat[..., :1])), axis=2)
        starts = np.flatnonzero(np.diff(self._stage.boxes.thing[rows])) + 1  # a thing's boxes follow each other
        cast_shadows(image, view, [part.reshape(-1, 3) for part in np.split(shadows, starts)])

    def _lamplight(self) -> Array:
        feet = self._stage.foot_enu_m
        rows = np.clip((HALF_SIZE_M - feet[:, 1]).astype(int), 0, len(self._lamps) - 1)
        columns = np.clip((HALF_SIZE_M + feet[:, 0]).astype(int), 0, len(self._lamps) - 1)
        return np.asarray(self._lamps[rows, columns], np.float64)


def _eye(config: CameraConfig, seed: int) -> tuple[Camera, SensorNoise]:
    return camera_of(config), SensorNoise(config.width, config.height, config.noise_levels, seed)


def _beam(place: Placement) -> Array:
    """The ground that a car's headlights shine on."""
    forward = np.array((math.sin(place.heading_rad), math.cos(place.heading_rad)))
    right = np.array((forward[1], -forward[0]))
    foot = np.array((place.east_m, place.north_m))
    half_m, length_m = _BEAM_M
    points = [
        foot + forward * ahead + right * side
        for ahead, side in ((2.4, -0.7), (2.4, 0.7), (length_m, half_m), (length_m, -half_m))
    ]
    return np.column_stack((np.array(points), np.zeros(4)))
