"""The world as a process, over real sockets, with a sender of poses in the autopilot's place."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import cv2
import numpy as np
import pytest
import zmq

from groundlink.position.nmea import NmeaSource
from sitl.stack.ports import free_ports
from sitl.world import livery
from sitl.world.configuration import WorldConfig
from sitl.world.pose import PoseSource
from sitl.world.process import Schedule
from tests.unit.world.hil import hil_state
from wire import keys
from wire.errors import DeviceError
from wire.geo import Ned, distance_m, ned_between, offset
from wire.messages import CameraFrame, LatchOrder, LatchReport, Message, WorldState
from wire.sockets import Bus, Publisher, Subscriber

HOME = WorldConfig().home.position
LEVEL = (1.0, 0.0, 0.0, 0.0)
DEADLINE_S = 30.0


class Outside:
    """All that talks to the world: autopilot, aircraft, groundlink, each with its own key."""

    def __init__(self, folder: Path, log: Path, ports: list[int]) -> None:
        pose, nmea, frames, orders, reports, landing = ports
        self._log, self._pose_port = log, pose
        self._udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._nmea = NmeaSource("127.0.0.1", nmea)
        self._buses = [Bus(keys.load(folder, name)) for name in ("aircraft", "groundlink")]
        aircraft, ground = self._buses
        endpoint = "tcp://127.0.0.1:{}".format
        self._frames = Subscriber(
            aircraft.connect(zmq.SUB, endpoint(frames), "world", depth=1, conflate=True), aircraft.keyring, ("frame",)
        )
        self._landing = Subscriber(
            aircraft.connect(zmq.SUB, endpoint(landing), "world", depth=1, conflate=True), aircraft.keyring, ("frame",)
        )
        socket_ = ground.connect(zmq.SUB, endpoint(reports), "world")
        self._reports = Subscriber(socket_, ground.keyring, ("latch_report", "world_state"))
        self._orders = Publisher(ground.connect(zmq.PUB, endpoint(orders), "world"))
        self.newest: dict[str, Message] = {}
        self.down: CameraFrame | None = None
        """The landing camera's newest picture."""
        self.latch: list[tuple[bool, bool]] = []
        self.height_m: float | None = None
        """What the autopilot says; None: nothing."""
        self.order: bool | None = None

    def close(self) -> None:
        self._udp.close()
        self._nmea.close()
        for bus in self._buses:
            bus.close()

    def turn(self) -> None:
        """One round of everybody's."""
        if self.height_m is not None:
            pose = hil_state(offset(HOME, Ned(0.0, 0.0, -self.height_m)), LEVEL)
            self._udp.sendto(b"\x00garbage\xfd" if self.height_m < 0 else pose, ("127.0.0.1", self._pose_port))
        if self.order is not None:
            self._orders.send("latch_order", LatchOrder(at_s=0.0, open=self.order))
        for received in self._frames.receive(0.0) + self._reports.receive(0.0):
            self.newest[received.topic] = received.message
            if isinstance(received.message, LatchReport):
                state = received.message.state.open, received.message.state.closed
                if self.latch[-1:] != [state]:
                    self.latch.append(state)
        for received in self._landing.receive(0.0):
            self.down = received.message if isinstance(received.message, CameraFrame) else self.down
        self.fix = self._nmea.read(0.0)

    def until(self, what: Callable[[], object], name: str) -> None:
        """Go round until `what` is so."""
        end_s = time.monotonic() + DEADLINE_S
        while not what():
            assert time.monotonic() < end_s, f"{name} did not come; the world says: {self.said()}"
            self.turn()
            time.sleep(0.02)

    def said(self) -> str:
        return self._log.read_text()

    @property
    def frame(self) -> CameraFrame:
        frame = self.newest["frame"]
        assert isinstance(frame, CameraFrame)
        return frame

    @property
    def truth(self) -> WorldState:
        truth = self.newest["world_state"]
        assert isinstance(truth, WorldState)
        return truth


@contextmanager
def world(folder: Path, settings: str = "") -> Iterator[tuple[Outside, subprocess.Popen[bytes]]]:
    keys.make(folder / "keys")
    ports = free_ports(6)
    pose, nmea, frames, orders, reports, landing = ports
    (folder / "world.yaml").write_text(f"""{settings}
camera: {{width: 160, height: 120}}
gnss: {{noise_m: 0}}
pose_port: {pose}
nmea: {{port: {nmea}}}
endpoints:
  frames: "tcp://127.0.0.1:{frames}"
  landing_frames: "tcp://127.0.0.1:{landing}"
  latch_orders: "tcp://127.0.0.1:{orders}"
  reports: "tcp://127.0.0.1:{reports}"
""")
    log = folder / "world.log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "sitl.world", "--config", str(folder / "world.yaml")],
            stdout=output,
            stderr=subprocess.STDOUT,
        )
    outside = Outside(folder / "keys", log, ports)
    try:
        yield outside, process
    finally:
        process.kill()
        process.wait(10)
        outside.close()


