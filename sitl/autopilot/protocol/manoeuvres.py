"""What commands make the pilot fly: a take-off, to a place, another height or speed, a circle."""

from __future__ import annotations

import math
from typing import NamedTuple

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.commander.states import LandedState
from sitl.autopilot.navigator.loiter import Loiter, braking_point
from sitl.autopilot.navigator.orbit import OrbitRequest
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.plans import words
from sitl.autopilot.telling import texts
from wire.geo import Position

_NAVIGATED = frozenset(
    {Mode.LOITER, Mode.MISSION, Mode.RETURN, Mode.TAKEOFF, Mode.LAND, Mode.PRECISION_LAND},
)
"""Modes whose way PX4's navigator knows."""


LIFTS_M = 0.2  # PX4's FlightTask: what is to be held must be higher than that


class Goto(NamedTuple):
    """A partly given position: degrees and metres AMSL, None is MAVLink's NaN."""

    latitude_deg: float | None
    longitude_deg: float | None
    altitude_amsl_m: float | None


def take_off(pilot: Pilot, to: Goto) -> bool:
    """Take off to an altitude, disarmed as soon as it is armed; False if the mode is refused."""
    here = pilot.flight.position
    latitude, longitude, altitude = to
    over = here if latitude is None or longitude is None else Position(latitude, longitude, here.altitude_amsl_m)
    pilot.departure.to = over._replace(altitude_amsl_m=math.nan if altitude is None else altitude)
    if not pilot.wish(Mode.TAKEOFF):
        return False
    if pilot.commander.armed and pilot.mode is Mode.TAKEOFF:
        pilot.begin_take_off()
    else:
        pilot.apply_mode()
    return True


class Course(NamedTuple):
    """What the autopilot flies by itself now: to which point, and whether as a take-off from the ground."""

    to_m: Vector
    taking_off: bool


def course(pilot: Pilot) -> Course:
    """The present course; here if there is none."""
    flight = pilot.flight
    target = flight.task.target_m if flight.mode in _NAVIGATED else None
    return Course(flight.estimate.position_m if target is None else target, pilot.landed_state is LandedState.TAKEOFF)


def reposition(pilot: Pilot, before: Course, to: Goto, yaw_rad: float | None, speed_m_s: float | None) -> None:
    """Go to a place and hold it, if the mode is to hold; nothing given brakes here. What lies above lifts it off the ground."""
    flight = pilot.flight
    if not pilot.commander.armed:
        return
    here = flight.position
    if (
        not pilot.planning.lets_go_to(_filled(to, here), words.REPOSITION_OUTSIDE)
        or pilot.commander.user_mode is not Mode.LOITER
    ):
        return
    if to.latitude_deg is None or to.longitude_deg is None:
        if to.altitude_amsl_m is None and yaw_rad is None:
            target = braking_point(flight.situation(), flight.tuning)
        else:
            target = before.to_m._replace(down=_down_m(pilot, to.altitude_amsl_m))
    else:
        target = flight.local(_filled(to, here))
    _hold(pilot, target, yaw_rad)
    if speed_m_s is not None:
        flight.tuning.cruise_m_s = speed_m_s


def _hold(pilot: Pilot, target_m: Vector, yaw_rad: float | None) -> None:
    flight = pilot.flight
    if flight.mode is not Mode.LOITER:
        flight.fly(flight.loiter(), Mode.LOITER)
    if flight.landed:
        if target_m.down < flight.estimate.position_m.down - LIFTS_M:
            pilot.lift_off(target_m)
    elif isinstance(flight.task, Loiter):
        flight.task.go_to(target_m, yaw_rad)


def _down_m(pilot: Pilot, altitude_amsl_m: float | None) -> float:
    flight = pilot.flight
    return flight.estimate.position_m.down if altitude_amsl_m is None else flight.origin.altitude_amsl_m - altitude_amsl_m


def change_speed(pilot: Pilot, speed_m_s: float | None) -> None:
    """Another cruise speed until the mode changes; None is the default one."""
    pilot.flight.tuning.cruise_m_s = speed_m_s


def change_altitude(pilot: Pilot, altitude_amsl_m: float | None) -> bool:
    """Brake, and hold that place at another altitude; None is the present one."""
    before = course(pilot)
    if not pilot.wish(Mode.LOITER):
        return False
    pilot.apply_mode()
    flight = pilot.flight
    here = flight.position
    place = here if altitude_amsl_m is None else here._replace(altitude_amsl_m=altitude_amsl_m)
    if not pilot.commander.armed or not pilot.planning.lets_go_to(place, words.ALTITUDE_OUTSIDE):
        return True
    if pilot.commander.user_mode is Mode.LOITER:
        over_m = before.to_m if before.taking_off else braking_point(flight.situation(), flight.tuning)
        _hold(pilot, over_m._replace(down=_down_m(pilot, altitude_amsl_m)), None)
    return True


def circle(pilot: Pilot, request: OrbitRequest) -> bool:
    """Orbit; False if the mode is refused. A bad radius is accepted and then not flown."""
    if not pilot.wish(Mode.ORBIT):
        return False
    if pilot.failsafe.active:
        return True  # the take-over ends in a hold
    flight = pilot.flight
    if flight.landed and flight.mode is Mode.ORBIT:
        return True
    if flight.mode is not Mode.ORBIT or (pilot.orbit is not None and pilot.orbit.refused):
        flight.fly(flight.orbit(), Mode.ORBIT)
    orbit = pilot.orbit
    if orbit is not None and not orbit.request(request, flight.situation()):
        pilot.said.append(texts.ORBIT_RADIUS)
    else:
        pilot.forget_orbit_on_the_ground()
    return True


def _filled(to: Goto, here: Position) -> Position:
    return Position(*(value if value is not None else own for value, own in zip(to, here, strict=True)))
