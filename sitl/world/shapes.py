"""What things are made of: boxes, balls and flat panes in the frame of the thing (forward, right, up from its foot)."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import IntEnum

from sitl.world.town import LAMP_HEIGHT_M, Building, Colour, Tree

_GLASS: Colour = (60, 52, 45)
_TYRE: Colour = (35, 35, 35)
_TRUNK: Colour = (50, 70, 90)
_STEEL: Colour = (120, 120, 118)
_SKIN: Colour = (130, 160, 205)
_TAIL: Colour = (40, 40, 200)
_LAMPLIGHT: Colour = (190, 235, 255)


class Face(IntEnum):
    TOP = 0
    FRONT = 1
    BACK = 2
    LEFT = 3
    RIGHT = 4


class Glow(IntEnum):
    """What shines by itself."""

    NEVER = 0
    AT_NIGHT = 1
    BLINK_A = 2
    BLINK_B = 3


@dataclass(frozen=True)
class Box:
    """Upright, without a bottom. `side` colours all sides but those in `faces`; `decals` are names of textures."""

    forward_m: float
    right_m: float
    half_length_m: float
    half_width_m: float
    bottom_m: float
    top_m: float
    roof: Colour
    side: Colour
    glow: Glow = Glow.NEVER
    decals: tuple[tuple[Face, str], ...] = ()


@dataclass(frozen=True)
class Ball:
    forward_m: float
    right_m: float
    up_m: float
    radius_m: float
    colour: Colour


@dataclass(frozen=True)
class Pane:
    """A window in a wall of the model's first box: its middle along the wall and above the ground, and its size."""

    face: Face
    along_m: float
    up_m: float
    half_width_m: float
    half_height_m: float
    lit: bool


@dataclass(frozen=True)
class Model:
    """Drawn in the order given: boxes, panes, balls. `solid`: big enough to hide other things (a building)."""

    boxes: tuple[Box, ...]
    balls: tuple[Ball, ...] = ()
    panes: tuple[Pane, ...] = ()
    solid: bool = False

    @property
    def height_m(self) -> float:
        return max([b.top_m for b in self.boxes] + [b.up_m + b.radius_m for b in self.balls])

    @property
    def radius_m(self) -> float:
        """Of a vertical cylinder around all of it."""
        boxes = [abs(b.forward_m) + abs(b.right_m) + b.half_length_m + b.half_width_m for b in self.boxes]
        return max(boxes + [abs(b.forward_m) + abs(b.right_m) + b.radius_m for b in self.balls])


def car(paint: Colour, *, driving: bool) -> Model:
    """A saloon, 4.4 m by 1.8 m by 1.45 m; its lights are on at night when it drives."""
    glow = Glow.AT_NIGHT if driving else Glow.NEVER
    lights = [Box(2.16, side * 0.65, 0.06, 0.2, 0.6, 0.78, _LAMPLIGHT, _LAMPLIGHT, glow) for side in (-1, 1)]
    lights += [Box(-2.16, side * 0.68, 0.06, 0.18, 0.65, 0.82, _TAIL, _TAIL, glow) for side in (-1, 1)]
    return Model(
        (
            Box(0.0, 0.0, 2.1, 0.82, 0.0, 0.35, _TYRE, _TYRE),
            Box(0.0, 0.0, 2.2, 0.9, 0.35, 0.85, paint, paint),
            *lights,
            Box(-0.25, 0.0, 1.35, 0.8, 0.85, 1.1, _GLASS, _GLASS),
            Box(-0.3, 0.0, 0.95, 0.74, 1.1, 1.45, paint, _GLASS),
        )
    )


def person(coat: Colour, rng: random.Random) -> Model:
    """1.6 to 1.85 m high."""
    scale = rng.uniform(0.92, 1.06)
    trousers = rng.choice(((70, 50, 40), (45, 45, 50), (95, 85, 70)))
    hair = rng.choice(((30, 35, 45), (50, 80, 110), (100, 150, 190), (120, 120, 125)))
    return Model(
        (
            Box(0.0, 0.0, 0.13, 0.17, 0.0, 0.82 * scale, trousers, trousers),
            Box(0.0, 0.0, 0.15, 0.25, 0.82 * scale, 1.45 * scale, coat, coat),
        ),
        (Ball(0.03, 0.0, 1.58 * scale, 0.12, _SKIN), Ball(-0.02, 0.0, 1.63 * scale, 0.12, hair)),
    )


def tree(each: Tree, rng: random.Random) -> Model:
    """A trunk and a crown of five balls."""
    trunk_m, crown_m = 1.2 + each.crown_m * 0.5, each.crown_m
    balls = []
    for _ in range(5):
        shade = each.shade * rng.uniform(0.8, 1.15)
        offset = (rng.uniform(-0.45, 0.45) * crown_m, rng.uniform(-0.45, 0.45) * crown_m)
        up_m = trunk_m + crown_m * rng.uniform(0.4, 1.0)
        balls.append(
            Ball(*offset, up_m, crown_m * rng.uniform(0.5, 0.68), (round(42 * shade), round(105 * shade), round(68 * shade)))
        )
    balls.sort(key=lambda ball: ball.up_m)
    return Model((Box(0, 0, 0.14, 0.14, 0.0, trunk_m, _TRUNK, _TRUNK),), tuple(balls))


def lamp() -> Model:
    return Model(
        (
            Box(0, 0, 0.06, 0.06, 0.0, LAMP_HEIGHT_M, _STEEL, _STEEL),
            Box(0.6, 0, 0.6, 0.05, LAMP_HEIGHT_M, LAMP_HEIGHT_M + 0.06, _STEEL, _STEEL),
            Box(1.1, 0, 0.3, 0.12, LAMP_HEIGHT_M - 0.04, LAMP_HEIGHT_M + 0.08, _LAMPLIGHT, _LAMPLIGHT, Glow.AT_NIGHT),
        )
    )


def building(each: Building, rng: random.Random) -> Model:
    """A flat-roofed house with a parapet, windows and something on its roof; faces north."""
    half_width_m, half_length_m = (side / 2 for side in each.area.size)
    rim = Box(0, 0, half_length_m, half_width_m, 0.0, each.height_m, _darker(each.roof, 1.25), each.wall)
    top = Box(0, 0, half_length_m - 0.35, half_width_m - 0.35, each.height_m - 0.3, each.height_m + 0.02, each.roof, each.roof)
    boxes = [rim, top]
    for _ in range(rng.randint(1, 3)):
        size = (rng.uniform(0.5, 1.2), rng.uniform(0.5, 1.2))
        place = (rng.uniform(-0.6, 0.6) * (half_length_m - 2), rng.uniform(-0.6, 0.6) * (half_width_m - 2))
        boxes.append(Box(*place, *size, each.height_m, each.height_m + rng.uniform(0.3, 0.8), (160, 160, 158), (125, 125, 125)))
    panes = []
    for face, half_m in (
        (Face.FRONT, half_width_m),
        (Face.BACK, half_width_m),
        (Face.LEFT, half_length_m),
        (Face.RIGHT, half_length_m),
    ):
        count = max(1, int(2 * half_m / 3.0))
        for storey in range(max(1, int(each.height_m / 2.8))):
            for column in range(count):
                along_m = (column + 0.5 - count / 2) * 2 * half_m / count
                panes.append(Pane(face, along_m, storey * 2.8 + 1.6, 0.6, 0.7, rng.random() < 0.3))
    return Model(tuple(boxes), (), tuple(panes), solid=True)


def _darker(colour: Colour, factor: float) -> Colour:
    blue, green, red = (min(255, round(channel * factor)) for channel in colour)
    return blue, green, red
