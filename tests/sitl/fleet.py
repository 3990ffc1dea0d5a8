"""Ten embedded autopilots at once, each a process with PX4's ports of its instance, each flown over its own onboard link.

`python -m tests.sitl.fleet [--speed X]` flies them and prints what each process took.
"""

from __future__ import annotations

import argparse
import math
import selectors
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import psutil
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol.links import LinkName
from tests.sitl.conformance.log import NUMBERS, Frame, frames
from wire.geo import Ned, Position, distance_m, ned_between, offset
from wire.supervise import leashed

HOST = "127.0.0.1"
INSTANCES = range(10)
HOME = Position(47.397742, 8.545594, 489.4)
APART_M = 200.0
HEIGHT_M, WAY_M, THERE_M = 10.0, 20.0, 2.0
COMPANION, GROUND_STATION = 191, (255, 190)
PREARM, ARMED, ON_GROUND = 0x10000000, 128, 1
STEP_S = 60.0
"""Simulated seconds that each part of a flight may take."""

_WANTED = frozenset(
    NUMBERS[name] for name in ("HEARTBEAT", "SYS_STATUS", "EXTENDED_SYS_STATE", "GLOBAL_POSITION_INT", "COMMAND_ACK")
)
_NAN = math.nan


def home_of(instance: int) -> Position:
    """Each stands in a place of its own."""
    return offset(HOME, Ned(APART_M * instance, 0.0, 0.0))


def taken_ports() -> list[int]:
    """Those that ten autopilots and who flies them need, and that somebody has."""
    links = (port + n for n in INSTANCES for link in LinkName for port in link.value if port != LinkName.GCS.value[1])
    return [port for port in sorted({*links, LinkName.GCS.value[1]}) if not _is_free(port)]


def _is_free(port: int) -> bool:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((HOST, port))
        except OSError:
            return False
    return True


class Ear:
    """A UDP port of this machine: what comes, and from which port."""

    def __init__(self, port: int) -> None:
        self.sources: dict[tuple[int, int], int] = {}
        """How many packets came, by the port that sent them and the system that they name."""
        self.newest: dict[str, Any] = {}
        """The newest message of the kinds that are looked at, by name."""
        self.acks: list[Any] = []
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        self.socket.bind((HOST, port))
        self._parser = mavlink.MAVLink(None)

    def read(self) -> None:
        while True:
            try:
                data, (_, port) = self.socket.recvfrom(4096)
            except BlockingIOError:
                return
            except ConnectionError:  # nobody listens there yet
                continue
            for frame in frames(0.0, data):
                source = (port, frame.source[0])
                self.sources[source] = self.sources.get(source, 0) + 1
                if frame.number in _WANTED:
                    self._take(frame)

    def _take(self, frame: Frame) -> None:
        message: Any = self._parser.decode(bytearray(frame.data))
        if message.get_type() == "COMMAND_ACK":
            self.acks.append(message)
        self.newest[message.get_type()] = message


