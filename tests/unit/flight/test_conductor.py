"""The conductor over all phases, and over sequences of anything: what must never happen, never does."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from missions import requests as ask
from missions.view import Mode
from onboard.flight.envelope import MODE_CHANGING
from onboard.flight.executive import FLYING
from tests.unit.flight.build import CLOSED, MISSION_YAML, OPEN, RIGHT, ROOF, command, open_latch, place
from tests.unit.flight.plant import STEP_S, Plant
from wire.messages import Landed, LatchRequest, LatchState, Phase, Stage, Verb

P = Phase
REACHABLE = sorted(set(Phase))
NEWS: dict[str, list[Any]] = {
    "armed": [True, False, None],
    "mode": [*Mode, None],
    "landed": list(Landed),
    "landed_age_s": [0.1, 1.4, 1.6, None],
    "heartbeat_age_s": [0.1, 0.9, 2.6, None],
    "position": [ROOF, place(up_m=20.0), place(100.0, 0.0, 30.0), None],
    "position_age_s": [0.1, 1.6, None],
    "home": [ROOF, None],
    "failsafe": [True, False],
    "ready_to_arm": [True, False],
    "battery_percent": [90.0, 20.0, None],
    "latch": [OPEN, CLOSED, open_latch(seated=False), LatchState(open=True, closed=True, seated=True),
              LatchState(open=False, closed=False, seated=True), open_latch(valid=False), None],
    "latch_age_s": [0.1, 0.9, 1.1, 60.0, -5.0, float("nan"), None],
    "speed_m_s": [0.0, 3.0, None],
    "pad": [ROOF, place(50.0), None],
    "pad_age_s": [0.1, 10.0, None],
    "stopped_s": [0.0, 60.0],
    "parameters": [RIGHT, {}],
}  # fmt: skip
CHANGES = st.sampled_from(sorted(NEWS)).flatmap(lambda name: st.tuples(st.just(name), st.sampled_from(NEWS[name])))
ORDERS = st.sampled_from(list(Verb))
DEAF = st.sets(st.sampled_from([ask.Arm, ask.Disarm, ask.Takeoff, ask.Land, ask.ReturnHome, ask.Reposition, ask.FlyOrbit]))
EVENTS = st.lists(st.one_of(CHANGES, CHANGES, ORDERS, st.integers(1, 30)), min_size=1, max_size=25)


def latch_seen_open(plant: Plant) -> bool:
    """Written out anew, not by the code under test."""
    latch, age_s = plant.vehicle.latch, plant.vehicle.latch_age_s
    if latch is None or age_s is None or not -1.0 <= age_s <= 1.0:
        return False
    return latch.valid and latch.open and not latch.closed


class Guarded(Plant):
    """Looks at what each round sends and asks, with the view it was decided on."""

    def __init__(self) -> None:
        super().__init__()
        self.officer_in_failsafe = False
        self.arms = 0
        self._arm_s = -1e9

    def order(self, verb: Verb, **changes: Any) -> str:
        given = super().order(verb, **changes)
        accepted = [r for r in self.conductor._out.replies if r.stage is Stage.ACCEPTED and r.command_id == given]
        self.officer_in_failsafe = self.officer_in_failsafe or (bool(accepted) and self.aircraft.failsafe)
        return given

    def step(self) -> Any:
        before, latch_open = self.aircraft, latch_seen_open(self)
        if not before.failsafe:
            self.officer_in_failsafe = False
        done = super().step()
        for request in done.requests:
            if isinstance(request, ask.Arm):
                self.arms += 1
                self._arm_s = self.now_s
                assert latch_open, "armed without the latch seen open"
                assert before.landed is Landed.ON_GROUND
            if isinstance(request, ask.Takeoff):
                assert latch_open, "a take-off without the latch seen open"
            if isinstance(request, MODE_CHANGING) and before.failsafe:
                assert self.officer_in_failsafe, f"{request} in a failsafe"
            if isinstance(request, ask.Disarm):
                assert before.landed is Landed.ON_GROUND
        if self.conductor.latch_request is LatchRequest.CLOSE:
            age_s = before.heartbeat_age_s
            assert before.armed is False and age_s is not None and age_s <= 2.5, "closed on an aircraft not seen disarmed"
            assert self.now_s - age_s > self._arm_s, "closed by a heartbeat from before the last request to arm"
            assert self.phase is P.SECURING
        for reply in done.replies:
            assert reply.sentence
        return done


@pytest.mark.parametrize("phase", REACHABLE, ids=str)
def test_every_phase_is_reached(phase: Phase) -> None:
    plant = Guarded()
    plant.fly_to(phase)
    assert plant.phase is phase


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(REACHABLE), EVENTS, DEAF, st.booleans())
def test_whatever_happens_in_whatever_phase(
    phase: Phase, events: list[Any], deaf: set[type[ask.Request]], latch_follows: bool
) -> None:
    plant = Guarded()
    plant.fly_to(phase)
    plant.deaf, plant.latch_follows = deaf, latch_follows
    for event in events:
        if isinstance(event, int):
            plant.run(event * STEP_S * 3)
        elif isinstance(event, Verb):
            plant.order(event)
        else:
            plant.change(**{event[0]: event[1]})
        plant.step()


NOT_OPEN = [
    {"latch": CLOSED}, {"latch": None}, {"latch": open_latch(valid=False)}, {"latch_age_s": None},
    {"latch_age_s": 1.01}, {"latch_age_s": -60.0}, {"latch_age_s": float("nan")},
    {"latch": LatchState(open=True, closed=True, seated=True)}, {"latch": LatchState(open=False, closed=False, seated=True)},
]  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(NOT_OPEN), EVENTS)
def test_with_the_latch_not_seen_open_no_sequence_of_anything_arms(latch: dict[str, Any], events: list[Any]) -> None:
    plant = Guarded()
    plant.latch_follows = False
    plant.fly_to(P.RELEASING)
    plant.change(**latch)
    for event in [15, *events, Verb.LAUNCH, 15]:
        if isinstance(event, int):
            plant.run(event * STEP_S)
        elif isinstance(event, Verb):
            plant.order(event)
        elif event[0] not in ("latch", "latch_age_s"):
            plant.change(**{event[0]: event[1]})
        plant.step()
    assert plant.arms == 0


def test_with_the_latch_seen_open_it_arms() -> None:
    plant = Guarded()
    plant.fly_to(P.CLIMBING)
    assert plant.arms == 1


@pytest.mark.parametrize("latch", NOT_OPEN, ids=str)
def test_a_latch_lost_between_its_release_and_arming_stops_the_launch(latch: dict[str, Any]) -> None:
    plant = Guarded()
    plant.deaf = {ask.SelectHold}
    plant.change(mode=Mode.HOLD)
    plant.fly_to(P.ARMING)
    plant.latch_follows = False
    plant.change(**latch)
    plant.run(10.0)
    assert plant.arms == 0 and plant.phase in (P.SECURING, P.SECURED, P.GROUNDED)


def test_an_abort_while_arming_waits_for_a_heartbeat_from_afterwards() -> None:
    """The request to arm is on its way, and the newest heartbeat still says disarmed."""
    plant = Guarded()
    plant.deaf = {ask.Arm, ask.Disarm}
    plant.fly_to(P.ARMING)
    for _ in range(100):
        if plant.arms:
            break
        plant.step()
    plant.order(Verb.ABORT)
    for tenth in range(9):  # the heartbeat from before arming grows older
        plant.change(heartbeat_age_s=0.3 + tenth * STEP_S)
        plant.step()
        assert plant.asks(LatchRequest.KEEP)
    plant.change(armed=True, heartbeat_age_s=0.0)
    plant.step()
    assert ask.Disarm() in plant.requests
    plant.change(armed=False, heartbeat_age_s=0.0)
    plant.run(2.0)
    assert plant.is_in(P.SECURED)


def test_armed_again_by_somebody_else_before_the_latch_is_closed() -> None:
    plant = Guarded()
    plant.fly_to(P.LANDING)
    plant.latch_follows = False
    plant.run(1.0)
    assert plant.asks(LatchRequest.CLOSE)
    plant.change(armed=True)
    plant.step()
    assert plant.asks(LatchRequest.KEEP)
    assert plant.requests[-1] == ask.Disarm()


@pytest.mark.parametrize("phase", sorted(FLYING | {P.CLIMBING}))
def test_a_failsafe_is_yielded_to_and_nothing_more_is_said(phase: Phase) -> None:
    plant = Guarded()
    plant.fly_to(phase)
    plant.deaf = {ask.Land, ask.Takeoff}
    plant.change(failsafe=True, landed=Landed.IN_AIR, armed=True, position=place(up_m=15.0))
    before = len(plant.requests)
    plant.run(5.0)
    assert plant.is_in(P.YIELDED)
    assert not [r for r in plant.requests[before:] if isinstance(r, MODE_CHANGING)]
    plant.order(Verb.RETURN)
    plant.run(1.0)
    assert [r for r in plant.requests[before:] if isinstance(r, MODE_CHANGING)], "unless the officer says so"


def test_home_follows_in_a_failsafe() -> None:
    plant = Guarded()
    plant.fly_to(P.YIELDED)
    plant.change(failsafe=True, pad=place(30.0))
    plant.run(3.0)
    assert [r for r in plant.requests if isinstance(r, ask.SetHome)]


def test_a_new_failsafe_after_the_officers_override_counts_again() -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.change(failsafe=True, mode=Mode.RETURN)
    plant.run(1.0)
    plant.order(Verb.HOLD)
    plant.run(1.0)
    assert plant.is_in(P.HOLDING)
    plant.change(failsafe=False)
    plant.run(1.0)
    plant.change(failsafe=True)
    plant.run(1.0)
    assert plant.is_in(P.YIELDED)


@pytest.mark.parametrize("mode", [Mode.POSITION, Mode.OFFBOARD, Mode.MISSION, Mode.UNKNOWN_MODE, Mode.LAND], ids=str)
def test_a_mode_that_nobody_here_asked_for_is_somebody_elses(mode: Mode) -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.run(1.0)
    before = len(plant.requests)
    plant.change(mode=mode)
    plant.conductor.update(plant.now_s + STEP_S, plant.view)
    assert plant.is_in(P.YIELDED) and len(plant.requests) == before


@pytest.mark.parametrize("phase", [P.TRANSIT, P.SURVEYING, P.HOLDING, P.RETURNING, P.LANDING])
@pytest.mark.parametrize("mode", [Mode.POSITION, Mode.MISSION, Mode.OFFBOARD], ids=str)
def test_another_pilot_is_noticed_before_a_mode_of_ours_was_ever_seen(phase: Phase, mode: Mode) -> None:
    """He changed it just after our request, or instead of it."""
    plant = Guarded()
    plant.fly_to(phase)
    plant.deaf = {ask.Reposition, ask.FlyOrbit, ask.Hold, ask.Land}
    plant.change(mode=mode)
    plant.step()
    assert plant.is_in(P.YIELDED)


def test_a_mode_that_our_request_replaced_at_once_is_noticed_too() -> None:
    """Both came between two rounds: the newest mode is ours again."""
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.run(1.0)
    plant.change(mode=Mode.LAND)
    plant.change(mode=Mode.ORBIT)
    plant.step()
    assert plant.is_in(P.YIELDED)
    assert "mode land was not asked for here" in plant.conductor.reason
    assert "mode orbit is flown" in plant.conductor.reason


def test_a_mode_of_the_request_before_that_comes_late_is_ours() -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.deaf = {ask.Hold, ask.Land}
    plant.order(Verb.HOLD)
    plant.step()
    plant.order(Verb.LAND)
    plant.step()
    plant.change(mode=Mode.HOLD)
    plant.step()
    assert plant.is_in(P.LANDING)
    plant.run(4.0)
    plant.change(mode=Mode.ORBIT)
    plant.step()
    assert plant.is_in(P.YIELDED)


def test_a_hold_by_another_pilot_stops_px4s_own_return_for_good() -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.order(Verb.ABORT)
    plant.run(5.0)
    assert plant.is_in(P.RETURNING) and plant.aircraft.mode is Mode.RETURN
    plant.change(mode=Mode.HOLD)
    plant.step()
    assert plant.is_in(P.YIELDED)


@pytest.mark.parametrize(
    ("mode", "phase"), [(Mode.HOLD, P.RETURNING), (Mode.ORBIT, P.RETURNING), (Mode.POSITION, P.YIELDED), (None, P.YIELDED)]
)
def test_found_airborne_at_the_start(mode: Mode | None, phase: Phase) -> None:
    plant = Guarded()
    plant.change(armed=True, landed=Landed.IN_AIR, position=place(up_m=30.0), mode=mode)
    plant.step()
    assert plant.phase is phase


def test_airborne_later_and_not_by_us_is_somebody_else() -> None:
    plant = Guarded()
    plant.stow()
    plant.run(6.0)
    plant.change(armed=True, landed=Landed.IN_AIR, position=place(up_m=30.0))
    plant.step()
    assert plant.is_in(P.YIELDED)
    plant.change(armed=False, landed=Landed.ON_GROUND)
    plant.run(1.0)
    assert plant.phase in (P.SECURING, P.SECURED)


def test_the_battery_and_the_clock_end_a_flight() -> None:
    for change, says in (({"battery_percent": 29.0}, "the battery is at 29 %"), ({}, "it has flown for 60 s")):
        plant = Guarded()
        plant.stow()
        plant.order(Verb.LAUNCH, mission_yaml=MISSION_YAML.replace("laps: 1", "duration_s: 10") + "ends: {flight_time_s: 70}")
        for _ in range(500):
            if plant.is_in(P.SURVEYING):
                break
            plant.step()
        plant.order(Verb.HOLD)
        plant.change(**change)
        plant.run(75.0 if not change else 1.0)
        told = [sentence for done in plant.rounds for _, sentence in done.events]
        assert any(says in sentence or "it has flown for 70 s" in sentence for sentence in told)
        assert plant.phase not in (P.HOLDING, P.SURVEYING)


def test_a_land_detector_that_is_wrong_for_a_moment_does_not_end_a_hold() -> None:
    """The limit was told, and the hold ordered in its knowledge: it is the same flight."""
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.change(battery_percent=29.0)
    plant.step()
    assert plant.is_in(P.RETURNING)
    plant.order(Verb.HOLD)
    plant.run(1.0)
    plant.change(landed=Landed.ON_GROUND)
    plant.step()
    plant.change(landed=Landed.IN_AIR)
    plant.run(1.0)
    assert plant.is_in(P.HOLDING)


@pytest.mark.parametrize(("height_m", "phase"), [(0.2, P.LANDING), (6.0, P.CLIMBING)])
def test_a_vehicle_that_drives_under_a_stuck_seat_sensor_does_not_bring_a_climbing_aircraft_down(
    height_m: float, phase: Phase
) -> None:
    plant = Guarded()
    plant.deaf = {ask.Takeoff, ask.Land}
    plant.fly_to(P.CLIMBING)
    plant.step()
    plant.change(mode=Mode.TAKEOFF, landed=Landed.TAKING_OFF, position=place(up_m=height_m), speed_m_s=4.0)
    plant.step()
    assert plant.phase is phase


def test_a_take_off_that_lands_for_a_driving_vehicle_and_has_just_left_it_does_not_land_on_the_street() -> None:
    plant = Guarded()
    plant.deaf = {ask.Takeoff, ask.Land}
    plant.fly_to(P.CLIMBING)
    plant.step()
    plant.change(mode=Mode.TAKEOFF, landed=Landed.TAKING_OFF, position=place(up_m=0.3), speed_m_s=4.0)
    plant.step()
    assert plant.is_in(P.LANDING)
    plant.change(latch=open_latch(seated=False), pad=place(3.0), stopped_s=0.0)
    plant.run(0.3)
    assert plant.is_in(P.RETURNING)


def test_an_order_is_obeyed_once_and_answered_each_time() -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    hold = command(Verb.HOLD, 7)
    for _ in range(5):
        plant.conductor.order(hold, 0.0, plant.now_s, plant.view)
        plant.step()
    assert [type(r) for r in plant.requests].count(ask.Hold) == 1
    replies = [r for done in plant.rounds for r in done.replies if r.command_id == hold.id]
    assert len(replies) >= 5 and {r.stage for r in replies} == {Stage.ACCEPTED, Stage.DONE}
    plant.order(Verb.RETURN)
    plant.step()
    before = plant.phase
    plant.conductor.order(hold, 0.0, plant.now_s, plant.view)
    plant.step()
    assert plant.phase is before, "a repeat that comes late is answered, not obeyed"


@pytest.mark.parametrize(
    ("now_ground_s", "says"),
    [
        (None, "the vehicle's clock is not known yet"),
        (14.0, "the order is 4.0 s old and has expired"),
        (9.0, "the clocks do not agree"),
    ],
)
def test_orders_out_of_their_time_are_refused(now_ground_s: float | None, says: str) -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.conductor.order(command(Verb.LAND, 1, issued_s=10.0, expires_s=13.0), now_ground_s, plant.now_s, plant.view)
    (reply,) = plant.step().replies
    assert reply.stage is Stage.REFUSED and says in reply.sentence
    assert plant.is_in(P.SURVEYING)


@pytest.mark.parametrize(("life_s", "taken"), [(3.0, True), (30.0, True), (30.1, False), (1e6, False), (-1.0, True)])
def test_no_order_lives_for_ever(life_s: float, taken: bool) -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    given = command(Verb.HOLD, 1, issued_s=10.0, expires_s=10.0 + life_s)
    plant.conductor.order(given, 9.5, plant.now_s, plant.view)
    first = plant.step().replies[0]
    assert (first.stage is Stage.ACCEPTED) is taken
    if not taken:
        assert "hold refused: the order would stay valid for" in first.sentence
        assert "30 s is the most" in first.sentence and plant.is_in(P.SURVEYING)


def test_an_id_used_for_another_order_is_refused_and_said() -> None:
    plant = Guarded()
    plant.fly_to(P.SURVEYING)
    plant.conductor.order(command(Verb.HOLD, 1, id="the-same-id"), 0.0, plant.now_s, plant.view)
    plant.step()
    plant.conductor.order(command(Verb.ABORT, 1, id="the-same-id"), 0.0, plant.now_s, plant.view)
    assert "its id was used for another order" in next(r.sentence for r in plant.step().replies)


def test_a_whole_flight_in_its_order() -> None:
    plant = Guarded()
    plant.stow()
    launch = plant.order(Verb.LAUNCH)
    plant.run(40.0)
    phases = [Phase(s.partition(":")[0]) for done in plant.rounds for kind, s in done.events if kind == "phase"]
    assert phases == [
        P.STOWED,
        P.CHECKING, P.RELEASING, P.ARMING, P.CLIMBING, P.TRANSIT, P.SURVEYING, P.RETURNING, P.LANDING, P.SECURING, P.SECURED,
    ]  # fmt: skip
    kinds = [type(request).__name__ for request in plant.requests]
    assert list(dict.fromkeys(kinds)) == [
        "ReadParameters", "SelectHold", "ClearMission", "Arm", "Takeoff", "Reposition", "FlyOrbit", "Land",
    ]  # fmt: skip
    assert kinds.count("FlyOrbit") == kinds.count("Arm") == kinds.count("Takeoff") == 1
    assert [r.stage for done in plant.rounds for r in done.replies if r.command_id == launch] == [Stage.ACCEPTED, Stage.DONE]
