"""A mission file as typed data. `missions/launch-and-survey.yaml` is the commented sample."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from wire import configuration
from wire.configuration import Section

MAX_CENTRIPETAL_M_S2 = 2.0
"""PX4's own limit for v²/r in an orbit (FlightTaskOrbit.hpp, v1.16)."""

ORBIT_SPEED_SHARE = 0.8
"""PX4 flies an orbit at 75 to 85 % of the speed it is asked for (measured on v1.16 SITL)."""


class Centre(Section, frozen=True, kw_only=True):
    """Where the scene is, as an offset from where the vehicle stood at launch."""

    north_m: Annotated[float, Meta(ge=-300, le=300)] = 0.0
    east_m: Annotated[float, Meta(ge=-300, le=300)] = 0.0


class Orbit(Section, frozen=True, kw_only=True):
    radius_m: Annotated[float, Meta(ge=8, le=150)]
    height_m: Annotated[float, Meta(ge=8, le=120)]  # above the vehicle's roof
    speed_m_s: Annotated[float, Meta(ge=1, le=10)]
    centre: Centre = Centre()
    direction: Literal["clockwise", "counter-clockwise"] = "clockwise"
    look: Literal["centre", "ahead", "fixed"] = "centre"
    laps: Annotated[float, Meta(ge=0.25, le=50)] | None = None
    duration_s: Annotated[float, Meta(ge=10, le=1800)] | None = None

    @property
    def wanted_rad(self) -> float | None:
        return None if self.laps is None else self.laps * 2 * math.pi

    @property
    def expected_s(self) -> float:
        """About how long the orbit takes, by the speed that PX4 really flies."""
        if self.duration_s is not None:
            return self.duration_s
        return (self.laps or 1.0) * 2 * math.pi * self.radius_m / (self.speed_m_s * ORBIT_SPEED_SHARE)


class Ends(Section, frozen=True, kw_only=True):
    """What ends the mission early: the aircraft then comes back by itself."""

    battery_percent: Annotated[float, Meta(ge=20, le=80)] = 30.0
    flight_time_s: Annotated[float, Meta(ge=60, le=3600)] = 900.0


class Mission(Section, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=40, pattern="^[a-z0-9-]+$")]
    orbit: Orbit
    clear_height_m: Annotated[float, Meta(ge=5, le=60)] = 12.0
    transit_speed_m_s: Annotated[float, Meta(ge=1, le=10)] = 5.0
    return_height_m: Annotated[float, Meta(ge=5, le=60)] = 12.0
    ends: Ends = Ends()

    def problem(self) -> tuple[str, str] | None:
        orbit = self.orbit
        if orbit.speed_m_s**2 / orbit.radius_m > MAX_CENTRIPETAL_M_S2:
            fastest = math.sqrt(MAX_CENTRIPETAL_M_S2 * orbit.radius_m)
            return "orbit.speed_m_s", (
                f"{orbit.speed_m_s:g} m/s on a {orbit.radius_m:g} m circle is more than PX4 flies; "
                f"at most {math.floor(fastest * 10) / 10:g} m/s there"
            )
        if (orbit.laps is None) == (orbit.duration_s is None):
            return "orbit", "give either laps or duration_s, and only one of them, so that the survey ends"
        if orbit.expected_s > self.ends.flight_time_s - 60:
            return "ends.flight_time_s", (
                f"the orbit takes about {orbit.expected_s:.0f} s; allow at least {orbit.expected_s + 60:.0f} s, or fly less"
            )
        if orbit.height_m < self.clear_height_m:
            return (
                "orbit.height_m",
                f"is below clear_height_m ({self.clear_height_m:g} m); the climb ends there, so fly no lower",
            )
        return None


def load(path: Path) -> Mission:
    """Read and check a mission file. Raises ConfigurationError with file, line, field and what would be right."""
    return configuration.load(path, Mission)


def parse(text: str, source: str = "mission") -> Mission:
    """Check a mission's text, as it comes over the radio. Raises ConfigurationError."""
    return configuration.parse(text, Mission, source)
