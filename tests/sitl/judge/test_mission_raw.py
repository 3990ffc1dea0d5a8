"""MAVSDK's MissionRaw plugin: a plan of QGroundControl with mission, fence and rally points, there and back."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from mavsdk.asyncio.plugins.mission_raw import MissionItem, MissionRawError, MissionRawResult
from mavsdk.asyncio.plugins.telemetry import FlightMode

from sitl.options import HOME
from tests.sitl.judge.drone import Drone, eventually, until
from wire import geo

pytestmark = pytest.mark.slow

FIELDS = ("seq", "command", "x", "y", "mission_type")
"""What PX4 gives back as it got it: its frames are those of the integer messages."""


def place(middle: geo.Position, north_m: float, east_m: float) -> list[float]:
    return list(geo.offset(middle, geo.Ned(north_m, east_m, 0.0))[:2])


def simple(number: int, command: int, params: list[float | None], frame: int = 3) -> dict[str, object]:
    return {
        "type": "SimpleItem",
        "autoContinue": True,
        "command": command,
        "doJumpId": number,
        "frame": frame,
        "params": params,
    }


def plan(here: geo.Position) -> str:
    """As QGroundControl saves it: up, two places, back; a fence around, a hole in it, one rally point."""
    around = [place(here, north, east) for north, east in ((80, -80), (80, 80), (-80, 80), (-80, -80))]
    mission = {
        "version": 2,
        "firmwareType": 12,
        "vehicleType": 2,
        "cruiseSpeed": 15,
        "hoverSpeed": 5,
        "plannedHomePosition": [*here],
        "items": [
            simple(1, 22, [15, 0, 0, None, *place(here, 0, 0), 8]),
            simple(2, 16, [0, 0, 0, None, *place(here, 10, 0), 8]),
            simple(3, 16, [0, 0, 0, None, *place(here, 10, 10), 8]),
            simple(4, 20, [0, 0, 0, 0, 0, 0, 0], frame=2),
        ],
    }
    fence = {
        "version": 2,
        "polygons": [{"version": 1, "inclusion": True, "polygon": around}],
        "circles": [{"version": 1, "inclusion": False, "circle": {"center": place(here, 60, 60), "radius": 10}}],
    }
    whole = {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "QGroundControl",
        "mission": mission,
        "geoFence": fence,
        "rallyPoints": {"version": 2, "points": [[*place(here, -20, 0), 8]]},
    }
    return json.dumps(whole)


def same(mine: list[MissionItem], its: list[MissionItem]) -> None:
    assert [[getattr(each, name) for name in FIELDS] for each in mine] == [
        [getattr(each, name) for name in FIELDS] for each in its
    ]


async def test_a_plan_goes_up_and_comes_down(drone: Drone, tmp_path: Path) -> None:
    file = tmp_path / "survey.plan"
    file.write_text(plan(await drone.here()), encoding="utf-8")
    got = await drone.mission_raw.import_qgroundcontrol_mission(str(file))
    assert [len(each) for each in (got.mission_items, got.geofence_items, got.rally_items)] == [4, 5, 1]
    await drone.mission_raw.upload_geofence(got.geofence_items)
    await drone.mission_raw.upload_rally_points(got.rally_items)
    await drone.mission_raw.upload_mission(got.mission_items)
    same(got.mission_items, await drone.mission_raw.download_mission())
    same(got.geofence_items, await drone.mission_raw.download_geofence())
    same(got.rally_items, await drone.mission_raw.download_rallypoints())
    await drone.geofence.clear_geofence()


@pytest.mark.slow
async def test_a_plan_flies(drone: Drone) -> None:
    got = await drone.mission_raw.import_qgroundcontrol_mission_from_string(plan(await drone.here()))
    await drone.mission_raw.upload_geofence(got.geofence_items)
    await drone.mission_raw.upload_rally_points(got.rally_items)
    await drone.mission_raw.upload_mission(got.mission_items)
    await drone.action.arm()
    await eventually(lambda: started(drone), lambda seen: seen, "the mission being fit to fly")
    await until(drone.mission_raw.subscribe_mission_progress(), lambda seen: seen.current >= 2, "the second place")
    await drone.in_mode(FlightMode.RETURN_TO_LAUNCH)
    await drone.down()
    await drone.geofence.clear_geofence()


async def started(drone: Drone) -> bool:
    """PX4 checks a mission against its fence a moment after both came; until then it says yes to the start, and stays."""
    await drone.mission_raw.start_mission()
    modes = drone.telemetry.subscribe_flight_mode()
    seen = [await anext(modes) for _ in range(3)]
    await modes.aclose()
    return bool(seen[-1] == FlightMode.MISSION)


async def test_a_new_mission_is_told_of(drone: Drone) -> None:
    items = (await drone.mission_raw.import_qgroundcontrol_mission_from_string(plan(HOME))).mission_items
    async with asyncio.TaskGroup() as group:
        group.create_task(until(drone.mission_raw.subscribe_mission_changed(), lambda seen: seen is True, "being told"))
        await asyncio.sleep(0.2)
        await drone.mission_raw.upload_mission(items)


async def test_wrong_items_are_refused(drone: Drone) -> None:
    items = (await drone.mission_raw.import_qgroundcontrol_mission_from_string(plan(HOME))).mission_items
    items[1].command = 31999
    with pytest.raises(MissionRawError) as refused:
        await drone.mission_raw.upload_mission(items)
    assert refused.value.result == MissionRawResult.UNSUPPORTED


async def test_nothing_stored(drone: Drone) -> None:
    await drone.mission_raw.clear_mission()
    await until(drone.mission_raw.subscribe_mission_progress(), lambda seen: seen.total <= 0, "an empty mission")
