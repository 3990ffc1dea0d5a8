"""Precision landing: fly over a beacon, sink onto it, search for it when it is lost, land where it is when nothing helps.

The states and times are those of PX4's precland.cpp. The beacon is what LANDING_TARGET told last, in the local frame.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum, auto

from sitl.autopilot.body.controller import Setpoint, YawSlew
from sitl.autopilot.body.vector import ZERO, Vector
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.land import descent_speed_m_s
from sitl.autopilot.navigator.task import Situation, Tuning, following, heading_to

DWELL_S = 2.0  # at the start without seeing the beacon, and over the beacon before sinking
SETTLE_S = 1.0  # after a search found it
LOW_TIMEOUT_S = 0.5  # how old the beacon may be near the ground
FOUND_CLIMB_M = 1.0
NEVER_S = -1e9


class Beacon:
    """The last landing target: `point_m` in the local frame, `seen_at_s` when; `fresh` until `take` was called."""

    def __init__(self) -> None:
        self.point_m = ZERO
        self.seen_at_s = NEVER_S
        self.fresh = False

    def see(self, point_m: Vector, at_s: float) -> None:
        """It was seen."""
        self.point_m, self.seen_at_s, self.fresh = point_m, at_s, True

    def take(self) -> bool:
        """Whether something new was seen since the last call."""
        fresh, self.fresh = self.fresh, False
        return fresh


class State(Enum):
    """What the landing is at."""

    START = auto()
    APPROACH = auto()
    DESCEND = auto()
    FINAL = auto()
    SEARCH = auto()
    FALLBACK = auto()


class PrecisionLand:
    """One precision landing, `required` to search for an unseen beacon, else a landing where it is.

    By itself it begins by holding the place it is at; as the end of a return it begins by landing over `over_m` with the
    heading `yaw_rad`.
    """

    def __init__(
        self,
        tuning: Tuning,
        beacon: Beacon,
        start: Situation,
        *,
        required: bool = True,
        over_m: Vector | None = None,
        yaw_rad: float | None = None,
    ) -> None:
        self._tuning = tuning
        self._beacon = beacon
        self._required = required
        self._trajectory = start.trajectory
        self._slew = YawSlew(start.yaw_rad)
        self._yaw_given = yaw_rad is not None
        self._yaw_rad = start.yaw_rad if yaw_rad is None else yaw_rad
        self._updated = False
        self._searches = 0
        self._since_s = start.now_s
        self._reached_s: float | None = None
        self._acquired_s: float | None = None
        self._approach_down_m = start.position_m.down
        self._ramp = _Ramp()
        self.next_mode: Mode | None = None
        self.state = State.START
        self.target_m = start.position_m
        self.landing = False
        self._restart(start)
        if over_m is not None:
            self.target_m, self.landing = over_m, True

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        self._updated = self._beacon.take()
        run: dict[State, Callable[[Situation], None]] = {
            State.START: self._start,
            State.APPROACH: self._approach,
            State.DESCEND: self._descend,
            State.SEARCH: self._search,
        }
        if self.state in run:
            run[self.state](now)
        return self._fly(now)

    # States

    def _start(self, now: Situation) -> None:
        if self._visible(now) and self._updated:
            self._begin_approach(now)
            return
        if not self._required:
            self._fall_back(now)
            return
        away_m = math.hypot(*self._off(self.target_m, now))
        if away_m >= self._tuning["NAV_ACC_RAD"]:
            return
        if self._tuning["PLD_SRCH_TOUT"] <= 0.0:
            self._fall_back(now)
        elif self._dwelt(now):
            self._begin_search(now)

    def _approach(self, now: Situation) -> None:
        if self._over(now) and not self._visible(now):
            self._lost(now)
            return
        if self._updated and self._over(now) and self._dwelt(now):
            self._enter(State.DESCEND, now)
            return
        north, east = self._ramp.toward(self._beacon.point_m, self.target_m, now, self._tuning)
        self.target_m = Vector(north, east, self._approach_down_m)
        self.landing = False

    def _descend(self, now: Situation) -> None:
        low = self._visible(now) and self._near_ground(now)
        kept = now.now_s - self._beacon.seen_at_s < LOW_TIMEOUT_S if low else self._visible(now)
        if kept:
            self.target_m = self._beacon.point_m._replace(down=self.target_m.down)
            self.landing = True
        elif low:
            self._enter(State.FINAL, now)
        else:
            self._lost(now)

    def _search(self, now: Situation) -> None:
        if self._updated and self._visible(now) and self._acquired_s is None:
            self._acquired_s = now.now_s
            stop_m = now.position_m.down - FOUND_CLIMB_M
            self.target_m = self.target_m._replace(down=max(stop_m, self.target_m.down))
        settled = self._acquired_s is not None and now.now_s - self._acquired_s > SETTLE_S
        if settled and self._updated and self._visible(now):
            self._begin_approach(now)
        elif now.now_s - self._since_s > self._tuning["PLD_SRCH_TOUT"]:
            self._fall_back(now)

    # Changes

    def _enter(self, state: State, now: Situation) -> None:
        self.state, self._since_s = state, now.now_s

    def _restart(self, now: Situation) -> bool:
        """Back to the start, if that was not done too often."""
        if self._searches > self._tuning["PLD_MAX_SRCH"]:
            return False
        self._searches += 1
        self._reached_s = None
        self.landing = False
        self._enter(State.START, now)
        return True

    def _lost(self, now: Situation) -> None:
        self.target_m = now.position_m
        if not self._restart(now):
            self._fall_back(now)

    def _begin_approach(self, now: Situation) -> None:
        self._approach_down_m = now.position_m.down
        self._reached_s = None
        self._enter(State.APPROACH, now)

    def _begin_search(self, now: Situation) -> None:
        """To PLD_SRCH_ALT over the origin of the local frame, not over the vehicle."""
        self.target_m = self.target_m._replace(down=-self._tuning["PLD_SRCH_ALT"])
        self.landing = False
        self._acquired_s = None
        self._enter(State.SEARCH, now)

    def _fall_back(self, now: Situation) -> None:
        self.target_m, self.landing = now.position_m, True
        self._enter(State.FALLBACK, now)

    # Conditions

    def _visible(self, now: Situation) -> bool:
        return now.now_s - self._beacon.seen_at_s <= self._tuning["PLD_BTOUT"]

    def _over(self, now: Situation) -> bool:
        north, east = self._off(self._beacon.point_m, now)
        return max(abs(north), abs(east)) < self._tuning["PLD_HACC_RAD"]

    def _near_ground(self, now: Situation) -> bool:
        return self._beacon.point_m.down - now.position_m.down < self._tuning["PLD_FAPPR_ALT"]

    def _dwelt(self, now: Situation) -> bool:
        if self._reached_s is None:
            self._reached_s = now.now_s
        return now.now_s - self._reached_s > DWELL_S

    @staticmethod
    def _off(point_m: Vector, now: Situation) -> tuple[float, float]:
        return point_m.north - now.position_m.north, point_m.east - now.position_m.east

    # Motion

    def _fly(self, now: Situation) -> Setpoint:
        limits = self._tuning.limits()
        sink_m_s = descent_speed_m_s(now.range_m, self._tuning) if self.landing else None
        self._trajectory.approach(self.target_m, now.position_m, limits, now.dt_s, sink_m_s=sink_m_s)
        far = math.hypot(*self._off(self.target_m, now)) > self._tuning["NAV_ACC_RAD"]
        if far and not self.landing and not self._yaw_given:
            self._yaw_rad = heading_to(now.position_m, self.target_m)
        return following(self._trajectory, self._slew.toward(self._yaw_rad, self._tuning.yaw_rate_rad_s, now.dt_s))


class _Ramp:
    """Leads the setpoint to the beacon no faster than MPC_XY_CRUISE, no harder than MPC_ACC_HOR."""

    FIRST_DT_S = 0.05

    def __init__(self) -> None:
        self._at_s: float | None = None
        self._last = (0.0, 0.0)
        self._before = (0.0, 0.0)

    def toward(self, beacon_m: Vector, target_m: Vector, now: Situation, tuning: Tuning) -> tuple[float, float]:
        """The next point on the way to the beacon: metres north and east."""
        dt_s = self.FIRST_DT_S if self._at_s is None else max(now.now_s - self._at_s, 1e-3)
        if self._at_s is None:
            self._last = (target_m.north, target_m.east)
            velocity = now.velocity_m_s
            self._before = (target_m.north - velocity.north * dt_s, target_m.east - velocity.east * dt_s)
        self._at_s = now.now_s
        goal, last, before = (beacon_m.north, beacon_m.east), self._last, self._before
        acceleration = tuning["MPC_ACC_HOR"]
        point = _within(last, goal, tuning["MPC_XY_CRUISE"] * dt_s)
        inertial = (2.0 * last[0] - before[0], 2.0 * last[1] - before[1])
        point = _within(inertial, point, acceleration * dt_s * dt_s)
        point = _within(last, point, math.sqrt(acceleration * math.dist(last, goal)) * dt_s)
        self._before, self._last = last, point
        return point


def _within(centre: tuple[float, float], point: tuple[float, float], radius_m: float) -> tuple[float, float]:
    """The point, or where the way to it from the centre leaves the circle."""
    away_m = math.dist(centre, point)
    if away_m <= radius_m:
        return point
    share = radius_m / away_m
    return centre[0] + (point[0] - centre[0]) * share, centre[1] + (point[1] - centre[1]) * share
