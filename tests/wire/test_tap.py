"""The tap between PX4 and flight: both hear each other, and what they say is in the tlog."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.stack import tap
from sitl.stack.ports import free_ports
from sitl.stack.tap import Tap
from sitl.tlog import Tlog, read

PATIENCE_S = 10.0


def heartbeat(system: int) -> bytes:
    return bytes(mavlink.MAVLink_heartbeat_message(2, 12, 29, 0, 3, 3).pack(mavlink.MAVLink(None, srcSystem=system)))


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """PX4's socket and flight's."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as px4, socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as flight:
        for each in (px4, flight):
            each.bind((tap.HOST, 0))
            each.setblocking(False)
        yield px4, flight


def heard(tapped: Tap, at: socket.socket) -> tuple[bytes, tuple[str, int]]:
    """What comes to a socket through the tap, and where from."""
    end_s = time.monotonic() + PATIENCE_S
    while time.monotonic() < end_s:
        tapped.step(0.01)
        try:
            data, sender = at.recvfrom(4096)
        except BlockingIOError:
            continue
        return data, sender
    raise AssertionError("nothing came through")


def test_both_ways_pass_and_are_written_down(tmp_path: Path, ends: tuple[socket.socket, socket.socket]) -> None:
    px4, flight = ends
    (port,) = free_ports(1, socket.SOCK_DGRAM)
    tapped = Tap(port, flight.getsockname()[1], Tlog(tmp_path / "flight.tlog"))
    said = heartbeat(1) + heartbeat(1)  # PX4 puts several into one datagram
    px4.sendto(said, (tap.HOST, port))
    data, sender = heard(tapped, flight)
    assert data == said
    flight.sendto(heartbeat(9), sender)
    assert heard(tapped, px4) == (heartbeat(9), (tap.HOST, port))
    tapped.close()
    written = read((tmp_path / "flight.tlog").read_bytes()).packets
    assert [packet.data for packet in written] == [heartbeat(1), heartbeat(1), heartbeat(9)]
    assert abs(written[0].unix_s - time.time()) < 60


def test_a_taken_port_is_told(
    tmp_path: Path, ends: tuple[socket.socket, socket.socket], capfd: pytest.CaptureFixture[str]
) -> None:
    taken = ends[0].getsockname()[1]
    assert tap.main(["--listen", str(taken), "--to", "1", "--log", str(tmp_path / "a.tlog")]) == 1
    assert f"UDP port {taken}" in capfd.readouterr().err
