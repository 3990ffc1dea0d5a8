"""Messages pymavlink lacks, against packets a real PX4 v1.16.0 sent."""

from __future__ import annotations

import gzip

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol import dialect
from tests.unit.autopilot.harness import FOLDER

GOLDEN: dict[dialect.Definition, tuple[str, dict[str, dialect.Value]]] = {
    dialect.CURRENT_EVENT_SEQUENCE: ("fd010000a601019b0100049990", {"sequence": 4, "flags": 0}),
    dialect.EVENT: (
        "fd1200000901019a0100c71d2f0128080000fbff00003300400000146af8",
        {"id": 0x012F1DC7, "event_time_boot_ms": 2088, "sequence": 65531, "log_levels": 0x33, "destination_system": 0},
    ),
    dialect.LINK_NODE_STATUS: (
        "fd150000080101080000003d5e00000000002052000014000000080800000e352a",
        {"timestamp": 6176000, "tx_rate": 21024, "rx_rate": 20, "messages_sent": 2056, "messages_received": 14},
    ),
    dialect.TIME_ESTIMATE_TO_TARGET: (
        "fd140000b801017c010087000000ffffffffffffffffffffffffffffffffed6c",
        {"safe_return": 135, "land": -1, "mission_next_item": -1, "mission_end": -1, "commanded_action": -1},
    ),
    dialect.COMPONENT_INFORMATION: (
        "fd3700007101018b0100741000005d6d7e11000000006d6674703a2f2f6574632f6578747261732f"
        "636f6d706f6e656e745f67656e6572616c2e6a736f6e2e787adc77",
        {
            "time_boot_ms": 4212,
            "general_metadata_file_crc": 293498205,
            "general_metadata_uri": b"mftp://etc/extras/component_general.json.xz".ljust(100, b"\0"),
        },
    ),
    dialect.COMPONENT_METADATA: (
        "fd3300003e09018d0100542100005d6d7e116d6674703a2f2f6574632f6578747261732f636f6d706f6e656e745f67656e6572616c2e6a736f6e2e787ac8cc",
        {"file_crc": 293498205, "uri": b"mftp://etc/extras/component_general.json.xz".ljust(100, b"\0")},
    ),
    dialect.PROTOCOL_VERSION: (
        "fd1600007901012c0100c8006400c80000000000000000007cba0e4fd46d5c0af4d8",
        {"version": 200, "min_version": 100, "max_version": 200, "library_version_hash": bytes.fromhex("7cba0e4fd46d5c0a")},
    ),
    dialect.RESPONSE_EVENT_ERROR: (
        "fd060000c809019d0100f7ff340009bf861e",
        {"sequence": 65527, "sequence_oldest_available": 52, "target_system": 9, "target_component": 191, "reason": 0},
    ),
}


def repacked(message: dialect.ExtraMessage, frame: bytes) -> bytes:
    mav = mavlink.MAVLink(None, srcSystem=frame[5], srcComponent=frame[6])
    mav.seq = frame[4]
    values = {name: getattr(message, name) for name in message.definition.fields}
    return bytes(dialect.message(message.definition, **values).pack(mav))


@pytest.mark.parametrize("definition", GOLDEN, ids=lambda definition: definition.name)
def test_px4s_packets_are_read_and_made(definition: dialect.Definition) -> None:
    text, values = GOLDEN[definition]
    frame = bytes.fromhex(text)
    message = dialect.read(frame)
    assert message is not None
    assert {name: getattr(message, name) for name in values} == values
    assert (message.get_type(), message.get_msgId(), message.get_srcSystem()) == (definition.name, definition.number, frame[5])
    assert repacked(message, frame) == frame


def test_every_packet_of_a_boot_is_read_and_made_again() -> None:
    path = FOLDER / "boot.tlog.gz"
    if not path.exists():
        pytest.skip(f"no recording {path}")
    data, at, seen = gzip.decompress(path.read_bytes()), 0, set()
    while at + 20 <= len(data):
        size = 12 + data[at + 9] + (13 if data[at + 10] & 1 else 0)
        frame = data[at + 8 : at + 8 + size]
        at += 8 + size
        if int.from_bytes(frame[7:10], "little") in dialect.TABLE:
            message = dialect.read(frame)
            assert message is not None
            assert repacked(message, frame) == frame
            seen.add(message.definition.name)
    assert seen >= {"LINK_NODE_STATUS", "EVENT", "CURRENT_EVENT_SEQUENCE", "TIME_ESTIMATE_TO_TARGET", "PROTOCOL_VERSION"}


@given(st.sampled_from([bytes.fromhex(text) for text, _ in GOLDEN.values()]), st.integers(1, 60), st.integers(1, 255))
def test_a_changed_byte_is_noticed(frame: bytes, place: int, change: int) -> None:
    broken = bytearray(frame)
    broken[place % len(frame)] ^= change
    if place % len(frame) in (0, 1, 2, 7, 8, 9):  # another length or message: whatever it is, no crash
        dialect.read(bytes(broken))
    else:
        assert dialect.read(bytes(broken)) is None


@given(st.binary(max_size=300))
def test_arbitrary_bytes_are_nothing(data: bytes) -> None:
    assert dialect.read(data) is None or data[0] == dialect.MAVLINK2


def test_a_field_it_does_not_have_is_a_mistake() -> None:
    with pytest.raises(KeyError, match="EVENT has no field colour"):
        dialect.message(dialect.EVENT, colour=1)
