"""A real PX4 behind the seam: a process of its own in a temporary folder, two UDP sockets, PX4's own clock."""

from __future__ import annotations

import os
import selectors
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from pymavlink.dialects.v20 import development as mavlink

from sitl import px4
from sitl.autopilot.protocol.links import LinkName
from tests.sitl.conformance.backend import Heard, Setup
from tests.sitl.conformance.log import Frame, frames
from wire.supervise import leashed

HOST = "127.0.0.1"
INSTANCES = range(30, 90)
LINKS = (LinkName.ONBOARD, LinkName.GCS)
SILENCE_S = 20.0  # of wall time
STOP_S = 5.0
RECEIVE_BUFFER = 1 << 22
_CLOCKS = {
    mavlink.MAVLINK_MSG_ID_ATTITUDE: ("time_boot_ms", 1e-3),
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: ("time_boot_ms", 1e-3),
    mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: ("time_usec", 1e-6),
    mavlink.MAVLINK_MSG_ID_TIMESYNC: ("ts1", 1e-9),
}


def free_instance() -> int:
    """An instance number whose ports nobody uses."""
    for instance in INSTANCES:
        if _free(LinkName.ONBOARD, instance) and _free(LinkName.GCS, instance):
            return instance
    raise RuntimeError(f"no free PX4 instance from {INSTANCES[0]} to {INSTANCES[-1]}: stop other simulations")


def _free(link: LinkName, instance: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((HOST, link.value[0] + instance))
        except OSError:
            return False
    return True


def launch(setup: Setup, where: Path, instance: int, folder: Path) -> subprocess.Popen[bytes]:
    """Start PX4 in a folder, its console in px4.log there; it ends when this process ends."""
    program, etc = px4.find(where)
    arguments = (str(program), "-i", str(instance), "-d", "-s", "etc/init.d-posix/rcS", "-w", str(folder), str(etc))
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PX4_")}
    clean["PATH"] = f"{program.parent}{os.pathsep}{clean.get('PATH', '')}"
    with (folder / "px4.log").open("ab") as out:
        return subprocess.Popen(
            leashed(arguments),
            cwd=folder,
            env=clean | px4.environment(setup.home, setup.speed, setup.parameters),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process, in the end by force."""
    try:
        process.send_signal(signal.SIGINT)
        process.wait(STOP_S)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(STOP_S)


class RealPx4:
    """PX4 `instance` from the build at `where`. It sends to the port that first sent something to it, so no port is fixed.

    Its clock is read from what it sends, 10 ms apart: a datagram's time is that of the last stamp before it on its link.
    """

    real = True

    def __init__(self, setup: Setup, *, where: Path, instance: int) -> None:
        self.instance = instance + setup.beside
        self.system = self.instance + 1
        self.folder = Path(tempfile.mkdtemp(prefix=f"px4-{self.instance}-"))
        self._setup, self._where = setup, where
        self._parser = mavlink.MAVLink(None)
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def _start(self) -> None:
        self._now_s = 0.0
        self._selector = selectors.DefaultSelector()
        self._sockets = {link: self._open(link) for link in LINKS}
        self._spoken: set[LinkName] = set()
        self._process = launch(self._setup, self._where, self.instance, self.folder)

    def _open(self, link: LinkName) -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, RECEIVE_BUFFER)
        opened.setblocking(False)
        opened.bind((HOST, 0))
        self._selector.register(opened, selectors.EVENT_READ, link)
        return opened

    @property
    def now_s(self) -> float:
        return self._now_s

    def send(self, link: LinkName, data: bytes) -> None:
        try:
            self._sockets[link].sendto(data, (HOST, link.value[0] + self.instance))
        except ConnectionError:  # it has not opened its port yet
            return

    def advance(self, duration_s: float) -> list[Heard]:
        heard: list[Heard] = []
        until_s, silent_since_s, had = self._now_s + duration_s, time.monotonic(), self._now_s
        while self._now_s < until_s - 1e-6:
            self._speak_first()
            heard += self._receive()
            if self._now_s > had:
                silent_since_s, had = time.monotonic(), self._now_s
            assert time.monotonic() - silent_since_s < SILENCE_S, f"PX4 fell silent at {self._now_s:.1f} s: {self.said()}"
        return heard

    def _speak_first(self) -> None:
        """PX4 answers whoever sends first; one byte is enough."""
        for link in LINKS:
            if link not in self._spoken:
                self.send(link, b"\0")

    def _receive(self) -> list[Heard]:
        heard: list[Heard] = []
        for key, _ in self._selector.select(0.02):
            for data in _pending(key.fileobj):
                self._spoken.add(key.data)
                for frame in frames(0.0, data):
                    self._read_clock(frame)
                    heard.append(Heard(self._now_s, key.data, frame.data))
        return heard

    def _read_clock(self, frame: Frame) -> None:
        known = _CLOCKS.get(frame.number)
        if known is None or frame.source != (self.system, 1):
            return
        message = self._parser.decode(bytearray(frame.data))
        if frame.number == mavlink.MAVLINK_MSG_ID_TIMESYNC and message.tc1 != 0:
            return
        name, unit_s = known
        self._now_s = max(self._now_s, getattr(message, name) * unit_s)

    def said(self) -> str:
        """The end of its console."""
        return (self.folder / "px4.log").read_text(encoding="utf-8", errors="replace")[-1500:]

    def restart(self) -> None:
        self._stop()
        self._start()

    def close(self) -> None:
        self._stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _stop(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        try:
            end(process)
        finally:
            self._selector.close()
            for opened in self._sockets.values():
                opened.close()


def _pending(opened: object) -> list[bytes]:
    assert isinstance(opened, socket.socket)
    found = []
    for _ in range(200):
        try:
            found.append(opened.recv(2048))
        except (BlockingIOError, ConnectionError):
            break
    return found
