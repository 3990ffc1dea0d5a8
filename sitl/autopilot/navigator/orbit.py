"""Circle a centre: MAV_CMD_DO_ORBIT as PX4's orbit task flies it."""

from __future__ import annotations

import math
from typing import NamedTuple

from sitl.autopilot.body.controller import Setpoint, YawSlew
from sitl.autopilot.body.vector import Vector, clamp
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.task import Situation, Tuning, following, heading_to

MIN_RADIUS_M = 1.0
MAX_SPEED_M_S = 10.0
MAX_ACCELERATION_M_S2 = 2.0
ON_CIRCLE_M = 2.0

FACE_CENTRE, KEEP_HEADING, UNCONTROLLED, TANGENT, STICKS, UNCHANGED = range(6)


class OrbitRequest(NamedTuple):
    """DO_ORBIT's parameters; None is MAVLink's NaN.

    A negative radius is counter-clockwise; centre and down are in the local frame.
    """

    radius_m: float | None
    speed_m_s: float | None
    yaw_behaviour: int | None
    centre_m: tuple[float, float] | None
    down_m: float | None


class OrbitStatus(NamedTuple):
    """What ORBIT_EXECUTION_STATUS tells: signed radius, centre with the height of the present setpoint."""

    radius_m: float
    centre_m: Vector
    yaw_behaviour: int


