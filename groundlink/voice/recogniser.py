"""The seam between a sound and an intent."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final, Protocol

from groundlink.intents import Intent
from groundlink.voice.wav import read

SAMPLE_RATE_HZ: Final = 16_000


@dataclass(frozen=True)
class Heard:
    """What was made of an utterance: either `intent`, or `reason`, one plain sentence saying why there is none.

    `words` are those heard ("" if none). `distance` is the phoneme distance to the nearest phrase: 0 the same, 1 nothing in
    common, None if there was nothing to compare. `missing` says what the recording promises and does not hold, "" if nothing.
    """

    words: str
    distance: float | None
    intent: Intent | None
    reason: str | None
    missing: str = ""

    def __post_init__(self) -> None:
        if (self.intent is None) == (self.reason is None):
            raise ValueError("an utterance is either understood or refused, never both and never neither")


class Recogniser(Protocol):
    """Turns one utterance into words and an intent. For one caller at a time."""

    def recognise(self, pcm: bytes) -> Heard:
        """`pcm`: one utterance, mono, 16 kHz, signed 16 bit little-endian. Raises ValueError on half a sample."""


def listen(path: Path, recogniser: Recogniser) -> Heard:
    """What is said in a WAV file. Raises RecordingError when the file cannot be listened to."""
    recording = read(path)
    return replace(recogniser.recognise(recording.pcm), missing=recording.missing)
