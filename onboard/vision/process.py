"""The vision process: frames in; video, detections and its own health out. Newest frame wins."""

from __future__ import annotations

import logging
import time
from collections import deque
from collections.abc import Callable
from contextlib import nullcontext
from typing import Protocol

import cv2
import zmq

from onboard.vision.cameras.camera import Camera, Frame
from onboard.vision.cameras.opening import open_camera as open_configured
from onboard.vision.capture import Capture
from onboard.vision.configuration import CameraConfig, VisionConfig
from onboard.vision.detection import Job, Lookout, rest_reason
from onboard.vision.detector import MovingTargetDetector
from onboard.vision.encoder import Choice, Encoded, MjpegEncoder, open_encoder
from onboard.vision.landing import PadLookout
from onboard.vision.poses import Poses
from onboard.vision.still import REASON, StillWatch
from onboard.vision.wake import Wake
from onboard.vision.worker import Worker
from wire.clock import Clock
from wire.errors import DeviceError
from wire.keys import Keyring
from wire.messages import Detections, Pose, VideoPacket, VideoRequest, VisionState
from wire.sockets import Bus, Publisher, Subscriber
from wire.topics import TOPICS

LONGEST_WAIT_S = 0.1
REQUEST_PAUSE_S = 0.2
"""Keyframes on request come no closer than this: each costs several frames' bits."""
_STATE_PERIOD_S = 1.0
_RATE_WINDOW_S = 2.0
_AVERAGE_GAIN = 0.1

_log = logging.getLogger(__name__)


class Stop(Protocol):
    """True once the process shall end."""

    def __bool__(self) -> bool: ...


def run(
    config: VisionConfig,
    keyring: Keyring,
    clock: Clock,
    stop: Stop,
    open_camera: Callable[[CameraConfig, Keyring, Clock], Camera] = open_configured,
) -> int:
    """See until `stop`. Returns the exit code. Raises LinkError where an endpoint cannot be bound."""
    cv2.setNumThreads(1)
    cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)  # what is wrong with a camera is told once, in words
    wake = Wake()
    lookout = Worker("lookout", Lookout(config.camera, MovingTargetDetector()).look, wake)
    capture = Capture(lambda: open_camera(config.camera, keyring, clock), clock, wake)
    down = config.landing.camera
    pad = None if down is None else PadLookout(config.landing, lambda: open_camera(down, keyring, clock), clock, wake)
    with Bus(keyring) as bus, lookout, capture, pad or nullcontext():
        loop = _Loop(config, bus, clock, capture, lookout, pad=pad)
        bus.watch(wake.fileno(), loop.requests, loop.poses_in)
        while not stop:
            bus.wait(max(0.002, clock.wall_s(LONGEST_WAIT_S)))
            wake.clear()
            loop.step(clock.now_s())
    wake.close()
    return 0


