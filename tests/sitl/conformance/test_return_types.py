"""S44: RTL_TYPE 1 to 4, which return along the mission or to its landing, and RTL_LAND_DELAY."""

from __future__ import annotations

import pytest

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.plans import RALLY, Client, Item, at, do
from tests.sitl.conformance.vehicle import Vehicle

TAKEOFF, WAYPOINT, LAND, LAND_START, RALLY_POINT = 22, 16, 21, 189, 5100
ALL = 6
FINISHED = "Mission finished, landed"


def pattern(vehicle: Vehicle) -> list[Item]:
    """North over two corners, then, after a mark that the landing begins, east."""
    way = [at(vehicle, TAKEOFF, 0, 0, 8.0), at(vehicle, WAYPOINT, 30, 0, 8.0), at(vehicle, WAYPOINT, 60, 0, 8.0)]
    return [*way, do(LAND_START), at(vehicle, WAYPOINT, 60, 30, 8.0), at(vehicle, LAND, 60, 45, 0.0)]


def flying(start: Start, kind: int, items: int, rally_m: tuple[float, float] | None = None, **more: float) -> Vehicle:
    """In LOITER over the start, with so many items of the pattern stored, but not begun."""
    vehicle = start({"RTL_TYPE": kind, "RTL_RETURN_ALT": 15.0, **more})
    client = Client(vehicle)
    if items:
        assert client.upload(pattern(vehicle)[:items]) == 0
    if rally_m is not None:
        assert client.upload([at(vehicle, RALLY_POINT, *rally_m, 0.0, frame=3)], RALLY) == 0
    vehicle.run(2.5)
    vehicle.take_off(8.0)
    return vehicle


def lands_at(vehicle: Vehicle, north_m: float, east_m: float) -> bool:
    """Whether it is down there in the end."""
    vehicle.until(lambda: not vehicle.armed, 120.0, "disarmed")
    away = vehicle.away(vehicle.place(north_m, east_m, 0.0))
    return abs(away.north_m) < 3.0 and abs(away.east_m) < 3.0


@pytest.mark.slow
def test_S44_1_goes_to_the_missions_landing(start: Start) -> None:
    """It climbs first, flies to where the landing begins, and follows the mission from there."""
    vehicle = flying(start, 1, ALL)
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    vehicle.run(1.2)
    assert vehicle.said("RTL Mission land: climb to", since_s) and vehicle.said("Executing Mission", since_s)
    assert vehicle.onboard.last("MISSION_CURRENT").seq == 3
    vehicle.until(lambda: vehicle.height_m > 13.0, 15.0, "climb")
    assert abs(vehicle.away(vehicle.place(0, 0, 0)).north_m) < 3.0
    assert lands_at(vehicle, 60, 45)
    assert vehicle.said(FINISHED, since_s)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("kind", "items", "rally_m", "end_m"),
    [
        pytest.param(1, 0, None, (0, 0), id="S44 1 nothing else than home"),
        pytest.param(1, ALL, (0, 30), (0, 30), id="S44 1 a rally point that is nearer"),
        pytest.param(3, ALL, None, (0, 0), id="S44 3 home is nearer"),
    ],
)
def test_otherwise_it_goes_directly(
    start: Start, kind: int, items: int, rally_m: tuple[float, float] | None, end_m: tuple[float, float]
) -> None:
    vehicle = flying(start, kind, items, rally_m)
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    vehicle.run(1.2)
    assert vehicle.said("RTL: start return at", since_s)
    assert lands_at(vehicle, *end_m)


@pytest.mark.slow
@pytest.mark.parametrize("kind", [pytest.param(2, id="S44 2"), pytest.param(4, id="S44 4")])
def test_in_a_mission_it_goes_on_to_its_landing(start: Start, kind: int) -> None:
    """Without waiting or climbing. With 4 because that way is the shorter one: it was near its end."""
    vehicle = start({"RTL_TYPE": kind})
    assert Client(vehicle).upload(pattern(vehicle)) == 0
    vehicle.run(1.5)
    vehicle.set_mode("MISSION")
    vehicle.arm()
    vehicle.until(lambda: vehicle.onboard.last("MISSION_CURRENT").seq == 2, 60.0, "second corner")
    vehicle.run(1.0)
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    vehicle.run(1.2)
    assert vehicle.onboard.last("MISSION_CURRENT").seq == 2
    assert vehicle.said("Executing Mission", since_s)
    assert lands_at(vehicle, 60, 45)
    assert vehicle.said(FINISHED, since_s)


@pytest.mark.slow
def test_S44_2_without_a_landing_it_goes_back_the_way_it_came(start: Start) -> None:
    vehicle = start({"RTL_TYPE": 2})
    assert Client(vehicle).upload(pattern(vehicle)[:3]) == 0
    vehicle.run(1.5)
    vehicle.set_mode("MISSION")
    vehicle.arm()
    vehicle.until(lambda: vehicle.onboard.last("MISSION_CURRENT").seq == 2, 60.0, "second corner")
    vehicle.run(3.0)  # on, so that it has left the first corner
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    vehicle.run(1.2)
    assert vehicle.onboard.last("MISSION_CURRENT").seq == 1
    assert lands_at(vehicle, 0, 0)
    assert vehicle.said(FINISHED, since_s)
    seen = [seen.message.seq for seen in vehicle.onboard.of("MISSION_CURRENT", since_s)]
    assert seen == sorted(seen, reverse=True) and seen[-1] == 0


def test_S44_2_without_a_mission_it_stays_where_it_is(start: Start) -> None:
    vehicle = flying(start, 2, 0)
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    vehicle.run(8.0)
    assert vehicle.said("No valid mission available, loitering", since_s)
    assert vehicle.mode == "RTL"
    assert vehicle.height_m == pytest.approx(8.0, abs=1.5)


@pytest.mark.slow
def test_S44_it_waits_before_it_lands(start: Start) -> None:
    """RTL_LAND_DELAY at RTL_DESCEND_ALT; a negative one is for ever."""
    vehicle = flying(start, 0, 0, RTL_LAND_DELAY=6.0, RTL_DESCEND_ALT=5.0)
    since_s = vehicle.mark()
    vehicle.companion.placed(192, (-1, 1, 0, float("nan")), vehicle.place(20, 0, 15))
    vehicle.run(12.0)
    vehicle.set_mode("RTL")
    vehicle.until(lambda: vehicle.height_m < 6.0, 40.0, "descent")
    vehicle.run(4.0)
    assert not vehicle.said("RTL: land at destination", since_s)
    assert vehicle.height_m == pytest.approx(5.0, abs=1.3)
    vehicle.until(lambda: vehicle.said("RTL: land at destination", since_s), 6.0, "landing")
    vehicle.set_mode("LOITER")
    vehicle.set(RTL_LAND_DELAY=-1.0)
    vehicle.run(2.0)
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    vehicle.until(lambda: vehicle.said("RTL: completed, loitering", since_s), 40.0, "end")
    assert vehicle.mode == "RTL"
