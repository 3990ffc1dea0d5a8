"""What is believed of the vehicle: only what moves on, only as fresh as our own stamps prove."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onboard.flight.vehicle import VehicleTracker, transit_s
from tests.unit.flight.build import OPEN, ROOF, place
from wire import geo
from wire.geo import Position
from wire.messages import Echo, VehicleState

AHEAD_S = 5000.0
"""The vehicle's clock is this far ahead of the board's."""


def heartbeat(
    sent_at_s: float, sequence: int, *, down_s: float = 0.05, held_s: float = 0.1, ahead_s: float = AHEAD_S, **changes: Any
) -> VehicleState:
    """Sent at this time of the board's clock, answering a state that left the board before."""
    sent_s = sent_at_s + ahead_s
    fields: dict[str, Any] = {
        "sent_s": sent_s, "sequence": sequence, "position": ROOF, "position_age_s": 0.2, "speed_m_s": 0.0,
        "latch": OPEN, "latch_age_s": 0.05,
        "echo": Echo(peer_sent_s=sent_at_s - held_s - down_s, received_s=sent_s - held_s),
    }  # fmt: skip
    return VehicleState(**(fields | changes))


def heard(count: int = 5, **changes: Any) -> VehicleTracker:
    """A tracker that has heard `count` heartbeats up to 100.0 s, each 0.02 s on its way."""
    tracker = VehicleTracker()
    for i in range(count):
        sent_s = 99.98 - 0.2 * (count - 1 - i)
        assert tracker.heard(heartbeat(sent_s, i + 1, **changes), sent_s + 0.02)
    return tracker


@settings(deadline=None)
@given(up_s=st.floats(0.0, 30.0), down_s=st.floats(0.0, 30.0), held_s=st.floats(0.0, 30.0), ahead_s=st.floats(-1e5, 1e5))
def test_a_heartbeat_is_never_taken_for_fresher_than_it_is(up_s: float, down_s: float, held_s: float, ahead_s: float) -> None:
    on_way_s = transit_s(heartbeat(100.0, 1, down_s=down_s, held_s=held_s, ahead_s=ahead_s), 100.0 + up_s)
    assert on_way_s is not None and up_s - 1e-6 <= on_way_s <= up_s + down_s + 1e-6


@pytest.mark.parametrize("waited_s", [0.0, 0.5, 1.0, 30.0])
def test_news_of_the_latch_is_as_old_as_the_way_it_came(waited_s: float) -> None:
    """It lay in a radio's buffer: what was open then may be shut now."""
    tracker = VehicleTracker()
    tracker.heard(heartbeat(100.0, 1), 100.0 + waited_s)
    seen = tracker.view(100.0 + waited_s)
    assert seen.latch_age_s is not None and seen.latch_age_s >= waited_s + 0.05
    assert seen.latch_seen(open_=True) is (waited_s < 0.85)


def test_news_grows_old_by_itself() -> None:
    tracker = heard()
    assert tracker.view(100.0).latch_seen(open_=True)
    assert not tracker.view(101.1).latch_seen(open_=True)
    assert tracker.view(101.1).seated_seen() is False
    aged = tracker.view(105.0)
    assert aged.age_s == pytest.approx(5.07, abs=0.01) and aged.pad_age_s == pytest.approx(5.27, abs=0.01)
    assert tracker.view(105.0).stopped_s == 0.0, "a vehicle that is not heard is not known to stand"


def test_without_proof_of_its_age_nothing_is_fresh() -> None:
    tracker = VehicleTracker()
    assert tracker.heard(heartbeat(100.0, 1, echo=None), 100.0)
    seen = tracker.view(100.0)
    assert (seen.age_s, seen.latch_age_s, seen.pad_age_s, tracker.sent_s) == (None, None, None, None)
    assert not seen.latch_seen(open_=True)


def test_an_echo_of_a_time_that_has_not_come_is_no_proof() -> None:
    """The board has restarted, and the vehicle answers what the board said before."""
    tracker = VehicleTracker()
    tracker.heard(heartbeat(100.0, 1, echo=Echo(peer_sent_s=90_000.0, received_s=100.0 + AHEAD_S)), 100.0)
    assert tracker.view(100.0).age_s is None and tracker.clock.offset_s is None


