"""Recordings: good ones in several formats, and every bad one refused by name."""

from __future__ import annotations

import struct
import wave
from pathlib import Path

import numpy as np
import pytest

from groundlink.voice.wav import RecordingError, load, read


def tone(rate_hz: int, seconds: float, channels: int = 1) -> bytes:
    wave_form = 8000 * np.sin(2 * np.pi * 440 * np.arange(int(rate_hz * seconds)) / rate_hz)
    return np.repeat(wave_form.astype("<i2"), channels).tobytes()


def write(path: Path, data: bytes, rate_hz: int = 16_000, channels: int = 1, sample_bytes: int = 2) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(sample_bytes)
        file.setframerate(rate_hz)
        file.writeframes(data)
    return path


def test_mono_16_khz_is_taken_as_it_is(tmp_path: Path) -> None:
    data = tone(16_000, 1.0)
    assert load(write(tmp_path / "a.wav", data)) == data


@pytest.mark.parametrize(("rate_hz", "channels"), [(8_000, 1), (16_000, 2), (22_050, 1), (44_100, 2), (48_000, 2)])
def test_other_formats_are_converted(tmp_path: Path, rate_hz: int, channels: int) -> None:
    pcm = load(write(tmp_path / "a.wav", tone(rate_hz, 1.0, channels), rate_hz, channels))
    samples = np.frombuffer(pcm, dtype="<i2").astype(float)
    assert abs(samples.size - 16_000) < 50
    loudest_hz = np.abs(np.fft.rfft(samples)).argmax() * 16_000 / samples.size
    assert abs(loudest_hz - 440) < 3
    assert 0.9 < np.sqrt((samples[1000:-1000] ** 2).mean()) * np.sqrt(2) / 8000 < 1.1


def test_bad_recordings_are_named(tmp_path: Path) -> None:
    second = tone(16_000, 1.0)
    whole = write(tmp_path / "whole.wav", second).read_bytes()
    bad = {
        "not a PCM WAV": b"this is not sound" * 10,
        "PCM": whole[:20] + struct.pack("<H", 3) + whole[22:],  # IEEE float
        "ends too early": whole[:20],
        "is not a": b"",
    }
    for number, (sentence, content) in enumerate(bad.items()):
        path = tmp_path / f"{number}.wav"
        path.write_bytes(content)
        with pytest.raises(RecordingError, match=sentence):
            load(path)


@pytest.mark.parametrize(
    ("sentence", "data", "form"),
    [
        ("empty", b"", (16_000, 1, 2)),
        ("8-bit", bytes(range(256)) * 40, (16_000, 1, 1)),
        ("24-bit", tone(16_000, 0.9), (16_000, 1, 3)),
        ("4000 Hz", tone(4_000, 1.0), (4_000, 1, 2)),
        ("3 channels", tone(16_000, 1.0, 3), (16_000, 3, 2)),
        ("15.1 s", tone(16_000, 15.1), (16_000, 1, 2)),
        ("too long", bytes(7_000_000), (16_000, 1, 2)),
        ("silent", bytes(32_000), (16_000, 1, 2)),
    ],
)
def test_wrong_formats_are_named(tmp_path: Path, sentence: str, data: bytes, form: tuple[int, int, int]) -> None:
    path = write(tmp_path / "a.wav", data, *form)
    with pytest.raises(RecordingError, match=sentence):
        load(path)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(RecordingError, match="cannot be read"):
        load(tmp_path / "none.wav")
    with pytest.raises(RecordingError, match="cannot be read"):
        load(tmp_path)


def test_cut_anywhere_it_is_refused_or_taken_as_far_as_it_goes(tmp_path: Path) -> None:
    data = tone(16_000, 0.3)
    whole = write(tmp_path / "whole.wav", data).read_bytes()
    head = len(whole) - len(data)
    path = tmp_path / "cut.wav"
    for length in range(head + 2):
        path.write_bytes(whole[:length])
        with pytest.raises(RecordingError):
            load(path)
    for length in range(head + 200, len(whole), 997):
        path.write_bytes(whole[:length])
        recording = read(path)
        assert recording.pcm == data[: (length - head) // 2 * 2]
        assert f"announces {len(data) // 2} samples and holds {len(recording.pcm) // 2}" in recording.missing
    assert read(tmp_path / "whole.wav").missing == ""


@pytest.mark.parametrize(
    ("riff", "size"), [(0, 0), (36, 0), (0xFFFFFFFF, 0xFFFFFFFF), (0x7FFFFFFF, 0x7FFFFF00), (0, 0xFFFFFFFF)]
)
def test_what_an_interrupted_recorder_left_is_taken(tmp_path: Path, riff: int, size: int) -> None:
    data = tone(16_000, 0.5)
    content = bytearray(write(tmp_path / "a.wav", data).read_bytes())
    content[4:8], content[40:44] = struct.pack("<I", riff), struct.pack("<I", size)
    (tmp_path / "a.wav").write_bytes(content)
    recording = read(tmp_path / "a.wav")
    assert recording.pcm == data and "was cut off" in recording.missing
