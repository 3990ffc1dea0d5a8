"""What a simulation can be told, by the command line or a test."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from sitl.scenario.model import Scenario
from wire.geo import Position

HOME = Position(47.39774322509766, 8.545594215393066, 489.4)
"""Where the simulated vehicle stands: on a town square. Representable as 32-bit floats, which PX4's SIH stores them in."""

DEFAULT_MOVES = ((45.0, 30.0, 0.0, 4.0),)


@dataclass(frozen=True)
class Options:
    autopilot: Literal["embedded", "px4"] = "embedded"
    px4: str | None = None
    """Where PX4 SITL is: see sitl/px4.py."""
    headless: bool = False
    """In lockstep and simulated time, without sockets, pictures and voice: see sitl/lockstep/headless.py."""
    speed: float = 1.0
    seed: int = 1
    mission: Path | None = None
    light: Literal["day", "night"] = "day"
    wind_m_s: tuple[float, float] = (1.0, 0.5)
    """Towards north and east; for the embedded autopilot (PX4's SIH has none)."""
    gust_m_s: float = 0.2
    """Standard deviation of each axis. SIH's light airframe has much drag: 1 m/s throws it about by half a metre."""
    moves: tuple[tuple[float, float, float, float], ...] = DEFAULT_MOVES
    """The vehicle's drives: seconds after launch, metres north, metres east, m/s. With a scenario only its own count."""
    scenario: Scenario | None = None
    """What goes wrong, and what else happens: see sitl/scenario."""
    gnss_noise_m: float = 0.1
    """Of the vehicle's receiver, per horizontal axis: one with corrections. With an ordinary one (0.4) only
    the marker finds the seat, and a machine too busy to draw four landing pictures a second lands by position."""
    marker: bool = True
    """The aircraft has a landing camera, and so may land by the roof's marker."""
    parameters: tuple[tuple[str, float], ...] = ()
    """PX4 parameters that differ from what the aircraft is set up with: for trying what happens."""
    ready_s: float = 90.0
    """Real seconds that everything may take to come up."""
