"""Failsafes: alone, over all conditions and modes, and in flight."""

from __future__ import annotations

import itertools

import pytest

from sitl.autopilot.body.battery import Charge
from sitl.autopilot.commander.failsafe import Action, Conditions, Failsafe
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling import texts
from tests.unit.autopilot.harness import NAN, Companion

DT_S = 0.1
RETURNING = {"NAV_DLL_ACT": 2.0, "COM_DL_LOSS_T": 5.0}


def run(
    failsafe: Failsafe, conditions: Conditions, seconds: float, mode: Mode = Mode.ORBIT, *, commanded: bool = False
) -> list[str]:
    """What is said while the conditions last; `commanded` is a change of mode at the beginning."""
    said = []
    for step in range(round(seconds / DT_S)):
        said += failsafe.update(conditions, mode, DT_S, mode_commanded=commanded and step == 0)
    return [text.words for text in said]


def action(failsafe: Failsafe) -> Action:
    """The present action: a call, because it changes between two looks."""
    return failsafe.action


def test_a_lost_ground_station_holds_then_returns_and_its_return_changes_nothing() -> None:
    failsafe = Failsafe(Parameters(RETURNING))
    assert run(failsafe, Conditions(gcs_lost=True), 4.9) == [texts.failsafe_hold(5).words]
    assert action(failsafe) is Action.HOLD
    assert run(failsafe, Conditions(gcs_lost=True), 0.3) == [texts.FAILSAFE_ACTION.words]
    assert action(failsafe) is Action.RETURN
    run(failsafe, Conditions(), 10.0)
    assert action(failsafe) is Action.RETURN


def test_a_mode_command_takes_over_until_the_link_is_lost_anew() -> None:
    failsafe = Failsafe(Parameters(RETURNING))
    run(failsafe, Conditions(gcs_lost=True), 6.0)
    run(failsafe, Conditions(gcs_lost=True), 30.0, commanded=True)
    assert not failsafe.active
    run(failsafe, Conditions(), 1.0)
    run(failsafe, Conditions(gcs_lost=True), 1.0)
    assert failsafe.action is Action.HOLD


def test_the_first_hold_can_be_taken_over_too() -> None:
    failsafe = Failsafe(Parameters(RETURNING))
    run(failsafe, Conditions(gcs_lost=True), 1.0)
    run(failsafe, Conditions(gcs_lost=True), 10.0, commanded=True)
    assert not failsafe.active


def test_nothing_happens_without_an_action_configured() -> None:
    failsafe = Failsafe(Parameters({"NAV_DLL_ACT": 0.0}))
    assert run(failsafe, Conditions(gcs_lost=True), 10.0) == []
    assert failsafe.action is Action.NONE


@pytest.mark.parametrize(("setting", "action"), [(1, Action.HOLD), (2, Action.RETURN), (3, Action.LAND), (5, Action.TERMINATE)])
def test_the_link_action_is_the_configured_one(setting: float, action: Action) -> None:
    failsafe = Failsafe(Parameters({"NAV_DLL_ACT": setting}))
    run(failsafe, Conditions(gcs_lost=True), 6.0)
    assert failsafe.action is action


def test_the_battery_warns_then_returns_then_lands() -> None:
    failsafe = Failsafe(Parameters())
    assert run(failsafe, Conditions(charge=Charge.LOW), 5.0) == [texts.FAILSAFE_ACTION.words]
    assert action(failsafe) is Action.WARN
    assert not failsafe.active
    run(failsafe, Conditions(charge=Charge.CRITICAL), 4.0)
    assert action(failsafe) is Action.HOLD
    run(failsafe, Conditions(charge=Charge.CRITICAL), 2.0)
    assert action(failsafe) is Action.RETURN
    run(failsafe, Conditions(charge=Charge.EMERGENCY), DT_S)
    assert action(failsafe) is Action.LAND


def test_a_lost_position_descends_at_once() -> None:
    failsafe = Failsafe(Parameters())
    run(failsafe, Conditions(position_lost=True), DT_S)
    assert failsafe.action is Action.DESCEND


CONDITIONS = [Conditions(*each) for each in itertools.product((False, True), (False, True), Charge)]


