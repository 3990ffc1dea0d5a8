"""MAVSDK's Action plugin."""

from __future__ import annotations

import pytest
from mavsdk.asyncio.plugins.action import ActionError, ActionResult, OrbitYawBehavior
from mavsdk.asyncio.plugins.telemetry import FlightMode, LandedState

from tests.sitl.judge.drone import Drone, place_of, until
from wire import geo


async def test_takeoff_goto_orbit_hold_return(drone: Drone) -> None:
    await drone.action.set_return_to_launch_altitude(12.0)
    assert await drone.action.get_return_to_launch_altitude() == 12.0
    start = place_of(await drone.telemetry.position())
    here = await drone.take_off(8.0)
    assert await drone.action.get_takeoff_altitude() == 8.0
    assert 6.5 < here.altitude_amsl_m - start.altitude_amsl_m < 10.0

    there = geo.offset(here, geo.Ned(12.0, 5.0, -2.0))
    await drone.action.goto_location(*there, 90.0)
    await drone.is_at(there, within_m=1.5)
    await until(drone.telemetry.subscribe_heading(), lambda seen: abs(seen.heading_deg - 90.0) < 5.0, "heading east")

    await drone.action.set_current_speed(4.0)
    await drone.action.do_orbit(8.0, 3.0, OrbitYawBehavior.HOLD_FRONT_TO_CIRCLE_CENTER, *there)
    await until(
        drone.telemetry.subscribe_position(),
        lambda p: abs(geo.distance_m(place_of(p), there) - 8.0) < 2.0 and geo.bearing_rad(there, place_of(p)) > 0.0,
        "being on the circle",
    )
    await drone.action.hold()
    await drone.in_mode(FlightMode.HOLD)
    await until(drone.telemetry.subscribe_velocity_ned(), lambda v: abs(v.north_m_s) + abs(v.east_m_s) < 0.5, "standing still")

    await drone.action.return_to_launch()
    await drone.in_mode(FlightMode.RETURN_TO_LAUNCH)
    await drone.landed(LandedState.LANDING)
    await drone.down()
    assert geo.distance_m(place_of(await drone.telemetry.position()), start) < 2.0


async def test_land(drone: Drone) -> None:
    await drone.take_off(3.0)
    with pytest.raises(ActionError) as refused:
        await drone.action.disarm()
    assert refused.value.result in (ActionResult.COMMAND_DENIED_NOT_LANDED, ActionResult.COMMAND_DENIED)
    await drone.action.land()
    await drone.in_mode(FlightMode.LAND)
    await drone.landed(LandedState.LANDING)
    await drone.down()


async def test_arm_and_disarm(drone: Drone) -> None:
    await drone.action.arm()
    await drone.armed()
    await drone.action.disarm()
    await drone.armed(False)


async def test_an_armed_vehicle_that_stays_down_disarms_itself(drone: Drone) -> None:
    await drone.action.arm()
    await drone.armed()
    await drone.armed(False)


async def test_kill_stops_the_motors_in_the_air(drone: Drone) -> None:
    await drone.take_off(4.0)
    await drone.action.kill()
    await drone.armed(False)
    await drone.landed(LandedState.ON_GROUND)


async def test_set_home(drone: Drone) -> None:
    home = await drone.telemetry.home()
    moved = geo.offset(geo.Position(home.latitude_deg, home.longitude_deg, home.absolute_altitude_m), geo.Ned(20.0, 0.0, 0.0))
    await drone.action.set_home(False, *moved)
    await until(
        drone.telemetry.subscribe_home(),
        lambda seen: abs(seen.latitude_deg - moved.latitude_deg) < 2e-6,
        "home where it was set",
    )


async def test_set_actuator_is_accepted_and_a_relay_is_not(drone: Drone) -> None:
    await drone.action.set_actuator(1, 0.5)
    with pytest.raises(ActionError) as refused:
        await drone.action.set_relay(0, 1)
    assert refused.value.result == ActionResult.UNSUPPORTED


async def test_terminate(doomed: Drone) -> None:
    """It cannot be undone: this vehicle flies no more."""
    here = await doomed.take_off(3.0)
    await doomed.action.terminate()
    await until(
        doomed.telemetry.subscribe_position(),
        lambda p: p.absolute_altitude_m < here.altitude_amsl_m - 2.0,
        "lying on the ground",
    )
    await doomed.in_mode(FlightMode.UNKNOWN)  # MAVSDK has no name for it
    await doomed.action.hold()  # PX4 says yes first, and means no
    modes = doomed.telemetry.subscribe_flight_mode()
    seen = [await anext(modes) for _ in range(5)]
    await modes.aclose()
    assert seen == [FlightMode.UNKNOWN] * 5
