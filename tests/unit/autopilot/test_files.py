"""MAVLink FTP: what the server shows, what it writes, and that nothing leads out of its folder."""

from __future__ import annotations

import json
import lzma
import struct
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.ftp import metadata
from sitl.autopilot.ftp.payload import ACK, NAK, ErrorCode, Operation, Payload, unpack
from sitl.autopilot.ftp.server import BURST_BYTES, IDLE_S, FileServer
from sitl.autopilot.ftp.tree import Tree
from sitl.autopilot.protocol.links import Peer
from sitl.autopilot.telling import event_dictionary, events, twins

ME = Peer(1, 191)
GENERATED = {"etc/extras/big.bin": bytes(range(256)) * 400, "etc/extras/small": b"small"}


class Client:
    def __init__(self, folder: Path | None = None) -> None:
        self.server = FileServer(Tree(GENERATED, folder))
        self.sequence = 0
        self.now_s = 0.0

    def send(self, operation: int, data: bytes = b"", *, size: int | None = None, **header: int) -> list[Payload]:
        self.sequence = header.get("sequence", self.sequence + 10) & 0xFFFF
        fields = (self.sequence, header.get("session", 0), operation, len(data) if size is None else size)
        request = Payload(*fields, 0, 0, header.get("offset", 0), data)
        message = mavlink.MAVLink_file_transfer_protocol_message(0, 1, 1, list(request.pack()))
        return [unpack(bytes(reply.payload)) for reply in self.server.receive(message, ME, self.now_s)]

    def ask(self, operation: int, data: bytes = b"", *, size: int | None = None, **header: int) -> bytes | int:
        """The data of an ACK, the error code of a NAK."""
        (reply,) = self.send(operation, data, size=size, **header)
        assert reply.asked == operation
        assert reply.sequence == (self.sequence + 1) & 0xFFFF
        content = reply.data[: reply.size]
        return content if reply.operation == ACK else content[0]

    def due(self) -> list[Payload]:
        return [unpack(bytes(reply.payload)) for reply in self.server.due(self.now_s)]


def test_folders_are_listed_in_pieces(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"file{number:02}").write_bytes(bytes(number))
    client, found, at = Client(tmp_path), [], 0
    while isinstance(data := client.ask(Operation.LIST, b"/", offset=at), bytes):
        entries = data.split(b"\0")[:-1]
        found += entries
        at += len(entries)
    assert data == ErrorCode.END_OF_FILE
    assert found == [b"S", b"S", b"Detc", *(f"Ffile{n:02}\t{n}".encode("ascii") for n in range(40))]


def test_a_burst_brings_40_kb_and_then_says_so() -> None:
    client = Client()
    assert client.ask(Operation.OPEN_READ, b"etc/extras/big.bin") == struct.pack("<I", 102400)
    content, at = bytearray(102400), 0
    while True:
        assert client.send(Operation.BURST, offset=at) == []
        pieces: list[Payload] = []
        while not pieces or not (pieces[-1].burst_complete or pieces[-1].operation == NAK):
            pieces += client.due()
        assert [piece.sequence for piece in pieces] == [client.sequence + 1 + n & 0xFFFF for n in range(len(pieces))]
        for piece in pieces:
            if piece.operation == ACK:
                content[piece.offset : piece.offset + piece.size] = piece.data[: piece.size]
                at = piece.offset + piece.size
        if pieces[-1].operation == NAK:
            break
        assert sum(piece.size for piece in pieces) > BURST_BYTES
    assert bytes(content) == GENERATED["etc/extras/big.bin"]
    assert client.due() == []


def test_files_are_written_moved_cut_and_removed(tmp_path: Path) -> None:
    client = Client(tmp_path)
    assert client.ask(Operation.CREATE, b"new.txt") == bytes(4)
    assert client.ask(Operation.WRITE, b"hello") == struct.pack("<I", 5)
    assert client.ask(Operation.WRITE, b"world", offset=10) == struct.pack("<I", 5)
    assert client.ask(Operation.TERMINATE) == b""
    assert (tmp_path / "new.txt").read_bytes() == b"hello\0\0\0\0\0world"
    assert client.ask(Operation.CRC32, b"new.txt") == struct.pack("<I", metadata.ftp_crc32(b"hello\0\0\0\0\0world"))
    assert client.ask(Operation.MAKE_FOLDER, b"dir") == b""
    assert client.ask(Operation.MAKE_FOLDER, b"dir") == ErrorCode.EXISTS
    assert client.ask(Operation.RENAME, b"new.txt\0dir/x.txt\0") == b""
    assert client.ask(Operation.REMOVE_FOLDER, b"dir") == ErrorCode.ERRNO
    assert client.ask(Operation.TRUNCATE, b"dir/x.txt", offset=3) == b""
    assert (tmp_path / "dir" / "x.txt").read_bytes() == b"hel"
    assert client.ask(Operation.REMOVE, b"dir/x.txt") == b""
    assert client.ask(Operation.REMOVE, b"dir/x.txt") == ErrorCode.NOT_FOUND
    assert client.ask(Operation.REMOVE_FOLDER, b"dir") == b""
    assert list(tmp_path.iterdir()) == []


def test_the_crc_is_the_one_px4_answers_with() -> None:
    assert metadata.ftp_crc32(b"Jello\0\0\0\0\0world") == 0x23E221A3


