"""The parameter protocol."""

from __future__ import annotations

import struct
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.starting import TIMEOUTS_SCALED_BY_SPEED
from tests.sitl.conformance.backend import Setup
from tests.sitl.conformance.conftest import Start
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


def test_S22_what_a_first_start_sets_is_told_by_itself(start: Start) -> None:
    """On every link, a second after the start; not again at a later start, when it is kept already."""
    vehicle = start({"MIS_TAKEOFF_ALT": 8.0}, ready=False)
    vehicle.run(3)
    for log in (vehicle.onboard, vehicle.gcs):
        told = [seen.message.param_id for seen in log.of("PARAM_VALUE")]
        assert {"SYS_AUTOSTART", "SYS_AUTOCONFIG", "CAL_ACC0_ID", "CAL_BARO0_ID", "SIH_LOC_LAT0", "MIS_TAKEOFF_ALT"} <= {*told}
        assert told == sorted(told)
        assert len({*told} - {*TIMEOUTS_SCALED_BY_SPEED}) == pytest.approx(22, abs=1)
    vehicle.wait_parameters()
    vehicle.backend.restart(Setup({"MIS_TAKEOFF_ALT": 7.0}))
    for log in vehicle.logs.values():
        log.clear()
    vehicle.run(3)
    assert vehicle.onboard.of("PARAM_VALUE") == []


def test_S22_a_change_tells_all_that_is_not_saved_yet(vehicle: Vehicle) -> None:
    """PX4 saves 0.3 s after a change, at most every 2 s."""
    vehicle.changed.update({"MPC_XY_CRUISE": 5.0, "MPC_ACC_HOR": 3.0})
    vehicle.run(4)
    since_s = vehicle.mark()
    for name in ("MPC_XY_CRUISE", "MPC_ACC_HOR"):
        vehicle.companion.send(mavlink.MAVLink_param_set_message(vehicle.system, 1, name.encode(), 2.5, REAL32))
        vehicle.run(0.1)
    vehicle.run(1.0)
    told = [seen.message.param_id for seen in vehicle.gcs.of("PARAM_VALUE", since_s)]
    assert told == ["MPC_XY_CRUISE", "MPC_ACC_HOR", "MPC_XY_CRUISE"]
    vehicle.run(3.0)
    since_s = vehicle.mark()
    assert [m.param_id for m in put(vehicle, "MPC_ACC_HOR", 3.5, REAL32)] == ["MPC_ACC_HOR"] * 2


def test_S22_nan_is_told_once_and_is_no_change(start: Start) -> None:
    """PX4 stores it and answers, but notices nothing (its simulation hangs when it next saves, so nothing more is set)."""
    vehicle = start()
    vehicle.run(3)
    (told,) = put(vehicle, "MPC_ACC_HOR", float("nan"), REAL32)
    assert told.param_value != told.param_value
    (again,) = ask(vehicle, "MPC_ACC_HOR")
    assert again.param_value != again.param_value
    vehicle.take_off(5.0)
    assert vehicle.height_m == pytest.approx(5.0, abs=1.5)


def test_S22_limits_that_contradict_each_other_are_brought_into_line(start: Start) -> None:
    vehicle = start()
    vehicle.run(4)
    since_s = vehicle.mark()
    told = [m.param_id for m in put(vehicle, "MPC_Z_VEL_MAX_UP", 2.0, REAL32)]
    assert told[0] == "MPC_Z_VEL_MAX_UP" and "MPC_Z_V_AUTO_UP" in told
    assert vehicle.parameter("MPC_Z_V_AUTO_UP") == 2.0
    vehicle.until(lambda: vehicle.said("Ascent speed has been constrained by max speed\t", since_s), 2.0, "text")


def test_S22_a_slider_sets_several(start: Start) -> None:
    vehicle = start()
    vehicle.run(4)
    put(vehicle, "MPC_XY_VEL_ALL", 6.0, REAL32)
    vehicle.run(1.0)
    names = ("MPC_XY_CRUISE", "MPC_XY_VEL_MAX", "MPC_VEL_MANUAL")
    assert [vehicle.parameter(name) for name in names] == [6.0, 6.0, 6.0]
