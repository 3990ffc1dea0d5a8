"""What is told again: when, to whom, and which item answers which request."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol.links import LinkName
from sitl.compare.recording import Recording, Said, Told
from sitl.compare.script import LATEST_S, Packet, Script
from wire.geo import Position

COMPANION = mavlink.MAVLink(None, 1, 191)


def sent(t_s: float, message: mavlink.MAVLink_message) -> Told:
    packet = bytes(message.pack(COMPANION))
    return Told(t_s, packet, mavlink.MAVLink(None).decode(bytearray(packet)))


def arm(t_s: float) -> Told:
    return sent(t_s, mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0))


def item(t_s: float, number: int) -> Told:
    zeros = [0.0] * 4
    return sent(t_s, mavlink.MAVLink_mission_item_int_message(1, 1, number, 6, 16, 0, 1, *zeros, number, 0, t_s, 0))


def recorded(told: list[Told], said: list[Said] | None = None) -> Recording:
    return Recording("x", 1, Position(48.8584, 2.2945, 35.0), told, said or [])


ACK = mavlink.MAVLink_command_ack_message(400, 0, 0, 0, 1, 191)


def test_what_was_told_is_told_at_its_time_and_once() -> None:
    told = arm(4.0)
    script = Script(recorded([told]), 1)
    assert script.due(3.99) == []
    assert script.due(4.0) == [Packet(LinkName.ONBOARD, told.packet)]
    assert script.due(5.0) == []


def test_what_followed_an_answer_waits_for_it_a_little() -> None:
    first, second = arm(4.0), arm(4.02)
    recording = recorded([first, second], [Said(4.01, ACK)])
    eager, patient = Script(recording, 1), Script(recording, 1)
    for script in (eager, patient):
        assert len(script.due(4.03)) == 1
    eager.hear(4.04, ACK)
    assert len(eager.due(4.05)) == 1
    assert patient.due(4.05) == []
    assert len(patient.due(4.02 + LATEST_S)) == 1


def test_another_instance_is_told_by_its_own_system_id() -> None:
    [packet] = Script(recorded([arm(4.0)]), 3).due(4.0)
    message = mavlink.MAVLink(None).decode(bytearray(packet.data))
    assert (message.get_srcSystem(), message.get_srcComponent()) == (3, 191)
    assert (message.target_system, message.command, message.param1) == (3, 400, 1.0)


def test_a_ground_station_and_its_broadcasts_stay_who_they_are() -> None:
    beat = mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, 8, 0, 0, 4, 3)
    packet = bytes(beat.pack(mavlink.MAVLink(None, 255, 190)))
    told = Told(1.0, packet, mavlink.MAVLink(None).decode(bytearray(packet)))
    [again] = Script(recorded([told]), 3).due(1.0)
    message = mavlink.MAVLink(None).decode(bytearray(again.data))
    assert (message.get_srcSystem(), message.get_srcComponent(), message.type) == (255, 190, mavlink.MAV_TYPE_GCS)
    assert again.link is LinkName.GCS  # it got no texts, so it was not on the recorded link


def test_an_item_goes_when_it_is_asked_for_and_the_nearest_in_time() -> None:
    script = Script(recorded([item(5.0, 0), item(5.1, 1), item(60.0, 1)]), 1)
    assert script.due(100.0) == []

    def answer(t_s: float, number: int) -> float | None:
        packet = script.hear(t_s, mavlink.MAVLink_mission_request_int_message(1, 191, number, 0))
        return None if packet is None else float(mavlink.MAVLink(None).decode(bytearray(packet.data)).z)

    assert answer(5.5, 1) == pytest.approx(5.1)
    assert answer(59.0, 1) == pytest.approx(60.0)
    assert answer(5.5, 7) is None