def test_nothing_is_written_without_a_folder_or_over_what_is_generated(tmp_path: Path) -> None:
    assert Client().ask(Operation.CREATE, b"x") == ErrorCode.PROTECTED
    for path in (b"etc/extras/small", b"etc", b"/etc/extras", b""):
        for operation in (
            Operation.CREATE,
            Operation.REMOVE,
            Operation.REMOVE_FOLDER,
            Operation.TRUNCATE,
            Operation.MAKE_FOLDER,
        ):
            assert Client(tmp_path).ask(operation, path) == ErrorCode.PROTECTED
    assert list(tmp_path.iterdir()) == []


def test_a_repeated_request_gets_the_same_answer_and_has_no_second_effect(tmp_path: Path) -> None:
    client = Client(tmp_path)
    (first,) = client.send(Operation.MAKE_FOLDER, b"dir", sequence=100)
    (again,) = client.send(Operation.MAKE_FOLDER, b"dir", sequence=100)
    assert again == first
    assert first.operation == ACK


def test_a_forgotten_session_is_closed() -> None:
    client = Client()
    client.ask(Operation.OPEN_READ, b"etc/extras/small")
    assert client.ask(Operation.OPEN_READ, b"etc/extras/small") == ErrorCode.NO_SESSIONS
    client.now_s = IDLE_S + 1.0
    client.due()
    assert client.ask(Operation.OPEN_READ, b"etc/extras/small") == struct.pack("<I", 5)


def test_links_and_dots_lead_nowhere(tmp_path: Path) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir()
    outside.mkdir()
    (outside / "secret").write_bytes(b"secret")
    (inside / "out").symlink_to(outside)
    (inside / "file").symlink_to(outside / "secret")
    client = Client(inside)
    for path in (b"../outside/secret", b"out/secret", b"file", b"/../outside/secret", b"etc/../../outside/secret"):
        assert client.ask(Operation.OPEN_READ, path) == ErrorCode.NOT_FOUND
        assert client.ask(Operation.CRC32, path) == ErrorCode.NOT_FOUND
        assert client.ask(Operation.CREATE, path) == ErrorCode.NOT_FOUND
        assert client.ask(Operation.REMOVE, path) == ErrorCode.NOT_FOUND
        assert client.ask(Operation.TRUNCATE, path) == ErrorCode.NOT_FOUND
        assert client.ask(Operation.RENAME, path + b"\0here\0") == ErrorCode.NOT_FOUND
    for path in (b"..", b"out", b"/../outside"):
        assert client.ask(Operation.LIST, path) == ErrorCode.NOT_FOUND
    assert (outside / "secret").read_bytes() == b"secret"


PATHS = st.lists(st.sampled_from(["..", ".", "", "out", "a", "etc", "extras", "small", "\x00", "~"]), max_size=5).map("/".join)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.tuples(st.integers(0, 20), PATHS, PATHS, st.integers(0, 2**32 - 1), st.one_of(st.none(), st.integers(0, 255))),
        max_size=8,
    )
)
def test_no_request_touches_what_is_outside(tmp_path: Path, requests: list[tuple[int, str, str, int, int | None]]) -> None:
    inside, outside = tmp_path / "inside", tmp_path / "outside"
    inside.mkdir(exist_ok=True)
    outside.mkdir(exist_ok=True)
    (outside / "small").write_bytes(b"secret")
    if not (inside / "out").is_symlink():
        (inside / "out").symlink_to(outside)
    client = Client(inside)
    for operation, first, second, offset, size in requests:
        data = f"{first}\0{second}".encode()[:239]
        for reply in client.send(operation, data, size=size, offset=min(offset, 5000)):
            assert b"secret" not in reply.data
        client.due()
    client.server.close()
    assert {path.name: path.read_bytes() for path in outside.iterdir()} == {"small": b"secret"}


# What is generated


def test_metadata_is_whole() -> None:
    files = metadata.files()
    general = json.loads(lzma.decompress(files["etc/extras/component_general.json.xz"]))
    for kind in general["metadataTypes"]:
        packed = files[kind["uri"].removeprefix("mftp://")]
        assert kind["fileCrc"] == metadata.ftp_crc32(packed)
        assert json.loads(lzma.decompress(packed))["version"] in (1, 2)


def test_the_dictionary_knows_every_type_an_event_has() -> None:
    whole = json.loads(json.dumps(event_dictionary.definitions()))
    component = whole["components"]["1"]
    plain = {"uint8_t", "int16_t", "uint16_t", "int32_t", "uint32_t", "float"}
    for group in component["event_groups"].values():
        for event in group["events"].values():
            assert {argument["type"] for argument in event["arguments"]} <= plain | set(component["enums"])
    assert len({kind.number for kind in events.KINDS}) == len(events.KINDS)


@pytest.mark.parametrize(
    ("words", "number", "arguments"),
    [
        ("Armed by external command\t", 0x0190CAF3, b"\x04"),
        ("Disarmed by auto preflight disarming\t", 0x01F46777, b"\x07"),
        ("RTL: start return at 65 m (30 m above destination)\t", 0x01522694, struct.pack("<ii", 65, 30)),
        ("Takeoff detected\t", 0x01414569, b""),
    ],
)
def test_texts_have_px4s_twins(words: str, number: int, arguments: bytes) -> None:
    event = twins.twin(words)
    assert event is not None
    assert (event.number, event.arguments) == (number, arguments)


def test_texts_without_a_tab_have_none() -> None:
    assert twins.twin("Takeoff detected") is None
