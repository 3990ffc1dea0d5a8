"""Frames, against geographiclib's geodesics and against themselves."""

from __future__ import annotations

import math

import pytest
from geographiclib.geodesic import Geodesic
from hypothesis import given, settings
from hypothesis import strategies as st

from wire import geo
from wire.geo import Ned, Position

INHABITED = st.floats(-70, 70)
LONGITUDES = st.floats(-180, 180, exclude_max=True)
BEARINGS = st.floats(-180, 180)
ANGLES = st.floats(-3.1, 3.1)


def geodesic_end(origin: Position, bearing_deg: float, distance_m: float) -> Position:
    end = Geodesic.WGS84.Direct(origin.latitude_deg, origin.longitude_deg, bearing_deg, distance_m)
    return Position(end["lat2"], end["lon2"], origin.altitude_amsl_m)


@settings(deadline=None)
@given(INHABITED, LONGITUDES, BEARINGS, st.floats(0.01, 1000))
def test_offsets_are_within_a_centimetre_of_the_geodesic_at_a_kilometre(
    latitude: float, longitude: float, bearing: float, distance: float
) -> None:
    origin = Position(latitude, longitude, 100.0)
    ned = geo.ned_between(origin, geodesic_end(origin, bearing, distance))
    assert math.hypot(ned.north_m, ned.east_m) == pytest.approx(distance, abs=0.01)


@settings(deadline=None)
@given(INHABITED, LONGITUDES, BEARINGS, st.floats(1000, 5000))
def test_distances_are_within_a_decimetre_of_the_geodesic_at_five_kilometres(
    latitude: float, longitude: float, bearing: float, distance: float
) -> None:
    origin = Position(latitude, longitude, 100.0)
    assert geo.distance_m(origin, geodesic_end(origin, bearing, distance)) == pytest.approx(distance, abs=0.1)


@settings(deadline=None)
@given(INHABITED, LONGITUDES, BEARINGS, st.floats(10, 1000))
def test_bearing_is_the_geodesics_at_the_middle(latitude: float, longitude: float, bearing: float, distance: float) -> None:
    """An offset is straight in a plane, a geodesic turns: they agree where half of the turn is done."""
    origin = Position(latitude, longitude, 0.0)
    line = Geodesic.WGS84.DirectLine(latitude, longitude, bearing, distance)
    middle = math.radians(line.Position(distance / 2)["azi2"])
    found = geo.bearing_rad(origin, geodesic_end(origin, bearing, distance))
    assert abs(geo.wrap_pi(found - middle)) * distance < 0.01


@settings(deadline=None)
@given(INHABITED, LONGITUDES, st.floats(-5000, 5000), st.floats(-5000, 5000), st.floats(-500, 500))
def test_offset_is_the_inverse_to_a_millimetre(
    latitude: float, longitude: float, north: float, east: float, down: float
) -> None:
    origin, ned = Position(latitude, longitude, 50.0), Ned(north, east, down)
    there = geo.offset(origin, ned)
    assert -180 <= there.longitude_deg < 180
    back = geo.ned_between(origin, there)
    assert math.dist(back, ned) < 0.001


def test_directions_are_north_east_down() -> None:
    origin = Position(47.4, 8.5, 500.0)
    up_north = geo.offset(origin, Ned(100.0, 0.0, -10.0))
    assert up_north.latitude_deg > origin.latitude_deg and up_north.longitude_deg == pytest.approx(8.5)
    assert up_north.altitude_amsl_m == 510.0
    assert geo.bearing_rad(origin, geo.offset(origin, Ned(0.0, 5.0, 0.0))) == pytest.approx(math.pi / 2)
    assert Ned(3.0, 4.0, 12.0).horizontal_m == 5.0


@settings(deadline=None)
@given(st.floats(-60, 60), st.floats(0.1, 2000))
def test_the_date_line_is_no_border(latitude: float, east: float) -> None:
    origin = Position(latitude, 179.999, 0.0)
    there = geo.offset(origin, Ned(0.0, east, 0.0))
    assert geo.ned_between(origin, there).east_m == pytest.approx(east, abs=0.001)
    assert geo.ned_between(there, origin).east_m == pytest.approx(-east, abs=0.001)


@settings(deadline=None)
@given(st.floats(-1e4, 1e4))
def test_wrapped_angles_are_the_same_angle_in_range(angle: float) -> None:
    wrapped = geo.wrap_pi(angle)
    assert -math.pi <= wrapped < math.pi + 1e-12
    assert math.cos(wrapped) == pytest.approx(math.cos(angle), abs=1e-9)
    assert math.sin(wrapped) == pytest.approx(math.sin(angle), abs=1e-9)


@settings(deadline=None)
@given(ANGLES, st.floats(-1.55, 1.55), ANGLES)
def test_euler_angles_survive_the_way_through_a_quaternion(roll: float, pitch: float, yaw: float) -> None:
    q = geo.quaternion_from_euler(roll, pitch, yaw)
    assert math.hypot(*q) == pytest.approx(1.0)
    assert geo.euler_from_quaternion(q) == pytest.approx((roll, pitch, yaw), abs=1e-6)


@settings(deadline=None)
@given(ANGLES, st.floats(-1.5, 1.5), ANGLES, st.tuples(*[st.floats(-100, 100)] * 3))
def test_rotation_is_by_the_matrix_of_yaw_pitch_and_roll(
    roll: float, pitch: float, yaw: float, body: tuple[float, float, float]
) -> None:
    cr, sr, cp, sp, cy, sy = (f(a) for a in (roll, pitch, yaw) for f in (math.cos, math.sin))
    rows = (
        (cy * cp, cy * sp * sr - sy * cr, cy * sp * cr + sy * sr),
        (sy * cp, sy * sp * sr + cy * cr, sy * sp * cr - cy * sr),
        (-sp, cp * sr, cp * cr),
    )
    expected = [sum(a * b for a, b in zip(row, body, strict=True)) for row in rows]
    assert geo.rotate(geo.quaternion_from_euler(roll, pitch, yaw), *body) == pytest.approx(expected, abs=1e-9)


def test_a_nose_turned_east_points_east() -> None:
    q = geo.quaternion_from_euler(0.0, 0.0, math.pi / 2)
    assert geo.rotate(q, 1.0, 0.0, 0.0) == pytest.approx((0.0, 1.0, 0.0), abs=1e-12)
    up = geo.quaternion_from_euler(0.0, math.pi / 6, 0.0)
    assert geo.rotate(up, 1.0, 0.0, 0.0)[2] == pytest.approx(-0.5)
