"""The seam between a case and what flies it, and the embedded autopilot behind it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from sitl.autopilot.core import Autopilot
from sitl.autopilot.flight import STEP_S
from sitl.autopilot.plans.store import Plans
from sitl.autopilot.protocol.links import LinkName
from sitl.px4_links import Heard
from wire.geo import Position

HOME = Position(48.8584, 2.2945, 35.0)
SEED = 1


@dataclass(frozen=True)
class Setup:
    """How an autopilot is started. `beside` counts up the instance, for a second vehicle beside the first."""

    parameters: Mapping[str, float] = field(default_factory=dict)
    home: Position = HOME
    speed: float = 1.0
    beside: int = 0
    seed: int = SEED


class Backend(Protocol):
    """A running autopilot: an onboard and a ground station link, and its own clock."""

    system: int
    """Its MAVLink system id."""
    real: bool
    """Whether it is PX4."""

    @property
    def now_s(self) -> float:
        """Seconds since its start, simulated."""

    def send(self, link: LinkName, data: bytes) -> None:
        """Send it a datagram."""

    def advance(self, duration_s: float) -> list[Heard]:
        """Let simulated time pass; what it sent meanwhile."""

    def restart(self, setup: Setup | None = None) -> None:
        """End it and start it again in its folder: what it stores stays. `setup`: not the way it was started before."""

    def close(self) -> None:
        """End it."""


class Embedded:
    """The core of the embedded autopilot in this process: no socket, no clock, as fast as the machine goes."""

    real = False

    def __init__(self, setup: Setup) -> None:
        self.system = setup.beside + 1
        self._setup = setup
        self.core = self._start()

    def _start(self, plans: Plans | None = None, kept: Mapping[str, float] | None = None) -> Autopilot:
        setup = self._setup
        return Autopilot(
            seed=setup.seed,
            home=setup.home,
            parameters=setup.parameters,
            instance=setup.beside,
            speed=None if setup.speed == 1.0 else setup.speed,
            plans=plans,
            kept=kept,
        )

    @property
    def now_s(self) -> float:
        return self.core.now_s

    def send(self, link: LinkName, data: bytes) -> None:
        self.core.receive(link, data)

    def advance(self, duration_s: float) -> list[Heard]:
        heard: list[Heard] = []
        for _ in range(max(1, round(duration_s / STEP_S))):
            heard += [Heard(self.core.now_s, link, data) for link, data in self.core.step(STEP_S)]
        return heard

    def restart(self, setup: Setup | None = None) -> None:
        self._setup = setup or self._setup
        self.core = self._start(Plans.from_bytes(self.core.plans.to_bytes()), self.core.parameters.kept)

    def close(self) -> None:
        return
