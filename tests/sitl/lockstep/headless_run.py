"""python -m tests.sitl.lockstep.headless_run MISSION SEED FLIGHTS: a headless flight, and a hash of the autopilot's MAVLink."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

from rich.console import Console

from sitl.lockstep import headless
from sitl.lockstep.lockstep import Lockstep
from sitl.lockstep.vehicle import Vehicle
from sitl.options import Options


def main() -> int:
    mission, seed, flights = sys.argv[1:]
    seen = hashlib.sha256()

    def between(stack: Lockstep, vehicle: Vehicle) -> None:
        del vehicle
        for link, data in stack.datagrams:
            seen.update(link.name.encode() + data)

    code = headless.fly(
        Options(headless=True, seed=int(seed), mission=Path(mission)), Path(flights), Console(), between=between
    )
    print(seen.hexdigest())
    return code


if __name__ == "__main__":
    sys.exit(main())
