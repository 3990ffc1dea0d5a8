"""EVENTs: what PX4 tells ground stations besides, or instead of, a text. Ids, levels and arguments are PX4 v1.16's.

A text that ends with a tab has an event as its twin; `twin` finds it by the text's words.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

COMPONENT = 1 << 24  # PX4's events; the rest of an id is a hash of the event's name
EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, INFO, PROTOCOL = 0, 1, 2, 3, 4, 6, 8
ARGUMENTS_LENGTH = 40
_FORMATS = {"uint8_t": "B", "int16_t": "h", "uint16_t": "H", "int32_t": "i", "uint32_t": "I", "float": "f"}
_BASES = {
    "arm_disarm_reason_t": "uint8_t",
    "failsafe_action_t": "uint8_t",
    "failsafe_cause_t": "uint8_t",
    "health_component_t": "uint32_t",
    "navigation_mode_group_t": "uint32_t",
}


class Event(NamedTuple):
    """An event: id, level for the log and level for ground stations as PX4 packs them, arguments."""

    number: int
    levels: int
    arguments: bytes = b""


class Kind(NamedTuple):
    """What an event is: id, name, levels, the types of its arguments, its message with {1}, {2} in it."""

    number: int
    name: str
    levels: int
    types: tuple[str, ...]
    message: str
    group: str = "default"

    def event(self, *values: float) -> Event:
        """With arguments."""
        layout = "<" + "".join(_FORMATS[_BASES.get(kind, kind)] for kind in self.types)
        whole = (value if kind == "float" else int(value) for kind, value in zip(self.types, values, strict=True))
        return Event(self.number, self.levels, struct.pack(layout, *whole))


def _kind(  # noqa: PLR0917  one line of a table
    number: int, name: str, external: int, internal: int, types: str, message: str, group: str = "default"
) -> Kind:
    return Kind(COMPONENT | number, name, internal << 4 | external, tuple(types.split()), message, group)


ARMED = _kind(0x90CAF3, "commander_armed_by", INFO, INFO, "arm_disarm_reason_t", "Armed by {1}")
DISARMED = _kind(0xF46777, "commander_disarmed_by", INFO, INFO, "arm_disarm_reason_t", "Disarmed by {1}")
REASONS = {  # arm_disarm_reason_t
    "internal command": 3,
    "external command": 4,
    "mission start": 5,
    "landing": 6,
    "auto preflight disarming": 7,
    "kill switch": 8,
    "lockdown": 9,
    "failure detector": 10,
    "failsafe": 14,
}
_PLAIN: tuple[tuple[int, str, int, int, str], ...] = (
    (0x02089D, "commander_arm_denied_resolve_failures", CRITICAL, INFO, "Arming denied: Resolve system health failures first"),
    (0x1F87D3, "commander_arm_denied_calibrating", CRITICAL, INFO, "Arming denied: calibrating"),
    (0x99B217, "commander_calib_rc_off", INFO, INFO, "Calibration: Disabling RC input"),
    (0x60E2F3, "commander_calib_rc_on", INFO, INFO, "Calibration: Restoring RC input"),
    (0x8AB9B5, "commander_disarm_denied_not_landed", CRITICAL, INFO, "Disarming denied: not landed"),
    (0x414569, "commander_takeoff_detected", INFO, INFO, "Takeoff detected"),
    (0x9638AC, "commander_landing_detected", INFO, INFO, "Landing detected"),
    (0x352CE4, "commander_rtl", INFO, INFO, "Returning to launch"),
    (0x32B2DE, "commander_landing_current_pos", INFO, INFO, "Landing at current position"),
    (0x7ECDBC, "commander_landing_prec_land", INFO, INFO, "Precision landing"),
    (0x6BD68A, "commander_mission_start_denied_no_mission", CRITICAL, INFO, "Mission start denied! No valid mission"),
    (0xD93424, "commander_dl_regained", INFO, INFO, "GCS connection regained"),
    (0xA4B458, "commander_gcs_lost", WARNING, INFO, "Connection to ground station lost"),
    (0xA3870B, "commander_onboard_ctrl_regained", INFO, INFO, "Onboard controller regained"),
    (
        0xEE1647,
        "commander_low_bat_shutdown",
        EMERGENCY,
        WARNING,
        "Dangerously low battery! Shutting system down in 60 seconds",
    ),
    (0x59387D, "commander_low_bat_shutdown_failed", EMERGENCY, ERROR, "System does not support shutdown"),
    (0xA9B99D, "commander_mission_comp_lost", CRITICAL, CRITICAL, "Connection to mission computer lost"),
    (0x236CC0, "navigator_takeoff_already_higher", ERROR, INFO, "Already higher than takeoff altitude"),
    (0x1FDB7E, "orbit_radius_exceeded", ALERT, ALERT, "Orbit radius limit exceeded"),
    (0x02D3AA, "rtl_land_at_destination", INFO, INFO, "RTL: land at destination"),
    (0xFF355F, "rtl_completed_loiter", INFO, INFO, "RTL: completed, loitering"),
    (0xEE01B1, "mission_execute", INFO, INFO, "Executing Mission"),
    (0x771204, "mission_finished", INFO, INFO, "Mission finished, landed"),
    (0x4762F6, "mission_finished_loiter", INFO, INFO, "Mission finished, loitering"),
    (0xCDEBC4, "navigator_reposition_outside_geofence", ERROR, INFO, "Reposition is outside geofence"),
    (0x1CB34D, "navigator_change_altitude_outside_geofence", ERROR, INFO, "Altitude change is outside geofence"),
    (0x586D81, "navigator_mis_geofence_no_home", ERROR, INFO, "Geofence requires valid home position"),
    (0xA77115, "navigator_geofence_invalid_against_home", CRITICAL, WARNING, "Geofence invalid, doesn't contain Home position"),
    (
        0x8FEC29,
        "navigator_geofence_invalid_against_cur_pos",
        CRITICAL,
        WARNING,
        "Geofence invalid, doesn't contain current vehicle position",
    ),
    (0x5D73E8, "navigator_mis_starts_w_landing", ERROR, INFO, "Mission rejected: starts with landing"),
    (0xFE4222, "navigator_mis_takeoff_not_first", ERROR, INFO, "Mission rejected: takeoff not first waypoint item"),
    (
        0xAFCEB9,
        "navigator_mis_vtol_items",
        ERROR,
        INFO,
        "Mission rejected: Mission contains VTOL items but vehicle is not a VTOL",
    ),
    (0x53D6E2, "navigator_mis_takeoff_missing", ERROR, INFO, "Mission rejected: Takeoff waypoint required."),
    (0x811691, "navigator_mis_land_missing", ERROR, INFO, "Mission rejected: Landing waypoint/pattern required."),
    (0xBA879E, "navigator_mis_takeoff_or_land_missing", ERROR, INFO, "Mission rejected: Takeoff or Landing item missing."),
    (0x2A432E, "navigator_mis_add_land_or_rm_to", ERROR, INFO, "Mission rejected: Add Landing item or remove Takeoff."),
    (0xFBEA7E, "navigator_mis_add_to_or_rm_land", ERROR, INFO, "Mission rejected: Add Takeoff item or remove Landing."),
)
_BY_WORDS: dict[str, Kind] = {
    message: _kind(number, name, external, internal, "", message) for number, name, external, internal, message in _PLAIN
}
_CONSTRAINED = (
    (
        0xDE7E4D,
        "mc_pos_ctrl_tilt_set",
        "Tilt constrained to safe value",
        "Maximum tilt limit has been constrained to a safe value",
    ),
    (
        0x3C1D79,
        "mc_pos_ctrl_land_tilt_set",
        "Land tilt has been constrained by max tilt",
        "Land tilt limit has been constrained by maximum tilt",
    ),
    (
        0xF2C2D9,
        "mc_pos_ctrl_cruise_set",
        "Cruise speed has been constrained by max speed",
        "Cruise speed has been constrained by maximum speed",
    ),
    (
        0xD7F608,
        "mc_pos_ctrl_man_vel_set",
        "Manual speed has been constrained by max speed",
        "Manual speed has been constrained by maximum speed",
    ),
    (0x84D80C, "mc_pos_ctrl_man_vel_back_set", *(("Manual backward speed has been constrained by forward speed",) * 2)),
    (0x4D4C3C, "mc_pos_ctrl_man_vel_side_set", *(("Manual sideways speed has been constrained by forward speed",) * 2)),
    (0x58BACF, "mc_pos_ctrl_up_vel_set", *(("Ascent speed has been constrained by max speed",) * 2)),
    (0xD6DAB6, "mc_pos_ctrl_down_vel_set", *(("Descent speed has been constrained by max speed",) * 2)),
    (
        0x39AD47,
        "mc_pos_ctrl_hover_thrust_set",
        "Hover thrust has been constrained by min/max",
        "Hover thrust has been constrained by min/max thrust",
    ),
)
_BY_WORDS |= {words: _kind(number, name, WARNING, WARNING, "float", message) for number, name, words, message in _CONSTRAINED}
_WITH_VALUES: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(pattern), _kind(number, name, external, internal, types, message))
    for pattern, number, name, external, internal, types, message in (
        (
            r"RTL: start return at (-?\d+) m \((-?\d+) m above destination\)",
            *(0x522694, "vrtl_return_at", INFO, INFO, "int32_t int32_t"),
            "RTL: start return at {1m_v} ({2m_v} above destination)",
        ),
        (
            r"RTL Mission land: climb to (-?\d+) m",
            *(0x9C1606, "rtl_mission_land_climb", INFO, INFO, "int32_t", "RTL Mission Land: climb to {1m_v}"),
        ),
        (
            r"Using default takeoff altitude: (-?[\d.]+) m",
            *(0x3B2FC7, "navigator_takeoff_default_alt", INFO, INFO, "float", "Using default takeoff altitude: {1:.2m}"),
        ),
        (
            r"Climb to (-?[\d.]+) meters above home",
            *(0x7D425C, "mission_climb_before_start", INFO, INFO, "float", "Climb to {1:.1m_v} above home"),
        ),
        (
            r"Geofence violation for waypoint (\d+)",
            *(0x2B352D, "navigator_mis_geofence_violation", ERROR, INFO, "int16_t", "Geofence violation for waypoint {1}"),
        ),
        (
            r"Mission rejected: item (\d+): unsupported cmd: (\d+)",
            *(0x85E823, "navigator_mis_unsup_cmd", ERROR, WARNING, "uint16_t uint16_t"),
            "Mission rejected: item {1}: unsupported command: {2}",
        ),
        (
            r"Mission rejected: Takeoff altitude (-?[\d.]+) below home altitude!",
            *(0xBA4A6D, "navigator_mis_takeoff_too_low", ERROR, INFO, "float"),
            "Mission rejected: takeoff altitude too low! Minimum: {1:.1m_v}",
        ),
        (
            r"First waypoint far away from home: (\d+)m. Correct mission loaded\?",
            *(0x511709, "navigator_mis_first_wp_far", WARNING, INFO, "uint32_t"),
            "First waypoint far away from Home: {1m} Correct mission loaded?",
        ),
        (
            r"Landing target: coordinate frame (\d+) unsupported",
            *(0xBA7AA6, "mavlink_rcv_lnd_target_unsup_coord", ERROR, ERROR, "uint8_t"),
            "landing target: coordinate frame {1} unsupported",
        ),
    )
)
_REASONED = re.compile(r"(Armed|Disarmed) by (.+)")


def twin(words: str, values: tuple[float, ...] = ()) -> Event | None:
    """The event that goes with a text; None for one without, and for those of failsafes, which depend on more than words."""
    if not words.endswith("\t"):
        return None
    words = words[:-1]
    plain = _BY_WORDS.get(words)
    if plain is not None:
        return plain.event(*values)
    reasoned = _REASONED.fullmatch(words)
    if reasoned is not None and reasoned[2] in REASONS:
        return (ARMED if reasoned[1] == "Armed" else DISARMED).event(REASONS[reasoned[2]])
    for pattern, kind in _WITH_VALUES:
        match = pattern.fullmatch(words)
        if match is not None:
            return kind.event(*(float(value) for value in match.groups()))
    return None


# Failsafes

FAILSAFE_HOLD = _kind(
    0xD11DF6,
    "commander_failsafe_enter_hold",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t uint16_t failsafe_cause_t"),
    "{4}: switching to {2} in {3} seconds",
)
FAILSAFE = _kind(
    0x94CA8A,
    "commander_failsafe_enter",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t failsafe_cause_t"),
    "{3}: switching to {2}",
)
FAILSAFE_GENERIC_HOLD = _kind(
    0x44B3E0,
    "commander_failsafe_enter_generic_hold",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t uint16_t"),
    "Failsafe activated: switching to {2} in {3} seconds",
)
FAILSAFE_GENERIC = _kind(
    0xDEDBD0,
    "commander_failsafe_enter_generic",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t"),
    "Failsafe activated: switching to {2}",
)
FAILSAFE_DISENGAGED = _kind(
    0xC2DC72,
    "commander_failsafe_enter_autopilot_disengaged",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t"),
    "Failsafe activated: autopilot disengaged, switching to {2}",
)
FAILSAFE_LOW_BATTERY = _kind(0xBA6953, "commander_failsafe_enter_low_bat", WARNING, INFO, "", "Low battery, return advised")
FAILSAFE_CRITICAL_BATTERY = _kind(
    0x25C3C0, "commander_failsafe_enter_crit_bat_warn", CRITICAL, INFO, "", "Critical battery level, land now"
)
FAILSAFE_EMERGENCY_BATTERY = _kind(
    0x00C87F, "commander_failsafe_enter_crit_low_bat_warn", EMERGENCY, INFO, "", "Emergency battery level, land immediately"
)

# Arming checks

SUMMARY = _kind(
    0xA893E0,
    "commander_arming_check_summary",
    *(PROTOCOL, PROTOCOL),
    "uint8_t health_component_t health_component_t navigation_mode_group_t navigation_mode_group_t",
    "Arming check summary",
    "arming_check",
)
HEALTH = _kind(
    0x1D3727,
    "commander_health_summary",
    *(PROTOCOL, PROTOCOL, "uint8_t health_component_t health_component_t health_component_t"),
    "Health summary",
    "health",
)
_CHECK = "navigation_mode_group_t uint8_t"


def _check(number: int, name: str, level: int, message: str) -> Kind:
    return _kind(number, name, level, level, _CHECK, message, "arming_check")


def _uncalibrated(number: int, name: str, message: str) -> Kind:
    return _kind(number, name, ERROR, ERROR, f"{_CHECK} uint8_t", message, "arming_check")


ACCELEROMETER_UNCALIBRATED = _uncalibrated(0x5314F8, "check_accel_not_calibrated", "Accelerometer {3} uncalibrated")
GYRO_UNCALIBRATED = _uncalibrated(0x143D71, "check_gyro_not_calibrated", "Gyro {3} uncalibrated")
COMPASS_UNCALIBRATED = _uncalibrated(0xFF12F9, "check_mag_not_calibrated", "Compass {3} uncalibrated")
GPS_FIX = _check(0xBCBE91, "check_estimator_gps_fix_too_low", WARNING, "GPS fix too low")
LOCAL_POSITION = _check(0xD31BB9, "check_modes_local_pos", ERROR, "No valid local position estimate")
GLOBAL_POSITION = _check(0x98C273, "check_modes_global_pos", ERROR, "No valid global position estimate")
CANNOT_TAKE_OFF = _check(0x1C8F61, "check_modes_cannot_takeoff", INFO, "Mode cannot take off: switch to another one to arm")
NO_MISSION = _check(0x05C2D9, "check_modes_mission", INFO, "No valid mission available")
NO_OFFBOARD = _check(0x2F1DC7, "check_modes_offboard_signal", ERROR, "No offboard signal")
NO_HOME = _check(0x013630, "check_modes_home_position", INFO, "Home position not set")
NO_STICKS = _check(0x06ED29, "check_modes_manual_control", WARNING, "No manual control input")
BATTERY_LOW = _check(0x4D0DA4, "check_battery_low", WARNING, "Low battery level")
BATTERY_CRITICAL = _check(0x28180B, "check_battery_critical", CRITICAL, "Critical battery level")
BATTERY_EMERGENCY = _check(0xAD1B07, "check_battery_emergency", CRITICAL, "Emergency battery level")
FENCE_VIOLATED = _check(0x022EAB, "check_gf_violation_custom_gf", ERROR, "Geofence violation")
NO_GCS = _check(0x67C97B, "check_rc_dl_no_dllink", INFO, "No connection to the ground control station")
"""An ERROR when NAV_DLL_ACT asks for a ground station."""

KINDS: tuple[Kind, ...] = (
    *(ARMED, DISARMED, FAILSAFE_HOLD, FAILSAFE, FAILSAFE_GENERIC_HOLD, FAILSAFE_GENERIC, FAILSAFE_DISENGAGED),
    *(
        FAILSAFE_LOW_BATTERY,
        FAILSAFE_CRITICAL_BATTERY,
        FAILSAFE_EMERGENCY_BATTERY,
        SUMMARY,
        HEALTH,
        GPS_FIX,
        LOCAL_POSITION,
        GLOBAL_POSITION,
        CANNOT_TAKE_OFF,
        NO_MISSION,
    ),
    *(ACCELEROMETER_UNCALIBRATED, GYRO_UNCALIBRATED, COMPASS_UNCALIBRATED),
    *(NO_OFFBOARD, NO_HOME, NO_STICKS, BATTERY_LOW, BATTERY_CRITICAL, BATTERY_EMERGENCY, FENCE_VIOLATED, NO_GCS),
    *_BY_WORDS.values(),
    *(kind for _, kind in _WITH_VALUES),
)
