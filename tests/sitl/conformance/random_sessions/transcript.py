"""What an autopilot said in a session, boiled down to what two autopilots should agree on."""

from __future__ import annotations

import math
import re
import struct
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol import dialect
from tests.sitl.conformance.log import Log, Seen, Words
from tests.sitl.conformance.vehicle import Vehicle

WINDOW_S = 10.0
_TIME = re.compile(r"\d+-\d+-\d+/\d+_\d+_\d+")
_LOG_BEGUN = 0x01125BEF


class Entry(NamedTuple):
    """Something that was said, `t_s` after the session began."""

    t_s: float
    what: str
    value: Any


class Fix(NamedTuple):
    """Where it was: metres from the start."""

    t_s: float
    north_m: float
    east_m: float
    up_m: float


class Transcript(NamedTuple):
    """`said` holds, by subject, what came; `rates` how many of each message number on a link in each WINDOW_S."""

    said: dict[str, list[Entry]]
    rates: dict[tuple[str, int], Counter[int]]
    track: list[Fix]


EACH = (
    *("COMMAND_ACK", "MISSION_ACK", "MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_COUNT", "MISSION_ITEM_INT"),
    *("MISSION_ITEM", "MISSION_ITEM_REACHED", "PARAM_VALUE", "MESSAGE_INTERVAL", "AUTOPILOT_VERSION", "COMMAND_LONG"),
    *("GPS_GLOBAL_ORIGIN", "AVAILABLE_MODES", "GIMBAL_MANAGER_INFORMATION"),
)
"""Every single one of these counts."""
_LEFT_OUT = {"PARAM_VALUE": ("param_count", "param_index"), "AUTOPILOT_VERSION": ("uid", "uid2", "flight_custom_version")}
_LEFT_OUT["AUTOPILOT_VERSION"] += ("os_custom_version", "os_sw_version", "middleware_custom_version", "board_version")


def _rounded(value: Any) -> Any:
    if isinstance(value, float):
        return "nan" if math.isnan(value) else float(f"{value:.6g}")
    return tuple(map(_rounded, value)) if isinstance(value, list) else value


def _fields(message: Any) -> tuple[Any, ...]:
    left_out = _LEFT_OUT.get(message.get_type(), ())
    return tuple((name, _rounded(getattr(message, name))) for name in message.fieldnames if name not in left_out)


@dataclass(frozen=True, eq=False)
class Near:
    """Numbers that are the same when each is no further from the other's than the second of its pair; NaN is NaN."""

    pairs: tuple[tuple[float, float], ...]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Near) and all(
            _near(a, b, most) for (a, most), (b, _) in zip(self.pairs, other.pairs, strict=True)
        )

    def __hash__(self) -> int:
        return len(self.pairs)

    def __str__(self) -> str:
        return " ".join(f"{value:.8g}" for value, _ in self.pairs)


