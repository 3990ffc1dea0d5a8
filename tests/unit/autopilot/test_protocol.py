"""What the autopilot says at its MAVLink boundary: rates, identity, acknowledgements, parameters, texts, forwarding."""

from __future__ import annotations

import struct
from collections import Counter
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.links import Datagram, LinkName
from sitl.autopilot.telemetry.table import RATES_HZ
from tests.unit.autopilot.harness import HOME, NAN, Companion

REQUEST, SET_INTERVAL, GET_INTERVAL = 512, 511, 510
NEEDS_FLIGHT = {
    mavlink.MAVLINK_MSG_ID_ORBIT_EXECUTION_STATUS,
    mavlink.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT,
    mavlink.MAVLINK_MSG_ID_GIMBAL_MANAGER_STATUS,  # needs a gimbal
    mavlink.MAVLINK_MSG_ID_GIMBAL_DEVICE_ATTITUDE_STATUS,
}

UNPROMPTED = {dialect.EVENT.number, dialect.CURRENT_EVENT_SEQUENCE.number, mavlink.MAVLINK_MSG_ID_MISSION_CURRENT}
UNSCALED = {mavlink.MAVLINK_MSG_ID_HEARTBEAT, mavlink.MAVLINK_MSG_ID_PING, mavlink.MAVLINK_MSG_ID_GPS_RAW_INT}


class Wire:
    """Raw datagrams of an autopilot, 4 ms at a time, with their times."""

    def __init__(self, **options: Any) -> None:
        self.autopilot = Autopilot(seed=3, home=HOME, **options)
        self.log: list[tuple[float, LinkName, mavlink.MAVLink_message]] = []
        self._mav: dict[tuple[int, int], mavlink.MAVLink] = {}
        self._parser = mavlink.MAVLink(None)

    def send(
        self, message: mavlink.MAVLink_message, link: LinkName = LinkName.ONBOARD, *, peer: tuple[int, int] = (1, 191)
    ) -> None:
        mav = self._mav.setdefault(peer, mavlink.MAVLink(None, srcSystem=peer[0], srcComponent=peer[1]))
        self.autopilot.receive(link, message.pack(mav))

    def run(self, duration_s: float) -> None:
        end_s = self.autopilot.now_s + duration_s
        while self.autopilot.now_s < end_s - 1e-6:
            for datagram in self.autopilot.step(0.004):
                self._take(datagram)

    def _take(self, datagram: Datagram) -> None:
        message = dialect.read(datagram.data) or self._parser.decode(bytearray(datagram.data))
        self.log.append((self.autopilot.now_s, datagram.link, message))

    def ask(self, command: int, *params: float, target: tuple[int, int] = (1, 1), wait_s: float = 0.1) -> list[Any]:
        """Send a COMMAND_LONG; what came back of interest, in order."""
        self.log.clear()
        values = (*params, *([0.0] * (7 - len(params))))
        self.send(mavlink.MAVLink_command_long_message(*target, command, 0, *values))
        self.run(wait_s)
        streams = set(RATES_HZ[LinkName.ONBOARD]) | set(RATES_HZ[LinkName.GCS]) | UNPROMPTED
        wanted = int(params[0]) if command in (REQUEST, GET_INTERVAL) and params else -1
        return [
            m
            for _, link, m in self.log
            if link is LinkName.ONBOARD and (m.get_msgId() not in streams or m.get_msgId() == wanted)
        ]

    def all(self, kind: str, link: LinkName = LinkName.ONBOARD) -> list[Any]:
        return [m for _, name, m in self.log if name is link and m.get_type() == kind]


@pytest.fixture
def wire() -> Wire:
    wire = Wire()
    wire.run(5.0)
    return wire


def test_streams_have_px4s_rates() -> None:
    wire = Wire()
    wire.run(6.0)
    wire.log.clear()
    wire.run(20.0)
    counts = Counter((name, message.get_msgId()) for _, name, message in wire.log)
    for link, rates_hz in RATES_HZ.items():
        for number, rate_hz in rates_hz.items():
            slow = link is LinkName.CAMERA and number not in UNSCALED
            wanted = 0.0 if number in NEEDS_FLIGHT else 20.0 * rate_hz * (0.143 if slow else 1.0)
            assert counts[link, number] == pytest.approx(wanted, rel=0.05, abs=1.0), (link, number)


