"""What one simulated flight was, as seen from the vehicle: collected while it flies, reported afterwards."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from sitl.scenario.telling import Told
from wire.geo import Position
from wire.messages import AircraftState, ConsoleState, Phase, Survey, VideoState, WorldState

ENDED = frozenset({Phase.SECURED, Phase.STOWED, Phase.GROUNDED})


@dataclass(frozen=True)
class Sample:
    """One look, five a second. Times are the simulation's clock."""

    at_s: float
    phase: Phase
    position: Position
    height_m: float | None
    distance_m: float | None
    speed_m_s: float | None
    battery_percent: float | None
    link_age_s: float | None
    round_trip_s: float | None
    vehicle: Position | None


@dataclass(frozen=True)
class PhaseSpan:
    phase: Phase
    began_s: float
    reason: str


def phases_of(log: Path) -> list[PhaseSpan]:
    """The phases that the aircraft told of, by the vehicle's log: the console is looked at too seldom to see the short ones."""
    spans: list[PhaseSpan] = []
    for line in log.read_text(encoding="utf-8").splitlines() if log.is_file() else []:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut off by a crash
        event = entry.get("message", {})
        if entry.get("kind") == "event" and event.get("kind") == "phase":
            name, _, reason = event["sentence"].partition(": ")
            spans.append(PhaseSpan(Phase(name), float(event["at_s"]), reason))
    return sorted(spans, key=lambda span: span.began_s)


@dataclass(frozen=True)
class Interruption:
    """Somebody ended the simulation in flight: by which signal, and whether a second one stopped it before it was home."""

    at_s: float
    by: str
    at_once: bool = False


@dataclass
class FlightRecord:
    started: datetime = field(default_factory=lambda: datetime.now().astimezone())
    """Of the simulation; local, with its zone."""
    samples: list[Sample] = field(default_factory=list)
    phases: list[PhaseSpan] = field(default_factory=list)
    videos: list[VideoState] = field(default_factory=list)
    warnings: list[tuple[float, str]] = field(default_factory=list)
    survey: Survey | None = None
    truth: WorldState | None = None
    first_truth: WorldState | None = None
    heard: str = ""
    spoken_ended_s: float | None = None
    answers: list[str] = field(default_factory=list)
    ended_s: float | None = None
    interrupted: Interruption | None = None
    scenario: list[Told] = field(default_factory=list)
    """What has begun and ended of it."""

    def console(self, console: ConsoleState, now_s: float) -> None:
        """Take one look. `now_s`: the simulation's clock."""
        self._video(console.video)
        for warning in console.warnings:
            if warning not in (sentence for _, sentence in self.warnings):
                self.warnings.append((now_s, warning))
        aircraft = console.aircraft
        if aircraft is None:
            return
        self._phase(aircraft)
        if aircraft.survey is not None:
            self.survey = aircraft.survey
        if aircraft.position is not None:
            self._sample(console, aircraft, aircraft.position, now_s)

    def world(self, truth: WorldState) -> None:
        self.first_truth = self.first_truth or truth
        self.truth = truth

    def _phase(self, aircraft: AircraftState) -> None:
        last = self.phases[-1] if self.phases else None
        if last is None or last.phase is not aircraft.phase or last.began_s != aircraft.phase_since_s:
            self.phases.append(PhaseSpan(aircraft.phase, aircraft.phase_since_s, aircraft.reason))

    def _video(self, video: VideoState | None) -> None:
        if video is not None and (not self.videos or self.videos[-1].sent_s != video.sent_s):
            self.videos.append(video)

    def _sample(self, console: ConsoleState, aircraft: AircraftState, here: Position, now_s: float) -> None:
        velocity = aircraft.velocity_ned_m_s
        self.samples.append(
            Sample(
                at_s=now_s,
                phase=aircraft.phase,
                position=here,
                height_m=aircraft.height_m,
                distance_m=aircraft.distance_m,
                speed_m_s=None if velocity is None else velocity.horizontal_m,
                battery_percent=aircraft.battery_percent,
                link_age_s=console.aircraft_age_s,
                round_trip_s=console.round_trip_s,
                vehicle=console.vehicle.position,
            )
        )

    def flew(self) -> bool:
        return any(span.phase is Phase.CLIMBING for span in self.phases)

    def over(self) -> bool:
        """The launch that was ordered has come to an end."""
        return bool(self.phases) and len(self.phases) > 1 and self.phases[-1].phase in ENDED

    def duration_s(self, index: int) -> float | None:
        """How long a phase took, or None for the last one, which goes on."""
        if index + 1 >= len(self.phases):
            return None
        return self.phases[index + 1].began_s - self.phases[index].began_s
