"""A running simulation: the stack's processes, an officer's client to it, and the record of what is seen."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import zmq

from groundlink.client import Client
from sitl import px4
from sitl.options import Options
from sitl.report.record import FlightRecord
from sitl.scenario.director import Director
from sitl.scenario.telling import told
from sitl.stack import stack as stacks
from sitl.stack.ready import missing
from sitl.stack.stack import Stack
from wire import keys
from wire.clock import SystemClock
from wire.errors import LinkError, PilotfishError, ProcessError
from wire.messages import Answer, ConsoleState, Stage, Verb, WorldState
from wire.sockets import Bus, Subscriber
from wire.supervise import Supervisor

Say = Callable[[str], None]
LOOK_WALL_S = 0.25


class SupportsBool(Protocol):
    """What becomes true once somebody says stop."""

    def __bool__(self) -> bool: ...


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
            self._director = Director(options, self.stack.instance, folder, self.supervisor.pids)
        except BaseException:
            self.stack.close()
            raise
        self._orders: list[threading.Thread] = []

    def __enter__(self) -> Self:
        try:
            (self.folder / "logs").mkdir(parents=True, exist_ok=True)
            self.supervisor.start()
            config = self.stack.ground()
            self._client = Client(config)
            self._bus = Bus(keys.load(config.keys_folder, config.client_key))
            socket = self._bus.connect(zmq.SUB, self.stack.reports, "world", depth=4)
            self._world = Subscriber(socket, self._bus.keyring, ["world_state"])
        except BaseException:
            self.supervisor.stop()
            self._director.close()
            self.stack.close()
            raise
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        try:
            self._client.close()
            self._bus.close()
        finally:
            self.supervisor.stop()
            self._director.close()
            if self.options.autopilot == "px4":
                px4.sweep()
            self.stack.close()
            px4.collect(self.stack.px4_folder, self.folder)

    def look(self) -> ConsoleState | None:
        """One look at everything, at most a quarter of a second waited for. Raises ProcessError when the stack has fallen."""
        try:
            self.supervisor.check()
        except ProcessError as error:
            raise ProcessError(f"{error}{self._px4_words() if str(error).startswith('px4 ') else ''}") from error
        console = self._client.console(LOOK_WALL_S)
        now_s = self.clock.now_s()
        for received in self._world.receive(now_s):
            if isinstance(received.message, WorldState):
                self.record.world(received.message)
        if console is not None:
            self.console = console
            self.record.console(console, now_s)
        if self.options.scenario is not None:
            self._direct(now_s)
        return console

    def _direct(self, now_s: float) -> None:
        self._director.step(self.record.truth, now_s)
        before, self.record.scenario = self.record.scenario, told(self.folder)
        for each in self.record.scenario:
            if each not in before:
                self._say(f"scenario: {each.sentence}")

    def wait_ready(self, stop: SupportsBool = False, looked: Callable[[], None] = lambda: None) -> bool:
        """Until everything is up: True; False when `stop` became true before. `looked` is called after every look.

        Raises LinkError naming what is not up after `ready_s` real seconds, ProcessError when the stack has fallen.
        """
        deadline_s = time.monotonic() + self.options.ready_s
        while waiting := missing(self.console, self.record.truth):
            if stop:
                return False
            if time.monotonic() > deadline_s:
                logs = self.folder / "logs"
                said = f"after {self.options.ready_s:g} s still waiting for {', '.join(waiting)}: look into {logs}"
                raise LinkError(said + self._px4_words())
            self.look()
            looked()
        return True

    def _px4_words(self) -> str:
        """What a real PX4 said last: often the reason why something is not up."""
        return px4.last_words(self.folder / "logs" / "px4.log")

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
