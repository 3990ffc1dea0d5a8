"""Hold a point, or go to another and hold it."""

from __future__ import annotations

import math

from sitl.autopilot.body.controller import Setpoint, YawSlew
from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.takeoff import Takeoff
from sitl.autopilot.navigator.task import Situation, Tuning, following, heading_to

FACE_TARGET_BEYOND_M = 3.0


def braking_point(now: Situation, tuning: Tuning) -> Vector:
    """Where the vehicle comes to rest when it brakes now."""
    limits = tuning.limits()
    speed = now.velocity_m_s.horizontal
    distance = speed * speed / (2.0 * limits.acceleration_m_s2) + speed * limits.acceleration_m_s2 / limits.jerk_m_s3
    share = distance / speed if speed > 1e-3 else 0.0
    down_s = 0.5 * abs(now.velocity_m_s.down) / limits.acceleration_up_m_s2
    return Vector(
        now.position_m.north + now.velocity_m_s.north * share,
        now.position_m.east + now.velocity_m_s.east * share,
        now.position_m.down + now.velocity_m_s.down * down_s,
    )


class Loiter:
    """Holds `target_m`; while it is far the nose points to it, or `yaw_rad` is kept. `rise` lifts it off first."""

    landing = False

    def __init__(self, tuning: Tuning, target_m: Vector, start: Situation, yaw_rad: float | None = None) -> None:
        self._tuning = tuning
        self._trajectory = start.trajectory
        self._slew = YawSlew(start.yaw_rad)
        self._yaw_rad = start.yaw_rad if yaw_rad is None else yaw_rad
        self._yaw_given = yaw_rad is not None
        self.target_m = target_m
        self.rise: Takeoff | None = None
        self.next_mode: Mode | None = None

    @property
    def detected(self) -> bool:
        """Whether it lifts off and PX4 would say "Takeoff detected"."""
        return self.rise is not None and self.rise.detected

    def go_to(self, target_m: Vector, yaw_rad: float | None) -> None:
        """Hold another point."""
        self.target_m = target_m
        self._yaw_given = yaw_rad is not None
        if yaw_rad is not None:
            self._yaw_rad = yaw_rad

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        if self.rise is not None:
            self.rise.target_m = self.target_m
            setpoint = self.rise.update(now)
            self.rise = None if self.rise.next_mode is not None else self.rise
            return setpoint
        self._trajectory.approach(self.target_m, now.position_m, self._tuning.limits(), now.dt_s)
        away_m = math.hypot(self.target_m.north - now.position_m.north, self.target_m.east - now.position_m.east)
        if not self._yaw_given and away_m > FACE_TARGET_BEYOND_M:
            self._yaw_rad = heading_to(now.position_m, self.target_m)
        yaw_rad = self._slew.toward(self._yaw_rad, self._tuning.yaw_rate_rad_s, now.dt_s)
        return following(self._trajectory, yaw_rad)
