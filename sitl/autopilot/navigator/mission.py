"""Fly a mission: one item after the other, as PX4's multicopter does (mission.cpp, mission_base.cpp, mission_block.cpp)."""

from __future__ import annotations

import math
from enum import Enum, auto

from sitl.autopilot.body.controller import IDLE_THRUST, Setpoint
from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.navigator.leg import Leg
from sitl.autopilot.navigator.takeoff import Takeoff
from sitl.autopilot.navigator.task import Situation, Task, Tuning
from sitl.autopilot.plans import item as items
from sitl.autopilot.plans.item import Item
from sitl.autopilot.plans.missions import Missions
from wire.geo import wrap_pi

MAX_AT_ONCE = 16  # items without a place that are done in one step
WITH_TIMEOUT = frozenset({items.WINCH, items.GRIPPER, items.GIMBAL_PITCH_YAW})
LOITERING = frozenset({items.LOITER_UNLIMITED, items.LOITER_TIME, items.LOITER_TO_ALTITUDE})
GATE_PASSED_M = 0.0


class _Work(Enum):
    """What is done for the present item."""

    ITEM = auto()
    CLIMB_FIRST = auto()
    MOVE_TO_LAND = auto()


class Mission:
    """One activation of the mission mode. It begins when it is first updated: PX4 does nothing while disarmed."""

    def __init__(self, tuning: Tuning, missions: Missions) -> None:
        self._tuning = tuning
        self._missions = missions
        self._began = False
        self._uploads = 0
        self._index = 0
        self._work = _Work.ITEM
        self._climb_to_amsl_m: float | None = None
        self._leg: Leg | None = None
        self._land: Task | None = None
        self._since_s = 0.0
        self._arrived_s: float | None = None
        self._yaw_reached = False
        self.takeoff: Takeoff | None = None
        self.next_mode: Mode | None = None

    # What is seen

    @property
    def detected(self) -> bool:
        """Whether it takes off and PX4 would say "Takeoff detected"."""
        return self.takeoff is not None and self.takeoff.detected

    @property
    def landing(self) -> bool:
        """Whether landed_state shows LANDING."""
        return self._land is not None and self._land.landing

    @property
    def target_m(self) -> Vector | None:
        """The point flown to."""
        flying = self.takeoff or self._land or self._leg
        return None if flying is None else flying.target_m

    @property
    def loiter_m(self) -> Vector | None:
        """Where it loiters, or is on its way to loiter, or climbs before the first item."""
        if self._leg is None or self._index >= len(self._missions.plans.mission):
            return None
        loiters = self._missions.plans.mission[self._index].command in LOITERING or self._work is _Work.CLIMB_FIRST
        return self._leg.target_m if loiters and self.takeoff is None and self._land is None else None

    # Time

    def update(self, now: Situation) -> Setpoint:
        """One step."""
        plans = self._missions.plans
        if not self._began:
            self._began = True
            self._begin(now)
        elif (plans.uploads, plans.current) != (self._uploads, self._index):
            self._missions.renew()
            self._start(now, climb=False)
        if self._work is not _Work.CLIMB_FIRST:
            self._missions.replay_gimbal()
        for _ in range(MAX_AT_ONCE):
            if self._missions.finished or not self._done(now):
                break
            self._next(now)
        return self._fly(now)

    # What a return along the mission does otherwise

    def _begin(self, now: Situation) -> None:
        """Take the mission up where it is."""
        self._missions.begin()
        self._start(now, climb=True)

    def _item(self, index: int) -> Item:
        """An item as it is flown."""
        return self._missions.plans.mission[index]

    def _advance(self) -> bool:
        """Go on to the next item; False at the end."""
        return self._missions.advance()

    def _say_climb(self, altitude_amsl_m: float) -> None:
        self._missions.say_climb(altitude_amsl_m)

    def _start(self, now: Situation, *, climb: bool) -> None:
        """Begin with the present item."""
        self._leg = self._land = self.takeoff = None
        self._work = _Work.ITEM
        if climb:
            self._climb_to_amsl_m = self._missions.first_climb_amsl_m(now.position_m)
        self._set(now)

    def _next(self, now: Situation) -> None:
        """The present item is done."""
        missions = self._missions
        if self._work is not _Work.CLIMB_FIRST:
            missions.reached()
        if not self._item(self._index).autocontinue and self._work is _Work.ITEM:
            self._arrived_s, self._yaw_reached = None, False
            return
        if self._work is _Work.ITEM and not self._advance():
            self._finish()
            return
        self._set(now)

    def _finish(self) -> None:
        self._missions.finish()
        if not self._missions.landed:
            self.next_mode = Mode.LOITER

    # Setting an item

    def _set(self, now: Situation) -> None:
        """Take up the present item, or the next part of its work."""
        missions = self._missions
        self._uploads, self._index = missions.plans.uploads, missions.plans.current
        if not missions.valid or self._index >= len(missions.plans.mission):
            self._finish()
            return
        item = self._item(self._index)
        self._since_s, self._arrived_s, self._yaw_reached = now.now_s, None, False
        before, self._work = self._work, _Work.ITEM
        if item.is_position:
            self._head_for(item, before, now)
        elif item.command == items.GATE:
            self._head_for_gate(now)
        else:
            missions.order(item)
        missions.report()

    def _head_for(self, item: Item, before: _Work, now: Situation) -> None:
        self._land, self.takeoff = None, None
        if self._climb_to_amsl_m is not None and before is _Work.ITEM:
            self._climb_first(self._climb_to_amsl_m, now)
        elif item.command == items.LAND and not self._missions.landed:
            self._head_for_landing(item, before, now)
        else:
            self._leg = self._leg_to(item, now)
            if self._missions.landed:
                self._lift_off(self._leg.target_m, now)

    def _climb_first(self, altitude_amsl_m: float, now: Situation) -> None:
        """To the height of the first place, here; from the ground that is the take-off."""
        self._work, self._climb_to_amsl_m = _Work.CLIMB_FIRST, None
        self._say_climb(altitude_amsl_m)
        target = now.position_m._replace(down=self._missions.down_m(altitude_amsl_m))
        self._leg = Leg(self._tuning, target, now, reach_m=self._tuning.loiter_reach_m)
        if self._missions.landed:
            self._lift_off(target, now)

    def _lift_off(self, target_m: Vector, now: Situation) -> None:
        spooling_s = self._tuning["COM_SPOOLUP_TIME"] - (now.now_s - self._missions.armed_at_s)
        ramp_from_s = now.now_s + max(0.0, spooling_s)
        self.takeoff = Takeoff(self._tuning, target_m, now, airborne=False, ramp_from_s=ramp_from_s)

    def _head_for_landing(self, item: Item, before: _Work, now: Situation) -> None:
        """Over the place at the height it is at, then down; a heading that is given means nothing."""
        target = self._missions.point_m(item, now.position_m)
        away_m = Vector(target.north - now.position_m.north, target.east - now.position_m.east, 0.0).horizontal
        if away_m > self._tuning["NAV_ACC_RAD"] and before is not _Work.MOVE_TO_LAND:
            self._work = _Work.MOVE_TO_LAND
            self._missions.approach_landing()
            level = now.position_m.down if self._leg is None else self._leg.target_m.down
            self._leg = Leg(self._tuning, target._replace(down=level), now)
            return
        heading = None if self._leg is None else self._leg.yaw_setpoint_rad
        self._land = self._missions.land_over(target, now, heading, items.land_precision(item))

    def _head_for_gate(self, now: Situation) -> None:
        following = self._missions.next_place(self._index + 1)
        if following is not None:
            self._leg = self._leg_to(following, now)

    def _leg_to(self, item: Item, now: Situation) -> Leg:
        yaw = math.nan if item.command in (items.TAKEOFF, items.LOITER_TO_ALTITUDE) else items.yaw_rad(item.params[3])
        target_m = self._missions.point_m(item, now.position_m)
        if item.command == items.LOITER_TO_ALTITUDE:
            target_m = target_m._replace(down=now.position_m.down)
        leg = Leg(
            self._tuning,
            target_m,
            now,
            reach_m=self._reach_m(item),
            yaw_rad=None if math.isnan(yaw) else yaw,
            after=self._leg,
        )
        following = self._missions.next_place(self._index + 1)
        stops = _hold_s(item) > 0.0 or item.command in (items.LOITER_TIME, items.LOITER_UNLIMITED)
        if following is not None and item.autocontinue and not stops:
            leg.pass_on_to(self._missions.point_m(following, now.position_m))
        return leg

    def _reach_m(self, item: Item) -> float:
        """The acceptance radius."""
        get = self._tuning
        if item.command == items.WAYPOINT and item.params[1] > 0.0 and math.isfinite(item.params[1]):
            return item.params[1]
        if item.command == items.LOITER_TO_ALTITUDE:
            radius = abs(item.params[1])
            return get["NAV_ACC_RAD"] + (radius if 0.0 < radius < math.inf else get["NAV_LOITER_RAD"])
        return get["NAV_ACC_RAD"]

    # Is it done?

    def _done(self, now: Situation) -> bool:
        item = self._item(self._index)
        if self._work is _Work.CLIMB_FIRST:
            return self._climbed(now)
        if item.command == items.LAND and self._work is _Work.ITEM:
            return self._missions.landed
        if item.command == items.LOITER_UNLIMITED:
            return False
        if item.command == items.DELAY:
            return now.now_s - self._since_s >= _hold_s(item)
        if item.command == items.GATE:
            return self._gate_passed(item, now)
        if item.is_position:
            return self._arrived(item, now)
        timeout_s = self._tuning["MIS_COMMAND_TOUT"] if item.command in WITH_TIMEOUT else 0.0
        return item.command != items.RETURN and now.now_s - self._since_s >= timeout_s

    def _climbed(self, now: Situation) -> bool:
        if self._missions.landed or self._leg is None:
            return False
        margin_m, target_m = self._tuning["NAV_MC_ALT_RAD"], self._leg.target_m
        if self.takeoff is None:
            return abs(now.position_m.down - target_m.down) <= margin_m
        height_m = self._missions.home_down_m - target_m.down
        margin_m = height_m / 2.0 if 0.0 < height_m < margin_m else margin_m
        return now.position_m.down < target_m.down + margin_m

    def _arrived(self, item: Item, now: Situation) -> bool:
        """There, facing where it should, for as long as it should."""
        leg = self._leg
        if leg is None or self._missions.landed:
            return False
        if self._arrived_s is None:
            if not leg.reached(now.position_m) or self._changes_height(item, leg, now):
                return False
            self._arrived_s = now.now_s
        if not self._yaw_reached:
            self._yaw_reached = leg.yaw_rad is None or self._faces(leg.yaw_rad, now, forced=_heading_forced(item))
        return self._yaw_reached and now.now_s - self._arrived_s >= _hold_s(item)

    def _changes_height(self, item: Item, leg: Leg, now: Situation) -> bool:
        """LOITER_TO_ALT goes to the place at the height it began at, and only there to its own."""
        target_m = self._missions.point_m(item, now.position_m)
        changes = item.command == items.LOITER_TO_ALTITUDE and leg.target_m.down != target_m.down
        if changes:
            leg.target_m = target_m
        return changes

    def _faces(self, yaw_rad: float, now: Situation, *, forced: bool) -> bool:
        error_rad = abs(wrap_pi(yaw_rad - now.yaw_rad))
        patient = self._tuning["MIS_YAW_TMT"] < 1e-6 or forced
        return error_rad < math.radians(self._tuning["MIS_YAW_ERR"]) or not patient

    def _gate_passed(self, item: Item, now: Situation) -> bool:
        if self._leg is None:
            return True
        gate, to = self._missions.point_m(item, now.position_m), self._leg.target_m
        along = (now.position_m.north - gate.north) * (to.north - gate.north)
        along += (now.position_m.east - gate.east) * (to.east - gate.east)
        return along >= GATE_PASSED_M

    # Flying

    def _fly(self, now: Situation) -> Setpoint:
        if self._missions.landed and self.takeoff is None:
            return Setpoint(thrust=IDLE_THRUST)
        if self.takeoff is not None:
            return self.takeoff.update(now)
        if self._land is not None:
            return self._land.update(now)
        if self._leg is None:
            self._leg = Leg(self._tuning, now.position_m, now)
        return self._leg.update(now, self._missions.roi_m(self._leg.target_m))


def _hold_s(item: Item) -> float:
    """How long to stay."""
    hold_s = item.params[0] if item.command in (items.WAYPOINT, items.LOITER_TIME, items.DELAY) else 0.0
    return hold_s if hold_s > 0.0 else 0.0


def _heading_forced(item: Item) -> bool:
    return item.command == items.LOITER_TIME and item.params[1] > 0.0
