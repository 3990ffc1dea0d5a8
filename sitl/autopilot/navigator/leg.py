"""Fly to a point of a mission, past it to the next one, or hold it."""

from __future__ import annotations

import math

from sitl.autopilot.body.controller import Setpoint, YawSlew
from sitl.autopilot.body.vector import Vector, clamp
from sitl.autopilot.navigator.task import Situation, Tuning, following, heading_to

MIN_TURN = 1e-3  # of a corner: beyond its tangent there is none to slow down for


def corner_speed_m_s(start_m: Vector, corner_m: Vector, next_m: Vector, acceleration_m_s2: float, radius_m: float) -> float:
    """How fast a corner may be passed: on the circle that touches both its sides within a radius of it.

    From PX4's TrajectoryConstraints: sqrt(a r tan(angle / 2)), the angle between the sides; nothing limits a straight line.
    """
    a = (corner_m.north - start_m.north, corner_m.east - start_m.east)
    b = (corner_m.north - next_m.north, corner_m.east - next_m.east)
    sizes = math.hypot(*a) * math.hypot(*b)
    cosine = clamp((a[0] * b[0] + a[1] * b[1]) / sizes, -1.0, 1.0) if sizes > 0.0 else 0.0
    angle_rad = min(math.acos(cosine), math.pi - MIN_TURN)
    return math.sqrt(acceleration_m_s2 * radius_m * math.tan(angle_rad / 2.0))


class Leg:
    """The nose points to the point while it is further than `reach_m`, unless `yaw_rad` is given."""

    def __init__(
        self,
        tuning: Tuning,
        target_m: Vector,
        start: Situation,
        *,
        reach_m: float | None = None,
        yaw_rad: float | None = None,
        after: Leg | None = None,
    ) -> None:
        self._tuning = tuning
        self._trajectory = start.trajectory
        self._reach_m = tuning["NAV_ACC_RAD"] if reach_m is None else reach_m
        self._next_m: Vector | None = None
        self._heading_rad: float = start.yaw_rad if after is None else after.yaw_setpoint_rad
        self._slew = YawSlew(start.yaw_rad)
        self.target_m = target_m
        self.yaw_rad = yaw_rad

    @property
    def yaw_setpoint_rad(self) -> float:
        """The heading it has turned to."""
        return self._heading_rad

    def pass_on_to(self, next_m: Vector) -> None:
        """It need not stop: there it goes on."""
        if math.dist(next_m[:2], self.target_m[:2]) >= self._tuning["NAV_ACC_RAD"]:
            self._next_m = next_m

    def reached(self, position_m: Vector) -> bool:
        """Within the radius and NAV_MC_ALT_RAD."""
        level_m = math.dist(position_m[:2], self.target_m[:2])
        return level_m <= self._reach_m and abs(position_m.down - self.target_m.down) <= self._tuning["NAV_MC_ALT_RAD"]

    def update(self, now: Situation, look_at_m: Vector | None = None) -> Setpoint:
        """One step; the nose points to look_at_m if there is such a region of interest."""
        self._turn(now, look_at_m)
        limits = self._tuning.limits()
        self._trajectory.approach(self.target_m, now.position_m, limits, now.dt_s, passing_m_s=self._passing_m_s())
        yaw_rad = self._slew.toward(self._heading_rad, self._tuning.yaw_rate_rad_s, now.dt_s)
        return following(self._trajectory, yaw_rad)

    def _passing_m_s(self) -> float:
        if self._next_m is None:
            return 0.0
        acceleration = self._tuning["MPC_XY_TRAJ_P"] * self._tuning["MPC_ACC_HOR"]
        start_m = self._trajectory.position_m
        return corner_speed_m_s(start_m, self.target_m, self._next_m, max(0.0, acceleration), max(0.0, self._reach_m))

    def _turn(self, now: Situation, look_at_m: Vector | None) -> None:
        if look_at_m is not None:
            if math.dist(look_at_m[:2], now.position_m[:2]) > self._tuning["NAV_ACC_RAD"]:
                self._heading_rad = heading_to(now.position_m, look_at_m)
        elif self.yaw_rad is not None:
            self._heading_rad = self.yaw_rad
        elif math.dist(self.target_m[:2], now.position_m[:2]) > self._reach_m:
            self._heading_rad = heading_to(now.position_m, self.target_m)
