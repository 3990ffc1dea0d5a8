"""A recording taken apart: what the autopilot was told, what it said, both by the autopilot's own time since start."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

import msgspec
import numpy as np
from pymavlink.dialects.v20 import development as mavlink

from sitl.tlog import Packet, packets
from wire.errors import ReplayError
from wire.geo import Position

AUTOPILOT = mavlink.MAV_COMP_ID_AUTOPILOT1
LONGEST_S = 4 * 3600.0


class Told(NamedTuple):
    """A packet somebody sent to the autopilot, with its decoded message."""

    t_s: float
    packet: bytes
    message: mavlink.MAVLink_message


class Said(NamedTuple):
    """A message of the autopilot."""

    t_s: float
    message: mavlink.MAVLink_message


class Recording(NamedTuple):
    """`t_s` is the autopilot's time since start, in its own (perhaps faster) seconds; `home` is where it stood then."""

    name: str
    system: int
    home: Position
    told: list[Told]
    said: list[Said]
    parameters: Mapping[str, float] = {}
    """What it was started with, as far as is known."""
    speed: float = 1.0

    @property
    def end_s(self) -> float:
        """When the recording ends."""
        return max(self.said[-1].t_s, self.told[-1].t_s if self.told else 0.0)


def load(path: Path) -> Recording:
    """Read a tlog, packed by gzip or not. NAME.json beside it may tell home, parameters and speed of the start.

    Raises ReplayError when the file cannot be read, or holds no autopilot that tells its time.
    """
    decoded = [(p, message) for p in _packets(path) if (message := _decode(p.data)) is not None]
    system = _system(path, decoded)
    clock = _Clock(path, [(p.unix_s, m) for p, m in decoded if m.get_srcSystem() == system])
    told, said = [], []
    for packet, message in decoded:
        t_s = clock.boot_s(packet.unix_s)
        if (message.get_srcSystem(), message.get_srcComponent()) == (system, AUTOPILOT):
            said.append(Said(t_s, message))
        else:
            told.append(Told(t_s, packet.data, message))
    name = path.name.removesuffix(".gz").removesuffix(".tlog")
    about = _about(path.parent / f"{name}.json")
    return Recording(name, system, about.home or _home(path, said), told, said, about.parameters, about.speed)


def _packets(path: Path) -> list[Packet]:
    try:
        data = path.read_bytes()
        return packets(gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data)
    except gzip.BadGzipFile as error:
        raise ReplayError(f"{path} is damaged: {error}") from None
    except OSError as error:
        raise ReplayError(f"{path} cannot be read: {error.strerror}") from None
    except (EOFError, zlib.error, ValueError) as error:
        raise ReplayError(f"{path} is not a tlog: {error}") from None


def _decode(packet: bytes) -> mavlink.MAVLink_message | None:
    """None for what the dialect does not know, or is damaged."""
    try:
        message = mavlink.MAVLink(None).decode(bytearray(packet))
    except mavlink.MAVError:
        return None
    return None if isinstance(message, mavlink.MAVLink_unknown) else message


def _system(path: Path, decoded: list[tuple[Packet, mavlink.MAVLink_message]]) -> int:
    for _, message in decoded:
        if isinstance(message, mavlink.MAVLink_heartbeat_message) and message.get_srcComponent() == AUTOPILOT:
            return int(message.get_srcSystem())
    raise ReplayError(f"{path} holds no heartbeat of an autopilot: record both directions of its link, from its start")


class _Clock:
    """The recorder's clock against the autopilot's, by the messages that carry time_boot_ms."""

    def __init__(self, path: Path, said: list[tuple[float, mavlink.MAVLink_message]]) -> None:
        pairs = [(unix_s, m.time_boot_ms / 1e3) for unix_s, m in said if getattr(m, "time_boot_ms", 0) > 0]
        if len(pairs) < 2:
            raise ReplayError(f"{path} does not tell the autopilot's time: no message with time_boot_ms")
        self._unix_s, self._boot_s = np.array(pairs).T
        order = np.maximum.accumulate(self._boot_s)
        if self._boot_s[-1] - self._boot_s[0] > LONGEST_S or np.any(order - self._boot_s > 1.0):
            raise ReplayError(f"{path} holds several starts of the autopilot, or hours of it: cut one flight out of it")

    def boot_s(self, unix_s: float) -> float:
        first, last = self._unix_s[0], self._unix_s[-1]
        if unix_s < first:
            return float(self._boot_s[0] - (first - unix_s))
        if unix_s > last:
            return float(self._boot_s[-1] + (unix_s - last))
        return float(np.interp(unix_s, self._unix_s, self._boot_s))


class _About(msgspec.Struct, frozen=True):
    home: Position | None = None
    parameters: dict[str, float] = {}
    speed: float = 1.0


def _about(beside: Path) -> _About:
    try:
        return msgspec.json.decode(beside.read_bytes(), type=_About) if beside.is_file() else _About()
    except (OSError, msgspec.DecodeError) as error:
        raise ReplayError(f"{beside}, beside the recording, cannot be read: {error}") from error


def _home(path: Path, said: list[Said]) -> Position:
    places = []
    for _, message in said:
        if isinstance(message, mavlink.MAVLink_heartbeat_message) and message.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED:
            break
        if isinstance(message, mavlink.MAVLink_global_position_int_message):
            places.append((message.lat / 1e7, message.lon / 1e7, message.alt / 1e3))
    if not places:
        raise ReplayError(f"{path} does not show where the autopilot stood before it was armed: record from its start")
    latitudes, longitudes, altitudes = zip(*places, strict=True)
    return Position(median(latitudes), median(longitudes), median(altitudes))
