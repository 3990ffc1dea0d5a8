"""Ten embedded autopilots at once, flown at real time: what they take, and whether they keep it."""

from __future__ import annotations

import statistics
import tempfile
from pathlib import Path

from tests.bench.figures import Figure
from tests.bench.rig import BenchError
from tests.sitl.fleet import Fleet, Measured, taken_ports

_GROUP = "ten autopilots at once"
_UP_WALL_S, _FLOWN_WALL_S = 60.0, 300.0


def ten() -> list[Figure]:
    """All ten up, 20 m away and down, each by its own onboard link. Raises BenchError where they cannot."""
    taken = taken_ports()
    if taken:
        raise BenchError(f"UDP ports {taken} are in use: ten autopilots need those of all ten instances")
    with tempfile.TemporaryDirectory() as folder, Fleet(Path(folder)) as fleet:
        fleet.run_until(fleet.heard, _UP_WALL_S, "ten autopilots")
        measured = Measured(fleet)
        fleet.fly(_FLOWN_WALL_S)
        shares, speeds = measured.core_percent(), measured.speeds()
    slowest, all_ten = min(speeds), sum(shares)
    needed = sum(share / speed for share, speed in zip(shares, speeds, strict=True))
    return [
        Figure(
            _GROUP, "slowest of the ten", slowest, "sim s/s", "time_boot_ms from all heard to all landed", slowest, "real time"
        ),
        Figure(
            _GROUP,
            "each",
            statistics.fmean(shares),
            "% of a core",
            f"CPU times of its process; {min(shares):.1f} to {max(shares):.1f}",
        ),
        Figure(_GROUP, "all ten", all_ten, "% of a core", "the same, together"),
        Figure(
            _GROUP,
            "all ten, by CPU time",
            needed / 100,
            "CPU s/sim s",
            "each one's CPU time by its own simulated time, together",
        ),
    ]