class Orbit:
    """Flies straight to the nearest point of the circle, then around it by velocity alone; so again when a new request
    finds it elsewhere than on the circle asked for.

    Before any request it is a circle of 1 m around where it began. `status` is None while PX4 does not send one.
    """

    landing = False
    target_m: Vector | None = None

    def __init__(self, tuning: Tuning, start: Situation) -> None:
        self._tuning = tuning
        self._radius_m = MIN_RADIUS_M
        self._speed_m_s = 1.0  # signed, positive is clockwise
        self._behaviour = int(tuning["MC_ORBIT_YAW_MOD"])
        self._centre_m = start.position_m
        self._initial_yaw_rad = start.yaw_rad
        self._slew = YawSlew(start.yaw_rad)
        self._trajectory = start.trajectory
        self._approaching = True
        self._tangential_m_s = 0.0
        self._down_m = start.position_m.down
        self._hover: Vector | None = None
        self.next_mode: Mode | None = None
        self.status: OrbitStatus | None = None

    @property
    def refused(self) -> bool:
        """The last request was: PX4 has given this orbit up, and begins anew with the next."""
        return self._hover is not None

    def request(self, request: OrbitRequest, now: Situation) -> bool:
        """Take a command over; False if its radius is out of range, after which the vehicle hovers."""
        clockwise = self._speed_m_s > 0.0
        radius, speed = self._radius_m, abs(self._speed_m_s)
        if request.radius_m is not None:
            clockwise, radius = request.radius_m > 0.0, abs(request.radius_m)
        if request.speed_m_s is not None:
            speed = request.speed_m_s
        if not MIN_RADIUS_M <= radius <= self._tuning["MC_ORBIT_RAD_MAX"]:
            self._hover, self.status = now.position_m, None
            self._trajectory.reset(now.position_m, now.velocity_m_s)
            return False
        top = min(MAX_SPEED_M_S, math.sqrt(MAX_ACCELERATION_M_S2 * radius))
        self._radius_m = radius
        self._speed_m_s = clamp(speed if clockwise else -speed, -top, top)
        if request.yaw_behaviour is not None and request.yaw_behaviour != UNCHANGED:
            self._behaviour = request.yaw_behaviour
        self._initial_yaw_rad = now.yaw_rad
        if request.centre_m is not None:
            self._centre_m = Vector(*request.centre_m, self._centre_m.down)
        if request.down_m is not None:
            self._centre_m = self._centre_m._replace(down=request.down_m)
        if not self._approaching and not self._on_circle(now.position_m):
            self._approaching = True
            self._trajectory.reset(now.position_m, now.velocity_m_s)
        return True

    def _on_circle(self, position_m: Vector) -> bool:
        off_m = abs(self._distance_m(position_m) - self._radius_m)
        return off_m < ON_CIRCLE_M and abs(position_m.down - self._centre_m.down) < self._tuning["NAV_MC_ALT_RAD"]

    def _distance_m(self, position_m: Vector) -> float:
        return math.hypot(position_m.north - self._centre_m.north, position_m.east - self._centre_m.east)

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        if self._hover is not None:
            self._trajectory.approach(self._hover, now.position_m, self._tuning.limits(), now.dt_s)
            return following(self._trajectory, self._slew.yaw_rad)
        if self._approaching and self._on_circle(now.position_m):
            self._approaching = False
            self._tangential_m_s = 0.0
            self._down_m = self._trajectory.position_m.down
        setpoint = self._approach(now) if self._approaching else self._circle(now)
        down_m = setpoint.position_m[2]
        height = self._centre_m._replace(down=self._down_m if down_m is None else down_m)
        signed = self._radius_m if self._speed_m_s >= 0.0 else -self._radius_m
        self.status = OrbitStatus(signed, height, self._behaviour)
        return setpoint

    def _approach(self, now: Situation) -> Setpoint:
        distance = self._distance_m(now.position_m)
        share = (distance - self._radius_m) / distance if distance > 1e-3 else 0.0
        point = Vector(
            now.position_m.north + (self._centre_m.north - now.position_m.north) * share,
            now.position_m.east + (self._centre_m.east - now.position_m.east) * share,
            self._centre_m.down,
        )
        if distance <= 1e-3:
            point = point._replace(north=point.north + self._radius_m)
        limits = self._tuning.limits()._replace(speed_m_s=max(0.1, self._tuning["MPC_XY_CRUISE"]))
        self._trajectory.approach(point, now.position_m, limits, now.dt_s)
        wanted = heading_to(now.position_m, self._centre_m)
        return following(self._trajectory, self._slew.toward(wanted, self._tuning.yaw_rate_rad_s, now.dt_s))

    def _circle(self, now: Situation) -> Setpoint:
        step = self._tuning["MPC_ACC_HOR"] * now.dt_s
        self._tangential_m_s += clamp(self._speed_m_s - self._tangential_m_s, -step, step)
        speed = self._tangential_m_s
        out_n = now.position_m.north - self._centre_m.north
        out_e = now.position_m.east - self._centre_m.east
        distance = max(math.hypot(out_n, out_e), 1e-3)
        out_n, out_e = out_n / distance, out_e / distance
        outward = self._radius_m - distance
        inward_acceleration = speed * speed / self._radius_m
        yaw_rad, rate = self._heading(now, out_n, out_e)
        return Setpoint(
            (None, None, self._down_m),
            (-out_e * speed + out_n * outward, out_n * speed + out_e * outward, 0.0),
            Vector(-out_n * inward_acceleration, -out_e * inward_acceleration, 0.0),
            yaw_rad,
            rate,
        )

    def _heading(self, now: Situation, out_n: float, out_e: float) -> tuple[float | None, float]:
        """Heading (None: leave it) and its rate while circling."""
        rate = self._speed_m_s / self._radius_m
        if self._behaviour in (UNCONTROLLED, STICKS):
            return None, 0.0
        if self._behaviour == KEEP_HEADING:
            return self._slew.toward(self._initial_yaw_rad, self._tuning.yaw_rate_rad_s, now.dt_s), 0.0
        sign = math.copysign(1.0, self._speed_m_s)
        tangent = math.atan2(sign * out_n, -sign * out_e)
        wanted = tangent if self._behaviour == TANGENT else math.atan2(-out_e, -out_n)
        return self._slew.toward(wanted, self._tuning.yaw_rate_rad_s, now.dt_s), rate
