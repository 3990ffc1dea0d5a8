"""The links as UDP sockets, in real time: who is sent to, what the camera's and the gimbal's links carry."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl import px4
from sitl.autopilot.protocol.links import LinkName
from tests.sitl.conformance.backend import HOME
from tests.sitl.conformance.log import Frame, frames
from wire.supervise import leashed

HOST = "127.0.0.1"
PATIENCE_S = 20.0
COMPANION, STRANGER = 191, 77
INSTANCES = range(9, 0, -1)
SHARED_FROM = 9  # instances from here on send to the same port
CAMERA_SHARE = 0.143  # of the onboard link's rates: what fits into 4 kB/s
HEARTBEAT, ATTITUDE, COMMAND_ACK, STATE_FOR_GIMBAL = 0, 30, 77, 286


class Socket:
    """A UDP port of this machine that talks to one link of an instance."""

    def __init__(self, link: LinkName, instance: int, *, component: int = COMPANION, port: int = 0) -> None:
        self._to = (HOST, link.value[0] + instance)
        self._system = instance + 1
        self._mav = mavlink.MAVLink(None, srcSystem=instance + 1, srcComponent=component)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.bind((HOST, port))

    def send(self, message: mavlink.MAVLink_message) -> None:
        self._socket.sendto(message.pack(self._mav), self._to)

    def heartbeat(self) -> None:
        self.send(mavlink.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3))

    def receive(self, for_s: float) -> list[Frame]:
        """What comes from the instance within a time: others may send to the same port."""
        found: list[Frame] = []
        end_s = time.monotonic() + for_s
        while (left_s := end_s - time.monotonic()) > 0.0:
            self._socket.settimeout(left_s)
            try:
                found += [frame for frame in frames(0.0, self._socket.recv(4096)) if frame.source[0] == self._system]
            except TimeoutError:
                break
            except ConnectionError:
                continue
        return found

    def wait_for(self, number: int) -> Frame:
        """The next message of a type. AssertionError if none comes."""
        end_s = time.monotonic() + PATIENCE_S
        while time.monotonic() < end_s:
            for frame in self.receive(0.1):
                if frame.number == number:
                    return frame
        raise AssertionError(f"no message {number} within {PATIENCE_S:g} s")

    def close(self) -> None:
        self._socket.close()


def _free(instance: int) -> bool:
    ports = [port + instance for link in LinkName for port in link.value if port != LinkName.GCS.value[1]]
    for port in ports:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind((HOST, port))
            except OSError:
                return False
    return True


@pytest.fixture
def instance(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[int]:
    """A running autopilot, by its number."""
    wanted: int | None = request.config.getoption("--px4-instance")
    number = next((n for n in INSTANCES if _free(n)), None) if wanted is None else wanted
    if number is None:
        pytest.skip("the ports of all instances from 1 to 9 are in use")
    where: str | None = request.config.getoption("--px4")
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PX4_")}
    if where is None:
        arguments: tuple[str, ...] = (sys.executable, "-m", "sitl.autopilot", "--instance", str(number))
    else:
        program, etc = px4.find(Path(where).expanduser())
        arguments = (str(program), "-i", str(number), "-d", "-s", "etc/init.d-posix/rcS", "-w", str(tmp_path), str(etc))
        clean["PATH"] = f"{program.parent}{os.pathsep}{clean.get('PATH', '')}"
        clean |= px4.environment(HOME, 1.0, {})
    folder = tmp_path if where is not None else None
    process = subprocess.Popen(
        leashed(arguments),
        cwd=folder,
        env=clean,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield number
    process.send_signal(signal.SIGINT)
    try:
        process.wait(PATIENCE_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE_S)


@pytest.fixture
def sockets() -> Iterator[list[Socket]]:
    """What is closed in the end."""
    opened: list[Socket] = []
    yield opened
    for one in opened:
        one.close()


def test_S2_the_first_sender_is_the_only_one_sent_to(instance: int, sockets: list[Socket]) -> None:
    by_default = Socket(LinkName.ONBOARD, instance, port=LinkName.ONBOARD.value[1] + min(instance, SHARED_FROM))
    first, second = Socket(LinkName.ONBOARD, instance), Socket(LinkName.ONBOARD, instance, component=STRANGER)
    sockets += [by_default, first, second]
    by_default.wait_for(HEARTBEAT)  # unasked
    first.heartbeat()
    first.wait_for(ATTITUDE)
    by_default.receive(0.3)
    assert by_default.receive(0.7) == []
    second.send(mavlink.MAVLink_command_long_message(instance + 1, 1, mavlink.MAV_CMD_DO_CHANGE_SPEED, 0, 1, 5, 0, 0, 0, 0, 0))
    ack = first.wait_for(COMMAND_ACK).payload.ljust(10, b"\0")
    assert int.from_bytes(ack[:2], "little") == mavlink.MAV_CMD_DO_CHANGE_SPEED
    assert (ack[2], ack[8], ack[9]) == (0, instance + 1, STRANGER)
    assert second.receive(0.5) == []


def test_S7_camera_and_gimbal_links(instance: int, sockets: list[Socket]) -> None:
    camera = Socket(LinkName.CAMERA, instance, port=LinkName.CAMERA.value[1] + instance)
    gimbal = Socket(LinkName.GIMBAL, instance, port=LinkName.GIMBAL.value[1] + instance)
    sockets += [camera, gimbal]
    camera.wait_for(ATTITUDE)
    gimbal.wait_for(STATE_FOR_GIMBAL)
    gimbal.receive(0.05)
    start_s = time.monotonic()
    seen = Counter(frame.number for frame in camera.receive(6.0))
    around = Counter(frame.number for frame in gimbal.receive(0.2))  # what waited meanwhile
    took_s = time.monotonic() - start_s
    assert seen[ATTITUDE] / 6.0 == pytest.approx(100 * CAMERA_SHARE, rel=0.15)
    assert seen[mavlink.MAVLINK_MSG_ID_SYS_STATUS] / 6.0 == pytest.approx(5 * CAMERA_SHARE, abs=0.25)
    assert seen[mavlink.MAVLINK_MSG_ID_GPS_RAW_INT] / 6.0 == pytest.approx(8.0, rel=0.15)
    assert seen[HEARTBEAT] in (5, 6, 7)
    assert around[STATE_FOR_GIMBAL] / took_s == pytest.approx(20.0, rel=0.15)
    assert set(around) <= {HEARTBEAT, STATE_FOR_GIMBAL, mavlink.MAVLINK_MSG_ID_MISSION_CURRENT, 410, 411, 22}


def test_S16_the_gimbal_link_takes_no_commands(instance: int, sockets: list[Socket]) -> None:
    camera, gimbal = Socket(LinkName.CAMERA, instance), Socket(LinkName.GIMBAL, instance)
    sockets += [camera, gimbal]
    request = mavlink.MAVLink_command_long_message(instance + 1, 1, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, 148, 0, 0, 0, 0, 0, 0)
    end_s = time.monotonic() + PATIENCE_S
    answered = False
    while not answered and time.monotonic() < end_s:  # it is starting
        camera.send(request)
        answered = any(frame.number == COMMAND_ACK for frame in camera.receive(0.3))
    assert answered
    gimbal.send(request)
    heard = [frame.number for frame in gimbal.receive(1.0)]
    assert heard
    assert COMMAND_ACK not in heard
    assert mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION not in heard
