"""Return along the mission (RTL_TYPE 1 to 4): to its landing, on to its end, or back to where it began (rtl_*mission*.cpp)."""

from __future__ import annotations

import math
from enum import Enum, auto

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.navigator.leg import Leg
from sitl.autopilot.navigator.mission import Mission
from sitl.autopilot.navigator.task import Situation, Tuning
from sitl.autopilot.plans import item as items
from sitl.autopilot.plans import route
from sitl.autopilot.plans.item import Item
from sitl.autopilot.plans.missions import Missions


class Way(Enum):
    """Which part of the mission is flown."""

    LANDING = auto()
    FORWARD = auto()
    BACKWARD = auto()


class _Home(Enum):
    """The end of a way back: over the take-off, over home, down."""

    NOT_YET = auto()
    TAKEOFF = auto()
    OVER = auto()
    DOWN = auto()


class MissionReturn(Mission):
    """One activation of the return mode. Only places are flown to, none is stayed at.

    `from_mission`: it was being flown, so the item it was at counts; else the nearest one. `climb_to_amsl_m` is flown to first.
    """

    def __init__(
        self, tuning: Tuning, missions: Missions, way: Way, *, from_mission: bool, climb_to_amsl_m: float | None = None
    ) -> None:
        super().__init__(tuning, missions)
        self._way, self._from_mission, self._first_climb_amsl_m = way, from_mission, climb_to_amsl_m
        self._home = _Home.NOT_YET

    def _begin(self, now: Situation) -> None:
        missions = self._missions
        missions.begin_return(self._first_index(now))
        if self._first_climb_amsl_m is None or not missions.valid:
            self._start(now, climb=False)
        else:
            self._uploads, self._index = missions.plans.uploads, missions.plans.current
            self._climb_first(self._first_climb_amsl_m, now)

    def _first_index(self, now: Situation) -> int:
        missions = self._missions
        if self._way is Way.LANDING:
            return missions.landing_starts_at or 0
        if not self._from_mission:
            return missions.nearest(now.position_m)
        return missions.plans.current if self._way is Way.FORWARD else max(0, missions.plans.current - 1)

    def _say_climb(self, altitude_amsl_m: float) -> None:
        self._missions.say_return_climb(altitude_amsl_m)

    def _item(self, index: int) -> Item:
        """Every place but a landing is a waypoint, on the way back that one as well."""
        item = super()._item(index)
        as_it_is = item.command == items.LOITER_TO_ALTITUDE or (item.command == items.LAND and self._way is not Way.BACKWARD)
        if not item.is_position or as_it_is:
            return item
        radius_m = item.params[1] if item.command == items.WAYPOINT else 0.0
        return item._replace(command=items.WAYPOINT, autocontinue=True, params=(0.0, radius_m, 0.0, item.params[3]))

    def _advance(self) -> bool:
        return self._missions.advance_to_place(back=self._way is Way.BACKWARD)

    def _finish(self) -> None:
        """Without anything to fly it holds where it is, and goes on to be a return."""
        self._missions.finish()

    # Home, on the way back

    def _done(self, now: Situation) -> bool:
        if self._way is not Way.BACKWARD or not self._at_its_beginning:
            return super()._done(now)
        if self._home is _Home.DOWN:
            return self._missions.landed
        if self._home is _Home.NOT_YET:
            self._home = _Home.TAKEOFF
        if self._leg is not None and self._leg.reached(now.position_m):
            self._go_on_home(now)
        return False

    @property
    def _at_its_beginning(self) -> bool:
        missions = self._missions
        return (
            super()._item(self._index).command == items.TAKEOFF
            or route.place_before(missions.plans.mission, self._index) is None
        )

    def _go_on_home(self, now: Situation) -> None:
        """Over home at this height, if it is not yet; then down."""
        over_m = self._missions.home_m._replace(down=now.position_m.down)
        away_m = math.dist(Vector(*over_m)[:2], now.position_m[:2])
        if self._home is _Home.TAKEOFF and away_m > self._tuning["NAV_ACC_RAD"]:
            self._home = _Home.OVER
            self._leg = Leg(self._tuning, over_m, now)
            return
        self._home = _Home.DOWN
        self._land = self._missions.land_over(over_m, now, None, int(self._tuning["RTL_PLD_MD"]))
