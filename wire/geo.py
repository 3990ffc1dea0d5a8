"""Frames and their changes, in one place.

WGS-84 geodetic positions (degrees, metres), local NED (north, east, down) and ENU offsets in metres about an origin, and the
body frame FRD (forward, right, down) by a quaternion (w, x, y, z) that turns body vectors into NED, as MAVLink's does.
Altitudes are AMSL by name. AMSL and ellipsoidal heights differ by the geoid's undulation; over a survey's few hundred metres
the difference is constant, so offsets between two AMSL altitudes are exact enough (sub-centimetre).
"""

from __future__ import annotations

import math
from typing import Annotated, NamedTuple

from msgspec import Meta

EARTH_SEMI_MAJOR_M = 6378137.0  # WGS-84, NIMA TR8350.2
EARTH_FLATTENING = 1 / 298.257223563  # WGS-84, NIMA TR8350.2
_E2 = EARTH_FLATTENING * (2 - EARTH_FLATTENING)

_Part = Annotated[float, Meta(ge=-1.001, le=1.001)]
Quaternion = tuple[_Part, _Part, _Part, _Part]
"""(w, x, y, z), unit length, FRD body to NED."""


class Position(NamedTuple):
    """A geodetic position: WGS-84 degrees and metres above mean sea level."""

    latitude_deg: Annotated[float, Meta(ge=-90, le=90)]
    longitude_deg: Annotated[float, Meta(ge=-180, le=180)]
    altitude_amsl_m: Annotated[float, Meta(ge=-1000, le=100_000)]


class Ned(NamedTuple):
    """An offset in metres: north, east, down."""

    north_m: Annotated[float, Meta(ge=-1e8, le=1e8)]
    east_m: Annotated[float, Meta(ge=-1e8, le=1e8)]
    down_m: Annotated[float, Meta(ge=-1e8, le=1e8)]

    @property
    def horizontal_m(self) -> float:
        return math.hypot(self.north_m, self.east_m)


def _radii_m(latitude_deg: float) -> tuple[float, float]:
    """The meridian and prime-vertical radii of curvature in metres at a latitude (Torge, Geodesy, 4.1.3)."""
    sine2 = math.sin(math.radians(latitude_deg)) ** 2
    root = math.sqrt(1 - _E2 * sine2)
    return EARTH_SEMI_MAJOR_M * (1 - _E2) / root**3, EARTH_SEMI_MAJOR_M / root


def ned_between(origin: Position, target: Position) -> Ned:
    """The NED offset of `target` seen from `origin`.

    Uses the radii of curvature at the mean latitude: within 1 cm of the geodesic at 1 km, 0.1 m at 5 km
    (tests/unit/test_geo.py).
    """
    meridian_m, prime_m = _radii_m((origin.latitude_deg + target.latitude_deg) / 2)
    mean_rad = math.radians((origin.latitude_deg + target.latitude_deg) / 2)
    longitude_deg = (target.longitude_deg - origin.longitude_deg + 180.0) % 360.0 - 180.0
    return Ned(
        math.radians(target.latitude_deg - origin.latitude_deg) * meridian_m,
        math.radians(longitude_deg) * prime_m * math.cos(mean_rad),
        origin.altitude_amsl_m - target.altitude_amsl_m,
    )


def offset(origin: Position, ned: Ned) -> Position:
    """The position that lies `ned` away from `origin`: the inverse of `ned_between` to better than 1 mm within 5 km."""
    latitude_deg = origin.latitude_deg + math.degrees(ned.north_m / _radii_m(origin.latitude_deg)[0])
    mean_deg = (origin.latitude_deg + latitude_deg) / 2
    meridian_m, prime_m = _radii_m(mean_deg)
    latitude_deg = origin.latitude_deg + math.degrees(ned.north_m / meridian_m)
    mean_rad = math.radians((origin.latitude_deg + latitude_deg) / 2)
    longitude_deg = origin.longitude_deg + math.degrees(ned.east_m / (prime_m * math.cos(mean_rad)))
    return Position(latitude_deg, (longitude_deg + 180.0) % 360.0 - 180.0, origin.altitude_amsl_m - ned.down_m)


def distance_m(a: Position, b: Position) -> float:
    """The horizontal distance in metres between two positions."""
    return ned_between(a, b).horizontal_m


def bearing_rad(origin: Position, target: Position) -> float:
    """The bearing of `target` from `origin` in radians, clockwise from true north, in (-pi, pi]."""
    ned = ned_between(origin, target)
    return math.atan2(ned.east_m, ned.north_m)


def wrap_pi(angle_rad: float) -> float:
    """The same angle in [-pi, pi)."""
    return (angle_rad + math.pi) % (2 * math.pi) - math.pi


def quaternion_from_euler(roll_rad: float, pitch_rad: float, yaw_rad: float) -> Quaternion:
    """The FRD-to-NED quaternion of Tait-Bryan angles applied yaw, pitch, roll (MAVLink's ATTITUDE convention)."""
    cr, sr = math.cos(roll_rad / 2), math.sin(roll_rad / 2)
    cp, sp = math.cos(pitch_rad / 2), math.sin(pitch_rad / 2)
    cy, sy = math.cos(yaw_rad / 2), math.sin(yaw_rad / 2)
    return (
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    )


def euler_from_quaternion(q: Quaternion) -> tuple[float, float, float]:
    """Roll, pitch, yaw in radians of an FRD-to-NED quaternion; the inverse of `quaternion_from_euler`."""
    w, x, y, z = q
    return (
        math.atan2(2 * (w * x + y * z), 1 - 2 * (x * x + y * y)),
        math.asin(max(-1.0, min(1.0, 2 * (w * y - z * x)))),
        math.atan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)),
    )


def rotate(q: Quaternion, forward: float, right: float, down: float) -> tuple[float, float, float]:
    """A body vector (forward, right, down) turned into (north, east, down) by the FRD-to-NED quaternion."""
    w, x, y, z = q
    tx, ty, tz = 2 * (y * down - z * right), 2 * (z * forward - x * down), 2 * (x * right - y * forward)
    return (
        forward + w * tx + y * tz - z * ty,
        right + w * ty + z * tx - x * tz,
        down + w * tz + x * ty - y * tx,
    )
