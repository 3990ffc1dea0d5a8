"""What of a scenario is on at a time."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from sitl.options import HOME
from sitl.scenario import effects
from sitl.scenario.events import CameraFrozen, Kill, LatchStuck, LinkCut, VehicleGnssBias, VehicleGnssLost
from sitl.scenario.script import Change, LaunchClock, Script
from wire import geo

CUT = LinkCut(after_launch_s=10.0, for_s=5.0)
STUCK = LatchStuck(at="closed")
KILL = Kill(after_launch_s=12.0, process="vision")


def test_events_begin_and_end_in_time_each_once() -> None:
    script = Script([KILL, CUT, STUCK])
    assert script.update(None) == [Change(STUCK, True, None)]
    assert script.update(9.9) == []
    assert script.update(10.0) == [Change(CUT, True, 10.0)]
    assert script.on(LinkCut) == [CUT] and script.on(LatchStuck) == [STUCK]
    assert script.update(14.0) == [Change(KILL, True, 14.0)]
    assert script.on(Kill) == [], "it happened at a moment"
    assert script.update(15.0) == [Change(CUT, False, 15.0)]
    assert script.on(LinkCut) == [] and script.on(LatchStuck) == [STUCK]
    assert script.update(1e6) == []


def test_what_is_shorter_than_a_look_has_still_been() -> None:
    assert Script([CUT]).update(100.0) == [Change(CUT, True, 100.0), Change(CUT, False, 100.0)]


@given(
    st.lists(st.tuples(st.floats(0, 100), st.none() | st.floats(0.01, 100)), max_size=6),
    st.lists(st.floats(0, 300), max_size=30).map(sorted),
)
def test_however_often_one_looks_it_is_the_same_story(times: list[tuple[float, float | None]], looks: list[float]) -> None:
    cuts = [LinkCut(after_launch_s=after_s, for_s=for_s) for after_s, for_s in times]
    script = Script(cuts)
    changes = [change for look_s in [*looks, 300.0] for change in script.update(look_s)]
    assert sum(change.began for change in changes) == len(cuts)
    assert sum(not change.began for change in changes) == sum(cut.for_s is not None for cut in cuts)
    assert sorted(script.on(LinkCut), key=repr) == sorted((cut for cut in cuts if cut.for_s is None), key=repr)


def test_a_launch_is_seen_by_height_and_only_once() -> None:
    clock = LaunchClock()
    assert clock.update(0.4, 5.0) is None
    assert clock.update(0.6, 7.0) == 0.0
    assert clock.update(0.0, 9.0) == 2.0


def test_of_several_the_latch_obeys_the_last_and_a_camera_that_stops_stops() -> None:
    script = Script(
        [
            LatchStuck(at="closed"),
            LatchStuck(at="open", after_launch_s=5.0),
            CameraFrozen(camera="survey", frames="stop", after_launch_s=1.0),
            CameraFrozen(camera="survey", after_launch_s=2.0),
        ]
    )
    script.update(1.0)
    assert effects.latch_stuck(script) == "closed"
    script.update(5.0)
    assert effects.latch_stuck(script) == "open"
    assert effects.frozen(script, "survey") == "stop" and effects.frozen(script, "landing") is None


def test_the_receiver_adds_up_what_it_is_off_and_without_a_fix_tells_nothing() -> None:
    script = Script(
        [VehicleGnssBias(north_m=2.0), VehicleGnssBias(north_m=1.0, up_m=4.0), VehicleGnssLost(after_launch_s=5.0, for_s=1.0)]
    )
    script.update(None)
    believed = effects.received(script, HOME)
    assert believed is not None
    away = geo.ned_between(HOME, believed)
    assert [round(part, 3) for part in away] == [3.0, 0.0, -4.0]
    script.update(5.5)
    assert effects.received(script, HOME) is None
    script.update(6.0)
    assert effects.received(script, HOME) == believed


def test_a_cut_of_one_way_leaves_the_other() -> None:
    script = Script([LinkCut(way="up", after_launch_s=0.0)])
    script.update(0.0)
    assert effects.is_cut(script, "up") and not effects.is_cut(script, "down")
