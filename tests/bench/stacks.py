"""python -m tests.bench.stacks [--most N]: how many whole stacks, with drawn world and video, fly at once at real time.

One more each time, until one of them does not keep up. What else runs on the machine counts, too.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import time
from dataclasses import dataclass

import psutil
from rich.console import Console
from rich.table import Table

from sitl.options import Options
from tests.bench.processes import Meter
from tests.bench.rig import BenchError, Rig, running
from tests.bench.speeds import KEEPS_UP
from wire.errors import PilotfishError
from wire.messages import Phase

FRAMES_PER_S = 10.0
"""Of 15 drawn: fewer, and the picture is not what the vision is made for."""

_LONG = """
name: stacks
clear_height_m: 8
return_height_m: 8
orbit: {radius_m: 20, height_m: 15, speed_m_s: 5, laps: 5}
"""
_SURVEY_WALL_S, _STRETCH_WALL_S = 120.0, 15.0


@dataclass(frozen=True)
class Borne:
    """So many stacks in their surveys, at the same time."""

    count: int
    slowest: float
    """Simulated seconds in a real one, by time_boot_ms."""
    frames_per_s: float
    """Of the stack that decoded the fewest."""
    core_percent: float
    """Of all processes of all stacks."""

    @property
    def kept_up(self) -> bool:
        return self.slowest >= KEEPS_UP and self.frames_per_s >= FRAMES_PER_S


def fly(count: int) -> Borne:
    """Raises BenchError or PilotfishError when one of them does not get into its survey."""
    with contextlib.ExitStack() as stack:
        rigs = [stack.enter_context(running(f"stacks-{number}", Options(seed=number + 1))) for number in range(count)]
        for rig in rigs:
            rig.launch(mission=_LONG)
        _look(rigs, _SURVEY_WALL_S, until_survey=True)
        meter = Meter(pid for rig in rigs for pid in rig.session.supervisor.pids().values())
        began_s, before = time.monotonic(), [len(rig.session.record.videos) for rig in rigs]
        _look(rigs, _STRETCH_WALL_S)
        loads = meter.read()
        videos = [rig.session.record.videos[seen:] for rig, seen in zip(rigs, before, strict=True)]
        return Borne(
            count=count,
            slowest=min(rig.speed(began_s) for rig in rigs),
            frames_per_s=min(sum(v.frames_per_s for v in each) / len(each) if each else 0.0 for each in videos),
            core_percent=sum(load.core_percent for load in loads),
        )


def _look(rigs: list[Rig], wall_s: float, *, until_survey: bool = False) -> None:
    end_s = time.monotonic() + wall_s
    while time.monotonic() < end_s:
        for rig in rigs:
            rig.look(0.0)
        if until_survey and all(rig.phase() is Phase.SURVEYING for rig in rigs):
            return
    if until_survey:
        raise BenchError(f"within {wall_s:g} s not all came to their survey: {', '.join(str(rig.phase()) for rig in rigs)}")


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.stacks", description=__doc__)
    parser.add_argument(
        "--most", type=int, default=10, metavar="N", help="no more than these (default 10: PX4 has no more ports)"
    )
    most = parser.parse_args().most
    table = Table(title=f"{psutil.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before", title_justify="left")
    for heading in ("stacks", "slowest", "fewest frames", "processes, of a core", ""):
        table.add_column(heading, justify="right")
    for count in range(1, most + 1):
        try:
            borne = fly(count)
        except (BenchError, PilotfishError) as error:
            table.add_row(str(count), "", "", "", str(error))
            break
        word = "kept up" if borne.kept_up else "not kept up"
        figures = (f"{borne.slowest:.2f} × real time", f"{borne.frames_per_s:.1f} a second", f"{borne.core_percent:.0f} %")
        table.add_row(str(count), *figures, word)
        if not borne.kept_up:
            break
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
