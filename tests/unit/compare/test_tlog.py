"""Tlogs: written and read back, cut off, damaged."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.tlog import Tlog, packets, split

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
    assert [(p.unix_s, p.data) for p in packets(data)] == records


@given(st.integers(0, 60))
def test_a_last_packet_that_was_cut_off_is_left_out(tmp_path_factory: pytest.TempPathFactory, kept: int) -> None:
    first, second = packed(False, 0), packed(False, 1)
    data = written(tmp_path_factory.mktemp("tlog"), [(1, first), (2, second)])
    whole = [first] * (kept >= 8 + len(first)) + [second] * (kept >= len(data))
    assert [p.data for p in packets(data[:kept])] == whole


def test_what_is_no_packet_is_said_with_its_place(tmp_path: Path) -> None:
    data = written(tmp_path, [(1, packed(False, 0))]) + bytes(8) + b"\x00\x01\x02"
    with pytest.raises(ValueError, match=f"at byte {8 + len(packed(False, 0)) + 8}"):
        packets(data)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    try:
        found = packets(data)
    except ValueError:
        return
    assert sum(8 + len(p.data) for p in found) <= len(data)


NOISE = st.binary(max_size=9).map(lambda data: data.translate(None, b"\xfd\xfe"))


@given(st.lists(st.tuples(NOISE, st.booleans(), st.integers(0, 2)), max_size=6), NOISE)
def test_a_datagram_is_split_into_its_packets_and_nothing_else(parts: list[tuple[bytes, bool, int]], rest: bytes) -> None:
    whole = [(noise, packed(version_1, number)) for noise, version_1, number in parts]
    assert split(b"".join(noise + packet for noise, packet in whole) + rest) == [packet for _, packet in whole]


@given(st.binary(max_size=300))
def test_whatever_comes_is_written_so_that_it_can_be_read(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    assert [p.data for p in packets(written(tmp_path_factory.mktemp("tlog"), [(1, data)]))] == split(data)


def test_a_full_disk_ends_the_recording_and_is_told_once() -> None:
    said: list[str] = []
    log = Tlog(Path("/dev/full"), said.append)
    for second in range(2000):
        log.write(second, packed(False, 1))
    log.close()
    assert said == ["/dev/full is not recorded any more: No space left on device"]
