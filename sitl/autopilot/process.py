"""The process around the core: simulated time paced by the wall clock, datagrams by sockets."""

from __future__ import annotations

import argparse
import contextlib
import os
import selectors
import signal
import time
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from sitl.autopilot import arguments
from sitl.autopilot.body.wind import Wind
from sitl.autopilot.core import Autopilot
from sitl.autopilot.flight import STEP_S
from sitl.autopilot.kept import Kept
from sitl.autopilot.protocol.endpoint import LAST_OWN_PORT, Endpoint, open_all
from sitl.autopilot.protocol.links import LinkName
from sitl.scenario import model
from sitl.scenario.events import AutopilotEvent
from sitl.scenario.script import Change
from sitl.scenario.telling import Teller
from sitl.terminal import outlive_the_terminal, put
from sitl.tlog import Tlog
from wire.clock import SystemClock
from wire.errors import ConfigurationError, PilotfishError

TICK_S = 0.004
MAX_BEHIND_S = 0.25
KEEP_EVERY_S = 0.5


class Runner:
    """Paces the core: sleeps until the next tick, receives, steps, sends; writes the onboard link down if there is a log."""

    def __init__(
        self, autopilot: Autopilot, endpoints: list[Endpoint], *, speed: float, log: Tlog | None = None, kept: Kept
    ) -> None:
        self._autopilot = autopilot
        self._kept = kept
        self._endpoints = {endpoint.link: endpoint for endpoint in endpoints}
        self._speed = speed
        self._log = log
        self._start_unix_s = time.time()
        self._stop = False
        self._told = False
        self._selector = selectors.DefaultSelector()
        for endpoint in endpoints:
            self._selector.register(endpoint.socket, selectors.EVENT_READ, endpoint)

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Signal handler: end after the present tick."""
        del number, frame
        self._stop = True

    def run(self) -> None:
        """Until stopped, or shut down by command."""
        start_s, owed_s, keep_s = time.monotonic(), 0.0, 0.0
        while not self._stop and not self._autopilot.shut_down:
            self._receive(TICK_S)
            now_s = time.monotonic()
            owed_s += (now_s - start_s) * self._speed
            start_s = now_s
            owed_s = self._catch_up(owed_s)
            if now_s >= keep_s:
                keep_s = now_s + KEEP_EVERY_S
                self._kept.keep(self._autopilot)
        self._kept.keep(self._autopilot, last=True)

    def _receive(self, timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        for key, _ in self._selector.select(timeout_s):
            for data in key.data.receive():
                self._autopilot.receive(key.data.link, data)
                self._write_down(key.data.link, data)
        left_s = deadline_s - time.monotonic()
        if left_s > 0.0:
            time.sleep(left_s)

    def _catch_up(self, owed_s: float) -> float:
        """Step what is owed in simulated time; returns the rest. Too much is dropped, and said once."""
        if owed_s > MAX_BEHIND_S * max(1.0, self._speed):
            if not self._told:
                self._told = True
                _say(f"this machine cannot keep up with --speed {self._speed:g}, time runs slower")
            owed_s = MAX_BEHIND_S * self._speed
        while owed_s >= STEP_S and not self._stop:
            for link, data in self._autopilot.step(STEP_S):
                self._endpoints[link].send(data)
                self._write_down(link, data)
            owed_s -= STEP_S
        return owed_s

    def _write_down(self, link: LinkName, data: bytes) -> None:
        if self._log is not None and link is LinkName.ONBOARD:
            self._log.write(self._start_unix_s + self._autopilot.now_s, data)

    def close(self) -> None:
        """Look at the sockets no more."""
        self._selector.close()


def main(argv: list[str], *, prog: str = "python -m sitl.autopilot", keep: bool = False) -> int:
    """Run an autopilot until SIGINT, SIGTERM or a shutdown by command; the exit code.

    `keep`: as a developer starts it, with a folder of its own even if none is given, and telling how to connect to it.
    """
    options = arguments.parse(argv, os.environ, prog=prog)
    outlive_the_terminal()
    folder = options.folder or (arguments.state_folder(os.environ, options.instance) if keep else None)
    with contextlib.ExitStack() as held:
        try:
            runner = _start(options, folder, held, alone=keep)
        except (OSError, ValueError, PilotfishError) as error:
            _say(str(error))
            return 2
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, runner.stop)
        if keep:
            put(greeting(options, folder))
        runner.run()
    return 0


def _start(options: argparse.Namespace, folder: Path | None, held: contextlib.ExitStack, *, alone: bool) -> Runner:
    """Everything that it needs, to be closed with `held`; the folder and the ports before the log, which it empties.

    Raises OSError, ValueError and PilotfishError.
    """
    scenario = None if options.scenario is None else model.load(model.scenario_path(str(options.scenario)))
    if scenario is not None and alone:
        _warn_of_others(scenario, str(options.scenario))
    parameters = arguments.parameters(os.environ)
    kept = _kept(folder)
    held.callback(kept.close)
    endpoints = open_all(options.instance, options.bind)
    for endpoint in endpoints:
        held.callback(endpoint.socket.close)
    log = None if options.log is None else _log(options.log)
    if log is not None:
        held.callback(log.close)
    autopilot = Autopilot(
        seed=options.seed,
        home=arguments.home(options, os.environ, kept.parameters or {}),
        parameters=parameters,
        wind=Wind(north_m_s=options.wind[0], east_m_s=options.wind[1], gust_m_s=options.gust, seed=options.seed),
        instance=options.instance,
        speed=options.speed,
        unix_s=time.time(),
        plans=kept.plans,
        kept=kept.parameters,
        folder=kept.files,
        events=() if scenario is None else scenario.of_the_autopilot,
        tell=_tell(options, held),
    )
    held.callback(autopilot.close)
    runner = Runner(autopilot, endpoints, speed=options.speed or 1.0, log=log, kept=kept)
    held.callback(runner.close)
    return runner


def _warn_of_others(scenario: model.Scenario, named: str) -> None:
    """What only a whole simulation can do is told; raises ConfigurationError when nothing else is left."""
    others = sorted({str(event.__struct_config__.tag) for event in scenario.events if not isinstance(event, AutopilotEvent)})
    if not scenario.of_the_autopilot:
        raise ConfigurationError(
            f"{named}: {', '.join(others)} cannot be done by an autopilot alone: fly it with `sitl fly --scenario {named}`"
        )
    if others:
        _say(f"{named}: {', '.join(others)} cannot be done by an autopilot alone and is left out; `sitl fly` does it")


def _tell(options: argparse.Namespace, held: contextlib.ExitStack) -> Callable[[Change, str], None]:
    """Who is told what came of the scenario. Raises ConfigurationError where nothing can be written down."""
    clock, teller = SystemClock(options.speed or 1.0), Teller(options.told, "autopilot")
    try:
        if options.told is not None:
            options.told.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigurationError(f"{options.told} cannot be written ({error.strerror}): choose another --told") from error
    held.callback(teller.close)

    def tell(change: Change, outcome: str) -> None:
        had = teller.trouble
        teller.tell(clock.now_s(), [change], outcome)
        if teller.trouble is not None and teller.trouble != had:
            _say(teller.trouble)

    return tell


def _kept(folder: Path | None) -> Kept:
    """Raises ConfigurationError where nothing can be kept, and what Kept raises."""
    try:
        return Kept(folder, _say)
    except OSError as error:
        raise ConfigurationError(
            f"{folder}: parameters and missions cannot be kept there ({error.strerror}): choose another --folder"
        ) from error


def _log(path: Path) -> Tlog:
    try:
        return Tlog(path, _say)
    except OSError as error:
        raise ConfigurationError(f"{path} cannot be written ({error.strerror}): choose another --log") from error


def _say(sentence: str) -> None:
    put(f"autopilot: {sentence}\n", error=True)


def greeting(options: argparse.Namespace, folder: Path | None) -> str:
    """Who it is, and how to connect to it."""
    instance = options.instance
    onboard = 14540 + min(instance, LAST_OWN_PORT)
    return (
        f"PX4 1.16 (embedded), instance {instance}, system {instance + 1}; Ctrl-C ends it\n"
        f"  QGroundControl:  connects by itself when it runs on this machine (UDP 14550)\n"
        f"  onboard:         autopilot: udp:127.0.0.1:{onboard} in its configuration; MAVSDK: udpin://127.0.0.1:{onboard}\n"
        f"  groundlink:      connects to onboard, see `groundlink run --help`; `sitl run` starts all of it\n"
        f"  kept in          {folder}\n"
    )
