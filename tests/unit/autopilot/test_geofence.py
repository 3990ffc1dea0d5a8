"""The geometry of the geofence, what is read from a stored one, and what counts as leaving it."""

from __future__ import annotations

import math

from geographiclib.geodesic import Geodesic
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.plans.geofence import Area, Corner, Geofence, Surroundings, areas, in_polygon
from sitl.autopilot.plans.item import Item, Kind
from sitl.autopilot.plans.store import Plan, Plans
from sitl.autopilot.telling.texts import Text
from wire.geo import Ned, Position, offset

HOME = Position(48.8584, 2.2945, 35.0)
ANGLES = st.floats(0.0, math.tau)
RADII = st.lists(st.floats(20.0, 200.0), min_size=3, max_size=12)


def place(north_m: float, east_m: float, up_m: float = 0.0) -> Position:
    return offset(HOME, Ned(north_m, east_m, -up_m))


def corner(north_m: float, east_m: float) -> Corner:
    here = place(north_m, east_m)
    return here.latitude_deg, here.longitude_deg


def star(radii: list[float]) -> list[tuple[float, float]]:
    """A polygon around home: north and east of corners at even angles."""
    turns = [math.tau * at / len(radii) for at in range(len(radii))]
    return [(radius * math.cos(turn), radius * math.sin(turn)) for radius, turn in zip(radii, turns, strict=True)]


def turns_around(points: list[tuple[float, float]], north_m: float, east_m: float) -> bool:
    """The winding number of a polygon about a point is not 0: another way to tell what is inside."""
    total = 0.0
    for (an, ae), (bn, be) in zip(points, points[1:] + points[:1], strict=True):
        first, second = math.atan2(ae - east_m, an - north_m), math.atan2(be - east_m, bn - north_m)
        total += math.remainder(second - first, math.tau)
    return abs(total) > math.pi


def edge_distance_m(points: list[tuple[float, float]], north_m: float, east_m: float) -> float:
    best = math.inf
    for (an, ae), (bn, be) in zip(points, points[1:] + points[:1], strict=True):
        size = math.hypot(bn - an, be - ae)
        along = ((north_m - an) * (bn - an) + (east_m - ae) * (be - ae)) / (size * size)
        along = min(max(along, 0.0), 1.0)
        best = min(best, math.hypot(north_m - an - along * (bn - an), east_m - ae - along * (be - ae)))
    return best


@settings(deadline=None)
@given(RADII, st.floats(-220.0, 220.0), st.floats(-220.0, 220.0), st.integers(0, 11), st.booleans())
def test_in_polygon_agrees_with_the_winding_number(
    radii: list[float], north_m: float, east_m: float, shift: int, backwards: bool
) -> None:
    points = star(radii)
    assume(edge_distance_m(points, north_m, east_m) > 0.05)
    here = place(north_m, east_m)
    corners = [corner(*point) for point in points]
    corners = corners[shift % len(corners) :] + corners[: shift % len(corners)]
    corners = corners[::-1] if backwards else corners
    expected = turns_around(points, north_m, east_m)
    assert in_polygon(corners, here.latitude_deg, here.longitude_deg) is expected
    assert Area(True, tuple(corners)).allows(here) is expected
    assert Area(False, tuple(corners)).allows(here) is not expected


@settings(deadline=None)
@given(st.floats(1.0, 2000.0), st.floats(0.0, 2500.0), ANGLES)
def test_in_circle_agrees_with_the_geodesic(radius_m: float, away_m: float, angle_rad: float) -> None:
    there = Geodesic.WGS84.Direct(HOME.latitude_deg, HOME.longitude_deg, math.degrees(angle_rad), away_m)
    assume(abs(away_m - radius_m) > 0.002 * radius_m)
    circle = Area(True, ((HOME.latitude_deg, HOME.longitude_deg),), radius_m)
    assert circle.allows(Position(there["lat2"], there["lon2"], 100.0)) is (away_m < radius_m)


def vertex(north_m: float, east_m: float, count: float, command: int = 5001) -> Item:
    lat, lon = corner(north_m, east_m)
    return Item(0, command, False, (count, 0.0, 0.0, 0.0), round(lat * 1e7), round(lon * 1e7), 0.0)


def square(half_m: float, command: int = 5001) -> list[Item]:
    corners = ((half_m, half_m), (-half_m, half_m), (-half_m, -half_m), (half_m, -half_m))
    return [vertex(n, e, 4.0, command) for n, e in corners]


