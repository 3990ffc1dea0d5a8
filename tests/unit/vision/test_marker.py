"""The roof's marker in drawn pictures: found where it is, by day and by night, and nothing else taken for it."""

from __future__ import annotations

import math
from functools import cache
from typing import Literal

import cv2
import msgspec
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboard.vision.cameras.camera import Image
from onboard.vision.configuration import CameraConfig, LandingConfig
from onboard.vision.geolocation import CameraModel
from onboard.vision.marker import DICTIONARY, MarkerFinder, locate
from sitl.world import livery
from sitl.world.configuration import LANDING_CAMERA, WorldConfig
from sitl.world.scene import Scene
from sitl.world.vehicle import VehiclePose
from wire import codec
from wire.geo import Position, Quaternion, quaternion_from_euler, rotate
from wire.messages import PadSighting, Pose

ROOF_M = 2.0
CAMERA = CameraConfig(
    kind="world", horizontal_fov_deg=LANDING_CAMERA.hfov_deg, pitch_down_deg=LANDING_CAMERA.pitch_down_deg, frames_per_s=10.0
)
CONFIG = LandingConfig(camera=CAMERA, marker_id=livery.MARKER_ID, marker_side_m=livery.MARKER_SIDE_M)
FINDER = MarkerFinder(CONFIG)
DOWN = CameraModel(640, 480, math.radians(90), math.radians(90))
LEVEL: Quaternion = (1.0, 0.0, 0.0, 0.0)


@cache
def scene(light: Literal["day", "night"]) -> Scene:
    return Scene(WorldConfig(light=light))


def drawn(
    height_m: float,
    aside_m: tuple[float, float] = (0.0, 0.0),
    attitude: Quaternion = LEVEL,
    *,
    light: Literal["day", "night"] = "day",
    heading_rad: float = 0.6,
) -> Image:
    """What the landing camera sees from `height_m` above the roof, `aside_m` (north, east) from its centre."""
    vehicle = VehiclePose(3.0, 5.0, heading_rad, 0.0, 0.0)
    place = (3.0 + aside_m[1], 5.0 + aside_m[0], ROOF_M + height_m)
    picture = scene(light).draw(place, attitude, vehicle, 1.0, 7, eye="landing")
    return np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)


def look(picture: Image, attitude: Quaternion = LEVEL, finder: MarkerFinder = FINDER) -> PadSighting:
    pose = Pose(at_s=1.0, position=Position(47.0, 8.0, 500.0), attitude=attitude, height_m=10.0, airborne=True, seek_pad=True)
    return finder.look(picture, 1.0, 1, pose)


def off_m(sighting: PadSighting, aside_m: tuple[float, float] = (0.0, 0.0)) -> float:
    assert sighting.offset_ned_m is not None, sighting.reason
    return math.hypot(sighting.offset_ned_m.north_m + aside_m[0], sighting.offset_ned_m.east_m + aside_m[1])


@pytest.mark.parametrize("light", ["day", "night"])
@pytest.mark.parametrize("height_m", [1.0, 2.0, 4.0, 8.0, 12.0])
def test_it_is_found_in_its_place(height_m: float, light: Literal["day", "night"]) -> None:
    aside = (0.12 * height_m, -0.15 * height_m) if height_m > 1.5 else (0.0, 0.1)
    attitude = quaternion_from_euler(0.06, -0.08, 2.0)
    sighting = look(drawn(height_m, aside, attitude, light=light), attitude)
    assert off_m(sighting, aside) < 0.02 + 0.01 * height_m
    assert sighting.offset_ned_m is not None
    assert sighting.offset_ned_m.down_m == pytest.approx(height_m, rel=0.05)
    assert sighting.misfit is not None and sighting.misfit < 0.06
    assert codec.decode(codec.encode("pad_sighting", sighting)) == ("pad_sighting", sighting), "it can be sent"


def test_it_is_found_by_an_aircraft_that_leans_in_the_wind() -> None:
    attitude = quaternion_from_euler(math.radians(20), math.radians(-12), 0.7)
    assert off_m(look(drawn(10.0, attitude=attitude), attitude)) < 0.15


@pytest.mark.parametrize("blur_px", [3, 5])
def test_a_little_blur_does_not_hide_it(blur_px: int) -> None:
    picture = cv2.GaussianBlur(drawn(6.0), (blur_px, blur_px), 0)
    assert off_m(look(np.asarray(picture, np.uint8))) < 0.1


def test_a_picture_smeared_by_motion_shows_nothing_rather_than_something_wrong() -> None:
    smear = np.ones((1, 25), np.float32) / 25
    assert look(np.asarray(cv2.filter2D(drawn(8.0), -1, smear), np.uint8)).offset_ned_m is None


def test_a_marker_cut_off_by_the_edge_is_not_seen() -> None:
    assert look(drawn(2.0, (0.0, 1.8))).offset_ned_m is None


