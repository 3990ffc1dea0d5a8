"""MAVSDK's Telemetry plugin: what each subscription says, and the rates it can ask for."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest
from mavsdk.asyncio.plugins.telemetry import FixType, FlightMode, LandedState, TelemetryError, VtolState

from sitl.options import HOME
from tests.sitl.judge.drone import Drone, until

SAYS: dict[str, Callable[[Any], object]] = {
    "altitude": lambda seen: abs(seen.altitude_amsl_m - HOME.altitude_amsl_m) < 5,
    "armed": lambda seen: seen is False,
    "attitude_angular_velocity_body": lambda seen: abs(seen.yaw_rad_s) < 0.2,
    "attitude_euler": lambda seen: abs(seen.roll_deg) < 15 and abs(seen.pitch_deg) < 15,
    "attitude_quaternion": lambda seen: abs(seen.w**2 + seen.x**2 + seen.y**2 + seen.z**2 - 1) < 1e-3,
    "battery": lambda seen: 16 < seen.voltage_v < 17 and seen.remaining_percent > 90,
    "distance_sensor": lambda seen: seen.maximum_distance_m == 100 and seen.orientation.pitch_deg in (-90, 270),
    "fixedwing_metrics": lambda seen: seen.throttle_percentage == 0 and abs(seen.climb_rate_m_s) < 1,
    "flight_mode": lambda seen: seen == FlightMode.HOLD,
    "gps_info": lambda seen: seen.num_satellites == 10 and seen.fix_type == FixType.FIX_3D,
    "heading": lambda seen: 0 <= seen.heading_deg <= 360,
    "health": lambda seen: seen.is_global_position_ok and seen.is_home_position_ok and seen.is_armable,
    "health_all_ok": lambda seen: seen,
    "home": lambda seen: abs(seen.latitude_deg - HOME.latitude_deg) < 1e-3,
    "imu": lambda seen: -11 < seen.acceleration_frd.down_m_s2 < -8.5,
    "in_air": lambda seen: seen is False,
    "landed_state": lambda seen: seen == LandedState.ON_GROUND,
    "odometry": lambda seen: abs(seen.q.w) <= 1.001 and abs(seen.velocity_body.x_m_s) < 1,
    "position": lambda seen: abs(seen.longitude_deg - HOME.longitude_deg) < 1e-3 and abs(seen.relative_altitude_m) < 3,
    "position_velocity_ned": lambda seen: abs(seen.velocity.down_m_s) < 1,
    "raw_gps": lambda seen: 0 < seen.hdop < 2 and abs(seen.latitude_deg - HOME.latitude_deg) < 1e-3,
    "rc_status": lambda seen: not seen.is_available,
    "scaled_pressure": lambda seen: 900 < seen.absolute_pressure_hpa < 1000,
    "unix_epoch_time": lambda seen: seen > 1_700_000_000_000_000,
    "velocity_ned": lambda seen: abs(seen.north_m_s) < 1,
    "vtol_state": lambda seen: seen == VtolState.UNDEFINED,
}
SILENT = {"actuator_control_target", "actuator_output_status", "ground_truth", "raw_imu", "scaled_imu", "wind"}
"""PX4 does not send these by itself on its onboard link."""
NOT_OFFERED = {"actuator_control_target", "raw_imu"}
"""PX4 has no such stream at all."""


def names(drone: Drone, prefix: str) -> set[str]:
    return {name.removeprefix(prefix) for name in dir(drone.telemetry) if name.startswith(prefix)}


async def test_every_subscription_says_what_it_should(drone: Drone) -> None:
    assert names(drone, "subscribe_") == {*SAYS, *SILENT, "status_text"}
    for name, accept in SAYS.items():
        await until(getattr(drone.telemetry, f"subscribe_{name}")(), accept, name)


async def test_every_rate_can_be_asked_for(drone: Drone) -> None:
    for name in sorted(names(drone, "set_rate_")):
        asked = getattr(drone.telemetry, f"set_rate_{name}")
        if name in NOT_OFFERED:
            with pytest.raises(TelemetryError):
                await asked(2.0)
        else:
            await asked(50.0)


async def test_a_rate_is_kept(drone: Drone) -> None:
    """Counted against the vehicle's own clock: eight of one kind while ten times one of the other come."""
    await drone.telemetry.set_rate_distance_sensor(8.0)
    await drone.telemetry.set_rate_altitude(1.0)
    eights = 0

    async def count() -> None:
        nonlocal eights
        async for _ in drone.telemetry.subscribe_distance_sensor():
            eights += 1

    await until(drone.telemetry.subscribe_altitude(), lambda seen: True, "an altitude")
    beside = asyncio.create_task(count())
    ones = 0
    async for _ in drone.telemetry.subscribe_altitude():
        ones += 1
        if ones == 10:
            break
    beside.cancel()
    assert 60 <= eights <= 100


async def test_status_texts_come(drone: Drone) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(until(drone.telemetry.subscribe_status_text(), lambda t: "Armed by external" in t.text, "the text"))
        await asyncio.sleep(0.2)
        await drone.action.arm()
    await drone.action.disarm()


async def test_origin(drone: Drone) -> None:
    origin = await drone.telemetry.get_gps_global_origin()
    assert abs(origin.latitude_deg - HOME.latitude_deg) < 1e-3
    assert abs(origin.altitude_m - HOME.altitude_amsl_m) < 5
