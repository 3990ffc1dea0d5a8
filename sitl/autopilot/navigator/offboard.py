"""Fly what an offboard controller asks for, and take off when it asks to go up."""

from __future__ import annotations

from collections.abc import Callable

from sitl.autopilot.body.controller import IDLE_THRUST, Setpoint
from sitl.autopilot.body.vector import Vector, clamp
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.setpoints import Attitude, Axes, Course, Offboard, Rates
from sitl.autopilot.navigator.takeoff import DETECTED_AFTER_S, ramp_thrust
from sitl.autopilot.navigator.task import Situation, Tuning

STOP = Course(velocity_m_s=(0.0, 0.0, 0.0))
LIFTS_ABOVE_THRUST = 0.5
FLOWN_ON_S = 0.2


class OffboardFlight:
    """One activation of OFFBOARD. Until something was asked for, and when it cannot be flown, the vehicle stops.

    What could be flown last is flown on until it is FLOWN_ON_S old.

    `detected` tells that PX4 would say "Takeoff detected"; `landed` is the land detector.
    """

    landing = False
    target_m: Vector | None = None

    def __init__(self, tuning: Tuning, offboard: Offboard, start: Situation, landed: Callable[[], bool]) -> None:
        offboard.forget()
        self._tuning = tuning
        self._offboard = offboard
        self._landed = landed
        self._ready_s = start.now_s
        self._ramp_from_s: float | None = None
        self._last, self._last_s = STOP, start.now_s
        self.detected = False
        self.next_mode: Mode | None = None

    def restart(self, now: Situation) -> None:
        """Armed now: nothing lifts off before the motors have spooled up."""
        self._ready_s = now.now_s + self._tuning["COM_SPOOLUP_TIME"]
        self._ramp_from_s = None

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        wish = self._offboard.wish
        if isinstance(wish, Attitude | Rates):
            return self._direct(wish)
        course = self._course(wish, now.now_s)
        thrust = self._lift_off(course, now)
        return self._fly(course, now) if thrust is None else Setpoint(thrust=thrust)

    def _course(self, wish: Course | None, now_s: float) -> Course:
        if wish is not None and wish.flyable:
            self._last, self._last_s = wish, self._offboard.wished_at_s
            return wish
        return self._last if now_s < self._last_s + FLOWN_ON_S else STOP

    def _direct(self, wish: Attitude | Rates) -> Setpoint:
        """No take-off is needed: thrust goes to the motors as it is."""
        thrust = clamp(wish.thrust, 0.0, 1.0)
        self.detected = thrust > LIFTS_ABOVE_THRUST
        if isinstance(wish, Attitude):
            return Setpoint(thrust=thrust, attitude=wish.quaternion, yaw_rate_rad_s=wish.yaw_rate_rad_s)
        return Setpoint(thrust=thrust, rates_rad_s=wish.rates_rad_s)

    def _lift_off(self, course: Course, now: Situation) -> float | None:
        """The open-loop thrust on the ground, None in flight."""
        if self._ramp_from_s is None:
            self.detected = False
            if not self._landed():
                return None
            if now.now_s < self._ready_s or not _rises(course, now):
                return IDLE_THRUST
            self._ramp_from_s = now.now_s
        since_s = now.now_s - self._ramp_from_s
        self.detected = since_s >= DETECTED_AFTER_S
        thrust = ramp_thrust(since_s, self._tuning["MPC_TKO_RAMP_T"])
        if thrust is None:
            self._ramp_from_s = None
        return thrust

    def _fly(self, course: Course, now: Situation) -> Setpoint:
        north, east, down = (0.0 if a is None else a for a in course.acceleration_m_s2)
        return Setpoint(
            course.position_m,
            course.velocity_m_s,
            Vector(north, east, down),
            now.yaw_rad if course.yaw_rad is None else course.yaw_rad,
            course.yaw_rate_rad_s or 0.0,
            climb_limit_m_s=self._tuning["MPC_Z_VEL_MAX_UP"],
            sink_limit_m_s=self._tuning["MPC_Z_VEL_MAX_DN"],
        )


def _rises(course: Course, now: Situation) -> bool:
    """Whether it asks to go up."""
    down, sink, push = (axes[2] for axes in _kinds(course))
    if down is not None and down < now.position_m.down:
        return True
    return (sink is not None and sink < 0.0) or (push is not None and push < 0.0)


def _kinds(course: Course) -> tuple[Axes, Axes, Axes]:
    return course.position_m, course.velocity_m_s, course.acceleration_m_s2
