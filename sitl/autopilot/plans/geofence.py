"""The geofence: areas the vehicle must be in or out of, a cylinder around home, and when it has left them (geofence.cpp)."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.plans import item as items
from sitl.autopilot.plans import words
from sitl.autopilot.plans.item import Item, Kind
from sitl.autopilot.plans.store import Plans
from sitl.autopilot.telling.texts import Text
from wire.geo import Position, ned_between

CHECK_EVERY_S = 0.2
LOAD_S = 0.35  # from the upload to the fence in force: seen 0.37 s
NO_ACTION, WARN, HOLD = 0, 1, 2  # of GF_ACTION

Corner = tuple[float, float]
"""Latitude and longitude in degrees."""


class Area(NamedTuple):
    """A polygon, or a circle if it has a radius, that must be stayed in or kept out of."""

    inside: bool
    corners: tuple[Corner, ...]
    radius_m: float | None = None

    def allows(self, place: Position) -> bool:
        """Whether one may be there. An altitude means nothing."""
        return self._contains(place) is self.inside

    def _contains(self, place: Position) -> bool:
        if self.radius_m is None:
            return in_polygon(self.corners, place.latitude_deg, place.longitude_deg)
        centre = Position(*self.corners[0], place.altitude_amsl_m)
        north_m, east_m, _ = ned_between(centre, place)
        return math.hypot(north_m, east_m) < self.radius_m


def in_polygon(corners: Sequence[Corner], latitude_deg: float, longitude_deg: float) -> bool:
    """Whether a point is in a polygon: a line from it to the north crosses its edges an odd number of times."""
    within = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(corners, [*corners[1:], *corners[:1]], strict=True):
        if (lon_a >= longitude_deg) != (lon_b >= longitude_deg):
            crossing_deg = lat_a + (lat_b - lat_a) * (longitude_deg - lon_a) / (lon_b - lon_a)
            within ^= latitude_deg <= crossing_deg
    return within


def areas(fence: Sequence[Item]) -> list[Area]:
    """The areas of a stored fence.

    After a circle PX4 takes every further vertex for the beginning of a polygon of its own; one that runs past the end of the
    list contains nothing.
    """
    found, at, circle_seen = [], 0, False
    while at < len(fence):
        item = fence[at]
        step = 1
        if item.command in items.CIRCLES:
            circle_seen = True
            found.append(Area(item.command == items.CIRCLE_INSIDE, (_corner(item),), item.params[0]))
        elif item.command in items.POLYGONS:
            count = items.vertices(item)
            corners = tuple(_corner(corner) for corner in fence[at : at + count])
            found.append(Area(item.command == items.POLYGON_INSIDE, corners if len(corners) == count else ()))
            step = 1 if circle_seen else max(count, 1)
        at += step
    return found


def _corner(item: Item) -> Corner:
    return item.latitude_deg, item.longitude_deg


class Breach(NamedTuple):
    """What is violated."""

    distance: bool = False
    altitude: bool = False
    area: bool = False

    @property
    def texts(self) -> list[Text]:
        """What is said about it."""
        said = (words.BREACH_DISTANCE, words.BREACH_ALTITUDE, words.BREACH_FENCE)
        return [text for violated, text in zip(self, said, strict=True) if violated]


class Surroundings(NamedTuple):
    """What the fence is judged against. `ahead` is where a vehicle that brakes now comes to rest, for GF_PREDICT."""

    now_s: float
    here: Position
    ahead: Position
    home: Position | None
    landed: bool
    armed: bool
    loitering: bool


class Geofence:
    """`breach` is what is violated now; `said` collects what there is to say."""

    def __init__(self, parameters: Parameters, plans: Plans, said: list[Text]) -> None:
        self._parameters, self._plans, self._said = parameters, plans, said
        self._areas: list[Area] = []
        self._loaded = 0
        self._load_at_s: float | None = None
        self._next_check_s = 0.0
        self._held_since_s: float | None = None
        self._home: Position | None = None
        self.breach = Breach()

    @property
    def ready(self) -> bool:
        """Whether the stored fence is the one in force."""
        return self._loaded == self._plans[Kind.FENCE].id

    @property
    def action(self) -> int:
        """GF_ACTION."""
        return int(self._parameters["GF_ACTION"])

    def allows(self, place: Position) -> bool:
        """Whether one may be there by all that is in force."""
        return not any(self._violated(place))

    def lets_go_to(self, place: Position) -> bool:
        """Whether a go-to may lead there: asked only if leaving the fence has consequences."""
        return self.action in (NO_ACTION, WARN) or self.allows(place)

    def forget_hold(self) -> None:
        """A go-to was commanded: what was violated may end."""
        self._held_since_s = None

    def due(self, now_s: float) -> bool:
        """Whether it is time for an update."""
        return now_s >= self._next_check_s

    def update(self, now: Surroundings) -> bool:
        """Load what is new, look where the vehicle is; True when a hold at this place is called for."""
        self._next_check_s = now.now_s + CHECK_EVERY_S
        self._home = now.home
        self._load(now)
        if self._held_since_s is not None and not now.loitering and now.now_s - self._held_since_s > 0.1:
            self._held_since_s = None
        if self.action == NO_ACTION:
            return False
        seen = self._violated(now.ahead if self._parameters["GF_PREDICT"] else now.here)
        if self._held_since_s is not None:
            seen = Breach(*(old or new for old, new in zip(self.breach, seen, strict=True)))
        began = any(seen) and not any(self.breach)
        if seen != self.breach:
            self._said += seen.texts
        self.breach = seen
        if began and now.armed and self.action == HOLD:
            self._held_since_s = now.now_s
            return True
        return False

    def _violated(self, place: Position) -> Breach:
        far_m, high_m = self._parameters["GF_MAX_HOR_DIST"], self._parameters["GF_MAX_VER_DIST"]
        distance = altitude = False
        if self._home is not None:
            north_m, east_m, down_m = ned_between(self._home, place)
            distance = far_m > 0.0 and math.hypot(north_m, east_m) >= far_m
            altitude = high_m > 0.0 and -down_m >= high_m
        return Breach(distance, altitude, not all(area.allows(place) for area in self._areas))

    def _load(self, now: Surroundings) -> None:
        if self.ready:
            self._load_at_s = None
            return
        if self._load_at_s is None:
            self._load_at_s = now.now_s + LOAD_S
        if now.now_s >= self._load_at_s:
            fence = self._plans[Kind.FENCE]
            self._loaded, self._load_at_s = fence.id, None
            self._areas = [area for area in areas(fence.items) if self._may_begin(area, now)]

    def _may_begin(self, area: Area, now: Surroundings) -> bool:
        """An area that home or the flying vehicle would violate is left out."""
        home_fits = now.home is None or area.allows(now.home)
        if not home_fits:
            self._said.append(words.FENCE_WITHOUT_HOME)
        here_fits = self.action == NO_ACTION or now.landed or area.allows(now.here)
        if not here_fits:
            self._said.append(words.FENCE_WITHOUT_VEHICLE)
        return home_fits and here_fits
