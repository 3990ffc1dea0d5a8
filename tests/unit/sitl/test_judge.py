"""Did it go as the mission says? The phases, from the launch on."""

from __future__ import annotations

import pytest

from missions import load
from sitl.fly import DEFAULT_MISSION
from sitl.judge import NARRATIVE, verdict
from sitl.record import FlightRecord, PhaseSpan
from wire.messages import Phase


def phases_wrong(*phases: Phase) -> bool:
    record = FlightRecord(phases=[PhaseSpan(phase, float(index), "why") for index, phase in enumerate(phases)])
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