def test_start_up_has_px4s_order() -> None:
    wire = Wire()
    wire.run(5.0)
    first: dict[str, float] = {}
    for t, link, message in wire.log:
        if link is LinkName.ONBOARD:
            first.setdefault(message.get_type(), t)
    assert first["GPS_RAW_INT"] < first["HEARTBEAT"] < first["GPS_GLOBAL_ORIGIN"] < first["ATTITUDE"]
    assert first["ATTITUDE"] < first["HOME_POSITION"] < first["GLOBAL_POSITION_INT"] < 3.0
    status = [m.system_status for m in wire.all("HEARTBEAT")]
    assert status == sorted(status)
    assert status[0] == 0
    assert status[-1] == 3
    assert len(wire.all("GPS_GLOBAL_ORIGIN")) == 1
    beat = wire.all("HEARTBEAT")[0]
    assert (beat.type, beat.autopilot, beat.base_mode, beat.custom_mode, beat.mavlink_version) == (2, 12, 29, 0x03040000, 3)
    assert (beat.get_srcSystem(), beat.get_srcComponent()) == (1, 1)


def test_a_requested_message_comes_before_its_acknowledgement(wire: Wire) -> None:
    version, ack = wire.ask(REQUEST, 148)
    assert (version.capabilities, version.flight_sw_version) == (59647, 0x011000FF)
    assert (ack.get_type(), ack.result, ack.target_system, ack.target_component) == ("COMMAND_ACK", 0, 1, 191)
    assert [m.get_type() for m in wire.ask(REQUEST, 300)] == ["PROTOCOL_VERSION", "COMMAND_ACK"]


@pytest.mark.parametrize("number", [259, 280, 281, 340, 360, 396, 410, 411, 412, 437, 99999])
def test_what_it_does_not_have_is_denied(wire: Wire, number: int) -> None:
    (ack,) = wire.ask(REQUEST, number)
    assert (ack.command, ack.result) == (REQUEST, 2)


def test_all_modes_are_listed(wire: Wire) -> None:
    *modes, ack = wire.ask(REQUEST, 435, 0)
    assert ack.result == 0
    assert [m.mode_index for m in modes] == list(range(1, 26))
    assert {m.number_modes for m in modes} == {25}
    assert {m.custom_mode for m in modes} >= {0x03040000, 0x02040000, 0x05040000, 0x01030000, 0x00060000}
    assert [m.mode_index for m in wire.ask(REQUEST, 435, 5)[:-1]] == [5]
    assert [m.result for m in wire.ask(REQUEST, 435, 26)] == [2]


def test_intervals_can_be_set_stopped_and_reset(wire: Wire) -> None:
    assert [m.result for m in wire.ask(SET_INTERVAL, 30, 20000)] == [0]
    assert [m.interval_us for m in wire.ask(GET_INTERVAL, 30)[:-1] if m.get_type() == "MESSAGE_INTERVAL"] == [20000]
    wire.log.clear()
    wire.run(4.0)
    assert len(wire.all("ATTITUDE")) == pytest.approx(200, rel=0.05)
    assert len(wire.all("ATTITUDE", LinkName.GCS)) == pytest.approx(200, rel=0.05)
    assert [m.result for m in wire.ask(SET_INTERVAL, 30, -1)] == [0]
    wire.log.clear()
    wire.run(2.0)
    assert not wire.all("ATTITUDE")
    wire.ask(SET_INTERVAL, 30, 0)
    wire.log.clear()
    wire.run(2.0)
    assert len(wire.all("ATTITUDE")) == pytest.approx(200, rel=0.05)


@pytest.mark.parametrize("number", [0, 9999])
def test_intervals_of_heartbeat_and_unknown_messages_fail(wire: Wire, number: int) -> None:
    assert [m.result for m in wire.ask(SET_INTERVAL, number, 1000000)] == [4]


@pytest.mark.parametrize("target", [(2, 1), (1, 100), (0, 1)])
def test_commands_for_others_meet_silence(wire: Wire, target: tuple[int, int]) -> None:
    assert wire.ask(400, 1, target=target) == []


@pytest.mark.parametrize(
    ("command", "params", "result"),
    [
        (193, (0.0,), 3),
        (183, (1.0, 1500.0), 3),
        (181, (), 3),
        (207, (1.0,), 3),
        (31999, (1.0,), 3),
        (192, (-1.0, 0.0, 0.0, NAN, 48.0, 2.0, 50.0), 3),
        (300, (), 2),
        (179, (0.0, 0.0, 0.0, NAN, NAN, 2.0, 35.0), 2),
        (22, (0.0, 0.0, 0.0, 0.0, 2147483647.0, 2.0, 50.0), 2),
        (187, (0.5, NAN, NAN, NAN, NAN, NAN, 0.0), 0),
        (195, (0.0, 0.0, 0.0, 0.0, 48.0, 2.0, 35.0), 0),
        (178, (1.0, 8.0, -1.0), 0),
        (192, (-1.0, 1.0, 0.0, NAN, 48.0, 2.0, 50.0), 0),
        (34, (30.0, 5.0, 0.0, 0.0, NAN, NAN, NAN), 0),
    ],
)
def test_px4s_habits_of_acknowledging(wire: Wire, command: int, params: tuple[float, ...], result: int) -> None:
    assert [(m.command, m.result) for m in wire.ask(command, *params)] == [(command, result)]


