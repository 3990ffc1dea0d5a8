"""What a ground station sees: identity and metadata, texts, events, and its whole connection sequence."""

from __future__ import annotations

import itertools
import json
import lzma
import struct
from collections.abc import Iterator
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.ftp.metadata import ftp_crc32
from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.dialect import ExtraMessage
from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.ftp import CRC32, LIST, OPEN, READ, TERMINATE, Ftp
from tests.sitl.conformance.log import NUMBERS, Log
from tests.sitl.conformance.vehicle import Station, Vehicle

REQUEST = mavlink.MAV_CMD_REQUEST_MESSAGE
ARMED_BY, DISARMED_BY = 0x0190CAF3, 0x01F46777
SUMMARY, HEALTH = 0x01A893E0, 0x011D3727
MISSION_MISSING, NO_OFFBOARD, NO_STICKS, NO_GCS = 0x0105C2D9, 0x012F1DC7, 0x0106ED29, 0x0167C97B
GCS_LOST, FAILSAFE_HOLD, FAILSAFE = 0x01A4B458, 0x01D11DF6, 0x0194CA8A
EXTERNAL_COMMAND = 4


def extra(log: Log, definition: dialect.Definition, since_s: float = 0.0) -> list[ExtraMessage]:
    """Messages that pymavlink does not know."""
    found = [dialect.read(frame.data) for frame in log.raw(definition.number, since_s)]
    assert None not in found, f"a broken {definition.name}"
    return [message for message in found if message is not None]


def events(log: Log, since_s: float = 0.0) -> list[Any]:
    return extra(log, dialect.EVENT, since_s)


def ids(log: Log, since_s: float = 0.0) -> list[int]:
    return [event.id for event in events(log, since_s)]


# Identity and metadata


def test_S10_protocol_version(vehicle: Vehicle) -> None:
    for command, parameter in ((REQUEST, dialect.PROTOCOL_VERSION.number), (mavlink.MAV_CMD_REQUEST_PROTOCOL_VERSION, 1)):
        since_s = vehicle.mark()
        assert vehicle.companion.answer(command, parameter) == 0
        (version,) = extra(vehicle.onboard, dialect.PROTOCOL_VERSION, since_s)
        assert [getattr(version, name) for name in ("version", "min_version", "max_version")] == [200, 100, 200]


@pytest.mark.parametrize(
    ("definition", "uri"),
    [
        pytest.param(dialect.COMPONENT_METADATA, "uri", id="S10 component metadata"),
        pytest.param(dialect.COMPONENT_INFORMATION, "general_metadata_uri", id="S10 component information"),
    ],
)
def test_metadata_is_named_and_served(vehicle: Vehicle, definition: dialect.Definition, uri: str) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.request(definition.number) == 0
    (named,) = extra(vehicle.onboard, definition, since_s)
    where = getattr(named, uri).rstrip(b"\0").decode("ascii")
    assert where == "mftp://etc/extras/component_general.json.xz"
    general = lzma.decompress(Ftp(vehicle, vehicle.companion).download(where.removeprefix("mftp://")))
    assert getattr(named, "file_crc" if uri == "uri" else "general_metadata_file_crc") == ftp_crc32(general)


def test_S10_files_are_listed_read_and_closed(vehicle: Vehicle) -> None:
    ftp = Ftp(vehicle, vehicle.companion)
    listed = ftp.ask(LIST, b"etc/extras").data.split(b"\0")
    assert any(entry.startswith(b"Fcomponent_general.json.xz\t") for entry in listed)
    assert ftp.ask(LIST, b"etc/extras", offset=99).refused == 6
    assert ftp.ask(LIST, b"nowhere").refused == 10
    assert ftp.ask(OPEN, b"nowhere").refused == 10
    assert ftp.ask(TERMINATE).refused == 4
    path = b"etc/extras/component_general.json.xz"
    size = int.from_bytes(ftp.ask(OPEN, path).data, "little")
    assert ftp.ask(OPEN, path).refused == 5
    assert ftp.ask(READ, offset=size, size=10).refused == 6
    assert ftp.ask(READ, size=10, session=1).refused == 4
    first = ftp.ask(READ, size=130).data
    rest = b""
    while len(first + rest) < size:
        rest += ftp.ask(READ, offset=len(first + rest), size=239).data
    assert ftp.ask(TERMINATE).refused is None
    assert int.from_bytes(ftp.ask(CRC32, path).data, "little") == ftp_crc32(first + rest)
    assert ftp.ask(99).refused == 7
    assert ftp.ask(LIST, size=245).refused == 3


