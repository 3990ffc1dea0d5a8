"""`sitl autopilot` on real sockets: what it keeps between starts, what it says, how it ends."""

from __future__ import annotations

import os
import resource
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

HOST, PATIENCE_S = "127.0.0.1", 20.0


def is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


@pytest.fixture
def instance() -> Iterator[int]:
    """Beyond those that simulations take by themselves; a TCP port of its number keeps it from tests beside this one."""
    for number in range(60, 90):
        with socket.socket() as claim:
            try:
                claim.bind((HOST, LinkName.ONBOARD.value[1] + number))
            except OSError:
                continue
            if all(is_free(link.value[0] + number) for link in LinkName):
                yield number
                return
    pytest.skip("all ports of instances 60 to 89 are in use")


class Start:
    """One run of the command, and a companion on its onboard link."""

    def __init__(self, instance: int, folder: Path, **variables: str) -> None:
        self.instance = instance
        command = [sys.executable, "-m", "sitl.main", "autopilot", "--instance", str(instance), "--folder", str(folder)]
        clean = {name: value for name, value in os.environ.items() if not name.startswith("PX4_")}
        self.process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=clean | variables
        )
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, 0))
        self._socket.settimeout(0.1)
        self._mav = mavlink.MAVLink(None, srcSystem=instance + 1, srcComponent=191)
        self._mav.robust_parsing = True

    def ask(self, message: mavlink.MAVLink_message, kind: str, parameter: str = "") -> mavlink.MAVLink_message:
        """Send until an answer of a kind comes, of that parameter if one is named."""
        end_s, again_s = time.monotonic() + PATIENCE_S, 0.0
        while time.monotonic() < end_s:
            if time.monotonic() >= again_s:
                again_s = time.monotonic() + 1.0
                self._socket.sendto(message.pack(self._mav), (HOST, LinkName.ONBOARD.value[0] + self.instance))
            try:
                data = self._socket.recv(4096)
            except (TimeoutError, ConnectionError):
                continue
            for answer in self._mav.parse_buffer(data) or []:
                if answer.get_type() == kind and getattr(answer, "param_id", "") == parameter:
                    return answer
        raise AssertionError(f"no {kind} within {PATIENCE_S:g} s")

    def parameter(self, name: bytes) -> float:
        read = mavlink.MAVLink_param_request_read_message(self.instance + 1, 1, name, -1)
        return float(self.ask(read, "PARAM_VALUE", name.decode()).param_value)

    def set(self, name: bytes, value: float) -> None:
        sent = mavlink.MAVLink_param_set_message(self.instance + 1, 1, name, value, 9)
        answer = self.ask(sent, "PARAM_VALUE", name.decode())
        assert answer.param_value == pytest.approx(value)

    def command(self, number: int, first: float) -> int:
        sent = mavlink.MAVLink_command_long_message(self.instance + 1, 1, number, 0, first, 0, 0, 0, 0, 0, 0)
        return int(self.ask(sent, "COMMAND_ACK").result)

    def end(self, how: signal.Signals | None = signal.SIGTERM) -> tuple[int, str, str]:
        """Exit code, what it printed, what it complained about."""
        self._socket.close()
        if how is not None:
            self.process.send_signal(how)
        out, err = self.process.communicate(timeout=PATIENCE_S)
        return self.process.returncode, out, err


@pytest.fixture
def starts() -> Iterator[list[Start]]:
    """None is left behind."""
    started: list[Start] = []
    yield started
    for one in started:
        if one.process.poll() is None:
            one.process.kill()
            one.end(None)


def test_parameters_set_over_mavlink_or_at_a_start_are_kept(instance: int, starts: list[Start], tmp_path: Path) -> None:
    starts.append(Start(instance, tmp_path, PX4_PARAM_MIS_TAKEOFF_ALT="8"))
    assert starts[-1].parameter(b"MIS_TAKEOFF_ALT") == 8.0
    starts[-1].set(b"MPC_XY_CRUISE", 7.5)
    code, out, err = starts[-1].end(signal.SIGINT)
    assert (code, err) == (0, "")
    assert "QGroundControl" in out
    assert "14549" in out  # beyond instance 9
    assert str(tmp_path) in out
    starts.append(Start(instance, tmp_path))
    assert starts[-1].parameter(b"MPC_XY_CRUISE") == 7.5
    assert starts[-1].parameter(b"MIS_TAKEOFF_ALT") == 8.0
    assert starts[-1].command(mavlink.MAV_CMD_PREFLIGHT_STORAGE, 2) == 0
    assert starts[-1].parameter(b"MPC_XY_CRUISE") == 5.0
    assert starts[-1].end()[0] == 0
    starts.append(Start(instance, tmp_path, PX4_PARAM_MPC_XY_CRUISE="4"))
    assert starts[-1].parameter(b"MPC_XY_CRUISE") == 4.0
    assert starts[-1].end()[0] == 0


