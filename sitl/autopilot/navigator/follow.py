"""Follow a target that tells where it is with FOLLOW_TARGET: beside it at an angle, a distance and a height.

Estimator, angle and heights are those of PX4's AutoFollowTarget; sticks and the gimbal are left out.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sitl.autopilot.body.controller import Setpoint
from sitl.autopilot.body.smoothing import stopping_speed_m_s
from sitl.autopilot.body.vector import ZERO, Vector, clamp
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.task import Situation, Tuning
from wire.geo import wrap_pi

STALE_S = 3.0
FUSE_POSITION_S, FUSE_VELOCITY_S = 0.5, 0.1
MOST_ACCELERATION_M_S2 = 20.0
FILTER_RAD_S, FILTER_DAMPING = 1.0, 0.7071
COURSE_FROM_M_S = 1.0
ORBIT_ACCELERATION_M_S2, ORBIT_JERK_M_S3 = 2.0, 4.0
LEVEL_WITHIN_M = 3.0
FACE_BEYOND_M = 1.0
SAFE_HEIGHT_M, ASCENT_M_S = 1.0, 0.5
OVER_HOME, OVER_TERRAIN, OVER_TARGET = 0, 1, 2  # FLW_TGT_ALT_M


class Sighting(NamedTuple):
    """A FOLLOW_TARGET in the local frame. `at_s` is when it came."""

    point_m: Vector
    velocity_m_s: Vector
    at_s: float


class Leader:
    """Hands the last sighting to whom it may concern."""

    def __init__(self) -> None:
        self.last: Sighting | None = None


def _shifted(at: Vector, by: Vector, share: float) -> Vector:
    return Vector(at.north + by.north * share, at.east + by.east * share, at.down + by.down * share)


class Estimator:
    """PX4's alpha-beta-gamma filter of the target; FLW_TGT_RS near 1 believes itself, near 0 what it hears."""

    def __init__(self) -> None:
        self.position_m: Vector | None = None
        self.velocity_m_s = ZERO
        self._acceleration = ZERO
        self._heard: Sighting | None = None
        self._fused_position_s = self._fused_velocity_s = -math.inf

    def update(self, sighting: Sighting | None, responsiveness: float, now_s: float, dt_s: float) -> None:
        """Predict, then take in what is new."""
        if self.position_m is not None:
            self.position_m = _shifted(self.position_m, self.velocity_m_s, dt_s)
            self.position_m = _shifted(self.position_m, self._acceleration, 0.5 * dt_s * dt_s)
            self.velocity_m_s = _shifted(self.velocity_m_s, self._acceleration, dt_s)
        if sighting is not None and sighting is not self._heard:
            self._hear(sighting, clamp(responsiveness, 0.1, 1.0))
        if self._heard is not None and now_s - self._heard.at_s >= STALE_S:
            self.velocity_m_s = self._acceleration = ZERO

    def _hear(self, sighting: Sighting, responsiveness: float) -> None:
        if self.position_m is None:
            self.position_m, self.velocity_m_s = sighting.point_m, sighting.velocity_m_s
        self._heard = sighting
        beta = responsiveness ** (1.0 / 3.0)
        if sighting.at_s - self._fused_position_s > FUSE_POSITION_S:
            self._fuse_position(sighting, beta, self.position_m)
        if sighting.at_s - self._fused_velocity_s > FUSE_VELOCITY_S:
            self._fuse_velocity(sighting, 0.9 * beta)
        a, b, c = (clamp(part, -MOST_ACCELERATION_M_S2, MOST_ACCELERATION_M_S2) for part in self._acceleration)
        self._acceleration = Vector(a, b, c)

    def _fuse_position(self, sighting: Sighting, beta: float, believed_m: Vector) -> None:
        dt_s = clamp(sighting.at_s - self._fused_position_s, 1e-3, 20.0)
        self._fused_position_s = sighting.at_s
        off = _shifted(sighting.point_m, believed_m, -1.0)
        rest = 1.0 - beta
        self.position_m = _shifted(believed_m, off, 1.0 - beta**3)
        self.velocity_m_s = _shifted(self.velocity_m_s, off, 1.5 * rest * rest * (1.0 + beta) / dt_s)
        self._acceleration = _shifted(self._acceleration, off, rest**3 / (dt_s * dt_s))

    def _fuse_velocity(self, sighting: Sighting, beta: float) -> None:
        dt_s = clamp(sighting.at_s - self._fused_velocity_s, 1e-3, 20.0)
        self._fused_velocity_s = sighting.at_s
        off = _shifted(sighting.velocity_m_s, self.velocity_m_s, -1.0)
        self.velocity_m_s = _shifted(self.velocity_m_s, off, 1.0 - beta * beta)
        self._acceleration = _shifted(self._acceleration, off, (1.0 - beta) ** 2 / dt_s)


class _Reference:
    """A second-order filter of position and velocity, so that the vehicle does not jump."""

    def __init__(self) -> None:
        self.position_m: Vector | None = None
        self.velocity_m_s = ZERO

    def update(self, position_m: Vector, velocity_m_s: Vector, dt_s: float) -> Vector:
        """One step; the position now."""
        if self.position_m is None:
            self.position_m, self.velocity_m_s = position_m, velocity_m_s
        off = _shifted(position_m, self.position_m, -1.0)
        slow = _shifted(velocity_m_s, self.velocity_m_s, -1.0)
        self.position_m = _shifted(self.position_m, self.velocity_m_s, dt_s)
        self.velocity_m_s = _shifted(self.velocity_m_s, off, FILTER_RAD_S * FILTER_RAD_S * dt_s)
        self.velocity_m_s = _shifted(self.velocity_m_s, slow, 2.0 * FILTER_DAMPING * FILTER_RAD_S * dt_s)
        return self.position_m


