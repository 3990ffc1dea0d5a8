"""The events that go with texts: a text that ends with a tab has one as its twin, found by the text's words."""

from __future__ import annotations

import re

from sitl.autopilot.commander.modes import EXTERNAL, Mode, custom_mode, name_of
from sitl.autopilot.telling.kinds import ALERT, CRITICAL, DISABLED, EMERGENCY, ERROR, INFO, WARNING, Event, Kind, kind

ARMED = kind(0x90CAF3, "commander_armed_by", INFO, INFO, "arm_disarm_reason_t", "Armed by {1}")
DISARMED = kind(0xF46777, "commander_disarmed_by", INFO, INFO, "arm_disarm_reason_t", "Disarmed by {1}")
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
    (
        0xEE1647,
        "commander_low_bat_shutdown",
        EMERGENCY,
        WARNING,
        "Dangerously low battery! Shutting system down in 60 seconds",
    ),
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
    message: kind(number, name, external, internal, "", message) for number, name, external, internal, message in _PLAIN
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
    (re.compile(pattern), kind(number, name, external, internal, types, message))
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
MODE_REFUSED = kind(
    0xA04397,
    "commander_modeswitch_not_avail",
    *(CRITICAL, INFO, "uint32_t navigation_mode_t"),
    "Switching to mode '{2}' is currently not possible",
)
_REFUSED = re.compile(r"Switching to (.+) is currently not available")
_WITH_VALUES += tuple(
    (re.compile(rf"{words} \((-?[\d.e+-]+)\)"), kind(number, name, WARNING, WARNING, "float", words))
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
    for pattern, known in _WITH_VALUES:
        match = pattern.fullmatch(words)
        if match is not None:
            return known.event(*(float(value) for value in match.groups()))
    return None


KINDS: tuple[Kind, ...] = (ARMED, DISARMED, MODE_REFUSED, *_BY_WORDS.values(), *(known for _, known in _WITH_VALUES))
"""All of these."""
