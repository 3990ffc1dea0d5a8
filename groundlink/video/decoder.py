"""Packets into pictures."""

from __future__ import annotations

from typing import Protocol

import av
import cv2
import numpy as np
import numpy.typing as npt
from av.codec.context import Flags

from wire.errors import MalformedError

Image = npt.NDArray[np.uint8]
"""Height x width x 3, 8-bit BGR."""


class Decoder(Protocol):
    """Decodes packets in order."""

    def decode(self, data: bytes) -> Image:
        """The packet's picture. Raises MalformedError; after that, only a keyframe can be decoded again."""
        ...


class H264Decoder:
    """H.264 in Annex B, one picture per packet without delay. A damaged picture is refused, not patched up."""

    def __init__(self) -> None:
        context = av.CodecContext.create("h264", "r")
        context.thread_count = 1
        context.flags |= Flags.low_delay
        context.options = {"err_detect": "explode"}
        self._context = context

    def decode(self, data: bytes) -> Image:
        try:
            frames = self._context.decode(av.Packet(data)) if data else []
        except av.FFmpegError as error:
            raise MalformedError(f"a video packet cannot be decoded: {error}") from error
        if not frames or frames[-1].is_corrupt:
            raise MalformedError("a video packet holds no whole picture")
        return np.asarray(frames[-1].to_ndarray(format="bgr24"), np.uint8)


class MjpegDecoder:
    """Each packet is a JFIF file."""

    def decode(self, data: bytes) -> Image:
        if not data.startswith(b"\xff\xd8") or not data.endswith(b"\xff\xd9"):
            raise MalformedError("a video packet is not a whole JPEG picture")
        try:
            picture = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
        except cv2.error as error:
            raise MalformedError(f"a video packet cannot be decoded: {error}") from error
        if picture is None:
            raise MalformedError("a video packet is not a JPEG picture")
        return np.asarray(picture, np.uint8)


def open_decoder(codec: str) -> Decoder:
    """The decoder of a codec's name as it stands in packets. Raises MalformedError for others."""
    if codec == "h264":
        return H264Decoder()
    if codec == "mjpeg":
        return MjpegDecoder()
    raise MalformedError(f"there is no decoder for video of codec {codec[:20]!r}: update the vehicle's software")
