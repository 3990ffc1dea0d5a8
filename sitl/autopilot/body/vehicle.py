"""The body: a quadrotor's mass, thrust, drag and motors, in plain floats.

The numbers are those of PX4's simulator-in-hardware quadrotor: 1 kg, four motors of 5 N with a time constant of 0.05 s,
1 N/(m/s) of linear drag, a flat ground that stops whatever touches it. One that only brushes the ground, its legs touching one
by one, is braked by friction.
"""

from __future__ import annotations

import math

from sitl.autopilot.body.vector import ZERO, Vector, clamp
from wire.geo import Quaternion, quaternion_from_euler, rotate

GRAVITY_M_S2 = 9.80665
MASS_KG = 1.0
MAX_THRUST_N = 20.0
DRAG_N_S_M = 1.0
MOTOR_TIME_CONSTANT_S = 0.05
FRICTION_M_S2 = 0.8 * GRAVITY_M_S2  # rubber on a rough roof
BRUSHING_M = 0.05
MAX_ANGULAR_ACCELERATION_RAD_S2 = (40.0, 40.0, 8.0)

BodyRates = tuple[float, float, float]
"""Roll, pitch and yaw rate (or their accelerations) about forward, right and down."""


class Quadrotor:
    """True state in the local frame: metres and m/s north, east, down of the starting point, whose ground is down = 0."""

    def __init__(self, yaw_rad: float = 0.0) -> None:
        self.position_m = ZERO
        self.velocity_m_s = ZERO
        self.acceleration_m_s2 = ZERO
        self.quaternion: Quaternion = quaternion_from_euler(0.0, 0.0, yaw_rad)
        self.rates_rad_s: BodyRates = (0.0, 0.0, 0.0)
        self.on_ground = True
        self.thrust_n = 0.0
        self._angular_acceleration: BodyRates = (0.0, 0.0, 0.0)

    def step(self, dt_s: float, thrust: float, angular_acceleration: BodyRates, wind_m_s: Vector) -> None:
        """Advance by dt_s under a commanded thrust (0..1 of the maximum) and angular acceleration (rad/s², body axes)."""
        lag = dt_s / MOTOR_TIME_CONSTANT_S
        self.thrust_n += (clamp(thrust, 0.0, 1.0) * MAX_THRUST_N - self.thrust_n) * lag
        self._turn(dt_s, lag, angular_acceleration)
        self._move(dt_s, wind_m_s)

    def _turn(self, dt_s: float, lag: float, command: BodyRates) -> None:
        limits = MAX_ANGULAR_ACCELERATION_RAD_S2
        have = self._angular_acceleration
        a, b, c = (h + (clamp(w, -m, m) - h) * lag for h, w, m in zip(have, command, limits, strict=True))
        self._angular_acceleration = (a, b, c)
        p, q, r = self.rates_rad_s
        p, q, r = p + a * dt_s, q + b * dt_s, r + c * dt_s
        self.rates_rad_s = (p, q, r)
        w, x, y, z = self.quaternion
        half = dt_s / 2
        w, x, y, z = (
            w - half * (x * p + y * q + z * r),
            x + half * (w * p + y * r - z * q),
            y + half * (w * q + z * p - x * r),
            z + half * (w * r + x * q - y * p),
        )
        norm = math.sqrt(w * w + x * x + y * y + z * z)
        self.quaternion = (w / norm, x / norm, y / norm, z / norm)

    def _move(self, dt_s: float, wind_m_s: Vector) -> None:
        thrust_n, thrust_e, thrust_d = rotate(self.quaternion, 0.0, 0.0, -self.thrust_n / MASS_KG)
        vn, ve, vd = self.velocity_m_s
        drag = DRAG_N_S_M / MASS_KG
        an = thrust_n - drag * (vn - wind_m_s.north)
        ae = thrust_e - drag * (ve - wind_m_s.east)
        ad = thrust_d - drag * (vd - wind_m_s.down) + GRAVITY_M_S2
        pn, pe, pd = self.position_m
        if pd >= 0.0 and vd + ad * dt_s >= 0.0:
            self._rest()
            return
        self.on_ground = False
        self.acceleration_m_s2 = Vector(an, ae, ad)
        vn, ve = vn + an * dt_s, ve + ae * dt_s
        if pd > -BRUSHING_M:
            speed_m_s = math.hypot(vn, ve)
            kept = max(0.0, 1.0 - FRICTION_M_S2 * dt_s / speed_m_s) if speed_m_s > 0.0 else 0.0
            vn, ve = vn * kept, ve * kept
        self.velocity_m_s = Vector(vn, ve, vd + ad * dt_s)
        self.position_m = Vector(pn + vn * dt_s, pe + ve * dt_s, min(pd + vd * dt_s, 0.0))

    def _rest(self) -> None:
        """The ground holds the vehicle: still, level, its heading kept."""
        self.on_ground = True
        self.position_m = self.position_m._replace(down=0.0)
        self.velocity_m_s = ZERO
        self.acceleration_m_s2 = ZERO
        self.rates_rad_s = (0.0, 0.0, 0.0)
        self._angular_acceleration = (0.0, 0.0, 0.0)
        w, _, _, z = self.quaternion
        self.quaternion = quaternion_from_euler(0.0, 0.0, 2.0 * math.atan2(z, w))
