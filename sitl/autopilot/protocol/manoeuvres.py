"""What commands make the pilot fly: a take-off, to a place, another height or speed, a circle."""

from __future__ import annotations

from typing import NamedTuple

from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.loiter import Loiter, braking_point
from sitl.autopilot.navigator.orbit import OrbitRequest
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.plans import words
from sitl.autopilot.telling import texts
from wire.geo import Position


class Goto(NamedTuple):
    """A partly given position: degrees and metres AMSL, None is MAVLink's NaN."""

    latitude_deg: float | None
    longitude_deg: float | None
    altitude_amsl_m: float | None


def take_off(pilot: Pilot, to: Goto) -> bool:
    """Take off to an altitude; False if the mode is refused."""
    here = pilot.flight.position
    altitude = to.altitude_amsl_m
    if altitude is None:
        height = pilot.parameters["MIS_TAKEOFF_ALT"]
        altitude = here.altitude_amsl_m + height
        pilot.said.append(texts.default_takeoff_altitude(height))
    if not pilot.wish(Mode.TAKEOFF):
        return False
    if altitude < here.altitude_amsl_m:
        pilot.said.append(texts.ALREADY_HIGHER)
        altitude = here.altitude_amsl_m
    target = pilot.flight.local(_filled(to._replace(altitude_amsl_m=altitude), here))
    pilot.flight.fly(pilot.flight.takeoff(target), Mode.TAKEOFF)
    if pilot.failsafe.active:
        pilot.apply_mode()
    return True


def reposition(pilot: Pilot, to: Goto, yaw_rad: float | None, speed_m_s: float | None) -> bool:
    """Go to a place and hold it; nothing given brakes here. On the ground nothing moves."""
    if not pilot.wish(Mode.LOITER):
        return False
    flight = pilot.flight
    if not pilot.commander.armed or flight.landed:
        return True
    if not pilot.planning.lets_go_to(_filled(to, flight.position), words.REPOSITION_OUTSIDE):
        return True
    if flight.mode is not Mode.LOITER:
        flight.fly(flight.loiter(), Mode.LOITER)
    if isinstance(flight.task, Loiter):
        now = flight.situation()
        base = flight.task.target_m if to.latitude_deg is None else now.position_m
        target = flight.local(_filled(to, flight.geodetic(base._replace(down=flight.task.target_m.down))))
        if to == Goto(None, None, None) and yaw_rad is None:
            target = braking_point(now, flight.tuning)
        flight.task.go_to(target, yaw_rad)
    if speed_m_s is not None:
        flight.tuning.cruise_m_s = speed_m_s
    return True


def change_speed(pilot: Pilot, speed_m_s: float | None) -> None:
    """Another cruise speed until the mode changes; None is the default one."""
    pilot.flight.tuning.cruise_m_s = speed_m_s


def change_altitude(pilot: Pilot, altitude_amsl_m: float) -> bool:
    """Another altitude while holding."""
    if not pilot.wish(Mode.LOITER):
        return False
    pilot.apply_mode()
    place = pilot.flight.position._replace(altitude_amsl_m=altitude_amsl_m)
    if not pilot.commander.armed or not pilot.planning.lets_go_to(place, words.ALTITUDE_OUTSIDE):
        return True
    if isinstance(pilot.flight.task, Loiter):
        pilot.flight.task.climb_to(pilot.flight.origin.altitude_amsl_m - altitude_amsl_m)
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
    pilot.forget_orbit_on_the_ground()
    return True


def _filled(to: Goto, here: Position) -> Position:
    return Position(*(value if value is not None else own for value, own in zip(to, here, strict=True)))
