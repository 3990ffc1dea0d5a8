"""The town is fit to fly in, and people walk and drive where one does."""

from __future__ import annotations

import math

import pytest

from sitl.world.actors import TownActor, make_actors
from sitl.world.town import CARRIAGEWAY_M, CLEAR_M, HALF_SIZE_M, PAVEMENT_M, Town, make_town

SEEDS = [1, 2, 77, 123456]


def carriageway(town: Town, east_m: float, north_m: float) -> bool:
    half_m = CARRIAGEWAY_M / 2
    return any(abs(east_m - c) < half_m for c in town.north_streets_m) or any(
        abs(north_m - c) < half_m for c in town.east_streets_m
    )


@pytest.mark.parametrize("seed", SEEDS)
def test_the_orbit_is_clear_of_buildings(seed: int) -> None:
    town = make_town(seed)
    assert len(town.buildings) > 20
    for building in town.buildings:
        assert building.area.distance_m(0, 0) > CLEAR_M
        assert 2 < building.height_m < 9
        assert min(building.area.size) > 5
        corners = building.area.corners()
        assert not any(carriageway(town, *corner) for corner in corners)
        assert any(block.distance_m(*building.area.centre) == 0 for block in town.blocks)
    assert all(math.dist((tree.east_m, tree.north_m), (0, 0)) > 10 for tree in town.trees)
    assert not any(carriageway(town, tree.east_m, tree.north_m) for tree in town.trees)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_home_is_in_a_right_hand_lane(seed: int) -> None:
    town = make_town(seed)
    assert carriageway(town, 0, 0)
    assert min(town.north_streets_m, key=abs) == pytest.approx(-CARRIAGEWAY_M / 4)


def actors(seed: int) -> tuple[Town, tuple[TownActor, ...]]:
    town = make_town(seed)
    return town, make_actors(town, seed, 27, 10)


@pytest.mark.parametrize("seed", SEEDS)
def test_as_many_as_asked_and_the_same_for_a_seed(seed: int) -> None:
    _, first = actors(seed)
    _, second = actors(seed)
    assert sum(actor.kind == "person" for actor in first) == 27
    assert sum(actor.kind == "car" and actor.path is not None for actor in first) == 10
    assert sum(actor.kind == "car" and actor.path is None for actor in first) > 5
    assert [actor.at(123.4) for actor in first] == [actor.at(123.4) for actor in second]
    assert [actor.at(123.4) for actor in first] != [actor.at(123.4) for actor in actors(seed + 1)[1]]


@pytest.mark.parametrize("seed", SEEDS)
def test_people_walk_where_one_walks(seed: int) -> None:
    town, everybody = actors(seed)
    half_m = CARRIAGEWAY_M / 2
    for person in (actor for actor in everybody if actor.kind == "person"):
        for time_s in range(0, 600, 7):
            east_m, north_m, _, _ = person.at(time_s)
            assert not any(building.area.distance_m(east_m, north_m) == 0 for building in town.buildings)
            if carriageway(town, east_m, north_m) and abs(east_m) < HALF_SIZE_M and abs(north_m) < HALF_SIZE_M:
                near_m = min(abs(north_m - centre) for centre in town.east_streets_m)
                assert half_m + 1.0 < near_m < half_m + PAVEMENT_M + 2.0, "only on a zebra crossing"


@pytest.mark.parametrize("seed", SEEDS)
def test_cars_drive_in_their_lanes_and_leave_the_police_its_own(seed: int) -> None:
    town, everybody = actors(seed)
    for car in (actor for actor in everybody if actor.kind == "car" and actor.path is not None):
        for time_s in range(0, 100, 3):
            east_m, north_m, heading_rad, _ = car.at(time_s)
            right_m = east_m + math.cos(heading_rad), north_m - math.sin(heading_rad)
            assert carriageway(town, east_m, north_m)
            streets = [(c, east_m, right_m[0]) for c in town.north_streets_m] + [
                (c, north_m, right_m[1]) for c in town.east_streets_m
            ]
            assert any(
                abs(at - centre) < CARRIAGEWAY_M / 2 and abs(to - centre) > abs(at - centre) for centre, at, to in streets
            )
            assert not (abs(east_m) < 1.5 and abs(math.sin(heading_rad)) < 0.5), "in the police vehicle's lane"


def test_speed_is_what_the_places_say() -> None:
    for actor in actors(1)[1]:
        for time_s in (0.0, 31.0, 62.0):
            a, b = actor.at(time_s), actor.at(time_s + 0.02)
            step_m = math.dist(a[:2], b[:2])
            assert step_m == pytest.approx(a.speed_m_s * 0.02, rel=0.5, abs=1e-9) or step_m > 100  # wraps at the town's edge


@pytest.mark.parametrize("seed", SEEDS)
def test_cars_of_a_lane_keep_apart(seed: int) -> None:
    moving = [actor for actor in actors(seed)[1] if actor.kind == "car" and actor.path is not None]
    for index, one in enumerate(moving):
        for other in moving[:index]:
            if one.path is other.path and one.path is not None:
                gap_m = (one.phase_m - other.phase_m) % one.path.length_m
                assert 10 < gap_m < one.path.length_m - 10
