"""What a flight says of itself: in the terminal, in its report, and when it can say nothing any more."""

from __future__ import annotations

import io
import json
import os
import resource
import subprocess
import sys
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from rich.console import Console

from missions import Mission, load
from sitl.fly import DEFAULT_MISSION
from sitl.limits import OPEN_FILES
from sitl.live import LiveView
from sitl.options import Options
from sitl.report.conclusion import conclude
from sitl.report.record import FlightRecord, Interruption, PhaseSpan
from wire.errors import DeviceError
from wire.messages import Phase

STARTED = datetime(2026, 3, 1, 14, 5, 9, tzinfo=timezone(timedelta(hours=1)))
HEADLESS = Options(headless=True)


@pytest.fixture
def mission() -> Mission:
    return load(DEFAULT_MISSION)


def recorded(**how: object) -> FlightRecord:
    record = FlightRecord(started=STARTED, **how)  # type: ignore[arg-type]
    record.phases = [PhaseSpan(Phase.STOWED, 10.0, ""), PhaseSpan(Phase.CHECKING, 100.0, "launch")]
    return record


def report_of(folder: Path, record: FlightRecord, mission: Mission) -> str:
    conclude(folder, record, mission, HEADLESS, console=Console(file=io.StringIO()))
    return (folder / "report.md").read_text(encoding="utf-8")


def test_the_title_tells_the_start_with_its_zone(tmp_path: Path, mission: Mission) -> None:
    title = report_of(tmp_path, recorded(), mission).splitlines()[0]
    assert title == "# launch-and-survey, started 2026-03-01 14:05:09+01:00"


@pytest.mark.parametrize(
    ("interruption", "says"),
    [
        (Interruption(134.2, "SIGINT"), "by Ctrl-C (SIGINT) at 34.2 s: the aircraft was ordered home."),
        (Interruption(134.2, "SIGTERM", at_once=True), "by SIGTERM at 34.2 s: a second one stopped everything at once."),
        (Interruption(134.2, "SIGHUP"), "by a closed terminal (SIGHUP) at 34.2 s"),
    ],
)
def test_an_interruption_is_told(tmp_path: Path, mission: Mission, interruption: Interruption, says: str) -> None:
    assert f"**Interrupted** {says}" in report_of(tmp_path, recorded(interrupted=interruption), mission)
    assert "Interrupted" not in report_of(tmp_path, recorded(), mission)


def test_a_report_that_cannot_be_written_still_says_how_it_was_flown(tmp_path: Path, mission: Mission) -> None:
    said = Console(file=io.StringIO(), width=200)
    with pytest.raises(DeviceError, match="the flight is not as it should be, but without a report: "):
        conclude(tmp_path / "gone", recorded(), mission, HEADLESS, console=said)
    assert isinstance(said.file, io.StringIO) and "not as the mission says:" in said.file.getvalue()


def test_phases_that_the_aircrafts_log_lacks_are_told_as_they_were_seen(tmp_path: Path, mission: Mission) -> None:
    (tmp_path / "onboard").mkdir()
    logged = [(0.0, "stowed: up"), (100.0, "checking: launch"), (101.5, "releasing: checked")]
    events = [{"kind": "event", "message": {"kind": "phase", "at_s": at_s, "sentence": words}} for at_s, words in logged]
    (tmp_path / "onboard" / "events.jsonl").write_text("\n".join(map(json.dumps, events)) + '\n{"cut', encoding="utf-8")
    record = recorded()
    record.phases.append(PhaseSpan(Phase.SECURED, 130.0, "seated, latched and disarmed"))
    report = report_of(tmp_path, record, mission)
    phases = [
        line.split(" | ")[:2]
        for line in report.splitlines()
        if line.endswith("| launch |") or "releasing" in line or "secured" in line
    ]
    assert ["| releasing", "1.5"] in phases and ["| secured", "30.0"] in phases
    assert report.count("| checking |") == 1


def test_a_phase_that_tells_no_time_counts_from_when_the_view_began() -> None:
    shown = io.StringIO()
    view = LiveView(Console(file=shown, width=200))
    record = FlightRecord(phases=[PhaseSpan(Phase.STARTING, 0.0, "")])
    view.update(record, None, 926.2)
    view.update(record, None, 933.2)
    assert [line.split()[:2] for line in shown.getvalue().splitlines()] == [["starting", "0.0"], ["starting", "7.0"]]


SPEAKS = """
import sys
from sitl.terminal import outlive_the_terminal
outlive_the_terminal()
sys.stdin.readline()
for _ in range(3):
    print("said", flush=True)
print("said to nobody")
open(sys.argv[1], "w").close()
"""


def test_a_terminal_that_has_gone_does_not_end_a_program(tmp_path: Path) -> None:
    mark = tmp_path / "tidied-up"
    reader, writer = os.pipe()
    with subprocess.Popen(
        [sys.executable, "-c", SPEAKS, str(mark)], stdin=subprocess.PIPE, stdout=writer, stderr=writer
    ) as run:
        os.close(writer)
        os.close(reader)
        run.communicate(b"\n", timeout=30)
    assert run.returncode == 0 and mark.exists()


def test_too_few_open_files_are_told_before_anything_starts(tmp_path: Path) -> None:
    def few() -> None:
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))

    command = [sys.executable, "-m", "sitl.main", "fly", "--flights", str(tmp_path / "flights")]
    ended = subprocess.run(command, preexec_fn=few, capture_output=True, text=True, timeout=60, check=False)
    assert ended.returncode == 2
    assert ended.stderr.startswith("sitl: ") and str(OPEN_FILES) in ended.stderr and "Traceback" not in ended.stderr
    assert not (tmp_path / "flights").exists()
