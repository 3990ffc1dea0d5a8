"""The video process in the vehicle: receives, decodes, measures, records."""

from __future__ import annotations

import logging
from typing import Protocol

import cv2
import zmq

from groundlink.video.configuration import VideoConfig
from groundlink.video.receiver import Figures, Receiver
from groundlink.video.recorder import Recorder
from wire.clock import Clock, next_due_s
from wire.errors import DeviceError
from wire.keys import Keyring
from wire.messages import ConsoleState, Detections, VideoPacket, VideoRequest, VideoState
from wire.sockets import Bus, Publisher, Subscriber
from wire.topics import TOPICS

LONGEST_WAIT_S = 0.1
_STATE_PERIOD_S = 1.0
_DETECTIONS_STALE_S = 2.0

_log = logging.getLogger(__name__)


class Stop(Protocol):
    """True once the process shall end."""

    def __bool__(self) -> bool: ...


def run(config: VideoConfig, keyring: Keyring, clock: Clock, stop: Stop) -> int:
    """Receive until `stop`. Returns the exit code. Raises LinkError where the endpoint cannot be bound."""
    cv2.setNumThreads(1)
    with Bus(keyring) as bus:
        loop = _Loop(config, bus, clock)
        bus.watch(loop.video_in, loop.detections_in, loop.console_in)
        try:
            while not stop:
                bus.wait(max(0.002, clock.wall_s(LONGEST_WAIT_S)))
                loop.step(clock)
        finally:
            loop.close()
    return 0


class _Loop:
    """What is done each time something arrives."""

    def __init__(self, config: VideoConfig, bus: Bus, clock: Clock) -> None:
        ends = config.endpoints
        self._state_out = Publisher(bus.bind(zmq.PUB, ends.video_state, ["groundlink", "operator"]))
        self._requests = Publisher(bus.connect(zmq.PUB, ends.video_request, "aircraft"))
        self.video_in = _subscriber(bus, ends.video, "aircraft", "video")
        self.detections_in = _subscriber(bus, ends.detections, "aircraft", "detections")
        self.console_in = _subscriber(bus, ends.console, "groundlink", "console")
        self._receiver = Receiver()
        self._figures = Figures(clock.now_s())
        self._recorder, self._recording_fault = _open_recorder(config)
        self._clock_offset_s: float | None = None
        self._requests_sent = 0
        self._found: tuple[Detections, float] | None = None
        self._said = ""
        self._state_due_s = clock.now_s()

    def step(self, clock: Clock) -> None:
        now_s = clock.now_s()
        for received in self.console_in.receive(now_s):
            if isinstance(received.message, ConsoleState):
                self._clock_offset_s = received.message.clock_offset_s
        for received in self.video_in.receive(now_s):
            if isinstance(received.message, VideoPacket):
                self._video(received.message, clock)
        for received in self.detections_in.receive(now_s):
            if isinstance(received.message, Detections):
                self._detections(received.message, now_s)
        if self._receiver.wants_keyframe(now_s):
            self._requests_sent += 1
            self._requests.send("video_request", VideoRequest(at_s=now_s, sequence=self._requests_sent))
        if now_s >= self._state_due_s:
            self._state_due_s = next_due_s(self._state_due_s, now_s, _STATE_PERIOD_S)
            self._state_out.send("video_state", self._state(now_s))

    def close(self) -> None:
        if self._recorder is not None:
            self._recorder.close()
            self._say(self._recorder.reason)

    def _video(self, packet: VideoPacket, clock: Clock) -> None:
        shown = self._receiver.take(packet)
        now_s = clock.now_s()
        self._figures.arrived(now_s, len(packet.data))
        if shown is None:
            return
        offset_s = self._clock_offset_s
        self._figures.shown(now_s, None if offset_s is None else now_s - (packet.captured_s - offset_s))
        if self._recorder is not None:
            self._recorder.video(packet)

    def _detections(self, message: Detections, now_s: float) -> None:
        """A frame that was not looked at does not hide for the next moment what was found on the one before."""
        if message.objects is not None or not message.valid:
            self._found = (message, now_s)
        if self._recorder is not None:
            self._recorder.detections(message)

    def _state(self, now_s: float) -> VideoState:
        objects, works = self._objects(now_s)
        if self._recorder is not None and self._recorder.reason:
            self._recording_fault = self._recorder.reason
        reason = "; ".join(part for part in (self._receiver.reason, self._recording_fault) if part)[:400]
        self._say(reason)
        return VideoState(
            sent_s=now_s,
            frames_per_s=self._figures.frames_per_s(now_s),
            frames_received=self._receiver.received,
            frames_lost=self._receiver.lost,
            latency_p50_ms=self._figures.latency_ms(now_s, 0.5),
            latency_p95_ms=self._figures.latency_ms(now_s, 0.95),
            kilobits_per_s=self._figures.kilobits_per_s(now_s),
            objects=objects,
            objects_valid=works,
            reason=reason,
        )

    def _objects(self, now_s: float) -> tuple[int | None, bool]:
        """How many objects there are (None: nobody looks), and whether the detector works: it speaks, and says that it does."""
        health = self.detections_in.health["detections"]
        age_s = health.age_s(now_s)
        speaks = age_s is not None and age_s < _DETECTIONS_STALE_S
        if self._found is None or now_s - self._found[1] > _DETECTIONS_STALE_S:
            return None, speaks
        found = self._found[0]
        return None if found.objects is None else len(found.objects), speaks and found.valid

    def _say(self, reason: str) -> None:
        if reason and reason != self._said:
            _log.warning("%s", reason)
        self._said = reason


def _subscriber(bus: Bus, endpoint: str, server: str, topic: str) -> Subscriber:
    return Subscriber(bus.connect(zmq.SUB, endpoint, server, depth=TOPICS[topic].depth), bus.keyring, [topic])


def _open_recorder(config: VideoConfig) -> tuple[Recorder | None, str]:
    """A recorder where one is wanted, or why there is none: showing goes on without."""
    if config.folder is None:
        return None, ""
    try:
        return Recorder(config.folder), ""
    except DeviceError as error:
        return None, str(error)
