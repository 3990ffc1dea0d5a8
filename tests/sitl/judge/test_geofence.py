"""MAVSDK's Geofence plugin, as its geofence example uses it."""

from __future__ import annotations

import pytest
from mavsdk.asyncio.plugins.geofence import Circle, FenceType, GeofenceData, Point, Polygon
from mavsdk.asyncio.plugins.offboard import VelocityNedYaw
from mavsdk.asyncio.plugins.telemetry import FlightMode

from tests.sitl.judge.drone import Drone
from wire import geo


def point(middle: geo.Position, north_m: float = 0.0, east_m: float = 0.0) -> Point:
    return Point(*geo.offset(middle, geo.Ned(north_m, east_m, 0.0))[:2])


def square(middle: geo.Position, half_m: float, north_m: float = 0.0) -> list[Point]:
    return [point(middle, north_m + n * half_m, e * half_m) for n, e in ((1, -1), (1, 1), (-1, 1), (-1, -1))]


async def test_polygons_and_circles_there_and_back(drone: Drone) -> None:
    here = await drone.here()
    sent = GeofenceData(
        [Polygon(square(here, 200.0), FenceType.INCLUSION), Polygon(square(here, 20.0, north_m=120.0), FenceType.EXCLUSION)],
        [Circle(point(here), 250.0, FenceType.INCLUSION), Circle(point(here, east_m=100.0), 30.0, FenceType.EXCLUSION)],
    )
    await drone.geofence.upload_geofence(sent)
    got = await drone.geofence.download_geofence()
    assert [each.fence_type for each in got.polygons] == [FenceType.INCLUSION, FenceType.EXCLUSION]
    assert [(each.fence_type, each.radius) for each in got.circles] == [
        (FenceType.INCLUSION, 250.0),
        (FenceType.EXCLUSION, 30.0),
    ]
    for mine, its in zip(sent.polygons, got.polygons, strict=True):
        for a, b in zip(mine.points, its.points, strict=True):
            assert abs(a.latitude_deg - b.latitude_deg) < 1e-6
            assert abs(a.longitude_deg - b.longitude_deg) < 1e-6
    await drone.geofence.clear_geofence()
    empty = await drone.geofence.download_geofence()
    assert (empty.polygons, empty.circles) == ([], [])


@pytest.mark.slow
async def test_it_is_kept_in_flight(drone: Drone) -> None:
    """What PX4 does at the fence unless it is told otherwise: it holds, and goes on only by a new order."""
    here = await drone.here()
    await drone.geofence.upload_geofence(GeofenceData([], [Circle(point(here), 25.0, FenceType.INCLUSION)]))
    await drone.take_off(5.0)
    await drone.offboard.set_velocity_ned(VelocityNedYaw(4.0, 0.0, 0.0, 0.0))
    await drone.offboard.start()
    await drone.in_mode(FlightMode.OFFBOARD)
    await drone.in_mode(FlightMode.HOLD)
    away_m = geo.distance_m(await drone.here(), here)
    assert 15.0 < away_m < 40.0
    await drone.geofence.clear_geofence()
    await drone.action.return_to_launch()
    await drone.in_mode(FlightMode.RETURN_TO_LAUNCH)
    await drone.down()
