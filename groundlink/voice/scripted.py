"""A recogniser that reads from a script: for tests and rehearsals without a sound."""

from __future__ import annotations

from collections.abc import Iterable

from groundlink.intents import Intent, understand
from groundlink.voice.recogniser import Heard


class ScriptedRecogniser:
    """Answers each utterance with the next line of the script, whatever it sounds like; then hears nothing."""

    def __init__(self, script: Iterable[str]) -> None:
        self._lines = iter(script)

    def recognise(self, pcm: bytes) -> Heard:
        """See Recogniser."""
        if len(pcm) % 2:
            raise ValueError("the samples end in the middle of one")
        words = next(self._lines, None)
        if words is None:
            return Heard("", None, None, "The script is at its end: nothing was heard.")
        meant = understand(words)
        if isinstance(meant, Intent):
            return Heard(words, 0.0, meant, None)
        return Heard(words, None, None, meant.sentence)
