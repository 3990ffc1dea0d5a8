"""MAVSDK's Param plugin."""

from __future__ import annotations

import pytest
from mavsdk.asyncio.plugins.param import ParamError, ParamResult

from tests.sitl.judge.drone import Drone


async def test_all(drone: Drone) -> None:
    every = await drone.param.get_all_params()
    ints, floats = ({each.name: each.value for each in kind} for kind in (every.int_params, every.float_params))
    assert ints["NAV_DLL_ACT"] == 0
    assert ints["MNT_MODE_IN"] == 4
    assert floats["NAV_ACC_RAD"] == 2.0
    assert every.custom_params == []


async def test_int(drone: Drone) -> None:
    was = await drone.param.get_param_int("COM_RC_IN_MODE")
    await drone.param.set_param_int("COM_RC_IN_MODE", 4)
    assert await drone.param.get_param_int("COM_RC_IN_MODE") == 4
    await drone.param.set_param_int("COM_RC_IN_MODE", was)


async def test_float(drone: Drone) -> None:
    was = await drone.param.get_param_float("MPC_XY_CRUISE")
    await drone.param.set_param_float("MPC_XY_CRUISE", 4.5)
    assert await drone.param.get_param_float("MPC_XY_CRUISE") == 4.5
    await drone.param.set_param_float("MPC_XY_CRUISE", was)


async def test_reading_as_the_wrong_kind(drone: Drone) -> None:
    with pytest.raises(ParamError) as refused:
        await drone.param.get_param_int("MPC_XY_CRUISE")
    assert refused.value.result == ParamResult.WRONG_TYPE


async def test_a_name_that_is_too_long(drone: Drone) -> None:
    with pytest.raises(ParamError) as refused:
        await drone.param.get_param_int("A_NAME_OF_TWENTY_ONE_")
    assert refused.value.result == ParamResult.PARAM_NAME_TOO_LONG


async def test_unknown_is_not_answered(drone: Drone) -> None:
    with pytest.raises(ParamError) as refused:
        await drone.param.get_param_float("NO_SUCH_PARAM")
    assert refused.value.result == ParamResult.TIMEOUT


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "value"),
    [("set_param_int", 3), ("set_param_custom", "fast"), ("get_param_custom", None)],
    ids=str,
)
async def test_writing_the_wrong_kind_is_not_answered(drone: Drone, name: str, value: object) -> None:
    was = await drone.param.get_param_float("MPC_XY_CRUISE")
    call = getattr(drone.param, name)
    with pytest.raises(ParamError) as refused:
        await (call("MPC_XY_CRUISE") if value is None else call("MPC_XY_CRUISE", value))
    assert refused.value.result == ParamResult.TIMEOUT
    assert await drone.param.get_param_float("MPC_XY_CRUISE") == was
