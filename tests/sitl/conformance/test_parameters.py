"""The parameter protocol."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.log import Seen
from tests.sitl.conformance.vehicle import Vehicle

INT32, REAL32, UINT32 = 6, 9, 5
SILENCE_S = 1.0


def integer(value: float) -> int:
    """An integer that travels in the float field."""
    return int(struct.unpack("<i", struct.pack("<f", value))[0])


def encoded(value: int) -> float:
    return float(struct.unpack("<f", struct.pack("<i", value))[0])


def values(vehicle: Vehicle, since_s: float) -> list[Seen]:
    return vehicle.onboard.of("PARAM_VALUE", since_s)


def ask(vehicle: Vehicle, name: str = "", index: int = -1) -> list[Any]:
    since_s = vehicle.mark()
    vehicle.companion.send(mavlink.MAVLink_param_request_read_message(vehicle.system, 1, name.encode(), index))
    vehicle.run(SILENCE_S)
    vehicle.companion.settle()
    return [seen.message for seen in values(vehicle, since_s)]


def put(vehicle: Vehicle, name: str, value: float, kind: int) -> list[Any]:
    since_s = vehicle.mark()
    vehicle.companion.send(mavlink.MAVLink_param_set_message(vehicle.system, 1, name.encode(), value, kind))
    vehicle.run(SILENCE_S)
    vehicle.companion.settle()
    return [seen.message for seen in values(vehicle, since_s)]


def test_S22_integers_travel_bytewise(vehicle: Vehicle) -> None:
    (told,) = ask(vehicle, "COM_DL_LOSS_T")
    assert (told.param_id, told.param_type, integer(told.param_value)) == ("COM_DL_LOSS_T", INT32, 10)


def test_S22_reals_travel_as_they_are(vehicle: Vehicle) -> None:
    (told,) = ask(vehicle, "MPC_XY_CRUISE")
    assert (told.param_id, told.param_type, told.param_value) == ("MPC_XY_CRUISE", REAL32, 5.0)


@pytest.mark.parametrize(("name", "index"), [("NO_SUCH_NAME", -1), ("", 32000)], ids=["name", "index"])
def test_S22_silence_to_a_request_for_nothing(vehicle: Vehicle, name: str, index: int) -> None:
    assert ask(vehicle, name, index) == []


def test_S22_by_index(vehicle: Vehicle) -> None:
    (first,) = ask(vehicle, index=0)
    (again,) = ask(vehicle, first.param_id)
    assert (first.param_index, again.param_index) == (0, 0)


def test_S22_a_set_is_told_twice(vehicle: Vehicle) -> None:
    """The reply, and the broadcast of a change; the ground station gets the broadcast."""
    vehicle.changed["MPC_XY_CRUISE"] = 5.0
    since_s = vehicle.mark()
    told = put(vehicle, "MPC_XY_CRUISE", 4.5, REAL32)
    assert [(m.param_id, m.param_value) for m in told] == [("MPC_XY_CRUISE", 4.5)] * 2
    broadcast = [seen.message.param_id for seen in vehicle.gcs.of("PARAM_VALUE", since_s)]
    assert broadcast == ["MPC_XY_CRUISE"]


def test_S22_setting_what_it_is_already_is_told_once(vehicle: Vehicle) -> None:
    told = put(vehicle, "MPC_XY_CRUISE", 5.0, REAL32)
    assert [(m.param_id, m.param_value) for m in told] == [("MPC_XY_CRUISE", 5.0)]


def test_S22_an_integer_is_set_bytewise(vehicle: Vehicle) -> None:
    vehicle.changed["COM_DL_LOSS_T"] = 10
    told = [m for m in put(vehicle, "COM_DL_LOSS_T", encoded(7), INT32) if m.param_id == "COM_DL_LOSS_T"]
    assert [integer(m.param_value) for m in told] == [7, 7]


@pytest.mark.parametrize(
    ("name", "kind"), [("COM_DL_LOSS_T", REAL32), ("MPC_XY_CRUISE", INT32), ("COM_DL_LOSS_T", UINT32), ("NO_SUCH_NAME", INT32)]
)
def test_S22_silence_to_the_wrong_type_or_name(vehicle: Vehicle, name: str, kind: int) -> None:
    assert put(vehicle, name, encoded(7), kind) == []
    assert vehicle.parameter("COM_DL_LOSS_T") == 10
    assert vehicle.parameter("MPC_XY_CRUISE") == 5.0


def test_S22_the_whole_list(vehicle: Vehicle) -> None:
    """_HASH_CHECK first, then each parameter once, in less than 3 s."""
    since_s = vehicle.mark()
    vehicle.companion.send(mavlink.MAVLink_param_request_list_message(vehicle.system, 1))
    vehicle.run(3)
    told = [seen.message for seen in values(vehicle, since_s)]
    head, rest = told[0], told[1:]
    assert (head.param_id, head.param_type, head.param_index) == ("_HASH_CHECK", UINT32, 65535)
    assert {m.param_count for m in told} == {len(rest)}
    assert len(rest) == pytest.approx(904, abs=4)
    assert [m.param_index for m in rest] == list(range(len(rest)))
    names = [m.param_id for m in rest]
    assert names == sorted(names)
    assert {m.param_type for m in rest} == {INT32, REAL32}
    assert vehicle.gcs.of("PARAM_VALUE", since_s) == []


def test_S22_the_hash(vehicle: Vehicle) -> None:
    """Asked for by name; it changes with a value."""
    (before,) = ask(vehicle, "_HASH_CHECK")
    assert (before.param_type, before.param_index) == (UINT32, 65535)
    vehicle.set(MPC_XY_CRUISE=4.0)
    vehicle.run(0.5)
    (after,) = ask(vehicle, "_HASH_CHECK")
    assert struct.pack("<f", before.param_value) != struct.pack("<f", after.param_value)
