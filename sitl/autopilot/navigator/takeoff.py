"""Take off straight up to an altitude."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from sitl.autopilot.body.controller import Setpoint
from sitl.autopilot.body.smoothing import wanted_m_s
from sitl.autopilot.body.vector import Vector, clamp, interpolate
from sitl.autopilot.body.vehicle import GRAVITY_M_S2, MASS_KG, MAX_THRUST_N
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.task import Situation, Tuning, following

DETECTED_AFTER_S = 0.76  # of ramping up: then thrust exceeds what the land detector calls the least
RAMP = ((0.0, 0.0), (0.167, 0.09), (0.417, 0.314), (0.667, 0.40), (0.877, GRAVITY_M_S2 * MASS_KG / MAX_THRUST_N))
"""Thrust (0..1) at shares of the ramp's time, to lift-off: the mean of 16 take-offs of PX4 on SIH."""
FREE_HEIGHT_M = 2.0
WANTED_M_S = 0.3  # PX4's FlightTaskAuto: the climb that is asked for must be faster
LEAD_M = 0.1
FIRST_SPEED_SHARE, SPEED_UP_S = 0.15, 2.3


def ramp_thrust(since_s: float, ramp_s: float) -> float | None:
    """The open-loop thrust (0..1) some time into the ramp, None once it lifts."""
    share = max(0.0, since_s / max(0.2, ramp_s))
    for (low, low_thrust), (high, high_thrust) in pairwise(RAMP):
        if share < high:
            return interpolate(share, low, high, low_thrust, high_thrust)
    return None


class Takeoff:
    """Motors ramp up (MPC_TKO_RAMP_T) after spooling (COM_SPOOLUP_TIME), then a climb.

    At MPC_TKO_SPEED, faster above MPC_LAND_ALT1, or at once if `hasty`.

    `target_m` is where to; `detected` tells that PX4 would say "Takeoff detected", `from_ground` that it began there.
    """

    landing = False

    def __init__(
        self,
        tuning: Tuning,
        target_m: Vector,
        start: Situation,
        *,
        airborne: bool,
        ramp_from_s: float,
        hasty: bool = False,
    ) -> None:
        self._tuning = tuning
        self._trajectory = start.trajectory
        self.ramp_from_s = ramp_from_s
        self._hasty = hasty
        self._lifted_at_s = -SPEED_UP_S
        self._yaw_rad = start.yaw_rad
        self._airborne = airborne
        self.from_ground = not airborne
        self.detected = airborne
        self.target_m = target_m
        self.next_mode: Mode | None = None

    def ramping(self, now_s: float) -> bool:
        """Whether the motors are spooled up and it is about to lift."""
        return not self._airborne and now_s >= self.ramp_from_s

    def restart(self, now: Situation) -> None:
        """Armed now: the ramp begins after spooling up."""
        self.ramp_from_s = now.now_s + self._tuning["COM_SPOOLUP_TIME"]
        self._yaw_rad = now.yaw_rad

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        if not self._airborne:
            thrust = self._ramp(now)
            if thrust is not None:
                return Setpoint(thrust=thrust)
            self._airborne = True
            self._lifted_at_s = now.now_s
            self._trajectory.reset(now.position_m)
        high_enough = self._hasty or now.range_m > self._tuning["MPC_LAND_ALT1"]
        top = self._tuning["MPC_Z_V_AUTO_UP"] if high_enough else self._tuning["MPC_TKO_SPEED"]
        limits = self._tuning.limits(up_m_s=top)
        target = self.target_m
        if now.range_m < FREE_HEIGHT_M:
            target = Vector(self._trajectory.position_m.north, self._trajectory.position_m.east, target.down)
        self._trajectory.approach(target, now.position_m, limits, now.dt_s)
        self._trajectory.wait_for(now.position_m.down, LEAD_M)
        if now.position_m.down < self.target_m.down + self._tuning["NAV_MC_ALT_RAD"]:
            self.next_mode = Mode.LOITER
        started = clamp((now.now_s - self._lifted_at_s) / SPEED_UP_S, 0.0, 1.0)
        limit = top if self._hasty else top * (FIRST_SPEED_SHARE + (1.0 - FIRST_SPEED_SHARE) * started)
        return replace(following(self._trajectory, self._yaw_rad), climb_limit_m_s=limit)

    def _ramp(self, now: Situation) -> float | None:
        """The open-loop thrust (0..1) while on the ground, None once it lifts.

        A place so far away that the way there is hardly a climb is no reason to begin.
        """
        limits = self._tuning.limits(up_m_s=self._tuning["MPC_TKO_SPEED"])
        if wanted_m_s(now.position_m, self.target_m, limits).down > -WANTED_M_S:
            self.ramp_from_s = max(self.ramp_from_s, now.now_s)
        since_s = now.now_s - self.ramp_from_s
        self.detected = since_s >= DETECTED_AFTER_S
        return ramp_thrust(since_s, self._tuning["MPC_TKO_RAMP_T"])
