"""Land where the vehicle is, or over a point; and the blind descent without a position."""

from __future__ import annotations

from sitl.autopilot.body.controller import Setpoint, YawSlew
from sitl.autopilot.body.vector import Vector, interpolate
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.task import Situation, Tuning, following


def descent_speed_m_s(range_m: float, tuning: Tuning) -> float:
    """How fast to sink at a height over ground: slower below MPC_LAND_ALT1, crawling below MPC_LAND_ALT3."""
    if range_m < tuning["MPC_LAND_ALT3"]:
        return tuning["MPC_LAND_CRWL"]
    low, high = tuning["MPC_LAND_ALT2"], tuning["MPC_LAND_ALT1"]
    return interpolate(range_m, low, high, tuning["MPC_LAND_SPEED"], tuning["MPC_Z_V_AUTO_DN"])


class Land:
    """Sinks over a point until the ground holds the vehicle."""

    landing = True

    def __init__(self, tuning: Tuning, over_m: Vector, start: Situation, yaw_rad: float | None = None) -> None:
        self._tuning = tuning
        self.target_m = over_m
        self._trajectory = start.trajectory
        self._slew = YawSlew(start.yaw_rad)
        self._yaw_rad = start.yaw_rad if yaw_rad is None else yaw_rad
        self.next_mode: Mode | None = None

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        speed = descent_speed_m_s(now.range_m, self._tuning)
        self._trajectory.approach(self.target_m, now.position_m, self._tuning.limits(), now.dt_s, sink_m_s=speed)
        yaw_rad = self._slew.toward(self._yaw_rad, self._tuning.yaw_rate_rad_s, now.dt_s)
        return following(self._trajectory, yaw_rad)


class Descend:
    """Without a horizontal position: level, drifting with the wind, sinking."""

    landing = False
    target_m: Vector | None = None

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self.next_mode: Mode | None = None

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        del now
        return Setpoint(velocity_m_s=(None, None, self._tuning["MPC_LAND_SPEED"]))
