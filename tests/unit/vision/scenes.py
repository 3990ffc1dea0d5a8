"""Pictures of a textured plane with boxes on it, by perspective from a flying camera: the truth is known."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

import cv2
import numpy as np

from onboard.vision.cameras.camera import Frame, Image
from onboard.vision.cameras.fake import textured_ground
from onboard.vision.geolocation import CameraModel, ground_ned, pixel_of
from wire.geo import Ned, Position, ned_between, offset, quaternion_from_euler
from wire.messages import Pose

HOME = Position(47.0, 8.0, 400.0)
CAMERA = CameraModel(640, 480, math.radians(70), math.radians(45))
PIXELS_PER_M = 8


@dataclass
class Thing:
    """A box standing at (north, east) metres from HOME, moving with a velocity. `height_m` stands above the ground."""

    north_m: float
    east_m: float
    velocity_m_s: tuple[float, float] = (0.0, 0.0)
    size_m: tuple[float, float] = (0.6, 0.6)
    height_m: float = 1.7
    grey: int = 235
    textured: bool = False

    def place(self, time_s: float) -> tuple[float, float]:
        return self.north_m + self.velocity_m_s[0] * time_s, self.east_m + self.velocity_m_s[1] * time_s


@dataclass
class Scene:
    things: list[Thing] = field(default_factory=list)
    camera: CameraModel = CAMERA
    noise: float = 2.0
    seed: int = 1

    def __post_init__(self) -> None:
        self.ground = textured_ground(200 * PIXELS_PER_M, 200 * PIXELS_PER_M, self.seed)
        self.roof = textured_ground(256, 256, self.seed + 1)
        self.random = np.random.default_rng(self.seed)

    def frame(self, pose: Pose, time_s: float, sequence: int) -> Frame:
        picture = self._plane(pose)
        for thing in self.things:
            self._draw(picture, pose, thing, time_s)
        noise = self.random.normal(0, self.noise, picture.shape)
        return Frame(np.clip(picture + noise, 0, 255).astype(np.uint8), time_s, sequence)

    def _plane(self, pose: Pose) -> Image:
        corners = [(0, 0), (self.camera.width_px, 0), (self.camera.width_px, self.camera.height_px), (0, self.camera.height_px)]
        texture = []
        for u, v in corners:
            ground = ground_ned(self.camera, pose, u, v)
            assert ground is not None, "the scene's camera must not see the horizon"
            north, east = self._from_home(pose, ground)
            texture.append(((east + 100) * PIXELS_PER_M, (100 - north) * PIXELS_PER_M))
        matrix = cv2.getPerspectiveTransform(np.array(texture, np.float32), np.array(corners, np.float32))
        size = (self.camera.width_px, self.camera.height_px)
        return np.asarray(cv2.warpPerspective(self.ground, matrix, size, borderMode=cv2.BORDER_REFLECT), np.uint8)

    def _from_home(self, pose: Pose, ground: Ned) -> tuple[float, float]:
        there = ned_between(HOME, offset(pose.position, ground))
        return there.north_m, there.east_m

    def _pixel(self, pose: Pose, north_m: float, east_m: float, height_m: float) -> tuple[float, float]:
        pixel = pixel_of(self.camera, pose, offset(HOME, Ned(north_m, east_m, -height_m)))
        assert pixel is not None
        return pixel

    def _draw(self, picture: Image, pose: Pose, thing: Thing, time_s: float) -> None:
        north, east = thing.place(time_s)
        dn, de = thing.size_m[0] / 2, thing.size_m[1] / 2
        feet = [(north + dn, east - de), (north + dn, east + de), (north - dn, east + de), (north - dn, east - de)]
        low = [self._pixel(pose, n, e, 0.0) for n, e in feet]
        high = [self._pixel(pose, n, e, thing.height_m) for n, e in feet]
        for i in range(4):
            wall = [low[i], low[(i + 1) % 4], high[(i + 1) % 4], high[i]]
            cv2.fillConvexPoly(picture, _fixed(wall), (thing.grey // 2,) * 3, cv2.LINE_AA, 4)
        if not thing.textured:
            cv2.fillConvexPoly(picture, _fixed(high), (thing.grey,) * 3, cv2.LINE_AA, 4)
            return
        source = np.array([(0, 0), (255, 0), (255, 255), (0, 255)], np.float32)
        matrix = cv2.getPerspectiveTransform(source, np.array(high, np.float32))
        size = (picture.shape[1], picture.shape[0])
        roof = cv2.warpPerspective(self.roof, matrix, size, borderMode=cv2.BORDER_REPLICATE)
        mask = cv2.warpPerspective(np.full(self.roof.shape[:2], 255, np.uint8), matrix, size)
        share = mask[..., None] / 255
        picture[:] = (share * roof + (1 - share) * picture).astype(np.uint8)


def _fixed(points: list[tuple[float, float]]) -> np.ndarray[tuple[int, ...], np.dtype[np.int32]]:
    return np.round(np.array(points) * 16).astype(np.int32)


def orbit_pose(
    time_s: float, *, radius_m: float = 25.0, speed_m_s: float = 5.0, height_m: float = 27.0, shake_rad: float = 0.0
) -> Pose:
    """Clockwise around HOME, nose to the centre. `shake_rad`: the attitude swings by that much about each axis."""
    angle = speed_m_s / radius_m * time_s
    place = offset(HOME, Ned(radius_m * math.cos(angle), radius_m * math.sin(angle), -height_m))
    roll = shake_rad * math.sin(7.0 * time_s)
    pitch = shake_rad * math.sin(5.0 * time_s + 1)
    yaw = angle + math.pi + shake_rad * math.sin(3.0 * time_s + 2)
    return Pose(
        at_s=time_s,
        position=place,
        attitude=quaternion_from_euler(roll, pitch, yaw),
        height_m=height_m - 2,
        airborne=True,
        ground_amsl_m=HOME.altitude_amsl_m,
    )
