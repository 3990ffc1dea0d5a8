"""`sitl fly --headless`: the same seed leaves the same bytes, whoever flies it, whenever; and what the user is told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2
import pytest
from rich.console import Console

from sitl.lockstep import headless
from sitl.lockstep.lockstep import Lockstep
from sitl.lockstep.vehicle import Vehicle
from sitl.main import main
from sitl.options import Options
from sitl.report.record import phases_of
from sitl.scenario.model import parse
from tests.sitl.lockstep.harness import LONG, NARRATIVE, SHORT, in_order
from tests.sitl.stack.processes import Sitl
from wire.messages import Phase, Verb

PATIENCE_S = 200.0


@dataclass(frozen=True)
class Flown:
    """What a flight in a process of its own left behind."""

    code: int
    output: str
    folder: Path

    @property
    def logs(self) -> tuple[bytes, bytes]:
        return (self.folder / "events.jsonl").read_bytes(), (self.folder / "onboard" / "events.jsonl").read_bytes()

    @property
    def mavlink_hash(self) -> str:
        return self.output.splitlines()[-1]

    @property
    def report(self) -> str:
        return (self.folder / "report.md").read_text(encoding="utf-8")


def flight(base: Path, *command: str, **environment: str) -> Callable[[], Flown]:
    """Begin a flight; call what comes back for its end."""
    running = subprocess.Popen(
        [sys.executable, "-m", *command],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "COLUMNS": "250", **environment},
    )

    def end() -> Flown:
        output, _ = running.communicate(timeout=PATIENCE_S)
        (folder,) = base.iterdir()
        return Flown(running.returncode, output, folder)

    return end


@pytest.fixture
def mission(tmp_path: Path) -> str:
    path = tmp_path / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    return str(path)


def positions(log: bytes) -> list[object]:
    """Where the aircraft said it was."""
    entries = [json.loads(line) for line in log.splitlines()]
    return [entry["message"]["position"] for entry in entries if entry["kind"] == "state"]


@dataclass(frozen=True)
class Flights:
    """Of one mission."""

    one: Flown
    same: Flown
    """The same seed in another process, with another hash seed, in another time zone."""
    other: Flown
    """Another seed."""
    command: Flown
    """The same seed as the first, later, by the command that a user gives."""


@pytest.fixture(scope="module")
def flights(tmp_path_factory: pytest.TempPathFactory) -> Flights:
    base = tmp_path_factory.mktemp("headless")
    mission = str(base / "short.yaml")
    Path(mission).write_text(SHORT, encoding="utf-8")
    module = "tests.sitl.lockstep.headless_run"
    one, same, other, command = (base / name for name in ("one", "same", "other", "command"))
    ends = [
        flight(one, module, mission, "5", str(one), PYTHONHASHSEED="1"),
        flight(same, module, mission, "5", str(same), PYTHONHASHSEED="2", TZ="Asia/Tokyo"),
        flight(other, module, mission, "6", str(other), PYTHONHASHSEED="1"),
    ]
    first, second, third = (end() for end in ends)
    later = flight(command, "sitl", "fly", "--headless", mission, "--seed", "5", "--flights", str(command))()
    for flown in (first, second, third, later):
        assert flown.code == 0, flown.output
    return Flights(first, second, third, later)


def test_the_same_seed_leaves_the_same_bytes(flights: Flights) -> None:
    assert flights.one.logs == flights.same.logs == flights.command.logs
    assert flights.one.mavlink_hash == flights.same.mavlink_hash


def test_another_seed_leaves_others(flights: Flights) -> None:
    assert flights.one.mavlink_hash != flights.other.mavlink_hash
    for log, others in zip(flights.one.logs, flights.other.logs, strict=True):
        assert positions(log) != positions(others)


def test_leaves_the_folder_of_a_flight_and_says_what_it_lacks(flights: Flights) -> None:
    flown = flights.command
    assert "times real time" in flown.output
    assert "Flown as the mission says." in flown.report and "no video" in flown.report and "None." not in flown.report
    assert {path.name for path in flown.folder.iterdir()} == {"report.md", "track.png", "events.jsonl", "onboard"}
    assert cv2.imread(str(flown.folder / "track.png")) is not None
    vehicle, aircraft = ([json.loads(line) for line in log.splitlines()] for log in flown.logs)
    assert {entry["kind"] for entry in vehicle} >= {"order", "command", "answer", "reply", "event", "state", "vehicle", "latch"}
    assert {entry["kind"] for entry in aircraft} >= {"command", "request", "reply", "event", "state"}
    assert in_order(NARRATIVE, [span.phase for span in phases_of(flown.folder / "events.jsonl")])
    stamps = [entry["utc"] for entry in vehicle]
    assert stamps == sorted(stamps) and stamps[0].startswith("2023-11-14T22:13:")  # simulated, as the autopilot's SYSTEM_TIME


def test_a_flight_that_goes_wrong_ends_with_1(tmp_path: Path, mission: str) -> None:
    options = Options(
        headless=True, mission=Path(mission), scenario=parse("name: stuck\nevents: [{kind: latch_stuck, at: closed}]")
    )
    assert headless.fly(options, tmp_path / "flights", Console(quiet=True)) == 1
    (folder,) = (tmp_path / "flights").iterdir()
    assert "**Not flown as the mission says:**" in (folder / "report.md").read_text(encoding="utf-8")


def test_a_vehicle_without_a_fix_is_told(tmp_path: Path, mission: str) -> None:
    """As with real processes, the receiver's fault comes so long after the launch."""
    options = Options(
        headless=True,
        mission=Path(mission),
        scenario=parse("name: lost\nevents: [{kind: vehicle_gnss_lost, after_launch_s: 5}]"),
    )
    headless.fly(options, tmp_path / "flights", Console(quiet=True))
    (folder,) = (tmp_path / "flights").iterdir()
    assert "the vehicle's own position is not known" in (folder / "report.md").read_text(encoding="utf-8")