def _near(a: float, b: float, most: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or abs(a - b) <= most


def _home(m: Any) -> Near:
    yaw = math.degrees(2 * math.atan2(m.q[3], m.q[0]))
    return Near(((m.latitude, 600), (m.longitude, 900), (m.altitude / 1e3, 5), (m.x, 6), (m.y, 6), (m.z, 5), (yaw, 20)))


def _orbit(m: Any) -> Near:
    return Near(((m.radius, 0.5), (m.frame, 0), (m.x, 300), (m.y, 400), (m.z, 3)))


CHANGES: dict[str, Callable[[Any], object]] = {
    "HEARTBEAT": lambda m: (m.custom_mode >> 16 & 255, m.custom_mode >> 24, m.base_mode, m.system_status),
    "CURRENT_MODE": lambda m: (m.standard_mode, m.custom_mode, m.intended_custom_mode),
    "EXTENDED_SYS_STATE": lambda m: m.landed_state,
    "SYS_STATUS": lambda m: tuple(
        f"{word:#x}"
        for word in (m.onboard_control_sensors_present, m.onboard_control_sensors_enabled, m.onboard_control_sensors_health)
    ),
    "GPS_RAW_INT": lambda m: m.fix_type,
    "BATTERY_STATUS": lambda m: (m.charge_state, m.fault_bitmask, m.mode),
    "GIMBAL_MANAGER_STATUS": lambda m: _fields(m)[1:],
    "ORBIT_EXECUTION_STATUS": _orbit,
    "HOME_POSITION": _home,
    "MISSION_CURRENT": lambda m: m.seq,
    "POSITION_TARGET_LOCAL_NED": lambda m: (m.coordinate_frame, m.type_mask),
    "POSITION_TARGET_GLOBAL_INT": lambda m: (m.coordinate_frame, m.type_mask),
    "ATTITUDE_TARGET": lambda m: m.type_mask,
}
"""Of these what changes."""


def of(vehicle: Vehicle, start_s: float) -> Transcript:
    """What it said on both links since a time."""
    said: dict[str, list[Entry]] = {}
    rates: dict[tuple[str, int], Counter[int]] = {}
    for name, log in (("onboard", vehicle.onboard), ("gcs", vehicle.gcs)):
        for kind in EACH:
            said[f"{name} {kind}"] = [Entry(s.t_s - start_s, kind, _fields(s.message)) for s in log.of(kind, start_s)]
        for kind, value in CHANGES.items():
            said[f"{name} {kind}"] = _changes(log.of(kind, start_s), kind, value, start_s)
        said[f"{name} TIMESYNC"] = [
            Entry(s.t_s - start_s, "TIMESYNC", s.message.ts1) for s in log.of("TIMESYNC", start_s) if s.message.tc1 != 0
        ]
        said[f"{name} PING"] = [
            Entry(s.t_s - start_s, "PING", _fields(s.message)) for s in log.of("PING", start_s) if s.message.target_system != 0
        ]
        said[f"{name} EVENT"] = _events(log, start_s)
        said[f"{name} STATUSTEXT"] = [
            Entry(t.t_s - start_s, "STATUSTEXT", (t.severity, _TIME.sub("#", t.words))) for t in _texts(log, start_s)
        ]
        said[f"{name} MISSION_CURRENT raw"] = _plans(log, start_s)
        for frame in log.frames:
            if frame.t_s >= start_s and frame.source == (vehicle.system, 1):
                rates.setdefault((name, frame.number), Counter())[int((frame.t_s - start_s) / WINDOW_S)] += 1
    return Transcript(said, rates, _track(vehicle, start_s))


def _texts(log: Log, start_s: float) -> Iterable[Words]:
    return [text for text in log.texts if text.t_s >= start_s]


def _changes(seen: list[Seen], kind: str, value: Callable[[Any], object], start_s: float) -> list[Entry]:
    found: list[Entry] = []
    for t_s, message in seen:
        now = value(message)
        if not found or found[-1].value != now:
            found.append(Entry(t_s - start_s, kind, now))
    return found


def _plans(log: Log, start_s: float) -> list[Entry]:
    """MISSION_CURRENT's fields that the dialect does not know."""
    found: list[Entry] = []
    for frame in log.raw(mavlink.MAVLINK_MSG_ID_MISSION_CURRENT, start_s):
        value = struct.unpack("<HHBBIII", frame.payload.ljust(18, b"\0"))
        if not found or found[-1].value != value:
            found.append(Entry(frame.t_s - start_s, "MISSION_CURRENT raw", value))
    return found


def _events(log: Log, start_s: float) -> list[Entry]:
    found = []
    for frame in log.raw(dialect.EVENT.number, start_s):
        event = dialect.read(frame.data)
        assert event is not None
        arguments = "" if event.id == _LOG_BEGUN else event.arguments.rstrip(b"\0").hex()
        found.append(Entry(frame.t_s - start_s, "EVENT", (f"{event.id:#010x}", event.log_levels, arguments)))
    return found


def _track(vehicle: Vehicle, start_s: float) -> list[Fix]:
    found: list[Fix] = []
    for t_s, m in vehicle.onboard.of("GLOBAL_POSITION_INT", start_s):
        if not found or t_s - start_s >= found[-1].t_s + 1.0:
            north = (m.lat / 1e7 - vehicle.origin.latitude_deg) * 111194.9
            east = (m.lon / 1e7 - vehicle.origin.longitude_deg) * 111194.9 * math.cos(math.radians(m.lat / 1e7))
            found.append(Fix(t_s - start_s, north, east, m.alt / 1e3 - vehicle.origin.altitude_amsl_m))
    return found
