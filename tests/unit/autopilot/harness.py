"""A companion computer in simulated time: sends to the autopilot's onboard link and writes down what changes."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.wind import Wind
from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol.links import STREAM_OFF, LinkName
from wire.geo import Position

HOME = Position(48.8584, 2.2945, 35.0)
NAN = math.nan
STEP_S = 0.02
WATCHED = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE,
    mavlink.MAVLINK_MSG_ID_COMMAND_ACK,
    mavlink.MAVLINK_MSG_ID_STATUSTEXT,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION,
    mavlink.MAVLINK_MSG_ID_ORBIT_EXECUTION_STATUS,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT,
    mavlink.MAVLINK_MSG_ID_MISSION_ITEM_REACHED,
    mavlink.MAVLINK_MSG_ID_MISSION_ACK,
}
PREARM = 0x10000000
FOLDER = Path(__file__).resolve().parents[4] / "shared" / "px4" / "recordings"
"""Recordings of a real PX4, if they are there."""


def _heartbeat(m: mavlink.MAVLink_heartbeat_message) -> list[tuple[str, object]]:
    mode = f"{m.custom_mode >> 16 & 0xFF}.{m.custom_mode >> 24}"
    return [("armed", bool(m.base_mode & 128)), ("mode", mode), ("system_status", m.system_status)]


STATES: dict[str, Callable[..., list[tuple[str, object]]]] = {
    "HEARTBEAT": _heartbeat,
    "MISSION_CURRENT": lambda m: [("item_current", m.seq)],
    "MISSION_ITEM_REACHED": lambda m: [("item_reached", m.seq)],
    "EXTENDED_SYS_STATE": lambda m: [("landed_state", m.landed_state)],
    "ORBIT_EXECUTION_STATUS": lambda m: [("orbit", (m.radius, m.x, m.y))],
    "BATTERY_STATUS": lambda m: [("charge_state", m.charge_state)],
    "SYS_STATUS": lambda m: [("prearm_ok", bool(m.onboard_control_sensors_health & PREARM))],
    "HOME_POSITION": lambda m: [("home", (m.latitude / 1e7, m.longitude / 1e7, m.altitude / 1e3))],
}


class Seen(NamedTuple):
    """Something changed at a time: what, and to which value."""

    t_s: float
    what: str
    now: object


def message_id(datagram: bytes) -> int:
    """The id of the one message in a MAVLink 2 datagram."""
    return int.from_bytes(datagram[7:10], "little")


class Companion:
    """Component 1/191 on the onboard link; `gcs` and `alive` say which heartbeats go out."""

    def __init__(
        self,
        *,
        seed: int = 1,
        parameters: Mapping[str, float] | None = None,
        wind: Wind | None = None,
        double_mode_ack: bool = True,
    ) -> None:
        self.autopilot = Autopilot(
            seed=seed,
            home=HOME,
            parameters=parameters,
            wind=wind,
            double_mode_ack=double_mode_ack,
        )
        self.alive, self.gcs = True, False
        self.seen: list[Seen] = []
        self.texts: list[tuple[float, int, str]] = []
        self.acks: list[tuple[float, int, int]] = []
        self.track: list[tuple[float, float, float, float, float]] = []
        self.messages: list[mavlink.MAVLink_message] = []
        self.stream: list[tuple[float, mavlink.MAVLink_message]] = []  # to be sent at these times
        self.watched = set(WATCHED)
        for link in self.autopilot.links.values():  # what is not looked at need not be packed
            for number in link.default_rates_hz:
                if number not in WATCHED or link.name is not LinkName.ONBOARD:
                    link.set_interval(number, STREAM_OFF, 0.0)
        self._state: dict[str, object] = {}
        self._mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=191)
        self._ground = mavlink.MAVLink(None, srcSystem=255, srcComponent=190)
        self._parser = mavlink.MAVLink(None)
        self._next_heartbeat_s = 0.0

    @property
    def now_s(self) -> float:
        return self.autopilot.now_s

    def watch(self, number: int) -> None:
        """Look at another message of the onboard link."""
        link = self.autopilot.links[LinkName.ONBOARD]
        link.set_interval(number, 1.0 / link.default_rates_hz[number], self.now_s)
        self.watched.add(number)

    def send(self, message: mavlink.MAVLink_message, link: LinkName = LinkName.ONBOARD) -> None:
        self.autopilot.receive(link, message.pack(self._mav))

    def long(self, command: int, *params: float, component: int = 1) -> None:
        values = (*params, *([0.0] * (7 - len(params))))
        self.send(mavlink.MAVLink_command_long_message(1, component, command, 0, *values))

    def int(self, command: int, first: list[float], place: tuple[int, int, float], *, frame: int = 0) -> None:
        self.send(mavlink.MAVLink_command_int_message(1, 1, frame, command, 0, 0, *first, *place))

    def set_parameter(self, name: str, value: float) -> None:
        self.autopilot.parameters[name] = value

    def run(self, duration_s: float) -> None:
        self.run_until(self.now_s + duration_s)

    def run_until(self, t_s: float) -> None:
        while self.now_s < t_s - 1e-6:
            self._heartbeats()
            while self.stream and self.stream[0][0] <= self.now_s:
                self.send(self.stream.pop(0)[1])
            for link, data in self.autopilot.step(STEP_S):
                if link is LinkName.ONBOARD and message_id(data) in self.watched:
                    self._take(self._parser.decode(bytearray(data)))
            n, e, d = self.autopilot.pilot.flight.estimate.position_m
            self.track.append((self.now_s, n, e, d, self.autopilot.pilot.flight.estimate.velocity_m_s.horizontal))

    def _heartbeats(self) -> None:
        if self.now_s < self._next_heartbeat_s:
            return
        self._next_heartbeat_s += 1.0
        if self.alive:
            self.send(mavlink.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3))
        if self.gcs:
            heartbeat = mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 4, 3)
            self.autopilot.receive(LinkName.ONBOARD, heartbeat.pack(self._ground))

    def _take(self, message: mavlink.MAVLink_message) -> None:
        self.messages.append(message)
        kind = message.get_type()
        if kind == "COMMAND_ACK":
            self.acks.append((self.now_s, message.command, message.result))
        elif kind == "STATUSTEXT":
            self.texts.append((self.now_s, message.severity, message.text))
        else:
            for what, now in STATES[kind](message) if kind in STATES else ():
                self._note(what, now)

    def _note(self, what: str, now: object) -> None:
        if self._state.get(what) != now:
            self._state[what] = now
            self.seen.append(Seen(self.now_s, what, now))

    def changes(self, what: str) -> list[object]:
        """The values something has taken, in order."""
        return [seen.now for seen in self.seen if seen.what == what]

    def state(self, what: str) -> object:
        """Its present value, None before it was seen."""
        return self._state.get(what)
