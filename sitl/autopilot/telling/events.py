"""EVENTs without texts: of failsafes, and of the arming checks' reports."""

from __future__ import annotations

from sitl.autopilot.telling import twins
from sitl.autopilot.telling.kinds import CRITICAL, EMERGENCY, ERROR, INFO, PROTOCOL, WARNING, Kind, kind

# Failsafes

FAILSAFE_HOLD = kind(
    0xD11DF6,
    "commander_failsafe_enter_hold",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t uint16_t failsafe_cause_t"),
    "{4}: switching to {2} in {3} seconds",
)
FAILSAFE = kind(
    0x94CA8A,
    "commander_failsafe_enter",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t failsafe_cause_t"),
    "{3}: switching to {2}",
)
FAILSAFE_GENERIC_HOLD = kind(
    0x44B3E0,
    "commander_failsafe_enter_generic_hold",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t uint16_t"),
    "Failsafe activated: switching to {2} in {3} seconds",
)
FAILSAFE_GENERIC = kind(
    0xDEDBD0,
    "commander_failsafe_enter_generic",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t"),
    "Failsafe activated: switching to {2}",
)
FAILSAFE_DISENGAGED = kind(
    0xC2DC72,
    "commander_failsafe_enter_autopilot_disengaged",
    *(CRITICAL, WARNING, "uint32_t failsafe_action_t"),
    "Failsafe activated: autopilot disengaged, switching to {2}",
)
FAILSAFE_LOW_BATTERY = kind(0xBA6953, "commander_failsafe_enter_low_bat", WARNING, INFO, "", "Low battery, return advised")
FAILSAFE_CRITICAL_BATTERY = kind(
    0x25C3C0, "commander_failsafe_enter_crit_bat_warn", CRITICAL, INFO, "", "Critical battery level, land now"
)
FAILSAFE_EMERGENCY_BATTERY = kind(
    0x00C87F, "commander_failsafe_enter_crit_low_bat_warn", EMERGENCY, INFO, "", "Emergency battery level, land immediately"
)
FAILSAFE_WARNING = kind(
    0x8293EF, "commander_failsafe_enter_warn", *(WARNING, WARNING, "uint32_t failsafe_cause_t"), "Failsafe warning: {2}"
)
FAILSAFE_GENERIC_WARNING = kind(
    0xCA98D9, "commander_failsafe_enter_generic_warn", WARNING, WARNING, "uint32_t", "Failsafe warning:"
)

# Arming checks

SUMMARY = kind(
    0xA893E0,
    "commander_arming_check_summary",
    *(PROTOCOL, PROTOCOL),
    "uint8_t health_component_t health_component_t navigation_mode_group_t navigation_mode_group_t",
    "Arming check summary",
    "arming_check",
)
HEALTH = kind(
    0x1D3727,
    "commander_health_summary",
    *(PROTOCOL, PROTOCOL, "uint8_t health_component_t health_component_t health_component_t"),
    "Health summary",
    "health",
)
_CHECK = "navigation_mode_group_t uint8_t"


def _check(number: int, name: str, level: int, message: str) -> Kind:
    return kind(number, name, level, level, _CHECK, message, "arming_check")


def _uncalibrated(number: int, name: str, message: str) -> Kind:
    return kind(number, name, ERROR, ERROR, f"{_CHECK} uint8_t", message, "arming_check")


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
    *(FAILSAFE_HOLD, FAILSAFE, FAILSAFE_GENERIC_HOLD, FAILSAFE_GENERIC, FAILSAFE_DISENGAGED),
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
    *(ACCELEROMETER_UNCALIBRATED, GYRO_UNCALIBRATED, COMPASS_UNCALIBRATED),
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
    *twins.KINDS,
)
