"""What report.md says of a scenario, and where its lines come from."""

from __future__ import annotations

from pathlib import Path

from sitl.report.record import FlightRecord
from sitl.scenario.events import Kill, LinkCut, Px4Failure
from sitl.scenario.model import Expect, Scenario
from sitl.scenario.report import judged, rows
from sitl.scenario.script import Change
from sitl.scenario.telling import FOLDER, Teller, told

CUT, KILL = LinkCut(after_launch_s=30.0, for_s=10.0), Kill(after_launch_s=50.0, process="vision")
FAILURE = Px4Failure(after_launch_s=35.0, unit="battery", failure="off")
SCENARIO = Scenario(name="test", events=(CUT, KILL, FAILURE), expect=Expect(end="secured"))


def test_what_each_process_tells_is_read_in_order_and_becomes_the_table(tmp_path: Path) -> None:
    radio, autopilot, silent = Teller(tmp_path, "radio"), Teller(tmp_path, "autopilot"), Teller(None, "nobody")
    autopilot.tell(136.0, [Change(FAILURE, True, 35.0)], "PX4: accepted")
    radio.tell(131.0, [Change(CUT, True, 30.01)])
    radio.tell(141.0, [Change(CUT, False, 40.01)])
    silent.tell(150.0, [Change(KILL, True, 50.0)])
    for teller in (radio, autopilot, silent):
        teller.close()
    with (tmp_path / FOLDER / "events.jsonl").open("a", encoding="utf-8") as log:
        log.write('{"at_s": 1')  # cut off by a crash
    record = FlightRecord(scenario=told(tmp_path))
    assert [each.sentence for each in record.scenario] == [
        "the radio is cut",
        "PX4 is told that its battery fails: off (PX4: accepted)",
        "the radio is cut: over",
    ]
    assert rows(record, SCENARIO, 100.0) == [
        ("the radio is cut", "31.0", "30.0", "41.0"),
        ("PX4 is told that its battery fails: off (PX4: accepted)", "36.0", "35.0", ""),
        ("the process vision is killed", "never: the flight had ended", "planned at 50", ""),
    ]


def test_without_a_scenario_there_is_nothing_to_say(tmp_path: Path) -> None:
    assert told(tmp_path) == [] == rows(FlightRecord(), None, 0.0) and judged(None, None) == ""


def test_the_report_says_who_decides() -> None:
    assert judged(Scenario(name="quiet", events=(KILL,)), None) == (
        "Scenario quiet: it expects nothing of its own, so the mission decides."
    )
    assert judged(SCENARIO, []).startswith(
        "Scenario test: flown as it expects. It expects that the flight ends secured, and that"
    )
    assert "**not flown as it expects:** it ended grounded." in judged(SCENARIO, ["it ended grounded"])
