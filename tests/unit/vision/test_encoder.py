"""Encoders and decoders: what goes in comes out, at once, and a keyframe comes when it is asked for."""

from __future__ import annotations

import numpy as np
import pytest

from groundlink.video.decoder import H264Decoder, MjpegDecoder, open_decoder
from onboard.vision.cameras.camera import Image
from onboard.vision.cameras.fake import textured_ground
from onboard.vision.configuration import EncoderConfig
from onboard.vision.encoder import Encoder, MjpegEncoder, X264Encoder, open_encoder
from wire.errors import DeviceError, MalformedError

CONFIG = EncoderConfig(gop_frames=10)


def pictures(count: int) -> list[Image]:
    ground = textured_ground(700, 480)
    return [np.ascontiguousarray(ground[:, 2 * i : 2 * i + 640]) for i in range(count)]


def psnr_db(a: Image, b: Image) -> float:
    return float(10 * np.log10(255**2 / np.mean((a.astype(np.float64) - b) ** 2)))


def test_h264_gives_every_picture_back_at_once() -> None:
    encoder, decoder = X264Encoder(CONFIG, 640, 480, 15.0), H264Decoder()
    for picture in pictures(12):
        shown = decoder.decode(encoder.encode(picture, keyframe=False).data)
        assert shown.shape == picture.shape
        assert psnr_db(shown, picture) > 25


def test_mjpeg_gives_every_picture_back_and_all_are_keyframes() -> None:
    encoder, decoder = MjpegEncoder(CONFIG), MjpegDecoder()
    for picture in pictures(3):
        encoded = encoder.encode(picture, keyframe=False)
        assert encoded.keyframe
        assert psnr_db(decoder.decode(encoded.data), picture) > 25


def test_keyframes_come_each_gop_and_on_request() -> None:
    encoder = X264Encoder(CONFIG, 640, 480, 15.0)
    keyframes = [i for i, picture in enumerate(pictures(16)) if encoder.encode(picture, keyframe=i == 4).keyframe]
    assert keyframes == [0, 4, 14]


def test_a_requested_keyframe_needs_nothing_before_it() -> None:
    encoder = X264Encoder(CONFIG, 640, 480, 15.0)
    packets = [encoder.encode(picture, keyframe=i == 4).data for i, picture in enumerate(pictures(6))]
    assert packets[4].startswith(b"\x00\x00\x00\x01\x67"), "Annex B, beginning with the SPS"
    decoder = H264Decoder()
    assert decoder.decode(packets[4]).shape == (480, 640, 3)
    assert decoder.decode(packets[5]).shape == (480, 640, 3)


def test_the_bitrate_is_kept() -> None:
    noise = np.random.default_rng(1)
    encoder = X264Encoder(EncoderConfig(bitrate_kbit_s=800), 640, 480, 15.0)
    sizes = [len(encoder.encode(noise.integers(0, 255, (480, 640, 3), np.uint8), keyframe=False).data) for _ in range(60)]
    assert sum(sizes[30:]) * 8 / 2 < 1.5 * 800_000


def test_without_x264_video_goes_as_mjpeg_and_says_so() -> None:
    def none(config: EncoderConfig, width_px: int, height_px: int, frames_per_s: float) -> Encoder:
        raise DeviceError(f"x264 cannot be opened for {width_px}x{height_px} at {frames_per_s}: not there {config.kind}")

    choice = open_encoder(CONFIG, 640, 480, 15.0, none)
    assert choice.encoder.codec == "mjpeg"
    assert "x264 cannot be opened" in choice.reason
    assert open_encoder(CONFIG, 640, 480, 15.0).reason == ""


def test_a_size_that_x264_cannot_do_is_refused() -> None:
    with pytest.raises(DeviceError, match="x264"):
        X264Encoder(CONFIG, 641, 480, 15.0)


def test_a_codec_nobody_knows_is_refused() -> None:
    with pytest.raises(MalformedError, match="h265"):
        open_decoder("h265")


@pytest.mark.parametrize("keep", [0.0, 0.01, 0.1, 0.5, 0.9, 0.99])
def test_a_cut_off_picture_is_refused_not_patched_up(keep: float) -> None:
    encoder = X264Encoder(CONFIG, 640, 480, 15.0)
    pair = pictures(40)[::39]  # far apart, so that the second is large
    first, second = (encoder.encode(picture, keyframe=False).data for picture in pair)
    decoder = H264Decoder()
    decoder.decode(first)
    with pytest.raises(MalformedError):
        decoder.decode(second[: int(keep * len(second))])
    jpeg = MjpegEncoder(CONFIG).encode(pictures(1)[0], keyframe=False).data
    with pytest.raises(MalformedError):
        MjpegDecoder().decode(jpeg[: int(keep * len(jpeg))])
