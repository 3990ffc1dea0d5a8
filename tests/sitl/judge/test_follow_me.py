"""MAVSDK's FollowMe plugin, as its follow_me example uses it."""

from __future__ import annotations

import asyncio

import pytest
from mavsdk.asyncio.plugins.follow_me import Config, FollowMeError, FollowMeResult, TargetLocation
from mavsdk.asyncio.plugins.telemetry import FlightMode

from sitl.options import HOME
from tests.sitl.judge.drone import Drone, away_m, until
from wire import geo

pytestmark = pytest.mark.slow


@pytest.mark.slow
async def test_it_follows(drone: Drone) -> None:
    await drone.take_off(9.0)
    wanted = Config(follow_height_m=9.0, follow_distance_m=8.0, responsiveness=0.1, follow_angle_deg=180.0)
    await drone.follow_me.set_config(wanted)
    assert (await drone.follow_me.get_config()).follow_height_m == 9.0
    await drone.follow_me.start()
    await drone.in_mode(FlightMode.FOLLOW_ME)
    assert await drone.follow_me.is_active()

    target = geo.offset(HOME, geo.Ned(30.0, 0.0, 0.0))
    telling = asyncio.create_task(tell(drone, target))
    await until(
        drone.telemetry.subscribe_position(),
        lambda p: away_m(p, geo.offset(target, geo.Ned(-8.0, 0.0, -9.0))) < 4.0,
        "a place behind and above the target",
    )
    assert abs((await drone.follow_me.get_last_location()).latitude_deg - target.latitude_deg) < 1e-6
    telling.cancel()
    await drone.follow_me.stop()
    await drone.in_mode(FlightMode.HOLD)
    assert not await drone.follow_me.is_active()
    await drone.action.land()
    await drone.down()


async def tell(drone: Drone, target: geo.Position) -> None:
    """Where the target stands, several times a second."""
    while True:
        await drone.follow_me.set_target_location(TargetLocation(*target, 0.0, 0.0, 0.0))
        await asyncio.sleep(0.1)


async def test_a_config_that_px4_cannot_fly_is_refused(drone: Drone) -> None:
    with pytest.raises(FollowMeError) as refused:
        await drone.follow_me.set_config(Config(follow_height_m=2.0))
    assert refused.value.result == FollowMeResult.SET_CONFIG_FAILED
