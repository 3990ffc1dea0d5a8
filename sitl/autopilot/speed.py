"""How fast the bare core runs on this machine."""

from __future__ import annotations

import time

from sitl.autopilot.core import Autopilot
from wire.geo import Position


def simulated_seconds_per_second(simulated_s: float = 20.0) -> float:
    """Run the core without sockets for a while; simulated seconds per second of wall time, all streams packed."""
    autopilot = Autopilot(seed=0, home=Position(48.8584, 2.2945, 35.0))
    start_s = time.perf_counter()
    autopilot.step(simulated_s)
    return simulated_s / (time.perf_counter() - start_s)