class _OrbitAngle:
    """The angle at which the vehicle stands off, turning with limited rate, acceleration and jerk."""

    def __init__(self) -> None:
        self.angle_rad = self.rate_rad_s = self.acceleration_rad_s2 = 0.0

    def update(self, wanted_rad: float, distance_m: float, fastest_m_s: float, dt_s: float) -> None:
        """One step towards an angle."""
        left = wrap_pi(wanted_rad - self.angle_rad)
        acceleration, jerk = ORBIT_ACCELERATION_M_S2 / distance_m, ORBIT_JERK_M_S3 / distance_m
        rate = min(stopping_speed_m_s(abs(left), acceleration, jerk), fastest_m_s / distance_m)
        missing = math.copysign(rate, left) - self.rate_rad_s
        goal = math.copysign(min(acceleration, math.sqrt(2.0 * jerk * abs(missing))), missing)
        self.acceleration_rad_s2 += clamp(goal - self.acceleration_rad_s2, -jerk * dt_s, jerk * dt_s)
        self.rate_rad_s += self.acceleration_rad_s2 * dt_s
        self.angle_rad = wrap_pi(self.angle_rad + self.rate_rad_s * dt_s)


class Follow:
    """One activation of AUTO.FOLLOW. Until a target was heard the vehicle stops; one that falls silent is taken to stand."""

    landing = False
    target_m: Vector | None = None

    def __init__(self, tuning: Tuning, leader: Leader, home_down_m: float) -> None:
        self._tuning = tuning
        self._leader = leader
        self._home_down_m = home_down_m
        self._ignored = leader.last  # heard before this began
        self._estimator = Estimator()
        self._reference = _Reference()
        self._orbit = _OrbitAngle()
        self._course_rad = 0.0
        self._yaw_rad: float | None = None
        self.next_mode: Mode | None = None

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        sighting = None if self._leader.last is self._ignored else self._leader.last
        self._estimator.update(sighting, self._tuning["FLW_TGT_RS"], now.now_s, now.dt_s)
        believed_m = self._estimator.position_m
        if believed_m is None:
            return self._setpoint((None, None, None), (0.0, 0.0, 0.0), ZERO)
        if now.range_m < SAFE_HEIGHT_M:
            return self._setpoint((None, None, now.position_m.down), (0.0, 0.0, -ASCENT_M_S), ZERO)
        target_m = self._reference.update(believed_m, self._estimator.velocity_m_s, now.dt_s)
        return self._stand_off(target_m, now)

    def _stand_off(self, target_m: Vector, now: Situation) -> Setpoint:
        self._face(target_m, now)
        distance_m = max(1.0, self._tuning["FLW_TGT_DST"])
        fastest_m_s = max(0.0, self._tuning["FLW_TGT_MAX_VEL"])
        wanted_rad = self._course_rad + math.radians(self._tuning["FLW_TGT_FA"])
        self._orbit.update(wanted_rad, distance_m, fastest_m_s, now.dt_s)
        down_m = self._down_m(target_m, now)
        if abs(down_m - now.position_m.down) >= LEVEL_WITHIN_M:
            return self._setpoint((now.position_m.north, now.position_m.east, down_m), (None, None, None), ZERO)
        out_n, out_e = math.cos(self._orbit.angle_rad), math.sin(self._orbit.angle_rad)
        place = (target_m.north + out_n * distance_m, target_m.east + out_e * distance_m, down_m)
        along = self._orbit.rate_rad_s * distance_m
        speed = self._reference.velocity_m_s
        velocity = (speed.north - out_e * along, speed.east + out_n * along, None)
        inward, onward = along * along / distance_m, self._orbit.acceleration_rad_s2 * distance_m
        acceleration = Vector(-out_n * inward - out_e * onward, -out_e * inward + out_n * onward, 0.0)
        return self._setpoint(place, velocity, acceleration)

    def _face(self, target_m: Vector, now: Situation) -> None:
        """Course of the target while it moves, heading to it while it is not below."""
        filtered, heard = self._reference.velocity_m_s, self._estimator.velocity_m_s
        if min(filtered.horizontal, heard.horizontal) >= COURSE_FROM_M_S:
            self._course_rad = math.atan2(filtered.east, filtered.north)
        north, east = target_m.north - now.position_m.north, target_m.east - now.position_m.east
        if math.hypot(north, east) > FACE_BEYOND_M:
            self._yaw_rad = math.atan2(east, north)

    def _down_m(self, target_m: Vector, now: Situation) -> float:
        over = int(self._tuning["FLW_TGT_ALT_M"])
        ground_m = now.position_m.down + now.range_m if over == OVER_TERRAIN else self._home_down_m
        return (target_m.down if over == OVER_TARGET else ground_m) - self._tuning["FLW_TGT_HT"]

    def _setpoint(
        self,
        position_m: tuple[float | None, float | None, float | None],
        velocity_m_s: tuple[float | None, float | None, float | None],
        acceleration_m_s2: Vector,
    ) -> Setpoint:
        limits = self._tuning["MPC_Z_VEL_MAX_UP"], self._tuning["MPC_Z_VEL_MAX_DN"]
        return Setpoint(
            position_m,
            velocity_m_s,
            acceleration_m_s2,
            self._yaw_rad,
            climb_limit_m_s=limits[0],
            sink_limit_m_s=limits[1],
        )
