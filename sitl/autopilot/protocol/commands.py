"""MAVLink commands: what each does and how PX4 answers it.

`TABLE` maps a command to its handler. A handler answers with a MAV_RESULT, or None for PX4's silence. Commands that are
not in the table are UNSUPPORTED. An acknowledgement says little: many are ACCEPTED whatever comes of them, as in PX4.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commander import injection
from sitl.autopilot.commander.modes import AUTO, Mode, mode_of, mode_of_base, standard_mode_of
from sitl.autopilot.navigator.orbit import OrbitRequest
from sitl.autopilot.payload.orders import Order
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.plans import words
from sitl.autopilot.plans.item import FRAME_MISSION, Item
from sitl.autopilot.plans.missions import ROI_NEXT, ROI_NONE, ROI_PLACE, RegionOfInterest
from sitl.autopilot.protocol import answers, manoeuvres
from sitl.autopilot.protocol.links import Peer
from sitl.autopilot.protocol.manoeuvres import Goto
from sitl.autopilot.telling import texts
from wire.geo import Position

ACCEPTED: int = mavlink.MAV_RESULT_ACCEPTED
TEMPORARILY_REJECTED: int = mavlink.MAV_RESULT_TEMPORARILY_REJECTED
DENIED: int = mavlink.MAV_RESULT_DENIED
UNSUPPORTED: int = mavlink.MAV_RESULT_UNSUPPORTED
FAILED: int = mavlink.MAV_RESULT_FAILED

FORCE = 21196.0
INT32_MAX = 2147483647
NAN_AS_INT32 = 0x7FF80000
MAX_ALTITUDE_M = 1e5
CUSTOM_MODE_ENABLED = 1


class Command(NamedTuple):
    """A command with its seven parameters; None is NaN. Latitude and longitude are degrees in both message forms."""

    number: int
    params: tuple[float | None, ...]
    sender: Peer | None = None  # nobody: a mission item

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
    """A COMMAND_LONG; None if it holds INT32_MAX where latitude and longitude go, which PX4 denies."""
    values = [getattr(message, f"param{place}") for place in range(1, 8)]
    if all(math.isfinite(v) and abs(v - INT32_MAX) <= 256.0 for v in values[4:6]):  # as near as float32 goes
        return None
    return Command(message.command, tuple(_finite(v) for v in values))


def from_int(message: mavlink.MAVLink_command_int_message) -> Command | None:
    """A COMMAND_INT: the frame is ignored, x and y are degrees times 1e7 or both INT32_MAX for NaN, z is AMSL, as in PX4.

    None if x and y are a NaN's bits, which PX4 denies.
    """
    if message.x == message.y == NAN_AS_INT32:
        return None
    first = [_finite(getattr(message, f"param{place}")) for place in range(1, 5)]
    left_out = message.x == message.y == INT32_MAX
    place = [None if left_out else v / 1e7 for v in (message.x, message.y)]
    return Command(message.command, (*first, *place, _finite(message.z)))


def from_item(item: Item, home_amsl_m: float) -> Command:
    """A mission item that is no place to fly to, done as a command."""
    place: tuple[float, float, float] = (float(item.x), float(item.y), item.z)
    if item.frame != FRAME_MISSION:
        place = (item.latitude_deg, item.longitude_deg, item.altitude_amsl_m(home_amsl_m))
    return Command(item.command, tuple(_finite(value) for value in (*item.params, *place)))


def _finite(value: float) -> float | None:
    return float(value) if math.isfinite(value) else None


def _arm(pilot: Pilot, command: Command) -> int | None:
    wanted = round(command.value(1))
    if wanted not in (0, 1):
        pilot.said.append(texts.unsupported_arming(command.value(1)))
        return None
    done = pilot.arm() if wanted else pilot.disarm(force=command.value(2) == FORCE)
    return ACCEPTED if done else TEMPORARILY_REJECTED


def _set_mode(pilot: Pilot, command: Command) -> int:
    base, main, sub = (int(command.value(place)) & 0xFF for place in (1, 2, 3))
    custom = bool(base & CUSTOM_MODE_ENABLED)
    mode = mode_of(main, sub) if custom else mode_of_base(base)
    if mode is not None:
        return _result(pilot.set_mode(mode))
    if custom and main == AUTO:
        pilot.said.append(texts.UNSUPPORTED_AUTO_MODE)
        return TEMPORARILY_REJECTED
    return ACCEPTED  # PX4 says so and does nothing


def _set_standard_mode(pilot: Pilot, command: Command) -> int:
    mode = standard_mode_of(int(command.value(1)))
    return FAILED if mode is None else _result(pilot.set_mode(mode))


def _take_off(pilot: Pilot, command: Command) -> int:
    return _result(manoeuvres.take_off(pilot, command.goto))


def _land(pilot: Pilot, command: Command) -> int:
    del command
    if not pilot.set_mode(Mode.LAND):
        return TEMPORARILY_REJECTED
    pilot.said.append(texts.LANDING_HERE)
    return ACCEPTED


def _precision_land(pilot: Pilot, command: Command) -> int:
    del command
    if not pilot.set_mode(Mode.PRECISION_LAND):
        return TEMPORARILY_REJECTED
    pilot.said.append(texts.PRECISION_LANDING)
    return ACCEPTED


def _return(pilot: Pilot, command: Command) -> int:
    del command
    if not pilot.set_mode(Mode.RETURN):
        return TEMPORARILY_REJECTED
    pilot.said.append(words.RETURNING)
    return ACCEPTED


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
    return _result(manoeuvres.circle(pilot, OrbitRequest(radius, speed, yaw, centre, down)))


def _reposition(pilot: Pilot, command: Command) -> int:
    if int(command.value(2)) != 1:
        return UNSUPPORTED
    speed = command.value(1, -1.0)
    return _result(manoeuvres.reposition(pilot, command.goto, command.params[3], speed if speed > 0.0 else None))


def _change_altitude(pilot: Pilot, command: Command) -> int:
    altitude = command.params[0]
    if altitude is None or abs(altitude) > MAX_ALTITUDE_M:
        return DENIED
    return _result(manoeuvres.change_altitude(pilot, altitude))


def _change_speed(pilot: Pilot, command: Command) -> int:
    speed = command.value(2, -1.0)
    manoeuvres.change_speed(pilot, speed if speed > 0.0 else None)
    return ACCEPTED


def _set_home(pilot: Pilot, command: Command) -> int:
    yaw = command.params[3]
    yaw_rad = None if yaw is None else math.radians(yaw)
    if command.value(1) > 0.5:
        return _result(pilot.homes.command(None, yaw_rad))
    latitude, longitude, altitude = command.params[4:7]
    if latitude is None or longitude is None or altitude is None:
        return DENIED
    return _result(pilot.homes.command(Position(latitude, longitude, altitude), yaw_rad))


def _terminate(pilot: Pilot, command: Command) -> int:
    return ACCEPTED if command.value(1) > 0.5 and pilot.terminate() else DENIED


def _mission_start(pilot: Pilot, command: Command) -> int:
    first = command.params[0]
    if not pilot.commander.mission_valid:
        pilot.said.append(texts.NO_MISSION)
        return DENIED
    if first is None or not -1.0 <= first < len(pilot.planning.plans.mission):
        return DENIED
    if first >= 0.0:
        pilot.planning.missions.go_to(int(first))
    return _result(pilot.start_mission())


def _region_of_interest(pilot: Pilot, command: Command) -> int:
    missions = pilot.planning.missions
    latitude, longitude, altitude = command.params[4:7]
    if command.number == mavlink.MAV_CMD_DO_SET_ROI_LOCATION and None not in (latitude, longitude) and command.place_ok:
        place = Position(latitude or 0.0, longitude or 0.0, altitude or 0.0)
        missions.roi = RegionOfInterest(ROI_PLACE, place)
    elif command.number == mavlink.MAV_CMD_DO_SET_ROI_WPNEXT_OFFSET:
        missions.roi = RegionOfInterest(ROI_NEXT)
    elif command.number == mavlink.MAV_CMD_DO_SET_ROI and 0.0 <= command.value(1) < 256.0:
        missions.roi = RegionOfInterest(int(command.value(1)), Position(0.0, 0.0, 0.0))  # PX4 takes the place from nowhere
    else:
        missions.roi = RegionOfInterest(ROI_NONE)
    return ACCEPTED


def _figure_eight(pilot: Pilot, command: Command) -> None:
    del command
    pilot.said.append(texts.FIGURE_EIGHT)


def _inject_failure(pilot: Pilot, command: Command) -> int | None:
    unit, failure, instance = (int(command.value(place) + 0.5) for place in (1, 2, 3))
    return injection.inject(pilot.battery, pilot.parameters, unit, failure, instance)


def _calibrate(pilot: Pilot, command: Command) -> list[int]:
    params = [command.value(place) for place in range(1, 8)]
    results, said = pilot.calibration.order(params, pilot.now_s, armed=pilot.commander.armed)
    pilot.said += said
    return results


def _calibrate_compass(pilot: Pilot, command: Command) -> int:
    done, said = pilot.calibration.compass_by_heading(command.value(1), pilot.now_s, armed=pilot.commander.armed)
    pilot.said += said
    return _result(done)


def _result(done: bool) -> int:
    return ACCEPTED if done else TEMPORARILY_REJECTED


Result = int | list[int] | None
"""A MAV_RESULT, several, or PX4's silence."""
Handler = Callable[[Pilot, Command], Result]

