"""Scenarios with the real processes: one command, a file, and what the report says of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.sitl.lockstep.harness import LONG
from tests.sitl.stack.processes import Sitl, until

SPEED = "2"
STORY = """
name: link-and-vision
events:
  - {kind: kill, process: vision, after_launch_s: 15}
  - {kind: link_cut, after_launch_s: 25, for_s: 40}   # at twice real time PX4 waits for 20 s
expect:
  through: [surveying, yielded, securing]
  end: [secured, grounded]
"""


def written(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return str(path)


def kinds(log: Path) -> list[str]:
    return [json.loads(line)["kind"] for line in log.read_text(encoding="utf-8").splitlines()]


@pytest.mark.slow
def test_the_radio_is_cut_px4_comes_home_by_itself_and_the_report_tells_the_story(tmp_path: Path) -> None:
    arguments = ("--scenario", written(tmp_path, "story.yaml", STORY), written(tmp_path, "long.yaml", LONG))
    with Sitl(tmp_path, "fly", "--speed", SPEED, *arguments) as run:
        run.says("at --speed 2 PX4 misses its ground station 2 times as late")
        run.says("scenario: the process vision is killed\n")
        run.says("scenario: the radio is cut\n")
        run.says("scenario: the radio is cut: over")
        assert run.ends() == 0, run.output
        until(run.alone, "the end of every process", 30.0)
        folder = run.folder
    assert "flown as the scenario expects, and not as the mission says" in run.output
    report = (folder / "report.md").read_text(encoding="utf-8")
    assert "Scenario link-and-vision: flown as it expects." in report and "**Not flown as the mission says:**" in report
    rows = [line.split(" | ") for line in report.partition("## Scenario")[2].partition("##")[0].splitlines() if " | " in line]
    assert [row[0] for row in rows[1:]] == ["| the process vision is killed", "| the radio is cut"]
    assert "| yielded |" in report, "by the aircraft's own log: the vehicle could not hear it"
    vehicle = kinds(folder / "events.jsonl")
    assert vehicle.index("link_lost") < len(vehicle) - 1 - vehicle[::-1].index("link_regained")
    assert "is started again" in (folder / "logs" / "onboard.log").read_text(encoding="utf-8")


@pytest.mark.slow
def test_a_latch_that_is_stuck_from_the_start_and_an_expectation_that_is_not_met(tmp_path: Path) -> None:
    text = "name: stuck\nevents:\n  - {kind: latch_stuck, at: closed}\nexpect: {through: [climbing], end: secured}\n"
    with Sitl(tmp_path, "fly", "--speed", SPEED, "--scenario", written(tmp_path, "stuck.yaml", text)) as run:
        assert run.ends() == 1, run.output
        assert "not as the scenario expects: it did not come to climbing where that was expected" in run.output
        assert "scenario: the latch is stuck closed" in run.output
        report = (run.folder / "report.md").read_text(encoding="utf-8")
    assert "**not flown as it expects:**" in report and "| the latch is stuck closed |" in report
    assert "| before it |" in report


BROKEN = "name: a\nevents:\n  - kind: link_cutt\n"


@pytest.mark.parametrize("verb", ["fly", "run"])
def test_a_broken_scenario_is_refused_before_anything_starts(tmp_path: Path, verb: str) -> None:
    path = written(tmp_path, "broken.yaml", BROKEN)
    with Sitl(tmp_path, verb, "--scenario", path) as run:
        assert run.ends() == 2
        assert f"sitl: {path}:3: events.0.kind: must be one of link_cut, " in run.output
        assert '"link_cutt" is not; did you mean link_cut?' in run.output
        assert not run.flights.exists()


def test_what_a_real_px4_cannot_do_is_refused_before_it_is_looked_for(tmp_path: Path) -> None:
    with Sitl(tmp_path, "fly", "--px4", "/nowhere", "--scenario", "gnss-bias-at-landing") as run:
        assert run.ends() == 2
        assert "events.1: sensor_bias cannot be done with a real PX4" in run.output