@pytest.mark.parametrize("age_s", [-1.0, -1e6])
def test_news_from_the_future_has_no_age(age_s: float) -> None:
    seen = heard(latch_age_s=age_s, position_age_s=age_s).view(100.0)
    assert seen.latch_age_s is None and seen.pad_age_s is None and not seen.latch_seen(open_=True)


def test_nothing_is_known_before_the_first_heartbeat() -> None:
    seen = VehicleTracker().view(100.0)
    assert (seen.age_s, seen.pad, seen.latch, seen.stopped_s) == (None, None, None, 0.0)


def test_repeats_and_stale_bytes_prove_nothing() -> None:
    tracker = heard()
    before = tracker.view(100.1)
    for again in (heartbeat(99.98, 5), heartbeat(99.78, 4), heartbeat(99.0, 900), heartbeat(99.98, 6)):
        assert not tracker.heard(again, 100.1)
    assert tracker.view(100.1) == before


def test_a_restarted_daemon_is_heard_at_once() -> None:
    tracker = heard()
    assert tracker.heard(heartbeat(100.4, 1, latch=None), 100.42)
    assert tracker.view(100.42).latch is None
    assert tracker.clock.offset_s == pytest.approx(AHEAD_S, abs=0.1)


def test_a_restarted_vehicle_is_heard_again_on_its_new_clock() -> None:
    tracker = heard()
    young = -60.0  # its clock began anew
    assert not tracker.heard(heartbeat(160.0, 1, ahead_s=young, echo=None), 160.02), "not before it answers us"
    assert not tracker.heard(heartbeat(160.0, 1, ahead_s=young), 163.0), "nor when it was long on its way"
    assert tracker.heard(heartbeat(163.2, 2, ahead_s=young), 163.22)
    assert tracker.view(163.22).latch_seen(open_=True)
    assert tracker.clock.offset_s == pytest.approx(young, abs=0.1), "orders are judged by the new clock at once"
    assert not tracker.heard(heartbeat(99.98, 6), 163.3) or (tracker.sent_s is not None and tracker.sent_s < 110.0), (
        "what the old one had said comes late, and is old"
    )


def test_while_standing_the_pads_place_is_averaged() -> None:
    tracker = heard(count=20)
    sent_s = 99.98
    for i in range(100):
        sent_s += 0.2
        tracker.heard(heartbeat(sent_s, 30 + i, position=place(1.5 if i % 2 else -1.5)), sent_s + 0.02)
    pad = tracker.view(sent_s).pad
    assert pad is not None and geo.distance_m(pad, ROOF) < 0.3


def test_while_driving_the_pad_is_where_it_was_last_told() -> None:
    tracker = heard()
    tracker.heard(heartbeat(100.2, 6, position=place(30.0), speed_m_s=10.0), 100.22)
    seen = tracker.view(100.22)
    assert seen.pad == place(30.0) and seen.stopped_s == 0.0


def test_standing_counts_from_the_first_still_heartbeat() -> None:
    tracker = heard()
    assert tracker.view(100.0).stopped_s == pytest.approx(0.8)
    tracker.heard(heartbeat(100.2, 6, speed_m_s=None), 100.22)
    assert tracker.view(100.22).stopped_s == 0.0


def test_no_fix_is_no_pad() -> None:
    tracker = heard()
    tracker.heard(heartbeat(100.2, 6, position=None, position_age_s=None), 100.22)
    assert tracker.view(100.22).pad is None and tracker.view(100.22).pad_age_s is None


def test_on_the_roof_the_two_receivers_are_made_to_agree() -> None:
    tracker = heard()
    own = place(3.0, -2.0, up_m=15.0)
    calibrated(tracker, [own] * 60)
    seen = tracker.view(112.0)
    assert seen.pad is not None and geo.ned_between(own, seen.pad) == pytest.approx((0, 0, 0), abs=0.02)
    assert seen.disagreement_m == pytest.approx(3.6, abs=0.1)
    tracker.heard(heartbeat(112.2, 99), 112.22)
    tracker.calibrate(place(500.0), on_roof=False)
    assert tracker.view(112.22).pad == seen.pad, "in flight nothing is learnt"