TABLE: dict[int, Handler] = {
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: _return,
    mavlink.MAV_CMD_NAV_LAND: _land,
    mavlink.MAV_CMD_NAV_LAND_LOCAL: _precision_land,
    mavlink.MAV_CMD_NAV_TAKEOFF: _take_off,
    mavlink.MAV_CMD_DO_ORBIT: _orbit,
    mavlink.MAV_CMD_DO_FIGURE_EIGHT: _figure_eight,
    mavlink.MAV_CMD_DO_SET_MODE: _set_mode,
    mavlink.MAV_CMD_DO_CHANGE_SPEED: _change_speed,
    mavlink.MAV_CMD_DO_SET_HOME: _set_home,
    mavlink.MAV_CMD_DO_FLIGHTTERMINATION: _terminate,
    mavlink.MAV_CMD_DO_CHANGE_ALTITUDE: _change_altitude,
    mavlink.MAV_CMD_DO_REPOSITION: _reposition,
    mavlink.MAV_CMD_DO_SET_ROI_LOCATION: _region_of_interest,
    mavlink.MAV_CMD_DO_SET_ROI_WPNEXT_OFFSET: _region_of_interest,
    mavlink.MAV_CMD_DO_SET_ROI_NONE: _region_of_interest,
    mavlink.MAV_CMD_DO_SET_ROI: _region_of_interest,
    mavlink.MAV_CMD_DO_SET_STANDARD_MODE: _set_standard_mode,
    mavlink.MAV_CMD_MISSION_START: _mission_start,
    mavlink.MAV_CMD_COMPONENT_ARM_DISARM: _arm,
    mavlink.MAV_CMD_INJECT_FAILURE: _inject_failure,
    mavlink.MAV_CMD_PREFLIGHT_CALIBRATION: _calibrate,
    mavlink.MAV_CMD_FIXED_MAG_CAL_YAW: _calibrate_compass,
}

_PLACED = frozenset(
    {
        mavlink.MAV_CMD_NAV_TAKEOFF,
        mavlink.MAV_CMD_DO_ORBIT,
        mavlink.MAV_CMD_DO_SET_HOME,
        mavlink.MAV_CMD_DO_REPOSITION,
    },
)


def execute(pilot: Pilot, command: Command) -> Result:
    """Do what a command says; what to answer with.

    A place that cannot be on Earth is DENIED, which PX4 does not check.
    """
    if pilot.payload.takes(command.number):
        return pilot.payload.order(Order(*command))
    handler = TABLE.get(command.number)
    if handler is None:
        return None if command.number in answers.SILENT else answers.ANSWERED.get(command.number, UNSUPPORTED)
    if command.number in _PLACED and not command.place_ok:
        return DENIED
    return handler(pilot, command)
