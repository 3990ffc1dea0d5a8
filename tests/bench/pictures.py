"""The world's frames as the board gets them, and what encoding and decoding them takes with nothing around it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import cv2
import yaml

from groundlink.video.decoder import open_decoder
from onboard.vision.cameras.camera import Frame
from onboard.vision.cameras.world import WorldCamera
from onboard.vision.configuration import VisionConfig
from onboard.vision.encoder import open_encoder
from wire import keys
from wire.clock import SystemClock


class Taken(NamedTuple):
    frame: Frame
    arrived_s: float


class Bare(NamedTuple):
    encode_ms: float
    decode_ms: float

    @property
    def both_ms(self) -> float:
        return self.encode_ms + self.decode_ms


def collect(world_file: Path, keys_folder: Path, seconds: float) -> list[Taken]:
    """Frames for so many real seconds, received as the vision process receives them, by a second reader beside it."""
    endpoint = yaml.safe_load(world_file.read_text(encoding="utf-8"))["endpoints"]["frames"]
    clock = SystemClock()
    camera = WorldCamera(endpoint, keys.load(keys_folder, "aircraft"), clock)
    taken: list[Taken] = []
    try:
        until_s = time.monotonic() + seconds
        while time.monotonic() < until_s:
            frame = camera.read(0.25)
            if frame is not None:
                taken.append(Taken(frame, clock.now_s()))
    finally:
        camera.close()
    return taken


def bare(taken: Sequence[Taken]) -> list[Bare]:
    """Encode and decode frames one by one in one thread, at the pace they were taken in, with vision's own settings."""
    config = VisionConfig()
    cv2.setNumThreads(1)
    height, width = taken[0].frame.bgr.shape[:2]
    encoder = open_encoder(config.encoder, width, height, config.camera.frames_per_s).encoder
    decoder = open_decoder(encoder.codec)
    began_s, first_s = time.monotonic(), taken[0].frame.captured_s
    figures = []
    for frame, _ in taken:
        time.sleep(max(0.0, began_s + frame.captured_s - first_s - time.monotonic()))
        start_s = time.perf_counter()
        data = encoder.encode(frame.bgr, keyframe=False).data
        between_s = time.perf_counter()
        decoder.decode(data)
        figures.append(Bare(1000 * (between_s - start_s), 1000 * (time.perf_counter() - between_s)))
    return figures[1:]  # the first one opens everything
