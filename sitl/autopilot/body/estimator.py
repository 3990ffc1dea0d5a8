"""What the autopilot believes: the truth with the slowly wandering errors of a GPS-aided estimator.

Each axis has a velocity error (a first-order Gauss-Markov process) and a position error that follows it and leaks away, so that
the believed position is the integral of the believed velocity, as an EKF's is. Sizes are those measured against the truth of
PX4's SIH vehicle: hovering, 0.17 to 0.31 m per horizontal axis and 0.31 m in altitude; disarmed on the ground, 0.04 m and
0.02 m/s horizontally.
"""

from __future__ import annotations

import math
import random

from sitl.autopilot.body.bias import Bias
from sitl.autopilot.body.vector import ZERO, Vector
from sitl.autopilot.body.vehicle import BodyRates, Quadrotor
from wire.geo import Quaternion, euler_from_quaternion

VELOCITY_SIGMA_M_S = (0.13, 0.13, 0.05)
VELOCITY_TIME_CONSTANT_S = 2.5
POSITION_TIME_CONSTANT_S = (2.5, 2.5, 15.0)
STILL_SHARE = 0.15  # of the velocity's error, while it stands with its motors off
RATE_SIGMA_RAD_S = 0.006
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
        self.quaternion: Quaternion = (1.0, 0.0, 0.0, 0.0)
        self.rates_rad_s: BodyRates = (0.0, 0.0, 0.0)
        self.yaw_rad = 0.0
        self.roll_rad = 0.0
        self.pitch_rad = 0.0
        self.horizontal_accuracy_m = 0.3

    def wander(self, dt_s: float, *, gps: bool, still: bool = False) -> None:
        """Let the errors change; call every UPDATE_S. Without GPS the horizontal error runs away."""
        self._age_s += dt_s
        share = STILL_SHARE if still else 1.0
        kept = math.exp(-dt_s / VELOCITY_TIME_CONSTANT_S)
        fresh = math.sqrt(1.0 - kept * kept)
        for axis, sigma in enumerate(VELOCITY_SIGMA_M_S):
            error = self._velocity_error[axis] * kept + share * sigma * fresh * self._random.gauss(0.0, 1.0)
            self._velocity_error[axis] = error
            position = self._position_error[axis]
            self._position_error[axis] = position + (error - position / POSITION_TIME_CONSTANT_S[axis]) * dt_s
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
        self.quaternion = self.bias.turned(body.quaternion)
        self.rates_rad_s = body.rates_rad_s
        self.roll_rad, self.pitch_rad, self.yaw_rad = euler_from_quaternion(self.quaternion)
