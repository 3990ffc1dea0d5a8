"""The mission as the autopilot knows it: whether it may be flown, where it is, what it wants done and said."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.commander import Commander
from sitl.autopilot.commander.home import Home, HomeKeeper
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.plans import feasibility, route, words
from sitl.autopilot.plans import item as items
from sitl.autopilot.plans.feasibility import Circumstances
from sitl.autopilot.plans.geofence import Geofence
from sitl.autopilot.plans.item import Item, Kind
from sitl.autopilot.plans.progress import NOTHING_REACHED, Progress
from sitl.autopilot.plans.store import Plans
from sitl.autopilot.telling.texts import Text
from wire.geo import Position

if TYPE_CHECKING:
    from sitl.autopilot.flight import Flight
    from sitl.autopilot.navigator.task import Situation, Task

MAX_LATITUDE_DEG, MAX_LONGITUDE_DEG, MAX_ALTITUDE_M = 90.0, 180.0, 1e5
HIDDEN = {"MIS_DIST_1WP": 10000.0, "MIS_TKO_LAND_REQ": 0.0}
"""Parameters PX4 uses but does not list, with their defaults."""


class RegionOfInterest(NamedTuple):
    """MAV_ROI: 1 the next waypoint, 3 a place."""

    mode: int
    place: Position | None = None


ROI_NONE, ROI_NEXT, ROI_PLACE = 0, 1, 3


class Missions:
    """`valid` as PX4's checks found it, `finished` when the last item was done; `orders` are items to be done as commands.

    `landings` counts the landings it went to.
    """

    def __init__(
        self, plans: Plans, fence: Geofence, flight: Flight, commander: Commander, *, homes: HomeKeeper, said: list[Text]
    ) -> None:
        self.plans, self._fence, self._flight, self._homes, self._said = plans, fence, flight, homes, said
        self._commander = commander
        self.progress = Progress()
        self.orders: list[Item] = []
        self.landings = 0
        self.roi = RegionOfInterest(ROI_NONE)
        self.valid = False
        self.finished = False
        self._approaches_landing = False
        self._gimbal: list[Item] = []
        self._checked: tuple[int, int, int] | None = None
        self._flown = self._disarmed_since = False

    # What is known

    @property
    def landed(self) -> bool:
        """The land detector's word."""
        return self._flight.landed

    @property
    def armed_at_s(self) -> float:
        """When the motors began to turn."""
        return self._commander.armed_at_s

    @property
    def _home(self) -> Home | None:
        return self._homes.home

    @property
    def home_amsl_m(self) -> float:
        """Home's altitude, the starting point's before there is one."""
        return self._flight.origin.altitude_amsl_m if self._home is None else self._home.position.altitude_amsl_m

    @property
    def home_down_m(self) -> float:
        """Home's height in the local frame."""
        return self.down_m(self.home_amsl_m)

    def down_m(self, altitude_amsl_m: float) -> float:
        """An altitude in the local frame."""
        return self._flight.origin.altitude_amsl_m - altitude_amsl_m

    def point_m(self, item: Item, here_m: Vector) -> Vector:
        """Where an item is in the local frame; here for what cannot be a place on Earth."""
        place = feasibility.place_of(item, self.home_amsl_m)
        return self._flight.local(place) if _on_earth(place) else here_m

    def next_place(self, start: int) -> Item | None:
        """The first item from `start` on that is flown to."""
        index = route.next_position(self.plans.mission, start, self.plans.jumps)
        return None if index is None else self.plans.mission[index]

    def first_climb_amsl_m(self, here_m: Vector) -> float | None:
        """The height of the first place if the vehicle is too low for it."""
        item = self.next_place(self.plans.current)
        if item is None:
            return None
        target = self.point_m(item, here_m)
        too_low = here_m.down - target.down > self._flight.tuning["NAV_MC_ALT_RAD"]
        return self._flight.origin.altitude_amsl_m - target.down if too_low else None

    def roi_m(self, next_m: Vector) -> Vector | None:
        """Where the nose is to point, None if no region of interest says so."""
        if self._flight.tuning["MIS_MNT_YAW_CTL"] or self.roi.mode not in (ROI_NEXT, ROI_PLACE):
            return None
        if self.roi.mode == ROI_NEXT:
            return next_m
        return None if self.roi.place is None else self._flight.local(self.roi.place)

    # Checks

    def update(self) -> None:
        """Check what is new, as soon as fence and home allow it."""
        self._disarmed_since = self._disarmed_since or not self._commander.armed
        known = (self.plans.uploads, self.plans[Kind.MISSION].id, self.plans[Kind.FENCE].id)
        if known == self._checked or not self._fence.ready or self._home is None:
            return
        if self._checked is None or known[0] != self._checked[0]:
            self._flown = False
        self._checked = known
        self.check()

    def check(self) -> None:
        """Check the mission against everything."""
        parameters = self._flight.tuning.parameters
        now = Circumstances(
            None if self._home is None else self._home.position,
            self.landed,
            _hidden(parameters, "MIS_DIST_1WP"),
            int(_hidden(parameters, "MIS_TKO_LAND_REQ")),
            self._fence.allows,
        )
        verdict = feasibility.check(self.plans.mission, now)
        self._said += verdict.said
        self.valid = verdict.valid
        self.progress.reached = NOTHING_REACHED
        self.report()

    # What the mission mode does

    def begin(self) -> None:
        """The mode was activated on an armed vehicle."""
        self.check()
        last = len(self.plans.mission) - 1
        if self._disarmed_since and self._flown and self.plans.current == last >= 0:
            self.plans.move_to(0)
            self.plans.forget_jumps()
        self._flown, self._disarmed_since = True, False
        self._announce()
        self.orders += self._last_before(items.CHANGE_SPEED)
        self._gimbal = self._last_before(items.GIMBAL_CONFIGURE) + self._last_before(items.GIMBAL_PITCH_YAW)

    def _last_before(self, command: int) -> list[Item]:
        """The last such item before the present one, if any."""
        return [item for item in self.plans.mission[: self.plans.current] if item.command == command][-1:]

    def replay_gimbal(self) -> None:
        """Once after it began anew, and is high enough: what a gimbal was told before the present item."""
        self.orders += self._gimbal
        self._gimbal = []

    def land_over(self, over_m: Vector, now: Situation, yaw_rad: float | None, precision: int) -> Task:
        """Flight.land_over."""
        return self._flight.land_over(over_m, now, yaw_rad, precision)

    # What a return along the mission does

    @property
    def landing_starts_at(self) -> int | None:
        """Where the mission begins to land, None if it does not."""
        return route.landing_start(self.plans.mission) if self.valid else None

    @property
    def landing_m(self) -> Vector:
        """Where it lands, in the local frame."""
        landing = next(item for item in self.plans.mission if item.command == items.LAND)
        return self.point_m(landing, self.home_m)

    @property
    def home_m(self) -> Vector:
        """Home in the local frame."""
        return Vector(0.0, 0.0, 0.0) if self._home is None else self._home.point_m

    def nearest(self, here_m: Vector) -> int:
        """The place nearest to here; the first item if there is none."""
        places = [index for index, item in enumerate(self.plans.mission) if item.is_position]
        return min(places, key=lambda index: math.dist(self.point_m(self.plans.mission[index], here_m), here_m), default=0)

    def begin_return(self, index: int) -> None:
        """The return along the mission begins at an item."""
        self.check()
        self._announce()
        if self.valid:
            self.plans.move_to(index)
            self.orders += self._last_before(items.CHANGE_SPEED)
            self._gimbal = self._last_before(items.GIMBAL_CONFIGURE) + self._last_before(items.GIMBAL_PITCH_YAW)

    def advance_to_place(self, *, back: bool) -> bool:
        """Go on to the next item that is flown to, or the one before; False at the end."""
        current, mission = self.plans.current, self.plans.mission
        index = route.place_before(mission, current) if back else route.next_position(mission, current + 1, self.plans.jumps)
        if index is not None:
            self.plans.move_to(index)
        return index is not None

    def say_return_climb(self, altitude_amsl_m: float) -> None:
        """A return to the mission's landing begins with a climb."""
        self._said.append(words.climb_for_landing(altitude_amsl_m))

    def renew(self) -> None:
        """The mission, or the item it is at, was changed from outside while it is flown."""
        self.update()
        self._flown = True
        self._announce(again=True)

    def _announce(self, *, again: bool = False) -> None:
        self.finished = False
        self.roi = RegionOfInterest(ROI_NONE)
        if not self.valid:
            self._said.append(words.REFUSING_TAKEOFF if self.landed else words.LOITERING)
        elif not again:
            self._said.append(words.EXECUTING)
        self.progress.reached = NOTHING_REACHED
        self.report()

    def reached(self) -> None:
        """The present item was reached."""
        self.progress.reached = self.plans.current
        self.report()

    def advance(self) -> bool:
        """Go on to the next item; False at the end."""
        step = route.following(self.plans.mission, self.plans.current + 1, self.plans.jumps)
        if step is None:
            if self.plans.current == len(self.plans.mission) - 1:
                self.plans.forget_jumps()
            return False
        self._jump(step.jumped)
        self.plans.move_to(step.at)
        return True

    def go_to(self, index: int) -> None:
        """MAV_CMD_MISSION_START: begin at an item, if there is such a one."""
        step = route.following(self.plans.mission, index, self.plans.jumps)
        if self.valid and step is not None and index != self.plans.current:
            self._jump(step.jumped)
            self.plans.move_to(step.at)

    def _jump(self, jumped: tuple[int, ...]) -> None:
        for index in jumped:
            self.plans.jumped(index)
            self.progress.jumped = index

    def finish(self) -> None:
        """Nothing is left to do."""
        if self.valid and not self.finished:
            self._said.append(words.FINISHED_LANDED if self.landed else words.FINISHED_LOITERING)
        self.finished = True

    def left(self) -> None:
        """The mode was left: the present item will be taken up again from its beginning."""
        self.progress.reached = NOTHING_REACHED

    def order(self, item: Item) -> None:
        """Do an item as a command."""
        if item.command != items.LAND_START:
            self.orders.append(item)

    def taken_orders(self) -> list[Item]:
        """The items to be done as commands now."""
        orders, self.orders = self.orders, []
        return orders

    def approach_landing(self) -> None:
        """The way to the place of a landing begins."""
        self._approaches_landing = True

    def taken_landing_approach(self) -> bool:
        """Whether it has begun since the last call."""
        begun, self._approaches_landing = self._approaches_landing, False
        return begun

    def report(self) -> None:
        """Tell the ground."""
        self.progress.report()

    def say_climb(self, altitude_amsl_m: float) -> None:
        """The mission begins with a climb."""
        self._said.append(words.climb_first(altitude_amsl_m - self.home_amsl_m))


def _on_earth(place: Position) -> bool:
    limits = (MAX_LATITUDE_DEG, MAX_LONGITUDE_DEG, MAX_ALTITUDE_M)
    return all(math.isfinite(value) and abs(value) <= most for value, most in zip(place, limits, strict=True))


def _hidden(parameters: Parameters, name: str) -> float:
    return parameters[name] if name in parameters else HIDDEN[name]
