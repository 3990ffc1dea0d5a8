"""Commands PX4 sends itself, as COMMAND_LONG to its own system: to gimbals and cameras, and what a mission orders."""

from __future__ import annotations

from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.log import Log
from tests.sitl.conformance.plans import Client, at, do
from tests.sitl.conformance.vehicle import Vehicle

CONFIGURE, PITCH_YAW, TRIGGER, IDLE = 1001, 1000, 2003, 0
STOW = [CONFIGURE, PITCH_YAW, CONFIGURE]


def sent(log: Log, since_s: float, *, repeated: bool = False) -> list[Any]:
    """Its own commands since a time; `repeated` only what is sent again."""
    messages = [seen.message for seen in log.of("COMMAND_LONG", since_s)]
    return [message for message in messages if (message.confirmation > 0) == repeated]


def numbers(vehicle: Vehicle, since_s: float) -> list[int]:
    return [message.command for message in sent(vehicle.onboard, since_s)]


@pytest.mark.parametrize("mode", [pytest.param("LAND", id="S31"), pytest.param("RTL", id="S44")])
def test_landing_and_return_stow_a_gimbal_whether_there_is_one_or_not(vehicle: Vehicle, mode: str) -> None:
    """Control taken, pointed ahead, let go; on every link. Only the first is repeated, three times, as nobody answers."""
    vehicle.take_off()
    since_s = vehicle.mark()
    vehicle.set_mode(mode)
    vehicle.run(3.5)
    for log in (vehicle.onboard, vehicle.gcs):
        assert [message.command for message in sent(log, since_s)] == STOW
        first, ahead, last = sent(log, since_s)
        assert {(m.target_system, m.target_component) for m in (first, ahead, last)} == {(vehicle.system, 0)}
        assert [first.param1, first.param2, first.param3, first.param4] == [vehicle.system, 1, -1, -1]
        assert ahead.param5 == 2 and ahead.param1 != ahead.param1
        assert [last.param1, last.param2] == [-3, -3]
        assert [(m.command, m.confirmation) for m in sent(log, since_s, repeated=True)] == [(CONFIGURE, n) for n in (1, 2, 3)]


def test_S17_an_answered_command_is_not_repeated(vehicle: Vehicle) -> None:
    vehicle.take_off()
    since_s = vehicle.mark()
    vehicle.set_mode("LAND")
    vehicle.until(lambda: sent(vehicle.onboard, since_s), 2.0, "a command of its own")
    vehicle.companion.send(mavlink.MAVLink_command_ack_message(CONFIGURE, 0, 0, 0, vehicle.system, 1))
    vehicle.run(3.0)
    assert sent(vehicle.onboard, since_s, repeated=True) == []


def test_S51_what_a_mission_orders_goes_out_too(start: Start) -> None:
    """Leaving the mission pauses a camera's trigger and points a gimbal ahead; a camera is asked by its own component id."""
    vehicle = start()
    client = Client(vehicle)
    picture = do(mavlink.MAV_CMD_IMAGE_START_CAPTURE, 0, 2)
    speed = do(mavlink.MAV_CMD_DO_CHANGE_SPEED, 1, 3, -1)
    items = [at(vehicle, 22, 0, 0, 10.0), speed, picture, at(vehicle, 16, 60, 0, 10.0)]
    assert client.upload(items) == 0
    since_s = vehicle.mark()
    vehicle.set_mode("MISSION")
    vehicle.arm()
    vehicle.until(lambda: mavlink.MAV_CMD_IMAGE_START_CAPTURE in numbers(vehicle, since_s), 30.0, "the picture")
    ordered = [(m.command, m.target_component) for m in sent(vehicle.onboard, since_s)]
    assert ordered == [(mavlink.MAV_CMD_DO_CHANGE_SPEED, 0), (mavlink.MAV_CMD_IMAGE_START_CAPTURE, 100)]
    since_s = vehicle.mark()
    vehicle.set_mode("LOITER")
    vehicle.run(1.0)
    assert numbers(vehicle, since_s) == [TRIGGER, mavlink.MAV_CMD_IMAGE_STOP_CAPTURE, PITCH_YAW, CONFIGURE]


def test_S44_a_return_that_has_landed_sends_its_idle_item(vehicle: Vehicle) -> None:
    vehicle.take_off(5.0)
    vehicle.set_mode("RTL")
    since_s = vehicle.mark()
    vehicle.until(lambda: not vehicle.armed, 60.0, "disarmed")
    (idle,) = [message for message in sent(vehicle.onboard, since_s) if message.command == IDLE]
    assert (idle.param2, idle.param3) == (2, 80)
    assert idle.param7 == pytest.approx(vehicle.home.altitude_amsl_m, abs=0.2)


def test_S67_a_mission_taken_up_again_repeats_what_the_gimbal_was_told(start: Start) -> None:
    vehicle = start()
    items = [at(vehicle, 22, 0, 0, 10.0), do(CONFIGURE, vehicle.system, 1), do(PITCH_YAW, -30, 0), at(vehicle, 16, 80, 0, 10.0)]
    assert Client(vehicle).upload(items) == 0
    vehicle.set_mode("MISSION")
    vehicle.arm()
    vehicle.until(lambda: vehicle.onboard.last("MISSION_CURRENT").seq == 3, 40.0, "the last item")
    vehicle.run(2.0)
    vehicle.set_mode("LOITER")
    vehicle.run(3.0)
    since_s = vehicle.mark()
    vehicle.set_mode("MISSION")
    vehicle.run(1.0)
    assert numbers(vehicle, since_s) == [CONFIGURE, PITCH_YAW]
