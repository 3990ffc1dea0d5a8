"""MAVSDK's Gimbal plugin, as its gimbal example uses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from mavsdk.asyncio.plugins.gimbal import Attitude, ControlMode, GimbalError, GimbalMode, GimbalResult, SendMode

from sitl.options import HOME
from tests.sitl.judge.drone import Drone, until
from wire import geo

pytestmark = pytest.mark.slow

ME = (245, 190)
"""Who MAVSDK is, as a ground station."""


async def gimbal_of(drone: Drone) -> int:
    found = await until(drone.gimbal.subscribe_gimbal_list(), lambda seen: seen.gimbals, "a gimbal")
    return int(found.gimbals[-1].gimbal_id)


async def in_control(drone: Drone, gimbal: int, wanted: bool) -> None:
    await until(
        drone.gimbal.subscribe_control_status(),
        lambda seen: ((seen.sysid_primary_control, seen.compid_primary_control) == ME) == wanted,
        "the control that was asked for",
    )
    status = await drone.gimbal.get_control_status(gimbal)
    assert (status.control_mode == ControlMode.PRIMARY) == wanted


async def looks(drone: Drone, accept: Callable[[Attitude], object], what: str) -> None:
    await until(drone.gimbal.subscribe_attitude(), accept, what)


async def test_control_look_and_release(drone: Drone) -> None:
    gimbal = await gimbal_of(drone)
    with pytest.raises(GimbalError) as refused:
        await drone.gimbal.set_angles(gimbal, 0.0, -30.0, 0.0, GimbalMode.YAW_FOLLOW, SendMode.ONCE)
    assert refused.value.result == GimbalResult.ERROR

    await drone.gimbal.take_control(gimbal, ControlMode.PRIMARY)
    await in_control(drone, gimbal, wanted=True)
    await drone.gimbal.set_angles(gimbal, 0.0, -30.0, 20.0, GimbalMode.YAW_FOLLOW, SendMode.ONCE)
    await looks(drone, lambda seen: near(seen.euler_angle_forward, -30.0, 20.0), "looking down and right of the nose")
    await drone.gimbal.set_angles(gimbal, 0.0, -20.0, 90.0, GimbalMode.YAW_LOCK, SendMode.ONCE)
    await looks(drone, lambda seen: near(seen.euler_angle_north, -20.0, 90.0), "looking east")
    await drone.gimbal.set_angles(gimbal, 0.0, -45.0, 10.0, GimbalMode.YAW_FOLLOW, SendMode.STREAM)
    await looks(drone, lambda seen: near(seen.euler_angle_forward, -45.0, 10.0), "looking down, by a stream")
    await drone.gimbal.set_angular_rates(gimbal, 0.0, 10.0, 0.0, GimbalMode.YAW_FOLLOW, SendMode.ONCE)
    await looks(drone, lambda seen: seen.euler_angle_forward.pitch_deg > -35.0, "tilting up")
    north = geo.offset(HOME, geo.Ned(100.0, 0.0, 0.0))
    await drone.gimbal.set_roi_location(gimbal, *north)
    await drone.gimbal.release_control(gimbal)
    await in_control(drone, gimbal, wanted=False)


def near(angle: Any, pitch_deg: float, yaw_deg: float) -> bool:
    return bool(abs(angle.pitch_deg - pitch_deg) < 2.0 and abs(angle.yaw_deg - yaw_deg) < 3.0)