def test_a_marker_half_covered_is_not_seen() -> None:
    picture = drawn(6.0)
    corners = FINDER.corners(picture)[0]
    left, top = corners.min(axis=0).astype(int)
    right, bottom = corners.max(axis=0).astype(int)
    picture[top : (top + bottom) // 2, left:right] = 90
    assert look(picture).offset_ned_m is None


def test_a_dark_roof_shows_nothing() -> None:
    """At night the pad has to be lit: with a few grey levels between black and white there is nothing to see."""
    dark = np.asarray(drawn(8.0).astype(np.float32) * 0.01 + np.random.default_rng(1).normal(4, 2, (480, 640)), np.uint8)
    assert look(dark).offset_ned_m is None


@pytest.mark.parametrize("number", [1, 2, 17, 49])
def test_another_vehicles_marker_is_not_ours(number: int) -> None:
    other = MarkerFinder(msgspec.structs.replace(CONFIG, marker_id=number))
    assert look(drawn(8.0), finder=other).offset_ned_m is None


def test_a_town_without_the_vehicle_has_no_marker() -> None:
    vehicle = VehiclePose(60.0, 60.0, 0.0, 0.0, 0.0)
    for east_m in range(-40, 41, 20):
        for height_m in (6.0, 14.0, 25.0):
            picture = scene("day").draw((east_m, 3.0, ROOF_M + height_m), LEVEL, vehicle, 1.0, 3, eye="landing")
            assert look(np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2GRAY), np.uint8)).offset_ned_m is None


def test_noise_has_no_marker() -> None:
    random = np.random.default_rng(3)
    for _ in range(10):
        assert look(random.integers(0, 256, (480, 640), np.uint8)).offset_ned_m is None


def printed(side_px: int) -> Image:
    dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
    return np.asarray(cv2.aruco.generateImageMarker(dictionary, livery.MARKER_ID, side_px), np.uint8)


def test_two_of_the_same_are_none() -> None:
    picture = np.full((480, 640), 200, np.uint8)
    picture[100:160, 100:160] = picture[300:360, 400:460] = printed(60)
    sighting = look(picture)
    assert sighting.offset_ned_m is None and "seen 2 times" in sighting.reason


def test_a_marker_on_a_wall_does_not_fit_a_flat_one() -> None:
    """Seen from the side it is half as high as wide: no square on the ground looks like that from straight above."""
    picture = np.full((480, 640), 200, np.uint8)
    picture[220:250, 290:350] = cv2.resize(printed(60), (60, 30), interpolation=cv2.INTER_AREA)
    misfits = [sighting.misfit for sighting in [look(picture)] if sighting.misfit is not None]
    assert all(misfit > 0.15 for misfit in misfits)


def corners_seen(
    offset: tuple[float, float, float], heading_rad: float, side_m: float, attitude: Quaternion
) -> list[tuple[float, float]]:
    """The pixels of a flat square's corners, by projection."""
    pixels = []
    for forward, right in ((1, -1), (1, 1), (-1, 1), (-1, -1)):
        f, r = forward * side_m / 2, right * side_m / 2
        north = offset[0] + f * math.cos(heading_rad) - r * math.sin(heading_rad)
        east = offset[1] + f * math.sin(heading_rad) + r * math.cos(heading_rad)
        w, x, y, z = attitude
        pixel = DOWN.pixel_of_frd(*rotate((w, -x, -y, -z), north, east, offset[2]))
        assert pixel is not None
        pixels.append(pixel)
    return pixels


angles = st.floats(-0.4, 0.4)


@settings(deadline=None)
@given(
    st.tuples(st.floats(-4, 4), st.floats(-4, 4), st.floats(6, 20)),
    st.floats(-3.1, 3.1),
    st.floats(0.2, 2.0),
    st.tuples(angles, angles, st.floats(-3.1, 3.1)),
)
def test_corners_lead_back_to_the_place(
    offset: tuple[float, float, float], heading_rad: float, side_m: float, leaning_rad: tuple[float, float, float]
) -> None:
    attitude = quaternion_from_euler(*leaning_rad)
    corners = np.array(corners_seen(offset, heading_rad, side_m, attitude))
    placed = locate(corners, DOWN, attitude, side_m)
    assert placed is not None
    assert tuple(placed.offset_ned_m) == pytest.approx(offset, abs=1e-6)
    assert placed.misfit < 1e-6


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-1e4, 1e4), st.floats(-1e4, 1e4)), min_size=4, max_size=4), angles, angles)
def test_any_corners_give_finite_numbers_or_none(corners: list[tuple[float, float]], roll: float, pitch: float) -> None:
    placed = locate(np.array(corners), DOWN, quaternion_from_euler(roll, pitch, 0.0), 0.75)
    assert placed is None or all(math.isfinite(value) for value in (*placed.offset_ned_m, placed.side_px, placed.misfit))


def test_corners_the_other_way_round_do_not_fit() -> None:
    """A reflection, or print seen from behind."""
    corners = np.array(corners_seen((0.0, 0.0, 8.0), 0.0, 0.75, LEVEL))[::-1]
    placed = locate(corners, DOWN, LEVEL, 0.75)
    assert placed is None or placed.misfit > 0.5
