"""Which camera a configuration means."""

from __future__ import annotations

from typing import assert_never

from onboard.vision.cameras.camera import Camera
from onboard.vision.cameras.file import FileCamera
from onboard.vision.cameras.rtp import RtpCamera
from onboard.vision.cameras.v4l2 import V4l2Camera
from onboard.vision.cameras.world import WorldCamera
from onboard.vision.configuration import CameraConfig
from wire.clock import Clock
from wire.keys import Keyring


def open_camera(config: CameraConfig, keyring: Keyring, clock: Clock) -> Camera:
    """Open the configured camera. Raises DeviceError (no such camera), KeysError or LinkError (world)."""
    match config.kind:
        case "world":
            return WorldCamera(config.source, keyring, clock)
        case "file":
            return FileCamera(config, clock)
        case "rtp":
            return RtpCamera(config, clock)
        case "v4l2":
            return V4l2Camera(config, clock)
        case _:
            assert_never(config.kind)