@pytest.mark.parametrize("command", [35, 1000, 1001, 42600])
def test_some_commands_are_never_acknowledged(wire: Wire, command: int) -> None:
    assert wire.ask(command, wait_s=1.0) == []


def test_mode_changes_are_acknowledged_twice_or_once() -> None:
    for double, acks in ((True, [0, 0]), (False, [0])):
        wire = Wire(double_mode_ack=double)
        wire.run(5.0)
        assert [m.result for m in wire.ask(176, 1, 4, 3)] == acks


def test_acknowledgements_take_2_to_20_ms(wire: Wire) -> None:
    for _ in range(20):
        start_s = wire.autopilot.now_s
        wire.ask(178, 1, 5)
        (t,) = [t for t, link, m in wire.log if m.get_type() == "COMMAND_ACK" and link is LinkName.ONBOARD]
        assert 0.002 <= t - start_s <= 0.020


def test_its_own_address_is_not_obeyed(wire: Wire) -> None:
    wire.log.clear()
    wire.send(mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0), peer=(1, 1))
    wire.run(0.2)
    assert not wire.all("COMMAND_ACK")


def test_timesync_is_answered_at_once(wire: Wire) -> None:
    wire.log.clear()
    wire.send(mavlink.MAVLink_timesync_message(0, 123456789))
    wire.run(0.01)
    replies = [m for m in wire.all("TIMESYNC") if m.tc1]
    assert [m.ts1 for m in replies] == [123456789]
    assert replies[0].tc1 == pytest.approx(5e9, rel=0.01)


# Parameters


def read(wire: Wire, name: bytes, index: int = -1) -> list[Any]:
    wire.log.clear()
    wire.send(mavlink.MAVLink_param_request_read_message(1, 1, name, index))
    wire.run(0.1)
    return wire.all("PARAM_VALUE")


def as_integer(value: float) -> int:
    return int(struct.unpack("<i", struct.pack("<f", value))[0])


def test_parameters_are_read_by_name_and_by_index(wire: Wire) -> None:
    (cruise,) = read(wire, b"MPC_XY_CRUISE")
    assert (cruise.param_value, cruise.param_type, cruise.param_count, cruise.param_index) == (5.0, 9, 904, 616)
    (cells,) = read(wire, b"", 3)
    assert (cells.param_id, as_integer(cells.param_value), cells.param_type) == ("BAT1_N_CELLS", 4, 6)
    assert read(wire, b"NO_SUCH_PARAM") == []
    assert read(wire, b"", 904) == []


def test_a_set_parameter_is_told_twice_and_to_every_link(wire: Wire) -> None:
    wire.log.clear()
    two = struct.unpack("<f", struct.pack("<i", 2))[0]
    wire.send(mavlink.MAVLink_param_set_message(1, 1, b"NAV_DLL_ACT", two, 6))
    wire.run(0.2)
    assert [as_integer(m.param_value) for m in wire.all("PARAM_VALUE")] == [2, 2]
    assert [as_integer(m.param_value) for m in wire.all("PARAM_VALUE", LinkName.GCS)] == [2]
    assert wire.autopilot.parameters["NAV_DLL_ACT"] == 2


@pytest.mark.parametrize(("name", "value", "kind"), [(b"NAV_DLL_ACT", 1.0, 9), (b"NO_SUCH", 1.0, 9)])
def test_wrong_settings_meet_silence(wire: Wire, name: bytes, value: float, kind: int) -> None:
    wire.log.clear()
    wire.send(mavlink.MAVLink_param_set_message(1, 1, name, value, kind))
    wire.run(0.2)
    assert not wire.all("PARAM_VALUE")


def test_the_list_begins_with_the_hash_and_is_complete(wire: Wire) -> None:
    wire.log.clear()
    wire.send(mavlink.MAVLink_param_request_list_message(1, 1))
    wire.run(1.5)
    values = wire.all("PARAM_VALUE")
    assert (values[0].param_id, values[0].param_index, values[0].param_type) == ("_HASH_CHECK", 65535, 5)
    assert [m.param_index for m in values[1:]] == list(range(904))
    assert len({m.param_id for m in values}) == 905


# Missions


