"""Vision on board and video on the ground as threads of one process, over real sockets on free ports."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import msgspec
import zmq

from groundlink.video import process as video_process
from groundlink.video.configuration import VideoConfig, VideoEndpoints
from onboard.vision import process as vision_process
from onboard.vision.cameras.camera import Camera
from onboard.vision.configuration import CameraConfig, VisionConfig, VisionEndpoints
from sitl.stack.ports import free_ports
from wire import keys
from wire.clock import Clock, SystemClock
from wire.geo import Position
from wire.keys import Keyring
from wire.messages import ConsoleState, Message, Pose, VehicleState
from wire.sockets import Bus, Publisher, Subscriber

M = TypeVar("M", bound=Message)
PATIENCE_S = 60.0
"""Real seconds: only a broken program needs as many."""


class Flag:
    """Ends a process's loop."""

    def __init__(self) -> None:
        self.up = False

    def __bool__(self) -> bool:
        return self.up


def free_endpoint() -> str:
    return f"tcp://127.0.0.1:{free_ports(1)[0]}"


class Rig:
    """Start what a test needs, listen to everything, play the flight process and the daemon."""

    def __init__(self, folder: Path) -> None:
        keys.make(folder / "keys")
        self.folder = folder
        self.aircraft, self.groundlink = (keys.load(folder / "keys", name) for name in ("aircraft", "groundlink"))
        self.operator, self.world = (keys.load(folder / "keys", name) for name in ("operator", "world"))
        self.clock = SystemClock()
        video, detections, requests, pose, console, state = (f"tcp://127.0.0.1:{port}" for port in free_ports(6))
        self.vision = VisionConfig(
            endpoints=VisionEndpoints(video=video, detections=detections, video_request=requests, pose=pose)
        )
        self.video = VideoConfig(
            folder=folder / "record",
            endpoints=VideoEndpoints(
                video=video, detections=detections, video_request=requests, console=console, video_state=state
            ),
        )
        self._threads: list[tuple[threading.Thread, Flag]] = []
        self._air_bus, self._ground_bus, self._watch_bus = Bus(self.aircraft), Bus(self.groundlink), Bus(self.operator)
        self._pose = Publisher(self._air_bus.bind(zmq.PUB, pose, ["aircraft"]))
        self._console = Publisher(self._ground_bus.bind(zmq.PUB, console, ["groundlink", "operator"]))
        self.seek_pad = False
        """Flight wants the roof's marker to be looked for."""
        self.inbox: list[Message] = []
        self._watched = [
            self._watch(detections, "aircraft", "detections", "vision_state", "pad_sighting"),
            self._watch(state, "groundlink", "video_state"),
        ]

    def _watch(self, endpoint: str, server: str, *topics: str) -> Subscriber:
        return Subscriber(self._watch_bus.connect(zmq.SUB, endpoint, server), self.operator, topics)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        while self._threads:
            self.stop()
        for bus in (self._air_bus, self._ground_bus, self._watch_bus):
            bus.close()

    def start_vision(self, open_camera: Callable[[CameraConfig, Keyring, Clock], Camera]) -> None:
        self._start(lambda stop: vision_process.run(self.vision, self.aircraft, self.clock, stop, open_camera))

    def start_video(self) -> None:
        self._start(lambda stop: video_process.run(self.video, self.groundlink, self.clock, stop))

    def stop(self) -> None:
        """Stop what was started last."""
        thread, flag = self._threads.pop()
        flag.up = True
        thread.join(20)
        assert not thread.is_alive()

    def _start(self, run: Callable[[Flag], int]) -> None:
        flag = Flag()
        thread = threading.Thread(target=run, args=(flag,))
        thread.start()
        self._threads.append((thread, flag))

    def until(self, kind: type[M], condition: Callable[[M], bool], *, airborne: bool = True) -> M:
        """The first message of a kind that fulfils a condition, with poses and the daemon's state going out meanwhile."""
        deadline_s = self.clock.now_s() + PATIENCE_S
        while (now_s := self.clock.now_s()) < deadline_s:
            self.speak(now_s, airborne=airborne)
            for subscriber in self._watched:
                for received in subscriber.receive(now_s):
                    self.inbox.append(received.message)
                    if isinstance(received.message, kind) and condition(received.message):
                        return received.message
            self.clock.sleep(0.03)
        raise AssertionError(f"no such {kind.__name__} came; the last messages were {self.inbox[-3:]}")

    def speak(self, now_s: float, *, airborne: bool) -> None:
        pose = Pose(
            at_s=now_s,
            position=Position(47.0, 8.0, 430.0),
            attitude=(1.0, 0.0, 0.0, 0.0),
            height_m=28.0,
            airborne=airborne,
            ground_amsl_m=400.0,
            seek_pad=self.seek_pad,
        )
        self._pose.send("pose", pose)
        vehicle = VehicleState(sent_s=now_s, sequence=1, position=None)
        state = ConsoleState(
            sent_s=now_s,
            aircraft=None,
            aircraft_age_s=None,
            round_trip_s=0.001,
            clock_offset_s=0.0,
            vehicle=vehicle,
            latch_reason="",
            video=None,
            warnings=[],
        )
        self._console.send("console", state)


def with_camera(rig: Rig, **fields: object) -> None:
    """Change the camera's configuration before vision is started."""
    camera = msgspec.structs.replace(rig.vision.camera, **fields)
    rig.vision = msgspec.structs.replace(rig.vision, camera=camera)
