"""Jerk-limited trajectories to a point, of the kind PX4's auto modes fly.

The speed towards the target is the highest from which the vehicle can still stop there; velocity follows it with limited
acceleration and jerk; the trajectory slows down when the vehicle falls behind it.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sitl.autopilot.body.vector import ZERO, Vector, clamp


class Limits(NamedTuple):
    """What a trajectory may use: m/s, m/s², m/s³, and the horizontal lag in m at which it stands still."""

    speed_m_s: float
    up_m_s: float
    down_m_s: float
    acceleration_m_s2: float
    acceleration_up_m_s2: float
    acceleration_down_m_s2: float
    jerk_m_s3: float
    max_lag_m: float


def stopping_speed_m_s(distance_m: float, acceleration_m_s2: float, jerk_m_s3: float, final_m_s: float = 0.0) -> float:
    """The highest speed from which one can stop, or slow down to final_m_s, within a distance.

    Braking at constant deceleration after a jerk phase takes v²/2a + 2va/j; solved for v.
    """
    b = 4.0 * acceleration_m_s2 * acceleration_m_s2 / jerk_m_s3
    speed = 0.5 * (-b + math.sqrt(b * b + 8.0 * acceleration_m_s2 * distance_m + 4.0 * final_m_s * final_m_s))
    return max(speed, final_m_s)


def wanted_m_s(from_m: Vector, target_m: Vector, limits: Limits, passing_m_s: float = 0.0) -> Vector:
    """The velocity with which a trajectory makes for a point from another."""
    to = Vector(*(t - p for t, p in zip(target_m, from_m, strict=True)))
    if to.horizontal < 1e-3 and abs(to.down) < 1e-3:
        return ZERO
    top = limits.down_m_s if to.down > 0.0 else limits.up_m_s
    brake = limits.acceleration_down_m_s2 if to.down > 0.0 else limits.acceleration_up_m_s2
    brake_m_s2, jerk = limits.acceleration_m_s2, limits.jerk_m_s3
    horizontal = min(limits.speed_m_s, stopping_speed_m_s(to.horizontal, brake_m_s2, jerk, passing_m_s))
    vertical = min(top, stopping_speed_m_s(abs(to.down), brake, limits.jerk_m_s3))
    time_s = max(to.horizontal / max(horizontal, 1e-3), abs(to.down) / max(vertical, 1e-3))
    return Vector(*(component / time_s for component in to))


def _toward(have: float, want: float, step: float) -> float:
    return have + clamp(want - have, -step, step)


class Trajectory:
    """A moving reference: position, velocity, acceleration in the local frame."""

    def __init__(self) -> None:
        self.position_m = ZERO
        self.velocity_m_s = ZERO
        self.acceleration_m_s2 = ZERO

    def reset(self, position_m: Vector, velocity_m_s: Vector = ZERO, acceleration_m_s2: Vector = ZERO) -> None:
        """Start over from here."""
        self.position_m, self.velocity_m_s, self.acceleration_m_s2 = position_m, velocity_m_s, acceleration_m_s2

    def wait_for(self, vehicle_down_m: float, lead_m: float) -> None:
        """Be no more than lead_m above the vehicle."""
        self.position_m = self.position_m._replace(down=max(self.position_m.down, vehicle_down_m - lead_m))

    def approach(
        self,
        target_m: Vector,
        vehicle_m: Vector,
        limits: Limits,
        dt_s: float,
        *,
        sink_m_s: float | None = None,
        passing_m_s: float = 0.0,
    ) -> None:
        """Advance towards a point on a straight line; with sink_m_s only horizontally, while sinking at that speed.

        Horizontally the point may be passed at passing_m_s.
        """
        if sink_m_s is None:
            self.follow(wanted_m_s(self.position_m, target_m, limits, passing_m_s), vehicle_m, limits, dt_s)
            return
        level = wanted_m_s(self.position_m, target_m._replace(down=self.position_m.down), limits)
        self.follow(level._replace(down=sink_m_s), vehicle_m, limits, dt_s)

    def follow(self, velocity_m_s: Vector, vehicle_m: Vector, limits: Limits, dt_s: float) -> None:
        """Advance with a wanted velocity."""
        dt_s *= self._stretch(vehicle_m, limits.max_lag_m)
        an, ae = self._horizontal_acceleration(velocity_m_s, limits, dt_s)
        ad = self._vertical_acceleration(velocity_m_s.down, limits, dt_s)
        vn, ve, vd = self.velocity_m_s
        pn, pe, pd = self.position_m
        self.acceleration_m_s2 = Vector(an, ae, ad)
        self.velocity_m_s = Vector(vn + an * dt_s, ve + ae * dt_s, vd + ad * dt_s)
        self.position_m = Vector(pn + vn * dt_s, pe + ve * dt_s, pd + vd * dt_s)

    def _stretch(self, vehicle_m: Vector, max_lag_m: float) -> float:
        """1 when the vehicle is with the trajectory or ahead of it, 0 when it lags by max_lag_m."""
        north = self.position_m.north - vehicle_m.north
        east = self.position_m.east - vehicle_m.east
        if north * self.velocity_m_s.north + east * self.velocity_m_s.east < 0.0:
            return 1.0
        return 1.0 - min(math.hypot(north, east) / max_lag_m, 1.0)

    def _horizontal_acceleration(self, wanted: Vector, limits: Limits, dt_s: float) -> tuple[float, float]:
        dn = wanted.north - self.velocity_m_s.north
        de = wanted.east - self.velocity_m_s.east
        size = math.hypot(dn, de)
        goal = min(limits.acceleration_m_s2, math.sqrt(2.0 * limits.jerk_m_s3 * size))
        an, ae = (dn / size * goal, de / size * goal) if size > 1e-6 else (0.0, 0.0)
        step = limits.jerk_m_s3 * dt_s
        cn, ce = an - self.acceleration_m_s2.north, ae - self.acceleration_m_s2.east
        change = math.hypot(cn, ce)
        share = min(step / change, 1.0) if change > 1e-9 else 1.0
        return self.acceleration_m_s2.north + cn * share, self.acceleration_m_s2.east + ce * share

    def _vertical_acceleration(self, wanted_m_s: float, limits: Limits, dt_s: float) -> float:
        missing = wanted_m_s - self.velocity_m_s.down
        top = limits.acceleration_down_m_s2 if missing > 0.0 else limits.acceleration_up_m_s2
        goal = math.copysign(min(top, math.sqrt(2.0 * limits.jerk_m_s3 * abs(missing))), missing)
        return _toward(self.acceleration_m_s2.down, goal, limits.jerk_m_s3 * dt_s)
