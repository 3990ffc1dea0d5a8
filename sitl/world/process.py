"""The world as a process: poses and latch orders in; frames, latch reports, NMEA sentences and the truth out."""

from __future__ import annotations

import logging
import math
import socket
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

import cv2
import zmq

from sitl.scenario.events import Eye
from sitl.scenario.telling import Teller
from sitl.world.configuration import WorldConfig
from sitl.world.pose import PoseSource
from sitl.world.receiver import RATE_HZ, GnssNoise, sentences
from sitl.world.scene import Scene
from sitl.world.simulation import SILENT_S, Simulation
from wire.clock import Clock
from wire.keys import Keyring
from wire.messages import CameraFrame, LatchOrder, LatchReport, LatchState
from wire.sockets import Bus, Publisher, Subscriber
from wire.topics import TOPICS

_log = logging.getLogger(__name__)

_LONGEST_WAIT_S = 0.05  # of real time: how long a stop may go unnoticed
_LEAST_SILENCE_S = 0.5  # of real time: a fast simulation on a busy machine is not dead
_LARGEST_SHARE = 0.5  # of one processor core, that drawing takes: beyond it frames are left out
_LARGEST_LANDING_SHARE = 0.2
_NEAR_M = 15.0  # from the vehicle; farther away the landing camera gives few frames, nobody looks at them
_FAR_PERIOD_S = 0.5


class Stop(Protocol):
    """Becomes true when the process shall end."""

    def __bool__(self) -> bool: ...


class Schedule:
    """When something periodic is due. Late ones are skipped, never made up for."""

    def __init__(self, period_s: float, now_s: float) -> None:
        self._period_s = period_s
        self.due_s = now_s

    def take(self, now_s: float) -> bool:
        """Whether it is due; if so, the next one is a period later."""
        if now_s < self.due_s:
            return False
        self.due_s += self._period_s
        if self.due_s <= now_s:
            self.due_s = now_s + self._period_s
        return True

    def not_before(self, at_s: float) -> None:
        self.due_s = max(self.due_s, at_s)


