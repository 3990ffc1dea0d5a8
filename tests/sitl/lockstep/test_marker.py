"""Whole flights that land by the roof's marker, and what happens when it is lost, lied about, or never seen."""

from __future__ import annotations

import statistics
from typing import Any

import msgspec
import pytest

from missions import requests as ask
from missions.view import Mode
from sitl.autopilot.body.wind import Wind
from sitl.lockstep.sightings import SimulatedSightings
from sitl.options import HOME
from sitl.world.configuration import Move
from tests.sitl.lockstep.harness import SHORT, P, Watched
from wire import geo
from wire.geo import Ned, Position, Quaternion
from wire.messages import PadSighting, Verb

RECEIVER_M = 0.4
"""An ordinary receiver's error on the vehicle, per axis."""


WANDERS_M = 2.0
"""PX4's height is so wrong at worst; a search for the marker would climb by more."""


SEAT_M = 1.0


class Landing(Watched):
    """A flight up to where it lands, with an ordinary receiver on the vehicle."""

    def __init__(self, seed: int = 1, **how: Any) -> None:
        super().__init__(**({"seed": seed, "gnss_noise_m": RECEIVER_M} | how))
        self.highest_m = 0.0
        """While landing."""

    def step(self) -> None:
        super().step()
        if self.phase is P.LANDING:
            self.highest_m = max(self.highest_m, self.height_m)

    def begin(self) -> None:
        self.fly_to(P.LANDING)
        self.began_m = self.height_m

    def down(self) -> None:
        self.wait_for(P.SECURED, P.GROUNDED)
        assert not self.armed
        assert self.highest_m < self.began_m + WANDERS_M, f"it climbed to {self.highest_m:.1f} m while landing\n{self.story()}"

    def told(self) -> list[str]:
        return [event.sentence for event in self.events if event.kind == "marker"]

    def modes(self) -> list[str]:
        """While landing and a metre or more above the roof, each once, in order."""
        flying = [s.mode for s in self.states if s.phase is P.LANDING and s.mode is not None and (s.height_m or 0.0) > 1.5]
        return list(dict.fromkeys(mode for mode in flying if mode != Mode.HOLD))


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_it_lands_by_the_marker(seed: int) -> None:
    flight = Landing(seed)
    flight.begin()
    flight.down()
    flight.safe_on_the_roof()
    assert flight.modes() == [Mode.PRECISION_LAND] and flight.told() == ["the roof's marker is seen well"]
    assert flight.off_pad_m() < 0.8


@pytest.mark.slow
def test_the_marker_makes_landings_better() -> None:
    """The same flights in wind, with it and without; the rest is the aircraft's."""

    def off_m(seed: int, *, marker: bool) -> float:
        flight = Landing(seed, wind=Wind(north_m_s=3.0, gust_m_s=0.5, seed=seed))
        flight.camera.dead = not marker
        flight.begin()
        flight.down()
        return flight.off_pad_m()

    seeds = range(11, 21)
    with_it, without = ([off_m(seed, marker=marker) for seed in seeds] for marker in (True, False))
    assert statistics.median(with_it) < statistics.median(without)
    assert sum(off > SEAT_M for off in with_it) <= 2


def test_nobody_looks_for_the_marker_before_the_return() -> None:
    flight = Landing()
    flight.fly_to(P.SURVEYING)
    flight.run(3.0)
    assert not flight.seeking and not [request for request in flight.requests if isinstance(request, ask.LandingTarget)]


@pytest.mark.parametrize("how", ["dead", "blind"])
def test_with_vision_dead_or_blind_it_lands_by_position(how: str) -> None:
    flight = Landing(gnss_noise_m=0.0)
    setattr(flight.camera, how, True)
    flight.begin()
    flight.down()
    flight.safe_on_the_roof()
    assert flight.modes() == [Mode.LAND]
    assert flight.told() == ["the roof's marker is not seen well: landing goes by position" + " (not seen)" * (how == "blind")]


@pytest.mark.parametrize("how", ["dead", "blind"])
@pytest.mark.parametrize("height_m", [6.0, 3.0])
def test_lost_half_way_it_goes_on_down_where_it_is(height_m: float, how: str) -> None:
    """PX4 by itself would climb to ten metres above where it started, and search."""
    flight = Landing()
    flight.begin()
    assert flight.run_until(lambda: flight.height_m < height_m, 60.0)
    setattr(flight.camera, how, True)
    flight.run(3.0)
    assert flight.mode == "LAND"
    flight.down()
    assert flight.modes() == [Mode.PRECISION_LAND, Mode.LAND]
    assert flight.off_pad_m() < 1.5


def test_lost_and_seen_again_it_goes_on_by_the_marker() -> None:
    flight = Landing()
    flight.begin()
    assert flight.run_until(lambda: flight.height_m < 6.0, 60.0)
    flight.camera.blind = True
    flight.run(2.5)
    flight.camera.blind = False
    flight.run(2.0)
    assert flight.mode == "PRECISION_LAND"
    flight.down()
    flight.safe_on_the_roof()


def test_flight_gone_and_the_marker_with_it_px4_still_comes_down_and_never_up() -> None:
    """The whole board dies half way down. PX4 waits for the marker, gives up, and lands where it is."""
    flight = Landing()
    flight.begin()
    assert flight.run_until(lambda: flight.height_m < 6.0, 60.0)
    height_m = flight.height_m
    flight.wire.cut = True
    highest_m = 0.0
    while flight.armed and flight.now_s < 400.0:
        flight.step()
        highest_m = max(highest_m, flight.height_m)
    assert not flight.armed and highest_m < height_m + 1.0
    assert flight.off_pad_m() < 2.0


