"""The process around the core: simulated time paced by the wall clock, datagrams by sockets."""

from __future__ import annotations

import os
import selectors
import signal
import sys
import time
from types import FrameType

from sitl.autopilot import arguments
from sitl.autopilot.core import Autopilot
from sitl.autopilot.endpoint import Endpoint, open_all
from sitl.autopilot.flight import STEP_S
from sitl.autopilot.links import LinkName
from sitl.autopilot.tlog import Tlog
from sitl.autopilot.wind import Wind

TICK_S = 0.004
MAX_BEHIND_S = 0.25


class Runner:
    """Paces the core: sleeps until the next tick, receives, steps, sends; writes the onboard link down if there is a log."""

    def __init__(self, autopilot: Autopilot, endpoints: list[Endpoint], *, speed: float, log: Tlog | None = None) -> None:
        self._autopilot = autopilot
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
        """Until stopped."""
        start_s, owed_s = time.monotonic(), 0.0
        while not self._stop:
            self._receive(TICK_S)
            now_s = time.monotonic()
            owed_s += (now_s - start_s) * self._speed
            start_s = now_s
            owed_s = self._catch_up(owed_s)

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
                sys.stderr.write(f"autopilot: this machine cannot keep up with --speed {self._speed:g}, time runs slower\n")
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
        """Close the sockets and the log."""
        self._selector.close()
        for endpoint in self._endpoints.values():
            endpoint.socket.close()
        if self._log is not None:
            self._log.close()


def main(argv: list[str]) -> int:
    """Run an autopilot until SIGINT or SIGTERM; the exit code."""
    options = arguments.parse(argv, os.environ)
    wind = Wind(north_m_s=options.wind[0], east_m_s=options.wind[1], gust_m_s=options.gust, seed=options.seed)
    try:
        autopilot = Autopilot(
            seed=options.seed,
            home=options.home,
            parameters=arguments.parameters(os.environ),
            wind=wind,
            instance=options.instance,
            speed=options.speed,
            unix_s=time.time(),
        )
        log = None if options.log is None else Tlog(options.log)
        endpoints = open_all(options.instance)
    except (OSError, ValueError) as error:
        sys.stderr.write(f"autopilot: {error}\n")
        return 1
    runner = Runner(autopilot, endpoints, speed=options.speed, log=log)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, runner.stop)
    try:
        runner.run()
    finally:
        runner.close()
    return 0
