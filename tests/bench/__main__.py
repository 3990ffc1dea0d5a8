"""python -m tests.bench [--only PART] [--px4 PATH]: measure, print the table, write build/bench.json (bench-PART.json).

Exit code 1 when something could not be measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

from tests.bench import fleet, flight, report, speeds, takeoff
from tests.bench.figures import table, write
from tests.bench.parts import Part, failed, measured

RESULTS = Path("build")


def main() -> int:
    options = _options()
    console = Console(width=None if sys.stdout.isatty() else 200)
    machine = _machine()
    began_s = time.monotonic()
    figures = [
        figure
        for name, part in _parts(options.px4).items()
        if options.only in (None, name)
        for figure in measured(name, part, lambda sentence: console.print(sentence, highlight=False))
    ]
    machine["took_s"] = round(time.monotonic() - began_s)
    console.print(table(figures, f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']} before"))
    result = RESULTS / ("bench.json" if options.only is None else f"bench-{options.only}.json")
    write(result, figures, machine)
    console.print(f"took {machine['took_s']} s; the same in {result}", highlight=False)
    return 1 if failed(figures) else 0


def _parts(px4: str | None) -> Mapping[str, Part]:
    parts = {
        "flight": Part("one flight at real time", lambda: report.figures(flight.fly())),
        "core": Part("the simulator's core", speeds.core),
        "headless": Part("a headless flight", speeds.headless),
        "speeds": Part("the stack of real processes, faster", speeds.whole),
        "fleet": Part("ten autopilots at once", fleet.ten),
    }
    if px4 is not None:
        parts["px4"] = Part("one take-off with PX4", lambda: takeoff.on_px4(px4), f"--px4 {px4}")
    return parts


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The measured figures of this machine.")
    parser.add_argument("--px4", metavar="PATH", help="also take off once with this real PX4 SITL build (as sitl fly --px4)")
    parser.add_argument(
        "--only", choices=("flight", "core", "headless", "speeds", "fleet", "px4"), help="one part alone (px4 needs --px4)"
    )
    options = parser.parse_args()
    if options.only == "px4" and options.px4 is None:
        parser.error("--only px4 needs --px4 PATH")
    return options


def _machine() -> dict[str, object]:
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _processor(),
        "cores": psutil.cpu_count(),
        "memory_gb": round(psutil.virtual_memory().total / 1e9, 1),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_before": round(os.getloadavg()[0], 2),
    }


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    named = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), "")
    return named or platform.machine()


if __name__ == "__main__":
    sys.exit(main())
