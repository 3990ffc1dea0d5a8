"""Did it go as the mission says? The phases, from the launch on."""

from __future__ import annotations

import pytest

from missions import load
from sitl.fly import DEFAULT_MISSION
from sitl.options import HOME
from sitl.report.judge import NARRATIVE, as_expected, verdict
from sitl.report.record import FlightRecord, PhaseSpan
from sitl.scenario.model import Expect
from wire import geo
from wire.geo import Ned
from wire.messages import Phase, WorldState


def phases_wrong(*phases: Phase, drove_m: float = 0.0) -> bool:
    record = FlightRecord(phases=[PhaseSpan(phase, float(index), "why") for index, phase in enumerate(phases)])
    for north_m in (0.0, drove_m):
        place = geo.offset(HOME, Ned(north_m, 0.0, 0.0))
        record.world(WorldState(sent_s=0.0, vehicle=place, aircraft=place, vehicle_heading_rad=0.0, seated=True, actors=[]))
    return any(sentence.startswith("the phases were") for sentence in verdict(record, load(DEFAULT_MISSION)))


def test_the_whole_narrative_is_right_whatever_was_before_the_launch() -> None:
    assert not phases_wrong(*NARRATIVE)
    assert not phases_wrong(Phase.GROUNDED, Phase.STOWED, *NARRATIVE, Phase.STOWED)


@pytest.mark.parametrize("left_out", NARRATIVE)
def test_a_phase_that_is_missing_is_told(left_out: Phase) -> None:
    assert phases_wrong(*(phase for phase in NARRATIVE if phase is not left_out))


def test_an_interruption_is_told() -> None:
    assert phases_wrong(*NARRATIVE[:6], Phase.HOLDING, *NARRATIVE[6:])
    assert phases_wrong()


def test_a_landing_broken_off_for_a_vehicle_that_drives_away_is_as_it_should_be() -> None:
    again = (*NARRATIVE[:8], *NARRATIVE[6:8], *NARRATIVE[6:])
    assert not phases_wrong(*again, drove_m=30.0)
    assert phases_wrong(*again)
    assert phases_wrong(*NARRATIVE[:8], *NARRATIVE[8:], *NARRATIVE[6:], drove_m=30.0)
    assert phases_wrong(*NARRATIVE[:8], *NARRATIVE[7:], drove_m=30.0)


def surprises(expect: Expect, *phases: Phase) -> list[str]:
    record = FlightRecord(phases=[PhaseSpan(phase, float(index), "why") for index, phase in enumerate(phases)])
    return as_expected(record, expect)


def test_a_scenarios_expectation_is_met_by_its_phases_in_order_and_its_end() -> None:
    expect = Expect(through=(Phase.SURVEYING, Phase.YIELDED), never=(Phase.LANDING,), end=("secured", "grounded"))
    flown = (Phase.STOWED, Phase.CHECKING, Phase.SURVEYING, Phase.HOLDING, Phase.YIELDED, Phase.SECURING)
    assert surprises(expect, *flown, Phase.SECURED) == [] == surprises(expect, *flown, Phase.GROUNDED)
    assert surprises(expect, *flown) == ["it ended securing, not secured or grounded: why"]
    (missing,) = surprises(expect, Phase.CHECKING, Phase.YIELDED, Phase.SURVEYING, Phase.SECURED)
    assert missing.startswith("it did not come to yielded where that was expected; the phases were checking → yielded")
    assert surprises(expect, *flown, Phase.LANDING, Phase.SECURED) == ["it came to landing, which was not to be"]
    assert surprises(Expect(end="secured")) == ["it ended before the launch, not secured"]


def test_what_was_before_the_launch_meets_no_expectation() -> None:
    expect = Expect(through=(Phase.YIELDED,), end="secured")
    assert surprises(expect, Phase.YIELDED, Phase.CHECKING, Phase.SECURED)
