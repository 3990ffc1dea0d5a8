"""Tlogs: written and read back, cut off, damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.tlog import Tlog, read, split

MESSAGES = [
    mavlink.MAVLink_heartbeat_message(2, 12, 29, 0x03040000, 3, 3),
    mavlink.MAVLink_statustext_message(6, b"Takeoff detected\t"),
    mavlink.MAVLink_timesync_message(0, 1),
]


def packed(version_1: bool, number: int) -> bytes:
    return bytes(MESSAGES[number].pack(mavlink.MAVLink(None), force_mavlink1=version_1))


RECORDS = st.lists(st.tuples(st.integers(0, 4_000_000_000), st.booleans(), st.integers(0, 2)), max_size=8)


def written(folder: Path, records: list[tuple[int, bytes]]) -> bytes:
    log = Tlog(folder / "a.tlog")
    for unix_s, packet in records:
        log.write(unix_s, packet)
    log.close()
    return (folder / "a.tlog").read_bytes()


@given(RECORDS)
def test_what_was_written_is_read(tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[int, bool, int]]) -> None:
    records = [(unix_s, packed(version_1, number)) for unix_s, version_1, number in drawn]
    data = written(tmp_path_factory.mktemp("tlog"), records)
    assert [(p.unix_s, p.data) for p in read(data).packets] == records


@given(st.integers(0, 60))
def test_a_last_packet_that_was_cut_off_is_left_out(tmp_path_factory: pytest.TempPathFactory, kept: int) -> None:
    first, second = packed(False, 0), packed(False, 1)
    data = written(tmp_path_factory.mktemp("tlog"), [(1, first), (2, second)])
    whole = [first] * (kept >= 8 + len(first)) + [second] * (kept >= len(data))
    if kept and not whole:
        with pytest.raises(ValueError, match="no MAVLink packet"):
            read(data[:kept])
        return
    found = read(data[:kept])
    assert [p.data for p in found.packets] == whole
    assert found.skipped_bytes == kept - sum(8 + len(packet) for packet in whole)


@given(st.lists(st.tuples(st.booleans(), st.integers(0, 2)), min_size=3, max_size=8), st.data())
def test_from_damage_it_goes_on_at_the_next_packet(
    tmp_path_factory: pytest.TempPathFactory, drawn: list[tuple[bool, int]], choice: st.DataObject
) -> None:
    """One byte that is not the first packet's: at most two packets are lost."""
    records = [(1_700_000_000 + second, packed(*which)) for second, which in enumerate(drawn)]
    data = bytearray(written(tmp_path_factory.mktemp("tlog"), records))
    at = choice.draw(st.integers(8 + len(records[0][1]), len(data) - 1))
    data[at] ^= choice.draw(st.integers(1, 255))
    found = read(bytes(data))
    whole = [packet.data for packet in found.packets if packet.data in [record for _, record in records]]
    assert len(whole) >= len(records) - 2
    assert sum(8 + len(packet.data) for packet in found.packets) + found.skipped_bytes == len(data)


def test_what_was_left_out_is_counted(tmp_path: Path) -> None:
    first, second = packed(False, 0), packed(False, 1)
    data = written(tmp_path, [(1, first), (2, second)])
    found = read(data[: 8 + len(first)] + b"noise" + data[8 + len(first) :])
    assert [(packet.unix_s, packet.data) for packet in found.packets] == [(1.0, first), (2.0, second)]
    assert found.skipped_bytes == 5


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = read(data)
    except ValueError:
        return
    assert sum(8 + len(p.data) for p in found.packets) + found.skipped_bytes == len(data)


NOISE = st.binary(max_size=9).map(lambda data: data.translate(None, b"\xfd\xfe"))


@given(st.lists(st.tuples(NOISE, st.booleans(), st.integers(0, 2)), max_size=6), NOISE)
def test_a_datagram_is_split_into_its_packets_and_nothing_else(parts: list[tuple[bytes, bool, int]], rest: bytes) -> None:
    whole = [(noise, packed(version_1, number)) for noise, version_1, number in parts]
    assert split(b"".join(noise + packet for noise, packet in whole) + rest) == [packet for _, packet in whole]


@given(st.binary(max_size=300))
def test_whatever_comes_is_written_so_that_it_can_be_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    assert [p.data for p in read(written(tmp_path_factory.mktemp("tlog"), [(1, data)])).packets] == split(data)


def test_a_full_disk_ends_the_recording_and_is_told_once() -> None:
    said: list[str] = []
    log = Tlog(Path("/dev/full"), said.append)
    for second in range(2000):
        log.write(second, packed(False, 1))
    log.close()
    assert said == ["/dev/full is not recorded any more: No space left on device"]
