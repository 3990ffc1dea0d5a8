"""The whole thread as processes: one command, real sockets, video and voice; and what is left when it ends, however it ends."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import av
import cv2
import pytest

from sitl.compare.recording import load
from sitl.options import HOME
from tests.sitl.lockstep.harness import NARRATIVE, SHORT
from tests.sitl.stack.processes import Sitl, secrets_in, until

SPEED = "2"


@pytest.fixture
def mission(tmp_path: Path) -> str:
    path = tmp_path / "short.yaml"
    path.write_text(SHORT, encoding="utf-8")
    return str(path)


def lines_of(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def nothing_left(run: Sitl) -> None:
    until(run.alone, "the end of every process", 30.0)
    assert secrets_in(run.flights) == [] == list(run.runtime.iterdir())


def nothing_kept(run: Sitl) -> None:
    """Nothing was begun, so there is nothing to look at afterwards."""
    nothing_left(run)
    assert not run.flights.exists()


def test_one_command_flies_the_whole_thread(tmp_path: Path, autopilot_arguments: list[str]) -> None:
    """The shipped mission, from the spoken sentence to the report; vision dies once on the way, and is started again."""
    speed = "1" if autopilot_arguments else SPEED
    with Sitl(tmp_path, "fly", "--speed", speed, *autopilot_arguments) as run:
        run.says("transit ")
        run.descendant("onboard.vision").kill()
        assert run.ends() == 0, run.output
        nothing_left(run)
        assert 'heard "launch and survey"' in run.output
        folder = run.folder
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert "Flown as the mission says." in report
    for heading in ("## Phases", "## Orbit", "## Return", "## Link and video", "## Detections"):
        assert heading in report
    if autopilot_arguments:
        assert [name for name in (path.name for path in folder.glob("*.ulg")) if f"`{name}`" in report]
    recording = load(folder / "flight.tlog")
    assert recording.home == HOME and recording.parameters["SIM_BAT_DRAIN"] == 900.0
    told = {message.get_type() for _, _, message in recording.told}
    assert {"HEARTBEAT", "COMMAND_LONG"} <= told and "COMMAND_ACK" in {message.get_type() for _, message in recording.said}
    events = lines_of(folder / "events.jsonl")
    assert phases_in(events) == [str(phase) for phase in NARRATIVE]
    assert lines_of(folder / "onboard" / "events.jsonl")
    picture = cv2.imread(str(folder / "track.png"))
    assert picture is not None and picture.shape[0] > 300 and picture.std() > 5
    assert decoded_frames(folder / "video.mp4") > 200


def phases_in(events: list[dict[str, object]]) -> list[str]:
    """The phases that the vehicle's log tells of, by the aircraft's events."""
    told = [each for each in events if "phase" in json.dumps(each)]
    found: list[str] = []
    for each in told:
        text = json.dumps(each)
        for phase in NARRATIVE:
            if f'"{phase}: ' in text and (not found or found[-1] != phase):
                found.append(str(phase))
    return found


def decoded_frames(path: Path) -> int:
    with av.open(str(path)) as container:
        return sum(1 for _ in container.decode(video=0))


@pytest.mark.parametrize("moment", ["everything is up", "climbing ", "surveying "])
def test_interrupt_brings_it_home_first(tmp_path: Path, mission: str, moment: str) -> None:
    with Sitl(tmp_path, "fly", "--speed", SPEED, mission) as run:
        run.says("heard " if moment == "everything is up" else moment)
        run.interrupt()
        code = run.ends()
        nothing_left(run)
        report = (run.folder / "report.md").read_text(encoding="utf-8")
    assert code == 1, run.output
    assert "Not flown as the mission says" in report
    if moment == "surveying ":
        assert "secured" in run.output
        assert "return ordered by operator" in report
        assert "**Interrupted** by Ctrl-C (SIGINT) at " in report
        assert "seated |" in report and "not seated" not in report


def test_interrupt_while_everything_comes_up_ends_at_once(tmp_path: Path) -> None:
    with Sitl(tmp_path, "fly") as run:
        run.says("starting world")
        run.interrupt()
        assert run.ends() == 130
        nothing_kept(run)


def test_interrupt_of_run_while_everything_comes_up_ends_at_once(tmp_path: Path) -> None:
    with Sitl(tmp_path, "run") as run:
        run.says("starting world")
        run.interrupt()
        assert run.ends(30.0) == 130
        nothing_kept(run)


def test_second_interrupt_stops_at_once(tmp_path: Path, mission: str) -> None:
    with Sitl(tmp_path, "fly", "--speed", SPEED, mission) as run:
        run.says("transit ")
        run.interrupt()
        run.says("Ctrl-C again stops at once")
        run.interrupt()
        assert run.ends(60.0) == 1
        assert "stopped at once" in run.output and "\nsecured " not in run.output
        nothing_left(run)


def test_killed_parent_leaves_no_process(tmp_path: Path, mission: str) -> None:
    with Sitl(tmp_path, "fly", "--speed", SPEED, mission) as run:
        run.says("starting world")
        for module in (
            "sitl.autopilot",
            "sitl.world",
            "onboard.flight",
            "onboard.vision",
            "groundlink.link",
            "groundlink.video",
        ):
            run.descendant(module)
        run.popen.send_signal(signal.SIGKILL)
        run.ends(10.0)
        until(run.alone, "the end of every process", 60.0)
        assert secrets_in(run.flights) == []
        assert secrets_in(run.runtime)
    with Sitl(tmp_path, "fly") as after:
        after.says("starting world")
        after.interrupt()
        after.ends()
        assert list(after.runtime.iterdir()) == []


def test_two_at_once_do_not_get_in_each_others_way(tmp_path: Path) -> None:
    for name in "ab":
        (tmp_path / name).mkdir()
    with Sitl(tmp_path / "a", "run") as one, Sitl(tmp_path / "b", "run") as other:
        for run in (one, other):
            run.says("everything is up")
        for run in (one, other):
            run.interrupt()
            assert run.ends(60.0) == 0
            nothing_left(run)


def test_run_stays_up_until_interrupted(tmp_path: Path) -> None:
    with Sitl(tmp_path, "run", "--speed", SPEED) as run:
        run.says("everything is up")
        assert "PILOTFISH_GROUNDLINK=" in run.output and "14550" in run.output
        run.interrupt()
        assert run.ends(60.0) == 0
        nothing_left(run)


def test_a_closed_terminal_leaves_nothing(tmp_path: Path) -> None:
    """What it prints goes nowhere from then on, which must not end it before everything is tidied up."""
    reader, writer = os.pipe()
    runtime = tmp_path / "runtime"
    runtime.mkdir()
    command = [sys.executable, "-m", "sitl.main", "run", "--flights", str(tmp_path / "flights"), "--speed", SPEED]
    with subprocess.Popen(
        command, stdout=writer, stderr=writer, start_new_session=True, env={**os.environ, "XDG_RUNTIME_DIR": str(runtime)}
    ) as run:
        os.close(writer)
        said = b""
        while b"everything is up" not in said:
            more = os.read(reader, 4096)
            assert more, said
            said += more
        assert list(runtime.iterdir())
        os.close(reader)
        run.send_signal(signal.SIGHUP)
        assert run.wait(60.0) == 0
    assert list(runtime.iterdir()) == []


def no_px4(folder: Path) -> list[str]:
    return ["--px4", str(folder / "nowhere")]


def both_autopilots(folder: Path) -> list[str]:
    return ["--autopilot", "embedded", "--px4", str(folder)]


def bad_mission(folder: Path) -> list[str]:
    path = folder / "bad.yaml"
    path.write_text("name: bad\norbit:\n  radius_m: 8\n  hieght_m: 10\n", encoding="utf-8")
    return [str(path)]


def missing_mission(folder: Path) -> list[str]:
    return [str(folder / "missing.yaml")]


def bad_speed(folder: Path) -> list[str]:
    del folder
    return ["--speed", "99"]


def bad_seed(folder: Path) -> list[str]:
    del folder
    return ["--seed=-1"]


def a_file_for_records(folder: Path) -> list[str]:
    (folder / "file").touch()
    return ["--flights", str(folder / "file")]


def no_place_for_records(folder: Path) -> list[str]:
    del folder
    return ["--flights", "/proc/flights"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (no_px4, "give a folder with bin/px4 and etc/"),
        (both_autopilots, "contradict each other"),
        (bad_mission, "hieght_m"),
        (missing_mission, "missing.yaml"),
        (bad_speed, "99 is not between 0.25 and 20"),
        (bad_seed, "is not a whole number from 0"),
        (a_file_for_records, "choose another"),
        (no_place_for_records, "no records can be kept there"),
    ],
)
def test_what_is_wrong_is_told_in_a_sentence(tmp_path: Path, arguments: Callable[[Path], list[str]], says: str) -> None:
    with Sitl(tmp_path, "fly", *arguments(tmp_path)) as run:
        assert run.ends() == 2
        assert says in run.output
        assert "Traceback" not in run.output
        nothing_kept(run)
