"""The autopilot's process on real sockets: ports, the peer it latches, signals, complaints."""

from __future__ import annotations

import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol.links import LinkName

PATIENCE_S = 20.0
HOST = "127.0.0.1"


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@pytest.fixture
def instance() -> Iterator[int]:
    """An instance whose ports nobody uses, its onboard remote port included; a TCP port keeps it from tests beside this one."""
    for number in range(9, 0, -1):
        ports = [link.value[0] + number for link in LinkName] + [14540 + number]
        with socket.socket() as claim:
            try:
                claim.bind((HOST, 14540 + number))
            except OSError:
                continue
            if all(is_free(port) for port in ports):
                yield number
                return
    pytest.skip("all ports of instances 1 to 9 are in use")


def start(instance: int, *options: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "sitl.autopilot", "--instance", str(instance), *options]
    return subprocess.Popen(command, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def process(instance: int) -> Iterator[subprocess.Popen[str]]:
    process = start(instance, "--speed", "4")
    yield process
    process.kill()
    process.wait(PATIENCE_S)
    if process.stderr is not None:
        process.stderr.close()


class Peer:
    """A UDP socket that decodes what comes."""

    def __init__(self, port: int = 0) -> None:
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind((HOST, port))
        self._mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=191)
        self._mav.robust_parsing = True

    def wait_for(self, kind: str, patience_s: float = PATIENCE_S) -> mavlink.MAVLink_message | None:
        """The next message of a kind, None if none comes in time."""
        deadline_s = time.monotonic() + patience_s
        while (left_s := deadline_s - time.monotonic()) > 0.0:
            self.socket.settimeout(left_s)
            try:
                data = self.socket.recv(2048)
            except TimeoutError:
                return None
            for message in self._mav.parse_buffer(data) or []:
                if message.get_type() == kind:
                    return message
        return None

    def send(self, message: mavlink.MAVLink_message, port: int) -> None:
        self.socket.sendto(message.pack(self._mav), (HOST, port))

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()


def test_it_speaks_unasked_answers_and_ends_on_a_signal(instance: int, process: subprocess.Popen[str]) -> None:
    with Peer(14540 + instance) as companion:
        beat = companion.wait_for("HEARTBEAT")
        assert beat is not None
        assert (beat.get_srcSystem(), beat.autopilot) == (instance + 1, 12)
        request = mavlink.MAVLink_command_long_message(instance + 1, 1, 512, 0, 148, 0, 0, 0, 0, 0, 0)
        companion.send(request, 14580 + instance)
        version = companion.wait_for("AUTOPILOT_VERSION")
        assert version is not None
        assert version.uid2[0] == instance
        ack = companion.wait_for("COMMAND_ACK")
        assert ack is not None
        assert (ack.command, ack.result) == (512, 0)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    assert process.communicate()[1] == ""


def test_the_first_peer_is_the_only_one(instance: int, process: subprocess.Popen[str]) -> None:
    with Peer(14540 + instance) as by_default, Peer() as first, Peer() as second:
        assert by_default.wait_for("HEARTBEAT") is not None
        heartbeat = mavlink.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3)
        first.send(heartbeat, 14580 + instance)
        assert first.wait_for("HEARTBEAT") is not None
        second.send(heartbeat, 14580 + instance)
        assert first.wait_for("SYS_STATUS") is not None
        assert second.wait_for("SYS_STATUS", 0.5) is None
    assert process.poll() is None


def test_a_taken_port_and_bad_arguments_are_complained_about(
    instance: int, process: subprocess.Popen[str], tmp_path: Path
) -> None:
    with Peer(14540 + instance) as companion:
        assert companion.wait_for("HEARTBEAT") is not None
    log = tmp_path / "first.tlog"
    log.write_bytes(b"what the first one recorded")
    again = start(instance, "--log", str(log))
    assert "in use" in again.communicate(timeout=PATIENCE_S)[1]
    assert again.returncode == 2
    assert log.read_bytes() == b"what the first one recorded"
    for options in (("--home", "1,2"), ("--home", "91,0,0"), ("--speed", "0"), ("--wind", "x,y"), ("--gust", "-1")):
        wrong = start(instance, *options)
        assert f"argument {options[0]}" in wrong.communicate(timeout=PATIENCE_S)[1]
        assert wrong.returncode == 2
    assert process.poll() is None


def test_a_peer_that_cannot_be_answered_ends_nothing(instance: int, process: subprocess.Popen[str]) -> None:
    """From port 0: told by a raw socket, which only an administrator has."""
    with Peer(14540 + instance) as companion:
        assert companion.wait_for("HEARTBEAT") is not None
    udp = struct.pack(">HHHH", 0, 14580 + instance, 9, 0) + b"\0"
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_UDP) as raw:
            raw.sendto(udp, (HOST, 0))
    except PermissionError:
        pytest.skip("raw sockets are not allowed here")
    with Peer() as ground:
        end_s = time.monotonic() + PATIENCE_S
        while ground.wait_for("HEARTBEAT", 0.3) is None:  # it goes on on its other links
            assert time.monotonic() < end_s and process.poll() is None
            ground.send(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3), 18570 + instance)
        assert ground.wait_for("HEARTBEAT") is not None
    assert process.poll() is None


def test_it_listens_where_it_is_told_to(instance: int) -> None:
    """127.0.0.2 is this machine, too."""
    process = start(instance, "--bind", "127.0.0.2")
    with Peer(14540 + instance) as companion:
        assert companion.wait_for("HEARTBEAT") is not None
        assert is_free(14580 + instance)
    process.send_signal(signal.SIGTERM)
    assert process.wait(PATIENCE_S) == 0
    process.communicate()
    for address, words in (("203.0.113.7", "no address of this machine"), ("localhost", "argument --bind")):
        refused = start(instance, "--bind", address)
        assert words in refused.communicate(timeout=PATIENCE_S)[1]
        assert refused.returncode == 2


def test_the_log_is_a_tlog(instance: int, tmp_path: Path) -> None:
    log = tmp_path / "flight.tlog"
    process = start(instance, "--log", str(log))
    with Peer(14540 + instance) as companion:
        assert companion.wait_for("HEARTBEAT") is not None
    process.send_signal(signal.SIGINT)
    assert process.wait(PATIENCE_S) == 0
    process.communicate()
    data, at, count = log.read_bytes(), 0, 0
    while at < len(data):
        assert data[at + 8] == 0xFD
        at += 8 + 12 + data[at + 9]
        count += 1
    assert at == len(data)
    assert count > 20


def test_a_full_disk_ends_the_recording_and_not_the_flight(instance: int) -> None:
    command = [sys.executable, "-m", "sitl.autopilot", "--instance", str(instance), "--log", "/dev/full"]
    with Path("/dev/full").open("w") as full, subprocess.Popen(command, stderr=full) as process:
        try:
            with Peer(14540 + instance) as companion:
                for _ in range(3):  # by then more than a buffer full was to be written
                    assert companion.wait_for("HEARTBEAT") is not None
            process.send_signal(signal.SIGTERM)
            assert process.wait(PATIENCE_S) == 0
        finally:
            process.kill()
