"""Recordings: a WAV file becomes mono samples at 16 kHz, or an error that says what is wrong with it."""

from __future__ import annotations

import io
import wave
from pathlib import Path
from typing import Final, NamedTuple

import numpy as np
from av import AudioFrame, AudioResampler

from wire.errors import PilotfishError

RATE_HZ: Final = 16_000
MAX_DURATION_S: Final = 15.0
MIN_RATE_HZ, MAX_RATE_HZ = 8_000, 96_000
MAX_CHANNELS: Final = 2
SILENT_RMS: Final = 60.0  # of 32768: about -55 dBFS in the loudest 25 ms; a microphone that hears speech is far above it
_MAX_FILE_BYTES: Final = int(MAX_DURATION_S * MAX_RATE_HZ * MAX_CHANNELS * 2) + 65_536


class RecordingError(PilotfishError):
    """A file that cannot be listened to."""


class Recording(NamedTuple):
    """Mono, 16 kHz, s16le. `missing`: what the file promises and does not hold, as a sentence; "" when it is whole."""

    pcm: bytes
    missing: str


def load(path: Path) -> bytes:
    """The samples of `read`."""
    return read(path).pcm


def read(path: Path) -> Recording:
    """What a WAV file holds (PCM, 16 bit, mono or stereo, 8 to 96 kHz, up to 15 s), also when its recorder was interrupted.

    Raises RecordingError when it cannot be read, is something else, is empty, too long, or silent.
    """
    try:
        with path.open("rb") as file:
            content = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror}.") from error
    if len(content) > _MAX_FILE_BYTES:
        raise RecordingError(f"{path} is too long: a command takes less than {MAX_DURATION_S:.0f} s.")
    samples, rate_hz, missing = _parse(content, path)
    pcm = _resample(samples, rate_hz)
    if _loudest_rms(np.frombuffer(pcm, dtype="<i2")) < SILENT_RMS:
        raise RecordingError(f"{path} is silent: check the microphone and its level.")
    return Recording(pcm, missing)


def _parse(content: bytes, path: Path) -> tuple[np.ndarray[tuple[int, int], np.dtype[np.int16]], int, str]:
    """The samples, shaped (frames, channels), their rate in hertz, and what is missing."""
    content = content[:4] + max(0, len(content) - 8).to_bytes(4, "little") + content[8:]  # whatever it says of its whole size
    try:
        with wave.open(io.BytesIO(content)) as file:
            parameters = file.getparams()
            data = file.readframes(parameters.nframes)
    except (wave.Error, EOFError, RuntimeError) as error:
        raise RecordingError(f"{path} is not a PCM WAV file: {str(error) or 'it ends too early'}.") from error
    _check(parameters.sampwidth, parameters.nchannels, parameters.framerate, path)
    frame_bytes, rate_hz = 2 * parameters.nchannels, parameters.framerate
    announced = parameters.nframes
    if not announced:  # a recorder that was interrupted before it wrote how much there is
        data = content[content.index(b"data") + 8 :]
    frames = len(data) // frame_bytes
    if not frames:
        raise RecordingError(f"{path} is empty: it holds no samples.")
    if frames > MAX_DURATION_S * rate_hz:
        raise RecordingError(
            f"{path} is too long: {frames / rate_hz:.1f} s, where a command takes less than {MAX_DURATION_S:.0f} s."
        )
    whole = frames == announced
    missing = "" if whole else f"{path} was cut off: it announces {announced} samples and holds {frames}."
    return np.frombuffer(data[: frames * frame_bytes], dtype="<i2").reshape(-1, parameters.nchannels), rate_hz, missing


def _check(sample_bytes: int, channels: int, rate_hz: int, path: Path) -> None:
    if sample_bytes != 2:
        raise RecordingError(f"{path} has {8 * sample_bytes}-bit samples: record with 16 bits.")
    if channels > MAX_CHANNELS:
        raise RecordingError(f"{path} has {channels} channels: record one or two.")
    if not MIN_RATE_HZ <= rate_hz <= MAX_RATE_HZ:
        raise RecordingError(f"{path} is sampled at {rate_hz} Hz: record at 16000 Hz.")


def _resample(samples: np.ndarray[tuple[int, int], np.dtype[np.int16]], rate_hz: int) -> bytes:
    channels = samples.shape[1]
    if channels == 1 and rate_hz == RATE_HZ:
        return samples.tobytes()
    frame = AudioFrame.from_ndarray(samples.reshape(1, -1), format="s16", layout="mono" if channels == 1 else "stereo")
    frame.sample_rate = rate_hz
    resampler = AudioResampler(format="s16", layout="mono", rate=RATE_HZ)
    parts = [*resampler.resample(frame), *resampler.resample(None)]
    return b"".join(part.to_ndarray().tobytes() for part in parts)


def _loudest_rms(samples: np.ndarray[tuple[int], np.dtype[np.int16]]) -> float:
    """The root mean square of the loudest 25 ms."""
    block = RATE_HZ // 40
    padded = np.pad(samples.astype(np.float64), (0, -len(samples) % block)).reshape(-1, block)
    return float(np.sqrt((padded**2).mean(axis=1)).max(initial=0.0))
