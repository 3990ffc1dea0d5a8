"""Where in a sound there is speech, and the noise floor that the decoder needs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

Samples = npt.NDArray[np.float64]
"""One utterance: shape (n,), mono, 16 kHz, in units of 16-bit samples."""

Span = tuple[int, int]
"""First and last frame of a part of an utterance, both included."""

FRAME_SAMPLES: Final = 160  # 10 ms: the decoder's frame
_WINDOW_SAMPLES: Final = 512
_SPEECH_BINS: Final = slice(10, 110)  # 300 to 3400 Hz, the telephone band: engines are mostly below it
_FLOOR_RATIO: Final = 0.01  # 40 dB under the utterance
_SMOOTHING_FRAMES: Final = 5


def with_noise_floor(samples: Samples) -> Samples:
    """The utterance with white noise 40 dB under its level, the same at each call.

    Digital silence has no spectrum that the acoustic model knows: without a floor the decoder loses half of synthetic speech.
    """
    rms = float(np.sqrt((samples**2).mean())) if samples.size else 0.0
    return samples + np.random.default_rng(0).normal(0.0, max(rms * _FLOOR_RATIO, 1.0), samples.size)


def speech_band_db(samples: Samples) -> npt.NDArray[np.float64]:
    """The level of each 10 ms frame in the speech band, in decibels of an arbitrary reference: shape (frames,)."""
    if samples.size < _WINDOW_SAMPLES:
        return np.zeros(0)
    windows = np.lib.stride_tricks.sliding_window_view(samples, _WINDOW_SAMPLES)[::FRAME_SAMPLES]
    power = np.abs(np.fft.rfft(windows * np.hanning(_WINDOW_SAMPLES))) ** 2
    decibels: npt.NDArray[np.float64] = 10 * np.log10(power[:, _SPEECH_BINS].sum(axis=1) + 1e-9)
    return decibels


def loud_frames_outside(samples: Samples, words: Sequence[Span]) -> int:
    """How many 10 ms frames outside the words sound like speech; every frame if there are no words.

    Loud is above the background by 40 % of what the words are above it (in decibels), and not 20 dB under the words: so a
    steady engine is not loud, however near, and a breath is not.
    """
    level_db = speech_band_db(samples)
    inside = np.zeros(level_db.size, dtype=bool)
    for first, last in words:
        inside[first : last + 1] = True
    if not inside.any():
        return level_db.size
    words_db = 10 * np.log10((10 ** (level_db[inside] / 10)).mean())
    background_db = np.percentile(level_db, 10)
    threshold_db = max(words_db - 20.0, background_db + 0.4 * (words_db - background_db))
    smooth_db = np.convolve(np.pad(level_db, _SMOOTHING_FRAMES // 2, mode="edge"), np.full(_SMOOTHING_FRAMES, 0.2), "valid")
    return int(((smooth_db > threshold_db) & ~inside).sum())
