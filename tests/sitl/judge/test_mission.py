"""MAVSDK's Mission plugin, as its mission example uses it."""

from __future__ import annotations

import pytest
from mavsdk.asyncio.plugins.mission import MissionError, MissionItem, MissionPlan, MissionResult
from mavsdk.asyncio.plugins.telemetry import FlightMode

from sitl.options import HOME
from tests.sitl.judge.drone import Drone, eventually, place_of, until
from wire import geo

NEXT = MissionResult.NEXT
HEIGHT_M = 8.0
CORNERS = (geo.Ned(12.0, 0.0, -HEIGHT_M), geo.Ned(12.0, 12.0, -HEIGHT_M), geo.Ned(0.0, 12.0, -HEIGHT_M))


def item(corner: geo.Ned, **other: object) -> MissionItem:
    latitude_deg, longitude_deg, _ = geo.offset(HOME, corner)
    return MissionItem(latitude_deg, longitude_deg, -corner.down_m, **({"speed_m_s": 5.0, "is_fly_through": True} | other))


async def test_fly_pause_go_on_and_return(drone: Drone) -> None:
    await drone.ready()
    await drone.mission.set_return_to_launch_after_mission(False)
    await drone.mission.upload_mission(MissionPlan([item(corner) for corner in CORNERS]))
    await drone.action.arm()
    await drone.mission.start_mission()
    await until(drone.mission.subscribe_mission_progress(), lambda seen: seen.current >= 1, "the first corner")

    await drone.mission.pause_mission()
    await drone.in_mode(FlightMode.HOLD)
    await until(drone.telemetry.subscribe_velocity_ned(), lambda v: abs(v.north_m_s) + abs(v.east_m_s) < 0.5, "standing still")
    assert not await drone.mission.is_mission_finished()

    await drone.mission.start_mission()
    await drone.in_mode(FlightMode.MISSION)
    await eventually(drone.mission.is_mission_finished, lambda seen: seen, "the end of the mission")
    progress = await drone.mission.mission_progress()
    assert (progress.current, progress.total) == (3, 3)
    last = geo.offset(HOME, CORNERS[-1])
    await until(drone.telemetry.subscribe_position(), lambda p: geo.distance_m(place_of(p), last) < 3.0, "the last corner")
    await drone.in_mode(FlightMode.HOLD)

    await drone.action.return_to_launch()
    await drone.down()


@pytest.mark.slow
async def test_return_after_the_mission(drone: Drone) -> None:
    await drone.ready()
    await drone.mission.set_return_to_launch_after_mission(True)
    assert await drone.mission.get_return_to_launch_after_mission()
    await drone.mission.upload_mission(MissionPlan([item(CORNERS[0])]))
    await drone.action.arm()
    await drone.mission.start_mission()
    await drone.in_mode(FlightMode.MISSION)
    await drone.in_mode(FlightMode.RETURN_TO_LAUNCH)
    await drone.down()
    await drone.mission.set_return_to_launch_after_mission(False)


async def test_what_was_uploaded_comes_down_again(drone: Drone) -> None:
    await drone.mission.set_return_to_launch_after_mission(False)
    sent = MissionPlan(
        [
            item(CORNERS[0], is_fly_through=False, loiter_time_s=2.0, yaw_deg=90.0, acceptance_radius_m=1.0),
            item(CORNERS[1], camera_action=MissionItem.CameraAction.TAKE_PHOTO, gimbal_pitch_deg=-45.0, gimbal_yaw_deg=0.0),
            item(CORNERS[2], camera_action=MissionItem.CameraAction.START_VIDEO, speed_m_s=2.0),
        ]
    )
    steps = [data.progress async for result, data in drone.mission.upload_mission_with_progress(sent) if result == NEXT]
    assert steps == sorted(steps)
    assert 0.0 < steps[-1] <= 1.0
    got = await drone.mission.download_mission()
    assert len(got.mission_items) == len(sent.mission_items)
    for mine, its in zip(sent.mission_items, got.mission_items, strict=True):
        assert abs(mine.latitude_deg - its.latitude_deg) < 1e-6
        assert abs(mine.longitude_deg - its.longitude_deg) < 1e-6
        for name in ("relative_altitude_m", "speed_m_s", "is_fly_through", "camera_action"):
            assert getattr(mine, name) == getattr(its, name), name
    assert got.mission_items[1].gimbal_pitch_deg == -45.0


async def test_choosing_an_item_and_clearing(drone: Drone) -> None:
    await drone.mission.upload_mission(MissionPlan([item(corner) for corner in CORNERS]))
    await drone.mission.set_current_mission_item(2)
    await until(drone.mission.subscribe_mission_progress(), lambda seen: seen.current == 2, "the chosen item")
    with pytest.raises(MissionError) as refused:
        await drone.mission.set_current_mission_item(9)
    assert refused.value.result == MissionResult.INVALID_ARGUMENT
    await drone.mission.clear_mission()

    async def items() -> int:
        try:
            return len((await drone.mission.download_mission()).mission_items)
        except MissionError as error:
            assert error.result == MissionResult.NO_MISSION_AVAILABLE
            return 0

    assert await eventually(items, lambda count: count == 0, "an empty mission") == 0


async def test_without_a_mission_its_mode_can_be_chosen_but_not_armed_in(drone: Drone) -> None:
    await drone.mission.clear_mission()
    await drone.mission.start_mission()
    await drone.in_mode(FlightMode.MISSION)
    await until(drone.telemetry.subscribe_health(), lambda seen: not seen.is_armable, "not being armable")
    await drone.action.hold()
    await drone.in_mode(FlightMode.HOLD)
    await drone.ready()
