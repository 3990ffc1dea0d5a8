"""Messages by which a companion guides the flight: where the landing target is, whom to follow, what to fly in OFFBOARD."""

from __future__ import annotations

import math
from collections.abc import Callable

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator import setpoints as offboard
from sitl.autopilot.navigator.follow import Sighting
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.protocol.timesync import Timesync
from sitl.autopilot.telling import texts
from wire.geo import Position

FASTEST_M_S = 1e3
FARTHEST_M = 1e6  # what lies beyond is no place a flight can go to; PX4 does not check


def receive(pilot: Pilot, message: mavlink.MAVLink_message, clock: Timesync) -> bool:
    """Take in a message of somebody with that clock; False if it is none of these."""
    if isinstance(message, mavlink.MAVLink_landing_target_message):
        _landing_target(pilot, message, clock)
        return True
    handler = _HANDLERS.get(message.get_msgId())
    if handler is not None:
        handler(pilot, message)
    return handler is not None


def _landing_target(pilot: Pilot, message: mavlink.MAVLink_landing_target_message, clock: Timesync) -> None:
    """Only positions in the local frame; angles would need an estimator that the simulated PX4 does not start."""
    if not message.position_valid:
        return
    if message.frame != mavlink.MAV_FRAME_LOCAL_NED:
        pilot.said.append(texts.beacon_frame(message.frame))
        return
    point = Vector(message.x, message.y, message.z)
    if all(math.isfinite(value) and abs(value) < FARTHEST_M for value in point):
        pilot.flight.beacon.see(point, clock.stamp_us(message.time_usec, round(pilot.now_s * 1e6)) * 1e-6)


def _follow_target(pilot: Pilot, message: mavlink.MAVLink_follow_target_message) -> None:
    """Where somebody to follow is, how fast; the rest of the message is not used."""
    latitude, longitude, altitude = message.lat / 1e7, message.lon / 1e7, message.alt
    speeds = [speed if math.isfinite(speed) and abs(speed) < FASTEST_M_S else 0.0 for speed in message.vel]
    possible = abs(latitude) <= 90.0 and abs(longitude) <= 180.0 and math.isfinite(altitude) and abs(altitude) < FARTHEST_M
    if possible:
        point = pilot.flight.local(Position(latitude, longitude, altitude))
        pilot.flight.leader.last = Sighting(point, Vector(*speeds), pilot.now_s)


def _position_target_local(pilot: Pilot, message: mavlink.MAVLink_set_position_target_local_ned_message) -> None:
    course = offboard.from_local(message, pilot.flight.estimate.quaternion)
    if course is None:
        pilot.said.append(texts.offboard_frame(message.coordinate_frame, local=True))
    elif offboard.wants_force(course, message.type_mask):
        pilot.said.append(texts.offboard_force(local=True))
    elif course.empty:
        pilot.said.append(texts.OFFBOARD_INVALID)
    else:
        _hear(pilot, course)


def _position_target_global(pilot: Pilot, message: mavlink.MAVLink_set_position_target_global_int_message) -> None:
    point = None
    if offboard.places(message.type_mask):
        if message.coordinate_frame not in _ALTITUDES:
            pilot.said.append(texts.offboard_frame(message.coordinate_frame, local=False))
            return
        point = _point(pilot, message)
        if point is None:
            return
    course = offboard.from_global(message, point)
    if offboard.wants_force(course, message.type_mask):
        pilot.said.append(texts.offboard_force(local=False))
    elif not course.empty:
        _hear(pilot, course)


def _point(pilot: Pilot, message: mavlink.MAVLink_set_position_target_global_int_message) -> Vector | None:
    """Its place in the local frame, None if it has none that can be flown to."""
    latitude, longitude, altitude = message.lat_int / 1e7, message.lon_int / 1e7, message.alt
    known = math.isfinite(altitude) and abs(altitude) < FARTHEST_M and pilot.homes.home is not None
    if abs(latitude) > 90.0 or abs(longitude) > 180.0 or not known:
        return None
    flight = pilot.flight
    level = flight.local(Position(latitude, longitude, flight.origin.altitude_amsl_m))
    return level._replace(down=_ALTITUDES[message.coordinate_frame](pilot, altitude))


def _above_home(pilot: Pilot, altitude_m: float) -> float:
    """Right only while home is as high as the local frame's origin: PX4 subtracts the wrong way round."""
    home = pilot.homes.home
    home_m = 0.0 if home is None else home.position.altitude_amsl_m
    return home_m - altitude_m - pilot.flight.origin.altitude_amsl_m


def _above_terrain(pilot: Pilot, altitude_m: float) -> float:
    return pilot.flight.estimate.position_m.down + pilot.flight.range_m - altitude_m


_ALTITUDES: dict[int, Callable[[Pilot, float], float]] = {
    mavlink.MAV_FRAME_GLOBAL_INT: lambda pilot, altitude: pilot.flight.origin.altitude_amsl_m - altitude,
    mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT: _above_home,
    mavlink.MAV_FRAME_GLOBAL_TERRAIN_ALT_INT: _above_terrain,
}
"""By frame: the local down that an altitude in it means."""


def _attitude_target(pilot: Pilot, message: mavlink.MAVLink_set_attitude_target_message) -> None:
    wish = offboard.from_attitude(message)
    if wish is not None:
        _hear(pilot, wish)


def _hear(pilot: Pilot, wish: offboard.Wish) -> None:
    pilot.flight.offboard.hear(wish, pilot.now_s, flying=pilot.mode is Mode.OFFBOARD)
    pilot.watch_offboard()


_HANDLERS: dict[int, Callable[[Pilot, mavlink.MAVLink_message], None]] = {
    mavlink.MAVLINK_MSG_ID_FOLLOW_TARGET: _follow_target,
    mavlink.MAVLINK_MSG_ID_SET_POSITION_TARGET_LOCAL_NED: _position_target_local,
    mavlink.MAVLINK_MSG_ID_SET_POSITION_TARGET_GLOBAL_INT: _position_target_global,
    mavlink.MAVLINK_MSG_ID_SET_ATTITUDE_TARGET: _attitude_target,
}
