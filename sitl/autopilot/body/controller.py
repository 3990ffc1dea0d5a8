"""From a setpoint to motors: position, velocity, attitude and rate loops with PX4's default gains.

Drag is not compensated but by the velocity integrator, which is why speeds lag behind what was asked, as PX4's do.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from sitl.autopilot.body.estimator import Estimator
from sitl.autopilot.body.vector import ZERO, Vector, clamp
from sitl.autopilot.body.vehicle import GRAVITY_M_S2, MASS_KG, MAX_THRUST_N, BodyRates
from wire.geo import Quaternion, wrap_pi

# PX4's defaults: MPC_XY_P, MPC_Z_P, MPC_*_VEL_*_ACC, MPC_TILTMAX_AIR, MC_ROLL_P, MC_YAW_P.
POSITION_P = (0.95, 0.95, 1.0)
VELOCITY_P = (1.8, 1.8, 4.0)
VELOCITY_I = (0.4, 0.4, 2.0)
VELOCITY_D = (0.2, 0.2, 0.0)
DERIVATIVE_FILTER_S = 0.05
LAND_SPEED_M_S = 0.7  # MPC_LAND_SPEED
DOWN = 2
MAX_TILT_RAD = math.radians(45.0)
ATTITUDE_P = (6.5, 6.5, 2.8)
RATE_P = (18.0, 18.0, 8.0)
MAX_RATE_RAD_S = (3.8, 3.8, 3.5)
MAX_SPEED_M_S = 12.0
MAX_CLIMB_M_S = 3.0
MIN_THRUST, MAX_THRUST = 0.06, 1.0
IDLE_THRUST = 0.16


@dataclass(frozen=True, slots=True)
class Setpoint:
    """What a mode wants. None on an axis leaves that loop open: no position to keep, no velocity to keep.

    position_m and velocity_m_s are per axis north, east, down; yaw_rad None keeps the heading; thrust (0..1) overrides the
    vertical loop and levels the vehicle, as on the ground, unless an attitude or body rates (yaw None: as it turns now) are
    given with it; climb_limit_m_s and sink_limit_m_s bound the velocity loop.
    """

    position_m: tuple[float | None, float | None, float | None] = (None, None, None)
    velocity_m_s: tuple[float | None, float | None, float | None] = (None, None, None)
    acceleration_m_s2: Vector = ZERO
    yaw_rad: float | None = None
    yaw_rate_rad_s: float = 0.0
    thrust: float | None = None
    climb_limit_m_s: float = MAX_CLIMB_M_S
    sink_limit_m_s: float = math.inf
    attitude: Quaternion | None = None
    rates_rad_s: tuple[float, float, float | None] | None = None


IDLE = Setpoint(thrust=0.0)


class Controller:
    """The loops; `velocity_setpoint_m_s`, `attitude_setpoint` and `thrust` are what telemetry shows of them."""

    def __init__(self) -> None:
        self._integral = [0.0, 0.0, 0.0]
        self._slow_velocity = [0.0, 0.0, 0.0]
        self._yaw_rad = 0.0
        self.velocity_setpoint_m_s: tuple[float | None, float | None, float | None] = (None, None, None)
        self.acceleration_setpoint_m_s2 = ZERO
        self.attitude_setpoint: Quaternion = (1.0, 0.0, 0.0, 0.0)
        self.thrust = 0.0

    def reset(self, yaw_rad: float) -> None:
        """Forget the integrals; keep this heading."""
        self._integral = [0.0, 0.0, 0.0]
        self._yaw_rad = yaw_rad

    def update(self, setpoint: Setpoint, estimate: Estimator, dt_s: float) -> BodyRates:
        """One step: sets `thrust` (0..1) and returns the angular accelerations (rad/s², body axes) to command."""
        self._yaw_rad = self._yaw_rad if setpoint.yaw_rad is None else setpoint.yaw_rad
        if setpoint.thrust is not None:
            self.velocity_setpoint_m_s, self.acceleration_setpoint_m_s2 = (None, None, None), ZERO
            self.thrust = setpoint.thrust
            self.reset(estimate.yaw_rad)
            if setpoint.rates_rad_s is not None:
                return _rate_loop(setpoint.rates_rad_s, estimate)
            if setpoint.attitude is not None:
                self.attitude_setpoint = setpoint.attitude
                return _angular_acceleration(setpoint.attitude, setpoint.yaw_rate_rad_s, estimate)
            direction = Vector(0.0, 0.0, -1.0)
        else:
            direction = self._acceleration(setpoint, estimate, dt_s)
        self.attitude_setpoint = _attitude(direction, self._yaw_rad)
        return _angular_acceleration(self.attitude_setpoint, setpoint.yaw_rate_rad_s, estimate)

    def _acceleration(self, setpoint: Setpoint, estimate: Estimator, dt_s: float) -> Vector:
        """The velocity loop: sets the thrust, returns the direction (unnormalised) it shall point to."""
        wanted = self._velocity(setpoint, estimate)
        self.velocity_setpoint_m_s = wanted
        accelerations = [0.0, 0.0, 0.0]
        for axis in range(3):
            want = wanted[axis]
            if want is None:
                self._integral[axis] = 0.0
                accelerations[axis] = setpoint.acceleration_m_s2[axis]
                continue
            error = want - (_descent(setpoint, estimate) if axis == DOWN else estimate.velocity_m_s[axis])
            self._integral[axis] = clamp(self._integral[axis] + VELOCITY_I[axis] * error * dt_s, -9.0, 9.0)
            rise = estimate.velocity_m_s[axis] - self._slow_velocity[axis]
            self._slow_velocity[axis] += rise * dt_s / DERIVATIVE_FILTER_S
            damping = VELOCITY_D[axis] * rise / DERIVATIVE_FILTER_S
            push = VELOCITY_P[axis] * error + self._integral[axis] - damping
            accelerations[axis] = push + setpoint.acceleration_m_s2[axis]
        north, east, down = accelerations
        limit = GRAVITY_M_S2 * math.tan(MAX_TILT_RAD)
        size = math.hypot(north, east)
        if size > limit:
            north, east = north / size * limit, east / size * limit
        lift = clamp(GRAVITY_M_S2 - down, 0.0, 3.0 * GRAVITY_M_S2)
        cosine = GRAVITY_M_S2 / math.sqrt(north * north + east * east + GRAVITY_M_S2 * GRAVITY_M_S2)
        self.thrust = clamp(lift * MASS_KG / MAX_THRUST_N / cosine, MIN_THRUST, MAX_THRUST)
        self.acceleration_setpoint_m_s2 = Vector(north, east, down)
        return Vector(north, east, -GRAVITY_M_S2)

    @staticmethod
    def _velocity(setpoint: Setpoint, estimate: Estimator) -> tuple[float | None, float | None, float | None]:
        wanted: list[float | None] = []
        for axis in range(3):
            place, speed = setpoint.position_m[axis], setpoint.velocity_m_s[axis]
            if place is not None:
                speed = (speed or 0.0) + POSITION_P[axis] * (place - estimate.position_m[axis])
            wanted.append(speed)
        north, east, down = wanted
        if down is not None:
            down = clamp(down, -setpoint.climb_limit_m_s, setpoint.sink_limit_m_s)
        if north is not None and east is not None:
            size = math.hypot(north, east)
            if size > MAX_SPEED_M_S:
                north, east = north / size * MAX_SPEED_M_S, east / size * MAX_SPEED_M_S
        return north, east, down


def _descent(setpoint: Setpoint, estimate: Estimator) -> float:
    """The vertical speed to control: with no height to keep PX4 goes by its change, the more the faster it shall be."""
    asked = setpoint.velocity_m_s[DOWN]
    if asked is None or setpoint.position_m[DOWN] is not None:
        return estimate.velocity_m_s.down
    share = min(abs(asked) / LAND_SPEED_M_S, 1.0)
    return share * estimate.descent_m_s + (1.0 - share) * estimate.velocity_m_s.down


def _attitude(thrust_direction: Vector, yaw_rad: float) -> Quaternion:
    """The attitude whose body-up points along a direction (unnormalised, up is negative) with a heading."""
    n, e, d = (-component for component in thrust_direction)
    size = math.sqrt(n * n + e * e + d * d)
    n, e, d = n / size, e / size, d / size  # body z (down) in NED
    w, x, y = 1.0 + d, -e, n  # the shortest turn from NED down to body z
    norm = math.sqrt(w * w + x * x + y * y)
    w, x, y = w / norm, x / norm, y / norm
    c, s = math.cos(yaw_rad / 2.0), math.sin(yaw_rad / 2.0)
    return w * c, x * c + y * s, y * c - x * s, w * s


def _angular_acceleration(wanted: Quaternion, yaw_rate_rad_s: float, estimate: Estimator) -> BodyRates:
    """The attitude and rate loops."""
    w, x, y, z = estimate.quaternion
    a, b, c, d = wanted
    ew = w * a + x * b + y * c + z * d
    ex, ey, ez = w * b - x * a - y * d + z * c, w * c + x * d - y * a - z * b, w * d - x * c + y * b - z * a
    sign = 2.0 if ew >= 0.0 else -2.0
    p, q, r = ATTITUDE_P
    return _rate_loop((p * sign * ex, q * sign * ey, r * sign * ez + yaw_rate_rad_s), estimate)


def _rate_loop(wanted_rad_s: tuple[float, float, float | None], estimate: Estimator) -> BodyRates:
    """Angular accelerations towards body rates; None leaves the rate as it is."""
    a, b, c = (
        0.0 if want is None else gain * (clamp(want, -most, most) - have)
        for want, have, gain, most in zip(wanted_rad_s, estimate.rates_rad_s, RATE_P, MAX_RATE_RAD_S, strict=True)
    )
    return a, b, c


class YawSlew:
    """A heading that turns no faster than a rate (rad/s), the short way round."""

    def __init__(self, yaw_rad: float) -> None:
        self.yaw_rad = yaw_rad

    def toward(self, wanted_rad: float, rate_rad_s: float, dt_s: float) -> float:
        """Advance; the heading now."""
        step = rate_rad_s * dt_s
        self.yaw_rad = wrap_pi(self.yaw_rad + clamp(wrap_pi(wanted_rad - self.yaw_rad), -step, step))
        return self.yaw_rad
