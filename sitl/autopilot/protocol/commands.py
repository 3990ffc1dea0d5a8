"""MAVLink commands: what each does and how PX4 answers it.

`TABLE` maps a command to its handler. A handler answers with a MAV_RESULT, or None for PX4's silence. Commands that are
not in the table are UNSUPPORTED. An acknowledgement says little: many are ACCEPTED whatever comes of them, as in PX4.
"""

from __future__ import annotations

import math

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commander.modes import AUTO, Mode, mode_of, mode_of_base, standard_mode_of
from sitl.autopilot.navigator.orbit import OrbitRequest
from sitl.autopilot.payload.orders import Order
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.plans import words
from sitl.autopilot.plans.missions import ROI_NEXT, ROI_NONE, ROI_PLACE, RegionOfInterest
from sitl.autopilot.protocol import answers, manoeuvres, upkeep
from sitl.autopilot.protocol.command import MAX_ALTITUDE_M, Command
from sitl.autopilot.telling import texts
from wire.geo import Position

ACCEPTED: int = mavlink.MAV_RESULT_ACCEPTED
TEMPORARILY_REJECTED: int = mavlink.MAV_RESULT_TEMPORARILY_REJECTED
DENIED: int = mavlink.MAV_RESULT_DENIED
UNSUPPORTED: int = mavlink.MAV_RESULT_UNSUPPORTED
FAILED: int = mavlink.MAV_RESULT_FAILED

FORCE = 21196
CUSTOM_MODE_ENABLED = 1


def _rounded(value: float) -> int:
    """As C's lround: halves away from zero."""
    return int(math.copysign(math.floor(abs(value) + 0.5), value))


def _as_int8(value: float) -> int:
    return (_rounded(value) + 128) % 256 - 128


def _arm(pilot: Pilot, command: Command) -> int | None:
    wanted = _as_int8(command.value(1))
    if wanted not in (0, 1):
        pilot.said.append(texts.unsupported_arming(command.value(1)))
        return None
    done = pilot.arm() if wanted else pilot.disarm(force=_rounded(command.value(2)) == FORCE)
    return ACCEPTED if done else TEMPORARILY_REJECTED


def _set_mode(pilot: Pilot, command: Command) -> int:
    base, main, sub = (int(command.value(place)) & 0xFF for place in (1, 2, 3))
    custom = bool(base & CUSTOM_MODE_ENABLED)
    mode = mode_of(main, sub) if custom else mode_of_base(base)
    if mode is not None:
        done = pilot.set_mode(mode)
        if not done and command.sender is not None and command.sender.component == mavlink.MAV_COMP_ID_MISSIONPLANNER:
            pilot.say_rejected(mode)
        return _result(done)
    if custom and main == AUTO:
        pilot.said.append(texts.UNSUPPORTED_AUTO_MODE)
        return TEMPORARILY_REJECTED
    return ACCEPTED  # PX4 says so and does nothing


def _set_standard_mode(pilot: Pilot, command: Command) -> int:
    mode = standard_mode_of(int(command.value(1)))
    return FAILED if mode is None else _result(pilot.set_mode(mode))


def _take_off(pilot: Pilot, command: Command) -> int:
    return _result_of(pilot, Mode.TAKEOFF, done=manoeuvres.take_off(pilot, command.goto))


def _land(pilot: Pilot, command: Command) -> int:
    del command
    if not pilot.set_mode(Mode.LAND):
        return _result_of(pilot, Mode.LAND, done=False)
    pilot.said.append(texts.LANDING_HERE)
    return ACCEPTED


def _precision_land(pilot: Pilot, command: Command) -> int:
    del command
    if not pilot.set_mode(Mode.PRECISION_LAND):
        return _result_of(pilot, Mode.PRECISION_LAND, done=False)
    pilot.said.append(texts.PRECISION_LANDING)
    return ACCEPTED


def _return(pilot: Pilot, command: Command) -> int:
    del command
    if not pilot.wish(Mode.RETURN):
        return _result_of(pilot, Mode.RETURN, done=False)
    pilot.said.append(words.RETURNING)
    pilot.apply_mode()
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
    if manoeuvres.circle(pilot, OrbitRequest(radius, speed, yaw, centre, down)):
        return ACCEPTED
    pilot.said.append(texts.ORBIT_REJECTED)
    return TEMPORARILY_REJECTED


def _reposition(pilot: Pilot, command: Command) -> int:
    """PX4's navigator goes there when it holds already, whatever the flags; to hold, the first flag alone must be set."""
    here = manoeuvres.course(pilot)
    asked = int(command.value(2)) == 1
    refused = asked and not pilot.wish(Mode.LOITER)
    speed = command.value(1, -1.0)
    manoeuvres.reposition(pilot, here, command.goto, command.params[3], speed if speed > 0.0 else None)
    return _result_of(pilot, Mode.LOITER, done=not refused) if asked else UNSUPPORTED


def _change_altitude(pilot: Pilot, command: Command) -> int:
    altitude = command.params[0]
    if altitude is not None and abs(altitude) > MAX_ALTITUDE_M:
        return DENIED
    return _result_of(pilot, Mode.LOITER, done=manoeuvres.change_altitude(pilot, altitude))


def _change_speed(pilot: Pilot, command: Command) -> int:
    speed = command.value(2, -1.0)
    manoeuvres.change_speed(pilot, speed if speed > 0.0 else None)
    return ACCEPTED


def _set_home(pilot: Pilot, command: Command) -> int:
    yaw = command.params[3]
    yaw_rad = math.nan if yaw is None else math.radians(yaw)
    if pilot.parameters["COM_HOME_EN"] < 1:
        return DENIED
    if command.value(1) > 0.5:
        return _result(pilot.homes.command(None))
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


def _result(done: bool) -> int:
    return ACCEPTED if done else TEMPORARILY_REJECTED


def _result_of(pilot: Pilot, mode: Mode, *, done: bool) -> int:
    """The result of a command that changes the mode."""
    if not done:
        pilot.say_rejected(mode)
    return _result(done)


def _vtol_take_off(pilot: Pilot, command: Command) -> int:
    del command
    return _result_of(pilot, Mode.VTOL_TAKEOFF, done=pilot.set_mode(Mode.VTOL_TAKEOFF))


Result = upkeep.Result
Handler = upkeep.Handler

TABLE: dict[int, Handler] = {
    mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: _return,
    mavlink.MAV_CMD_NAV_LAND: _land,
    mavlink.MAV_CMD_NAV_LAND_LOCAL: _precision_land,
    mavlink.MAV_CMD_NAV_TAKEOFF: _take_off,
    mavlink.MAV_CMD_NAV_VTOL_TAKEOFF: _vtol_take_off,
    mavlink.MAV_CMD_CONTROL_HIGH_LATENCY: upkeep.high_latency,
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
    mavlink.MAV_CMD_INJECT_FAILURE: upkeep.inject_failure,
    mavlink.MAV_CMD_PREFLIGHT_CALIBRATION: upkeep.calibrate,
    mavlink.MAV_CMD_FIXED_MAG_CAL_YAW: upkeep.calibrate_compass,
    mavlink.MAV_CMD_ACTUATOR_TEST: upkeep.move_actuator,
    mavlink.MAV_CMD_LOGGING_START: upkeep.begin_log_stream,
    mavlink.MAV_CMD_EXTERNAL_WIND_ESTIMATE: upkeep.estimate_wind,
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
