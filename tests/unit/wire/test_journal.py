"""The log: one line each, the owner's alone, and a full disk never stops anybody."""

from __future__ import annotations

import json
import stat
from datetime import UTC, datetime
from pathlib import Path

from tests.unit.wire.samples import SAMPLES
from wire.journal import FILE_NAME, Journal, Thinner, new_folder
from wire.plain import plain

UTC_TIME = datetime(2026, 11, 23, 12, 0, 0, 123456, tzinfo=UTC)


def journal(folder: Path) -> Journal:
    return Journal(folder, utc=lambda: UTC_TIME)


def lines(folder: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in (folder / FILE_NAME).read_text().splitlines()]


def test_each_line_is_readable_at_once(tmp_path: Path) -> None:
    log = journal(tmp_path / "log")
    log.write(1.23456, "event", SAMPLES["event"], more=[1, "x"])
    assert lines(tmp_path / "log") == [
        {
            "utc": "2026-11-23T12:00:00.123Z",
            "at_s": 1.2346,
            "kind": "event",
            "more": [1, "x"],
            "message": {"at_s": 1.5, "sequence": 3, "kind": "phase", "sentence": "holding: hold ordered"},
        }
    ]
    log.close()
    assert stat.S_IMODE((tmp_path / "log" / FILE_NAME).stat().st_mode) == 0o600
    assert stat.S_IMODE((tmp_path / "log").stat().st_mode) == 0o700


def test_a_new_start_writes_on(tmp_path: Path) -> None:
    for _ in range(2):
        log = journal(tmp_path)
        log.write(1.0, "start")
        log.close()
    assert [line["kind"] for line in lines(tmp_path)] == ["start", "start"]


def test_a_newline_in_a_text_does_not_make_two_lines(tmp_path: Path) -> None:
    journal(tmp_path).write(1.0, "said", words="a\nb\u2028c")
    text = (tmp_path / FILE_NAME).read_bytes()
    assert text.count(b"\n") == 1 and json.loads(text)["words"] == "a\nb\u2028c"


def test_a_full_disk_is_said_and_tried_again(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).symlink_to("/dev/full")
    log = journal(tmp_path)
    for _ in range(3):
        log.write(1.0, "event")
        assert log.trouble is not None
        assert "cannot be written (No space left on device): free space or correct the folder" in log.trouble
    log.close()
    (tmp_path / FILE_NAME).unlink()
    log.write(2.0, "event")
    assert log.trouble is None and len(lines(tmp_path)) == 1


def test_a_folder_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    log = journal(tmp_path / "file" / "log")
    log.write(1.0, "event")
    assert log.trouble is not None and "cannot be written" in log.trouble


def test_folders_are_named_by_the_time(tmp_path: Path) -> None:
    assert new_folder(tmp_path, exact=True, utc=UTC_TIME) == tmp_path
    assert new_folder(tmp_path, exact=False, utc=UTC_TIME) == tmp_path / "2026-11-23T12-00-00Z"


def test_a_thinner_lets_changes_through_at_once() -> None:
    thinner = Thinner(1.0)
    assert [thinner.passes("a", key, at_s) for key, at_s in [(1, 0), (1, 0.5), (2, 0.6), (2, 0.7), (2, 1.6), (1, 1.7)]] == [
        True, False, True, False, True, True,
    ]  # fmt: skip
    assert thinner.passes("b", 1, 1.7), "each kind by itself"


def test_a_thinner_keeps_its_rate_when_the_stream_never_comes_just_when_it_is_due() -> None:
    thinner = Thinner(1.0)
    passed = [index for index in range(1000) if thinner.passes("a", 1, 0.3 * index)]
    assert len(passed) == 300, "one a second, on the average"
    assert [thinner.passes("a", 1, at_s) for at_s in (900.0, 900.1, 900.2)] == [True, False, False], "no burst afterwards"


def test_every_message_can_be_logged(tmp_path: Path) -> None:
    log = journal(tmp_path)
    for topic, message in SAMPLES.items():
        if topic not in ("video", "frame"):  # pixels are no log
            log.write(1.0, topic, message)
            assert log.trouble is None
            assert set(lines(tmp_path)[-1]["message"]) == set(message.__struct_fields__)  # type: ignore[call-overload]


def test_plain_values_have_names_and_no_classes() -> None:
    assert plain(SAMPLES["latch_report"]) == {
        "at_s": 5.75,
        "state": {"open": True, "closed": False, "seated": True, "valid": False},
    }
    state = plain(SAMPLES["state"])
    assert isinstance(state, dict)
    assert state["phase"] == "surveying" and type(state["phase"]) is str
    assert state["position"] == {"latitude_deg": 47.397742, "longitude_deg": 8.545594, "altitude_amsl_m": 489.4}
