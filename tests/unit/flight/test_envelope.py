"""The gate: each limit from both sides, and nothing passes on what is stale, unknown or no number."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from missions import requests as ask
from missions.view import View
from onboard.flight import envelope
from onboard.flight.envelope import MAX_HOME_CLIMB_M, MODE_CHANGING, Limits
from tests.unit.flight.build import CLOSED, OPEN, ROOF, aircraft, flying, open_latch, place, sight, vehicle, view
from wire import geo
from wire.geo import Ned, Position
from wire.messages import Landed

LIMITS = Limits()
NAN = math.nan
MOVE = ask.Reposition(place(50.0, 0.0, 20.0), 5.0)
ORBIT = ask.FlyOrbit(place(0.0, 0.0, 20.0), 25.0, 5.0, 0)
TAKEOFF = ask.Takeoff(ROOF.altitude_amsl_m + 12.0)
HOME = ask.SetHome(place(20.0))
TARGET = ask.LandingTarget(place(0.5, -0.5), Ned(0.5, -0.5, 0.0), 1000.0)
RECOVERY: tuple[ask.Request, ...] = (ask.Hold(), ask.Land(), ask.ReturnHome())
ALL: tuple[ask.Request, ...] = (
    *RECOVERY, MOVE, ORBIT, TAKEOFF, HOME, ask.Arm(), ask.Disarm(), ask.SelectHold(), ask.ClearMission(),
    ask.LandPrecisely(), TARGET, ask.ReadParameters(("X",)),
)  # fmt: skip
AGES = [1.51, 60.0, NAN, math.inf, None]


def why_not(request: ask.Request, seen: View, *, officer: bool = False) -> str | None:
    return envelope.refusal(request, seen, LIMITS, officer=officer)


def in_air(**changes: Any) -> View:
    return view(flying(**changes), of_pad=sight())


def on_roof(**changes: Any) -> View:
    return view(aircraft(**changes))


def test_every_request_has_its_place_here() -> None:
    assert {type(request).__name__ for request in ALL} == {kind.__name__ for kind in ask.Request.__subclasses__()} - {"Loop"}


@pytest.mark.parametrize(
    "request_", [MOVE, ORBIT, HOME, TARGET, ask.LandPrecisely(), *RECOVERY], ids=lambda r: type(r).__name__
)
def test_in_the_air_with_everything_well_it_flies(request_: ask.Request) -> None:
    assert why_not(request_, in_air()) is None


@pytest.mark.parametrize("request_", [ask.Arm(), TAKEOFF, ask.Disarm(), ask.SelectHold(), ask.ClearMission()], ids=str)
def test_on_the_roof_with_everything_well_it_starts(request_: ask.Request) -> None:
    assert why_not(request_, on_roof()) is None


def test_an_unknown_request_is_refused() -> None:
    class Loop(ask.Request):
        pass

    assert why_not(Loop(), in_air()) == "Loop is not known to the envelope"


@pytest.mark.parametrize("request_", RECOVERY, ids=str)
def test_recovery_needs_no_data(request_: ask.Request) -> None:
    nothing = View(aircraft(position=None, home=None, armed=None, mode=None, heartbeat_age_s=None), vehicle())
    assert why_not(request_, nothing) is None


@pytest.mark.parametrize("request_", ALL, ids=lambda r: type(r).__name__)
def test_in_a_failsafe_nothing_cancels_it_unless_the_officer_says_so(request_: ask.Request) -> None:
    calm = on_roof() if why_not(request_, on_roof()) is None else in_air()
    failing = replace(calm, aircraft=replace(calm.aircraft, failsafe=True))
    assert why_not(request_, calm) is None
    assert why_not(request_, failing, officer=True) is None
    if isinstance(request_, MODE_CHANGING):
        assert "failsafe" in str(why_not(request_, failing))
    else:
        assert why_not(request_, failing) is None


@pytest.mark.parametrize("age_s", AGES)
@pytest.mark.parametrize("what", ["position_age_s", "landed_age_s", "heartbeat_age_s"])
@pytest.mark.parametrize(
    "request_", [MOVE, ORBIT, HOME, TARGET, ask.LandPrecisely(), TAKEOFF, ask.Arm()], ids=lambda r: type(r).__name__
)
def test_nothing_moves_on_stale_data(request_: ask.Request, what: str, age_s: float | None) -> None:
    seen = on_roof if isinstance(request_, ask.Arm | ask.Takeoff) else in_air
    assert why_not(request_, seen()) is None
    assert "is not fresh" in str(why_not(request_, seen(**{what: age_s})))


def target(pad: Position) -> ask.LandingTarget:
    return ask.LandingTarget(pad, geo.ned_between(ROOF, pad), 1000.0)


SWEEPS: list[tuple[str, list[float], list[float], Any]] = [
    ("height", [4.6, 5.0, 59.9], [4.4, 60.1, -20.0, NAN, math.inf], lambda x: ask.Reposition(place(0, 0, x), 5.0)),
    ("distance", [0.0, 399.0, -399.0], [401.0, -401.0, 1e5], lambda x: ask.Reposition(place(x, 0, 20), 5.0)),
    ("speed", [0.1, 9.9, 10.0], [0.0, -1.0, 10.1, NAN, math.inf], lambda x: ask.Reposition(place(0, 0, 20), x)),
    ("latitude", [ROOF.latitude_deg], [NAN, math.inf], lambda x: ask.Reposition(place(0, 0, 20)._replace(latitude_deg=x), 5.0)),
    ("orbit radius", [8.0, -8.0, 399.0], [0.0, 0.9, 401.0, 1001.0, NAN, math.inf],
     lambda x: ask.FlyOrbit(place(0, 0, 20), x, 2.0, 0)),
    ("orbit speed", [0.5, 7.07], [7.08, -5.0, 0.0, NAN, math.inf], lambda x: ask.FlyOrbit(place(0, 0, 20), 25.0, x, 0)),
    ("orbit reach", [374.0], [376.0], lambda x: ask.FlyOrbit(place(x, 0, 20), 25.0, 5.0, 0)),
    ("orbit height", [5.0, 59.0], [4.0, 61.0, NAN], lambda x: ask.FlyOrbit(place(0, 0, x), 25.0, 5.0, 0)),
    ("target distance", [0.0, 2.9, -2.9], [3.1, -3.1, 1e5], lambda x: target(place(x))),
    ("target height", [-9.0, 9.0], [-11.0, 11.0], lambda x: target(place(up_m=x))),
    ("target frame", [0.0, 0.19], [0.21, -50.0, NAN, math.inf], lambda x: ask.LandingTarget(ROOF, Ned(x, 0.0, 0.0), 1.0)),
    ("home distance", [0.0, 495.0], [505.0, 1e4], lambda x: ask.SetHome(place(x))),
    ("home climb", [-MAX_HOME_CLIMB_M + 0.1, MAX_HOME_CLIMB_M - 0.1], [-MAX_HOME_CLIMB_M - 1, MAX_HOME_CLIMB_M + 1, NAN],
     lambda x: ask.SetHome(ROOF._replace(altitude_amsl_m=ROOF.altitude_amsl_m + x))),
]  # fmt: skip


@pytest.mark.parametrize(("name", "good", "bad", "make"), SWEEPS, ids=[name for name, *_ in SWEEPS])
def test_each_limit_from_both_sides(name: str, good: list[float], bad: list[float], make: Any) -> None:
    for value in good:
        assert why_not(make(value), in_air()) is None, (name, value)
    for value in bad:
        assert why_not(make(value), in_air()) is not None, (name, value)


@pytest.mark.parametrize(("up_m", "passes"), [(4.4, False), (4.6, True), (59.0, True), (61.0, False), (NAN, False)])
def test_a_take_off_is_bounded(up_m: float, passes: bool) -> None:
    assert (why_not(ask.Takeoff(ROOF.altitude_amsl_m + up_m), on_roof()) is None) is passes


@pytest.mark.parametrize(
    "seen",
    [
        view(flying(), of_pad=None),
        view(flying(), of_pad=sight(steady=False)),
        view(flying(), of_pad=sight(age_s=1.01)),
        view(flying(), of_pad=sight(age_s=NAN)),
        view(flying(landed=Landed.ON_GROUND), of_pad=sight()),
        view(flying(), vehicle(age_s=4.1), sight()),
    ],
)
def test_no_precision_landing_without_a_marker_seen_well_by_a_vehicle_that_is_heard(seen: View) -> None:
    assert why_not(ask.LandPrecisely(), seen) is not None


@pytest.mark.parametrize("changes", [{"pad": None}, {"pad_age_s": 5.1}, {"pad_age_s": None}, {"pad": place(10.0)}], ids=str)
def test_no_landing_target_but_where_the_vehicle_is_known_to_be(changes: dict[str, Any]) -> None:
    assert why_not(TARGET, view(flying(), vehicle(**changes), sight())) is not None


@pytest.mark.parametrize("changes", [{"home": None}, {"home_local_ned": None}], ids=str)
def test_no_landing_target_while_px4s_frame_is_not_known(changes: dict[str, Any]) -> None:
    assert why_not(TARGET, in_air(**changes)) is not None


BAD_LATCHES: list[dict[str, Any]] = [
    {"latch": CLOSED}, {"latch": None}, {"latch": open_latch(valid=False)}, {"latch": open_latch(open=False)},
    {"latch": open_latch(closed=True)}, {"latch_age_s": None}, {"latch_age_s": 1.01}, {"latch_age_s": NAN},
    {"latch_age_s": -1.01}, {"latch_age_s": math.inf},
]  # fmt: skip


@pytest.mark.parametrize("bad", BAD_LATCHES, ids=str)
@pytest.mark.parametrize("request_", [ask.Arm(), TAKEOFF], ids=lambda r: type(r).__name__)
def test_nothing_starts_with_the_latch_not_seen_open(request_: ask.Request, bad: dict[str, Any]) -> None:
    assert why_not(request_, view(of_vehicle=vehicle(**bad))) == "the latch is not seen open"
    assert why_not(request_, view(of_vehicle=vehicle(latch=OPEN, latch_age_s=0.99))) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"landed": Landed.IN_AIR}, "not seen on the roof"),
        ({"landed": Landed.UNKNOWN}, "not seen on the roof"),
        ({"ready_to_arm": False}, "PX4 is not ready to arm"),
        ({"battery_percent": None}, "60 % or more"),
        ({"battery_percent": 59.9}, "60 % or more"),
        ({"battery_percent": NAN}, "60 % or more"),
    ],
)
def test_arming_refused_by_the_aircraft(changes: dict[str, Any], says: str) -> None:
    assert says in str(why_not(ask.Arm(), on_roof(**changes)))
    assert why_not(ask.Arm(), on_roof(battery_percent=60.0)) is None


@pytest.mark.parametrize("speed_m_s", [None, 0.51, -0.1, NAN, math.inf])
def test_arming_refused_by_a_vehicle_not_seen_standing(speed_m_s: float | None) -> None:
    assert why_not(ask.Arm(), view(of_vehicle=vehicle(speed_m_s=speed_m_s))) == "the vehicle is not seen standing still"
    assert why_not(ask.Arm(), view(of_vehicle=vehicle(speed_m_s=0.5))) is None


@pytest.mark.parametrize("request_", [MOVE, ORBIT], ids=lambda r: type(r).__name__)
@pytest.mark.parametrize("changes", [{"armed": False}, {"armed": None}, {"landed": Landed.ON_GROUND}, {"home": None}], ids=str)
def test_no_movement_but_in_the_air_with_a_home(request_: ask.Request, changes: dict[str, Any]) -> None:
    assert why_not(request_, in_air(**changes)) is not None


@pytest.mark.parametrize("request_", [MOVE, ORBIT, HOME], ids=lambda r: type(r).__name__)
@pytest.mark.parametrize("broken", [Position(NAN, 8.5, 489.0), Position(47.4, NAN, 489.0), Position(47.4, 8.5, NAN)])
def test_a_home_that_is_no_place_lets_nothing_pass(request_: ask.Request, broken: Position) -> None:
    lost = replace(vehicle(), pad=None)
    if request_ is HOME:
        request_ = ask.SetHome(broken)
        assert why_not(request_, in_air()) is not None
    else:
        assert why_not(request_, View(flying(home=broken), lost)) is not None


def test_distance_counts_from_the_pad_while_it_is_heard_and_from_home_else() -> None:
    far = vehicle(pad=place(300.0), pad_age_s=0.5)
    target = ask.Reposition(place(600.0, 0.0, 20.0), 5.0)
    assert why_not(target, View(flying(), far)) is None
    for age_s in (5.1, None, NAN):
        assert "farther than 400 m" in str(why_not(target, View(flying(), replace(far, pad_age_s=age_s))))


@pytest.mark.parametrize(
    "changes", [{"landed": Landed.IN_AIR}, {"landed": Landed.UNKNOWN}, {"landed_age_s": 1.6}, {"landed_age_s": None}], ids=str
)
def test_no_disarming_but_seen_on_the_ground(changes: dict[str, Any]) -> None:
    assert "not seen on the ground" in str(why_not(ask.Disarm(), on_roof(armed=True, **changes)))
    assert why_not(ask.Disarm(), on_roof(armed=True)) is None


@pytest.mark.parametrize("request_", [ask.SelectHold(), ask.ClearMission()], ids=str)
@pytest.mark.parametrize("changes", [{"armed": True}, {"armed": None}, {"heartbeat_age_s": 2.6}, {"heartbeat_age_s": None}])
def test_what_is_done_before_arming_is_done_only_while_seen_disarmed(request_: ask.Request, changes: dict[str, Any]) -> None:
    assert why_not(request_, on_roof(**changes)) == "that is only done while seen disarmed"


ANY = st.floats(allow_nan=True, allow_infinity=True)


@settings(deadline=None)
@given(st.tuples(ANY, ANY, ANY), ANY, ANY)
def test_whatever_is_asked_for_only_what_is_within_the_limits_passes(
    target: tuple[float, float, float], speed: float, radius: float
) -> None:
    place_ = Position(*target)
    for request in (ask.Reposition(place_, speed), ask.FlyOrbit(place_, radius, speed, 0), ask.SetHome(place_)):
        if why_not(request, in_air()) is None:
            assert all(math.isfinite(value) for value in target)
            assert isinstance(request, ask.SetHome) or 0 < speed <= LIMITS.max_speed_m_s


@pytest.mark.parametrize(
    ("age_s", "passes"), [(0.1, True), (3.9, True), (4.1, False), (60.0, False), (NAN, False), (None, False)]
)
def test_nothing_new_is_flown_for_a_vehicle_that_fell_silent(age_s: float | None, passes: bool) -> None:
    """PX4's return may begin unseen at any moment then; what brings the aircraft down or home still passes."""
    silent = view(flying(), vehicle(age_s=age_s))
    for request in (MOVE, ask.FlyOrbit(place(0.0, 0.0, 20.0), 20.0, 5.0, 0)):
        assert (envelope.refusal(request, silent, Limits(), officer=False) is None) is passes
    for recovery in (ask.Hold(), ask.Land(), ask.ReturnHome()):
        assert envelope.refusal(recovery, silent, Limits(), officer=False) is None