@pytest.mark.parametrize("lie", [Ned(8.0, 0.0, 0.0), Ned(0.0, -60.0, 0.0), Ned(0.0, 0.0, 30.0), Ned(3.0, 3.0, -9.0)], ids=str)
def test_a_marker_where_the_vehicle_is_not_is_refused(lie: Ned) -> None:
    """Another vehicle's, a poster, or a vision that has gone mad: landing goes by position."""
    flight = Landing(gnss_noise_m=0.0)
    flight.camera.lie = lie
    flight.begin()
    flight.down()
    flight.safe_on_the_roof()
    assert flight.modes() == [Mode.LAND]
    assert not [request for request in flight.requests if isinstance(request, ask.LandingTarget)]


def test_a_lie_that_begins_half_way_cannot_lead_it_far() -> None:
    """Beyond the gate it is as if the marker was lost."""
    flight = Landing(gnss_noise_m=0.0)
    flight.begin()
    assert flight.run_until(lambda: flight.height_m < 6.0, 60.0)
    flight.camera.lie = Ned(6.0, 6.0, 0.0)
    flight.down()
    assert flight.modes() == [Mode.PRECISION_LAND, Mode.LAND]
    assert flight.off_pad_m() < 1.0


class OnTheLens(SimulatedSightings):
    """From some moment on that moment's picture is told again and again, as if new: what it sees moves with the aircraft."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.newest: PadSighting | None = None
        self.hangs = False

    def look(self, now_s: float, aircraft: Position, attitude: Quaternion, pad: Position) -> list[PadSighting]:
        true = super().look(now_s, aircraft, attitude, pad)
        if not self.hangs:
            self.newest = next((sighting for sighting in true if sighting.offset_ned_m is not None), self.newest)
        if not self.hangs or self.newest is None:
            return true
        return [msgspec.structs.replace(self.newest, captured_s=s.captured_s, sequence=s.sequence) for s in true]


@pytest.mark.parametrize(("seed", "height_m"), [(1, 9.0), (4, 9.0), (2, 6.0)])
def test_a_marker_that_moves_with_the_aircraft_is_found_out_and_it_comes_down_by_position(seed: int, height_m: float) -> None:
    """It leads astray up to the gate once or twice; then it is not believed for as long as a landing takes."""
    flight = Landing(seed)
    flight.camera = lens = OnTheLens(seed)
    flight.begin()
    assert flight.run_until(lambda: flight.height_m < height_m, 60.0)
    lens.hangs = True
    flight.wait_for(P.SECURED, P.GROUNDED, timeout_s=150.0)
    assert not flight.armed and flight.off_pad_m() < 3.0
    assert flight.phases.count(P.LANDING) <= 3, flight.story()


def test_a_small_lie_moves_the_landing_by_no_more_than_itself() -> None:
    """Within what a receiver may err nobody can tell. It ends beside the seat, disarmed, and says so."""
    flight = Landing(gnss_noise_m=0.0)
    flight.camera.lie = Ned(2.0, 0.0, 0.0)
    flight.begin()
    flight.down()
    assert flight.off_pad_m() < 2.8
    assert flight.phase is P.GROUNDED and "not seen seated" in flight.newest.reason


def test_a_vehicle_that_drives_off_still_breaks_the_landing_off() -> None:
    flight = Landing(moves=(Move(after_launch_s=37.0, north_m=40.0, speed_m_s=5.0),))
    flight.begin()
    assert flight.run_until(lambda: geo.distance_m(flight.pad(), HOME) > 0.5, 60.0), flight.story()
    assert flight.mode == "PRECISION_LAND" and flight.height_m > 4.0
    assert flight.run_until(lambda: flight.phase is P.RETURNING, 10.0), flight.story()
    assert "driven away" in flight.newest.reason
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


@pytest.mark.parametrize("seen", [True, False], ids=["by the marker", "by position"])
@pytest.mark.parametrize("height_m", [4.0, 2.0, 1.0, 0.5])
def test_however_low_it_does_not_come_down_where_the_vehicle_has_gone(height_m: float, seen: bool) -> None:
    """It rises straight up first, then follows, and lands on the roof where that now stands."""
    flight = Landing(moves=(Move(after_launch_s=1000.0, north_m=40.0, speed_m_s=5.0),))
    flight.camera.blind = not seen
    flight.begin()
    assert flight.run_until(lambda: flight.height_m < height_m, 60.0)
    flight.drive_off(1000.0)
    flight.camera.blind = False
    assert flight.run_until(lambda: flight.phase is P.RETURNING, 6.0), flight.story()
    assert "driven away" in flight.newest.reason
    start = flight.aircraft()
    assert flight.run_until(lambda: flight.height_m > min(height_m + 1.0, 3.5), 10.0), flight.story()
    assert geo.distance_m(start, flight.aircraft()) < 1.0, "it rises straight up"
    flight.wait_for(P.SECURED)
    flight.safe_on_the_roof()


def test_restarted_while_landing_precisely_it_comes_back_and_lands() -> None:
    flight = Landing()
    flight.begin()
    assert flight.run_until(lambda: flight.height_m < 6.0, 60.0)
    assert flight.mode == "PRECISION_LAND"
    flight.restart_flight()
    flight.wait_for(P.SECURED, P.GROUNDED)
    assert not flight.armed and flight.off_pad_m() < 1.5


def test_ordered_to_land_away_from_the_vehicle_it_follows_no_marker() -> None:
    flight = Landing()
    flight.fly_to(P.TRANSIT, SHORT)
    flight.run(2.0)
    flight.order(Verb.LAND)
    flight.wait_for(P.GROUNDED, P.SECURED)
    assert flight.modes() == [Mode.LAND]
