"""The vehicle as MAVSDK knows it: its plugins, and waits that end with what was seen or with a failed test."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import aclosing
from functools import cached_property
from typing import Any, TypeVar

import pytest
from mavsdk.asyncio.plugins.action import ActionAsync
from mavsdk.asyncio.plugins.component_metadata import ComponentMetadataAsync
from mavsdk.asyncio.plugins.events import EventsAsync
from mavsdk.asyncio.plugins.failure import FailureAsync
from mavsdk.asyncio.plugins.follow_me import FollowMeAsync
from mavsdk.asyncio.plugins.ftp import FtpAsync
from mavsdk.asyncio.plugins.geofence import GeofenceAsync
from mavsdk.asyncio.plugins.gimbal import GimbalAsync
from mavsdk.asyncio.plugins.gripper import GripperAsync
from mavsdk.asyncio.plugins.info import InfoAsync
from mavsdk.asyncio.plugins.mavlink_direct import MavlinkDirectAsync
from mavsdk.asyncio.plugins.mission import MissionAsync
from mavsdk.asyncio.plugins.mission_raw import MissionRawAsync
from mavsdk.asyncio.plugins.offboard import OffboardAsync
from mavsdk.asyncio.plugins.param import ParamAsync
from mavsdk.asyncio.plugins.telemetry import FlightMode, LandedState, Position, TelemetryAsync

from wire import geo

DEADLINE_S = 30.0
"""Real seconds, generous: the machine may be busy with other things. What is right takes a few of them."""

Value = TypeVar("Value")


async def until(values: AsyncGenerator[Value, None], accept: Callable[[Value], object], what: str) -> Value:
    """The first value of a subscription that is accepted; the test fails when none is in time."""
    last: object = "nothing"
    try:
        async with asyncio.timeout(DEADLINE_S), aclosing(values):
            async for value in values:
                last = value
                if accept(value):
                    return value
    except TimeoutError:
        pytest.fail(f"waited {DEADLINE_S:g} s in vain for {what}; the last seen was {last}")
    pytest.fail(f"the subscription ended before {what}; the last seen was {last}")


async def eventually(ask: Callable[[], Awaitable[Value]], accept: Callable[[Value], object], what: str) -> Value:
    """Ask again and again until the answer is accepted; the test fails when none is in time."""
    end_s = time.monotonic() + DEADLINE_S
    while not accept(answer := await ask()):
        if time.monotonic() > end_s:
            pytest.fail(f"waited {DEADLINE_S:g} s in vain for {what}; the last answer was {answer}")
        await asyncio.sleep(0.05)
    return answer


def place_of(position: Position) -> geo.Position:
    return geo.Position(position.latitude_deg, position.longitude_deg, position.absolute_altitude_m)


def away_m(position: Position, place: geo.Position) -> float:
    """How far the vehicle is from a place, the height included."""
    level_m = geo.distance_m(place_of(position), place)
    up_m = position.absolute_altitude_m - place.altitude_amsl_m
    return float((level_m**2 + up_m**2) ** 0.5)


class Drone:
    """One vehicle. A plugin is made when it is first asked for, as each makes MAVSDK ask the vehicle for things."""

    def __init__(self, system: Any) -> None:
        self.system = system

    @cached_property
    def action(self) -> ActionAsync:
        return ActionAsync(self.system)

    @cached_property
    def telemetry(self) -> TelemetryAsync:
        return TelemetryAsync(self.system)

    @cached_property
    def mission(self) -> MissionAsync:
        return MissionAsync(self.system)

    @cached_property
    def mission_raw(self) -> MissionRawAsync:
        return MissionRawAsync(self.system)

    @cached_property
    def geofence(self) -> GeofenceAsync:
        return GeofenceAsync(self.system)

    @cached_property
    def param(self) -> ParamAsync:
        return ParamAsync(self.system)

    @cached_property
    def offboard(self) -> OffboardAsync:
        return OffboardAsync(self.system)

    @cached_property
    def gimbal(self) -> GimbalAsync:
        return GimbalAsync(self.system)

    @cached_property
    def gripper(self) -> GripperAsync:
        return GripperAsync(self.system)

    @cached_property
    def info(self) -> InfoAsync:
        return InfoAsync(self.system)

    @cached_property
    def failure(self) -> FailureAsync:
        return FailureAsync(self.system)

    @cached_property
    def follow_me(self) -> FollowMeAsync:
        return FollowMeAsync(self.system)

    @cached_property
    def direct(self) -> MavlinkDirectAsync:
        return MavlinkDirectAsync(self.system)

    @cached_property
    def ftp(self) -> FtpAsync:
        return FtpAsync(self.system)

    @cached_property
    def metadata(self) -> ComponentMetadataAsync:
        return ComponentMetadataAsync(self.system)

    @cached_property
    def events(self) -> EventsAsync:
        return EventsAsync(self.system)

    async def is_at(self, place: geo.Position, within_m: float) -> None:
        """Wait until it is there."""
        await until(self.telemetry.subscribe_position(), lambda p: away_m(p, place) < within_m, f"arriving at {place}")

    async def in_mode(self, mode: FlightMode) -> None:
        await until(self.telemetry.subscribe_flight_mode(), lambda seen: seen == mode, f"flight mode {mode.name}")

    async def landed(self, state: LandedState) -> None:
        await until(self.telemetry.subscribe_landed_state(), lambda seen: seen == state, f"landed state {state.name}")

    async def armed(self, wanted: bool = True) -> None:
        await until(
            self.telemetry.subscribe_armed(), lambda seen: seen == wanted, "being armed" if wanted else "being disarmed"
        )

    async def ready(self) -> None:
        """Until MAVSDK holds it for fit to fly, as its examples do."""
        await until(self.telemetry.subscribe_health_all_ok(), lambda seen: seen, "health_all_ok")

    async def take_off(self, height_m: float) -> geo.Position:
        """Up as MAVSDK's examples go up; where it hovers then."""
        await self.ready()
        await self.action.set_takeoff_altitude(height_m)
        await self.action.arm()
        await self.action.takeoff()
        await self.landed(LandedState.IN_AIR)
        await self.in_mode(FlightMode.HOLD)
        return await self.here()

    async def here(self) -> geo.Position:
        return place_of(await self.telemetry.position())

    async def down(self) -> None:
        """Until it stands and has disarmed by itself."""
        await self.landed(LandedState.ON_GROUND)
        await self.armed(False)

    async def put_down(self) -> None:
        """However the test left it: on the ground, disarmed, no mission stored, fit to arm."""
        if await self.telemetry.armed():
            await self.action.kill()
        await self.down()
        await self.mission.clear_mission()
        await self.action.hold()
        await self.ready()
