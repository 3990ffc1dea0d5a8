"""The one gate: every request to PX4 passes here. Pure and fail-closed: no fresh data, no permission.

Requests that only make things safer (hold, return, land) need no data: a broken sensor must never keep an aircraft in the
air. In a PX4 failsafe nothing passes that would cancel what PX4 does, unless the officer ordered it.
"""

from __future__ import annotations

import math
from typing import Annotated

from msgspec import Meta

from missions import requests as ask
from missions.model import MAX_CENTRIPETAL_M_S2
from missions.view import Aircraft, Vehicle, View
from wire import geo
from wire.configuration import Section
from wire.geo import Position
from wire.messages import Landed

FRESH_S = 1.5
"""Position and landed state older than this are no basis for a new movement (they come at 5 to 20 Hz)."""

MAX_HOME_CLIMB_M = 30.0
"""Home may not be moved up or down by more at once: PX4 returns at a height above it, wherever a receiver says that is."""

SIGHT_FRESH_S = 1.0
TARGET_SLACK_M = 0.2
"""How far a landing target in PX4's local frame may be from the same place as computed here."""
TARGET_CLIMB_M = 10.0
"""How far above or below home the roof may be seen."""

STATUS_FRESH_S = 1.0
"""A movement that is sent while PX4 acts on a failsafe cancels it for good: PX4's state must be known to be ordinary now."""

VEHICLE_SILENT_S = 4.0
"""Below the shortest COM_DL_LOSS_T (5 s) that a launch is allowed with: no movement is sent from before PX4's link-loss
failsafe can begin, however quickly PX4 tells of it."""

MODE_CHANGING = (
    ask.SelectHold,
    ask.Hold,
    ask.Takeoff,
    ask.Reposition,
    ask.FlyOrbit,
    ask.Land,
    ask.LandPrecisely,
    ask.ReturnHome,
    ask.Arm,
)
"""What cancels a failsafe of PX4 when it is sent during one."""


class Limits(Section, frozen=True, kw_only=True):
    """What the aircraft may be asked to do at most. Heights are above the roof, distances from the vehicle's pad."""

    max_height_m: Annotated[float, Meta(ge=5, le=120)] = 60.0
    max_distance_m: Annotated[float, Meta(ge=20, le=2000)] = 400.0
    min_height_m: Annotated[float, Meta(ge=3, le=30)] = 5.0  # for any movement to the side
    max_speed_m_s: Annotated[float, Meta(ge=1, le=15)] = 10.0
    min_launch_battery_percent: Annotated[float, Meta(ge=30, le=100)] = 60.0
    max_vehicle_speed_m_s: Annotated[float, Meta(ge=0.1, le=1)] = 0.5  # for arming
    max_sight_m: Annotated[float, Meta(ge=0.5, le=5)] = 3.0  # the roof's marker may be seen this far from where the vehicle is
    max_home_step_m: Annotated[float, Meta(ge=20, le=5000)] = 500.0  # home may not jump farther than this from the aircraft


def refusal(request: ask.Request, view: View, limits: Limits, *, officer: bool) -> str | None:  # noqa: C901 (one line for each)
    """Why this request may not be sent now, in a sentence, or None: it may.

    `officer`: the present phase was ordered by the officer while PX4's failsafe was already active, so it overrides.
    """
    aircraft = view.aircraft
    if aircraft.failsafe and not officer and isinstance(request, MODE_CHANGING):
        return "PX4 is acting on a failsafe; nothing is sent that would cancel it unless the officer says so"
    match request:
        case ask.ReadParameters() | ask.Hold() | ask.Land() | ask.ReturnHome():
            return None
        case ask.Disarm():
            return _disarm(aircraft)
        case ask.SelectHold() | ask.ClearMission():
            return None if aircraft.seen_disarmed() else "that is only done while seen disarmed"
        case ask.Arm():
            return _arm(view, limits)
        case ask.Takeoff():
            return _unfresh(aircraft) or _takeoff(request, view, limits)
        case ask.Reposition():
            return _unfresh(aircraft) or _silent(view.vehicle) or _move(request.target, request.speed_m_s, 0.0, view, limits)
        case ask.FlyOrbit():
            return _unfresh(aircraft) or _silent(view.vehicle) or _orbit(request, view, limits)
        case ask.LandPrecisely():
            return _unfresh(aircraft) or _silent(view.vehicle) or _precisely(view)
        case ask.LandingTarget():
            return _unfresh(aircraft) or _target(request, view, limits)
        case ask.SetHome():
            return _unfresh(aircraft) or _home(request.position, aircraft, limits)
        case _:
            return f"{type(request).__name__} is not known to the envelope"


def _unfresh(aircraft: Aircraft) -> str | None:
    known = (
        ("position", aircraft.position_age_s, FRESH_S),
        ("landed state", aircraft.landed_age_s, FRESH_S),
        ("heartbeat", aircraft.heartbeat_age_s, STATUS_FRESH_S),
    )
    for what, age_s, fresh_s in known:
        if age_s is None or not age_s <= fresh_s:
            return f"the aircraft's {what} is not fresh"
    return None


def _silent(vehicle: Vehicle) -> str | None:
    if vehicle.age_s is None or not vehicle.age_s <= VEHICLE_SILENT_S:
        return "the vehicle is not heard; PX4 may be about to return by itself"
    return None


def _disarm(aircraft: Aircraft) -> str | None:
    fresh = aircraft.landed_age_s is not None and aircraft.landed_age_s <= FRESH_S
    if fresh and aircraft.landed is Landed.ON_GROUND:
        return None
    return "the aircraft is not seen on the ground; it is not disarmed in the air"


