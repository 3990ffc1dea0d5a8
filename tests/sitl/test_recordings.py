"""The embedded autopilot told what a recorded PX4 v1.16.0 was told, at the same times: the same comes of it.

The recordings are not in this tree: where they are not beside it, these tests are skipped.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from sitl import main
from sitl.compare import differences, narrative, recording, replay

FOLDER = Path(__file__).resolve().parents[3] / "shared" / "px4" / "recordings"
NAMES = [
    "arming",
    "battery",
    "boot",
    "companion_loss",
    "fence",
    "gps_loss",
    "gripper",
    "link_loss",
    "mission",
    "moved_home",
    "offboard",
    "orbit",
    "orbit_refused",
    "params",
    "precland",
    "reposition",
    "roi_gimbal",
    "takeoff_land",
]


def path(name: str) -> Path:
    found = FOLDER / f"{name}.tlog.gz"
    if not found.is_file():
        pytest.skip(f"no recordings of a real PX4 in {FOLDER}")
    return found


TRACK = "the track"
KNOWN = {
    "arming": {"armed", "system status", "home", TRACK},  # disarmed for a moment between two heartbeats, which theirs just saw
    "battery": {"system status", "home"},  # one heartbeat UNINIT or none; where on the circle it came down
    "companion_loss": {"home"},  # taken anew after landing where the estimate had wandered by more than 1 m, or not
    "offboard": {TRACK},  # 0.3 m more than allowed while speeding up
    "orbit": {TRACK},  # where on the circle the return begins
    "orbit_refused": {"ready to arm", "landed state", "armed", "mode", "system status", "home", TRACK},  # see below
    "params": {"system status", "ready to arm"},  # PX4 reads parameters once a second, and saw one that was set for 20 ms
}
"""What may differ, and why. In orbit_refused PX4 reports arming checks at most every 2 s, left another circle for its landing,
and its land detector was held up by a wrong vertical speed for 7 s instead of 3 to 4."""


@pytest.mark.parametrize("name", NAMES)
def test_a_recording_is_flown_again_alike(name: str) -> None:
    recorded = recording.load(path(name))
    ours = narrative.tell(replay.fly(recorded))
    compared = differences.compare(narrative.tell(recorded.said), ours, recorded.told)
    assert len(compared.rows) > 5
    known = KNOWN.get(name, set())
    assert [sentence for sentence in compared.found if not sentence.startswith(tuple(known))] == []


def test_another_autopilot_is_told_apart(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    picture = tmp_path / "both.png"
    arguments = ["compare", str(path("takeoff_land")), "--param", "MPC_TKO_SPEED=0.5", "--picture", str(picture)]
    assert main.main(arguments) == 1
    assert "landed state" in capsys.readouterr().out
    assert picture.stat().st_size > 1000


@pytest.mark.parametrize(
    ("data", "words"),
    [(b"", "no heartbeat of an autopilot"), (b"\x1f\x8b\x00", "damaged|not a tlog"), (b"0123456789abcdef", "not a tlog")],
)
def test_what_is_no_recording_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, words: str) -> None:
    file = tmp_path / "x.tlog"
    file.write_bytes(data)
    assert main.main(["compare", str(file)]) == 2
    error = capsys.readouterr().err
    assert str(file) in error
    assert any(part in error for part in words.split("|"))
