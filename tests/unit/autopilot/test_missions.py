"""Missions in flight: what each kind of item does, and that no mission, however wild, stops the autopilot."""

from __future__ import annotations

import math
from collections.abc import Sequence

from hypothesis import Phase, given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.core import Autopilot
from sitl.autopilot.navigator.leg import corner_speed_m_s
from sitl.autopilot.plans.item import Item, Kind
from sitl.autopilot.plans.store import Plan, Plans
from sitl.autopilot.protocol.links import STREAM_OFF, LinkName
from tests.unit.autopilot.harness import HOME, NAN
from wire.geo import Ned, offset


def at(command: int, north_m: float, east_m: float, up_m: float, *params: float, autocontinue: bool = True) -> Item:
    place = offset(HOME, Ned(north_m, east_m, 0.0))
    first, second, third, fourth = (*params, *((0.0, 0.0, 0.0, NAN)[len(params) :]))
    x, y = round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7)
    return Item(6, command, autocontinue, (first, second, third, fourth), x, y, up_m)


def do(command: int, *params: float) -> Item:
    first, second, third, fourth, *_ = (*params, 0.0, 0.0, 0.0, 0.0)
    return Item(2, command, True, (first, second, third, fourth), 0, 0, 0.0)


class Flown:
    """An autopilot with a stored mission; only heartbeats are streamed."""

    def __init__(self, mission: Sequence[Item], **parameters: float) -> None:
        plans = Plans()
        plans.replace(Kind.MISSION, Plan(tuple(mission), 1), 0)
        self.autopilot = Autopilot(seed=1, home=HOME, plans=plans, parameters=parameters)
        for link in self.autopilot.links.values():
            for number in link.default_rates_hz:
                if number != mavlink.MAVLINK_MSG_ID_HEARTBEAT:
                    link.set_interval(number, STREAM_OFF, 0.0)
        self._mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=191)
        self.autopilot.step(5.0)

    @property
    def mode(self) -> Mode:
        return self.autopilot.pilot.mode

    @property
    def current(self) -> int:
        return self.autopilot.plans.current

    @property
    def landed(self) -> bool:
        return self.autopilot.pilot.flight.landed

    @property
    def here(self) -> Vector:
        return self.autopilot.pilot.flight.estimate.position_m

    def order(self, command: int, *params: float) -> None:
        values = (*params, *([0.0] * (7 - len(params))))
        message = mavlink.MAVLink_command_long_message(1, 1, command, 0, *values)
        self.autopilot.receive(LinkName.ONBOARD, message.pack(self._mav))

    def begin(self) -> None:
        self.order(300, 0, 0)
        self.autopilot.step(0.2)
        assert self.mode is Mode.MISSION and self.autopilot.pilot.commander.armed

    def until_item(self, index: int, within_s: float = 60.0) -> None:
        end_s = self.autopilot.now_s + within_s
        while self.current != index:
            assert self.autopilot.now_s < end_s, f"at item {self.current}, {self.here}"
            self.autopilot.step(0.1)


def test_a_corner_is_slower_the_sharper_it_is() -> None:
    def speed(north: float, east: float) -> float:
        return corner_speed_m_s(Vector(-50, 0, 0), Vector(0, 0, 0), Vector(north, east, 0), 1.5, 2.0)

    assert speed(50, 0) > 40.0, "straight on"
    assert math.isclose(speed(0, 50), math.sqrt(3.0), rel_tol=1e-6)
    assert speed(-50, 0.01) < 0.1, "back"
    assert speed(0, 0) >= 0.0


def test_an_item_without_autocontinue_is_stayed_at() -> None:
    flown = Flown([at(22, 0, 0, 5), at(16, 10, 0, 5, autocontinue=False), at(16, 20, 0, 5)])
    flown.begin()
    flown.until_item(1)
    flown.autopilot.step(25.0)
    assert flown.current == 1 and flown.mode is Mode.MISSION
    assert abs(flown.here.north - 10.0) < 1.5


def test_loiter_to_altitude_goes_there_first_and_then_up() -> None:
    flown = Flown([at(22, 0, 0, 5), at(31, 30, 0, 20, 0.0, 5.0), at(16, 60, 0, 20)])
    flown.begin()
    flown.until_item(1)
    while flown.here.north < 20.0:
        flown.autopilot.step(0.1)
    assert -flown.here.down < 9.0
    flown.until_item(2)
    assert -flown.here.down > 18.5 and flown.here.north < 40.0


def test_a_gate_is_passed_on_the_way() -> None:
    flown = Flown([at(22, 0, 0, 5), at(4501, 15, 0, 5), at(16, 40, 0, 5)])
    flown.begin()
    flown.until_item(1)
    flown.until_item(2)
    assert 14.0 < flown.here.north < 18.0


def test_the_nose_points_to_a_region_of_interest() -> None:
    flown = Flown([at(22, 0, 0, 5), at(195, 0, 500, 0), at(16, 60, 0, 5)])
    flown.begin()
    flown.until_item(2)
    flown.autopilot.step(6.0)
    assert abs(flown.autopilot.pilot.flight.estimate.yaw_rad - math.pi / 2) < 0.35


def test_landing_amid_a_mission_is_no_end_of_it() -> None:
    flown = Flown([at(22, 0, 0, 4), at(21, 5, 0, 0), do(93, 20.0), at(16, 10, 0, 4)])
    flown.begin()
    flown.until_item(2, 60.0)
    assert flown.landed
    flown.autopilot.step(10.0)
    assert flown.autopilot.pilot.commander.armed, "it goes on"
    flown.until_item(3, 30.0)
    flown.autopilot.step(10.0)
    assert -flown.here.down > 2.0


def test_without_a_take_off_item_it_climbs_to_the_first_waypoint() -> None:
    flown = Flown([at(16, 20, 0, 8), at(16, 40, 0, 8)])
    flown.begin()
    while not -flown.here.down > 6.5:
        flown.autopilot.step(0.1)
        assert flown.autopilot.now_s < 60.0
    assert flown.here.north < 3.0
    flown.until_item(1)


WILD = st.one_of(st.floats(width=32), st.sampled_from([0.0, 1.0, -1.0, NAN, math.inf, 3.4e38, 1e5, 2.0]))
ITEMS = st.builds(
    Item,
    st.sampled_from([0, 2, 3, 5, 6]),
    st.sampled_from([16, 16, 17, 19, 20, 21, 22, 31, 93, 177, 178, 179, 189, 195, 196, 197, 201, 211, 1000, 4501, 42600]),
    st.booleans(),
    st.tuples(WILD, WILD, WILD, WILD),
    st.one_of(st.integers(-(2**31), 2**31 - 1), st.integers(488580000, 488588000)),
    st.one_of(st.integers(-(2**31), 2**31 - 1), st.integers(22940000, 22950000)),
    st.one_of(WILD, st.floats(1.0, 40.0, width=32)),
)


@settings(max_examples=6, deadline=None, phases=[Phase.explicit, Phase.generate])  # shrinking takes minutes
@given(st.lists(ITEMS, min_size=1, max_size=6), st.integers(0, 5))
def test_no_mission_stops_the_autopilot(mission: list[Item], first: int) -> None:
    flown = Flown(mission)
    flown.order(22, NAN, 0, 0, NAN, NAN, NAN, 45.0)
    flown.order(400, 1)
    flown.autopilot.step(8.0)
    flown.order(300, first)
    flown.autopilot.step(0.1)
    flown.order(176, 1, 4, 4)
    flown.autopilot.step(8.0)
    assert all(math.isfinite(x) for x in flown.here)
    assert flown.autopilot.step(1.5), "it still talks"