# Texts


def test_S14_texts_wait_for_a_ground_station_and_grow_stale(start: Start) -> None:
    vehicle = start(ground=False)
    vehicle.arm()
    vehicle.run(6.5)
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) == 0
    vehicle.run(1.5)
    assert vehicle.texts == []
    vehicle.ground.heartbeats = True
    vehicle.until(lambda: vehicle.said("Disarmed by external command\t"), 3.0, "text of disarming")
    assert not vehicle.said("Armed by external command")  # older than 5 s
    assert vehicle.onboard.texts == []  # nobody there says to be a ground station


def test_S14_long_texts_come_in_pieces_of_50(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    vehicle.ground.long(mavlink.MAV_CMD_DO_FIGURE_EIGHT)
    vehicle.run(1.0)
    pieces = [seen.message for seen in vehicle.gcs.of("STATUSTEXT", since_s)]
    assert [piece.chunk_seq for piece in pieces] == [0, 1]
    assert len(pieces[0].text) == 50
    assert pieces[0].id == pieces[1].id
    assert (pieces[0].text + pieces[1].text).endswith("fixed wing and vtol vehicles.")


def test_S14_texts_are_spaced(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    for _ in range(3):
        vehicle.companion.long(mavlink.MAV_CMD_MISSION_START)
    vehicle.run(1.5)
    times = _sent_s(vehicle.gcs, "STATUSTEXT", since_s)
    assert len(times) == 3
    assert all(0.03 <= later - earlier <= 0.5 for earlier, later in itertools.pairwise(times))


def _sent_s(log: Log, kind: str, since_s: float) -> list[float]:
    """When messages were sent, by the ATTITUDE (50 Hz) before each on their link: however late they were read."""
    found, stamp_s = [], 0.0
    for frame in log.frames:
        if frame.number == mavlink.MAVLINK_MSG_ID_ATTITUDE:
            stamp_s = int.from_bytes(frame.payload[:4], "little") / 1e3
        elif frame.number == NUMBERS[kind] and frame.t_s >= since_s:
            found.append(stamp_s)
    return found


# Events


def test_S15_events_go_to_every_link_with_their_arguments(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    vehicle.arm()
    assert vehicle.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) == 0
    vehicle.run(0.5)
    for log in (vehicle.onboard, vehicle.gcs):
        told = [event for event in events(log, since_s) if event.id in (ARMED_BY, DISARMED_BY)]
        assert [event.id for event in told] == [ARMED_BY, DISARMED_BY]
        assert [event.arguments[0] for event in told] == [EXTERNAL_COMMAND] * 2
        assert [event.log_levels for event in told] == [0x66, 0x66]


def test_S15_sequence_is_told_and_grows_by_one(start: Start) -> None:
    vehicle = start()
    vehicle.arm()
    vehicle.run(9.5)
    numbers = [event.sequence for event in events(vehicle.gcs)]
    assert numbers == [(numbers[0] + place) % 65536 for place in range(len(numbers))]
    assert numbers[0] >= 65526
    current = extra(vehicle.onboard, dialect.CURRENT_EVENT_SEQUENCE)
    assert getattr(current[-1], "sequence") == numbers[-1]  # noqa: B009  made from a table
    told = [frame.t_s for frame in vehicle.onboard.raw(dialect.CURRENT_EVENT_SEQUENCE.number)][-3:]
    assert all(later - earlier == pytest.approx(3.0, abs=0.2) for earlier, later in itertools.pairwise(told))


def test_S15_health_report(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_RUN_PREARM_CHECKS) == 0
    vehicle.run(0.5)
    told = events(vehicle.onboard, since_s)
    assert [event.id for event in told] == [SUMMARY, MISSION_MISSING, NO_OFFBOARD, NO_STICKS, HEALTH]
    chunk, error, warning, can_arm, can_run = struct.unpack_from("<BIIII", told[0].arguments)
    assert (chunk, error, warning) == (0, 0x100000, 0x80)
    assert can_arm == can_run == 0x807F3BB0
    assert [struct.unpack_from("<IB", event.arguments) for event in told[1:4]] == [(8, 20), (0x4000, 20), (0xFFFFFFFF, 7)]


def test_S15_events_can_be_had_again(vehicle: Vehicle) -> None:
    vehicle.companion.answer(mavlink.MAV_CMD_RUN_PREARM_CHECKS)
    vehicle.run(0.5)
    last = events(vehicle.onboard)[-1]
    since_s = vehicle.mark()
    _request_events(vehicle, last.sequence, last.sequence)
    _request_events(vehicle, last.sequence + 5 & 0xFFFF, last.sequence + 6 & 0xFFFF)
    vehicle.run(0.3)
    assert [(event.id, event.sequence, event.arguments) for event in events(vehicle.onboard, since_s)] == [
        (last.id, last.sequence, last.arguments)
    ]
    gone: list[Any] = list(extra(vehicle.onboard, dialect.RESPONSE_EVENT_ERROR, since_s))
    assert [error.sequence for error in gone] == [last.sequence + 5 & 0xFFFF, last.sequence + 6 & 0xFFFF]
    assert {(error.target_system, error.target_component, error.reason) for error in gone} == {(*vehicle.companion.identity, 0)}


def _request_events(vehicle: Vehicle, first: int, last: int) -> None:
    values = {"first_sequence": first, "last_sequence": last, "target_system": vehicle.system, "target_component": 1}
    vehicle.companion.send(dialect.message(dialect.REQUEST_EVENT, **values))


def test_S15_failsafe_says_what_it_does_and_why(start: Start) -> None:
    vehicle = start({"NAV_DLL_ACT": 2, "COM_DL_LOSS_T": 5})
    vehicle.take_off(5)
    vehicle.set(COM_DL_LOSS_T=5)
    since_s = vehicle.mark()
    vehicle.ground.heartbeats = False
    vehicle.until(lambda: FAILSAFE in ids(vehicle.onboard, since_s), 18.0, "failsafe's event")
    told = {event.id: event for event in events(vehicle.onboard, since_s)}
    assert told[GCS_LOST].log_levels == 0x64
    assert struct.unpack_from("<IBHB", told[FAILSAFE_HOLD].arguments) == (0x03040000, 6, 5, 2)  # in LOITER: return in 5 s
    assert struct.unpack_from("<IBB", told[FAILSAFE].arguments) == (0x03040000, 6, 2)
    vehicle.kill()


# The connection sequence of QGroundControl


class Connection:
    """The steps of QGroundControl's InitialConnectStateMachine; each has its deadline in `Vehicle.until`."""

    def __init__(self, vehicle: Vehicle, station: Station) -> None:
        self.vehicle, self.station = vehicle, station
        self.cached: bytes | None = None
        self.cached_is_good, self.count = False, 0

    def version(self) -> None:
        assert self.station.request(mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION) == 0
        capabilities = self.station.log.last("AUTOPILOT_VERSION").capabilities
        assert capabilities & mavlink.MAV_PROTOCOL_CAPABILITY_FTP
        assert capabilities & mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
        assert self.station.request(dialect.PROTOCOL_VERSION.number) == 0

    def modes(self) -> list[int]:
        """One by one, until the number of modes is reached."""
        found: list[int] = []
        number = 1
        while len(found) < number:
            since_s = self.vehicle.mark()
            assert self.station.answer(REQUEST, mavlink.MAVLINK_MSG_ID_AVAILABLE_MODES, len(found) + 1) == 0
            (seen,) = self.station.log.of("AVAILABLE_MODES", since_s)
            assert seen.message.mode_index == len(found) + 1
            number = seen.message.number_modes
            found.append(seen.message.custom_mode)
        return found

    def metadata(self) -> dict[int, Any]:
        """Each metadata file by its type, unpacked; its check sum holds."""
        assert self.station.request(dialect.COMPONENT_METADATA.number) == 0
        named: Any = extra(self.station.log, dialect.COMPONENT_METADATA)[-1]
        ftp = Ftp(self.vehicle, self.station)
        general = json.loads(lzma.decompress(ftp.download(_path(named.uri.rstrip(b"\0").decode("ascii")))))
        found = {}
        for kind in general["metadataTypes"]:
            packed = ftp.download(_path(kind["uri"]))
            assert ftp_crc32(packed) == kind["fileCrc"]
            found[kind["type"]] = json.loads(lzma.decompress(packed))
        return found

    def parameters(self) -> dict[str, int]:
        """Name to index, all of them; nothing but the hash if it is the cached one."""
        since_s = self.vehicle.mark()
        self.station.send(mavlink.MAVLink_param_request_list_message(self.vehicle.system, 1))

        def values() -> list[Any]:
            return [seen.message for seen in self.station.log.of("PARAM_VALUE", since_s)]

        self.vehicle.until(values, 2.0, "first parameter")
        first = values()[0]
        assert first.param_id == "_HASH_CHECK"
        known, self.cached = self.cached, struct.pack("<f", first.param_value)
        self.count = first.param_count
        self.cached_is_good = self.cached == known
        if self.cached_is_good:
            stop = (b"_HASH_CHECK", first.param_value, mavlink.MAV_PARAM_TYPE_UINT32)
            self.station.send(mavlink.MAVLink_param_set_message(self.vehicle.system, 1, *stop))
        else:
            self.vehicle.until(lambda: len({value.param_id for value in values()}) > self.count, 20.0, "parameters")
        return {value.param_id: value.param_index for value in values() if value.param_id != "_HASH_CHECK"}

    def plan(self, kind: int) -> int:
        """How many items a plan has; none here."""
        since_s = self.vehicle.mark()
        self.station.send(mavlink.MAVLink_mission_request_list_message(self.vehicle.system, 1, kind))
        self.vehicle.until(lambda: self.station.log.of("MISSION_COUNT", since_s), 2.0, f"count of plan {kind}")
        count: int = self.station.log.of("MISSION_COUNT", since_s)[0].message.count
        self.station.send(mavlink.MAVLink_mission_ack_message(self.vehicle.system, 1, 0, kind))
        return count


def _path(uri: str) -> str:
    return uri.removeprefix("mftp://").lstrip("/")


@pytest.fixture
def connection(start: Start) -> Iterator[Connection]:
    vehicle = start()
    yield Connection(vehicle, vehicle.ground)


def test_S70_a_ground_station_connects_without_a_stall(connection: Connection) -> None:
    connection.version()
    modes = connection.modes()
    assert len(modes) == 25
    assert {0x03040000, 0x02040000, 0x04040000, 0x05040000, 0x06040000} <= set(modes)
    metadata = connection.metadata()
    assert {parameter["name"] for parameter in metadata[1]["parameters"]} >= {"NAV_DLL_ACT", "RTL_RETURN_ALT"}
    assert str(ARMED_BY & 0xFFFFFF) in metadata[4]["components"]["1"]["event_groups"]["default"]["events"]
    parameters = connection.parameters()
    assert len(parameters) == connection.count
    assert sorted(parameters.values()) == list(range(connection.count))
    assert [connection.plan(kind) for kind in (0, 1, 2)] == [0, 0, 0]
    assert connection.station.log.has("HOME_POSITION")


def test_S70_known_parameters_are_not_sent_again(connection: Connection) -> None:
    connection.parameters()
    connection.vehicle.run(1.0)
    again = connection.parameters()
    assert connection.cached_is_good
    since_s = connection.vehicle.mark()
    connection.vehicle.run(0.5)
    assert len(again) + len(connection.station.log.of("PARAM_VALUE", since_s)) < connection.count
