"""MAVSDK's Info, Failure, Gripper and MavlinkDirect plugins."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from mavsdk.asyncio.plugins.failure import FailureError, FailureResult, FailureType, FailureUnit
from mavsdk.asyncio.plugins.info import InfoError
from mavsdk.asyncio.plugins.mavlink_direct import MavlinkMessage

from tests.sitl.judge.drone import Drone, eventually, until

pytestmark = pytest.mark.slow

GROUND_STATION = (245, 190)
"""Who MAVSDK is, as a ground station."""
PX4_CAPABILITIES, GIMBAL_MANAGER = 59647, 1 << 18  # MAV_PROTOCOL_CAPABILITY


async def test_who_it_is(drone: Drone) -> None:
    version = await drone.info.get_version()
    assert (version.flight_sw_major, version.flight_sw_minor) == (1, 16)
    assert version.flight_sw_git_hash
    number = await drone.system.get_system_id()
    assert (await drone.info.get_identification()).legacy_uid == 5283920058631409231 + number - 1
    product = await drone.info.get_product()
    assert (product.vendor_id, product.product_id) == (0, 0)


async def test_how_fast_its_time_runs(drone: Drone) -> None:
    """MAVSDK compares the vehicle's clock to its own; a busy machine makes it less than asked for."""

    async def speed() -> float:
        try:
            return float(await drone.info.get_speed_factor())
        except InfoError:
            return 0.0  # not enough heard yet

    assert await eventually(speed, lambda seen: seen > 1.2, "a vehicle faster than real time")


async def test_flight_information(drone: Drone) -> None:
    await until(drone.info.subscribe_flight_information(), lambda seen: seen.time_boot_ms > 0, "flight information")


async def test_what_cannot_fail_in_this_simulation_is_not_answered(drone: Drone) -> None:
    await drone.failure.inject(FailureUnit.SYSTEM_BATTERY, FailureType.OK, 0)
    await drone.failure.inject(FailureUnit.SYSTEM_MOTOR, FailureType.OK, 0)
    with pytest.raises(FailureError) as refused:
        await drone.failure.inject(FailureUnit.SENSOR_GPS, FailureType.OK, 0)
    assert refused.value.result == FailureResult.TIMEOUT


async def test_failures_that_are_not_enabled_are_refused(drone: Drone) -> None:
    await drone.param.set_param_int("SYS_FAILURE_EN", 0)

    async def inject() -> Any:
        try:
            await drone.failure.inject(FailureUnit.SYSTEM_BATTERY, FailureType.OK, 0)
        except FailureError as error:
            return error.result
        return FailureResult.SUCCESS

    refused = (FailureResult.DENIED, FailureResult.DISABLED)
    await eventually(inject, lambda result: result in refused, "a refusal")  # PX4 reads its parameters again now and then
    await drone.param.set_param_int("SYS_FAILURE_EN", 1)


async def test_gripper(drone: Drone) -> None:
    """It is released by a plain command: MAVSDK's own `release` ends the whole process when PX4 first says 'in progress'."""
    await drone.gripper.grab(1)
    assert await command(drone, 211, param1=1, param2=0) == 0
    assert await command(drone, 211, param1=1, param2=1) == 0
    await drone.gripper.grab(1)


async def test_a_command_as_a_plain_message(drone: Drone) -> None:
    assert await command(drone, 512, param1=148) == 0
    assert await command(drone, 193, param1=0) == 3


async def test_plain_messages_both_ways(drone: Drone) -> None:
    number = await drone.system.get_system_id()
    fields = {"target_system": number, "target_component": 1, "command": 512, "param1": 148}
    request = MavlinkMessage("COMMAND_LONG", *GROUND_STATION, number, 1, json.dumps(fields))
    async with asyncio.TaskGroup() as group:
        answer = group.create_task(
            until(drone.direct.subscribe_message("AUTOPILOT_VERSION"), lambda seen: seen.system_id == number, "the version")
        )
        await asyncio.sleep(0.2)
        await drone.direct.send_message(request)
    assert json.loads(answer.result().fields_json)["capabilities"] == PX4_CAPABILITIES | GIMBAL_MANAGER


async def command(drone: Drone, number: int, **parameters: float) -> int:
    """The result of the last acknowledgement of a COMMAND_LONG."""
    target = {"target_system": await drone.system.get_system_id(), "target_component": 1, "command": number}
    fields = json.dumps(target | parameters)
    ack = await drone.direct.send_command(MavlinkMessage("COMMAND_LONG", *GROUND_STATION, target["target_system"], 1, fields))
    return int(json.loads(ack.fields_json)["result"])