@pytest.mark.parametrize("name", ["parameters.json", "plans.msgpack"])
def test_a_damaged_file_is_named_with_what_to_do(instance: int, starts: list[Start], tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(struct.pack("<I", 0xFFFFFFFF))
    starts.append(Start(instance, tmp_path))
    code, _, err = starts[-1].end(None)
    assert code == 2
    assert str(tmp_path / name) in err
    assert "delete" in err
    assert (tmp_path / name).read_bytes() == struct.pack("<I", 0xFFFFFFFF)


def test_it_is_shut_down_by_command_and_cannot_restart_itself(instance: int, starts: list[Start], tmp_path: Path) -> None:
    starts.append(Start(instance, tmp_path))
    assert [starts[-1].command(mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN, first) for first in (0, 1, 3)] == [0, 2, 2]
    assert starts[-1].command(mavlink.MAV_CMD_PREFLIGHT_REBOOT_SHUTDOWN, 2) == 0
    assert starts[-1].end(None)[0] == 0


def test_two_do_not_share_a_folder_or_a_port(instance: int, starts: list[Start], tmp_path: Path) -> None:
    starts.append(Start(instance, tmp_path / "one"))
    starts[-1].parameter(b"MPC_XY_CRUISE")
    for number, folder, complaint in ((instance + 1, "one", "used by another autopilot"), (instance, "two", "is in use")):
        starts.append(Start(number, tmp_path / folder))
        code, _, err = starts[-1].end(None)
        assert code == 2
        assert complaint in err


def test_a_full_disk_does_not_end_it(instance: int, starts: list[Start], tmp_path: Path) -> None:
    """As a file may not grow any more; told once, and nothing half written is left."""
    starts.append(Start(instance, tmp_path))
    starts[-1].parameter(b"MPC_XY_CRUISE")
    resource.prlimit(starts[-1].process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    starts[-1].set(b"MPC_XY_CRUISE", 7.5)
    code, _, err = starts[-1].end()
    assert code == 0
    assert err.count("\n") == 1
    assert f"parameters are not kept any more ({tmp_path / 'parameters.json'} cannot be written" in err
    assert "MPC_XY_CRUISE" not in (tmp_path / "parameters.json").read_text(encoding="utf-8"), "whole, as it was"
    assert list(tmp_path.glob("*.new")) == []


def test_what_was_refused_is_kept_when_there_is_room_again(instance: int, starts: list[Start], tmp_path: Path) -> None:
    starts.append(Start(instance, tmp_path))
    starts[-1].parameter(b"MPC_XY_CRUISE")
    resource.prlimit(starts[-1].process.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))
    starts[-1].set(b"MPC_XY_CRUISE", 7.5)
    assert starts[-1].process.stderr is not None
    assert "not kept any more" in starts[-1].process.stderr.readline()
    resource.prlimit(starts[-1].process.pid, resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    code, _, err = starts[-1].end()
    assert code == 0
    assert "parameters are kept again" in err
    starts.append(Start(instance, tmp_path))
    assert starts[-1].parameter(b"MPC_XY_CRUISE") == 7.5


@pytest.mark.parametrize("out", ["| true", ">&-", ">/dev/full"])
def test_a_greeting_that_nobody_can_read_ends_nothing(instance: int, tmp_path: Path, out: str) -> None:
    """A pipe that nobody reads, an output that is closed, a disk that is full."""
    line = f"{sys.executable} -m sitl.main autopilot --instance {instance} --folder {tmp_path} {out}"
    with subprocess.Popen(["bash", "-c", line], stderr=subprocess.PIPE, text=True, start_new_session=True) as shell:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as companion:
            companion.settimeout(0.2)
            end_s = time.monotonic() + PATIENCE_S
            while True:
                assert time.monotonic() < end_s, "it does not speak"
                companion.sendto(b"\0", (HOST, LinkName.ONBOARD.value[0] + instance))
                try:
                    companion.recv(2048)
                except (TimeoutError, ConnectionError):
                    continue
                break
        os.killpg(shell.pid, signal.SIGINT)
        assert shell.communicate(timeout=PATIENCE_S)[1] == ""
