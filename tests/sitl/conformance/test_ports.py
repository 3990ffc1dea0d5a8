"""The ports of the autopilot's process: unprompted, and by instance."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sitl.autopilot.protocol.links import LinkName
from sitl.px4_links import HOST
from tests.sitl.conformance.backend import Setup
from tests.sitl.conformance.conftest import Hangar
from tests.sitl.conformance.log import Frame, frames
from tests.sitl.conformance.real import end, free_instance, launch

LISTEN_S = 30.0
LAST_OWN_PORT = 9


@pytest.fixture
def instance(request: pytest.FixtureRequest, hangar: Hangar) -> int:
    """Whose ports are free."""
    hangar.close()
    chosen: int | None = request.config.getoption("--px4-instance")
    return free_instance() if chosen is None else chosen


@pytest.fixture
def ears(instance: int) -> Iterator[dict[LinkName, socket.socket]]:
    """Where PX4 sends to: its onboard link to one port per instance up to 9, its ground station link to one for all."""
    opened: dict[LinkName, socket.socket] = {}
    ports = {LinkName.ONBOARD: 14540 + min(instance, LAST_OWN_PORT), LinkName.GCS: 14550}
    try:
        for link, port in ports.items():
            opened[link] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            opened[link].settimeout(0.2)
            try:
                opened[link].bind((HOST, port))
            except OSError:
                pytest.skip(f"UDP port {port} is in use: another ground station or companion is running")
        yield opened
    finally:
        for ear in opened.values():
            ear.close()


@pytest.fixture
def process(request: pytest.FixtureRequest, instance: int, tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """The autopilot, to which nobody has said anything."""
    where: str | None = request.config.getoption("--px4")
    if where is None:
        command = (sys.executable, "-m", "sitl.autopilot", "--instance", str(instance), "--folder", str(tmp_path))
        started = subprocess.Popen(command, cwd=tmp_path, stdin=subprocess.DEVNULL)
    else:
        started = launch(Setup(), Path(where).expanduser(), instance, tmp_path)
    try:
        yield started
    finally:
        end(started)


def first_frame(ear: socket.socket, port: int) -> Frame:
    """The first packet that comes from a port."""
    until_s = time.monotonic() + LISTEN_S
    while time.monotonic() < until_s:
        try:
            data, sender = ear.recvfrom(2048)
        except TimeoutError:
            continue
        if sender == (HOST, port):
            return frames(0.0, data)[0]
    raise AssertionError(f"nothing came from UDP port {port} within {LISTEN_S:g} s")


def test_S1_speaks_unprompted_from_and_to_its_ports(
    ears: dict[LinkName, socket.socket], process: subprocess.Popen[bytes], instance: int
) -> None:
    """As system instance + 1, component 1, in MAVLink 2."""
    for link, ear in ears.items():
        frame = first_frame(ear, link.value[0] + instance)
        assert frame.source == (instance + 1, 1)
        assert frame.version == 2
    assert process.poll() is None