def test_a_launch_as_the_world_sees_it(tmp_path: Path) -> None:
    with world(tmp_path, "clock_speed: 3\nvehicle: {moves: [{after_launch_s: 0.1, north_m: 5, speed_m_s: 10}]}") as (
        outside,
        process,
    ):
        outside.until(
            lambda: {"frame", "world_state", "latch_report"} <= outside.newest.keys(), "a frame of the parked aircraft"
        )
        assert (outside.frame.width, outside.frame.height, len(outside.frame.bgr)) == (160, 120, 160 * 120 * 3)
        assert outside.truth.seated
        parked = np.frombuffer(outside.frame.bgr, np.uint8).astype(np.int16)
        outside.until(lambda: outside.fix is not None, "a GNSS fix")
        assert outside.fix is not None
        assert distance_m(HOME, outside.fix.position) < 0.05

        outside.order = True
        outside.until(lambda: (True, False) in outside.latch, "the latch to open")
        assert outside.latch[0] == (False, True)
        outside.height_m = -1.0  # garbage
        outside.turn()
        outside.height_m = 25.0
        outside.until(lambda: not outside.truth.seated, "the aircraft to leave")
        assert outside.truth.faults == []
        outside.until(lambda: ned_between(HOME, outside.truth.vehicle).north_m > 4.99, "the vehicle to drive")
        assert outside.truth.aircraft is not None
        assert ned_between(HOME, outside.truth.aircraft).down_m == pytest.approx(-25, abs=0.01)
        outside.until(lambda: outside.fix and ned_between(HOME, outside.fix.position).north_m > 4.9, "the fix to follow")
        flying = np.frombuffer(outside.frame.bgr, np.uint8).astype(np.int16)
        assert np.abs(flying - parked).mean() > 10

        outside.height_m = None
        outside.until(lambda: outside.truth.aircraft is None, "the autopilot's silence to be seen")
        last = outside.frame.sequence
        seen_s = outside.truth.sent_s
        outside.until(lambda: outside.truth.sent_s > seen_s + 2.0, "the world to go on")
        assert outside.frame.sequence <= last + 1, "a dead autopilot sees nothing"
        assert outside.said().count("no pictures") == 1

        outside.height_m = 25.0
        outside.until(lambda: outside.frame.sequence > last + 3, "pictures again")
        process.terminate()
        assert process.wait(10) == 0


def test_the_landing_camera_sees_the_roofs_marker(tmp_path: Path) -> None:
    with world(tmp_path) as (outside, _):
        outside.height_m = 8.0
        finder = cv2.aruco.ArucoDetector(cv2.aruco.getPredefinedDictionary(livery.MARKER_DICTIONARY))

        def seen() -> list[int]:
            if outside.down is None:
                return []
            pixels = np.frombuffer(outside.down.bgr, np.uint8).reshape(outside.down.height, outside.down.width, 3)
            _, ids, _ = finder.detectMarkers(pixels)
            return [] if ids is None else [int(number) for number in ids.ravel()]

        outside.until(lambda: seen() == [livery.MARKER_ID], "the marker")


def test_a_latched_aircraft_that_leaves_is_said_loudly(tmp_path: Path) -> None:
    with world(tmp_path, "latch: {stuck: closed}") as (outside, _):
        outside.order = True
        outside.until(lambda: "world_state" in outside.newest, "the truth")
        outside.height_m = 3.0
        outside.until(lambda: outside.truth.faults, "the fault")
        assert "latch" in outside.truth.faults[0]
        assert outside.said().count("WORLD FAULT") == 1
        assert outside.latch == [(False, True)]


def test_the_latch_hears_groundlink_only(tmp_path: Path) -> None:
    with world(tmp_path) as (outside, _):
        outside.until(lambda: "world_state" in outside.newest, "the truth")
        aircraft = outside._buses[0]
        port = outside._orders.socket.getsockopt_string(zmq.LAST_ENDPOINT)
        intruder = Publisher(aircraft.connect(zmq.PUB, port, "world"))
        began_s = outside.truth.sent_s

        def intrude() -> bool:
            intruder.send("latch_order", LatchOrder(at_s=0.0, open=True))
            return outside.truth.sent_s > began_s + 1.5

        outside.until(intrude, "time to pass")
        assert outside.latch == [(False, True)]


@pytest.mark.parametrize("wrong", ["light: dusk", "keys_folder: nowhere"])
def test_a_wrong_start_is_one_sentence(tmp_path: Path, wrong: str) -> None:
    (tmp_path / "world.yaml").write_text(wrong)
    done = subprocess.run(
        [sys.executable, "-m", "sitl.world", "--config", str(tmp_path / "world.yaml")],
        capture_output=True,
        check=False,
        text=True,
        timeout=60,
    )
    assert done.returncode == 1
    assert done.stderr.startswith("world: ")
    assert "Traceback" not in done.stderr


def test_a_taken_port_is_said() -> None:
    [port] = free_ports(1)
    first = PoseSource(port)
    try:
        with pytest.raises(DeviceError, match=str(port)):
            PoseSource(port)
    finally:
        first.close()


def test_late_frames_are_left_out_not_made_up_for() -> None:
    schedule = Schedule(0.1, 0.0)
    assert [schedule.take(now_s) for now_s in (0.0, 0.05, 0.1, 0.2, 0.95, 0.96, 1.06)] == [
        True,
        False,
        True,
        True,
        True,
        False,
        True,
    ]
    schedule.not_before(2.0)
    assert not schedule.take(1.9)
    assert schedule.take(2.0)