def _arm(view: View, limits: Limits) -> str | None:
    aircraft, vehicle = view.aircraft, view.vehicle
    if unfresh := _unfresh(aircraft):
        return unfresh
    if not vehicle.latch_seen(open_=True):
        return "the latch is not seen open"
    if aircraft.landed is not Landed.ON_GROUND:
        return "the aircraft is not seen on the roof"
    if not aircraft.ready_to_arm:
        return "PX4 is not ready to arm"
    if drives := _drives(vehicle, limits):
        return drives
    if aircraft.battery_percent is None or not aircraft.battery_percent >= limits.min_launch_battery_percent:
        return f"the battery is not seen at {limits.min_launch_battery_percent:g} % or more"
    return None


def _drives(vehicle: Vehicle, limits: Limits) -> str | None:
    still = vehicle.speed_m_s is not None and 0 <= vehicle.speed_m_s <= limits.max_vehicle_speed_m_s
    return None if still else "the vehicle is not seen standing still"


def _takeoff(request: ask.Takeoff, view: View, limits: Limits) -> str | None:
    if not view.vehicle.latch_seen(open_=True):
        return "the latch is not seen open"
    if drives := _drives(view.vehicle, limits):
        return drives
    if view.aircraft.home is None:
        return "PX4 has no home"
    height_m = request.altitude_amsl_m - view.aircraft.home.altitude_amsl_m
    if not limits.min_height_m - 0.5 <= height_m <= limits.max_height_m:
        return f"a take-off to {height_m:.0f} m is outside {limits.min_height_m:g} to {limits.max_height_m:g} m"
    return None


def _move(target: Position, speed_m_s: float, reach_m: float, view: View, limits: Limits) -> str | None:
    """A movement to within `reach_m` of `target`."""
    aircraft = view.aircraft
    if not aircraft.airborne:
        return "the aircraft is not seen in the air"
    if aircraft.home is None:
        return "PX4 has no home"
    if not all(math.isfinite(value) for value in (*target, speed_m_s, reach_m)):
        return "a coordinate is not a number"
    if not 0 < speed_m_s <= limits.max_speed_m_s:
        return f"{speed_m_s:g} m/s is outside 0 to {limits.max_speed_m_s:g} m/s"
    height_m = target.altitude_amsl_m - aircraft.home.altitude_amsl_m
    if not limits.min_height_m - 0.5 <= height_m <= limits.max_height_m:
        return f"{height_m:.0f} m above the roof is outside {limits.min_height_m:g} to {limits.max_height_m:g} m"
    centre = _pad(view.vehicle) or aircraft.home
    distance_m = geo.distance_m(centre, target) + reach_m
    if not distance_m <= limits.max_distance_m:
        return f"{distance_m:.0f} m from the vehicle is farther than {limits.max_distance_m:g} m"
    return None


def _pad(vehicle: Vehicle) -> Position | None:
    return vehicle.pad if vehicle.pad_age_s is not None and vehicle.pad_age_s <= 5.0 else None


def _orbit(request: ask.FlyOrbit, view: View, limits: Limits) -> str | None:
    radius_m = abs(request.radius_m)
    if not 1.0 <= radius_m <= 1000.0:
        return f"an orbit of {radius_m:g} m is outside PX4's 1 to 1000 m"
    if not request.speed_m_s * request.speed_m_s / radius_m <= MAX_CENTRIPETAL_M_S2 + 1e-9:
        return f"{request.speed_m_s:g} m/s is too fast for a circle of {radius_m:g} m"
    return _move(request.centre, request.speed_m_s, radius_m, view, limits)


def _precisely(view: View) -> str | None:
    sight = view.sight
    if not view.aircraft.airborne:
        return "the aircraft is not seen in the air"
    if sight is None or not sight.steady or not sight.age_s <= SIGHT_FRESH_S:
        return "the roof's marker is not seen well"
    return None


def _target(request: ask.LandingTarget, view: View, limits: Limits) -> str | None:
    """Where PX4 may be told that the roof is: where the vehicle is known to be, within what its receiver may err."""
    pad, local, home = _pad(view.vehicle), view.aircraft.local_ned(request.pad), view.aircraft.home
    if pad is None or home is None or local is None:
        return "the vehicle's place, or PX4's frame, is not known"
    if not all(math.isfinite(value) for value in (*request.pad, *request.local_ned_m)):
        return "a coordinate is not a number"
    if not geo.distance_m(pad, request.pad) <= limits.max_sight_m:
        return f"the marker is more than {limits.max_sight_m:g} m from where the vehicle is: not believed"
    if not abs(request.pad.altitude_amsl_m - home.altitude_amsl_m) <= TARGET_CLIMB_M:
        return "the marker is not at the roof's height: not believed"
    if not math.dist(local, request.local_ned_m) <= TARGET_SLACK_M:
        return "the landing target is not where it is said to be in PX4's frame"
    return None


def _home(position: Position, aircraft: Aircraft, limits: Limits) -> str | None:
    if aircraft.position is None or not all(math.isfinite(value) for value in position):
        return "the place for home is not a position"
    if aircraft.home is None or not abs(position.altitude_amsl_m - aircraft.home.altitude_amsl_m) <= MAX_HOME_CLIMB_M:
        return f"the vehicle's altitude is more than {MAX_HOME_CLIMB_M:g} m from where home is: not believed"
    if not geo.distance_m(position, aircraft.position) <= limits.max_home_step_m:
        return f"the vehicle's position is more than {limits.max_home_step_m:g} m from the aircraft: not believed"
    return None
