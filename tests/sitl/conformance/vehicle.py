"""A vehicle in the hands of a test case: who talks to it, how time passes, what it was seen to do; for both autopilots."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable, Sequence
from typing import Any

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.parameters import Parameters, ParameterType
from sitl.autopilot.protocol.links import LinkName
from tests.sitl.conformance.backend import Backend
from tests.sitl.conformance.log import Log, Words
from wire.geo import Ned, Position, ned_between, offset

NAN = math.nan
TICK_S = 0.02
BOOT_S = 20.0
ACK_S = 2.0  # PX4's threads are not in lockstep with its clock
SETTLE_S = 20.0
PREARM = 0x10000000
ARMED = 128
MODES = {
    "MANUAL": (1, 0),
    "ALTCTL": (2, 0),
    "POSCTL": (3, 0),
    "ORBIT": (3, 1),
    "TAKEOFF": (4, 2),
    "LOITER": (4, 3),
    "MISSION": (4, 4),
    "RTL": (4, 5),
    "LAND": (4, 6),
    "FOLLOW": (4, 8),
    "PRECLAND": (4, 9),
    "ACRO": (5, 0),
    "OFFBOARD": (6, 0),
    "STABILIZED": (7, 0),
    "TERMINATION": (10, 0),
}
"""DO_SET_MODE's parameters 2 and 3, which are HEARTBEAT's custom_mode >> 16 & 255 and >> 24 as well."""
_NAME_OF = {pair: name for name, pair in MODES.items()}
_TYPES = Parameters()


class Station:
    """A component that talks to the vehicle over one link. Set `heartbeats` to start or stop its heartbeats (1 Hz)."""

    def __init__(self, vehicle: Vehicle, link: LinkName, identity: tuple[int, int], kind: int, *, heartbeats: bool) -> None:
        self.link, self.identity, self.kind, self.heartbeats = link, identity, kind, heartbeats
        self._vehicle = vehicle
        self._mav = mavlink.MAVLink(None, *identity)
        self._next_s = 0.0
        self._settled = 0

    @property
    def log(self) -> Log:
        """What comes in on its link."""
        return self._vehicle.logs[self.link]

    def beat(self, now_s: float) -> None:
        """Send the heartbeat that is due, if any."""
        if self.heartbeats and now_s >= self._next_s:
            self._next_s = max(self._next_s + 1.0, now_s)
            self.send(mavlink.MAVLink_heartbeat_message(self.kind, mavlink.MAV_AUTOPILOT_INVALID, 0, 0, 4, 3))

    def send(self, message: mavlink.MAVLink_message) -> None:
        """Send a message."""
        self.send_bytes(message.pack(self._mav))

    def send_bytes(self, data: bytes) -> None:
        """Send a datagram."""
        self._vehicle.backend.send(self.link, bytes(data))

    def long(self, command: int, *params: float, component: int = 1, confirmation: int = 0) -> None:
        """Send a COMMAND_LONG; parameters left out are 0."""
        values = (*params, *([0.0] * (7 - len(params))))
        self.send(mavlink.MAVLink_command_long_message(self._vehicle.system, component, command, confirmation, *values))

    def placed(self, command: int, first: Sequence[float], place: Position | tuple[int, int, float], *, frame: int = 0) -> None:
        """Send a COMMAND_INT with parameters 1 to 4 and a place: geodetic, or x, y, z as they are sent."""
        if isinstance(place, Position):
            place = (round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7), place.altitude_amsl_m)
        self.send(mavlink.MAVLink_command_int_message(self._vehicle.system, 1, frame, command, 0, 0, *first, *place))

    def results(self, command: int, since_s: float) -> list[int]:
        """What the vehicle acknowledged a command with to this station since a time, in order."""
        acks = [seen.message for seen in self.log.of("COMMAND_ACK", since_s)]
        mine = [a for a in acks if a.command == command and (a.target_system, a.target_component) in (self.identity, (0, 0))]
        return [a.result for a in mine]

    def answers(self, command: int, *params: float, within_s: float = 0.5, component: int = 1) -> list[int]:
        """Send a COMMAND_LONG; all results that come within a time: none is silence, DO_SET_MODE brings two."""
        since_s = self._vehicle.mark()
        self.long(command, *params, component=component)
        self._vehicle.run(within_s)
        self.settle()
        return self.results(command, since_s)

    def settle(self) -> None:
        """Wait until the vehicle has read all that was sent to it on this link: PX4's threads may lag behind its clock."""
        number = self._settled = self._settled + 1
        since_s = self._vehicle.mark()
        self.send(mavlink.MAVLink_timesync_message(0, number))
        self._vehicle.until(
            lambda: any(s.message.ts1 == number and s.message.tc1 for s in self.log.of("TIMESYNC", since_s)), SETTLE_S, "echo"
        )

    def answer(self, command: int, *params: float) -> int:
        """Send a COMMAND_LONG; its first result. AssertionError if none comes within ACK_S."""
        since_s = self._vehicle.mark()
        self.long(command, *params)
        return self.first_result(command, since_s)

    def answer_placed(self, command: int, first: Sequence[float], place: Position | tuple[int, int, float]) -> int:
        """Send a COMMAND_INT; its first result."""
        since_s = self._vehicle.mark()
        self.placed(command, first, place)
        return self.first_result(command, since_s)

    def first_result(self, command: int, since_s: float) -> int:
        """Wait for the first result of a command that was sent at a time."""
        self._vehicle.until(lambda: bool(self.results(command, since_s)), ACK_S, f"acknowledgement of {command}")
        return self.results(command, since_s)[0]

    def request(self, message: int) -> int:
        """MAV_CMD_REQUEST_MESSAGE; its result."""
        return self.answer(mavlink.MAV_CMD_REQUEST_MESSAGE, message)


