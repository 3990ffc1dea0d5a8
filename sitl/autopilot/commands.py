"""MAVLink commands: what each does and how PX4 answers it.

`TABLE` maps a command to its handler. A handler answers with a MAV_RESULT, or None for PX4's silence. Commands that are
not in the table are UNSUPPORTED. An acknowledgement says little: many are ACCEPTED whatever comes of them, as in PX4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot import texts
from sitl.autopilot.modes import Mode, mode_of, standard_mode_of
from sitl.autopilot.navigator.orbit import OrbitRequest
from sitl.autopilot.pilot import Goto, Pilot
from wire.geo import Position

ACCEPTED: int = mavlink.MAV_RESULT_ACCEPTED
TEMPORARILY_REJECTED: int = mavlink.MAV_RESULT_TEMPORARILY_REJECTED
DENIED: int = mavlink.MAV_RESULT_DENIED
UNSUPPORTED: int = mavlink.MAV_RESULT_UNSUPPORTED
FAILED: int = mavlink.MAV_RESULT_FAILED

FORCE = 21196.0
INT32_MAX = 2147483647
MAX_ALTITUDE_M = 1e5
CUSTOM_MODE_ENABLED = 1
FAILURE_UNIT_BATTERY, FAILURE_UNIT_MOTOR = 100, 101


class Command(NamedTuple):
    """A command with its seven parameters; None is NaN. Latitude and longitude are degrees in both message forms."""

    number: int
    params: tuple[float | None, ...]

    def value(self, place: int, default: float = 0.0) -> float:
        """Parameter 1..7, the default for NaN."""
        value = self.params[place - 1]
        return default if value is None else value

    @property
    def goto(self) -> Goto:
        """Parameters 5 to 7 as a position."""
        return Goto(*self.params[4:7])

    @property
    def place_ok(self) -> bool:
        """Whether parameters 5 to 7, where given, can be a place on Earth."""
        limits = (90.0, 180.0, MAX_ALTITUDE_M)
        return all(value is None or abs(value) <= most for value, most in zip(self.params[4:7], limits, strict=True))


def from_long(message: mavlink.MAVLink_command_long_message) -> Command | None:
    """A COMMAND_LONG; None if it holds INT32_MAX where a latitude or longitude goes, which PX4 denies."""
    values = [getattr(message, f"param{place}") for place in range(1, 8)]
    if any(math.isfinite(v) and abs(v - INT32_MAX) < 1.0 for v in values[4:6]):
        return None
    return Command(message.command, tuple(_finite(v) for v in values))


def from_int(message: mavlink.MAVLink_command_int_message) -> Command:
    """A COMMAND_INT: the frame is ignored, x and y are degrees times 1e7 or INT32_MAX for NaN, z is AMSL, as in PX4."""
    first = [_finite(getattr(message, f"param{place}")) for place in range(1, 5)]
    place = [None if v == INT32_MAX else v / 1e7 for v in (message.x, message.y)]
    return Command(message.command, (*first, *place, _finite(message.z)))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _arm(pilot: Pilot, command: Command) -> int:
    wanted = command.value(1)
    if wanted not in (0.0, 1.0):
        return UNSUPPORTED
    done = pilot.arm() if wanted else pilot.disarm(force=command.value(2) == FORCE)
    return ACCEPTED if done else TEMPORARILY_REJECTED


def _set_mode(pilot: Pilot, command: Command) -> int:
    if not int(command.value(1)) & CUSTOM_MODE_ENABLED:
        return UNSUPPORTED
    mode = mode_of(int(command.value(2)), int(command.value(3)))
    if mode is None:
        return ACCEPTED  # PX4 says so and does nothing
    if mode is Mode.TERMINATION:
        return TEMPORARILY_REJECTED
    return _result(pilot.set_mode(mode))


def _set_standard_mode(pilot: Pilot, command: Command) -> int:
    mode = standard_mode_of(int(command.value(1)))
    return UNSUPPORTED if mode is None else _result(pilot.set_mode(mode))


def _take_off(pilot: Pilot, command: Command) -> int:
    return _result(pilot.take_off(command.goto))


def _land(pilot: Pilot, command: Command) -> int:
    del command
    if not pilot.set_mode(Mode.LAND):
        return TEMPORARILY_REJECTED
    pilot.said.append(texts.LANDING_HERE)
    return ACCEPTED


def _return(pilot: Pilot, command: Command) -> int:
    del command
    return _result(pilot.set_mode(Mode.RETURN))


def _orbit(pilot: Pilot, command: Command) -> int:
    radius, speed, behaviour = command.params[0], command.params[1], command.params[2]
    latitude, longitude, altitude = command.params[4:7]
    centre, down = None, None
    if latitude is not None and longitude is not None:
        point = pilot.flight.local(Position(latitude, longitude, pilot.flight.origin.altitude_amsl_m))
        centre = (point.north, point.east)
    if altitude is not None:
        down = pilot.flight.origin.altitude_amsl_m - altitude
    yaw = None if behaviour is None else int(behaviour + 0.5)
    return _result(pilot.circle(OrbitRequest(radius, speed, yaw, centre, down)))


def _reposition(pilot: Pilot, command: Command) -> int:
    if int(command.value(2)) != 1:
        return UNSUPPORTED
    speed = command.value(1, -1.0)
    return _result(pilot.reposition(command.goto, command.params[3], speed if speed > 0.0 else None))


def _change_altitude(pilot: Pilot, command: Command) -> int:
    altitude = command.params[0]
    if altitude is None or abs(altitude) > MAX_ALTITUDE_M:
        return DENIED
    return _result(pilot.change_altitude(altitude))


def _change_speed(pilot: Pilot, command: Command) -> int:
    speed = command.value(2, -1.0)
    pilot.change_speed(speed if speed > 0.0 else None)
    return ACCEPTED


def _set_home(pilot: Pilot, command: Command) -> int:
    yaw = command.params[3]
    yaw_rad = None if yaw is None else math.radians(yaw)
    if command.value(1) > 0.5:
        return _result(pilot.set_home(None, yaw_rad))
    latitude, longitude, altitude = command.params[4:7]
    if latitude is None or longitude is None or altitude is None:
        return DENIED
    return _result(pilot.set_home(Position(latitude, longitude, altitude), yaw_rad))


def _terminate(pilot: Pilot, command: Command) -> int:
    if command.value(1) <= 0.5:
        return ACCEPTED
    return _result(pilot.terminate())


def _mission_start(pilot: Pilot, command: Command) -> int:
    del command
    pilot.said.append(texts.NO_MISSION)
    return DENIED


def _figure_eight(pilot: Pilot, command: Command) -> None:
    del command
    pilot.said.append(texts.FIGURE_EIGHT)


def _inject_failure(pilot: Pilot, command: Command) -> int | None:
    if pilot.parameters["SYS_FAILURE_EN"] < 1:
        return DENIED
    unit = int(command.value(1))
    if unit == FAILURE_UNIT_BATTERY:
        pilot.battery.fail(command.value(2) > 0.5)
        return ACCEPTED
    return ACCEPTED if unit == FAILURE_UNIT_MOTOR else None


def _nothing(pilot: Pilot, command: Command) -> int:
    """Accepted; nothing that can be seen comes of it."""
    del pilot, command
    return ACCEPTED


def _silence(pilot: Pilot, command: Command) -> None:
    del pilot, command


def _result(done: bool) -> int:
    return ACCEPTED if done else TEMPORARILY_REJECTED


Handler = Callable[[Pilot, Command], int | None]

TABLE: dict[int, Handler] = {
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: _return,
    mavlink.MAV_CMD_NAV_LAND: _land,
    mavlink.MAV_CMD_NAV_TAKEOFF: _take_off,
    mavlink.MAV_CMD_DO_ORBIT: _orbit,
    mavlink.MAV_CMD_DO_FIGURE_EIGHT: _figure_eight,
    mavlink.MAV_CMD_DO_SET_MODE: _set_mode,
    mavlink.MAV_CMD_DO_CHANGE_SPEED: _change_speed,
    mavlink.MAV_CMD_DO_SET_HOME: _set_home,
    mavlink.MAV_CMD_DO_FLIGHTTERMINATION: _terminate,
    mavlink.MAV_CMD_DO_CHANGE_ALTITUDE: _change_altitude,
    mavlink.MAV_CMD_DO_SET_ACTUATOR: _nothing,
    mavlink.MAV_CMD_DO_REPOSITION: _reposition,
    mavlink.MAV_CMD_DO_SET_ROI_LOCATION: _nothing,
    mavlink.MAV_CMD_DO_SET_ROI_NONE: _nothing,
    mavlink.MAV_CMD_DO_SET_ROI: _nothing,
    mavlink.MAV_CMD_DO_SET_STANDARD_MODE: _set_standard_mode,
    mavlink.MAV_CMD_MISSION_START: _mission_start,
    mavlink.MAV_CMD_COMPONENT_ARM_DISARM: _arm,
    mavlink.MAV_CMD_RUN_PREARM_CHECKS: _nothing,
    mavlink.MAV_CMD_INJECT_FAILURE: _inject_failure,
    mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW: _silence,
    mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE: _silence,
    mavlink.MAV_CMD_DO_WINCH: _silence,
}

_PLACED = frozenset(
    {
        mavlink.MAV_CMD_NAV_TAKEOFF,
        mavlink.MAV_CMD_DO_ORBIT,
        mavlink.MAV_CMD_DO_SET_HOME,
        mavlink.MAV_CMD_DO_REPOSITION,
    },
)


def execute(pilot: Pilot, command: Command) -> int | None:
    """Do what a command says; the MAV_RESULT to answer with, None for silence.

    A place that cannot be on Earth is DENIED, which PX4 does not check.
    """
    handler = TABLE.get(command.number)
    if handler is None:
        return UNSUPPORTED
    if command.number in _PLACED and not command.place_ok:
        return DENIED
    return handler(pilot, command)
