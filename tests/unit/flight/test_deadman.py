"""Whatever dies, the ground station's heartbeat stops."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions.requests import SetHome
from missions.view import Vehicle, View
from onboard.flight.deadman import DeadMan
from onboard.flight.home import HomeKeeper
from tests.unit.flight.build import ROOF, aircraft, flying, place, vehicle


def alive_at(now_s: float) -> DeadMan:
    man = DeadMan()
    man.vehicle_heard(now_s)
    man.progressed(now_s)
    return man


def test_nothing_is_relayed_before_both_were_seen() -> None:
    assert not DeadMan().relay(10.0)
    only_vehicle, only_progress = DeadMan(), DeadMan()
    only_vehicle.vehicle_heard(10.0)
    only_progress.progressed(10.0)
    assert not only_vehicle.relay(10.0) and not only_progress.relay(10.0)


def test_it_relays_once_a_second_while_alive() -> None:
    man = DeadMan()
    relayed = []
    for tenth in range(100, 200):
        man.vehicle_heard(tenth / 10)
        man.progressed(tenth / 10)
        relayed += [tenth] if man.relay(tenth / 10) else []
    assert relayed == list(range(100, 200, 10))


@pytest.mark.parametrize(("what", "limit_s"), [("vehicle", 2.0), ("progress", 1.0)])
def test_either_silence_stops_it(what: str, limit_s: float) -> None:
    man = alive_at(10.0)
    for tenth in range(101, 150):
        now_s = tenth / 10
        (man.progressed if what == "vehicle" else man.vehicle_heard)(now_s)
        assert man.alive(now_s) is (now_s <= 10.0 + limit_s)
        if not man.alive(now_s):
            assert not man.relay(now_s)


def test_a_heartbeat_that_was_long_on_its_way_proves_as_little_as_it_is_old() -> None:
    man = alive_at(10.0)
    man.progressed(13.0)
    man.vehicle_heard(10.5)
    assert not man.alive(13.0)
    man.vehicle_heard(12.0)
    man.vehicle_heard(11.0)
    assert man.alive(13.0), "an older one that comes later takes nothing back"


@settings(deadline=None)
@given(st.lists(st.tuples(st.sampled_from(["vehicle", "progress", "relay"]), st.floats(0.01, 3.0)), max_size=60))
def test_it_never_relays_without_both_just_before(steps: list[tuple[str, float]]) -> None:
    man, now_s, heard_s, progress_s, relayed_s = DeadMan(), 100.0, 0.0, 0.0, 0.0
    for what, wait_s in steps:
        now_s += wait_s
        if what == "vehicle":
            man.vehicle_heard(now_s)
            heard_s = now_s
        elif what == "progress":
            man.progressed(now_s)
            progress_s = now_s
        elif man.relay(now_s):
            assert now_s - heard_s <= 2.0 and now_s - progress_s <= 1.0 and now_s - relayed_s >= 1.0
            relayed_s = now_s


def asked(keeper: HomeKeeper, now_s: float, pad: Vehicle, **changes: object) -> SetHome | None:
    return keeper.update(now_s, View(flying(**changes), pad))


def test_home_follows_the_pad_in_the_air() -> None:
    keeper = HomeKeeper()
    assert asked(keeper, 10.0, vehicle(pad=place(1.0))) is None
    assert asked(keeper, 10.1, vehicle(pad=place(2.0))) == SetHome(place(2.0)._replace(altitude_amsl_m=ROOF.altitude_amsl_m))
    assert asked(keeper, 11.0, vehicle(pad=place(9.0))) is None, "not more often than every two seconds"
    assert asked(keeper, 12.2, vehicle(pad=place(9.0))) is not None


def test_the_noise_of_two_receivers_does_not_move_homes_altitude() -> None:
    moved = asked(HomeKeeper(), 10.0, vehicle(pad=place(5.0, up_m=2.9)))
    assert moved is not None and moved.position.altitude_amsl_m == ROOF.altitude_amsl_m
    climbed = asked(HomeKeeper(), 10.0, vehicle(pad=place(5.0, up_m=3.1)))
    assert climbed is not None and climbed.position.altitude_amsl_m == pytest.approx(ROOF.altitude_amsl_m + 3.1)


@pytest.mark.parametrize(
    "pad", [vehicle(pad=None), vehicle(pad=place(9.0), pad_age_s=None), vehicle(pad=place(9.0), pad_age_s=2.1)]
)
def test_home_stays_where_it_is_when_the_pad_is_not_known(pad: Vehicle) -> None:
    assert asked(HomeKeeper(), 10.0, pad) is None


def test_home_stays_on_the_roof_and_without_a_home() -> None:
    keeper, moved = HomeKeeper(), vehicle(pad=place(9.0))
    assert keeper.update(10.0, View(aircraft(), moved)) is None
    assert asked(keeper, 10.0, moved, home=None) is None


def test_a_receiver_never_compared_on_the_roof_moves_home_to_the_side_only() -> None:
    """After a restart in the air: its height may be off by more than the aircraft flies above the roof."""
    moved = asked(HomeKeeper(), 10.0, vehicle(pad=place(5.0, up_m=-20.0), disagreement_m=None))
    assert moved is not None and moved.position.altitude_amsl_m == ROOF.altitude_amsl_m
    assert asked(HomeKeeper(), 10.0, vehicle(pad=place(1.0, up_m=-20.0), disagreement_m=None)) is None
