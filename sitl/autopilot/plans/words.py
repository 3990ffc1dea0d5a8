"""What PX4 says about plans in STATUSTEXT. A trailing tab marks a text that has an EVENT twin."""

from __future__ import annotations

import math

from sitl.autopilot.telling.texts import CRITICAL, INFO, SILENT, Text

OPERATION_TIMEOUT = Text(CRITICAL, "Operation timeout\t")
BUSY = Text(CRITICAL, "WPM: REJ. CMD: Busy\t")
BUSY_RECEIVING = Text(CRITICAL, "WPM: REJ. CMD: Busy\t", " (2)")
COUNT_BUSY = Text(CRITICAL, "WPM: IGN MISSION_COUNT: Busy\t")
CLEAR_BUSY = Text(CRITICAL, "WPM: IGN CLEAR CMD: Busy\t")
SET_CURRENT_BUSY = Text(CRITICAL, "WPM: IGN WP CURR CMD: Busy\t")
SET_CURRENT_NOT_IN_LIST = Text(CRITICAL, "WPM: WP CURR CMD: Not in list\t")
DOWNLOAD_ACTIVE = Text(INFO, "Mission download request ignored, already active\t")
REQUEST_PARTNER = Text(CRITICAL, "WPM: REJ. CMD: partner id mismatch\t")
REQUEST_UNEXPECTED = Text(CRITICAL, "WPM: REJ. CMD: Req. WP was unexpected\t")
REQUEST_BEYOND = Text(CRITICAL, "WPM: REJ. CMD: Req. WP was unexpected\t", " (2)")
ACK_PARTNER = Text(CRITICAL, "REJ. WP CMD: partner id mismatch\t")
ITEM_PARTNER = Text(CRITICAL, "REJ. MIS ITEM: partner id mismatch\t")
ITEM_BUSY = Text(CRITICAL, "IGN MISSION_ITEM: Busy\t")
ITEM_INVALID = Text(CRITICAL, "IGN MISSION_ITEM: Invalid item\t")
ITEM_NO_TRANSFER = Text(CRITICAL, "IGN MISSION_ITEM: No transfer\t")

EXECUTING = Text(INFO, "Executing Mission\t")
REFUSING_TAKEOFF = Text(CRITICAL, "No valid mission available, refusing takeoff\t")
LOITERING = Text(CRITICAL, "No valid mission available, loitering\t")
FINISHED_LANDED = Text(INFO, "Mission finished, landed\t")
FINISHED_LOITERING = Text(INFO, "Mission finished, loitering\t")
ARMED_BY_MISSION = Text(INFO, "Armed by mission start\t")
RETURNING = Text(INFO, "Returning to launch\t")

# PX4's checker of missions speaks by events alone.
STARTS_WITH_LANDING = Text(SILENT, "Mission rejected: starts with landing\t")
TAKEOFF_NOT_FIRST = Text(SILENT, "Mission rejected: takeoff not first waypoint item\t")
VTOL_ITEMS = Text(SILENT, "Mission rejected: Mission contains VTOL items but vehicle is not a VTOL\t")
TAKEOFF_REQUIRED = Text(SILENT, "Mission rejected: Takeoff waypoint required.\t")
LANDING_REQUIRED = Text(SILENT, "Mission rejected: Landing waypoint/pattern required.\t")
TAKEOFF_OR_LANDING_MISSING = Text(SILENT, "Mission rejected: Takeoff or Landing item missing.\t")
ADD_LANDING = Text(SILENT, "Mission rejected: Add Landing item or remove Takeoff.\t")
ADD_TAKEOFF = Text(SILENT, "Mission rejected: Add Takeoff item or remove Landing.\t")
LANDING_REQUIRED_IN_AIR = Text(SILENT, "Mission rejected: Landing waypoint/pattern required.")

FENCE_WITHOUT_HOME = Text(CRITICAL, "Geofence invalid, doesn't contain Home position\t")
FENCE_WITHOUT_VEHICLE = Text(CRITICAL, "Geofence invalid, doesn't contain current vehicle position\t")
BREACH_DISTANCE = Text(CRITICAL, "Geofence: exceeding maximum distance to Home")
BREACH_ALTITUDE = Text(CRITICAL, "Geofence: exceeding maximum altitude above Home")
BREACH_FENCE = Text(CRITICAL, "Geofence: approaching or outside geofence")
REPOSITION_OUTSIDE = Text(CRITICAL, "Reposition is outside geofence\t")
ALTITUDE_OUTSIDE = Text(CRITICAL, "Altitude change is outside geofence\t")


def rally_frame(frame: int) -> Text:
    """A rally point in a frame that PX4 does not know there."""
    return Text(CRITICAL, "RTL: unsupported MAV_FRAME\t", f" ({frame})")


def climb_first(height_m: float) -> Text:
    """The mission begins with a climb to a height above home."""
    return Text(INFO, f"Climb to {height_m:.1f} meters above home\t")


def climb_for_landing(altitude_amsl_m: float) -> Text:
    """A return to the mission's landing begins with a climb."""
    return Text(INFO, f"RTL Mission land: climb to {math.ceil(altitude_amsl_m)} m\t")


def unsupported_command(index: int, command: int) -> Text:
    """An item that is stored but not flown."""
    return Text(SILENT, f"Mission rejected: item {index + 1}: unsupported cmd: {command}\t")


def first_far(distance_m: float) -> Text:
    """The first waypoint is suspiciously far from home."""
    return Text(SILENT, f"First waypoint far away from home: {int(distance_m)}m. Correct mission loaded?\t")


def takeoff_too_low(minimum_m: float) -> Text:
    """A take-off to a height below the least one."""
    return Text(SILENT, f"Mission rejected: Takeoff altitude {minimum_m:.1f} below home altitude!\t")


def outside_fence(index: int) -> Text:
    """An item outside the geofence."""
    return Text(CRITICAL, f"Geofence violation for waypoint {index + 1}\t")
