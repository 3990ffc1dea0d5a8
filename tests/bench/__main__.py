"""python -m tests.bench [--px4 PATH]: measure, print the table, write build/bench.json.

Exit code 1 when something could not be measured.
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import psutil
from rich.console import Console

from tests.bench import flight, report, speeds, takeoff
from tests.bench.figures import Figure, table, write
from tests.bench.rig import BenchError
from wire.errors import PilotfishError

RESULT = Path("build/bench.json")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.bench", description="The measured figures of this machine.")
    parser.add_argument("--px4", metavar="PATH", help="also take off once with this real PX4 SITL build (as sitl fly --px4)")
    where: str | None = parser.parse_args().px4
    console = Console(width=None if sys.stdout.isatty() else 200)
    machine = _machine()
    began_s = time.monotonic()
    parts: dict[str, Callable[[], list[Figure]]] = {
        "one flight at real time": lambda: report.figures(flight.fly()),
        "the simulator's core": speeds.core,
        "the whole stack, faster": speeds.whole,
    }
    if where is not None:
        parts["one take-off with PX4"] = lambda: takeoff.on_px4(where)
    figures: list[Figure] = []
    failed = False
    for name, measure in parts.items():
        console.print(f"measuring: {name}", highlight=False)
        try:
            figures += measure()
        except (BenchError, PilotfishError, TimeoutError) as error:
            failed = True
            figures.append(Figure(name, "all of it", None, "", f"not measured: {error}"))
    machine["took_s"] = round(time.monotonic() - began_s)
    console.print(table(figures, f"{machine['processor']}, {machine['cores']} cores, load {machine['load_before']} before"))
    write(RESULT, figures, machine)
    console.print(f"took {machine['took_s']} s; the same in {RESULT}", highlight=False)
    return 1 if failed else 0


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