def test_what_happens_between_rounds_is_flown_and_logged(tmp_path: Path, mission: str) -> None:
    """An order of the officer's, given in flight, goes over the vehicle's desk like the launch."""
    ordered: list[Verb] = []

    def between(stack: Lockstep, vehicle: Vehicle) -> None:
        if stack.phase is Phase.SURVEYING and not ordered:
            ordered.append(Verb.RETURN)
            vehicle.order(Verb.RETURN)

    options = Options(headless=True, mission=Path(mission))
    assert headless.fly(options, tmp_path / "flights", Console(quiet=True), between=between) == 1
    (folder,) = (tmp_path / "flights").iterdir()
    assert "return ordered by operator" in (folder / "report.md").read_text(encoding="utf-8")
    log = [json.loads(line) for line in (folder / "events.jsonl").read_text(encoding="utf-8").splitlines()]
    assert [entry["message"]["verb"] for entry in log if entry["kind"] == "command"] == ["launch", "return"]
    assert [entry["message"]["stage"] for entry in log if entry["kind"] == "answer"][-1] == "done"


def test_an_interrupt_ends_it_at_once_and_keeps_nothing(tmp_path: Path) -> None:
    mission = tmp_path / "long.yaml"
    mission.write_text(LONG, encoding="utf-8")
    with Sitl(tmp_path, "fly", "--headless", str(mission)) as run:
        run.says("surveying ")
        run.interrupt()
        assert run.ends() == 130, run.output
        assert "nothing is kept" in run.output
        assert not run.flights.exists()


@pytest.mark.parametrize(
    ("option", "named"),
    [
        (["--speed", "1"], "--speed"),
        (["--px4", "docker"], "--px4"),
        (["--autopilot", "px4"], "--autopilot px4"),
        (["--light", "night"], "--light"),
    ],
)
def test_what_cannot_be_with_it_is_refused_by_name(option: list[str], named: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["fly", "--headless", *option])
    assert ended.value.code == 2
    assert f"not with --headless: {named}:" in capsys.readouterr().err


def test_the_environments_parameters_are_flown_with(tmp_path: Path, mission: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PX4_PARAM_SIM_BAT_DRAIN", "40")
    assert main(["fly", "--headless", mission, "--flights", str(tmp_path / "flights")]) == 1
    (folder,) = (tmp_path / "flights").iterdir()
    assert "PX4 acts on a failsafe" in (folder / "report.md").read_text(encoding="utf-8")


def test_bad_files_are_told_in_a_sentence(tmp_path: Path, mission: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fly", "--headless", "missing.yaml", "--flights", str(tmp_path / "flights")]) == 2
    assert "missing.yaml" in capsys.readouterr().err
    assert main(["fly", "--headless", mission, "--flights", "/proc/flights"]) == 2
    assert "no records can be kept there" in capsys.readouterr().err
    assert not (tmp_path / "flights").exists()


@pytest.mark.slow
def test_ten_at_once_fly_as_each_alone(tmp_path: Path, mission: str) -> None:
    """Ten seeds on one machine at the same time; one of them again, alone."""
    folders = {seed: tmp_path / str(seed) for seed in range(1, 11)}
    ends = [
        flight(folder, "sitl", "fly", "--headless", mission, "--seed", str(seed), "--flights", str(folder))
        for seed, folder in folders.items()
    ]
    flown = [end() for end in ends]
    assert [each.code for each in flown] == [0] * 10, [each.output for each in flown if each.code]
    assert len({each.logs for each in flown}) == 10
    alone = flight(
        tmp_path / "alone", "sitl", "fly", "--headless", mission, "--seed", "7", "--flights", str(tmp_path / "alone")
    )()
    assert alone.logs == flown[6].logs
