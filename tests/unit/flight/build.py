"""Views with everything well unless said otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import msgspec

from missions.model import Mission, parse
from missions.view import Aircraft, Mode, Sight, Vehicle, View
from onboard.flight import parameters
from wire import geo
from wire.geo import Ned, Position
from wire.messages import Command, Landed, LatchState, Verb

ROOF = Position(47.397742, 8.545594, 489.4)
OPEN = LatchState(open=True, closed=False, seated=True)
CLOSED = LatchState(open=False, closed=True, seated=True)
MISSION_YAML = "name: test\norbit: {radius_m: 20, height_m: 20, speed_m_s: 5, laps: 1}\n"
RIGHT = {required.name: float(required.set_to) for required in parameters.REQUIRED}


def open_latch(**changes: bool) -> LatchState:
    return msgspec.structs.replace(OPEN, **changes)


def mission(**changes: str) -> Mission:
    return parse(MISSION_YAML + "".join(f"{name}: {value}\n" for name, value in changes.items()))


def place(north_m: float = 0.0, east_m: float = 0.0, up_m: float = 0.0) -> Position:
    return geo.offset(ROOF, Ned(north_m, east_m, -up_m))


def aircraft(**changes: Any) -> Aircraft:
    """On the roof, disarmed, ready."""
    well = Aircraft(
        heartbeat_age_s=0.3,
        armed=False,
        mode=Mode.HOLD,
        ready_to_arm=True,
        landed=Landed.ON_GROUND,
        landed_age_s=0.1,
        position=ROOF,
        position_age_s=0.05,
        velocity_ned_m_s=Ned(0.0, 0.0, 0.0),
        heading_rad=0.0,
        home=ROOF,
        home_local_ned=Ned(0.0, 0.0, 0.0),
        battery_percent=90.0,
        stored_mission_items=0,
        parameters=RIGHT,
    )
    return replace(well, **changes)


def flying(**changes: Any) -> Aircraft:
    return aircraft(**{"armed": True, "landed": Landed.IN_AIR, "position": place(up_m=20.0), "ready_to_arm": False} | changes)


def vehicle(**changes: Any) -> Vehicle:
    well = Vehicle(
        age_s=0.1, pad=ROOF, pad_age_s=0.2, speed_m_s=0.0, stopped_s=60.0, disagreement_m=0.5, latch=OPEN, latch_age_s=0.1
    )
    return replace(well, **changes)


def sight(**changes: Any) -> Sight:
    """The marker well seen, on the pad."""
    return replace(Sight(pad=ROOF, seen_s=1000.0, age_s=0.1, steady=True), **changes)


def view(of_aircraft: Aircraft | None = None, of_vehicle: Vehicle | None = None, of_pad: Sight | None = None) -> View:
    return View(of_aircraft or aircraft(), of_vehicle or vehicle(), of_pad)


def command(verb: Verb, number: int = 0, **changes: Any) -> Command:
    """An order valid from -1 to 20 on the vehicle's clock."""
    fields: dict[str, Any] = {
        "id": f"command-{verb}-{number}", "verb": verb, "operator": "operator", "issued_s": -1.0, "expires_s": 20.0,
        "mission_yaml": MISSION_YAML if verb is Verb.LAUNCH else None,
    }  # fmt: skip
    return Command(**(fields | changes))
