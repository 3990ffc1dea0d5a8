"""Frames into packets. x264 by PyAV where that can be opened, otherwise MJPEG, which needs no GPL part."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple, Protocol

import av
import cv2
import numpy as np
from av.video.frame import PictureType

from onboard.vision.cameras.camera import Image
from onboard.vision.configuration import EncoderConfig
from wire.errors import DeviceError


class Encoded(NamedTuple):
    """One frame's bytes: an access unit in Annex B with SPS and PPS before each IDR (h264), or a JFIF file (mjpeg)."""

    data: bytes
    keyframe: bool


class Encoder(Protocol):
    """Encodes frames of one size, even in both directions. Opening and encoding raise DeviceError."""

    @property
    def codec(self) -> str: ...

    def encode(self, bgr: Image, *, keyframe: bool) -> Encoded:
        """Every frame gives its packet at once; `keyframe` asks for one that can be decoded without those before."""
        ...


class X264Encoder:
    """H.264 without any look-ahead: constrained baseline, one thread, one packet per frame."""

    codec = "h264"

    def __init__(self, config: EncoderConfig, width_px: int, height_px: int, frames_per_s: float) -> None:
        rate = Fraction(frames_per_s).limit_denominator(1000)
        bits = config.bitrate_kbit_s * 1000
        try:
            context = av.CodecContext.create("libx264", "w")
            context.width, context.height, context.pix_fmt = width_px, height_px, "yuv420p"
            context.framerate, context.time_base = rate, 1 / rate
            context.gop_size, context.bit_rate, context.thread_count = config.gop_frames, bits, 1
            context.options = {
                "preset": "ultrafast",
                "tune": "zerolatency",
                "forced-idr": "1",
                "maxrate": str(bits),
                "bufsize": str(bits // 2),  # no burst of more than half a second on the radio
            }
            context.open()
        except (av.FFmpegError, ValueError) as error:
            raise DeviceError(f"x264 cannot be opened for {width_px}x{height_px}: {error}") from error
        self._context = context
        self._count = 0

    def encode(self, bgr: Image, *, keyframe: bool) -> Encoded:
        try:
            planes = np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2YUV_I420), np.uint8)
            frame = av.VideoFrame.from_ndarray(planes, format="yuv420p")
            frame.pts = self._count
            self._count += 1
            if keyframe:
                frame.pict_type = PictureType.I
            packets = self._context.encode(frame)
        except (av.FFmpegError, cv2.error, ValueError) as error:
            raise DeviceError(f"x264 could not encode a frame of {bgr.shape[1]}x{bgr.shape[0]}: {error}") from error
        if not packets:
            raise DeviceError("x264 kept a frame back, which zerolatency excludes")
        return Encoded(b"".join(bytes(packet) for packet in packets), packets[0].is_keyframe)


class MjpegEncoder:
    """Each frame is a picture of its own."""

    codec = "mjpeg"

    def __init__(self, config: EncoderConfig) -> None:
        self._options = [cv2.IMWRITE_JPEG_QUALITY, config.jpeg_quality]

    def encode(self, bgr: Image, *, keyframe: bool) -> Encoded:
        del keyframe  # all are
        try:
            good, data = cv2.imencode(".jpg", bgr, self._options)
        except cv2.error as error:
            raise DeviceError(f"a frame of {bgr.shape[1]}x{bgr.shape[0]} could not be encoded as JPEG: {error}") from error
        if not good:
            raise DeviceError(f"a frame of {bgr.shape[1]}x{bgr.shape[0]} could not be encoded as JPEG")
        return Encoded(data.tobytes(), True)


class Choice(NamedTuple):
    """An encoder, and why it is not the one that was asked for ('' when it is)."""

    encoder: Encoder
    reason: str


def open_encoder(
    config: EncoderConfig,
    width_px: int,
    height_px: int,
    frames_per_s: float,
    open_x264: Callable[[EncoderConfig, int, int, float], Encoder] = X264Encoder,
) -> Choice:
    """The configured encoder; MJPEG, with the reason, where x264 cannot be opened."""
    if config.kind == "mjpeg":
        return Choice(MjpegEncoder(config), "")
    try:
        return Choice(open_x264(config, width_px, height_px, frames_per_s), "")
    except DeviceError as error:
        return Choice(MjpegEncoder(config), f"video goes as MJPEG: {error}")
