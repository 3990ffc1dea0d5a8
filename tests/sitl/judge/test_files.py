"""MAVSDK's Ftp, ComponentMetadata and Events plugins."""

from __future__ import annotations

import asyncio
import json
import lzma
from pathlib import Path

import pytest
from mavsdk.asyncio.plugins.component_metadata import MetadataType
from mavsdk.asyncio.plugins.ftp import FtpError, FtpResult

from tests.sitl.judge.drone import Drone, until

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("burst", [True, False])
async def test_a_file_comes_down_whole(drone: Drone, tmp_path: Path, burst: bool) -> None:
    async for _ in drone.ftp.download("etc/extras/component_general.json.xz", str(tmp_path), burst):
        pass
    general = json.loads(lzma.decompress((tmp_path / "component_general.json.xz").read_bytes()))
    assert {each["type"] for each in general["metadataTypes"]} >= {1}


async def test_files_go_up_and_are_moved_and_removed(drone: Drone, tmp_path: Path) -> None:
    sent = tmp_path / "sent.txt"
    sent.write_text("hello\n" * 100, encoding="ascii")
    async for _ in drone.ftp.upload(str(sent), "/"):
        pass
    assert await drone.ftp.are_files_identical(str(sent), "/sent.txt")
    await drone.ftp.create_directory("/judge")
    await drone.ftp.rename("/sent.txt", "/judge/moved.txt")
    assert [each.name for each in (await drone.ftp.list_directory("/judge")).entries if each.name != ""] == ["moved.txt"]
    await drone.ftp.remove_file("/judge/moved.txt")
    await drone.ftp.remove_directory("/judge")


async def test_what_is_not_there(drone: Drone, tmp_path: Path) -> None:
    with pytest.raises(FtpError) as refused:
        await drone.ftp.list_directory("/nowhere")
    assert refused.value.result == FtpResult.FILE_DOES_NOT_EXIST
    with pytest.raises(FtpError) as refused:
        async for _ in drone.ftp.download("/nothing", str(tmp_path), True):
            pass
    assert refused.value.result == FtpResult.FILE_DOES_NOT_EXIST


async def test_metadata(drone: Drone) -> None:
    await drone.metadata.request_autopilot_component()
    await until(
        drone.metadata.subscribe_metadata_available(), lambda seen: seen.type == MetadataType.ALL_COMPLETED, "all the metadata"
    )
    parameters = json.loads((await drone.metadata.get_metadata(1, MetadataType.PARAMETER)).json_metadata)
    assert "NAV_DLL_ACT" in {each["name"] for each in parameters["parameters"]}


async def test_events_by_name(drone: Drone) -> None:
    async with asyncio.TaskGroup() as group:
        group.create_task(until(drone.events.subscribe_events(), lambda e: e.event_name == "commander_armed_by", "the event"))
        await until(drone.events.subscribe_health_and_arming_checks(), lambda seen: seen, "the arming checks")
        await drone.action.arm()
    await drone.action.disarm()


async def test_arming_checks(drone: Drone) -> None:
    report = await until(drone.events.subscribe_health_and_arming_checks(), lambda seen: seen, "the arming checks")
    assert report.current_mode_intention.mode_name == "Hold"
    assert report.current_mode_intention.can_arm_or_run
    assert {each.name for each in report.health_components} >= {"local_position_estimate", "global_position_estimate"}
