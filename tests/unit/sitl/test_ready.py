"""When a simulation counts as up: each part that is still missing is named."""

from __future__ import annotations

from typing import Any

import pytest

from sitl.stack.ready import missing
from tests.unit.groundlink.build import ROOF, aircraft, console, vehicle, video
from wire.messages import Phase, WorldState

TRUTH = WorldState(sent_s=1.0, aircraft=ROOF, vehicle=ROOF, vehicle_heading_rad=0.0, seated=True, actors=[], faults=[])


def test_all_is_up() -> None:
    assert missing(console(), TRUTH) == []


def test_nothing_is_up() -> None:
    assert missing(None, None) == ["groundlink"]
    assert missing(console(aircraft=None, aircraft_age_s=None), TRUTH) == ["onboard"]
    assert missing(console(aircraft_age_s=1.5), TRUTH) == ["onboard"]
    assert missing(console(), None) == ["the world"]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"phase": Phase.CHECKING}, "the aircraft at rest"),
        ({"autopilot_age_s": None}, "PX4's heartbeat"),
        ({"position": None}, "the aircraft's position"),
        ({"home": None}, "the aircraft's position"),
        ({"ready_to_arm": False}, "PX4's arming checks"),
        ({"ready_to_arm": None}, "PX4's arming checks"),
    ],
)
def test_what_the_aircraft_lacks(changes: dict[str, Any], what: str) -> None:
    assert missing(console(aircraft=aircraft(**changes)), TRUTH) == [what]


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"vehicle": vehicle(position=None)}, "the vehicle's position"),
        ({"vehicle": vehicle(latch=None)}, "the latch"),
        ({"round_trip_s": None}, "the link's clock"),
        ({"video": None}, "video"),
        ({"video": video(frames_received=0)}, "video"),
    ],
)
def test_what_the_vehicle_lacks(changes: dict[str, Any], what: str) -> None:
    assert missing(console(**changes), TRUTH) == [what]
