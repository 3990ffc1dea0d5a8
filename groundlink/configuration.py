"""groundlink.yaml as typed data. `hardware/samples/groundlink.yaml` is the annotated sample."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

import missions
from groundlink.video.configuration import VideoConfig
from wire import configuration
from wire.configuration import Section
from wire.endpoints import TcpEndpoint as Endpoint
from wire.endpoints import taken_twice
from wire.keys import PARTIES

_NAME = "the name of a key, in letters, digits and underscores, like operator"
KeyName = Annotated[str, Meta(pattern="^[A-Za-z_][0-9A-Za-z_]*$", max_length=60, description=_NAME)]

DEFAULT_FILE = Path("groundlink.yaml")
FILE_VARIABLE = "PILOTFISH_GROUNDLINK"
MACHINE_PARTIES = frozenset(PARTIES) - {"operator"}
"""Keys of machines: they never order anything."""


class Operator(Section, frozen=True, kw_only=True):
    """Somebody who may order. hold, return, land, abort and status are open to everyone listed."""

    name: KeyName  # of the key, never what a message claims
    launch: bool = False  # may also launch and resume


class AircraftEndpoints(Section, frozen=True, kw_only=True):
    """Where the aircraft listens (its video: see `video`): everything here is connected to, nothing is bound."""

    telemetry: Endpoint = "tcp://127.0.0.1:5601"
    commands: Endpoint = "tcp://127.0.0.1:5602"
    vision: Endpoint = "tcp://127.0.0.1:5604"


class ListenEndpoints(Section, frozen=True, kw_only=True):
    """What the daemon binds, and its clients connect to."""

    orders: Endpoint = "tcp://127.0.0.1:5611"
    console: Endpoint = "tcp://127.0.0.1:5612"


class LatchConfig(Section, frozen=True, kw_only=True):
    """The latch on the roof. `simulated`: the simulator's, over its two sockets."""

    kind: Literal["simulated"] = "simulated"
    orders: Endpoint = "tcp://127.0.0.1:5622"
    reports: Endpoint = "tcp://127.0.0.1:5623"


class NmeaPosition(Section, frozen=True, kw_only=True, tag_field="kind", tag="nmea"):
    """The vehicle's GNSS receiver, as NMEA 0183 over UDP (GGA and RMC)."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=1, le=65535)] = 5624
    antenna_above_pad_m: Annotated[float, Meta(ge=-5, le=5)] = 0.0


class FixedPosition(Section, frozen=True, kw_only=True, tag_field="kind", tag="fixed"):
    """A vehicle that never moves: the surveyed place of its roof pad."""

    latitude_deg: Annotated[float, Meta(ge=-90, le=90)]
    longitude_deg: Annotated[float, Meta(ge=-180, le=180)]
    altitude_amsl_m: Annotated[float, Meta(ge=-500, le=9000)]


class GroundlinkConfig(Section, frozen=True, kw_only=True):
    operators: Annotated[tuple[Operator, ...], Meta(min_length=1)]
    keys_folder: Path = Path("keys")
    log_folder: Path = Path("logs")
    log_exact: bool = False  # True: write into log_folder itself, not into a new sub-folder per start
    mission: str | None = "launch-and-survey"  # the default: a file, or a name in missions/
    client_key: KeyName = "operator"  # whose key the command line uses
    clock_speed: Annotated[float, Meta(ge=0.01, le=1000)] = 1.0
    aircraft: AircraftEndpoints = AircraftEndpoints()
    listen: ListenEndpoints = ListenEndpoints()
    latch: LatchConfig = LatchConfig()
    position: NmeaPosition | FixedPosition = NmeaPosition()
    video: VideoConfig = VideoConfig()

    def problem(self) -> tuple[str, str] | None:
        ends = self.video.endpoints
        if ends.console != self.listen.console:
            return "video.endpoints.console", f"must be the same as listen.console, {self.listen.console}"
        if ends.detections != self.aircraft.vision:
            return "video.endpoints.detections", f"must be the same as aircraft.vision, {self.aircraft.vision}"
        twice = taken_twice(*self._places())
        if twice is not None:
            return twice
        names = [operator.name for operator in self.operators]
        for index, name in enumerate(names):
            if name in names[:index]:
                return f"operators.{index}.name", f"{name} is listed twice; keep one entry"
            if name in MACHINE_PARTIES:
                return f"operators.{index}.name", f"{name} is a machine's key; list the key of a person, operator for example"
        return None

    def _places(self) -> tuple[dict[str, str], dict[str, str]]:
        """The endpoints that are bound, and those that are connected to, by field; what is there twice by intent, once."""
        aircraft, listen, latch, video = self.aircraft, self.listen, self.latch, self.video.endpoints
        bound = {
            "listen.orders": listen.orders,
            "listen.console": listen.console,
            "video.endpoints.video_state": video.video_state,
        }
        connected = {
            "aircraft.telemetry": aircraft.telemetry,
            "aircraft.commands": aircraft.commands,
            "aircraft.vision": aircraft.vision,
            "latch.orders": latch.orders,
            "latch.reports": latch.reports,
            "video.endpoints.video": video.video,
            "video.endpoints.video_request": video.video_request,
        }
        return bound, connected


def default_path(environment: Mapping[str, str] = os.environ) -> Path:
    """Where the configuration is when nobody says: $PILOTFISH_GROUNDLINK, or groundlink.yaml in the current folder."""
    return Path(environment.get(FILE_VARIABLE) or DEFAULT_FILE)


def load(path: Path) -> GroundlinkConfig:
    """Read and check a file; its relative folders are taken from where the file is. Raises ConfigurationError."""
    config = configuration.load(path, GroundlinkConfig)
    base = path.absolute().parent
    return msgspec.structs.replace(
        config,
        keys_folder=base / config.keys_folder.expanduser(),
        log_folder=base / config.log_folder.expanduser(),
        mission=None if config.mission is None else str(mission_path(config.mission, base)),
    )


def mission_path(name: str, base: Path) -> Path:
    """The file that a mission's name or path means: a path from `base`, or a name in the shipped missions folder."""
    as_file = base / Path(name).expanduser()
    shipped = Path(missions.__file__).parent / f"{name}.yaml"
    return shipped if not as_file.is_file() and "/" not in name and shipped.is_file() else as_file


def mission_text(path: Path) -> str:
    """A checked mission file's text, as it goes on the wire. Raises ConfigurationError."""
    text = configuration.read(path)
    missions.parse(text, str(path))
    return text
