"""MAVSDK's Offboard plugin, as its offboard example uses it."""

from __future__ import annotations

import pytest
from mavsdk.asyncio.plugins.offboard import (
    AccelerationNed,
    Attitude,
    OffboardError,
    OffboardResult,
    PositionGlobalYaw,
    PositionNedYaw,
    VelocityBodyYawspeed,
    VelocityNedYaw,
)
from mavsdk.asyncio.plugins.telemetry import FlightMode

from tests.sitl.judge.drone import Drone, until
from wire import geo

pytestmark = pytest.mark.slow


async def test_it_needs_a_setpoint_first(drone: Drone) -> None:
    with pytest.raises(OffboardError) as refused:
        await drone.offboard.start()
    assert refused.value.result == OffboardResult.NO_SETPOINT_SET
    assert not await drone.offboard.is_active()


async def test_positions_velocities_and_attitudes(drone: Drone) -> None:
    here = await drone.take_off(6.0)
    local = (await drone.telemetry.position_velocity_ned()).position

    await drone.offboard.set_position_ned(PositionNedYaw(local.north_m + 5.0, local.east_m, local.down_m, 0.0))
    await drone.offboard.start()
    assert await drone.offboard.is_active()
    await drone.in_mode(FlightMode.OFFBOARD)
    await drone.is_at(geo.offset(here, geo.Ned(5.0, 0.0, 0.0)), within_m=1.5)

    there = geo.offset(here, geo.Ned(5.0, 5.0, -2.0))
    await drone.offboard.set_position_global(PositionGlobalYaw(*there, 90.0, PositionGlobalYaw.AltitudeType.AMSL))
    await drone.is_at(there, within_m=1.5)
    await until(drone.telemetry.subscribe_heading(), lambda seen: abs(seen.heading_deg - 90.0) < 8.0, "heading east")

    await drone.offboard.set_velocity_ned(VelocityNedYaw(-2.0, 0.0, 0.0, 90.0))
    await until(drone.telemetry.subscribe_velocity_ned(), lambda v: v.north_m_s < -1.2 and abs(v.east_m_s) < 0.6, "going south")

    await drone.offboard.set_velocity_body(VelocityBodyYawspeed(2.0, 0.0, -0.5, 0.0))
    await until(
        drone.telemetry.subscribe_velocity_ned(), lambda v: v.east_m_s > 1.2 and v.down_m_s < -0.2, "going forward and up"
    )

    await drone.offboard.set_velocity_body(VelocityBodyYawspeed(0.0, 0.0, 0.0, 60.0))
    await until(
        drone.telemetry.subscribe_attitude_angular_velocity_body(), lambda seen: seen.yaw_rad_s > 0.5, "turning clockwise"
    )

    await drone.offboard.set_attitude(Attitude(0.0, -8.0, 0.0, 0.5))
    await until(drone.telemetry.subscribe_attitude_euler(), lambda seen: seen.pitch_deg < -5.0, "leaning forward")

    await drone.offboard.set_velocity_ned(VelocityNedYaw(0.0, 0.0, 0.0, 0.0))
    await drone.offboard.stop()
    await drone.in_mode(FlightMode.HOLD)
    assert not await drone.offboard.is_active()
    await drone.action.land()
    await drone.down()


@pytest.mark.slow
async def test_positions_with_velocities_and_accelerations(drone: Drone) -> None:
    here = await drone.take_off(5.0)
    local = (await drone.telemetry.position_velocity_ned()).position
    to = PositionNedYaw(local.north_m + 6.0, local.east_m, local.down_m, 0.0)
    still = VelocityNedYaw(0.0, 0.0, 0.0, 0.0)
    await drone.offboard.set_position_velocity_ned(to, still)
    await drone.offboard.start()
    await drone.is_at(geo.offset(here, geo.Ned(6.0, 0.0, 0.0)), within_m=1.5)
    back = PositionNedYaw(local.north_m, local.east_m, local.down_m, 0.0)
    await drone.offboard.set_position_velocity_acceleration_ned(back, still, AccelerationNed(0.0, 0.0, 0.0))
    await drone.is_at(here, within_m=1.5)
    await drone.offboard.set_acceleration_ned(AccelerationNed(0.0, 1.5, 0.0))
    await until(drone.telemetry.subscribe_velocity_ned(), lambda seen: seen.east_m_s > 1.0, "being pushed east")
    await drone.offboard.stop()
    await drone.in_mode(FlightMode.HOLD)
    await drone.action.land()
    await drone.down()
