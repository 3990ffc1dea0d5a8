"""A running simulation: the stack's processes, an officer's client to it, and the record of what is seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import zmq

from groundlink.client import Client
from sitl import stack as stacks
from sitl.options import Options
from sitl.record import FlightRecord
from sitl.stack import Stack
from wire import keys
from wire.clock import SystemClock
from wire.errors import LinkError, PilotfishError
from wire.messages import Answer, ConsoleState, Stage, Verb, WorldState
from wire.sockets import Bus, Subscriber
from wire.supervise import Supervisor

Say = Callable[[str], None]
LOOK_WALL_S = 0.25


class Session:
    """Use it in a `with`: entering starts everything, leaving ends everything, whatever happens in between."""

    def __init__(self, options: Options, folder: Path, say: Say) -> None:
        self.options, self.folder, self.record = options, folder, FlightRecord()
        self.clock = SystemClock(options.speed)
        self.console: ConsoleState | None = None
        self._say = say
        self.stack: Stack = stacks.prepare(options, folder / "stack", folder)
        try:
            self.supervisor = Supervisor(stacks.processes(self.stack), say, folder / "logs")
        except BaseException:
            self.stack.forget_secrets()
            raise
        self._orders: list[threading.Thread] = []

    def __enter__(self) -> Self:
        (self.folder / "logs").mkdir(parents=True, exist_ok=True)
        try:
            self.supervisor.start()
            config = self.stack.ground()
            self._client = Client(config)
            self._bus = Bus(keys.load(config.keys_folder, config.client_key))
            socket = self._bus.connect(zmq.SUB, self.stack.reports, "world", depth=4)
            self._world = Subscriber(socket, self._bus.keyring, ["world_state"])
        except BaseException:
            self.supervisor.stop()
            self.stack.forget_secrets()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._client.close()
        self._bus.close()
        self.supervisor.stop()
        self.stack.forget_secrets()

    def look(self) -> ConsoleState | None:
        """One look at everything, at most a quarter of a second waited for. Raises ProcessError when the stack has fallen."""
        self.supervisor.check()
        console = self._client.console(LOOK_WALL_S)
        now_s = self.clock.now_s()
        for received in self._world.receive(now_s):
            if isinstance(received.message, WorldState):
                self.record.world(received.message)
        if console is not None:
            self.console = console
            self.record.console(console, now_s)
        return console

    def missing(self) -> list[str]:
        """What is not up yet."""
        console = self.console
        if console is None:
            return ["groundlink"]
        aircraft, vehicle = console.aircraft, console.vehicle
        if aircraft is None or console.aircraft_age_s is None or console.aircraft_age_s > 1.0:
            return ["onboard"]
        waits = {
            "PX4's heartbeat": aircraft.autopilot_age_s is None,
            "the aircraft's position": aircraft.position is None or aircraft.home is None,
            "the vehicle's position": vehicle.position is None,
            "the latch": vehicle.latch is None,
            "the link's clock": console.round_trip_s is None,
            "video": console.video is None or console.video.frames_received == 0,
            "the world": self.record.truth is None,
        }
        return [name for name, waiting in waits.items() if waiting]

    def wait_ready(self) -> None:
        """Until everything is up. Raises LinkError naming what is not, after `ready_s` real seconds."""
        deadline_s = time.monotonic() + self.options.ready_s
        while time.monotonic() < deadline_s:
            self.look()
            if not self.missing():
                return
        logs = self.folder / "logs"
        raise LinkError(f"after {self.options.ready_s:g} s still waiting for {', '.join(self.missing())}: look into {logs}")

    def order(self, verb: Verb, mission: str | None = None, words: str = "") -> None:
        """Give an order; its answers are recorded and said while the session goes on looking."""
        answers = self._client_order(verb, mission, words)
        thread = threading.Thread(target=answers, name=f"order-{verb}", daemon=True)
        thread.start()
        self._orders.append(thread)

    def _client_order(self, verb: Verb, mission: str | None, words: str) -> Callable[[], None]:
        config = self.stack.ground()

        def follow() -> None:
            try:
                with Client(config) as client:
                    for answer in client.order(verb, mission, words):
                        self._answered(verb, answer)
            except PilotfishError as error:
                self._note(f"{verb}: {error}")

        return follow

    def _answered(self, verb: Verb, answer: Answer) -> None:
        if answer.stage is not Stage.ACCEPTED:
            self._note(f"{verb} {answer.stage}: {answer.sentence}")

    def _note(self, sentence: str) -> None:
        self.record.answers.append(sentence)
        self._say(sentence)
