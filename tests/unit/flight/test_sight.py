"""What vision says of the roof's marker is believed only while it is fresh, likely, near the vehicle, and steady."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.view import View
from onboard.flight.sight import AVERAGED_S, DISTRUST_S, ENOUGH, LATE_S, WINDOW_S, PadSight
from tests.unit.flight.build import ROOF, aircraft, flying, place, vehicle, view
from wire import geo
from wire.geo import Ned
from wire.messages import PadSighting

GATE_M = 3.0
HEIGHT_M = 10.0
T0 = 500.0


def sighting(number: int = 0, **changes: Any) -> PadSighting:
    """The marker straight below, on the pad."""
    seen = PadSighting(
        captured_s=T0 + 0.1 * number,
        sequence=number,
        marker_id=0,
        offset_ned_m=Ned(0.0, 0.0, HEIGHT_M),
        side_px=25.0,
        misfit=0.02,
    )
    return msgspec.structs.replace(seen, **changes)


class Watcher:
    """An aircraft that hovers above the pad, and a camera."""

    def __init__(self, gate_m: float = GATE_M) -> None:
        self.pad = PadSight(gate_m)
        self.view = view(flying(position=place(up_m=HEIGHT_M)), vehicle())
        self.number = 0

    def see(self, count: int = 1, *, delay_s: float = 0.1, **changes: Any) -> float:
        """So many pictures, ten a second; the time after the last."""
        now_s = T0
        for _ in range(count):
            self.number += 1
            message = sighting(self.number, **changes)
            assert self.view.aircraft.position is not None
            self.pad.moved(message.captured_s, self.view.aircraft.position)
            now_s = message.captured_s + delay_s
            self.pad.sighted(message, now_s, self.view)
        return now_s


def test_enough_pictures_that_agree_are_a_steady_sight() -> None:
    watcher = Watcher()
    now_s = watcher.see(ENOUGH - 1)
    early = watcher.pad.sight(now_s)
    assert early is not None and not early.steady
    now_s = watcher.see(1)
    seen = watcher.pad.sight(now_s)
    assert seen is not None and seen.steady and watcher.pad.reason == ""
    assert geo.distance_m(seen.pad, ROOF) < 0.01 and abs(seen.pad.altitude_amsl_m - ROOF.altitude_amsl_m) < 0.01
    assert seen.age_s == pytest.approx(0.1)


def test_a_sight_grows_old_and_is_forgotten() -> None:
    watcher = Watcher()
    now_s = watcher.see(ENOUGH)
    later = watcher.pad.sight(now_s + 0.6)
    assert later is not None and later.age_s == pytest.approx(0.7)
    assert watcher.pad.sight(now_s + WINDOW_S + 0.1) is None


def test_a_believed_marker_that_moves_away_from_a_standing_vehicle_is_not_believed_for_a_while() -> None:
    watcher = Watcher()
    watcher.see(ENOUGH)
    watcher.see(ENOUGH - 1, offset_ned_m=Ned(GATE_M + 1.0, 0.0, HEIGHT_M))
    watcher.see(ENOUGH)
    assert watcher.pad.reason == "", "some wild pictures are no reason"
    watcher.see(ENOUGH, offset_ned_m=Ned(GATE_M + 1.0, 0.0, HEIGHT_M))
    now_s = watcher.see(int(10 * WINDOW_S) + ENOUGH)
    assert "led astray" in watcher.pad.reason and watcher.pad.sight(now_s) is None
    watcher.number += int(10 * DISTRUST_S)
    now_s = watcher.see(ENOUGH)
    assert watcher.pad.reason == ""
    seen = watcher.pad.sight(now_s)
    assert seen is not None and seen.steady


def test_a_marker_that_was_never_where_the_vehicle_is_is_refused_and_a_right_one_believed_at_once() -> None:
    watcher = Watcher()
    watcher.see(5 * ENOUGH, offset_ned_m=Ned(GATE_M + 1.0, 0.0, HEIGHT_M))
    now_s = watcher.see(ENOUGH)
    seen = watcher.pad.sight(now_s)
    assert watcher.pad.reason == "" and seen is not None and seen.steady


def test_one_wild_picture_changes_nothing() -> None:
    watcher = Watcher()
    watcher.see(ENOUGH)
    now_s = watcher.see(1, offset_ned_m=Ned(2.0, 0.0, HEIGHT_M))
    seen = watcher.pad.sight(now_s)
    assert seen is not None and seen.steady and geo.distance_m(seen.pad, ROOF) < 0.05


def test_a_marker_that_jumps_about_is_not_steady() -> None:
    watcher = Watcher()
    now_s = T0
    for number in range(12):
        now_s = watcher.see(1, offset_ned_m=Ned((number % 4) * 0.7 - 1.0, 0.0, HEIGHT_M))
    seen = watcher.pad.sight(now_s)
    assert seen is None or not seen.steady


def test_a_moving_aircraft_sees_one_pad() -> None:
    """The offset is taken from where the aircraft was when the picture was taken, not from where it is when it is heard of."""
    watcher = Watcher()
    for number in range(1, 9):
        captured_s = T0 + 0.1 * number
        for step in range(3):
            at_s = captured_s - 0.05 + 0.05 * step
            watcher.pad.moved(at_s, place(north_m=2.0 * (at_s - T0), up_m=HEIGHT_M))
        message = sighting(number, offset_ned_m=Ned(-2.0 * (captured_s - T0), 0.0, HEIGHT_M))
        watcher.pad.sighted(message, captured_s + 0.2, watcher.view)
    seen = watcher.pad.sight(T0 + 1.0)
    assert seen is not None and seen.steady and geo.distance_m(seen.pad, ROOF) < 0.02


def with_vehicle(**changes: Any) -> Callable[[View], View]:
    return lambda seen: replace(seen, vehicle=vehicle(**changes))


REFUSED: list[tuple[str, dict[str, Any], Callable[[View], View], str]] = [
    ("not seen", {"offset_ned_m": None}, lambda v: v, "not seen"),
    ("twice", {"offset_ned_m": None, "reason": "seen 2 times"}, lambda v: v, "seen 2 times"),
    ("small", {"side_px": 11.9}, lambda v: v, "too small"),
    ("no side", {"side_px": None}, lambda v: v, "too small"),
    ("crooked", {"misfit": 0.13}, lambda v: v, "does not lie flat"),
    ("no fit", {"misfit": None}, lambda v: v, "does not lie flat"),
    ("another vehicle's", {"offset_ned_m": Ned(3.2, 0.0, HEIGHT_M)}, lambda v: v, "3.2 m from where the vehicle says"),
    ("far away", {"offset_ned_m": Ned(60.0, 0.0, HEIGHT_M)}, lambda v: v, "not below"),
    ("above", {"offset_ned_m": Ned(0.0, 0.0, -HEIGHT_M)}, lambda v: v, "not below"),
    ("a poster on the street", {"offset_ned_m": Ned(0.0, 0.0, 16.0)}, lambda v: v, "where the roof is 10.0 m below"),
    ("a toy in front of the lens", {"offset_ned_m": Ned(0.0, 0.0, 0.4)}, lambda v: v, "where the roof is 10.0 m below"),
    ("vehicle moves", {}, with_vehicle(stopped_s=0.0), "the vehicle moves"),
    ("vehicle silent", {}, with_vehicle(pad_age_s=3.1), "where the vehicle is"),
    ("vehicle unknown", {}, with_vehicle(pad=None), "where the vehicle is"),
    ("vehicle's age unknown", {}, with_vehicle(pad_age_s=None), "where the vehicle is"),
    ("vehicle elsewhere", {}, with_vehicle(pad=place(3.1)), "3.1 m from where the vehicle says"),
    ("no home", {}, lambda v: replace(v, aircraft=aircraft(home=None)), "height above the roof"),
]  # fmt: skip


@pytest.mark.parametrize(("changes", "how", "says"), [case[1:] for case in REFUSED], ids=[case[0] for case in REFUSED])
def test_what_is_not_believed(changes: dict[str, Any], how: Callable[[View], View], says: str) -> None:
    watcher = Watcher()
    watcher.view = how(watcher.view)
    now_s = watcher.see(ENOUGH + 3, **changes)
    assert watcher.pad.sight(now_s) is None
    assert says in watcher.pad.reason


def test_up_to_the_gate_it_is_believed() -> None:
    watcher = Watcher()
    now_s = watcher.see(ENOUGH, offset_ned_m=Ned(2.9, 0.0, HEIGHT_M))
    seen = watcher.pad.sight(now_s)
    assert seen is not None and seen.steady


@pytest.mark.parametrize("delay_s", [LATE_S + 0.05, 30.0, -0.3])
def test_old_pictures_and_ones_from_the_future_do_not_count(delay_s: float) -> None:
    watcher = Watcher()
    now_s = watcher.see(ENOUGH + 3, delay_s=delay_s)
    assert watcher.pad.sight(max(now_s, T0 + 1.0)) is None
    assert "not fresh" in watcher.pad.reason


def test_a_hung_vision_that_repeats_itself_proves_nothing() -> None:
    watcher = Watcher()
    watcher.see(1)
    for _ in range(20):
        watcher.pad.sighted(sighting(watcher.number), T0 + 0.3, watcher.view)
    seen = watcher.pad.sight(T0 + 0.3)
    assert seen is not None and not seen.steady


def test_without_the_aircrafts_own_place_nothing_is_seen() -> None:
    pad = PadSight(GATE_M)
    for number in range(ENOUGH + 3):
        pad.sighted(sighting(number), T0 + 0.1 * number + 0.1, view(flying(position=place(up_m=HEIGHT_M))))
    assert pad.sight(T0 + 1.0) is None and "where the aircraft was" in pad.reason


def test_a_clock_that_begins_anew_is_survived() -> None:
    watcher = Watcher()
    watcher.see(ENOUGH)
    pad = watcher.pad
    for number in range(ENOUGH + 1):
        at_s = 5.0 + 0.1 * number
        pad.moved(at_s, place(up_m=HEIGHT_M))
        pad.sighted(sighting(captured_s=at_s), at_s + 0.1, watcher.view)
    seen = pad.sight(5.0 + 0.1 * ENOUGH + 0.1)
    assert seen is not None and seen.steady and seen.age_s < AVERAGED_S


numbers = st.floats(-1e8, 1e8)
maybe = st.none() | st.floats(-1e12, 1e12)
any_sighting = st.builds(
    PadSighting,
    captured_s=st.floats(T0 - 2, T0 + 3) | st.floats(-1e12, 1e12),
    sequence=st.just(1),
    marker_id=st.integers(0, 60),
    offset_ned_m=st.none() | st.builds(Ned, numbers, numbers, numbers) | st.builds(Ned, *[st.floats(-15, 15)] * 3),
    side_px=maybe | st.floats(0, 100),
    misfit=maybe | st.floats(0, 0.2),
)


@settings(deadline=None)
@given(st.lists(any_sighting, max_size=25))
def test_whatever_vision_says_the_pad_stays_where_the_vehicle_is(said: list[PadSighting]) -> None:
    """And nothing is raised: a vision gone mad is not noticed in flight."""
    watcher = Watcher()
    for number, message in enumerate(said):
        now_s = T0 + 0.1 * number
        watcher.pad.moved(now_s, place(up_m=HEIGHT_M))
        watcher.pad.sighted(message, now_s, watcher.view)
        seen = watcher.pad.sight(now_s)
        if seen is not None:
            assert geo.distance_m(seen.pad, ROOF) <= GATE_M + 1e-3
            assert abs(seen.pad.altitude_amsl_m - ROOF.altitude_amsl_m) < 5.0
