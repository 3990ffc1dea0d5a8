"""How PX4 is asked: every field of every request, as PX4 v1.16 wants it."""

from __future__ import annotations

import math
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from missions import requests as ask
from onboard.flight import commands
from wire.geo import Ned, Position

NAN = math.nan
HERE = Position(47.3977421, -8.5455943, 489.4)
TARGET = ask.LandingTarget(HERE, Ned(1.5, -2.5, 0.25), 12.5)
X, Y = 473977421, -85455943

LONG: list[tuple[ask.Request, int, tuple[float, ...]]] = [
    (ask.SelectHold(), 176, (1, 4, 3, 0, 0, 0, 0)),  # DO_SET_MODE: custom mode, AUTO, LOITER
    (ask.Arm(), 400, (1, 0, 0, 0, 0, 0, 0)),  # no magic number: never forced
    (ask.Disarm(), 400, (0, 0, 0, 0, 0, 0, 0)),
    (ask.Takeoff(501.4), 22, (NAN, 0, 0, NAN, NAN, NAN, 501.4)),  # here, and AMSL: 0 would be a place off Africa
    (ask.Hold(), 192, (-1, 1, 0, NAN, NAN, NAN, NAN)),  # DO_REPOSITION: keep the speed, change the mode, here
    (ask.Land(), 21, (0, 0, 0, NAN, NAN, NAN, NAN)),
    (ask.LandPrecisely(), 176, (1, 4, 9, 0, 0, 0, 0)),  # DO_SET_MODE: custom mode, AUTO, PRECLAND
    (ask.ReturnHome(), 20, (0, 0, 0, 0, 0, 0, 0)),
]
INT: list[tuple[ask.Request, int, tuple[float, ...]]] = [
    (ask.Reposition(HERE, 5.0), 192, (5.0, 1, 0, NAN)),  # yaw in radians, or NaN: as it is
    (ask.FlyOrbit(HERE, -25.0, 6.0, 3), 34, (-25.0, 6.0, 3, 0)),  # PX4 ignores the laps
    (ask.SetHome(HERE), 179, (0, 0, 0, NAN)),  # the place given, not the present one
]


def same(found: tuple[float, ...], wanted: tuple[float, ...]) -> bool:
    return found == pytest.approx(wanted, nan_ok=True, abs=1e-4)


def addressed(message: Any) -> bool:
    """To one autopilot, and to nobody else on the link."""
    return (message.target_system, message.target_component) == (7, 1)


@pytest.mark.parametrize(("request_", "number", "parameters"), LONG, ids=lambda x: type(x).__name__)
def test_requests_without_a_place_go_as_command_long(request_: ask.Request, number: int, parameters: Any) -> None:
    (message,) = commands.messages(request_, 7)
    assert message.get_type() == "COMMAND_LONG" and addressed(message)
    assert (message.command, message.confirmation) == (number, 0)
    assert same(tuple(getattr(message, f"param{i}") for i in range(1, 8)), parameters)


@pytest.mark.parametrize(("request_", "number", "parameters"), INT, ids=lambda x: type(x).__name__)
def test_requests_with_a_place_go_as_command_int_to_the_centimetre(request_: ask.Request, number: int, parameters: Any) -> None:
    (message,) = commands.messages(request_, 7)
    assert message.get_type() == "COMMAND_INT" and addressed(message)
    assert (message.command, message.frame) == (number, mavlink.MAV_FRAME_GLOBAL), "PX4 takes every altitude as AMSL"
    assert same(tuple(getattr(message, f"param{i}") for i in range(1, 5)), parameters)
    assert (message.x, message.y, message.z) == (X, Y, 489.4)


def test_parameters_are_read_by_name() -> None:
    messages = commands.messages(ask.ReadParameters(("NAV_DLL_ACT", "COM_DL_LOSS_T")), 7)
    assert [(m.get_type(), m.param_id, m.param_index) for m in messages] == [
        ("PARAM_REQUEST_READ", "NAV_DLL_ACT", -1),
        ("PARAM_REQUEST_READ", "COM_DL_LOSS_T", -1),
    ]
    assert all(addressed(message) for message in messages)


def test_only_the_flight_mission_is_cleared() -> None:
    (message,) = commands.messages(ask.ClearMission(), 7)
    assert message.get_type() == "MISSION_CLEAR_ALL" and addressed(message)
    assert message.mission_type == mavlink.MAV_MISSION_TYPE_MISSION, "fences and rally points stay"


def test_a_landing_target_goes_as_a_position_in_the_local_frame_which_is_all_that_px4_takes() -> None:
    (message,) = commands.messages(TARGET, 7)
    assert message.get_type() == "LANDING_TARGET"
    assert (message.position_valid, message.frame) == (1, mavlink.MAV_FRAME_LOCAL_NED)
    assert (message.x, message.y, message.z, message.time_usec) == (1.5, -2.5, 0.25, 12_500_000)


def test_every_request_has_a_translation_that_goes_on_the_wire() -> None:
    made = [request for request, *_ in LONG + INT] + [ask.ReadParameters(("X",)), ask.ClearMission(), TARGET]
    assert {type(request).__name__ for request in made} >= {
        "ReadParameters", "ClearMission", "Arm", "Disarm", "SelectHold", "Hold", "Takeoff", "Reposition", "FlyOrbit",
        "Land", "LandPrecisely", "LandingTarget", "ReturnHome", "SetHome",
    }  # fmt: skip
    codec = mavlink.MAVLink(None, srcSystem=7, srcComponent=191)
    for request in made:
        for message in commands.messages(request, 7):
            assert codec.parse_buffer(message.pack(codec))


def test_what_has_no_translation_is_our_own_mistake() -> None:
    class Loop(ask.Request):
        pass

    with pytest.raises(TypeError, match="Loop has no MAVLink translation"):
        commands.messages(Loop(), 7)


@pytest.mark.parametrize(("rate_hz", "period_us"), [(20.0, 50_000.0), (0.0, -1.0)])
def test_a_stream_is_asked_for_by_its_period_and_stopped_by_minus_one(rate_hz: float, period_us: float) -> None:
    message = commands.interval(7, 33, rate_hz)
    assert (message.command, message.param1, message.param2) == (511, 33, period_us) and addressed(message)
