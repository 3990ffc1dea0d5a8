"""What every flying mode has in common."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple, Protocol

from sitl.autopilot.body.controller import Setpoint
from sitl.autopilot.body.smoothing import Limits, Trajectory
from sitl.autopilot.body.vector import Vector, clamp
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.parameters import Parameters


class Situation(NamedTuple):
    """What a mode sees: local frame, metres, m/s, radians, seconds.

    `trajectory` is the one moving reference of the flight, handed from mode to mode so that nothing jumps.
    """

    now_s: float
    dt_s: float
    position_m: Vector
    velocity_m_s: Vector
    yaw_rad: float
    range_m: float
    trajectory: Trajectory


class Task(Protocol):
    """One activation of a mode.

    `next_mode`: the mode wants to hand over to this one.
    """

    next_mode: Mode | None

    @property
    def landing(self) -> bool:
        """Whether landed_state shows LANDING."""
        ...

    @property
    def target_m(self) -> Vector | None:
        """The point flown to, None without one."""
        ...

    def update(self, now: Situation) -> Setpoint:
        """One step of now.dt_s seconds."""
        ...


LEAST, MOST = 0.1, 100.0


def _sane(value: float) -> float:
    """A limit that a trajectory can be computed with, whatever a parameter was set to."""
    return clamp(value, LEAST, MOST)


@dataclass
class Tuning:
    """PX4's parameters, as the modes use them.

    `cruise_m_s` overrides MPC_XY_CRUISE (DO_CHANGE_SPEED) until the next activation.
    """

    parameters: Parameters
    cruise_m_s: float | None = None

    def __getitem__(self, name: str) -> float:
        return self.parameters[name]

    def limits(self, *, up_m_s: float | None = None, down_m_s: float | None = None) -> Limits:
        """The limits of an automatic mode's trajectory."""
        get = self.parameters
        cruise = get["MPC_XY_CRUISE"] if self.cruise_m_s is None else self.cruise_m_s
        return Limits(
            speed_m_s=_sane(min(cruise, get["MPC_XY_VEL_MAX"])),
            up_m_s=_sane(get["MPC_Z_V_AUTO_UP"] if up_m_s is None else up_m_s),
            down_m_s=_sane(get["MPC_Z_V_AUTO_DN"] if down_m_s is None else down_m_s),
            acceleration_m_s2=_sane(get["MPC_ACC_HOR"]),
            acceleration_up_m_s2=_sane(get["MPC_ACC_UP_MAX"]),
            acceleration_down_m_s2=_sane(get["MPC_ACC_DOWN_MAX"]),
            jerk_m_s3=_sane(get["MPC_JERK_AUTO"]),
            max_lag_m=_sane(get["MPC_XY_ERR_MAX"]),
        )

    @property
    def loiter_reach_m(self) -> float:
        """How far from a place to loiter at PX4 takes itself to be there."""
        return self.parameters["NAV_ACC_RAD"] + self.parameters["NAV_LOITER_RAD"]

    @property
    def yaw_rate_rad_s(self) -> float:
        """The fastest the heading setpoint turns."""
        return math.radians(max(1.0, self.parameters["MPC_YAWRAUTO_MAX"]))


def following(trajectory: Trajectory, yaw_rad: float | None) -> Setpoint:
    """The setpoint that follows a trajectory with a heading."""
    return Setpoint(trajectory.position_m, trajectory.velocity_m_s, trajectory.acceleration_m_s2, yaw_rad)


def heading_to(position_m: Vector, target_m: Vector) -> float:
    """The heading in radians from one point to another."""
    return math.atan2(target_m.east - position_m.east, target_m.north - position_m.north)
