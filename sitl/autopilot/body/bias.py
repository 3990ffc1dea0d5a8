"""What sensors that are off make of the estimate: it follows GNSS and compass, and soon forgets a barometer's error.

As an EKF2 with GNSS as its height reference (EKF2_HGT_REF 1, PX4's default) does in kind; the times are round figures, not
measured on PX4. Larger jumps than EKF2's gates let through, which it would refuse for seconds and then reset to, are followed
all the same. Inertial sensors that are off are not modelled: EKF2 estimates those errors, and this estimator has no filter.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sitl.autopilot.body.vector import ZERO, Vector

FOLLOWS_S = 2.5
"""Horizontal position, heading, and the barometer's first effect."""
HEIGHT_S = 15.0
"""GNSS height, and how long the barometer's effect lasts."""


class SensorErrors(NamedTuple):
    """How far the sensors are off."""

    gnss_ned_m: Vector = ZERO
    barometer_m: float = 0.0  # upwards
    heading_rad: float = 0.0


NONE = SensorErrors()


class Bias:
    """What of them the estimate believes: an offset of position and velocity (north, east, down) and of heading."""

    def __init__(self) -> None:
        self.sensors = NONE
        self.position_m = ZERO
        self.velocity_m_s = ZERO
        self.heading_rad = 0.0
        self._gnss_down_m = self._barometer_m = self._believed_m = 0.0

    def step(self, dt_s: float) -> None:
        """Advance by dt_s."""
        if self.sensors is NONE and self.position_m == ZERO and not self.heading_rad:
            return
        quick, slow = 1.0 - math.exp(-dt_s / FOLLOWS_S), 1.0 - math.exp(-dt_s / HEIGHT_S)
        gnss, old = self.sensors.gnss_ned_m, self.position_m
        self._gnss_down_m += slow * (gnss.down - self._gnss_down_m)
        noticed_m = quick * (self.sensors.barometer_m - self._barometer_m)
        self._barometer_m += noticed_m
        self._believed_m += noticed_m - slow * self._believed_m
        self.position_m = Vector(
            old.north + quick * (gnss.north - old.north),
            old.east + quick * (gnss.east - old.east),
            self._gnss_down_m - self._believed_m,
        )
        self.velocity_m_s = Vector(*((new - before) / dt_s for new, before in zip(self.position_m, old, strict=True)))
        self.heading_rad += quick * (self.sensors.heading_rad - self.heading_rad)

    def turned(self, quaternion: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
        """An attitude (FRD to NED) as it is believed: turned about the vertical."""
        if not self.heading_rad:
            return quaternion
        c, s = math.cos(self.heading_rad / 2.0), math.sin(self.heading_rad / 2.0)
        w, x, y, z = quaternion
        return c * w - s * z, c * x - s * y, c * y + s * x, c * z + s * w
