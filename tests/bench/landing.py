"""python -m tests.bench.landing [--seeds N] [--wind M_S] [--gust M_S] [--gnss M]: where it lands, with the marker and without.

Flights in simulated time on the embedded autopilot, as many as seeds; the wind comes from another side each time.
"""

from __future__ import annotations

import argparse
import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.console import Console
from rich.table import Table

from sitl.autopilot.body.wind import Wind
from sitl.lockstep.lockstep import Lockstep
from sitl.options import Options
from tests.bench.figures import percentile
from wire import geo
from wire.messages import Phase, Verb

READY_S, LIMIT_S = 8.0, 400.0
MISSION = """
name: landing
clear_height_m: 12
return_height_m: 12
orbit: {radius_m: 15, height_m: 15, speed_m_s: 4, laps: 1}
"""
_ENDS = (Phase.SECURED, Phase.GROUNDED)


@dataclass(frozen=True)
class Landed:
    """By the simulation's truth: how far from the pad's centre, and how the flight ended."""

    off_m: float
    phase: Phase
    precisely_s: float
    """For how long PX4 was in its precision landing."""
    landing_s: float


def land(seed: int, *, wind_m_s: float, gust_m_s: float, gnss_m: float, marker: bool) -> Landed:
    """One flight."""
    way = math.radians(137.5 * seed)
    wind = Wind(north_m_s=wind_m_s * math.cos(way), east_m_s=wind_m_s * math.sin(way), gust_m_s=gust_m_s, seed=seed)
    flight = Lockstep(seed=seed, wind=wind, gnss_noise_m=gnss_m)
    flight.camera.dead = not marker
    flight.run(READY_S)
    flight.order(Verb.LAUNCH, MISSION)
    flight.run_until(lambda: flight.phase in _ENDS, LIMIT_S)
    period_s = 0.2  # of the aircraft's states
    landing = [state for state in flight.states if state.phase is Phase.LANDING]
    precisely = [state for state in landing if state.mode == "precision land"]
    off_m = geo.distance_m(flight.pad(), flight.aircraft())
    return Landed(off_m, flight.phase, period_s * len(precisely), period_s * len(landing))


def row(name: str, landings: Sequence[Landed]) -> tuple[str, ...]:
    """A line of the table."""
    off_m = [landing.off_m for landing in landings]
    missed = sum(landing.phase is not Phase.SECURED for landing in landings)
    seconds = percentile([landing.landing_s for landing in landings], 0.5)
    return (
        name,
        *(f"{value:.2f} m" for value in (percentile(off_m, 0.5), percentile(off_m, 0.95), max(off_m))),
        f"{missed} of {len(landings)}",
        f"{seconds:.0f} s",
    )


def main() -> None:
    defaults = Options()
    parser = argparse.ArgumentParser(prog="python -m tests.bench.landing", description=__doc__)
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--wind", type=float, default=math.hypot(*defaults.wind_m_s), help="m/s, mean")
    parser.add_argument("--gust", type=float, default=defaults.gust_m_s, help="m/s, standard deviation of each axis")
    parser.add_argument("--gnss", type=float, default=0.4, help="m, standard deviation of the vehicle's receiver, each axis")
    given = parser.parse_args()
    title = f"{given.seeds} landings, wind {given.wind:.1f} m/s with gusts of {given.gust:g} m/s, receiver {given.gnss:g} m"
    table = Table(title=title, title_justify="left")
    for heading in ("from the pad's centre", "median", "95 %", "worst", "not secured", "landing takes"):
        table.add_column(heading, justify="left" if heading.startswith("from") else "right")
    for marker in (False, True):
        landings = [
            land(seed, wind_m_s=given.wind, gust_m_s=given.gust, gnss_m=given.gnss, marker=marker)
            for seed in range(1, given.seeds + 1)
        ]
        table.add_row(*row("by the marker" if marker else "by position alone", landings))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