def test_areas_of_a_list() -> None:
    found = areas([*square(100), *square(20, 5002), vertex(0, 0, 150.0, 5003), vertex(50, 0, 10.0, 5004)])
    assert [(area.inside, len(area.corners), area.radius_m) for area in found] == [
        (True, 4, None),
        (False, 4, None),
        (True, 1, 150.0),
        (False, 1, 10.0),
    ]


def test_after_a_circle_each_vertex_begins_a_polygon() -> None:
    found = areas([vertex(0, 0, 150.0, 5003), *square(100)])
    assert [len(area.corners) for area in found] == [1, 4, 0, 0, 0]
    assert [area.allows(HOME) for area in found] == [True, True, False, False, False]


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from([16, 5000, 5001, 5002, 5003, 5004]), st.floats(width=32)), max_size=64))
def test_any_list_has_areas(rows: list[tuple[int, float]]) -> None:
    for area in areas([vertex(0, 0, first, command) for command, first in rows]):
        assert area.allows(HOME) in (True, False)


class Fence:
    """A geofence and what it said."""

    def __init__(self, items: list[Item], **parameters: float) -> None:
        self.plans, self.said = Plans(), list[Text]()
        self.parameters = Parameters(parameters)
        self.fence = Geofence(self.parameters, self.plans, self.said)
        self.now_s = 0.0
        self.store(items)

    def store(self, items: list[Item]) -> None:
        self.plans.replace(Kind.FENCE, Plan(tuple(items), len(items)))

    def at(self, here: Position, *, landed: bool = False, loitering: bool = False, seconds: float = 1.0) -> bool:
        held = False
        for _ in range(round(seconds * 50)):
            self.now_s += 0.02
            held |= self.fence.due(self.now_s) and self.fence.update(
                Surroundings(self.now_s, here, here, HOME, landed, True, loitering)
            )
        return held

    @property
    def words(self) -> list[str]:
        words = [text.words for text in self.said]
        self.said.clear()
        return words


def test_a_fence_without_home_or_vehicle_is_left_out() -> None:
    fence = Fence([vertex(n, e, 3.0) for n, e in ((50, 50), (90, 50), (90, 90))])
    fence.at(HOME, landed=True)
    assert fence.words == ["Geofence invalid, doesn't contain Home position\t"]
    assert fence.fence.allows(place(500, 0))
    fence.store(square(30))
    fence.at(place(60, 0))
    assert fence.words == ["Geofence invalid, doesn't contain current vehicle position\t"]
    assert not any(fence.fence.breach)


def test_leaving_is_said_once_and_ends_when_back() -> None:
    fence = Fence(square(50), GF_ACTION=3)
    fence.at(HOME)
    assert not fence.at(place(60, 0))
    assert fence.words == ["Geofence: approaching or outside geofence"]
    fence.at(place(60, 0))
    assert fence.words == [] and fence.fence.breach.area
    fence.at(HOME)
    assert not any(fence.fence.breach)


def test_a_hold_keeps_the_breach_until_the_mode_or_the_goal_changes() -> None:
    fence = Fence(square(50), GF_ACTION=2)
    fence.at(HOME)
    assert fence.at(place(60, 0), loitering=True)
    assert not fence.at(HOME, loitering=True)
    assert fence.fence.breach.area
    fence.fence.forget_hold()
    fence.at(HOME, loitering=True)
    assert not any(fence.fence.breach)


def test_the_cylinder_is_around_home() -> None:
    fence = Fence([], GF_MAX_HOR_DIST=100.0, GF_MAX_VER_DIST=40.0, GF_ACTION=1)
    fence.at(place(99, 0, 39))
    assert not any(fence.fence.breach)
    fence.at(place(101, 0, 41))
    assert fence.words == ["Geofence: exceeding maximum distance to Home", "Geofence: exceeding maximum altitude above Home"]
    assert fence.fence.lets_go_to(place(500, 0)), "a warning forbids nothing"
    fence.parameters["GF_ACTION"] = 5
    assert not fence.fence.lets_go_to(place(500, 0))


def test_all_inclusion_areas_bind() -> None:
    fence = Fence([*square(50), vertex(0, 0, 30.0, 5003)])
    fence.at(HOME)
    assert fence.fence.allows(place(20, 0)) and not fence.fence.allows(place(40, 0))
