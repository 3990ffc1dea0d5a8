"""Arming and modes, over all modes."""

from __future__ import annotations

import math

import pytest

from sitl.autopilot.commander.commander import Commander
from sitl.autopilot.commander.modes import (
    EXTERNAL,
    MANUAL_MODES,
    PREVENTS_ARMING,
    Mode,
    available_modes,
    base_mode,
    custom_mode,
    mode_of,
)
from sitl.autopilot.parameters import Parameters
from tests.unit.autopilot.harness import HOME, NAN, Companion

NOT_WITHOUT_MORE = MANUAL_MODES | EXTERNAL | {Mode.MISSION, Mode.OFFBOARD}


def healthy() -> Commander:
    commander = Commander(Parameters())
    commander.healthy = True
    return commander


@pytest.mark.parametrize("mode", list(Mode))
def test_arming_in_every_mode(mode: Mode) -> None:
    commander = healthy()
    commander.set_mode(mode)
    armed, said = commander.arm(10.0)
    assert armed is commander.armed is (mode not in PREVENTS_ARMING | NOT_WITHOUT_MORE)
    assert len(said) == 1
    unhealthy = Commander(Parameters())
    unhealthy.set_mode(mode)
    assert unhealthy.arm(10.0)[0] is False


@pytest.mark.parametrize("mode", list(Mode))
def test_mode_changes_in_the_air(mode: Mode) -> None:
    commander = healthy()
    commander.arm(10.0)
    assert commander.set_mode(mode) is (mode not in NOT_WITHOUT_MORE)


@pytest.mark.parametrize("mode", list(Mode))
def test_after_landing_the_mode_is_one_that_can_arm(mode: Mode) -> None:
    commander = healthy()
    commander.arm(10.0)
    commander.set_mode(Mode.TAKEOFF)
    commander.set_mode(mode, force=True)
    commander.update(12.0, landed=False)
    commander.update(20.0, landed=True)
    assert commander.armed
    (text,) = commander.update(22.1, landed=True)
    assert text.words == "Disarmed by landing\t"
    assert commander.user_mode is (Mode.TAKEOFF if mode in PREVENTS_ARMING else mode)


def test_without_take_off_it_disarms_after_eleven_seconds() -> None:
    commander = healthy()
    commander.arm(10.0)
    assert commander.update(21.1, landed=True) == []
    assert [text.words for text in commander.update(21.3, landed=True)] == ["Disarmed by auto preflight disarming\t"]


def test_termination_lasts() -> None:
    commander = healthy()
    assert not commander.terminate()
    commander.arm(10.0)
    assert commander.terminate()
    assert not commander.set_mode(Mode.LOITER)
    commander.disarm(landed=True, force=False)
    assert not commander.arm(50.0)[0]


@pytest.mark.parametrize(
    ("mode", "armed", "base", "custom"),
    [
        (Mode.LOITER, False, 29, 0x03040000),
        (Mode.LOITER, True, 157, 0x03040000),
        (Mode.TAKEOFF, True, 157, 0x02040000),
        (Mode.MISSION, True, 157, 0x04040000),
        (Mode.RETURN, True, 157, 0x05040000),
        (Mode.LAND, True, 157, 0x06040000),
        (Mode.DESCEND, True, 157, 0x06040000),
        (Mode.PRECISION_LAND, True, 157, 0x09040000),
        (Mode.ORBIT, False, 17, 0x01030000),
        (Mode.ORBIT, True, 145, 0x01030000),
        (Mode.OFFBOARD, True, 145, 0x00060000),
        (Mode.POSITION, False, 81, 0x00030000),
        (Mode.POSITION, True, 209, 0x00030000),
        (Mode.TERMINATION, True, 129, 0x000A0000),
    ],
)
def test_modes_on_the_wire(mode: Mode, armed: bool, base: int, custom: int) -> None:
    assert base_mode(mode, armed=armed) == base
    assert custom_mode(mode) == custom


def test_modes_from_the_wire() -> None:
    for mode in Mode:
        main, sub = custom_mode(mode) >> 16 & 0xFF, custom_mode(mode) >> 24
        others = {Mode.DESCEND: Mode.LAND, Mode.ORBIT: Mode.POSITION, Mode.TERMINATION: None, Mode.VTOL_TAKEOFF: None}
        assert mode_of(main, sub) is others.get(mode, mode)
    assert mode_of(4, 0) is Mode.MISSION
    assert mode_of(99, 0) is None
    assert mode_of(4, 99) is None
    assert len(available_modes()) == 25


# In flight


def airborne() -> Companion:
    companion = Companion()
    companion.run(5.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 45.0)
    companion.long(400, 1.0)
    companion.run(18.0)
    return companion