@pytest.mark.parametrize("setting", [0.0, 2.0])
@pytest.mark.parametrize("mode", list(Mode))
@pytest.mark.parametrize("now", CONDITIONS)
def test_every_condition_in_every_mode(now: Conditions, mode: Mode, setting: float) -> None:
    failsafe = Failsafe(Parameters({"NAV_DLL_ACT": setting}))
    run(failsafe, now, 7.0, mode)
    if now.position_lost:
        assert failsafe.action is Action.DESCEND
    elif mode is Mode.PRECISION_LAND or (mode is Mode.LAND and now.charge is not Charge.EMERGENCY):
        assert not failsafe.active, "a landing is not interrupted"
    elif now.charge >= Charge.CRITICAL or (now.gcs_lost and setting):
        worst = Action.LAND if now.charge is Charge.EMERGENCY else Action.RETURN
        assert failsafe.action is (Action.WARN if mode is Mode.RETURN and worst is Action.RETURN else worst)
    else:
        assert failsafe.action is (Action.WARN if now.charge is Charge.LOW else Action.NONE)
    run(failsafe, now, 7.0, mode, commanded=True)
    assert failsafe.active is now.position_lost, "a command takes over all but the descent"
    run(failsafe, Conditions(), DT_S, mode)
    run(failsafe, Conditions(), DT_S, mode, commanded=True)
    assert failsafe.action is Action.NONE


# In flight


def flying(**parameters: float) -> Companion:
    companion = Companion(parameters=parameters)
    companion.gcs = True
    companion.run(5.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 50.0)
    companion.long(400, 1.0)
    companion.run(20.0)
    return companion


def orbit(companion: Companion) -> None:
    companion.int(34, [20.0, 4.0, 0.0, 0.0], (488587593, 22945000, 50.0))


def test_an_orbit_commanded_in_a_failsafe_ends_in_a_hold() -> None:
    companion = flying(**RETURNING)
    orbit(companion)
    companion.run(5.0)
    companion.gcs = False
    companion.run(15.0)
    assert (companion.state("mode"), companion.state("system_status")) == ("4.5", 5)
    orbit(companion)
    companion.run(15.0)
    assert companion.acks[-1][1:] == (34, 0)
    assert (companion.state("mode"), companion.state("system_status")) == ("4.3", 4)


def test_the_loss_is_noticed_after_the_timeout_and_up_to_two_and_a_half_seconds() -> None:
    companion = flying(**RETURNING)
    stopped_s, companion.gcs = companion.now_s, False
    companion.run(10.0)
    critical_s = next(s.t_s for s in companion.seen if s.what == "system_status" and s.now == 5)
    assert 5.0 < critical_s - stopped_s < 5.0 + 2.5 + 1.0


def test_a_silent_companion_is_only_talked_about() -> None:
    companion = flying()
    companion.alive = False
    companion.run(10.0)
    assert (2, "Connection to mission computer lost\t") in [text[1:] for text in companion.texts]
    assert (companion.state("mode"), companion.state("system_status")) == ("4.3", 4)
    companion.alive = True
    companion.run(3.0)
    assert (6, "Onboard controller regained\t") in [text[1:] for text in companion.texts]


def test_texts_of_a_draining_battery() -> None:
    companion = flying(SIM_BAT_MIN_PCT=0.0, SIM_BAT_DRAIN=40.0)
    companion.run(25.0)
    words = [text for _, severity, text in companion.texts if severity == 0]
    assert words == ["Low battery\t", "Critical battery\t", "Emergency battery level\t"]


def test_a_lost_gps_shows_at_once_and_drifts_down() -> None:
    companion = flying()
    companion.watch(24)
    companion.set_parameter("SIM_GPS_USED", 0)
    companion.run(0.2)
    assert [m.fix_type for m in companion.messages if m.get_type() == "GPS_RAW_INT"][-1] == 0
    companion.run(9.0)
    assert (companion.state("mode"), companion.state("system_status")) == ("4.6", 5)
    companion.run(2.0)
    assert companion.autopilot.pilot.flight.body.velocity_m_s.down == pytest.approx(0.7, abs=0.2)
