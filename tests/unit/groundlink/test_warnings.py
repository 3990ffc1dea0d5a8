"""Each trouble is warned of, alone and in words; and nothing is when all is well."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from groundlink.link.warnings import Known, warnings
from tests.unit.groundlink.build import aircraft, latch, vehicle, video, vision
from wire.messages import Phase


def known(**changes: Any) -> Known:
    fields: dict[str, Any] = {
        "aircraft": aircraft(),
        "aircraft_age_s": 0.1,
        "vehicle": vehicle(),
        "vision": vision(),
        "vision_age_s": 0.5,
        "video": video(),
    }
    return Known(**(fields | changes))


def flying(**changes: Any) -> dict[str, Any]:
    return {"aircraft": aircraft(**({"armed": True, "phase": Phase.SURVEYING} | changes))}


def test_all_is_well() -> None:
    assert warnings(known()) == []
    assert warnings(known(**flying())) == []


@pytest.mark.parametrize(
    ("changes", "word"),
    [
        ({"aircraft": None, "aircraft_age_s": None}, "has not been heard since"),
        ({"aircraft_age_s": 1.1}, "the link is lost"),
        (flying(uplink_age_s=None), "does not hear the vehicle"),
        (flying(uplink_age_s=1.2), "does not hear the vehicle"),
        (flying(failsafe=True), "failsafe"),
        (flying(failsafe=True, phase=Phase.YIELDED), "failsafe"),
        (flying(phase=Phase.YIELDED), "somebody else flies"),
        (flying(other_ground_station=True), "another ground station"),
        (flying(phase=Phase.GROUNDED, reason="go and look"), "not secured on the roof: go and look"),
        (flying(autopilot_age_s=None), "autopilot has not been heard"),
        (flying(autopilot_age_s=2.1), "autopilot is silent"),
        (flying(battery_percent=24.9), "battery is low"),
        ({"vehicle": vehicle(position=None)}, "position is not known"),
        ({"vehicle": vehicle(latch=None)}, "latch has not been heard"),
        ({"vehicle": vehicle(latch_age_s=1.5)}, "latch is silent"),
        ({"vehicle": vehicle(latch=latch(valid=False))}, "contradict"),
        ({"latch_stuck": "the latch was told to open and is not seen there"}, "told to open"),
        ({"vision": None, "vision_age_s": None} | flying(vision_age_s=None), "vision is silent"),
        ({"vision_age_s": 3.5} | flying(vision_age_s=4.0), "vision is silent"),
        ({"vision_age_s": 3.5} | flying(vision_age_s=0.5), "the camera itself works"),
        ({"vision": vision(camera_valid=False, reason="the lens is capped")}, "the lens is capped"),
        ({"vision": vision(landing_reason="no frame for 3 s")}, "the landing camera does not see, it will land by position"),
        ({"video": video(reason="the disk is full")}, "the disk is full"),
        ({"log_trouble": "the log cannot be written"}, "the log cannot be written"),
        ({"wire_errors": ["topic state came in wire version 2"]}, "wire version 2"),
    ],
)
def test_one_trouble_one_warning(changes: dict[str, Any], word: str) -> None:
    found = warnings(known(**changes))
    assert len(found) == 1 if changes.get("aircraft", 1) is not None else len(found) >= 1
    assert word in found[0]


def test_the_limits_themselves_are_still_well() -> None:
    state = aircraft(uplink_age_s=1.0, autopilot_age_s=2.0, battery_percent=25.0, vision_age_s=3.0)
    assert warnings(known(aircraft=state, aircraft_age_s=1.0, vehicle=vehicle(latch_age_s=1.0), vision_age_s=3.0)) == []


def test_a_lost_link_to_a_flying_aircraft_says_that_it_comes_home() -> None:
    assert "comes back by itself" in warnings(known(aircraft_age_s=5.0, **flying()))[0]
    assert "comes back by itself" not in warnings(known(aircraft_age_s=5.0))[0]


def test_everything_at_once_stays_within_a_sentence_each() -> None:
    worst = flying(failsafe=True, other_ground_station=True, autopilot_age_s=None, battery_percent=1.0)
    found = warnings(known(vehicle=vehicle(position=None, latch=None), vision=None, wire_errors=["x" * 999], **worst))
    assert len(found) == 8
    assert max(len(sentence) for sentence in found) == 400
    msgspec.convert(found, list[str])
