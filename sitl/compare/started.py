"""RECORDING.json beside a recording: what its autopilot was started with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta

from wire.errors import ReplayError
from wire.geo import Position

SLOWEST, FASTEST = 0.1, 100.0
LARGEST = 3.4e38
"""PX4's parameters are 32 bits wide."""


class Started(msgspec.Struct, frozen=True):
    home: Position | None = None
    parameters: dict[str, Annotated[float, Meta(ge=-LARGEST, le=LARGEST)]] = {}
    speed: Annotated[float, Meta(ge=SLOWEST, le=FASTEST)] = 1.0


def load(beside: Path) -> Started:
    """What the file tells, the defaults where there is none. Raises ReplayError naming file and field."""
    try:
        found = msgspec.json.decode(beside.read_bytes(), type=Started) if beside.is_file() else Started()
    except OSError as error:
        raise ReplayError(f"{beside}, beside the recording, cannot be read: {error.strerror}") from error
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise ReplayError(f"{beside}, beside the recording, cannot be read: {error}") from error
    if found.home is not None and not _on_earth(found.home):
        raise ReplayError(f"{beside}, beside the recording: home is {list(found.home)}: give degrees, degrees, metres AMSL")
    return found


def _on_earth(home: Position) -> bool:
    return abs(home.latitude_deg) <= 85.0 and abs(home.longitude_deg) <= 180.0 and abs(home.altitude_amsl_m) <= 9000.0
