"""What an officer says, offline: a recording or microphone samples in, an intent or a reason for refusing out.

recogniser.py is the seam, sphinx.py the real one behind it, scripted.py the fake. wav.py reads recordings.
language.py says what the decoder expects to hear, phonemes.py how alike two phrases sound, levels.py where there is speech.
"""

from __future__ import annotations

from pathlib import Path

from groundlink.voice.recogniser import Heard, Recogniser, listen
from groundlink.voice.sphinx import SphinxRecogniser
from groundlink.voice.wav import RecordingError

__all__ = ["Heard", "Recogniser", "RecordingError", "SphinxRecogniser", "hear", "listen"]


def hear(path: Path) -> Heard:
    """What is said in a WAV file, by the real recogniser, loaded for this once. Raises RecordingError."""
    return listen(path, SphinxRecogniser())