def calibrated(tracker: VehicleTracker, own: list[Position], **changes: Any) -> None:
    """One heartbeat and one place of the aircraft after the other, from 100.0 s on."""
    for i, position in enumerate(own):
        tracker.heard(heartbeat(100.2 + 0.2 * i, 10 + i, **changes), 100.22 + 0.2 * i)
        tracker.calibrate(position, on_roof=True)


@pytest.mark.parametrize("rounds", [1, 4, 50])
def test_what_is_learnt_does_not_depend_on_how_often_it_is_asked(rounds: int) -> None:
    """Flight goes round four times in a heartbeat: the same two places four times over are no more news than once."""
    tracker = heard()
    calibrated(tracker, [ROOF])
    tracker.heard(heartbeat(100.4, 20), 100.42)
    for _ in range(rounds):
        tracker.calibrate(place(1.0), on_roof=True)
    assert tracker.view(100.42).disagreement_m == pytest.approx(0.1, abs=0.001)


def test_noise_of_the_vehicles_receiver_is_averaged_before_it_is_learnt() -> None:
    """The receiver says a metre to the north and a metre to the south in turn; on average it is right."""
    tracker = heard(count=20)
    for i in range(100):
        tracker.heard(heartbeat(100.2 + 0.2 * i, 30 + i, position=place(1.0 if i % 2 else -1.0)), 100.22 + 0.2 * i)
        tracker.calibrate(ROOF, on_roof=True)
    learnt = tracker.view(120.0).disagreement_m
    assert learnt is not None and learnt < 0.02


def test_nothing_is_learnt_on_a_vehicle_that_drives() -> None:
    """Its place and the aircraft's are of different moments: at 15 m/s that is metres."""
    tracker = heard()
    calibrated(tracker, [place(2.0)] * 20, speed_m_s=15.0)
    assert tracker.view(104.0).disagreement_m is None


@pytest.mark.parametrize("own", [None, ROOF])
def test_nothing_is_learnt_without_both_places(own: Position | None) -> None:
    tracker = heard(position=None) if own else heard()
    tracker.calibrate(own, on_roof=True)
    assert tracker.view(100.0).disagreement_m is None


@settings(deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 1e4), st.integers(0, 1000), st.booleans(), st.floats(-1e3, 1e4), st.floats(-1e5, 1e5)),
        max_size=30,
    )
)
def test_whatever_comes_news_is_never_fresher_than_proven(messages: list[tuple[float, int, bool, float, float]]) -> None:
    tracker, now_s = VehicleTracker(), 1e4
    for sent_s, sequence, answered, peer_sent_s, received_s in messages:
        now_s += 0.2
        echo = Echo(peer_sent_s=peer_sent_s, received_s=received_s) if answered else None
        message = heartbeat(0.0, sequence, sent_s=sent_s, echo=echo)
        if tracker.heard(message, now_s):
            age_s = tracker.view(now_s).age_s
            assert (age_s is None) == (transit_s(message, now_s) is None)
            assert age_s is None or age_s >= 0.0


HILL = st.floats(-300.0, 300.0)


@settings(deadline=None)
@given(north_m=HILL, up_m=HILL)
def test_a_receiver_alone_does_not_lift_the_roof(north_m: float, up_m: float) -> None:
    """How much higher or lower the pad is believed goes with how far the vehicle has driven; a street's climb is followed."""
    tracker = heard()
    calibrated(tracker, [ROOF] * 30)
    tracker.heard(heartbeat(106.4, 99, position=place(north_m, up_m=up_m), speed_m_s=9.0), 106.42)
    pad = tracker.view(106.42).pad
    assert pad is not None
    climbed_m = pad.altitude_amsl_m - ROOF.altitude_amsl_m
    most_m = 2.0 + 0.1 * abs(north_m)
    assert climbed_m == pytest.approx(max(-most_m, min(most_m, up_m)), abs=0.1)
    assert geo.distance_m(ROOF, pad) == pytest.approx(abs(north_m), abs=0.1)
