"""A scenario file as typed data. `sitl/scenarios/` has commented samples."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Literal

from msgspec import Meta

from sitl.scenario.events import EMBEDDED_ONLY, AnyEvent, AutopilotEvent, Kill, LinkCut, Px4Failure, WorldEvent
from wire import configuration
from wire.configuration import Section
from wire.errors import ConfigurationError
from wire.messages import Phase

FOLDER = Path(__file__).parent.parent / "scenarios"
End = Literal["secured", "grounded", "stowed"]
"""stowed: the launch was refused or broken off on the roof."""


class Expect(Section, frozen=True, kw_only=True):
    """How the flight must go: it decides in the mission's place. `through`: in this order, with others perhaps between."""

    end: End | Annotated[tuple[End, ...], Meta(min_length=1)]
    through: tuple[Phase, ...] = ()
    never: tuple[Phase, ...] = ()

    @property
    def ends(self) -> tuple[str, ...]:
        return (self.end,) if isinstance(self.end, str) else self.end

    @property
    def sentence(self) -> str:
        through = f"passes through {', '.join(self.through)}" if self.through else ""
        never = f"never comes to {', '.join(self.never)}" if self.never else ""
        return ", ".join(part for part in (through, never, f"ends {' or '.join(self.ends)}") if part)


class Scenario(Section, frozen=True, kw_only=True):
    name: Annotated[str, Meta(min_length=1, max_length=60, pattern="^[a-z0-9-]+$")]
    events: Annotated[tuple[AnyEvent, ...], Meta(min_length=1, max_length=100)]
    expect: Expect | None = None

    def problem(self) -> tuple[str, str] | None:
        for index, event in enumerate(self.events):
            wrong = event.wrong()
            if wrong is not None:
                return f"events.{index}.{wrong[0]}", wrong[1]
        for index, phase in enumerate(() if self.expect is None else self.expect.never):
            if self.expect is not None and phase in self.expect.through:
                return f"expect.never.{index}", f"{phase} is in `through`, too: leave it out of one of them"
        return None

    @property
    def lasts_s(self) -> float:
        """The last moment after launch at which something begins or ends."""
        times_s = [time_s for event in self.events for time_s in (event.begins_s, event.ends_s) if math.isfinite(time_s)]
        return max(times_s, default=0.0)

    @property
    def of_the_world(self) -> tuple[WorldEvent, ...]:
        return tuple(event for event in self.events if isinstance(event, WorldEvent))

    @property
    def of_the_autopilot(self) -> tuple[AutopilotEvent, ...]:
        return tuple(event for event in self.events if isinstance(event, AutopilotEvent))

    @property
    def cuts(self) -> tuple[LinkCut, ...]:
        return tuple(event for event in self.events if isinstance(event, LinkCut))

    @property
    def kills(self) -> tuple[Kill, ...]:
        return tuple(event for event in self.events if isinstance(event, Kill))

    @property
    def px4_failures(self) -> tuple[Px4Failure, ...]:
        return tuple(event for event in self.events if isinstance(event, Px4Failure))


def load(path: Path) -> Scenario:
    """Read and check a scenario file. Raises ConfigurationError with file, line, field and what would be right."""
    return configuration.load(path, Scenario)


def parse(text: str, source: str = "scenario") -> Scenario:
    """Check a scenario's text. Raises ConfigurationError."""
    return configuration.parse(text, Scenario, source)


def scenario_path(name: str) -> Path:
    """The file that a scenario's name or path means: a path, or a name in sitl/scenarios. Raises ConfigurationError."""
    path, shipped = Path(name).expanduser(), FOLDER / f"{name}.yaml"
    if not path.is_file() and "/" not in name:
        if shipped.is_file():
            return shipped
        names = ", ".join(sorted(each.stem for each in FOLDER.glob("*.yaml")))
        raise ConfigurationError(f"{name}: there is no such file, nor a scenario of that name; there are {names}")
    return path


def refuse_on_px4(scenario: Scenario, source: str) -> None:
    """A real PX4's SIH has neither wind nor sensors that can be bent. Raises ConfigurationError naming what cannot be done."""
    for index, event in enumerate(scenario.events):
        if isinstance(event, EMBEDDED_ONLY):
            kind = str(event.__struct_config__.tag)
            raise ConfigurationError(
                f"{source}: events.{index}: {kind} cannot be done with a real PX4: "
                "leave it out, or fly on the embedded autopilot (without --px4)"
            )