class _Loop:
    """What is done each time something arrives."""

    def __init__(
        self,
        config: VisionConfig,
        bus: Bus,
        clock: Clock,
        capture: Capture,
        lookout: Worker[Job, Detections],
        *,
        pad: PadLookout | None,
    ) -> None:
        ends = config.endpoints
        self._config = config
        self._capture = capture
        self._lookout = lookout
        self._pad = pad
        self._video = Publisher(bus.bind(zmq.PUB, ends.video, ["groundlink"], depth=TOPICS["video"].depth))
        self._detections = Publisher(bus.bind(zmq.PUB, ends.detections, ["groundlink", "aircraft", "operator"]))
        self.requests = Subscriber(bus.bind(zmq.SUB, ends.video_request, ["groundlink"]), bus.keyring, ["video_request"])
        pose = bus.connect(zmq.SUB, ends.pose, "aircraft", depth=TOPICS["pose"].depth)
        self.poses_in = Subscriber(pose, bus.keyring, ["pose"])
        self._poses = Poses()
        self._stream = VideoStream(config)
        self._still = StillWatch()
        self._flying = False
        self._detect_ms: float | None = None
        self._camera_sequence: int | None = None
        self._dropped = 0
        self._sent_s: deque[float] = deque(maxlen=256)
        self._state_due_s = clock.now_s()

    def step(self, now_s: float) -> None:
        for received in self.poses_in.receive(now_s):
            if isinstance(received.message, Pose):
                self._poses.add(received.message)
        if any(isinstance(received.message, VideoRequest) for received in self.requests.receive(now_s)):
            self._stream.request_keyframe()
        frame = self._capture.take()
        if frame is not None:
            self._take(frame, now_s)
        for done in self._lookout.results():
            self._detections.send("detections", done.result)
            self._detect_ms = averaged(self._detect_ms, done.took_ms)
        for sighting in self._pad.step(self._poses) if self._pad else ():
            self._detections.send("pad_sighting", sighting)
        if now_s >= self._state_due_s:
            self._state_due_s = max(self._state_due_s + _STATE_PERIOD_S, now_s)
            self._detections.send("vision_state", self._state(now_s))

    def _take(self, frame: Frame, now_s: float) -> None:
        if self._camera_sequence is not None:
            self._dropped += max(0, frame.sequence - self._camera_sequence - 1)
        self._camera_sequence = frame.sequence
        pose = self._poses.at(frame.captured_s)
        self._still.update(frame)
        self._flying = self._flying if pose is None else pose.airborne
        packet = self._stream.encode(frame, pose)
        if packet is None:
            self._dropped += 1
            return
        self._video.send("video", packet)
        self._sent_s.append(now_s)
        if packet.sequence % self._config.detector.every_nth_frame == 0:
            self._detect(frame, packet.sequence, pose)

    def _detect(self, frame: Frame, sequence: int, pose: Pose | None) -> None:
        reason = rest_reason(self._config.detector, pose) or (REASON if self._still.repeats else "")
        if pose is not None and not reason:
            job = Job(frame, sequence, pose, self._poses.velocity_ned_m_s(frame.captured_s))
            if self._lookout.offer(job):
                return
            reason = "the detector is still busy with an earlier frame"
        self._detections.send(
            "detections", Detections(captured_s=frame.captured_s, sequence=sequence, objects=None, reason=reason)
        )

    def _state(self, now_s: float) -> VisionState:
        # on the ground, a simulated camera without noise may rightly see the same for long
        fault = self._capture.fault(now_s) or (self._still.fault(now_s) if self._flying else "")
        recent = sum(now_s - sent_s < _RATE_WINDOW_S for sent_s in self._sent_s)
        return VisionState(
            sent_s=now_s,
            camera_valid=not fault,
            reason=(fault or self._stream.reason)[:400],
            frames_per_s=recent / _RATE_WINDOW_S,
            frames_dropped=self._dropped,
            encode_ms=self._stream.encode_ms,
            detect_ms=self._detect_ms,
            landing_reason=self._pad.fault(now_s)[:400] if self._pad else "",
            marker_ms=self._pad.look_ms if self._pad else None,
        )


class VideoStream:
    """Encodes frames into numbered packets; opens the encoder anew when the picture's size changes."""

    def __init__(self, config: VisionConfig) -> None:
        self._config = config
        self._choice: Choice | None = None
        self._size = (0, 0)
        self._sequence = 0
        self._keyframe_wanted = False
        self._keyframe_s = float("-inf")
        self.encode_ms: float | None = None

    @property
    def reason(self) -> str:
        """Why the encoder is not the configured one, or ''."""
        return self._choice.reason if self._choice else ""

    def request_keyframe(self) -> None:
        self._keyframe_wanted = True

    def encode(self, frame: Frame, pose: Pose | None) -> VideoPacket | None:
        """The packet of a frame, or None when the encoder failed on it (which is said, and MJPEG takes over)."""
        height, width = (side // 2 * 2 for side in frame.bgr.shape[:2])  # 4:2:0 needs even sides
        started_s = time.perf_counter()
        if self._choice is None or self._size != (width, height):
            self._open(width, height)
        assert self._choice is not None
        force = self._keyframe_wanted and frame.captured_s - self._keyframe_s >= REQUEST_PAUSE_S
        try:
            encoded = self._choice.encoder.encode(frame.bgr[:height, :width], keyframe=force)
        except DeviceError as error:
            self._use(Choice(MjpegEncoder(self._config.encoder), f"video goes as MJPEG: {error}"))
            return None
        self.encode_ms = averaged(self.encode_ms, (time.perf_counter() - started_s) * 1000)
        return self._packet(frame, encoded, pose)

    def _packet(self, frame: Frame, encoded: Encoded, pose: Pose | None) -> VideoPacket:
        assert self._choice is not None
        if encoded.keyframe:
            self._keyframe_wanted, self._keyframe_s = False, frame.captured_s
        self._sequence += 1
        return VideoPacket(
            captured_s=frame.captured_s,
            sequence=self._sequence,
            codec=self._choice.encoder.codec,
            keyframe=encoded.keyframe,
            width=self._size[0],
            height=self._size[1],
            data=encoded.data,
            pose=pose,
        )

    def _open(self, width: int, height: int) -> None:
        self._size = (width, height)
        self._use(open_encoder(self._config.encoder, width, height, self._config.camera.frames_per_s))

    def _use(self, choice: Choice) -> None:
        self._choice = choice
        if choice.reason:
            _log.warning("%s", choice.reason)


def averaged(old: float | None, new: float) -> float:
    """An exponential moving average."""
    return new if old is None else old + _AVERAGE_GAIN * (new - old)
