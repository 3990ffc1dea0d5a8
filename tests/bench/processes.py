"""What each process of a stack takes: share of a core by the difference of its CPU times, and resident memory."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import NamedTuple

import psutil

_NAMES = {
    "onboard.main": "onboard's supervisor",
    "onboard.flight": "flight",
    "onboard.vision": "vision",
    "groundlink.main": "groundlink's supervisor",
    "groundlink.link": "link",
    "groundlink.video": "video",
    "sitl.world": "world",
    "sitl.autopilot": "autopilot",
}


class Load(NamedTuple):
    name: str
    core_percent: float
    resident_mb: float  # at the end of the stretch, 10^6 bytes
    threads: int


class Meter:
    """Begins at its making; `read` tells of the stretch since then."""

    def __init__(self, roots: Iterable[int]) -> None:
        """`roots`: process ids whose descendants count, too."""
        tops = [psutil.Process(pid) for pid in roots]
        self._processes = [each for top in tops for each in (top, *top.children(recursive=True))]
        self._began_s = time.monotonic()
        self._used_s = [_used_s(each) for each in self._processes]

    def read(self) -> list[Load]:
        """Raises psutil.NoSuchProcess when one has ended meanwhile."""
        wall_s = time.monotonic() - self._began_s
        return [
            Load(_name(each), 100 * (_used_s(each) - used_s) / wall_s, each.memory_info().rss / 1e6, each.num_threads())
            for each, used_s in zip(self._processes, self._used_s, strict=True)
        ]


def _used_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return float(times.user + times.system)


def _name(process: psutil.Process) -> str:
    arguments = process.cmdline()
    if "-m" in arguments:
        return _NAMES.get(arguments[arguments.index("-m") + 1], arguments[arguments.index("-m") + 1])
    return process.name()
