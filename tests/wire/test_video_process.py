"""The whole way over real sockets: camera, encoder, radio, decoder, file."""

from __future__ import annotations

import json
from pathlib import Path

import av
import msgspec
import pytest
import zmq

from onboard.vision.cameras.camera import Camera
from onboard.vision.cameras.fake import FakeCamera
from onboard.vision.configuration import CameraConfig
from tests.unit.vision.packets import video
from tests.wire.vision_rig import Rig
from wire.clock import Clock
from wire.codec import encode
from wire.keys import Keyring
from wire.messages import VideoPacket, VideoRequest, VideoState
from wire.sockets import Bus, Publisher, Subscriber


def fake(config: CameraConfig, keyring: Keyring, clock: Clock) -> Camera:
    del config, keyring
    return FakeCamera(clock, width_px=320, height_px=240)


def test_video_is_shown_measured_and_recorded(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.start_vision(fake)
        rig.start_video()
        early = rig.until(VideoState, lambda s: s.frames_per_s > 0)
        state = rig.until(VideoState, lambda s: s.frames_received > 40 and s.objects is not None)
        rig.stop()
    assert state.frames_lost == early.frames_lost, "none but those before the first keyframe"
    assert state.reason == ""
    assert state.objects_valid
    assert state.latency_p50_ms is not None
    assert state.latency_p95_ms is not None
    assert 0 < state.latency_p50_ms <= state.latency_p95_ms
    assert state.kilobits_per_s > 0
    with av.open(str(tmp_path / "record" / "video.mp4")) as container:
        times = [frame.time for frame in container.decode(video=0)]
    assert len(times) >= state.frames_received - state.frames_lost
    lines = (tmp_path / "record" / "detections.jsonl").read_text().splitlines()
    assert json.loads(lines[-1])["sequence"] > 0


def test_vision_may_die_and_come_back(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.start_video()
        rig.start_vision(fake)
        before = rig.until(VideoState, lambda s: s.frames_received > 10)
        rig.stop()
        rig.until(VideoState, lambda s: s.sent_s > before.sent_s + 2 and not s.objects_valid)
        rig.start_vision(fake)
        again = rig.until(VideoState, lambda s: s.frames_received > before.frames_received + 20 and s.frames_per_s > 0)
    assert again.reason == ""


def test_before_any_video_there_is_a_state_and_no_latency(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.start_video()
        state = rig.until(VideoState, lambda s: True)
    assert (state.frames_received, state.latency_p50_ms, state.objects) == (0, None, None)
    assert not state.objects_valid


class Aircraft:
    """The aircraft's sockets, to send what a broken radio would leave over."""

    def __init__(self, rig: Rig, bus: Bus) -> None:
        ends = rig.video.endpoints
        self.video = Publisher(bus.bind(zmq.PUB, ends.video, ["groundlink"], depth=64))
        self.requests = Subscriber(bus.bind(zmq.SUB, ends.video_request, ["groundlink"]), bus.keyring, ["video_request"])
        self.rig = rig

    def send(self, packet: VideoPacket) -> None:
        self.video.send("video", packet)

    def send_until(self, packet: VideoPacket, received: int) -> None:
        """Send a packet again and again until the video process has heard so many."""
        heard = False
        while not heard:
            self.send(packet)
            state = self.rig.until(VideoState, lambda s: True)
            heard = state.frames_received >= received

    def wait_until_asked(self) -> None:
        """Until a keyframe is asked for."""
        asked = False
        while not asked:
            self.rig.until(VideoState, lambda s: True)
            messages = [received.message for received in self.requests.receive(self.rig.clock.now_s())]
            asked = any(isinstance(message, VideoRequest) for message in messages)


def test_after_lost_packets_a_keyframe_is_asked_for_and_ends_the_wait(tmp_path: Path) -> None:
    packets = video(40, keyframes=(20,))
    with Rig(tmp_path) as rig, Bus(rig.aircraft) as bus:
        aircraft = Aircraft(rig, bus)
        rig.start_video()
        aircraft.send_until(packets[0], 1)
        for packet in packets[1:5] + packets[9:12]:
            aircraft.send(packet)
        waiting = rig.until(VideoState, lambda s: "waiting for a keyframe" in s.reason)
        aircraft.wait_until_asked()
        for packet in packets[20:30]:
            aircraft.send(packet)
        cured = rig.until(VideoState, lambda s: s.reason == "")
    assert cured.frames_received - waiting.frames_received == 10
    assert cured.frames_lost == 4 + 3 + 8, "lost on the way, useless without a keyframe, lost on the way"
    with av.open(str(tmp_path / "record" / "video.mp4")) as container:
        assert len(list(container.decode(video=0))) >= 5 + 10


@pytest.mark.parametrize("keep", [0.02, 0.5, 0.98])
def test_cut_packets_break_nothing(tmp_path: Path, keep: float) -> None:
    packets = video(12, keyframes=(8,))
    with Rig(tmp_path) as rig, Bus(rig.aircraft) as bus:
        aircraft = Aircraft(rig, bus)
        rig.start_video()
        aircraft.send_until(packets[0], 1)
        for packet in packets[1:4]:
            whole = encode("video", packet)
            aircraft.video.socket.send(whole[: int(keep * len(whole))])
        aircraft.send(msgspec.structs.replace(packets[4], data=packets[4].data[: int(keep * len(packets[4].data))]))
        for packet in packets[8:]:
            aircraft.send(packet)
        state = rig.until(VideoState, lambda s: s.reason == "" and s.frames_received >= 6)
    assert state.frames_lost >= 1


def test_a_folder_that_cannot_be_written_is_said_and_video_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with Rig(tmp_path) as rig:
        rig.video = msgspec.structs.replace(rig.video, folder=tmp_path / "file" / "record")
        rig.start_vision(fake)
        rig.start_video()
        state = rig.until(VideoState, lambda s: s.frames_per_s > 0)
    assert "nothing can be recorded" in state.reason


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_said_and_video_goes_on(tmp_path: Path) -> None:
    (tmp_path / "record").mkdir()
    (tmp_path / "record" / "video.mp4").symlink_to("/dev/full")
    with Rig(tmp_path) as rig:
        rig.start_vision(fake)
        rig.start_video()
        full = rig.until(VideoState, lambda s: "has stopped" in s.reason)
        after = rig.until(VideoState, lambda s: s.frames_received > full.frames_received + 10)
    assert after.frames_per_s > 0
