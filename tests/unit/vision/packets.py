"""Video as the aircraft would send it."""

from __future__ import annotations

from onboard.vision.cameras.fake import textured_ground
from onboard.vision.configuration import EncoderConfig
from onboard.vision.encoder import Encoder, MjpegEncoder, X264Encoder
from wire.messages import VideoPacket

WIDTH_PX, HEIGHT_PX, FRAMES_PER_S = 320, 240, 15.0


def video(
    count: int, *, codec: str = "h264", gop: int = 100, keyframes: tuple[int, ...] = (), start: int = 1
) -> list[VideoPacket]:
    """`count` packets at 15 per second from `start`, with keyframes at the indices asked for and each `gop`."""
    config = EncoderConfig(gop_frames=gop)
    encoder: Encoder = X264Encoder(config, WIDTH_PX, HEIGHT_PX, FRAMES_PER_S) if codec == "h264" else MjpegEncoder(config)
    ground = textured_ground(WIDTH_PX + 2 * count, HEIGHT_PX)
    packets = []
    for index in range(count):
        encoded = encoder.encode(ground[:, 2 * index : 2 * index + WIDTH_PX].copy(), keyframe=index in keyframes)
        packets.append(
            VideoPacket(
                captured_s=100.0 + (start + index) / FRAMES_PER_S,
                sequence=start + index,
                codec=codec,
                keyframe=encoded.keyframe,
                width=WIDTH_PX,
                height=HEIGHT_PX,
                data=encoded.data,
            )
        )
    return packets
