"""Ten autopilots on one machine at the same time, as processes: who hears whom, and that each flies as it is told."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from sitl.autopilot.protocol.links import LinkName
from tests.sitl.fleet import COMPANION, THERE_M, Fleet, taken_ports

ACCEPTED = 0
UP_WALL_S, FLOWN_WALL_S = 120.0, 400.0


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[Fleet]:
    """All ten are up and were heard."""
    taken = taken_ports()
    if taken:
        pytest.skip(f"UDP ports {taken} are in use: ten autopilots need those of all ten instances")
    with Fleet(tmp_path, speed=2.0) as fleet:
        fleet.run_until(fleet.heard, UP_WALL_S, "ten autopilots")
        yield fleet


def test_each_speaks_as_itself_on_its_own_ports(fleet: Fleet) -> None:
    onboard, ground = LinkName.ONBOARD.value[0], LinkName.GCS.value[0]
    for pilot in fleet.pilots:
        assert set(pilot.sources) == {(onboard + pilot.instance, pilot.instance + 1)}
    assert set(fleet.station.sources) == {(ground + pilot.instance, pilot.instance + 1) for pilot in fleet.pilots}
    assert all(process.poll() is None for process in fleet.processes)


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_all_fly_at_once_each_as_it_is_told(fleet: Fleet) -> None:
    fleet.fly(FLOWN_WALL_S)
    for pilot in fleet.pilots:
        assert pilot.landed_off_m < 2 * THERE_M, f"instance {pilot.instance}"
        assert [(ack.command, ack.result) for ack in pilot.acks] == [(command, ACCEPTED) for command in pilot.ordered]
        assert {(ack.target_system, ack.target_component) for ack in pilot.acks} == {(pilot.system, COMPANION)}
        assert {system for _, system in pilot.sources} == {pilot.system}
