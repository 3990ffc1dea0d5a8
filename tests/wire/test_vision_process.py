"""Vision over real sockets: video, detections, its own health."""

from __future__ import annotations

import threading
from pathlib import Path

import cv2
import msgspec
import numpy as np
import pytest
import zmq

from onboard.vision.cameras.camera import Camera, Frame
from onboard.vision.cameras.fake import FakeCamera
from onboard.vision.cameras.opening import open_camera
from onboard.vision.configuration import CameraConfig, EncoderConfig, LandingConfig
from onboard.vision.marker import DICTIONARY
from tests.wire.vision_rig import Rig, free_endpoint, with_camera
from wire.clock import Clock
from wire.errors import DeviceError
from wire.keys import Keyring
from wire.messages import CameraFrame, Detections, PadSighting, VideoPacket, VideoRequest, VisionState
from wire.sockets import Bus, Publisher, Subscriber


def fake(config: CameraConfig, keyring: Keyring, clock: Clock) -> Camera:
    del config, keyring
    return FakeCamera(clock, width_px=320, height_px=240)


class Receiver:
    """Groundlink's end of the video, without decoding it."""

    def __init__(self, rig: Rig, bus: Bus) -> None:
        ends = rig.vision.endpoints
        self._rig = rig
        self._video = Subscriber(bus.connect(zmq.SUB, ends.video, "aircraft", depth=8), bus.keyring, ["video"])
        self._request = Publisher(bus.connect(zmq.PUB, ends.video_request, "aircraft"))

    def packets(self, count: int, *, ask: bool = False) -> list[VideoPacket]:
        found: list[VideoPacket] = []
        deadline_s = self._rig.clock.now_s() + 60
        while len(found) < count and self._rig.clock.now_s() < deadline_s:
            if ask:
                self._request.send("video_request", VideoRequest(at_s=0.0, sequence=1))
            messages = [received.message for received in self._video.receive(self._rig.clock.now_s())]
            found += [message for message in messages if isinstance(message, VideoPacket)]
            self._rig.speak(self._rig.clock.now_s(), airborne=True)
            self._rig.clock.sleep(0.02)
        assert len(found) >= count
        return found


def test_each_frame_goes_out_numbered_with_its_time_and_pose(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, Bus(rig.groundlink) as bus:
        rig.start_vision(fake)
        packets = Receiver(rig, bus).packets(20)
    numbers = [packet.sequence for packet in packets]
    assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))
    times = [packet.captured_s for packet in packets]
    assert times == sorted(set(times))
    assert all(packet.codec == "h264" and (packet.width, packet.height) == (320, 240) for packet in packets)
    last = packets[-1]
    assert last.pose is not None
    assert last.pose.at_s == last.captured_s
    assert last.pose.ground_amsl_m == 400.0


