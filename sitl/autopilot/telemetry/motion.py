"""Messages of position, attitude and sensors."""

from __future__ import annotations

import math
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.body.vehicle import GRAVITY_M_S2
from sitl.autopilot.telemetry.sources import ATTITUDE_FROM_S, POSITION_FROM_S, Message, Sources, e7, limit, millimetres
from wire.geo import rotate

NAN = math.nan
RANGE_MAX_CM = 10000
TEMPERATURE_C = 15.0
SEA_LEVEL_PA = 101325.0
PRESSURE_SCALE_M = 8434.5
ESTIMATOR_FLAGS = 165  # as recorded: attitude, velocity and position are usable


def attitude(src: Sources) -> Message | None:
    if src.now_s < ATTITUDE_FROM_S:
        return None
    e = src.pilot.flight.estimate
    p, q, r = (rate + src.noise.gauss(0.0, 0.005) for rate in e.rates_rad_s)
    return mavlink.MAVLink_attitude_message(src.boot_ms, e.roll_rad, e.pitch_rad, e.yaw_rad, p, q, r)


def attitude_quaternion(src: Sources) -> Message | None:
    if src.now_s < ATTITUDE_FROM_S:
        return None
    e = src.pilot.flight.estimate
    return mavlink.MAVLink_attitude_quaternion_message(src.boot_ms, *e.quaternion, *e.rates_rad_s)


def local_position_ned(src: Sources) -> Message:
    e = src.pilot.flight.estimate
    return mavlink.MAVLink_local_position_ned_message(src.boot_ms, *e.position_m, *e.velocity_m_s)


def global_position_int(src: Sources) -> Message | None:
    home = src.pilot.homes.home
    if src.now_s < POSITION_FROM_S or home is None:
        return None
    flight = src.pilot.flight
    here = flight.position
    vn, ve, vd = flight.estimate.velocity_m_s
    return mavlink.MAVLink_global_position_int_message(
        src.boot_ms,
        e7(here.latitude_deg),
        e7(here.longitude_deg),
        millimetres(here.altitude_amsl_m),
        millimetres(here.altitude_amsl_m - home.position.altitude_amsl_m),
        limit(vn * 100, -32768, 32767),
        limit(ve * 100, -32768, 32767),
        limit(vd * 100, -32768, 32767),
        round(math.degrees(flight.estimate.yaw_rad) * 100) % 36000,
    )


def odometry(src: Sources) -> Message:
    e = src.pilot.flight.estimate
    position = [NAN] * 21
    position[0] = position[6] = e.horizontal_accuracy_m**2 / 2
    position[11], position[15], position[18], position[20] = 0.096, 3.8e-4, 3.8e-4, 0.036
    velocity = [NAN] * 21
    velocity[0], velocity[6], velocity[11] = 0.0113, 0.0113, 0.0092
    frame = mavlink.MAV_FRAME_LOCAL_NED
    return mavlink.MAVLink_odometry_message(
        src.boot_us,
        frame,
        frame,
        *e.position_m,
        list(e.quaternion),
        *e.velocity_m_s,
        *e.rates_rad_s,
        position,
        velocity,
        reset_counter=src.pilot.flight.resets,
        estimator_type=mavlink.MAV_ESTIMATOR_TYPE_AUTOPILOT,
    )


class _Sensed(NamedTuple):
    """What an inertial sensor, a compass and a barometer feel: m/s2, rad/s, gauss, in the body's frame; metres AMSL."""

    force_m_s2: tuple[float, ...]
    rates_rad_s: tuple[float, ...]
    field_gauss: tuple[float, ...]
    altitude_m: float


def _sensed(src: Sources) -> _Sensed:
    body = src.pilot.flight.body
    an, ae, ad = body.acceleration_m_s2
    w, x, y, z = body.quaternion
    force = rotate((w, -x, -y, -z), an, ae, ad - GRAVITY_M_S2)
    gauss = src.noise.gauss
    off = src.pilot.flight.estimate.bias.sensors
    altitude = src.pilot.flight.origin.altitude_amsl_m - body.position_m.down + off.barometer_m + gauss(0.0, 0.1)
    north, east = 0.211 * math.cos(off.heading_rad), -0.211 * math.sin(off.heading_rad)
    magnetic = rotate((w, -x, -y, -z), north, east, 0.423)
    return _Sensed(
        tuple(component + gauss(0.0, 0.05) for component in force),
        tuple(rate + gauss(0.0, 0.006) for rate in body.rates_rad_s),
        tuple(component + gauss(0.0, 0.002) for component in magnetic),
        altitude,
    )


def highres_imu(src: Sources) -> Message:
    force, rates, field, altitude = _sensed(src)
    pressure_hpa = pressure_pa(altitude) / 100.0
    return mavlink.MAVLink_highres_imu_message(
        src.boot_us, *force, *rates, *field, pressure_hpa, 0.0, altitude, TEMPERATURE_C, 7167
    )


def scaled_imu(src: Sources) -> Message:
    """In thousandths of g, rad/s and gauss."""
    force, rates, field, _ = _sensed(src)
    scaled = (*(1e3 / GRAVITY_M_S2 * part for part in force), *(1e3 * part for part in (*rates, *field)))
    words = (limit(value, -32768, 32767) for value in scaled)
    return mavlink.MAVLink_scaled_imu_message(src.boot_ms, *words, round(100 * TEMPERATURE_C))


def pressure_pa(altitude_m: float) -> float:
    """The pressure at an altitude, isothermal: good to 1 hPa below 500 m."""
    return SEA_LEVEL_PA * math.exp(-altitude_m / PRESSURE_SCALE_M)


