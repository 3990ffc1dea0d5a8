"""What stands against a launch, where a flight cannot be brought into it."""

from __future__ import annotations

from dataclasses import replace

import pytest

from missions import parse
from missions.view import View
from onboard.flight.checks import problems
from onboard.flight.envelope import Limits
from tests.sitl.lockstep.harness import SHORT
from tests.unit.flight.build import aircraft, vehicle


@pytest.mark.parametrize(("percent", "enough"), [(61.0, False), (89.0, False), (91.0, True), (None, False)])
def test_a_battery_that_the_mission_would_end_at_once(percent: float | None, enough: bool) -> None:
    view = View(replace(aircraft(), battery_percent=percent), vehicle())
    found = problems(view, parse(SHORT + "ends: {battery_percent: 80}\n"), Limits(), 1.0)
    told = [sentence for sentence in found if "battery" in sentence]
    assert (told == []) is enough, found
    if percent == 61.0:
        assert told == ["the battery has 61 %, mission short needs 90 %"]
