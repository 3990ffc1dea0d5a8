"""Return: climb, fly to the destination, turn, land there. The destination is frozen when the mode begins."""

from __future__ import annotations

import math
from collections.abc import Callable
from enum import Enum, auto

from sitl.autopilot.body.controller import Setpoint, YawSlew
from sitl.autopilot.body.vector import Vector, clamp
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.task import Situation, Task, Tuning, following, heading_to
from sitl.autopilot.telling import texts
from sitl.autopilot.telling.texts import Text
from wire.geo import wrap_pi

YAW_REACHED_RAD = math.radians(12.0)
LEAST_DELAY_S = 1e-6


class _Phase(Enum):
    CLIMB = auto()
    MOVE = auto()
    SINK = auto()
    HOLD = auto()
    LAND = auto()


def return_down_m(position_m: Vector, destination_m: Vector, tuning: Tuning) -> float:
    """The height to return at (local down, m): RTL_RETURN_ALT over the destination, less near it, never below now."""
    distance = math.hypot(position_m.north - destination_m.north, position_m.east - destination_m.east)
    top = tuning["RTL_RETURN_ALT"]
    acceptance = tuning["NAV_ACC_RAD"]
    height = top
    if tuning["RTL_CONE_ANG"] == 0.0:
        pass  # no cone: all the way up, however near
    elif distance <= acceptance:
        height = 2.0 * distance
    else:
        if distance <= tuning["RTL_MIN_DIST"]:
            half_angle_rad = math.radians(clamp(tuning["RTL_CONE_ANG"], 1.0, 89.0))
            height = min(distance / math.tan(half_angle_rad), height)
        height = max(height, 2.0 * acceptance)
    present = destination_m.down - position_m.down
    return destination_m.down - min(max(height, present), max(top, present))


Landing = Callable[[Vector, Situation, float | None], Task]
"""Begins a landing: over which point, from which situation, with which heading in radians, None for the present one."""


class Return:
    """RTL_TYPE 0 with no rally points: to `destination_m` (ground there) with the heading home was recorded with, if any."""

    def __init__(self, tuning: Tuning, destination_m: Vector, yaw_rad: float | None, start: Situation, land: Landing) -> None:
        self._tuning = tuning
        self._begin_landing = land
        self.destination_m = destination_m
        self._home_yaw_rad = yaw_rad
        self._down_m = return_down_m(start.position_m, destination_m, tuning)
        self._phase = _Phase.CLIMB
        self._trajectory = start.trajectory
        self._climb_point_m = start.position_m._replace(down=self._down_m)
        self._slew = YawSlew(start.yaw_rad)
        self._land: Task | None = None
        self._near = False
        self._heading_rad = start.yaw_rad
        self._arrived_s = 0.0
        self._news: list[Text] = []
        self.next_mode: Mode | None = None

    @property
    def landing(self) -> bool:
        """It sinks to land; the last phase can also be the search for a beacon."""
        return self._land is not None and self._land.landing

    @property
    def arrived(self) -> bool:
        """The last phase has begun."""
        return self._phase is _Phase.LAND

    def taken_news(self) -> list[Text]:
        """What there is to say since the last call."""
        news, self._news = self._news, []
        return news

    @property
    def loiter_m(self) -> Vector | None:
        """Where it loiters, if it does: PX4 takes the climb at its beginning for that, too."""
        if self._phase is _Phase.CLIMB:
            return self._climb_point_m
        return self.target_m if self._phase in (_Phase.SINK, _Phase.HOLD) else None

    @property
    def stays(self) -> bool:
        """It is there and does not land: RTL_LAND_DELAY is negative."""
        return self._phase is _Phase.HOLD and self._tuning["RTL_LAND_DELAY"] < 0.0

    @property
    def target_m(self) -> Vector:
        """Over the destination, at the height it returns at, or waits at before it lands."""
        down_m = self._down_m
        if self._phase in (_Phase.SINK, _Phase.HOLD):
            down_m = max(down_m, self.destination_m.down - self._tuning["RTL_DESCEND_ALT"])
        return self.destination_m._replace(down=down_m)

    @property
    def _final_yaw_rad(self) -> float:
        return self._slew.yaw_rad if self._home_yaw_rad is None else self._home_yaw_rad

    @property
    def _delay_s(self) -> float:
        """Of the landing; negative for ever."""
        delay_s = self._tuning["RTL_LAND_DELAY"]
        return delay_s if abs(delay_s) > LEAST_DELAY_S else 0.0

    @property
    def height_above_destination_m(self) -> float:
        """How high over the destination it returns."""
        return self.destination_m.down - self._down_m

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        if self._land is not None:
            return self._land.update(now)
        if self._phase is _Phase.CLIMB:
            return self._climb(now)
        return self._move(now) if self._phase is _Phase.MOVE else self._wait(now)

    def _climb(self, now: Situation) -> Setpoint:
        self._trajectory.approach(self._climb_point_m, now.position_m, self._tuning.limits(), now.dt_s)
        if now.position_m.down <= self._down_m + self._tuning["NAV_MC_ALT_RAD"]:
            self._phase = _Phase.MOVE
            self._near = self._away_m(now) < self._tuning["RTL_MIN_DIST"]
        return following(self._trajectory, self._slew.yaw_rad)

    def _move(self, now: Situation) -> Setpoint:
        """Nose first from afar; from nearby already with the final heading, which it must then have to arrive."""
        target, away_m = self.target_m, self._away_m(now)
        self._trajectory.approach(target, now.position_m, self._tuning.limits(), now.dt_s)
        there = away_m < self._tuning["NAV_ACC_RAD"]
        if self._near and self._home_yaw_rad is not None:
            self._heading_rad = self._home_yaw_rad
            there = there and abs(wrap_pi(now.yaw_rad - self._heading_rad)) < YAW_REACHED_RAD
        elif not there:
            self._heading_rad = heading_to(now.position_m, target)
        yaw_rad = self._slew.toward(self._heading_rad, self._tuning.yaw_rate_rad_s, now.dt_s)
        if there:
            if self._delay_s == 0.0:
                self._begin_to_land(target, now)
            else:
                self._phase = _Phase.SINK
        return following(self._trajectory, yaw_rad)

    def _away_m(self, now: Situation) -> float:
        """From the destination, over ground."""
        return math.hypot(self.destination_m.north - now.position_m.north, self.destination_m.east - now.position_m.east)

    def _wait(self, now: Situation) -> Setpoint:
        """Sink to RTL_DESCEND_ALT, wait there."""
        target = self.target_m
        self._trajectory.approach(target, now.position_m, self._tuning.limits(), now.dt_s)
        if self._phase is _Phase.SINK:
            if abs(now.position_m.down - target.down) < self._tuning["NAV_MC_ALT_RAD"]:
                self._phase, self._arrived_s = _Phase.HOLD, now.now_s
                self._news += [texts.RETURN_COMPLETED] if self._delay_s < 0.0 else []
        elif 0.0 <= self._delay_s <= now.now_s - self._arrived_s:
            self._begin_to_land(target, now)
        yaw_rad = self._slew.toward(self._final_yaw_rad, self._tuning.yaw_rate_rad_s, now.dt_s)
        return following(self._trajectory, yaw_rad)

    def _begin_to_land(self, over_m: Vector, now: Situation) -> None:
        self._phase = _Phase.LAND
        self._news.append(texts.RETURN_LAND)
        self._land = self._begin_landing(over_m, now, self._home_yaw_rad)