def scaled_pressure(src: Sources) -> Message:
    altitude = src.pilot.flight.position.altitude_amsl_m
    return mavlink.MAVLink_scaled_pressure_message(src.boot_ms, pressure_pa(altitude) / 100.0, 0.0, 1477)


def altitude(src: Sources) -> Message:
    flight, home = src.pilot.flight, src.pilot.homes.home
    amsl = flight.position.altitude_amsl_m
    local = -flight.estimate.position_m.down
    if src.now_s < POSITION_FROM_S or home is None:
        return mavlink.MAVLink_altitude_message(src.boot_us, amsl, NAN, NAN, NAN, NAN, NAN)
    relative = amsl - home.position.altitude_amsl_m
    terrain = local - flight.range_m
    return mavlink.MAVLink_altitude_message(src.boot_us, amsl, amsl, local, relative, terrain, max(0.1, flight.range_m))


def gps_raw_int(src: Sources) -> Message:
    flight = src.pilot.flight
    gauss = src.noise.gauss
    fix = flight.gps_fix
    (n, e, d), (off_n, off_e, off_d) = flight.body.position_m, flight.estimate.bias.sensors.gnss_ned_m
    here = flight.geodetic(Vector(n + off_n, e + off_e, d + off_d))
    vn, ve, _ = flight.body.velocity_m_s
    vn, ve = vn + gauss(0.0, 0.06), ve + gauss(0.0, 0.06)
    height = here.altitude_amsl_m + gauss(0.0, 0.5)
    return mavlink.MAVLink_gps_raw_int_message(
        src.boot_us,
        3 if fix else 0,
        e7(here.latitude_deg + gauss(0.0, 2e-6)),
        e7(here.longitude_deg + gauss(0.0, 2e-6)),
        millimetres(height),
        70 if fix else 10000,
        110 if fix else 10000,
        limit(math.hypot(vn, ve) * 100, 0, 65534),
        round(math.degrees(math.atan2(ve, vn)) * 100) % 36000,
        limit(flight.satellites, 0, 254),
        millimetres(height),
        900 if fix else 100000,
        1780 if fix else 100000,
        400,
        0,
        0,
    )


def distance_sensor(src: Sources) -> Message:
    distance_cm = limit(src.pilot.flight.range_m * 100, 0, 65535)
    valid = distance_cm < RANGE_MAX_CM
    return mavlink.MAVLink_distance_sensor_message(
        src.boot_ms,
        0,
        RANGE_MAX_CM,
        distance_cm,
        0,
        0,
        mavlink.MAV_SENSOR_ROTATION_PITCH_270,
        0,
        signal_quality=100 if valid and distance_cm > 0 else 0,
    )


def vfr_hud(src: Sources) -> Message:
    flight = src.pilot.flight
    e = flight.estimate
    throttle = limit(flight.controller.thrust * 100, 0, 100) if flight.armed else 0
    heading = int(math.degrees(e.yaw_rad)) % 360
    here = flight.position.altitude_amsl_m
    return mavlink.MAVLink_vfr_hud_message(0.0, e.velocity_m_s.horizontal, heading, throttle, here, -e.velocity_m_s.down)


def home_position(src: Sources) -> Message | None:
    home = src.pilot.homes.home
    if home is None:
        return None
    half = home.yaw_rad / 2
    return mavlink.MAVLink_home_position_message(
        e7(home.position.latitude_deg),
        e7(home.position.longitude_deg),
        millimetres(home.position.altitude_amsl_m),
        *home.point_m,
        [math.cos(half), 0.0, 0.0, math.sin(half)],
        0.0,
        0.0,
        0.0,
        round(home.set_at_s * 1e6),
    )


def gps_global_origin(src: Sources) -> Message:
    origin = src.pilot.flight.origin
    return mavlink.MAVLink_gps_global_origin_message(
        e7(origin.latitude_deg),
        e7(origin.longitude_deg),
        millimetres(origin.altitude_amsl_m),
        src.boot_us,
    )


def hil_state_quaternion(src: Sources) -> Message:
    """The true state, for displays and the simulated world."""
    body = src.pilot.flight.body
    here = src.pilot.flight.geodetic(body.position_m)
    speeds = (limit(speed * 100, -32768, 32767) for speed in body.velocity_m_s)
    accelerations = (limit(a / GRAVITY_M_S2 * 1e3, -32768, 32767) for a in body.acceleration_m_s2)
    return mavlink.MAVLink_hil_state_quaternion_message(
        src.boot_us,
        list(body.quaternion),
        *body.rates_rad_s,
        e7(here.latitude_deg),
        e7(here.longitude_deg),
        millimetres(here.altitude_amsl_m),
        *speeds,
        0,
        0,
        *accelerations,
    )


def state_for_gimbal(src: Sources) -> Message | None:
    """What a gimbal device on the gimbal link needs to know."""
    if src.now_s < ATTITUDE_FROM_S:
        return None
    flight = src.pilot.flight
    e = flight.estimate
    landed = mavlink.MAV_LANDED_STATE_ON_GROUND if flight.landed else mavlink.MAV_LANDED_STATE_IN_AIR
    return mavlink.MAVLink_autopilot_state_for_gimbal_device_message(
        *(0, 0, src.boot_us, list(e.quaternion), 0, *e.velocity_m_s, 0),
        flight.setpoint.yaw_rate_rad_s,
        ESTIMATOR_FLAGS,
        landed,
    )
