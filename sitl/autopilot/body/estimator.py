"""What the autopilot believes: the truth with the slowly wandering errors of a GPS-aided estimator.

On each axis the accelerometer's noise disturbs the velocity's error, the position's error follows that, and the receiver pulls
both back: two coupled rates of change, the noise in body axes (a quadrotor's is largest sideways). The rates were fitted to
EKF2's errors against the truth of PX4's SIH vehicle, which has in flight, forward, sideways and down, 0.13, 0.19 and 0.32 m,
0.17, 0.29 and 0.17 m/s. The noise is SIH's own, but for the forward one, to which errors of tilt add.
"""

from __future__ import annotations

import math
import random
from typing import NamedTuple

from sitl.autopilot.body.bias import Bias
from sitl.autopilot.body.vector import ZERO, Vector
from sitl.autopilot.body.vehicle import BodyRates, Quadrotor
from wire.geo import Quaternion, euler_from_quaternion


class Feedback(NamedTuple):
    """How errors change by themselves, per second: the position's for its own and the velocity's, the velocity's likewise."""

    position: tuple[float, float]
    velocity: tuple[float, float]


HORIZONTAL = Feedback((-0.598, 0.44), (-0.698, 0.323))
VERTICAL = Feedback((-0.25, 0.645), (-0.08, -0.03))
NO_RECEIVER = Feedback((0.0, 1.0), (0.0, 0.0))
FLYING_M_S2 = (0.98, 1.7, 1.44)
STILL_M_S2 = (0.13, 0.13, 0.24)
"""Standard deviation of an accelerometer's sample forward, right, down; its motors running, and off."""
SAMPLE_S = 0.004
INITIAL_ALTITUDE_SIGMA_M = 0.5
SETTLING_M, SETTLING_S = 1.3, 0.9  # altitude believed too high after start: at most, and when; gone after three times that
LOST_DRIFT_M_S2 = 0.25
UPDATE_S = 0.02


class Estimator:
    """Position and velocity in the local frame (m, m/s; north, east, down), attitude, and whether they may be trusted."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(f"estimator {seed}")
        self._velocity_error = [0.0, 0.0, 0.0]
        self._position_error = [
            self._random.gauss(0.0, 0.1),
            self._random.gauss(0.0, 0.1),
            self._random.gauss(0.0, INITIAL_ALTITUDE_SIGMA_M),
        ]
        self._drift_angle_rad = self._random.uniform(-math.pi, math.pi)
        self._lost_s = 0.0
        self._age_s = 0.0
        self.bias = Bias()
        """What sensors that are off make of it."""
        self.position_m = ZERO
        self.velocity_m_s = ZERO
        self.descent_m_s = 0.0
        """By the believed position alone: less biased than the believed velocity, which it wanders around."""
        self.quaternion: Quaternion = (1.0, 0.0, 0.0, 0.0)
        self.rates_rad_s: BodyRates = (0.0, 0.0, 0.0)
        self.yaw_rad = 0.0
        self.roll_rad = 0.0
        self.pitch_rad = 0.0
        self.horizontal_accuracy_m = 0.3

    def wander(self, dt_s: float, *, gps: bool, still: bool = False) -> None:
        """Let the errors change; call every UPDATE_S. Without GPS the horizontal error runs away."""
        self._age_s += dt_s
        forward, right, down = (
            self._random.gauss(0.0, sigma) * math.sqrt(SAMPLE_S * dt_s) for sigma in (STILL_M_S2 if still else FLYING_M_S2)
        )
        c, s = math.cos(self.yaw_rad), math.sin(self.yaw_rad)
        level = HORIZONTAL if gps else NO_RECEIVER
        for axis, (feedback, noise) in enumerate(
            ((level, c * forward - s * right), (level, s * forward + c * right), (VERTICAL, down))
        ):
            position, velocity = self._position_error[axis], self._velocity_error[axis]
            self._position_error[axis] += (feedback.position[0] * position + feedback.position[1] * velocity) * dt_s
            self._velocity_error[axis] += (feedback.velocity[0] * position + feedback.velocity[1] * velocity) * dt_s + noise
        self._lost_s = 0.0 if gps else self._lost_s + dt_s
        if not gps:
            self._velocity_error[0] += LOST_DRIFT_M_S2 * math.cos(self._drift_angle_rad) * dt_s
            self._velocity_error[1] += LOST_DRIFT_M_S2 * math.sin(self._drift_angle_rad) * dt_s
        self.horizontal_accuracy_m = 0.3 + 0.08 * self._lost_s * self._lost_s
        self.bias.step(dt_s)

    def observe(self, body: Quadrotor) -> None:
        """Take over the body's state with the present errors."""
        pn, pe, pd = self._position_error
        since_start = self._age_s / SETTLING_S
        pd -= SETTLING_M * (since_start * math.exp(1.0 - since_start)) ** 3
        vn, ve, vd = self._velocity_error
        n, e, d = body.position_m
        bn, be, bd = self.bias.position_m
        self.position_m = Vector(n + pn + bn, e + pe + be, d + pd + bd)
        n, e, d = body.velocity_m_s
        bn, be, bd = self.bias.velocity_m_s
        self.velocity_m_s = Vector(n + vn + bn, e + ve + be, d + vd + bd)
        self.descent_m_s = d + VERTICAL.position[0] * pd + VERTICAL.position[1] * vd + bd
        self.quaternion = self.bias.turned(body.quaternion)
        self.rates_rad_s = body.rates_rad_s
        self.roll_rad, self.pitch_rad, self.yaw_rad = euler_from_quaternion(self.quaternion)
