"""The camera of the drawn world: frames over a socket that keeps the newest only."""

from __future__ import annotations

import numpy as np
import zmq

from onboard.vision.cameras.camera import Frame
from wire.clock import Clock
from wire.errors import DeviceError
from wire.keys import Keyring
from wire.messages import CameraFrame
from wire.sockets import Bus, Subscriber


class WorldCamera:
    """Subscribes to topic `frame`. The capture time is the world's, on the clock that all of a simulation share."""

    def __init__(self, endpoint: str, keyring: Keyring, clock: Clock) -> None:
        self._clock = clock
        self._bus = Bus(keyring)
        try:
            socket = self._bus.connect(zmq.SUB, endpoint, "world", depth=1, conflate=True)
        except Exception:
            self._bus.close()
            raise
        self._subscriber = Subscriber(socket, keyring, ["frame"])
        self._bus.watch(self._subscriber)

    def read(self, timeout_s: float) -> Frame | None:
        self._bus.wait(self._clock.wall_s(timeout_s))
        for received in self._subscriber.receive(self._clock.now_s()):
            if isinstance(received.message, CameraFrame):
                return frame_of(received.message)
        health = self._subscriber.health["frame"]
        if health.malformed and not health.valid():
            raise DeviceError(f"the world's frames cannot be read: {health.last_error}")
        return None

    def close(self) -> None:
        self._bus.close()


def frame_of(message: CameraFrame) -> Frame:
    """The pixels of a message. Raises DeviceError when they are not as many as its size says."""
    wanted = message.width * message.height * 3
    if len(message.bgr) != wanted:
        raise DeviceError(
            f"a frame of {message.width}x{message.height} came with {len(message.bgr)} bytes instead of {wanted}: "
            "the sender of topic frame is broken"
        )
    pixels = np.frombuffer(message.bgr, np.uint8).reshape(message.height, message.width, 3)
    return Frame(pixels, message.captured_s, message.sequence)
