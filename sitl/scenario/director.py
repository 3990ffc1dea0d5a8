"""What of a scenario is done beside the officer: processes killed, and a real PX4 told that something of it fails."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Mapping
from pathlib import Path

from sitl.options import HOME, Options
from sitl.scenario.events import Event, Kill, Px4Failure
from sitl.scenario.injector import Injector
from sitl.scenario.script import LaunchClock, Script
from sitl.scenario.telling import Teller
from wire import geo
from wire.messages import WorldState

_MODULES = {
    "flight": ("onboard", "onboard.flight"),
    "vision": ("onboard", "onboard.vision"),
    "link": ("groundlink", "groundlink.link"),
}
"""Whose supervisor's process a kind of process is found under, and by which module."""


class Director:
    """Call `step` at every look."""

    def __init__(self, options: Options, instance: int, records: Path, pids: Callable[[], Mapping[str, int]]) -> None:
        scenario = options.scenario
        real = options.autopilot == "px4"
        events: list[Event] = [] if scenario is None else [*scenario.kills, *(scenario.px4_failures if real else ())]
        self._script, self._launch = Script(events), LaunchClock()
        self._teller, self._pids = Teller(records, "sitl"), pids
        self._injector = Injector(instance) if any(isinstance(event, Px4Failure) for event in events) else None

    def close(self) -> None:
        self._teller.close()
        if self._injector is not None:
            self._injector.close()

    def step(self, truth: WorldState | None, now_s: float) -> None:
        """`truth`: the world's newest; `now_s`: the simulation's clock."""
        if truth is not None and truth.aircraft is not None:
            self._launch.update(-geo.ned_between(HOME, truth.aircraft).down_m, truth.sent_s)
        for change in self._script.update(self._launch.since_s(now_s)):
            if isinstance(change.event, Kill):
                self._teller.tell(now_s, [change], self._kill(change.event))
            elif self._injector is not None and isinstance(change.event, Px4Failure):
                self._injector.inject(change)
        if self._injector is not None:
            for answered, outcome in self._injector.answered():
                self._teller.tell(now_s, [answered], outcome)

    def _kill(self, event: Kill) -> str:
        above, module = _MODULES[event.process]
        root = self._pids().get(above)
        found = None if root is None else next((pid for pid in descendants(root) if module in arguments(pid)), None)
        if found is None:
            return "it was not running"
        try:
            os.kill(found, signal.SIGKILL)
        except ProcessLookupError:
            return "it was not running"
        return ""


def descendants(pid: int) -> list[int]:
    """The processes below one (Linux's /proc); those that end meanwhile are left out."""
    try:
        lines = [task.read_text(encoding="ascii") for task in Path(f"/proc/{pid}/task").glob("*/children")]
    except OSError:
        return []
    children = [int(child) for line in lines for child in line.split()]
    return [each for child in children for each in (child, *descendants(child))]


def arguments(pid: int) -> list[str]:
    """A process's command line; [] when it has ended."""
    try:
        return Path(f"/proc/{pid}/cmdline").read_text(encoding="utf-8", errors="replace").split("\0")
    except OSError:
        return []
