"""The modes a pilot's sticks fly, without sticks: PX4 keeps level and sinks, or in STABILIZED keeps hover thrust."""

from __future__ import annotations

from sitl.autopilot.body.controller import Setpoint
from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.task import Situation, Tuning

_OPEN_LOOP = frozenset({Mode.STABILIZED, Mode.MANUAL, Mode.ACRO})


class Unsteered:
    """Level, drifting with the wind; down at MPC_LAND_SPEED, or with MPC_THR_HOVER wherever that leads."""

    landing = False
    target_m: Vector | None = None

    def __init__(self, tuning: Tuning, mode: Mode) -> None:
        self._tuning = tuning
        self._open_loop = mode in _OPEN_LOOP
        self.next_mode: Mode | None = None

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        if self._open_loop:
            return Setpoint(thrust=self._tuning["MPC_THR_HOVER"])
        return Setpoint(velocity_m_s=(None, None, self._tuning["MPC_LAND_SPEED"]), yaw_rad=now.yaw_rad)
