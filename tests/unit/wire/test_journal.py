"""The log: what is in a line, who may read it, and a disk that is full."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

import pytest

from groundlink.link.latch_control import Action, Decision
from groundlink.link.record import Record
from tests.unit.groundlink.build import ROOF, aircraft, console, latch, vehicle
from wire.journal import FILE_NAME, Journal, Thinner, new_folder
from wire.messages import Detection, Detections, Event, Phase
from wire.plain import plain

WHEN = datetime(2026, 11, 23, 20, 15, 0, 250_000, UTC)


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / FILE_NAME).read_text().splitlines() if line]


def test_a_line(tmp_path: Path) -> None:
    journal = Journal(tmp_path / "new" / "folder", lambda: WHEN)
    journal.write(12.34567, "event", Event(at_s=1.0, sequence=2, kind="armed", sentence="motors on"), more=[1, None])
    journal.close()
    assert lines(tmp_path / "new" / "folder") == [
        {
            "utc": "2026-11-23T20:15:00.250Z",
            "at_s": 12.3457,
            "kind": "event",
            "more": [1, None],
            "message": {"at_s": 1.0, "sequence": 2, "kind": "armed", "sentence": "motors on"},
        }
    ]
    assert stat.S_IMODE(journal.path.stat().st_mode) == 0o600
    assert stat.S_IMODE(journal.path.parent.stat().st_mode) == 0o700


def test_folders(tmp_path: Path) -> None:
    assert new_folder(tmp_path, exact=True, utc=WHEN) == tmp_path
    assert new_folder(tmp_path, exact=False, utc=WHEN) == tmp_path / "2026-11-23T20-15-00Z"


def test_an_earlier_log_is_continued(tmp_path: Path) -> None:
    for number in range(2):
        journal = Journal(tmp_path)
        journal.write(float(number), "started")
        journal.close()
    assert [line["at_s"] for line in lines(tmp_path)] == [0.0, 1.0]


def test_a_full_disk_is_said_and_forgotten_when_there_is_space(tmp_path: Path) -> None:
    journal = Journal(tmp_path)
    journal.path.symlink_to("/dev/full")
    journal.write(1.0, "event")
    assert "No space left" in (journal.trouble or "")
    journal.path.unlink()
    journal.write(2.0, "event")
    assert journal.trouble is None
    assert [line["at_s"] for line in lines(tmp_path)] == [2.0]


def test_a_folder_that_cannot_be_made_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    journal = Journal(tmp_path / "file" / "folder")
    journal.write(1.0, "event")
    assert "cannot be written" in (journal.trouble or "")


def test_thinning() -> None:
    thinner = Thinner(1.0)
    passed = [step for step in range(20) if thinner.passes("state", step >= 7, step * 0.2)]
    assert passed == [0, 5, 7, 12, 17]
    assert thinner.passes("other", None, 0.0)


def test_the_record_of_a_launch(tmp_path: Path) -> None:
    record = Record(Journal(tmp_path))
    phases = [Phase.STOWED] * 10 + [Phase.CHECKING] * 3 + [Phase.RELEASING] * 4
    keep, opening = Decision(Action.KEEP, "kept"), Decision(Action.OPEN, "opening")
    for step, phase in enumerate(phases):
        now_s = step * 0.2
        record.state(now_s, aircraft(phase=phase, sequence=step))
        record.vehicle(now_s, vehicle(sequence=step))
        record.link(now_s, alive=step != 5, age_s=0.1)
        record.latch(now_s, latch(), opening if phase is Phase.RELEASING else keep)
    written = lines(tmp_path)
    kinds = [line["kind"] for line in written]
    assert [(line["before"], line["phase"]) for line in written if line["kind"] == "phase"] == [
        (None, "stowed"),
        ("stowed", "checking"),
        ("checking", "releasing"),
    ]
    assert kinds.count("state") == 4
    assert kinds.count("vehicle") == 4
    assert kinds.count("latch") == 2
    assert [kind for kind in kinds if str(kind).startswith("link")] == ["link_regained", "link_lost", "link_regained"]


def test_detections_are_written_when_the_objects_change(tmp_path: Path) -> None:
    record = Record(Journal(tmp_path))
    one = Detection(track_id=1, kind="car", confidence=0.5, box_px=(1, 2, 3, 4), position=ROOF)
    for step, objects in enumerate(([], [], [one], [one], None)):
        record.stream(step * 0.1, "detections", Detections(captured_s=0.0, sequence=step, objects=objects))
    assert [line["message"]["sequence"] for line in lines(tmp_path)] == [0, 2, 4]  # type: ignore[index]


@pytest.mark.parametrize("message", [console(), aircraft(), vehicle()])
def test_plain_values_have_names_and_are_json(message: object) -> None:
    value = plain(message)
    assert isinstance(value, dict)
    assert json.loads(json.dumps(value)) == value


def test_plain_values_go_all_the_way_down() -> None:
    value = json.loads(json.dumps(plain(console())))
    assert value["aircraft"]["phase"] == "stowed"
    assert value["vehicle"]["position"]["latitude_deg"] == ROOF.latitude_deg
    assert value["vehicle"]["latch"] == {"open": False, "closed": True, "seated": True, "valid": True}
