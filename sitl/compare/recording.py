"""A recording taken apart: what the autopilot was told, what it said, both by the autopilot's own time since start."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import NamedTuple

import numpy as np
from pymavlink.dialects.v20 import development as mavlink

from sitl.compare import started
from sitl.compare.file import ASTRAY_S, read
from sitl.tlog import Packet
from wire.errors import ReplayError
from wire.geo import Position

AUTOPILOT = mavlink.MAV_COMP_ID_AUTOPILOT1
LONGEST_S = 4 * 3600.0
SILENT_S = 60.0
PX4 = (mavlink.MAV_AUTOPILOT_PX4,)
MULTICOPTERS = (
    mavlink.MAV_TYPE_QUADROTOR,
    mavlink.MAV_TYPE_COAXIAL,
    mavlink.MAV_TYPE_TRICOPTER,
    mavlink.MAV_TYPE_HEXAROTOR,
    mavlink.MAV_TYPE_OCTOROTOR,
    mavlink.MAV_TYPE_DODECAROTOR,
    mavlink.MAV_TYPE_DECAROTOR,
)
TOO_LONG = "{0} holds several starts of the autopilot, or hours of it: cut one flight out of it"
ONE_WAY = "in it nothing{0} is told to the autopilot: if it flew, the other direction of its link was not recorded"


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
    doubts: tuple[str, ...] = ()
    """What of the file was left out, or seems to be missing: a sentence each."""

    @property
    def end_s(self) -> float:
        """When the recording ends; of what is told to an autopilot that says no more, a minute counts."""
        last_s = max(one.t_s for one in self.said)
        return max(last_s, min(max(one.t_s for one in self.told), last_s + SILENT_S) if self.told else last_s)


def load(path: Path) -> Recording:
    """Read a tlog, packed by gzip or not. NAME.json beside it may tell home, parameters and speed of the start.

    Raises ReplayError when the file cannot be read, or holds no PX4 multicopter that tells its time.
    """
    packets, doubts = read(path)
    whole = [(p, message) for p in packets if (message := _decode(p.data)) is not None]
    if len(whole) < len(packets):
        doubts.append(f"{len(packets) - len(whole)} of {len(packets)} packets are damaged and were left out")
    decoded = [(p, message) for p, message in whole if not isinstance(message, mavlink.MAVLink_unknown)]
    system = _system(path, decoded)
    clock = _Clock(path, [(p.unix_s, m) for p, m in decoded if m.get_srcSystem() == system])
    told, said = [], []
    for packet, message in decoded:
        t_s = clock.boot_s(packet.unix_s)
        if (message.get_srcSystem(), message.get_srcComponent()) == (system, AUTOPILOT):
            said.append(Said(t_s, message))
        else:
            told.append(Told(t_s, packet.data, message))
    if max(one.t_s for one in said) - min(one.t_s for one in said) > LONGEST_S:
        raise ReplayError(TOO_LONG.format(path))
    if all(isinstance(one.message, mavlink.MAVLink_heartbeat_message) for one in told):
        doubts.append(ONE_WAY.format(" but heartbeats" if told else ""))
    name = path.name.removesuffix(".gz").removesuffix(".tlog")
    about = started.load(path.parent / f"{name}.json")
    home = about.home or _home(path, said)
    return Recording(name, system, home, told, said, about.parameters, about.speed, tuple(doubts))


def _decode(packet: bytes) -> mavlink.MAVLink_message | None:
    """None for what is damaged."""
    try:
        return mavlink.MAVLink(None).decode(bytearray(packet))
    except mavlink.MAVError:
        return None


def _system(path: Path, decoded: list[tuple[Packet, mavlink.MAVLink_message]]) -> int:
    for _, message in decoded:
        if isinstance(message, mavlink.MAVLink_heartbeat_message) and message.get_srcComponent() == AUTOPILOT:
            _check_kind(path, message)
            return int(message.get_srcSystem())
    raise ReplayError(f"{path} holds no heartbeat of an autopilot: record both directions of its link, from its start")


def _check_kind(path: Path, beat: mavlink.MAVLink_heartbeat_message) -> None:
    """Raises ReplayError for what is no PX4 multicopter: it flies otherwise, and means other modes by the same numbers."""
    for enum, value, right in (("MAV_AUTOPILOT", beat.autopilot, PX4), ("MAV_TYPE", beat.type, MULTICOPTERS)):
        if value not in right:
            known = mavlink.enums[enum].get(value)
            kind = f"{enum} {value}" if known is None else known.name
            raise ReplayError(f"{path} is of another vehicle ({kind} by its heartbeat): only a PX4 multicopter can be compared")


class _Clock:
    """The recorder's clock against the autopilot's, by the messages that carry time_boot_ms."""

    def __init__(self, path: Path, said: list[tuple[float, mavlink.MAVLink_message]]) -> None:
        pairs = [(unix_s, m.time_boot_ms / 1e3) for unix_s, m in said if getattr(m, "time_boot_ms", 0) > 0]
        if len(pairs) < 2:
            raise ReplayError(f"{path} does not tell the autopilot's time: no message with time_boot_ms")
        self._unix_s, self._boot_s = np.array(pairs).T
        order = np.maximum.accumulate(self._boot_s)
        if self._boot_s[-1] - self._boot_s[0] > LONGEST_S or np.any(order - self._boot_s > 1.0):
            raise ReplayError(TOO_LONG.format(path))
        if np.any(np.maximum.accumulate(self._unix_s) - self._unix_s > ASTRAY_S):
            raise ReplayError(f"{path}: the recorder's clock was set back in it: cut one flight out of it")

    def boot_s(self, unix_s: float) -> float:
        first, last = self._unix_s[0], self._unix_s[-1]
        if unix_s < first:
            return float(self._boot_s[0] - (first - unix_s))
        if unix_s > last:
            return float(self._boot_s[-1] + (unix_s - last))
        return float(np.interp(unix_s, self._unix_s, self._boot_s))


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
