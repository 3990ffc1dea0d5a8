"""A vehicle for tests: keys, free ports, a daemon in a thread, and a scripted aircraft in another."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import msgspec
import yaml
import zmq

from groundlink import configuration
from groundlink.configuration import GroundlinkConfig
from groundlink.latch.fake import FakeLatch
from groundlink.link.daemon import Daemon
from groundlink.link.record import Record
from groundlink.position.fixed import FixedSource
from sitl.stack.ports import free_ports
from tests.unit.groundlink.build import ROOF, aircraft
from wire import keys
from wire.clock import SystemClock
from wire.journal import Journal
from wire.messages import Command, Echo, Reply, Stage, VehicleState, Verb
from wire.sockets import Bus, Publisher, Subscriber

Script = Callable[[Command], list[tuple[float, Stage, str]]]
"""What the aircraft replies to a command: (seconds after it came, stage, sentence)."""

BOARD_AHEAD_S = 5000.0
"""The scripted aircraft's clock is this far ahead of the vehicle's."""

_WAIT_S = 20.0


def until(true: Callable[[], Any], what: str) -> None:
    """Wait for something; fails the test when it does not come."""
    deadline_s = time.monotonic() + _WAIT_S
    while not true():
        assert time.monotonic() < deadline_s, f"waited in vain for: {what}"
        time.sleep(0.01)


def done_soon(command: Command) -> list[tuple[float, Stage, str]]:
    return [(0.0, Stage.ACCEPTED, f"{command.verb} goes"), (0.2, Stage.DONE, f"{command.verb} is done")]


def write_config(folder: Path, **sections: Any) -> Path:
    """A configuration with free ports everywhere, and keys beside it."""
    keys.make(folder / "keys", (*keys.PARTIES, "guest", "constable"))
    at = [f"tcp://127.0.0.1:{port}" for port in free_ports(10)]
    content: dict[str, Any] = {
        "operators": [{"name": "operator", "launch": True}, {"name": "constable"}],
        "log_folder": "log",
        "log_exact": True,
        "aircraft": {"telemetry": at[0], "commands": at[1], "vision": at[2]},
        "listen": {"orders": at[3], "console": at[4]},
        "latch": {"kind": "simulated", "orders": at[5], "reports": at[6]},
        "position": {"kind": "fixed", **ROOF._asdict()},
        "video": {
            "endpoints": {
                "video": at[7], "detections": at[2], "video_request": at[8], "console": at[4], "video_state": at[9],
            }
        },
    }  # fmt: skip
    path = folder / "groundlink.yaml"
    path.write_text(yaml.safe_dump(content | sections))
    return path


@dataclass
class ScriptedAircraft:
    """Says a state ten times a second, and replies to commands as scripted. Drops the first `deaf_for` commands."""

    config: GroundlinkConfig
    script: Script = done_soon
    deaf_for: int = 0
    silent: bool = False
    state: dict[str, Any] = field(default_factory=dict)
    commands: list[Command] = field(default_factory=list)
    heartbeats: list[VehicleState] = field(default_factory=list)
    senders: set[str] = field(default_factory=set)

    def run(self, stop: threading.Event) -> None:
        clock = SystemClock(self.config.clock_speed)
        with Bus(keys.load(self.config.keys_folder, "aircraft")) as bus:
            down = Publisher(bus.bind(zmq.PUB, self.config.aircraft.telemetry, ["groundlink", "operator"]))
            up = Subscriber(
                bus.bind(zmq.SUB, self.config.aircraft.commands, ["groundlink"], depth=64), bus.keyring, ("command", "vehicle")
            )
            bus.watch(up)
            echo, sequence, next_s = None, 0, 0.0
            pending: list[tuple[float, Reply]] = []
            while not stop.is_set():
                bus.wait(0.02)
                now_s = clock.now_s() + BOARD_AHEAD_S
                for _, message, sender in up.receive(now_s):
                    self.senders.add(sender)
                    if isinstance(message, VehicleState):
                        self.heartbeats.append(message)
                        echo = Echo(peer_sent_s=message.sent_s, received_s=now_s)
                    elif isinstance(message, Command):
                        self._command(message, now_s, pending)
                for due_s, reply in [each for each in pending if each[0] <= now_s]:
                    pending.remove((due_s, reply))
                    down.send("reply", reply)
                if now_s >= next_s and not self.silent:
                    next_s, sequence = now_s + 0.1, sequence + 1
                    state = aircraft(sent_s=now_s, sequence=sequence, phase_since_s=now_s - 3, echo=echo)
                    down.send("state", msgspec.structs.replace(state, **self.state))

    def _command(self, command: Command, now_s: float, pending: list[tuple[float, Reply]]) -> None:
        self.commands.append(command)
        if len(self.commands) <= self.deaf_for or any(reply.command_id == command.id for _, reply in pending):
            return
        for delay_s, stage, sentence in self.script(command):
            reply = Reply(command_id=command.id, stage=stage, sentence=sentence, at_s=now_s)
            pending.append((now_s + delay_s, reply))

    def launches(self) -> list[Command]:
        return [command for command in self.commands if command.verb is Verb.LAUNCH]


@dataclass
class Vehicle:
    """What a test has in hand."""

    config: GroundlinkConfig
    path: Path
    aircraft: ScriptedAircraft
    latch: FakeLatch
    position: FixedSource
    pause_s: float = 0.0
    """Set to make the daemon's thread hang once for so long."""

    def run(self, stop: threading.Event) -> None:
        with Bus(keys.load(self.config.keys_folder, "groundlink")) as bus:
            record = Record(Journal(self.config.log_folder))
            clock = SystemClock(self.config.clock_speed)
            daemon = Daemon(self.config, bus, clock, latch=self.latch, position=self.position, record=record)
            while not stop.is_set():
                daemon.step()
                if self.pause_s:
                    pause_s, self.pause_s = self.pause_s, 0.0
                    time.sleep(pause_s)

    def log(self) -> list[dict[str, Any]]:
        return [msgspec.json.decode(line) for line in (self.config.log_folder / "events.jsonl").read_bytes().splitlines()]


@contextlib.contextmanager
def vehicle(folder: Path, *, fly: bool = True, **sections: Any) -> Iterator[Vehicle]:
    """A daemon, and with `fly` an aircraft that hears it."""
    path = write_config(folder, **sections)
    config = configuration.load(path)
    here = Vehicle(config, path, ScriptedAircraft(config), FakeLatch(travel_s=0.1), FixedSource(ROOF))
    stop = threading.Event()
    errors: list[BaseException] = []

    def guarded(work: Callable[[threading.Event], None]) -> None:
        try:
            work(stop)
        except BaseException as error:  # noqa: BLE001 - shown in the test's thread, below
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(each,)) for each in (here.run, *([here.aircraft.run] if fly else []))]
    for thread in threads:
        thread.start()
    try:
        if fly:
            until(lambda: errors or any(beat.echo is not None for beat in here.aircraft.heartbeats), "the link")
        yield here
    finally:
        stop.set()
        for thread in threads:
            thread.join(10)
    assert not errors, errors