class World:
    """The sockets around a `Simulation` and a `Scene`; `step` does what is due."""

    def __init__(self, config: WorldConfig, bus: Bus, clock: Clock) -> None:
        self._config, self._clock, self._bus = config, clock, bus
        self._poses = PoseSource(config.pose_port)
        self._nmea = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._frames = Publisher(bus.bind(zmq.PUB, config.endpoints.frames, ("aircraft",), depth=1, conflate=True))
        landing = bus.bind(zmq.PUB, config.endpoints.landing_frames, ("aircraft",), depth=1, conflate=True)
        self._landing_frames = Publisher(landing)
        orders = bus.bind(zmq.SUB, config.endpoints.latch_orders, ("groundlink",), depth=4)
        self._orders = Subscriber(orders, bus.keyring, ("latch_order",))
        self._reports = Publisher(bus.bind(zmq.PUB, config.endpoints.reports, ("groundlink", "operator")))
        bus.watch(self._poses.fileno(), self._orders)
        self._scene = Scene(config)
        now_s = clock.now_s()
        silent_s = max(SILENT_S, _LEAST_SILENCE_S / clock.wall_s(1.0))
        self._simulation = Simulation(config, self._scene.actors, now_s, silent_s)
        self._noise = GnssNoise(config.seed, config.gnss.noise_m)
        self._utc, self._utc_at_s = datetime.now(UTC), now_s
        self._teller = Teller(config.records, "world")
        self._pictures: dict[str, bytes] = {}
        """Each camera's newest, which a frozen one repeats."""
        self._frame_number = self._landing_number = self._faults_said = 0
        self._latch_said: LatchState | None = None
        self._silence_said = self._slow_said = False
        self._tasks: dict[Callable[[float], None], Schedule] = {
            self._send_latch: Schedule(1 / (TOPICS["latch_report"].rate_hz or 1.0), now_s),
            self._send_truth: Schedule(1 / (TOPICS["world_state"].rate_hz or 1.0), now_s),
            self._send_nmea: Schedule(1 / RATE_HZ, now_s),
        }
        self._next_frame = Schedule(1 / config.camera.frames_per_s, now_s)
        self._next_landing = Schedule(1 / config.landing_camera.frames_per_s, now_s)

    def close(self) -> None:
        self._poses.close()
        self._nmea.close()
        self._teller.close()

    def wait(self) -> None:
        """Sleep until something comes or is due."""
        due_s = min(self._next_frame.due_s, self._next_landing.due_s, *(schedule.due_s for schedule in self._tasks.values()))
        self._bus.wait(min(_LONGEST_WAIT_S, self._clock.wall_s(due_s - self._clock.now_s())))

    def step(self) -> None:
        now_s = self._clock.now_s()
        pose = self._poses.read(now_s)
        if pose is not None:
            self._simulation.receive_pose(pose)
        for received in self._orders.receive(now_s):
            if isinstance(received.message, LatchOrder):
                self._simulation.receive_order(to_open=received.message.open)
        self._simulation.update(now_s)
        self._teller.tell(now_s, self._simulation.changes)
        self._simulation.changes.clear()
        self._say_faults()
        if self._simulation.latch_state() != self._latch_said:
            self._send_latch(now_s)
        for task, schedule in self._tasks.items():
            if schedule.take(now_s):
                task(now_s)
        if self._next_frame.take(now_s) and self._autopilot_lives():
            self._send_frame(now_s)
        if self._next_landing.take(now_s) and self._autopilot_lives():
            self._send_landing_frame(now_s)

    def _say_faults(self) -> None:
        for fault in self._simulation.faults[self._faults_said :]:
            _log.error("WORLD FAULT: %s", fault)
        self._faults_said = len(self._simulation.faults)

    def _autopilot_lives(self) -> bool:
        alive = self._simulation.alive()
        if alive == self._silence_said:
            _log.warning(
                "poses come again on UDP port %d; so do pictures"
                if alive
                else "no pose on UDP port %d any more; no pictures until one comes",
                self._config.pose_port,
            )
            self._silence_said = not alive
        return alive

    def _send_latch(self, now_s: float) -> None:
        self._latch_said = self._simulation.latch_state()
        self._reports.send("latch_report", LatchReport(at_s=now_s, state=self._latch_said))

    def _send_truth(self, now_s: float) -> None:
        del now_s
        self._reports.send("world_state", self._simulation.world_state())

    def _send_nmea(self, now_s: float) -> None:
        vehicle, true = self._simulation.vehicle(), self._simulation.gnss_position()
        position = None if true is None else self._noise.applied(true)
        utc = self._utc + timedelta(seconds=now_s - self._utc_at_s)
        data = sentences(position, vehicle.speed_m_s, vehicle.course_rad, utc)
        try:
            self._nmea.sendto(data, (self._config.nmea.host, self._config.nmea.port))
        except ConnectionRefusedError:
            _log.debug("nobody listens for NMEA on %s:%d", self._config.nmea.host, self._config.nmea.port)

    def _send_frame(self, now_s: float) -> None:
        if self._simulation.frozen("survey") == "stop":
            return
        self._frames.send("frame", self._drawn("survey", self._frame_number, now_s))
        self._frame_number += 1
        self._spare_the_processor(self._next_frame, now_s, _LARGEST_SHARE)
        late_s = self._next_frame.due_s - self._clock.now_s()
        if late_s > 2 / self._config.camera.frames_per_s and not self._slow_said:
            self._slow_said = True
            _log.warning("this machine draws fewer than the %g frames/s asked for", self._config.camera.frames_per_s)

    def _send_landing_frame(self, now_s: float) -> None:
        if self._simulation.frozen("landing") == "stop":
            return
        self._landing_frames.send("frame", self._drawn("landing", self._landing_number, now_s))
        self._landing_number += 1
        self._spare_the_processor(self._next_landing, now_s, _LARGEST_LANDING_SHARE)
        east_m, north_m, _ = self._simulation.place_enu_m()
        vehicle = self._simulation.vehicle()
        if math.hypot(east_m - vehicle.east_m, north_m - vehicle.north_m) > _NEAR_M:
            self._next_landing.not_before(now_s + _FAR_PERIOD_S)

    def _drawn(self, eye: Eye, number: int, now_s: float) -> CameraFrame:
        config = self._config.camera if eye == "survey" else self._config.landing_camera
        if not self._simulation.frozen(eye) or eye not in self._pictures:
            self._pictures[eye] = self._picture(eye, number)
        return CameraFrame(captured_s=now_s, sequence=number, width=config.width, height=config.height, bgr=self._pictures[eye])

    def _picture(self, eye: Eye, number: int) -> bytes:
        image = self._scene.draw(
            self._simulation.place_enu_m(),
            self._simulation.aircraft().attitude,
            self._simulation.vehicle(),
            self._simulation.time_s,
            number,
            eye=eye,
        )
        return image.tobytes()

    def _spare_the_processor(self, schedule: Schedule, began_s: float, share: float) -> None:
        """Keep drawing within its share of a core, whatever the clock's speed."""
        schedule.not_before(began_s + (self._clock.now_s() - began_s) / share)


def run(config: WorldConfig, keyring: Keyring, clock: Clock, stop: Stop) -> int:
    """Until `stop`. Raises PilotfishError when a socket is taken or a key is missing. Returns the exit code."""
    cv2.setNumThreads(1)
    with Bus(keyring) as bus:
        world = World(config, bus, clock)
        try:
            _log.info("the world runs; waiting for the autopilot's pose on UDP 127.0.0.1:%d", config.pose_port)
            while not stop:
                world.wait()
                world.step()
        finally:
            world.close()
    return 0
