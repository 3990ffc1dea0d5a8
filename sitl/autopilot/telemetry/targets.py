"""Messages of what the controllers want."""

from __future__ import annotations

import math

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.vector import ZERO
from sitl.autopilot.commander.modes import Mode, base_mode
from sitl.autopilot.navigator.rtl import return_down_m
from sitl.autopilot.navigator.takeoff import Takeoff
from sitl.autopilot.protocol import dialect
from sitl.autopilot.telemetry.sources import Message, Sources, e7, limit

NAN = math.nan
MIN_PWM, DISARMED_PWM, SPAN_PWM = 1000, 900, 1000
_WITHOUT_POSITION = frozenset({Mode.MANUAL, Mode.ACRO, Mode.STABILIZED, Mode.TERMINATION})
NOTHING_CONTROLLED = 63  # x, y, z, vx, vy, vz to be ignored


def _uncontrolled(src: Sources) -> bool:
    """Whether nothing is controlled, nothing driven."""
    return src.pilot.mode is Mode.OFFBOARD and not src.pilot.flight.offboard.heard


def attitude_target(src: Sources) -> Message | None:
    if _uncontrolled(src):
        return None
    controller = src.pilot.flight.controller
    thrust = controller.thrust if src.pilot.flight.armed else 0.001
    rates = src.pilot.flight.estimate.rates_rad_s
    return mavlink.MAVLink_attitude_target_message(src.boot_ms, 0, list(controller.attitude_setpoint), *rates, thrust)


def position_target_local_ned(src: Sources) -> Message | None:
    """None in modes whose setpoints are no positions, speeds or accelerations: PX4's position controller rests in them."""
    if src.pilot.mode in _WITHOUT_POSITION or (src.pilot.mode is Mode.OFFBOARD and not src.pilot.flight.offboard.flies_course):
        return None
    flight = src.pilot.flight
    controller = flight.controller
    velocity = [NAN if v is None else v for v in controller.velocity_setpoint_m_s]
    position = [NAN if p is None else p for p in flight.setpoint.position_m]
    idle = flight.setpoint.thrust is not None
    if idle and flight.armed and isinstance(flight.task, Takeoff) and flight.task.ramping(flight.now_s):
        idle, position, velocity = False, list(flight.estimate.position_m), list(ZERO)
    acceleration = (0.0, 0.0, 100.0) if idle else controller.acceleration_setpoint_m_s2
    yaw = flight.setpoint.yaw_rad if flight.setpoint.yaw_rad is not None else flight.estimate.yaw_rad
    return mavlink.MAVLink_position_target_local_ned_message(
        src.boot_ms,
        mavlink.MAV_FRAME_LOCAL_NED,
        NOTHING_CONTROLLED if idle else _ignored((*position, *velocity)),
        *position,
        *velocity,
        *acceleration,
        yaw,
        flight.setpoint.yaw_rate_rad_s,
    )


def _ignored(values: tuple[float, ...]) -> int:
    """The type mask: a bit for each of x, y, z, vx, vy, vz that is not controlled."""
    return sum(1 << place for place, value in enumerate(values) if math.isnan(value))


def position_target_global_int(src: Sources) -> Message | None:
    flight = src.pilot.flight
    target = flight.task.target_m
    on_its_way = flight.setpoint.thrust is None or flight.mode is Mode.TAKEOFF
    if target is None or not flight.armed or not on_its_way:
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


def _outputs_us(src: Sources) -> list[int]:
    """The lengths of the pulses of all 16 outputs."""
    flight = src.pilot.flight
    motor = MIN_PWM + limit(flight.controller.thrust * SPAN_PWM, 0, SPAN_PWM) if flight.armed else DISARMED_PWM
    return [motor] * 4 + [DISARMED_PWM] * 12


def servo_output_raw(src: Sources) -> Message | None:
    if _uncontrolled(src):
        return None
    return mavlink.MAVLink_servo_output_raw_message(src.boot_us & 0xFFFFFFFF, 0, *_outputs_us(src))


def actuator_output_status(src: Sources) -> Message:
    outputs = _outputs_us(src)
    return mavlink.MAVLink_actuator_output_status_message(src.boot_us, len(outputs), outputs + [0.0] * (32 - len(outputs)))


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


def hil_actuator_controls(src: Sources) -> Message:
    """What drives the simulated motors, 0 to 1."""
    flight = src.pilot.flight
    motor = min(max(flight.controller.thrust, 0.0), 1.0) if flight.armed else 0.0
    flags = base_mode(src.pilot.mode, armed=src.pilot.commander.armed) & ~mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
    flags |= mavlink.MAV_MODE_FLAG_GUIDED_ENABLED if src.pilot.mode is Mode.MISSION else 0
    return mavlink.MAVLink_hil_actuator_controls_message(src.boot_us, [motor] * 4 + [0.0] * 12, flags, 0)


def time_estimate_to_target(src: Sources) -> Message:
    """How long a return from here would take, in seconds with PX4's factor and margin; 0 on the ground."""
    return dialect.message(
        dialect.TIME_ESTIMATE_TO_TARGET,
        safe_return=_safe_return_s(src),
        **dict.fromkeys(("land", "mission_next_item", "mission_end", "commanded_action"), -1),
    )


def _safe_return_s(src: Sources) -> int:
    flight, home = src.pilot.flight, src.pilot.homes.home
    if home is None or flight.landed or not flight.position_valid:
        return 0
    here, there, get = flight.estimate.position_m, home.point_m, flight.tuning
    top_down = return_down_m(here, there, get)
    climb_s = max(0.0, here.down - top_down) / max(0.1, get["MPC_Z_V_AUTO_UP"])
    fly_s = math.hypot(here.north - there.north, here.east - there.east) / max(0.1, get["MPC_XY_CRUISE"])
    sink_s = max(0.0, there.down - top_down) / max(0.1, get["MPC_Z_V_AUTO_DN"])
    return limit(math.floor((climb_s + fly_s + sink_s) * get["RTL_TIME_FACTOR"] + get["RTL_TIME_MARGIN"]), -(2**31), 2**31 - 1)
