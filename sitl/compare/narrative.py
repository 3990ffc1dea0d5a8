"""What a flight looked like from its link: each change with when it can have happened, each answer, the track."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.compare.recording import Said
from wire import geo
from wire.geo import Position


class Place(NamedTuple):
    """A home (third: metres AMSL) or an orbit (third: radius in metres, positive clockwise)."""

    latitude_deg: float
    longitude_deg: float
    third_m: float

    def metres_from(self, other: Place) -> float:
        """How far apart, the larger of horizontally and in the third."""
        here, there = (Position(p.latitude_deg, p.longitude_deg, 0.0) for p in (self, other))
        return max(geo.distance_m(here, there), abs(self.third_m - other.third_m))


Value = bool | int | str | Place | tuple[int, int] | None
ORBIT_OVER_S = 1.5
"""ORBIT_EXECUTION_STATUS comes at 5 Hz (2 Hz to a ground station) while an orbit is flown; later than this it is over."""
PREARM = 0x10000000
FIX_3D: int = mavlink.GPS_FIX_TYPE_3D_FIX
TEXT_CHUNK = 50
STOPPED_S = 5.0
"""A stream of positions that ends so long before another one was stopped."""
SAME_PLACE_M = 1.5
"""A home or an orbit's centre that is recorded this little elsewhere has not moved: the estimator has."""


class Change(NamedTuple):
    """Something took a value after `after_s`, when the one before was last seen, and not later than `by_s`."""

    what: str
    value: Value
    after_s: float
    by_s: float


class Point(NamedTuple):
    """Of the local origin: metres north, east and down; horizontal speed in m/s."""

    t_s: float
    north_m: float
    east_m: float
    down_m: float
    speed_m_s: float


class Narrative(NamedTuple):
    """`changes` by what changed, in order; `answers` are acknowledgements, in order, whatever they answer."""

    changes: dict[str, list[Change]]
    answers: list[Change]
    texts: list[Change]
    track: list[Point]


def tell(said: Iterable[Said]) -> Narrative:
    """The story in an autopilot's messages."""
    teller = Teller()
    for t_s, message in said:
        teller.hear(t_s, message)
    return teller.narrative()


def _heartbeat(m: mavlink.MAVLink_heartbeat_message) -> list[tuple[str, Value]]:
    mode = f"{m.custom_mode >> 16 & 0xFF}.{m.custom_mode >> 24}"
    armed = bool(m.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)
    return [("armed", armed), ("mode", mode), ("system status", m.system_status)]


STATES: dict[str, Callable[..., list[tuple[str, Value]]]] = {
    "HEARTBEAT": _heartbeat,
    "EXTENDED_SYS_STATE": lambda m: [("landed state", m.landed_state)],
    "SYS_STATUS": lambda m: [("ready to arm", bool(m.onboard_control_sensors_health & PREARM))],
    "BATTERY_STATUS": lambda m: [("battery", m.charge_state)],
    "GPS_RAW_INT": lambda m: [("satellite fix", m.fix_type >= FIX_3D)],
    "HOME_POSITION": lambda m: [("home", Place(m.latitude / 1e7, m.longitude / 1e7, m.altitude / 1e3))],
    "ORBIT_EXECUTION_STATUS": lambda m: [("orbit", Place(m.x / 1e7, m.y / 1e7, m.radius))],
    "MISSION_CURRENT": lambda m: [("mission item", m.seq)],
}
ANSWERS: dict[str, Callable[..., Value]] = {
    "COMMAND_ACK": lambda m: (m.command, m.result),
    "MISSION_ACK": lambda m: (m.mission_type, m.type),
}
OTHERS = ("STATUSTEXT", "LOCAL_POSITION_NED", "GLOBAL_POSITION_INT", "MISSION_REQUEST", "MISSION_REQUEST_INT")
WATCHED = (*STATES, *ANSWERS, *OTHERS)
"""The messages a story is told from."""


def _same(one: Value, other: Value) -> bool:
    if isinstance(one, Place) and isinstance(other, Place):
        return one.metres_from(other) <= SAME_PLACE_M
    return one == other


class Teller:
    """Hears message by message."""

    def __init__(self) -> None:
        self._changes: dict[str, list[Change]] = {}
        self._last: dict[str, tuple[float, Value]] = {}
        self._answers: list[Change] = []
        self._texts: list[Change] = []
        self._pieces: dict[int, str] = {}
        self._track: list[Point] = []
        self._places: list[tuple[float, Position, float]] = []
        self._parked: Position | None = None

    @property
    def answered(self) -> int:
        """How many answers were heard: what a sender waits for before it goes on."""
        return len(self._answers)

    def hear(self, t_s: float, message: mavlink.MAVLink_message) -> None:
        """The next message, never older than the last."""
        kind = message.get_type()
        self._orbit_over(t_s)
        if kind in STATES:
            for what, value in STATES[kind](message):
                self._note(t_s, what, value)
        elif kind in ANSWERS:
            self._answers.append(Change(kind, ANSWERS[kind](message), t_s, t_s))
        elif kind == "STATUSTEXT":
            self._text(t_s, message)
        elif kind == "LOCAL_POSITION_NED":
            self._track.append(Point(t_s, message.x, message.y, message.z, (message.vx**2 + message.vy**2) ** 0.5))
        elif kind == "GLOBAL_POSITION_INT":
            self._place(t_s, message)

    def _place(self, t_s: float, message: mavlink.MAVLink_global_position_int_message) -> None:
        here = Position(message.lat / 1e7, message.lon / 1e7, message.alt / 1e3)
        self._places.append((t_s, here, (message.vx**2 + message.vy**2) ** 0.5 / 100))
        if self._parked is None or len(self._changes.get("armed", [])) < 2:  # it has not been armed yet
            self._parked = here

    def _note(self, t_s: float, what: str, value: Value) -> None:
        """Compared with the first of its kind: a drift adds up."""
        known = self._last.get(what)
        if known is not None and _same(known[1], value):
            self._last[what] = (t_s, known[1])
            return
        self._changes.setdefault(what, []).append(Change(what, value, t_s if known is None else known[0], t_s))
        self._last[what] = (t_s, value)

    def _orbit_over(self, t_s: float) -> None:
        last = self._last.get("orbit")
        if last is not None and last[1] is not None and t_s - last[0] > ORBIT_OVER_S:
            self._changes["orbit"].append(Change("orbit", None, last[0], last[0] + ORBIT_OVER_S))
            self._last["orbit"] = (t_s, None)

    def _text(self, t_s: float, message: mavlink.MAVLink_statustext_message) -> None:
        whole = self._pieces.pop(message.id, "") + message.text
        if message.id and len(message.text) == TEXT_CHUNK:
            self._pieces[message.id] = whole
            return
        words = re.sub(r"\d+(\.\d+)?", "#", whole.rstrip("\t"))
        self._texts.append(Change("text", f"{message.severity} {words}", t_s, t_s))

    def narrative(self) -> Narrative:
        """What was heard so far."""
        return Narrative(self._changes, self._answers, self._texts, self._told_track())

    def _told_track(self) -> list[Point]:
        """By LOCAL_POSITION_NED; where that stops, as flight lets it, by GLOBAL_POSITION_INT from where it stood disarmed."""
        last_s = self._track[-1].t_s if self._track else -math.inf
        if self._parked is None or self._places[-1][0] - last_s < STOPPED_S:
            return self._track
        return [
            Point(t_s, *geo.ned_between(self._parked, place), speed_m_s)  # PX4's local frame begins there, too
            for t_s, place, speed_m_s in self._places
        ]
