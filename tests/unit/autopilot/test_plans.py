"""Stored plans: kept in bytes and files, followed item by item, checked."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sitl.autopilot.plans import feasibility, route
from sitl.autopilot.plans.feasibility import Circumstances
from sitl.autopilot.plans.files import PlanFile
from sitl.autopilot.plans.item import Item, Kind
from sitl.autopilot.plans.store import Plan, Plans
from wire.geo import Position

HOME = Position(48.8584, 2.2945, 35.0)
ZERO = (0.0, 0.0, 0.0, 0.0)


def at(command: int = 16, up_m: float = 10.0) -> Item:
    return Item(6, command, True, ZERO, 488584000, 22945000, up_m)


def jump(target: int, repeats: int) -> Item:
    return Item(2, 177, True, (float(target), float(repeats), 0.0, 0.0), 0, 0, 0.0)


def do(command: int) -> Item:
    return Item(2, command, True, ZERO, 0, 0, 0.0)


FLOATS = st.floats(width=32, allow_nan=False)
ITEMS = st.builds(
    Item,
    st.integers(0, 255),
    st.integers(0, 65535),
    st.booleans(),
    st.tuples(FLOATS, FLOATS, FLOATS, FLOATS),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**31), 2**31 - 1),
    FLOATS,
)
PLANS = st.builds(Plan, st.lists(ITEMS, max_size=5).map(tuple), st.integers(0, 2**32 - 1))


@settings(deadline=None)
@given(PLANS, PLANS, PLANS, st.integers(0, 9), st.dictionaries(st.integers(0, 99), st.integers(1, 99), max_size=3))
def test_plans_come_back_from_bytes(mission: Plan, fence: Plan, rally: Plan, current: int, jumps: dict[int, int]) -> None:
    plans = Plans()
    for kind, plan in zip(Kind, (mission, fence, rally), strict=True):
        plans.replace(kind, plan, current)
    plans.jumps = jumps
    back = Plans.from_bytes(plans.to_bytes())
    assert [back[kind] for kind in Kind] == [mission, fence, rally]
    assert (back.current, back.jumps, back.revision) == (plans.current, jumps, 0)


@settings(deadline=None)
@given(st.binary(max_size=200))
def test_other_bytes_are_no_plans(data: bytes) -> None:
    try:
        plans = Plans.from_bytes(data)
    except ValueError:
        return
    assert plans.to_bytes() == data


def test_a_file_holds_a_whole_state_and_is_written_when_something_changed(tmp_path: Path) -> None:
    path = tmp_path / "plans"
    file = PlanFile(path)
    plans = file.load()
    file.keep(plans)
    assert not path.exists(), "nothing to keep yet"
    plans.replace(Kind.MISSION, Plan((at(), at(21)), 7))
    file.keep(plans)
    stamp = path.stat().st_mtime_ns
    file.keep(plans)
    assert path.stat().st_mtime_ns == stamp
    assert list(tmp_path.iterdir()) == [path]
    again = PlanFile(path)
    back = again.load()
    assert back.mission == plans.mission
    back.move_to(1)
    again.keep(back)
    assert PlanFile(path).load().current == 1


@pytest.mark.parametrize("cut", [0, 1, 10, -1])
def test_a_broken_file_is_named(tmp_path: Path, cut: int) -> None:
    path = tmp_path / "plans"
    plans = Plans()
    plans.replace(Kind.FENCE, Plan((at(5003),), 3))
    path.write_bytes(plans.to_bytes()[:cut])
    with pytest.raises(ValueError, match="delete it to start without any"):
        PlanFile(path).load()


def test_a_new_mission_goes_on_at_the_same_number_unless_it_says_where() -> None:
    plans = Plans()
    plans.replace(Kind.MISSION, Plan((at(),) * 5, 1), 4)
    plans.replace(Kind.MISSION, Plan((at(),) * 3, 2))
    assert plans.current == 2
    plans.replace(Kind.MISSION, Plan((at(),) * 3, 3), 1)
    assert plans.current == 1
    plans.clear(Kind.MISSION)
    assert plans.current == 0


def test_jumps_are_done_as_often_as_they_say() -> None:
    mission = (at(), at(), jump(0, 2), at())
    assert route.following(mission, 2, {}) == (0, (2,))
    assert route.following(mission, 2, {2: 1}) == (0, (2,))
    assert route.following(mission, 2, {2: 2}) == (3, ())
    assert route.following(mission, 4, {}) is None
    assert route.following((jump(7, 1),), 0, {}) is None
    assert route.following((jump(0, 9),), 0, {}) is None, "a circle of jumps ends"


@settings(deadline=None)
@given(st.lists(st.one_of(st.just(at()), st.just(do(178)), st.builds(jump, st.integers(-2, 9), st.integers(0, 4))), max_size=9))
def test_looking_for_the_next_place_ends(mission: list[Item]) -> None:
    for start in range(-1, len(mission) + 1):
        found = route.next_position(tuple(mission), start, {})
        assert found is None or mission[found].is_position


def now(*, landed: bool = True, required: int = 0) -> Circumstances:
    return Circumstances(HOME, landed, 10000.0, required, lambda place: place.altitude_amsl_m < 200.0)


@pytest.mark.parametrize(
    ("mission", "circumstances", "words"),
    [
        ((at(22), at()), now(), []),
        ((at(21),), now(), ["starts with landing"]),
        ((at(21),), now(landed=False), []),
        ((do(178), at(22, 0.0)), now(), ["Takeoff altitude 0.0 below home altitude"]),
        ((at(), at(22)), now(), ["takeoff not first waypoint item"]),
        ((do(178), at(22)), now(), []),
        ((do(20), at(22)), now(), ["takeoff not first waypoint item"]),
        ((at(22), do(112)), now(), ["item 2: unsupported cmd: 112"]),
        ((at(22), at(84)), now(), ["takeoff not first waypoint item", "VTOL items"]),
        ((at(22), at(16, 300.0)), now(), ["Geofence violation for waypoint 2"]),
        ((at(),), now(required=1), ["Takeoff waypoint required"]),
        ((at(22),), now(required=2), ["Landing waypoint/pattern required"]),
        ((at(22),), now(required=3), ["Takeoff or Landing item missing"]),
        ((at(22),), now(required=4), ["Add Landing item or remove Takeoff"]),
        ((at(), at(21)), now(required=4), ["Add Takeoff item or remove Landing"]),
        ((at(),), now(required=4), []),
        ((at(22),), now(required=5), ["Add Landing item or remove Takeoff"]),
        ((at(22),), now(required=5, landed=False), ["Landing waypoint/pattern required"]),
    ],
)
def test_what_makes_a_mission_unfit(mission: tuple[Item, ...], circumstances: Circumstances, words: list[str]) -> None:
    verdict = feasibility.check(mission, circumstances)
    assert verdict.valid is (not words)
    assert len(verdict.said) == len(words)
    assert all(piece in text.words for piece, text in zip(words, verdict.said, strict=True))


def test_a_far_first_waypoint_is_only_said_and_nothing_is_no_mission() -> None:
    far = at()._replace(x=489584000)
    verdict = feasibility.check((far,), now())
    assert verdict.valid and "First waypoint far away from home: 11" in verdict.said[0].words
    assert feasibility.check((), now()) == (False, [])
    assert feasibility.check((at(),), now()._replace(home=None)) == (False, [])