class Pilot(Ear):
    """Flies one instance from its companion's port: up, to a place of its own, down. Step `flight` now and then."""

    def __init__(self, instance: int) -> None:
        super().__init__(LinkName.ONBOARD.value[1] + instance)
        self.instance, self.system = instance, instance + 1
        self.goal = offset(home_of(instance), Ned(WAY_M, 2.0 * instance, -HEIGHT_M))
        self.landed_off_m = math.inf
        """From under the place that it was sent to."""
        self.ordered: list[int] = []
        self.flight: Iterator[str] = self._flight()
        self._port = LinkName.ONBOARD.value[0] + instance
        self._companion = mavlink.MAVLink(None, self.system, COMPANION)
        self._station = mavlink.MAVLink(None, *GROUND_STATION)

    @property
    def now_s(self) -> float:
        """By the autopilot's own clock."""
        place = self.newest.get("GLOBAL_POSITION_INT")
        return 0.0 if place is None else float(place.time_boot_ms / 1e3)

    @property
    def position(self) -> Position:
        place = self.newest["GLOBAL_POSITION_INT"]
        return Position(place.lat / 1e7, place.lon / 1e7, place.alt / 1e3)

    def beat(self) -> None:
        """As companion and as ground station."""
        for codec, kind in ((self._companion, mavlink.MAV_TYPE_ONBOARD_CONTROLLER), (self._station, mavlink.MAV_TYPE_GCS)):
            self._send(mavlink.MAVLink_heartbeat_message(kind, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 4, 3).pack(codec))

    def _flight(self) -> Iterator[str]:
        """What it waits for, until it has landed. AssertionError when that does not come about."""
        yield from self._until(self._ready, "readiness to arm")
        height_amsl_m = home_of(self.instance).altitude_amsl_m + HEIGHT_M
        self._order(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, _NAN, _NAN, _NAN, height_amsl_m)
        yield from self._until(lambda: len(self.acks) == 1, "answer to the take-off")
        self._order(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
        yield from self._until(lambda: self._height_m() > HEIGHT_M - 2 and self._mode() == (4, 3), "the climb")
        self._go()
        yield from self._until(lambda: distance_m(self.position, self.goal) < THERE_M, "the way")
        self._order(mavlink.MAV_CMD_NAV_LAND, 0, 0, 0, _NAN, _NAN, _NAN, 0)
        yield from self._until(lambda: self._landed() and not self._armed(), "the landing")
        self.landed_off_m = ned_between(self.goal, self.position).horizontal_m

    def _until(self, seen: Callable[[], bool], what: str) -> Iterator[str]:
        until_s = self.now_s + STEP_S
        while not seen():
            assert self.now_s < until_s, f"instance {self.instance}: {what} did not come about within {STEP_S:g} s"
            yield what

    def _ready(self) -> bool:
        status = self.newest.get("SYS_STATUS")
        return status is not None and bool(status.onboard_control_sensors_health & PREARM)

    def _height_m(self) -> float:
        return self.position.altitude_amsl_m - home_of(self.instance).altitude_amsl_m

    def _mode(self) -> tuple[int, int]:
        number = self.newest["HEARTBEAT"].custom_mode
        return number >> 16 & 0xFF, number >> 24 & 0xFF

    def _landed(self) -> bool:
        return bool(self.newest["EXTENDED_SYS_STATE"].landed_state == ON_GROUND)

    def _armed(self) -> bool:
        return bool(self.newest["HEARTBEAT"].base_mode & ARMED)

    def _order(self, command: int, *params: float) -> None:
        values = (*params, *([0.0] * (7 - len(params))))
        self.ordered.append(command)
        self._send(mavlink.MAVLink_command_long_message(self.system, 1, command, 0, *values).pack(self._companion))

    def _go(self) -> None:
        x, y = round(self.goal.latitude_deg * 1e7), round(self.goal.longitude_deg * 1e7)
        command = mavlink.MAV_CMD_DO_REPOSITION
        self.ordered.append(command)
        place = (x, y, self.goal.altitude_amsl_m)
        message = mavlink.MAVLink_command_int_message(self.system, 1, 0, command, 0, 0, -1.0, 1.0, 0.0, _NAN, *place)
        self._send(message.pack(self._companion))

    def _send(self, data: bytes) -> None:
        try:
            self.socket.sendto(data, (HOST, self._port))
        except ConnectionError:  # it is not up yet
            return


class Fleet:
    """Ten processes, who flies each, and a ground station that listens to all. Use it in a `with`."""

    def __init__(self, folder: Path, *, speed: float = 1.0, instances: Sequence[int] = INSTANCES) -> None:
        self.speed = speed
        self.pilots = [Pilot(instance) for instance in instances]
        self.station = Ear(LinkName.GCS.value[1])
        self._selector = selectors.DefaultSelector()
        for ear in (*self.pilots, self.station):
            self._selector.register(ear.socket, selectors.EVENT_READ, ear)
        self.processes = [self._start(instance, folder / str(instance)) for instance in instances]
        self._beat_s = -math.inf

    def _start(self, instance: int, folder: Path) -> subprocess.Popen[bytes]:
        home = ",".join(f"{value:.8f}" for value in home_of(instance))
        options = ("--instance", str(instance), "--home", home, "--seed", str(instance), "--speed", f"{self.speed:g}")
        command = (sys.executable, "-m", "sitl.main", "autopilot", *options, "--folder", str(folder))
        return subprocess.Popen(leashed(command), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self.processes:
            process.terminate()
        for process in self.processes:
            process.wait(30.0)
        self._selector.close()
        for ear in (*self.pilots, self.station):
            ear.socket.close()

    def run_until(self, seen: Callable[[], bool], patience_wall_s: float, what: str) -> None:
        """Listen, and beat, until something is so. AssertionError when it is not within so many real seconds."""
        end_s = time.monotonic() + patience_wall_s
        while not seen():
            now_s = time.monotonic()
            assert now_s < end_s, f"waited {patience_wall_s:g} s in vain for {what}"
            if now_s >= self._beat_s:
                self._beat_s = now_s + 1.0 / self.speed
                for pilot in self.pilots:
                    pilot.beat()
            for key, _ in self._selector.select(0.02):
                key.data.read()

    def heard(self) -> bool:
        """Everybody has been heard on the own port, its clock too, and by the ground station."""
        systems = {system for _, system in self.station.sources}
        known = all({"HEARTBEAT", "GLOBAL_POSITION_INT"} <= pilot.newest.keys() for pilot in self.pilots)
        return known and len(systems) == len(self.pilots)

    def fly(self, patience_wall_s: float = 200.0) -> None:
        """All of them up, to their places and down, at the same time."""
        waiting = {pilot.instance: "" for pilot in self.pilots}

        def over() -> bool:
            for pilot in self.pilots:
                if pilot.instance in waiting:
                    waiting[pilot.instance] = next(pilot.flight, "")
                    if not waiting[pilot.instance]:
                        del waiting[pilot.instance]
            return not waiting

        self.run_until(over, patience_wall_s, "the end of ten flights")


class Measured:
    """What a fleet takes between two moments: the core's share of each process, and how fast each one's time went."""

    def __init__(self, fleet: Fleet) -> None:
        self._fleet = fleet
        self._processes = [psutil.Process(process.pid) for process in fleet.processes]
        self._began_s, self._began_cpu_s = time.monotonic(), self._cpu_s()
        self._began_sim_s = [pilot.now_s for pilot in fleet.pilots]

    def _cpu_s(self) -> list[float]:
        return [sum(process.cpu_times()[:2]) for process in self._processes]

    def core_percent(self) -> list[float]:
        """Of one core, each, until now."""
        wall_s = time.monotonic() - self._began_s
        return [100 * (now - before) / wall_s for now, before in zip(self._cpu_s(), self._began_cpu_s, strict=True)]

    def speeds(self) -> list[float]:
        """Simulated seconds in a real one, each, until now."""
        wall_s = time.monotonic() - self._began_s
        return [(pilot.now_s - before) / wall_s for pilot, before in zip(self._fleet.pilots, self._began_sim_s, strict=True)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.sitl.fleet", description=__doc__)
    parser.add_argument("--speed", type=float, default=1.0, metavar="X")
    speed = parser.parse_args().speed
    with tempfile.TemporaryDirectory() as folder, Fleet(Path(folder), speed=speed) as fleet:
        fleet.run_until(fleet.heard, 60.0, "ten autopilots")
        measured = Measured(fleet)
        fleet.fly()
        for pilot, share, reached in zip(fleet.pilots, measured.core_percent(), measured.speeds(), strict=True):
            print(f"instance {pilot.instance}: {share:.1f} % of a core, {reached:.2f} times real time")


if __name__ == "__main__":
    main()
