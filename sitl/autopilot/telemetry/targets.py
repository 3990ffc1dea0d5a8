"""Messages of what the controllers want."""

from __future__ import annotations

import math

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.telemetry.sources import Message, Sources, e7, limit
from sitl.autopilot.vector import ZERO

NAN = math.nan
MIN_PWM, DISARMED_PWM, SPAN_PWM = 1000, 900, 1000
NOTHING_CONTROLLED = 63  # x, y, z, vx, vy, vz to be ignored


def attitude_target(src: Sources) -> Message:
    controller = src.pilot.flight.controller
    thrust = controller.thrust if src.pilot.flight.armed else 0.001
    rates = src.pilot.flight.estimate.rates_rad_s
    return mavlink.MAVLink_attitude_target_message(src.boot_ms, 0, list(controller.attitude_setpoint), *rates, thrust)


def position_target_local_ned(src: Sources) -> Message:
    flight = src.pilot.flight
    controller = flight.controller
    velocity = [NAN if v is None else v for v in controller.velocity_setpoint_m_s]
    position = [NAN if p is None else p for p in flight.setpoint.position_m]
    idle = flight.setpoint.thrust is not None
    acceleration = (0.0, 0.0, 100.0) if idle else controller.acceleration_setpoint_m_s2
    yaw = flight.setpoint.yaw_rad if flight.setpoint.yaw_rad is not None else flight.estimate.yaw_rad
    return mavlink.MAVLink_position_target_local_ned_message(
        src.boot_ms,
        mavlink.MAV_FRAME_LOCAL_NED,
        NOTHING_CONTROLLED if idle else 0,
        *position,
        *velocity,
        *acceleration,
        yaw,
        flight.setpoint.yaw_rate_rad_s,
    )


def position_target_global_int(src: Sources) -> Message | None:
    flight = src.pilot.flight
    target = flight.task.target_m
    if target is None or not flight.armed or flight.setpoint.thrust is not None:
        return None
    place = flight.geodetic(target)
    velocity = [v or 0.0 for v in flight.controller.velocity_setpoint_m_s]
    return mavlink.MAVLink_position_target_global_int_message(
        src.boot_ms,
        mavlink.MAV_FRAME_GLOBAL_INT,
        0,
        e7(place.latitude_deg),
        e7(place.longitude_deg),
        place.altitude_amsl_m,
        *velocity,
        *ZERO,
        flight.setpoint.yaw_rad or 0.0,
        0.0,
    )


def servo_output_raw(src: Sources) -> Message:
    flight = src.pilot.flight
    motor = MIN_PWM + limit(flight.controller.thrust * SPAN_PWM, 0, SPAN_PWM) if flight.armed else DISARMED_PWM
    rest = [DISARMED_PWM] * 12
    return mavlink.MAVLink_servo_output_raw_message(src.boot_us & 0xFFFFFFFF, 0, *([motor] * 4), *rest)


def orbit_execution_status(src: Sources) -> Message | None:
    orbit = src.pilot.orbit
    if orbit is None or orbit.status is None:
        return None
    centre = src.pilot.flight.geodetic(orbit.status.centre_m)
    return mavlink.MAVLink_orbit_execution_status_message(
        src.boot_us,
        orbit.status.radius_m,
        mavlink.MAV_FRAME_GLOBAL,
        e7(centre.latitude_deg),
        e7(centre.longitude_deg),
        centre.altitude_amsl_m,
    )
