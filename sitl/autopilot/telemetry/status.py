"""Messages of health, modes, time and identity."""

from __future__ import annotations

import math

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commander.commander import READY_AFTER_S
from sitl.autopilot.commander.modes import base_mode, custom_mode, standard_number_of
from sitl.autopilot.commander.states import LandedState, SystemStatus
from sitl.autopilot.payload.gimbal import MAVLINK_V2
from sitl.autopilot.telemetry.sources import Message, Sources, e7, limit

# MAV_SYS_STATUS_SENSOR words as a simulated PX4 v1.16.0 sends them (recorded).
BOOTING = (0, 0, 0x0321C83F)
CONVERGING = (0x0200400F, 0x0201400F, 0x0320883F)
READY = (0x0200402F, 0x0201402F, 0x0320C83F)
CONVERGING_FROM_S = 1.9
LOGGING, BATTERY, PREARM = 0x01000000, 0x02000000, 0x10000000

CAPABILITIES, GIMBAL_MANAGER = 0xE8FF, 0x40000
VERSION = 0x011000FF  # 1.16.0, official release
GIT_HASH = bytes([0, 0, 0, 87, 145, 83, 163, 110])
UID = 5283920058631409231

NO_DATA_U16 = 65535


def heartbeat(src: Sources) -> Message:
    pilot = src.pilot
    return mavlink.MAVLink_heartbeat_message(
        mavlink.MAV_TYPE_QUADROTOR,
        mavlink.MAV_AUTOPILOT_PX4,
        base_mode(pilot.mode, armed=pilot.commander.armed, offboard_attitude=pilot.flight.offboard.holds_attitude),
        custom_mode(pilot.mode),
        pilot.system_status,
        3,
    )


def sys_status(src: Sources) -> Message:
    pilot = src.pilot
    words = BOOTING if src.now_s < CONVERGING_FROM_S else CONVERGING if src.now_s < READY_AFTER_S else READY
    present, enabled, health = words
    if words is not BOOTING and pilot.logbook.reported(pilot.now_s):
        present, enabled = present | LOGGING, enabled | LOGGING
    if pilot.health.can_arm(pilot.mode):
        health |= PREARM
    if not pilot.health.reported.battery_well:
        health &= ~BATTERY
    load = 117 + limit(src.noise.gauss(8.0, 12.0), -17, 40)
    voltage_mv = round(pilot.battery.voltage_v * 1e3)
    remaining = limit(math.ceil(pilot.battery.remaining * 100 - 1e-3), 0, 100)
    return mavlink.MAVLink_sys_status_message(
        *(present, enabled, health, load, voltage_mv, -100, remaining),
        *(0, 0, 0, 0, 0, 0),
        onboard_control_sensors_health_extended=1,
    )


def battery_status(src: Sources) -> Message:
    battery = src.pilot.battery
    voltages = [round(battery.voltage_v * 1e3)] + [NO_DATA_U16] * 9
    remaining = limit(math.ceil(battery.remaining * 100 - 1e-3), 0, 100)
    kind = mavlink.MAV_BATTERY_TYPE_LIPO
    return mavlink.MAVLink_battery_status_message(
        *(0, mavlink.MAV_BATTERY_FUNCTION_ALL, kind, 32767, voltages, -100, 0, -1, remaining),
        time_remaining=0,
        charge_state=battery.charge,
    )


def extended_sys_state(src: Sources) -> Message:
    return mavlink.MAVLink_extended_sys_state_message(0, src.pilot.landed_state)


def published(src: Sources) -> tuple[object, ...]:
    """What PX4 publishes at once when it changes (vehicle_status), as far as anything tells of it."""
    return src.pilot.mode, src.pilot.commander.user_mode, src.pilot.system_status


def current_mode(src: Sources) -> Message:
    mode, wanted = custom_mode(src.pilot.mode), custom_mode(src.pilot.commander.user_mode)
    return mavlink.MAVLink_current_mode_message(standard_number_of(src.pilot.mode), mode, wanted)


def estimator_status(src: Sources) -> Message:
    gauss = src.noise.gauss
    ratios = [abs(gauss(0.0, sigma)) for sigma in (0.04, 0.03, 0.015, 0.08, 0.001)]
    position_valid = src.pilot.flight.position_valid
    flags = 1152 if src.now_s < CONVERGING_FROM_S else 1023 if position_valid else 1023 & ~0x1A
    accuracy = src.pilot.flight.estimate.horizontal_accuracy_m
    return mavlink.MAVLink_estimator_status_message(src.boot_us, flags, *ratios, math.nan, accuracy, 0.3)


def vibration(src: Sources) -> Message:
    level = 0.117 if src.pilot.flight.body.on_ground else 0.9
    return mavlink.MAVLink_vibration_message(src.boot_us, 1e-10, 0.011, level, 0, 0, 0)


def system_time(src: Sources) -> Message:
    return mavlink.MAVLink_system_time_message(round((src.unix_s + src.now_s) * 1e6), src.boot_ms)


def timesync(src: Sources) -> Message:
    return mavlink.MAVLink_timesync_message(0, round(src.now_s * 1e9))


def ping(src: Sources) -> Message:
    src.pings += 1
    return mavlink.MAVLink_ping_message(src.boot_us, src.pings & 0xFFFFFFFF, 0, 0)


def autopilot_version(src: Sources) -> Message:
    capabilities = CAPABILITIES | (GIMBAL_MANAGER if src.pilot.parameters["MNT_MODE_IN"] == MAVLINK_V2 else 0)
    uid2 = [src.instance] + [0] * 17
    git, none = list(GIT_HASH), [0] * 8
    return mavlink.MAVLink_autopilot_version_message(
        *(capabilities, VERSION, VERSION, 0, 1, git, git, none, 0, 0, UID + src.instance),
        uid2=uid2,
    )


def open_drone_id_location(src: Sources) -> Message | None:
    flight, home = src.pilot.flight, src.pilot.homes.home
    if src.pilot.system_status is SystemStatus.CRITICAL:
        status = mavlink.MAV_ODID_STATUS_EMERGENCY
    else:
        status = 1 if src.pilot.landed_state is LandedState.ON_GROUND else 2
    vn, ve, vd = flight.estimate.velocity_m_s
    here = flight.position
    height = -1000.0 if home is None else here.altitude_amsl_m - home.position.altitude_amsl_m
    return mavlink.MAVLink_open_drone_id_location_message(
        *(0, 0, [0] * 20, status, round(math.degrees(math.atan2(ve, vn)) * 100) % 36000),
        *(limit(math.hypot(vn, ve) * 100, 0, 25425), limit(-vd * 100, -6200, 6200)),
        *(e7(here.latitude_deg), e7(here.longitude_deg), here.altitude_amsl_m, float(math.floor(here.altitude_amsl_m))),
        *(0, height, 12, 5, 0, 3, 65535.0, 0),
    )


def open_drone_id_system(src: Sources) -> Message | None:
    home = src.pilot.homes.home
    if home is None or not src.pilot.flight.position_valid:
        return None
    place = home.position
    return mavlink.MAVLink_open_drone_id_system_message(
        *(0, 0, [0] * 20, 0, 0, e7(place.latitude_deg), e7(place.longitude_deg), 1, 0, -1000.0, -1000.0, 0, 0),
        *(place.altitude_amsl_m, limit(src.unix_s + src.now_s - 1546300800, 0, 2**32 - 1)),  # since 2019
    )
