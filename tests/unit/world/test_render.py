"""What is in the pictures is where it should be."""

from __future__ import annotations

import math
import random
from functools import cache

import cv2
import numpy as np
import pytest

from sitl.world import livery, shapes
from sitl.world.camera import Array, Camera, View, camera_of
from sitl.world.configuration import CameraConfig, WorldConfig
from sitl.world.ground import Image
from sitl.world.light import DAY
from sitl.world.render import Painter
from sitl.world.scene import Scene
from sitl.world.stage import Stage
from sitl.world.town import Building, Rect
from sitl.world.vehicle import VehicleMotion, VehiclePose
from wire.geo import quaternion_from_euler

STANDING = VehicleMotion(()).pose(None)
DOWN = CameraConfig(pitch_down_deg=90.0)
GREY = 128


@cache
def scene(light: str = "day", pitch_down_deg: float = 45.0) -> Scene:
    camera = CameraConfig(width=640, height=480, pitch_down_deg=pitch_down_deg)
    return Scene(WorldConfig(light="night" if light == "night" else "day", camera=camera))


def on_grey(models: list[shapes.Model], places: list[tuple[float, float, float]], view: View) -> Image:
    """The models alone, on a plain background."""
    stage = Stage(models)
    stage.place(np.array(places))
    image: Image = np.full((view.camera.height, view.camera.width, 3), GREY, np.uint8)
    Painter(stage, DAY, livery.textures()).draw(image, view, 0.0, np.zeros(len(models)))
    return image


def marker_corners_enu_m(vehicle: VehiclePose, roof_m: float) -> list[tuple[float, float, float]]:
    """Upper left, upper right, lower right, lower left, its top being the vehicle's front."""
    sine, cosine, half = math.sin(vehicle.heading_rad), math.cos(vehicle.heading_rad), livery.MARKER_SIDE_M / 2
    return [
        (vehicle.east_m + f * half * sine + r * half * cosine, vehicle.north_m + f * half * cosine - r * half * sine, roof_m)
        for f, r in ((1, -1), (1, 1), (-1, 1), (-1, -1))
    ]


@pytest.mark.parametrize("heading_rad", [0.0, 0.7, -2.5])
@pytest.mark.parametrize(("height_m", "aside_m"), [(4.0, 0.5), (10.0, 0.0), (10.0, 3.0), (12.0, -2.0)])
def test_the_marker_is_found_from_above_in_its_place(height_m: float, aside_m: float, heading_rad: float) -> None:
    vehicle = VehiclePose(1.0, 2.0, heading_rad, 0.0, 0.0)
    place, attitude = (1.0 + aside_m, 2.0, 2.0 + height_m), quaternion_from_euler(0.02, -0.03, 0.4)
    image = scene("day", 90.0).draw(place, attitude, vehicle, 1.0, 7)
    parameters = cv2.aruco.DetectorParameters()
    parameters.cornerRefinementMethod = cv2.aruco.CORNER_REFINE_CONTOUR
    detector = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(livery.MARKER_DICTIONARY), parameters)
    corners, ids, _ = detector.detectMarkers(image)
    assert ids is not None
    assert ids.ravel().tolist() == [livery.MARKER_ID]
    view = camera_of(DOWN).view(place, attitude)
    expected = np.array([view.project(corner) for corner in marker_corners_enu_m(vehicle, 2.0)])
    errors_px = corners[0].reshape(4, 2) + 0.5 - expected  # cv2's whole numbers are the middles of pixels
    assert np.linalg.norm(errors_px, axis=1).max() < 1.2  # the detector's outline runs half a pixel inside the edge
    assert np.linalg.norm(errors_px.mean(axis=0)) < 0.15


@pytest.mark.parametrize("place", [(0.0, 12.0), (4.0, 14.0), (-3.0, 9.0)])
def test_a_persons_box_lies_where_the_projection_says(place: tuple[float, float]) -> None:
    view = Camera(640, 480, 70.0, 45.0).view((0.0, 0.0, 12.0), quaternion_from_euler(0.05, 0.02, 0.1))
    model = shapes.person((200, 40, 40), random.Random(3))
    image = on_grey([model], [(*place, 0.4)], view)
    rows, columns = np.nonzero((image != GREY).any(axis=2))
    stage = Stage([model])
    stage.place(np.array([(*place, 0.4)]))
    head = stage.balls_enu_m[:, None] + np.array([(0, 0, 0.12), (0, 0, 0)])
    pixels = view.pixels(view.to_camera(np.concatenate((stage.corners_enu_m.reshape(-1, 3), head.reshape(-1, 3)))))
    found = np.array((columns.min(), rows.min(), columns.max() + 1, rows.max() + 1))
    assert np.abs(found - (*pixels.min(axis=0), *pixels.max(axis=0))).max() < 3.0


def house(east_m: float, north_m: float) -> tuple[shapes.Model, tuple[float, float, float]]:
    area = Rect(east_m - 6, north_m - 4, east_m + 6, north_m + 4)
    return shapes.building(Building(area, 6.0, (10, 200, 10), (10, 10, 200)), random.Random(1)), (east_m, north_m, 0.0)


