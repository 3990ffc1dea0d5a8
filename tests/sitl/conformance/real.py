"""A real PX4 behind the seam: a process of its own in a temporary folder, two UDP sockets, PX4's own clock."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from sitl import px4
from sitl.autopilot.protocol.links import LinkName
from sitl.px4_links import HOST, Heard, Links
from tests.sitl.conformance.backend import Setup
from wire.supervise import leashed

INSTANCES = range(30, 90)
SILENCE_S = 20.0  # of wall time
STOP_S = 5.0


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
    """PX4 `instance` from the build at `where`; its clock is as coarse as sitl.px4_links.Links."""

    real = True

    def __init__(self, setup: Setup, *, where: Path, instance: int) -> None:
        self.instance = instance + setup.beside
        self.system = self.instance + 1
        self.folder = Path(tempfile.mkdtemp(prefix=f"px4-{self.instance}-"))
        self._setup, self._where = setup, where
        self._process: subprocess.Popen[bytes] | None = None
        self._start()

    def _start(self) -> None:
        self._links = Links(self.instance)
        self._process = launch(self._setup, self._where, self.instance, self.folder)

    @property
    def now_s(self) -> float:
        return self._links.now_s

    def send(self, link: LinkName, data: bytes) -> None:
        self._links.send(link, data)

    def advance(self, duration_s: float) -> list[Heard]:
        heard: list[Heard] = []
        until_s, silent_since_s, had = self.now_s + duration_s, time.monotonic(), self.now_s
        while self.now_s < until_s - 1e-6:
            heard += self._links.receive()
            if self.now_s > had:
                silent_since_s, had = time.monotonic(), self.now_s
            assert time.monotonic() - silent_since_s < SILENCE_S, f"PX4 fell silent at {self.now_s:.1f} s: {self.said()}"
        return heard

    def said(self) -> str:
        """The end of its console."""
        return (self.folder / "px4.log").read_text(encoding="utf-8", errors="replace")[-1500:]

    def restart(self, setup: Setup | None = None) -> None:
        self._setup = setup or self._setup
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
            self._links.close()
