"""EVENTs: what PX4 tells ground stations besides, or instead of, a text. Ids, levels and arguments are PX4 v1.16's.

A text that ends with a tab has an event as its twin; `twin` finds it by the text's words.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from sitl.autopilot.commander.modes import EXTERNAL, Mode, custom_mode, name_of

COMPONENT = 1 << 24  # PX4's events; the rest of an id is a hash of the event's name
EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, INFO, PROTOCOL, DISABLED = 0, 1, 2, 3, 4, 6, 8, 9
ARGUMENTS_LENGTH = 40
_FORMATS = {"uint8_t": "B", "int16_t": "h", "uint16_t": "H", "int32_t": "i", "uint32_t": "I", "float": "f"}
_BASES = {
    "arm_disarm_reason_t": "uint8_t",
    "failsafe_action_t": "uint8_t",
    "failsafe_cause_t": "uint8_t",
    "health_component_t": "uint32_t",
    "navigation_mode_group_t": "uint32_t",
    "navigation_mode_t": "uint8_t",
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
    (0x0EAC3F, "failsafe_rc_override", INFO, INFO, "Pilot took over using sticks"),
    (0x2F2F05, "commander_unsupported_auto_mode", ERROR, ERROR, "Unsupported auto mode"),
    (
        0xFD2A87,
        "commander_ctrl_high_latency_failed",
        CRITICAL,
        INFO,
        "Control high latency failed! Telemetry unavailable",
    ),
    (0xC38E53, "mavlink_rcv_sp_target_unsup_force", ERROR, ERROR, "SET_POSITION_TARGET_LOCAL_NED force not supported"),
    (0x5637A5, "mavlink_rcv_sp_target_invalid", ERROR, ERROR, "SET_POSITION_TARGET_LOCAL_NED invalid"),
    (0xA2A143, "mavlink_rcv_sp_target_gl_unsup_force", ERROR, ERROR, "SET_POSITION_TARGET_GLOBAL_INT force not supported"),
    (0x4A122B, "mission_not_valid_refuse", ERROR, DISABLED, "No valid mission available, refusing takeoff"),
    (0x33BACC, "mission_not_valid_loiter", ERROR, DISABLED, "No valid mission available, loitering"),
    (0x820270, "mavlink_mission_op_timeout", ERROR, ERROR, "Operation timeout"),
    (0x3E668E, "mavlink_mission_partner_id_mismatch", ERROR, ERROR, "REJ. WP CMD: partner id mismatch"),
    (0x3BB9F4, "mavlink_mission_partner_id_mismatch2", ERROR, ERROR, "WPM: REJ. CMD: partner id mismatch"),
    (0x6B0D0C, "mavlink_mission_item_partner_id_mismatch", ERROR, ERROR, "REJ. MIS ITEM: partner id mismatch"),
    (0xCF0A29, "mavlink_mission_seq_out_of_bounds", ERROR, ERROR, "WPM: WP CURR CMD: Not in list"),
    (0x885868, "mavlink_mission_state_busy", ERROR, ERROR, "WPM: IGN WP CURR CMD: Busy"),
    (0xE9340C, "mavlink_mission_req_ignored", WARNING, WARNING, "Mission download request ignored, already active"),
    (0x6A6D8E, "mavlink_mission_wp_unexpected", ERROR, ERROR, "WPM: REJ. CMD: Req. WP was unexpected"),
    (0x8ABEF4, "mavlink_mission_wp_unexpected2", ERROR, ERROR, "WPM: REJ. CMD: Req. WP was unexpected (2)"),
    (0x89875C, "mavlink_mission_mis_req_ignored_busy", ERROR, ERROR, "WPM: REJ. CMD: Busy"),
    (0x492F8B, "mavlink_mission_getlist_busy", ERROR, ERROR, "WPM: REJ. CMD: Busy (2)"),
    (0x2A0939, "mavlink_mission_ignore_mis_count", ERROR, ERROR, "WPM: IGN MISSION_COUNT: Busy"),
    (0x6B572, "mavlink_mission_no_transfer", ERROR, ERROR, "IGN MISSION_ITEM: No transfer"),
    (0x8269C0, "mavlink_mission_mis_item_busy", ERROR, ERROR, "IGN MISSION_ITEM: Busy"),
    (0xFEB270, "mavlink_mission_mis_item_invalid", ERROR, ERROR, "IGN MISSION_ITEM: Invalid item"),
    (0x40213F, "mavlink_mission_ignore_clear", ERROR, ERROR, "WPM: IGN CLEAR CMD: Busy"),
)
_BY_WORDS: dict[str, Kind] = {
    message: _kind(number, name, external, internal, "", message) for number, name, external, internal, message in _PLAIN
}
_CONSTRAINED = (
    ("Tilt constrained to safe value", 0xDE7E4D, "mc_pos_ctrl_tilt_set"),
    ("Land tilt has been constrained by max tilt", 0x3C1D79, "mc_pos_ctrl_land_tilt_set"),
    ("Cruise speed has been constrained by max speed", 0xF2C2D9, "mc_pos_ctrl_cruise_set"),
    ("Manual speed has been constrained by max speed", 0xD7F608, "mc_pos_ctrl_man_vel_set"),
    ("Manual backward speed has been constrained by forward speed", 0x84D80C, "mc_pos_ctrl_man_vel_back_set"),
    ("Manual sideways speed has been constrained by forward speed", 0x4D4C3C, "mc_pos_ctrl_man_vel_side_set"),
    ("Ascent speed has been constrained by max speed", 0x58BACF, "mc_pos_ctrl_up_vel_set"),
    ("Descent speed has been constrained by max speed", 0xD6DAB6, "mc_pos_ctrl_down_vel_set"),
    ("Hover thrust has been constrained by min/max", 0x39AD47, "mc_pos_ctrl_hover_thrust_set"),
)
_WITH_VALUES: tuple[tuple[re.Pattern[str], Kind], ...] = tuple(
    (re.compile(pattern), _kind(number, name, external, internal, types, message))
    for pattern, number, name, external, internal, types, message in (
        (
            r"RTL: start return at (-?\d+) m \((-?\d+) m above destination\)",
            *(0x522694, "vrtl_return_at", INFO, INFO, "int32_t int32_t"),
            "RTL: start return at {1m_v} ({2m_v} above destination)",
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
            r"SET_POSITION_TARGET_LOCAL_NED coordinate frame (\d+) unsupported",
            *(0xB04541, "mavlink_rcv_sp_target_unsup_coord", ERROR, ERROR, "uint8_t"),
            "SET_POSITION_TARGET_LOCAL_NED: coordinate frame {1} unsupported",
        ),
        (
            r"SET_POSITION_TARGET_GLOBAL_INT invalid coordinate frame (\d+)",
            *(0xA74733, "mavlink_rcv_sp_target_gl_invalid_coord", ERROR, ERROR, "uint8_t"),
            "SET_POSITION_TARGET_GLOBAL_INT invalid coordinate frame {1}",
        ),
        (
            r"Unsupported ARM_DISARM param: (-?[\d.]+)",
            *(0x253B9D, "commander_unsupported_arm_disarm_param", ERROR, ERROR, "float"),
            "Unsupported ARM_DISARM param: {1:.3}",
        ),
        (
            r"\[logger\] ./log/(\d+)-(\d+)-(\d+)/(\d+)_(\d+)_(\d+)\.ulg",
            *(0x125BEF, "logger_open_file_time", INFO, INFO, "uint16_t uint8_t uint8_t uint8_t uint8_t uint8_t"),
            "logging: opening log file {1}-{2}-{3}/{4}_{5}_{6}.ulg",
        ),
        (
            r"RTL: unsupported MAV_FRAME \((\d+)\)",
            *(0x8EB130, "rtl_unsupported_mav_frame", ERROR, ERROR, "uint8_t", "RTL: unsupported MAV_FRAME ({1})"),
        ),
        (
            r"Landing target: coordinate frame (\d+) unsupported",
            *(0xBA7AA6, "mavlink_rcv_lnd_target_unsup_coord", ERROR, ERROR, "uint8_t"),
            "landing target: coordinate frame {1} unsupported",
        ),
    )
)
NAVIGATION_MODES = {  # navigation_mode_t
    Mode.MANUAL: 0,
    Mode.ALTITUDE: 1,
    Mode.POSITION: 2,
    Mode.MISSION: 3,
    Mode.LOITER: 4,
    Mode.RETURN: 5,
    Mode.ACRO: 6,
    Mode.OFFBOARD: 7,
    Mode.STABILIZED: 8,
    Mode.POSITION_SLOW: 9,
    Mode.TAKEOFF: 10,
    Mode.LAND: 11,
    Mode.FOLLOW: 12,
    Mode.PRECISION_LAND: 13,
    Mode.ORBIT: 14,
    Mode.VTOL_TAKEOFF: 15,
    Mode.DESCEND: 255,
    Mode.TERMINATION: 255,
} | {mode: 16 + mode - Mode.EXTERNAL_1 for mode in EXTERNAL}
MODE_REFUSED = _kind(
    0xA04397,
    "commander_modeswitch_not_avail",
    *(CRITICAL, INFO, "uint32_t navigation_mode_t"),
    "Switching to mode '{2}' is currently not possible",
)
_REFUSED = re.compile(r"Switching to (.+) is currently not available")
_WITH_VALUES += tuple(
    (re.compile(rf"{words} \((-?[\d.e+-]+)\)"), _kind(number, name, WARNING, WARNING, "float", words))
    for words, number, name in _CONSTRAINED
)
_REASONED = re.compile(r"(Armed|Disarmed) by (.+)")


def twin(words: str, which: str = "") -> Event | None:
    """The event that goes with a text; None for one without, and for those of failsafes, which depend on more than words.

    `which` tells apart the same words for different things.
    """
    if not words.endswith("\t"):
        return None
    words = words[:-1] + which
    plain = _BY_WORDS.get(words)
    if plain is not None:
        return plain.event()
    reasoned = _REASONED.fullmatch(words)
    if reasoned is not None and reasoned[2] in REASONS:
        return (ARMED if reasoned[1] == "Armed" else DISARMED).event(REASONS[reasoned[2]])
    refused = _REFUSED.fullmatch(words)
    if refused is not None:
        mode = next(mode for mode in Mode if name_of(mode) == refused[1])
        return MODE_REFUSED.event(custom_mode(mode), NAVIGATION_MODES[mode])
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
FAILSAFE_WARNING = _kind(
    0x8293EF, "commander_failsafe_enter_warn", *(WARNING, WARNING, "uint32_t failsafe_cause_t"), "Failsafe warning: {2}"
)
FAILSAFE_GENERIC_WARNING = _kind(
    0xCA98D9, "commander_failsafe_enter_generic_warn", WARNING, WARNING, "uint32_t", "Failsafe warning:"
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
FENCE_TOO_FAR = _check(
    0x3E092F, "check_gf_violation_max_hor_dist", ERROR, "Geofence violation: exceeding maximum distance to Home"
)
FENCE_TOO_HIGH = _check(
    0xD47520, "check_gf_violation_max_alt", ERROR, "Geofence violation: exceeding maximum altitude above Home"
)
FENCE_VIOLATED = _check(0x022EAB, "check_gf_violation_custom_gf", ERROR, "Geofence violation")
NO_GCS = _check(0x67C97B, "check_rc_dl_no_dllink", INFO, "No connection to the ground control station")
"""An ERROR when NAV_DLL_ACT asks for a ground station."""

KINDS: tuple[Kind, ...] = (
    MODE_REFUSED,
    *(ARMED, DISARMED, FAILSAFE_HOLD, FAILSAFE, FAILSAFE_GENERIC_HOLD, FAILSAFE_GENERIC, FAILSAFE_DISENGAGED),
    *(
        FAILSAFE_WARNING,
        FAILSAFE_GENERIC_WARNING,
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
    *(
        NO_OFFBOARD,
        NO_HOME,
        NO_STICKS,
        BATTERY_LOW,
        BATTERY_CRITICAL,
        BATTERY_EMERGENCY,
        FENCE_TOO_FAR,
        FENCE_TOO_HIGH,
        FENCE_VIOLATED,
        NO_GCS,
    ),
    *_BY_WORDS.values(),
    *(kind for _, kind in _WITH_VALUES),
)
