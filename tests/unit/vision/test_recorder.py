"""What is kept can be played, whatever happens."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import msgspec
import pytest

from groundlink.video.recorder import Recorder
from tests.unit.vision.packets import video
from wire.errors import DeviceError
from wire.geo import Position
from wire.messages import Detection, Detections


def played(path: Path) -> tuple[list[float], float]:
    """The frames' times and the file's duration in seconds."""
    with av.open(str(path)) as container:
        times = [frame.time for frame in container.decode(video=0)]
        assert container.duration is not None
        return [time for time in times if time is not None], container.duration / av.time_base


@pytest.mark.parametrize("codec", ["h264", "mjpeg"])
def test_the_recording_has_every_frame_at_its_time(tmp_path: Path, codec: str) -> None:
    recorder = Recorder(tmp_path)
    packets = video(30, codec=codec, gop=10)
    packets = [msgspec.structs.replace(p, captured_s=p.captured_s + 0.02 * (p.sequence % 3)) for p in packets]
    for packet in packets:
        recorder.video(packet)
    recorder.close()
    times, duration_s = played(tmp_path / "video.mp4")
    assert times == pytest.approx([p.captured_s - packets[0].captured_s for p in packets], abs=2e-4)
    assert duration_s == pytest.approx(packets[-1].captured_s - packets[0].captured_s + 1 / 15, abs=0.01)
    assert recorder.reason == ""


def test_the_recording_begins_with_a_keyframe(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    for packet in video(12, keyframes=(5,))[2:]:
        recorder.video(packet)
    recorder.close()
    assert len(played(tmp_path / "video.mp4")[0]) == 7


def test_another_format_or_a_clock_that_starts_anew_begins_another_file(tmp_path: Path) -> None:
    recorder = Recorder(tmp_path)
    for packet in [*video(5, start=50), *video(4), *video(3, codec="mjpeg", start=5)]:
        recorder.video(packet)
    recorder.close()
    names = ["video.mp4", "video-2.mp4", "video-3.mp4"]
    assert [len(played(tmp_path / name)[0]) for name in names] == [5, 4, 3]


def test_an_earlier_recording_is_kept(tmp_path: Path) -> None:
    for _ in range(2):
        recorder = Recorder(tmp_path)
        recorder.video(video(1)[0])
        recorder.close()
    assert (tmp_path / "video.mp4").is_file()
    assert (tmp_path / "video-2.mp4").is_file()


def test_killed_at_any_moment_the_file_is_playable(tmp_path: Path) -> None:
    script = (
        "import sys, time; from pathlib import Path\n"
        "from groundlink.video.recorder import Recorder; from tests.unit.vision.packets import video\n"
        "recorder = Recorder(Path(sys.argv[1]))\n"
        "for packet in video(35, gop=10): recorder.video(packet)\n"
        "print('written', flush=True); time.sleep(60)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script, str(tmp_path)], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "written\n"
        os.kill(process.pid, signal.SIGKILL)
    assert len(played(tmp_path / "video.mp4")[0]) == 30, "all groups of pictures that were complete"


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_and_nothing_is_raised(tmp_path: Path) -> None:
    (tmp_path / "video.mp4").symlink_to("/dev/full")
    recorder = Recorder(tmp_path)
    for packet in video(25, gop=5):
        recorder.video(packet)
        recorder.detections(Detections(captured_s=1.0, sequence=1, objects=[]))
    recorder.close()
    assert "No space left" in recorder.reason


def test_a_folder_that_cannot_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(DeviceError, match="nothing can be recorded"):
        Recorder(tmp_path / "file" / "folder")


def test_detections_are_lines_with_names(tmp_path: Path) -> None:
    found = Detection(
        track_id=3, kind="person", confidence=0.5, box_px=(1.0, 2.0, 3.0, 4.0), position=Position(47.0, 8.0, 400.0)
    )
    recorder = Recorder(tmp_path)
    recorder.detections(Detections(captured_s=1.5, sequence=7, objects=[found]))
    recorder.detections(Detections(captured_s=1.6, sequence=8, objects=None, reason="on the ground"))
    lines = [json.loads(line) for line in (tmp_path / "detections.jsonl").read_text().splitlines()]
    recorder.close()
    assert lines[0]["objects"][0]["position"] == {"latitude_deg": 47.0, "longitude_deg": 8.0, "altitude_amsl_m": 400.0}
    assert lines[0]["objects"][0]["box_px"] == [1, 2, 3, 4]
    assert lines[1]["objects"] is None
    assert lines[1]["reason"] == "on the ground"