def test_there_is_no_mission(wire: Wire) -> None:
    wire.log.clear()
    for kind in (0, 1, 2):
        wire.send(mavlink.MAVLink_mission_clear_all_message(1, 1, kind))
        wire.send(mavlink.MAVLink_mission_request_list_message(1, 1, kind))
        wire.send(mavlink.MAVLink_mission_ack_message(1, 1, 0, kind))
    wire.run(1.2)
    assert [(m.count, m.mission_type) for m in wire.all("MISSION_COUNT")] == [(0, 0), (0, 1), (0, 2)]
    assert [(m.type, m.mission_type) for m in wire.all("MISSION_ACK")] == [(0, 0), (0, 1), (0, 2)]
    assert {m.total for m in wire.all("MISSION_CURRENT")} == {65535}


# Texts, heartbeats, forwarding


def test_texts_wait_for_a_ground_station_and_then_burst_out() -> None:
    companion = Companion()
    companion.run(5.0)
    companion.long(400, 1.0)
    companion.run(1.0)
    companion.long(400, 0.0)
    companion.run(1.0)
    assert companion.texts == []
    companion.gcs = True
    companion.run(2.0)
    assert [text for _, _, text in companion.texts] == ["Armed by external command\t", "Disarmed by external command\t"]
    assert companion.texts[1][0] - companion.texts[0][0] >= 0.039


def test_long_texts_come_in_numbered_pieces() -> None:
    companion = Companion()
    companion.gcs = True
    companion.run(5.0)
    companion.long(35)
    companion.run(1.0)
    pieces = [m for m in companion.messages if m.get_type() == "STATUSTEXT"]
    assert "".join(m.text for m in pieces) == "Figure 8 command only available for fixed wing and vtol vehicles."
    assert [m.chunk_seq for m in pieces] == [0, 1]
    assert len({m.id for m in pieces}) == 1
    assert [m.id for m in pieces] == [0, 0]  # PX4 v1.16 counts from 0, which means "not in pieces"


def test_heartbeats_of_others_are_forwarded_between_the_links(wire: Wire) -> None:
    wire.log.clear()
    for _ in range(2):  # a link gets what others say once somebody was heard on it
        wire.send(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3), LinkName.GCS, peer=(255, 190))
        wire.send(mavlink.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3), LinkName.ONBOARD)
    wire.run(0.02)
    seen = [(link, m.get_srcSystem(), m.get_srcComponent()) for _, link, m in wire.log if m.get_type() == "HEARTBEAT"]
    assert (LinkName.ONBOARD, 255, 190) in seen
    assert (LinkName.GCS, 1, 191) in seen
    assert LinkName.DISPLAY not in [link for link, system, component in seen if (system, component) != (1, 1)]


def test_messages_go_on_only_to_links_that_know_the_addressee(wire: Wire) -> None:
    command = mavlink.MAVLink_command_long_message(1, 100, 512, 0, 259, 0, 0, 0, 0, 0, 0)
    wire.log.clear()
    wire.send(command, LinkName.GCS, peer=(255, 190))
    wire.run(0.02)
    assert not wire.all("COMMAND_LONG")
    wire.send(mavlink.MAVLink_heartbeat_message(30, 8, 0, 0, 4, 3), peer=(1, 100))
    wire.send(command, LinkName.GCS, peer=(255, 190))
    wire.run(0.02)
    assert len(wire.all("COMMAND_LONG")) == 1
    wire.send(mavlink.MAVLink_command_long_message(1, 1, 178, 0, 1, 5, 0, 0, 0, 0, 0), LinkName.GCS, peer=(255, 190))
    wire.run(0.05)
    assert len(wire.all("COMMAND_LONG")) == 1


def test_a_ground_station_on_either_link_counts() -> None:
    for link in (LinkName.ONBOARD, LinkName.GCS):
        wire = Wire(parameters={"NAV_DLL_ACT": 2})
        wire.run(5.0)
        assert wire.all("HEARTBEAT")[-1].system_status == 0
        wire.send(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3), link, peer=(255, 190))
        wire.run(2.0)
        assert wire.all("HEARTBEAT")[-1].system_status == 3


def test_the_same_seed_gives_the_same_bytes() -> None:
    def bytes_of(seed: int) -> list[bytes]:
        autopilot = Autopilot(seed=seed, home=HOME)
        return [datagram.data for datagram in autopilot.step(6.0)]

    assert bytes_of(1) == bytes_of(1)
    assert bytes_of(1) != bytes_of(2)


def test_instances_have_their_own_system_id() -> None:
    wire = Wire(instance=4)
    wire.run(2.0)
    assert {m.get_srcSystem() for _, _, m in wire.log} == {5}
