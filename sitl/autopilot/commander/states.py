"""How MAVLink calls the states of a vehicle."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from sitl.autopilot.navigator.mission import Mission
from sitl.autopilot.navigator.takeoff import Takeoff

if TYPE_CHECKING:
    from sitl.autopilot.flight import Flight


class LandedState(IntEnum):
    """MAV_LANDED_STATE."""

    ON_GROUND = 1
    IN_AIR = 2
    TAKEOFF = 3
    LANDING = 4


class SystemStatus(IntEnum):
    """MAV_STATE."""

    UNINIT = 0
    STANDBY = 3
    ACTIVE = 4
    CRITICAL = 5
    TERMINATION = 8


def shown_landed_state(flight: Flight) -> LandedState:
    """What EXTENDED_SYS_STATE shows: a take-off only if it began on the ground."""
    if flight.landed:
        return LandedState.ON_GROUND
    task = flight.task
    takeoff = task.takeoff if isinstance(task, Mission) else task
    if isinstance(takeoff, Takeoff) and takeoff.from_ground:
        return LandedState.TAKEOFF
    return LandedState.LANDING if task.landing else LandedState.IN_AIR
