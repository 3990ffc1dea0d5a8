"""A camera that sends H.264 over RTP and UDP: a network camera, or the one of a simulator such as Gazebo."""

from __future__ import annotations

import io
import re

import av
import numpy as np

from onboard.vision.cameras.camera import Frame
from onboard.vision.configuration import CameraConfig
from wire.clock import Clock
from wire.errors import DeviceError

SILENCE_S = 2.0
"""Real seconds without a packet after which the camera is gone."""
_OPEN_S = 1.0
_SOURCE = re.compile(r"(?:(?P<address>[0-9.]+):)?(?P<port>[0-9]{1,5})")
_OPTIONS = {
    "protocol_whitelist": "udp,rtp",
    "fflags": "nobuffer",
    "flags": "low_delay",
    "reorder_queue_size": "0",
    "probesize": "32",
    "analyzeduration": "0",
}
"""FFmpeg's: believe the description, wait for nothing but the next packet."""


class RtpCamera:
    """Listens on `source`, [ADDRESS:]PORT (127.0.0.1 by default), and scales what comes to the configured size.

    `read` waits as long as packets may stay away, not `timeout_s`: run it in a thread of its own. RTP tells nothing of when a
    picture was taken: `captured_s` is when it was decoded. Frames that come too fast are left out.
    """

    def __init__(self, config: CameraConfig, clock: Clock) -> None:
        self._config = config
        self._clock = clock
        self._sequence = 0
        self._last_s = float("-inf")
        description = io.BytesIO(_description(config.source).encode("ascii"))
        try:
            self._container = av.open(description, "r", format="sdp", timeout=(_OPEN_S, SILENCE_S), options=_OPTIONS)
        except av.FFmpegError as error:
            raise DeviceError(f"camera.source {config.source} cannot be listened on: {error.strerror}") from error
        self._container.streams.video[0].codec_context.thread_count = 1  # more would hold frames back
        self._packets = self._container.demux(video=0)

    def read(self, timeout_s: float) -> Frame | None:
        del timeout_s
        try:
            decoded = next(self._packets).decode()
        except av.InvalidDataError:
            return None  # joined between two whole pictures, or packets were lost: the next whole picture mends it
        except StopIteration:
            raise DeviceError(f"the camera that sends to {self._config.source} has said goodbye") from None
        except av.FFmpegError as error:
            raise DeviceError(
                f"no H.264 came to {self._config.source} for {SILENCE_S:g} s ({error.strerror}): "
                "is the camera on, and does it send here?"
            ) from error
        frame = decoded[-1] if decoded else None
        now_s = self._clock.now_s()
        self._sequence += len(decoded)
        if not isinstance(frame, av.VideoFrame) or now_s - self._last_s < 0.75 / self._config.frames_per_s:
            return None
        self._last_s = now_s
        pixels = frame.to_ndarray(format="bgr24", width=self._config.width_px, height=self._config.height_px)
        return Frame(np.asarray(pixels, np.uint8), now_s, self._sequence)

    def close(self) -> None:
        self._container.close()


def _description(source: str) -> str:
    """The session description (SDP, RFC 8866) of one H.264 stream with the usual payload type. Raises DeviceError."""
    match = _SOURCE.fullmatch(source)
    if match is None or not 0 < int(match["port"]) < 65536:
        raise DeviceError(f"camera.source {source!r} is not where RTP can come: write a UDP port, or address:port")
    address = match["address"] or "127.0.0.1"
    lines = (
        "v=0",
        f"o=- 0 0 IN IP4 {address}",
        "s=camera",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"m=video {match['port']} RTP/AVP 96",
        "a=rtpmap:96 H264/90000",
    )
    return "\r\n".join((*lines, ""))
