"""How MAVLink calls the states of a vehicle."""

from __future__ import annotations

from enum import IntEnum


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