def test_a_keyframe_comes_when_it_is_asked_for(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, Bus(rig.groundlink) as bus:
        rig.vision = msgspec.structs.replace(rig.vision, encoder=EncoderConfig(gop_frames=300))
        rig.start_vision(fake)
        receiver = Receiver(rig, bus)
        unasked = receiver.packets(12)[1:]
        asked = receiver.packets(12, ask=True)
    assert sum(packet.keyframe for packet in unasked) == 0
    assert 1 <= sum(packet.keyframe for packet in asked) <= len(asked) // 2, "on request, but no flood of them"


def test_moving_things_are_reported_in_the_air_only(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.start_vision(lambda config, keyring, clock: FakeCamera(clock))
        resting = rig.until(Detections, lambda d: d.reason == "on the ground", airborne=False)
        assert resting.objects is None
        assert resting.valid
        found = rig.until(Detections, lambda d: d.objects is not None and len(d.objects) == 2)
    assert found.objects is not None
    for thing in found.objects:
        assert thing.position is not None
        assert thing.kind in ("person", "moving"), "small, and at this height rather fast"
        assert thing.velocity_east_m_s is not None
        assert thing.velocity_east_m_s > 1.0


def test_a_camera_that_stops_is_reported_and_the_process_stays(tmp_path: Path) -> None:
    broken = threading.Event()

    class Unplugged(FakeCamera):
        def read(self, timeout_s: float) -> Frame | None:
            if broken.is_set():
                raise DeviceError("the camera was unplugged")
            return super().read(timeout_s)

    with Rig(tmp_path) as rig:
        rig.start_vision(lambda config, keyring, clock: Unplugged(clock, width_px=160, height_px=120))
        seen = rig.until(VisionState, lambda state: state.camera_valid and state.frames_per_s > 0)
        assert seen.encode_ms is not None
        broken.set()
        lost = rig.until(VisionState, lambda state: not state.camera_valid)
        assert lost.reason == "the camera was unplugged"
        broken.clear()
        rig.until(VisionState, lambda state: state.camera_valid and state.frames_per_s > 0)


class AboveMarker(FakeCamera):
    """Sees the roof's marker in the middle of its picture, 100 pixels wide."""

    frozen = False

    def read(self, timeout_s: float) -> Frame | None:
        frame = super().read(timeout_s)
        if frame is None:
            return None
        frame.bgr[:] = 200 + (0 if self.frozen else frame.sequence % 2)  # a working camera's pictures differ
        dictionary = cv2.aruco.getPredefinedDictionary(DICTIONARY)
        frame.bgr[190:290, 270:370] = cv2.aruco.generateImageMarker(dictionary, 7, 100)[..., None]
        return frame


DOWN = CameraConfig(kind="file", pitch_down_deg=90.0, horizontal_fov_deg=90.0)


def either(config: CameraConfig, keyring: Keyring, clock: Clock) -> Camera:
    """The landing camera sees the marker."""
    return AboveMarker(clock) if config == DOWN else fake(config, keyring, clock)


def test_the_roofs_marker_is_looked_for_while_flight_wants_it(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        landing = LandingConfig(camera=DOWN, marker_id=7, marker_side_m=0.75)
        rig.vision = msgspec.structs.replace(rig.vision, landing=landing)
        rig.start_vision(either)
        for _ in range(2):
            rig.until(VisionState, lambda state: state.frames_per_s > 0 and not state.landing_reason)
        assert not [message for message in rig.inbox if isinstance(message, PadSighting)]
        rig.seek_pad = True
        sighting = rig.until(PadSighting, lambda sighting: sighting.offset_ned_m is not None)
        assert rig.until(VisionState, lambda state: state.marker_ms is not None).marker_ms
        rig.seek_pad = False
    assert sighting.marker_id == 7 and sighting.side_px == pytest.approx(100, abs=2)
    assert sighting.offset_ned_m == pytest.approx((0.0, 0.0, 2.4), abs=0.1), "0.75 m are 100 pixels of 320 per metre and metre"


class Frozen(AboveMarker):
    """Hangs, and gives its last picture over and over, with fresh time stamps."""

    frozen = True


def test_a_frozen_landing_camera_is_told_and_its_marker_is_no_sighting(tmp_path: Path) -> None:
    def hung(config: CameraConfig, keyring: Keyring, clock: Clock) -> Camera:
        return Frozen(clock) if config == DOWN else fake(config, keyring, clock)

    with Rig(tmp_path) as rig:
        rig.vision = msgspec.structs.replace(rig.vision, landing=LandingConfig(camera=DOWN, marker_id=7))
        rig.start_vision(hung)
        rig.until(VisionState, lambda state: "over and over" in state.landing_reason)
        rig.seek_pad = True
        for _ in range(2):
            state = rig.until(VisionState, lambda state: "over and over" in state.landing_reason)
        assert not [message for message in rig.inbox if isinstance(message, PadSighting)]
    assert state.camera_valid


def test_a_frozen_camera_is_told_and_nothing_is_detected_by_it(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        rig.start_vision(lambda config, keyring, clock: Frozen(clock))
        state = rig.until(VisionState, lambda state: "over and over" in state.reason)
        assert not state.camera_valid and state.frames_per_s > 0
        detections = rig.until(Detections, lambda detections: detections.reason != "")
        assert detections.objects is None and "over and over" in detections.reason
        rig.until(VisionState, lambda state: state.camera_valid, airborne=False)


def test_a_lost_landing_camera_is_told_and_the_video_goes_on(tmp_path: Path) -> None:
    def without(config: CameraConfig, keyring: Keyring, clock: Clock) -> Camera:
        if config == DOWN:
            raise DeviceError("the landing camera is not there")
        return fake(config, keyring, clock)

    with Rig(tmp_path) as rig:
        rig.vision = msgspec.structs.replace(rig.vision, landing=LandingConfig(camera=DOWN))
        rig.start_vision(without)
        state = rig.until(VisionState, lambda state: state.frames_per_s > 0 and "not there" in state.landing_reason)
    assert state.camera_valid and not state.reason


def test_without_any_camera_that_is_what_is_reported(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig:
        with_camera(rig, kind="v4l2", source="/dev/video99")
        rig.start_vision(open_camera)
        state = rig.until(VisionState, lambda state: "/dev/video99" in state.reason)
    assert not state.camera_valid
    assert state.frames_per_s == 0


def test_the_world_is_seen_over_its_socket(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, Bus(rig.world) as world, Bus(rig.groundlink) as ground:
        endpoint = free_endpoint()
        with_camera(rig, kind="world", source=endpoint)
        frames = Publisher(world.bind(zmq.PUB, endpoint, ["aircraft"], depth=1, conflate=True))
        rig.start_vision(open_camera)
        stopping = threading.Event()

        def draw() -> None:
            for sequence in range(10_000):
                pixels = np.full((98, 130, 3), sequence % 200, np.uint8).tobytes()
                frames.send(
                    "frame",
                    CameraFrame(captured_s=rig.clock.now_s(), sequence=sequence, width=130, height=98, bgr=pixels),
                )
                if stopping.wait(0.05):
                    return

        drawing = threading.Thread(target=draw)
        drawing.start()
        packets = Receiver(rig, ground).packets(5)
        stopping.set()
        drawing.join()
    assert all((packet.width, packet.height) == (130, 98) for packet in packets)


def test_a_stranger_sees_nothing(tmp_path: Path) -> None:
    with Rig(tmp_path) as rig, Bus(rig.operator) as bus:
        rig.start_vision(fake)
        rig.until(VisionState, lambda state: state.frames_per_s > 0)
        socket = bus.connect(zmq.SUB, rig.vision.endpoints.video, "aircraft")
        subscriber = Subscriber(socket, rig.operator, ["video"])
        bus.watch(subscriber)
        bus.wait(1.0)
        assert subscriber.receive(rig.clock.now_s()) == []


@pytest.mark.parametrize("kind", ["x264", "mjpeg"])
def test_both_encoders_can_be_configured(tmp_path: Path, kind: str) -> None:
    with Rig(tmp_path) as rig, Bus(rig.groundlink) as bus:
        encoder = msgspec.convert({"kind": kind}, EncoderConfig)
        rig.vision = msgspec.structs.replace(rig.vision, encoder=encoder)
        rig.start_vision(fake)
        assert Receiver(rig, bus).packets(2)[0].codec == {"x264": "h264", "mjpeg": "mjpeg"}[kind]