def changed(with_it: Image, without: Image) -> int:
    return int((with_it != without).any(axis=2).sum())


@pytest.mark.parametrize(
    ("east_m", "north_m", "visible"),
    [(0.0, 14.0, True), (5.8, 15.0, True), (0.0, 25.5, False), (-9.0, 20.0, True), (9.0, 20.0, True)],
)
def test_a_house_hides_who_is_behind_it_only(east_m: float, north_m: float, *, visible: bool) -> None:
    view = Camera(640, 480, 70.0, 20.0).view((0.0, 0.0, 7.0), (1.0, 0.0, 0.0, 0.0))
    building, at = house(0.0, 20.0)
    somebody = shapes.person((255, 255, 255), random.Random(3))
    both = on_grey([building, somebody], [at, (east_m, north_m, 0.0)], view)
    assert (changed(both, on_grey([building], [at], view)) > 30) == visible


def test_a_nearer_house_hides_the_farther_one() -> None:
    view = Camera(640, 480, 70.0, 20.0).view((0.0, 0.0, 5.0), (1.0, 0.0, 0.0, 0.0))
    near, far = house(0.0, 20.0), house(0.0, 34.0)
    alone = on_grey([near[0]], [near[1]], view)
    for order in ([near, far], [far, near]):
        both = on_grey([model for model, _ in order], [at for _, at in order], view)
        hidden = (alone != GREY).any(axis=2)
        assert (both[hidden] == alone[hidden]).all(axis=1).mean() > 0.97


def test_the_same_seed_draws_the_same_picture() -> None:
    small = CameraConfig(width=160, height=120)
    place, attitude = (20.0, -15.0, 27.0), quaternion_from_euler(0.0, 0.0, -0.9)

    def picture(seed: int) -> Image:
        return Scene(WorldConfig(seed=seed, camera=small)).draw(place, attitude, STANDING, 33.0, 5)

    first = picture(4)
    assert np.array_equal(first, picture(4))
    assert changed(first, picture(5)) > 1000


def test_time_moves_people_and_cars() -> None:
    place, attitude = (0.0, -20.0, 27.0), quaternion_from_euler(0.0, 0.0, 0.0)
    quiet = scene()
    assert np.array_equal(quiet.draw(place, attitude, STANDING, 10.0, 1), quiet.draw(place, attitude, STANDING, 10.0, 1))
    before, after = (cv2.GaussianBlur(quiet.draw(place, attitude, STANDING, t, 1), (5, 5), 0) for t in (10.0, 10.5))
    assert (cv2.absdiff(before, after).max(axis=2) > 25).sum() > 100


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize(
    ("place", "pitch_rad"),
    [
        ((0.0, 0.0, 2.0), 0.0),  # standing on the roof
        ((0.0, 0.0, 1.9), 0.0),
        ((0.0, 0.0, -3.0), 0.0),  # below the street
        ((0.0, -0.5, 2.4), -1.0),
        ((60.0, 0.0, 3.0), 0.0),  # in the shop
        ((0.0, 0.0, 90.0), 1.6),  # looking up
        ((5000.0, 0.0, 30.0), 0.0),
    ],
)
def test_any_place_gives_a_picture(light: str, place: tuple[float, float, float], pitch_rad: float) -> None:
    image = scene(light).draw(place, quaternion_from_euler(0.1, pitch_rad, 0.3), STANDING, 1.0, 1)
    assert image.shape == (480, 640, 3)


def test_on_the_roof_the_camera_sees_the_roof() -> None:
    """Not the street through it."""
    image = scene().draw((0.0, 0.0, 2.0), (1.0, 0.0, 0.0, 0.0), STANDING, 1.0, 1)
    middle = cv2.cvtColor(image, cv2.COLOR_BGR2GRAY)[100:400]
    assert ((middle < 40) | (middle > 190)).mean() > 0.8  # the marker's black and white


def mean(image: Array | Image) -> float:
    return float(np.asarray(image, np.float64).mean())


def test_sky_above_ground_below_and_dark_at_night() -> None:
    place, attitude = (-1.75, -30.0, 20.0), (1.0, 0.0, 0.0, 0.0)
    day = scene("day", 10.0).draw(place, attitude, STANDING, 1.0, 1)
    view = Camera(640, 480, 70.0, 10.0).view(place, attitude)
    horizon = next(row for row in range(480) if view.ray(320, row)[2] < 0)
    assert mean(day[: horizon - 20]) > 170
    assert mean(day[horizon + 60 :]) < 130
    night = scene("night", 10.0).draw(place, attitude, STANDING, 1.0, 1)
    assert mean(night) < mean(day) / 2


def test_noise_is_as_strong_as_asked() -> None:
    place, attitude = (0.0, -20.0, 27.0), quaternion_from_euler(0.0, 0.0, 0.0)
    a, b = (scene().draw(place, attitude, STANDING, 10.0, sequence).astype(np.int16) for sequence in (1, 2))
    assert np.std(a - b) == pytest.approx(2.0 * math.sqrt(2), rel=0.1)
