"""What PX4 says in STATUSTEXT. A trailing tab marks a text that has an EVENT twin, as in PX4."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from typing import NamedTuple

from sitl.autopilot.commander.modes import Mode, name_of

EMERGENCY, CRITICAL, WARNING, INFO = 0, 2, 4, 6
SILENT = -1
"""The severity of words that are told as an event only."""


class Text(NamedTuple):
    """A STATUSTEXT: MAV_SEVERITY and words; `which` tells apart the events of the same words."""

    severity: int
    words: str
    which: str = ""


ARMED = Text(INFO, "Armed by external command\t")
DISARMED_COMMAND = Text(INFO, "Disarmed by external command\t")
DISARMED_LANDING = Text(INFO, "Disarmed by landing\t")
DISARMED_PREFLIGHT = Text(INFO, "Disarmed by auto preflight disarming\t")
DISARMED_FAILSAFE = Text(INFO, "Disarmed by failsafe\t")
ARMING_DENIED_CALIBRATING = Text(CRITICAL, "Arming denied: calibrating\t")
STICKS_OFF = Text(INFO, "Calibration: Disabling RC input\t")
STICKS_ON = Text(INFO, "Calibration: Restoring RC input\t")
ARMING_DENIED = Text(CRITICAL, "Arming denied: Resolve system health failures first\t")
DISARMING_DENIED = Text(CRITICAL, "Disarming denied: not landed\t")
TAKEOFF_DETECTED = Text(INFO, "Takeoff detected\t")
LANDING_DETECTED = Text(INFO, "Landing detected\t")
ALREADY_HIGHER = Text(CRITICAL, "Already higher than takeoff altitude\t")
ORBIT_RADIUS = Text(CRITICAL, "Orbit radius limit exceeded\t")
FIGURE_EIGHT = Text(CRITICAL, "Figure 8 command only available for fixed wing and vtol vehicles.")
NO_MISSION = Text(CRITICAL, "Mission start denied! No valid mission\t")
RETURN_LAND = Text(INFO, "RTL: land at destination\t")
RETURN_COMPLETED = Text(INFO, "RTL: completed, loitering\t")
GCS_LOST = Text(INFO, "Connection to ground station lost\t")
GCS_REGAINED = Text(INFO, "GCS connection regained\t")
COMPANION_LOST = Text(CRITICAL, "Connection to mission computer lost\t")
COMPANION_REGAINED = Text(INFO, "Onboard controller regained\t")
TOOK_OVER = Text(SILENT, "Pilot took over using sticks\t")
FAILSAFE_ACTION = Text(CRITICAL, "Failsafe activated\t")
BATTERY_LOW = Text(EMERGENCY, "Low battery\t")
BATTERY_CRITICAL = Text(EMERGENCY, "Critical battery\t")
BATTERY_EMERGENCY = Text(EMERGENCY, "Emergency battery level\t")
SHUTTING_DOWN = Text(CRITICAL, "Dangerously low battery! Shutting system down in 60 seconds\t")
NO_SHUTDOWN = Text(CRITICAL, "System does not support shutdown\t")
PRECISION_LANDING = Text(INFO, "Precision landing\t")
LANDING_HERE = Text(INFO, "Landing at current position\t")
ORBIT_REJECTED = Text(CRITICAL, "Orbit command rejected")
NO_HIGH_LATENCY = Text(CRITICAL, "Control high latency failed! Telemetry unavailable\t")
UNSUPPORTED_AUTO_MODE = Text(CRITICAL, "Unsupported auto mode\t")
PREFLIGHT_TERMINATED = Text(CRITICAL, "Preflight Fail: Flight termination active")


def not_available(mode: Mode) -> Text:
    """A mode that was refused."""
    return Text(CRITICAL, f"Switching to {name_of(mode)} is currently not available\t")


def unsupported_arming(parameter: float) -> Text:
    """Neither 0 nor 1."""
    return Text(CRITICAL, f"Unsupported ARM_DISARM param: {parameter:.3f}\t")


def log_begun(unix_s: float) -> Text:
    """A flight log is opened, named by the time in UTC."""
    return Text(INFO, f"[logger] ./log/{datetime.fromtimestamp(unix_s, tz=UTC):%Y-%m-%d/%H_%M_%S}.ulg\t")


def failsafe_hold(seconds: float) -> Text:
    """Hold before the action."""
    return Text(CRITICAL, f"Failsafe activated: entering Hold for {int(seconds + 0.5)} seconds\t")


def beacon_frame(frame: int) -> Text:
    """A LANDING_TARGET that is not in the local frame."""
    return Text(CRITICAL, f"Landing target: coordinate frame {frame} unsupported\t")


OFFBOARD_INVALID = Text(CRITICAL, "SET_POSITION_TARGET_LOCAL_NED invalid\t")


def offboard_frame(frame: int, *, local: bool) -> Text:
    """A SET_POSITION_TARGET_* in a frame PX4 does not know."""
    if local:
        return Text(CRITICAL, f"SET_POSITION_TARGET_LOCAL_NED coordinate frame {frame} unsupported\t")
    return Text(CRITICAL, f"SET_POSITION_TARGET_GLOBAL_INT invalid coordinate frame {frame}\t")


def offboard_force(*, local: bool) -> Text:
    """A SET_POSITION_TARGET_* that asks for a force."""
    which = "LOCAL_NED" if local else "GLOBAL_INT"
    return Text(CRITICAL, f"SET_POSITION_TARGET_{which} force not supported\t")


def default_takeoff_altitude(height_m: float) -> Text:
    """Take-off without an altitude."""
    return Text(INFO, f"Using default takeoff altitude: {height_m:.1f} m\t")


def return_start(altitude_amsl_m: float, height_m: float) -> Text:
    """Return begins; both are rounded up, but for what floating point adds."""
    up_amsl_m, up_m = (math.ceil(value_m - 1e-4) for value_m in (altitude_amsl_m, height_m))
    return Text(INFO, f"RTL: start return at {up_amsl_m} m ({up_m} m above destination)\t")
