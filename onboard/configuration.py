"""The on-board configuration file: hardware/samples/onboard.yaml is the annotated sample."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from msgspec import Meta

from onboard.flight.configuration import FlightConfig
from onboard.vision.configuration import VisionConfig
from wire import configuration
from wire.configuration import Section


class OnboardConfig(Section, frozen=True, kw_only=True):
    """Relative folders start at the file's own folder."""

    keys_folder: Path
    log_folder: Path
    clock_speed: Annotated[float, Meta(ge=0.1, le=100)] = 1.0  # other than 1 only in a simulation
    flight: FlightConfig = FlightConfig()
    vision: VisionConfig = VisionConfig()


def load(path: Path) -> OnboardConfig:
    """Read and check the file. Raises ConfigurationError with file, line, field and what would be right."""
    return configuration.load(path, OnboardConfig)
