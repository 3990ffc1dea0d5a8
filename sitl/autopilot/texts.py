"""What PX4 says in STATUSTEXT. A trailing tab marks a text that has an EVENT twin, as in PX4."""

from __future__ import annotations

from typing import NamedTuple

EMERGENCY, CRITICAL, WARNING, INFO = 0, 2, 4, 6


class Text(NamedTuple):
    """A STATUSTEXT: MAV_SEVERITY and words."""

    severity: int
    words: str


ARMED = Text(INFO, "Armed by external command\t")
DISARMED_COMMAND = Text(INFO, "Disarmed by external command\t")
DISARMED_LANDING = Text(INFO, "Disarmed by landing\t")
DISARMED_PREFLIGHT = Text(INFO, "Disarmed by auto preflight disarming\t")
ARMING_DENIED = Text(CRITICAL, "Arming denied: Resolve system health failures first\t")
DISARMING_DENIED = Text(CRITICAL, "Disarming denied: not landed\t")
TAKEOFF_DETECTED = Text(INFO, "Takeoff detected\t")
LANDING_DETECTED = Text(INFO, "Landing detected\t")
ALREADY_HIGHER = Text(CRITICAL, "Already higher than takeoff altitude\t")
ORBIT_RADIUS = Text(CRITICAL, "Orbit radius limit exceeded\t")
FIGURE_EIGHT = Text(CRITICAL, "Figure 8 command only available for fixed wing and vtol vehicles.")
NO_MISSION = Text(CRITICAL, "Mission start denied! No valid mission\t")
RETURN_LAND = Text(INFO, "RTL: land at destination\t")
GCS_LOST = Text(INFO, "Connection to ground station lost\t")
GCS_REGAINED = Text(INFO, "GCS connection regained\t")
COMPANION_LOST = Text(CRITICAL, "Connection to mission computer lost\t")
COMPANION_REGAINED = Text(INFO, "Onboard controller regained\t")
FAILSAFE_ACTION = Text(CRITICAL, "Failsafe activated\t")
BATTERY_LOW = Text(EMERGENCY, "Low battery\t")
BATTERY_CRITICAL = Text(EMERGENCY, "Critical battery\t")
BATTERY_EMERGENCY = Text(EMERGENCY, "Emergency battery level\t")
LANDING_HERE = Text(INFO, "Landing at current position\t")
PREFLIGHT_TERMINATED = Text(CRITICAL, "Preflight Fail: Flight termination active")


def failsafe_hold(seconds: float) -> Text:
    """Hold before the action."""
    return Text(CRITICAL, f"Failsafe activated: entering Hold for {seconds:.0f} seconds\t")


def default_takeoff_altitude(height_m: float) -> Text:
    """Take-off without an altitude."""
    return Text(INFO, f"Using default takeoff altitude: {height_m:.1f} m\t")


def return_start(altitude_amsl_m: float, height_m: float) -> Text:
    """Return begins."""
    return Text(INFO, f"RTL: start return at {altitude_amsl_m:.0f} m ({height_m:.0f} m above destination)\t")