class Vehicle:
    """`companion` is component 191 of the vehicle on the onboard link, `ground` is 255/190 on the ground station link.

    All times are seconds of the autopilot's own clock since its start. `origin` is where that was. `changed` collects
    parameters that were set.
    """

    def __init__(self, backend: Backend, origin: Position, *, companion: bool = True, ground: bool = True) -> None:
        self.backend, self.origin = backend, origin
        self.system, self.real = backend.system, backend.real
        self.logs = {link: Log((self.system, 1)) for link in (LinkName.ONBOARD, LinkName.GCS)}
        self.stations: list[Station] = []
        self.companion = self.station(LinkName.ONBOARD, (self.system, 191), mavlink.MAV_TYPE_ONBOARD_CONTROLLER, companion)
        self.ground = self.station(LinkName.GCS, (255, 190), mavlink.MAV_TYPE_GCS, ground)
        self.changed: dict[str, float] = {}
        self._newest_s = 0.0

    def station(self, link: LinkName, identity: tuple[int, int], kind: int, heartbeats: bool = True) -> Station:
        """Somebody else who talks to it: MAV_TYPE `kind`, system and component `identity`."""
        station = Station(self, link, identity, kind, heartbeats=heartbeats)
        self.stations.append(station)
        return station

    # Time

    @property
    def now_s(self) -> float:
        return self.backend.now_s

    def run(self, duration_s: float) -> None:
        """Let time pass."""
        until_s = self.now_s + duration_s
        while self.now_s < until_s - 1e-6:
            self._tick()

    def until(self, condition: Callable[[], object], within_s: float, what: str) -> float:
        """Let time pass until a condition holds; how long it took. AssertionError after within_s, with what was seen."""
        start_s = self.now_s
        while not condition():
            assert self.now_s - start_s < within_s, f"no {what} within {within_s:g} s: {self.summary()}"
            self._tick()
        return self.now_s - start_s

    def mark(self) -> float:
        """A time later than all that was received so far, to look at what comes from now on."""
        return math.nextafter(self._newest_s, math.inf)

    def _tick(self) -> None:
        for station in self.stations:
            station.beat(self.now_s)
        for t_s, link, data in self.backend.advance(TICK_S):
            if link in self.logs:
                self._newest_s = max(t_s, math.nextafter(self._newest_s, math.inf))  # no two at the same time: see mark
                self.logs[link].add(self._newest_s, data)

    # What is seen

    @property
    def onboard(self) -> Log:
        """What comes in on the onboard link."""
        return self.logs[LinkName.ONBOARD]

    @property
    def gcs(self) -> Log:
        """What comes in on the ground station link."""
        return self.logs[LinkName.GCS]

    @property
    def texts(self) -> list[Words]:
        """What it said to the ground station."""
        return self.gcs.texts

    def said(self, words: str, since_s: float = 0.0) -> bool:
        """Whether it said something with these words in it since a time."""
        return any(words in text.words for text in self.texts if text.t_s >= since_s)

    @property
    def mode(self) -> str:
        """The mode HEARTBEAT shows: a name of MODES."""
        return mode_name(self.onboard.last("HEARTBEAT"))

    @property
    def armed(self) -> bool:
        return bool(self.onboard.last("HEARTBEAT").base_mode & ARMED)

    @property
    def status(self) -> int:
        """HEARTBEAT.system_status."""
        return int(self.onboard.last("HEARTBEAT").system_status)

    @property
    def landed_state(self) -> int:
        """EXTENDED_SYS_STATE: 1 on ground, 2 in air, 3 taking off, 4 landing."""
        return int(self.onboard.last("EXTENDED_SYS_STATE").landed_state)

    @property
    def ready(self) -> bool:
        """Whether it could be armed now."""
        healthy = self.onboard.has("SYS_STATUS") and self.onboard.last("SYS_STATUS").onboard_control_sensors_health & PREARM
        return bool(healthy) and self.onboard.has("HEARTBEAT") and self.status == mavlink.MAV_STATE_STANDBY

    @property
    def position(self) -> Position:
        """GLOBAL_POSITION_INT."""
        here = self.onboard.last("GLOBAL_POSITION_INT")
        return Position(here.lat / 1e7, here.lon / 1e7, here.alt / 1e3)

    @property
    def velocity_m_s(self) -> Ned:
        """GLOBAL_POSITION_INT, north, east, down."""
        here = self.onboard.last("GLOBAL_POSITION_INT")
        return Ned(here.vx / 100, here.vy / 100, here.vz / 100)

    @property
    def speed_m_s(self) -> float:
        """Over ground."""
        velocity = self.velocity_m_s
        return math.hypot(velocity.north_m, velocity.east_m)

    @property
    def home(self) -> Position:
        """HOME_POSITION."""
        home = self.onboard.last("HOME_POSITION")
        return Position(home.latitude / 1e7, home.longitude / 1e7, home.altitude / 1e3)

    @property
    def height_m(self) -> float:
        """Above where it started: AMSL altitude less that of the start."""
        return self.position.altitude_amsl_m - self.origin.altitude_amsl_m

    def place(self, north_m: float, east_m: float, up_m: float) -> Position:
        """A place as seen from where it started."""
        return offset(self.origin, Ned(north_m, east_m, -up_m))

    def away(self, place: Position) -> Ned:
        """How far it is from a place: metres north, east, down."""
        return ned_between(place, self.position)

    def modes(self, since_s: float = 0.0) -> list[str]:
        """The modes HEARTBEAT showed, in order, each once."""
        names = [mode_name(seen.message) for seen in self.onboard.of("HEARTBEAT", since_s)]
        return [name for at, name in enumerate(names) if at == 0 or names[at - 1] != name]

    def summary(self) -> str:
        """What is known of it, for a failed test."""
        if not self.onboard.has("HEARTBEAT"):
            return f"{self.now_s:.1f} s, no HEARTBEAT yet"
        texts = [f"{t.t_s:.1f} {t.words!r}" for t in self.texts[-6:]]
        state = f"mode {self.mode}, armed {self.armed}, status {self.status}, landed_state {self.landed_state}"
        return f"{self.now_s:.1f} s, {state}, said {texts}"

    # Verbs, from the companion

    def wait_ready(self, within_s: float = BOOT_S) -> None:
        """Until it could be armed."""
        self.until(lambda: self.ready, within_s, "readiness to arm")

    def arm(self) -> None:
        """Arm, and see it."""
        result = self.companion.answer(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 1)
        assert result == 0, f"arming was answered with {result}: {self.summary()}"
        self.until(lambda: self.armed, 1.5, "armed")

    def set_mode(self, name: str) -> None:
        """DO_SET_MODE, and see it in HEARTBEAT."""
        self.companion.long(mavlink.MAV_CMD_DO_SET_MODE, 1, *MODES[name])
        self.until(lambda: self.mode == name, 2.0, f"mode {name}")

    def take_off(self, height_m: float = 10.0) -> None:
        """Arm and climb to a height above the start; returns in LOITER."""
        self.companion.long(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, NAN, NAN, NAN, self.origin.altitude_amsl_m + height_m)
        self.run(0.3)
        self.arm()
        self.until(lambda: self.mode == "LOITER" and self.landed_state == 2, 20.0 + height_m, f"take-off to {height_m:g} m")

    def orbit(self, radius_m: float, speed_m_s: float, centre: Position, yaw_behaviour: float = 0.0) -> None:
        """DO_ORBIT, and see the mode."""
        self.companion.placed(mavlink.MAV_CMD_DO_ORBIT, (radius_m, speed_m_s, yaw_behaviour, 0), centre)
        self.until(lambda: self.mode == "ORBIT", 2.0, "mode ORBIT")

    def kill(self) -> None:
        """Stop the motors wherever it is."""
        self.companion.long(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0, 21196)
        self.until(lambda: not self.armed, 2.0, "motors stopped")

    def parameter(self, name: str) -> float:
        """The value of a parameter, asked for over MAVLink."""
        since_s = self.mark()
        self.companion.send(mavlink.MAVLink_param_request_read_message(self.system, 1, name.encode("ascii"), -1))
        return self._told(name, since_s)

    def wait_parameters(self, within_s: float = BOOT_S) -> None:
        """Until it answers requests for parameters: PX4 does not before its start script has ended."""
        since_s, asked_s = self.mark(), -math.inf

        def answered() -> bool:
            nonlocal asked_s
            if self.now_s >= asked_s + 1.0:
                asked_s = self.now_s
                self.companion.send(mavlink.MAVLink_param_request_read_message(self.system, 1, b"SYS_AUTOSTART", -1))
            return any(seen.message.param_id == "SYS_AUTOSTART" for seen in self.onboard.of("PARAM_VALUE", since_s))

        self.until(answered, within_s, "parameters")

    def set(self, **values: float) -> None:
        """Set parameters over MAVLink and see it."""
        for name, value in values.items():
            self.changed.setdefault(name, self.parameter(name))
            self.put(name, value)

    def put(self, name: str, value: float) -> None:
        """Set one parameter; what was before is not remembered."""
        integer = _TYPES.type_of(name) is ParameterType.INT32
        encoded = struct.unpack("<f", struct.pack("<i", int(value)))[0] if integer else value
        since_s = self.mark()
        kind, sent = _TYPES.type_of(name), name.encode("ascii")
        self.companion.send(mavlink.MAVLink_param_set_message(self.system, 1, sent, encoded, kind))
        told = self._told(name, since_s)
        assert math.isclose(told, value, rel_tol=1e-6, abs_tol=1e-9), f"{name} is {told}, not {value}"

    def _told(self, name: str, since_s: float) -> float:
        def values() -> list[Any]:
            return [s.message for s in self.onboard.of("PARAM_VALUE", since_s) if s.message.param_id == name]

        self.until(values, ACK_S, f"PARAM_VALUE of {name}")
        told = values()[0]
        if told.param_type == ParameterType.INT32:
            return float(struct.unpack("<i", struct.pack("<f", told.param_value))[0])
        return float(told.param_value)


def mode_name(heartbeat: Any) -> str:
    """The mode a HEARTBEAT shows, "main.sub" if it has no name in MODES."""
    pair = (heartbeat.custom_mode >> 16 & 0xFF, heartbeat.custom_mode >> 24)
    return _NAME_OF.get(pair, f"{pair[0]}.{pair[1]}")