def test_take_off_without_an_altitude_uses_the_default() -> None:
    companion = Companion()
    companion.gcs = True
    companion.run(5.0)
    companion.long(400, 1.0)
    companion.run(1.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, NAN)
    companion.run(14.0)
    assert "Using default takeoff altitude: 2.5 m\t" in [text for _, _, text in companion.texts]
    assert -companion.track[-1][3] == pytest.approx(2.5, abs=1.2)


def test_take_off_to_below_is_refused_by_words_and_holds() -> None:
    companion = airborne()
    companion.gcs = True
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 40.0)
    companion.run(3.0)
    assert (2, "Already higher than takeoff altitude\t") in [text[1:] for text in companion.texts]
    assert companion.state("mode") == "4.3"
    assert companion.track[-1][3] == pytest.approx(-10.0, abs=1.5)


def test_take_off_to_0_0_flies_there() -> None:
    companion = airborne()
    companion.long(22, NAN, 0.0, 0.0, NAN, 0.0, 0.0, 60.0)
    companion.run(12.0)
    assert companion.track[-1][1] < -15.0


def test_offboard_is_refused_without_setpoints() -> None:
    companion = airborne()
    companion.long(176, 1.0, 6.0)
    companion.run(1.0)
    assert [ack[1:] for ack in companion.acks[-2:]] == [(176, 0), (176, 1)]
    assert companion.state("mode") == "4.3"


def test_an_unknown_mode_is_accepted_and_ignored() -> None:
    companion = airborne()
    companion.long(176, 1.0, 99.0)
    companion.run(1.5)
    assert [ack[1:] for ack in companion.acks[-2:]] == [(176, 0), (176, 0)]
    assert companion.state("mode") == "4.3"


def test_orbit_altitude_is_amsl_whatever_the_frame() -> None:
    companion = airborne()
    companion.int(34, [10.0, 3.0, 0.0, 0.0], (488584000, 22945000, 42.0), frame=3)
    companion.run(12.0)
    assert companion.track[-1][3] == pytest.approx(-7.0, abs=1.3)


def test_an_orbit_sent_again_is_flown_on_and_another_one_approached() -> None:
    companion = airborne()
    circle = (34, [20.0, 5.0, 0.0, 0.0], (488584000, 22945000, 45.0))
    companion.int(*circle)
    companion.run(25.0)
    assert companion.track[-1][4] > 3.0
    companion.int(*circle)
    begun_s = companion.now_s
    companion.run(6.0)
    assert min(point[4] for point in companion.track if point[0] > begun_s) > 3.0
    companion.int(34, [30.0, 5.0, 0.0, 0.0], circle[2])
    begun_s = companion.now_s
    companion.run(12.0)
    assert min(point[4] for point in companion.track if point[0] > begun_s) < 2.5
    assert companion.track[-1][4] > 3.0
    assert math.hypot(*companion.track[-1][1:3]) == pytest.approx(30.0, abs=2.0)


def test_braking_leaves_an_orbit() -> None:
    companion = airborne()
    companion.int(34, [10.0, 3.0, 0.0, 0.0], (488584000, 22945000, 45.0))
    companion.run(15.0)
    assert companion.state("mode") == "3.1"
    companion.int(192, [NAN, 1.0, 0.0, NAN], (2147483647, 2147483647, NAN))
    companion.run(6.0)
    assert companion.state("mode") == "4.3"
    assert companion.track[-1][4] < 0.5


def test_altitude_and_home_can_be_commanded() -> None:
    companion = airborne()
    companion.long(186, 52.0, 1.0)
    companion.int(179, [0.0, 0.0, 0.0, NAN], (488600000, 22950000, 40.0))
    companion.run(10.0)
    assert companion.track[-1][3] == pytest.approx(-17.0, abs=1.2)
    home = companion.state("home")
    assert home == (48.86, 2.295, 40.0)
    companion.long(176, 1.0, 4.0, 6.0)
    companion.run(40.0)
    assert companion.state("armed") is False
    companion.long(400, 1.0)
    companion.run(3.0)
    assert companion.state("home") == home, "a home set by command is kept"
    companion.long(179, 1.0)
    companion.run(3.0)
    assert companion.state("home") == pytest.approx((HOME.latitude_deg, HOME.longitude_deg, HOME.altitude_amsl_m), abs=1.5)


def test_a_forced_disarm_in_the_air_lets_it_fall() -> None:
    companion = airborne()
    companion.long(400, 0.0)
    companion.run(0.5)
    assert companion.acks[-1][1:] == (400, 1)
    companion.long(400, 0.0, 21196.0)
    companion.run(0.5)
    assert companion.acks[-1][1:] == (400, 0)
    assert companion.state("landed_state") == 1
    companion.run(4.0)
    assert companion.autopilot.pilot.flight.body.on_ground
