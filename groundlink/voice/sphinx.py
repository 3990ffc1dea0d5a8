"""The real recogniser: pocketsphinx with a small language model, and checks that it heard the command and nothing else."""

from __future__ import annotations

import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
from pocketsphinx import Decoder

from groundlink.intents import NEGATIONS, PHRASES, Intent, stop_among, suggestion, understand
from groundlink.voice.language import denial_text, dictionary_file, language_model, training_text, vocabulary
from groundlink.voice.levels import Samples, Span, loud_frames_outside, with_noise_floor
from groundlink.voice.phonemes import bundled_model, distance, pronunciations, sounds_of
from groundlink.voice.recogniser import SAMPLE_RATE_HZ, Heard

MAX_DISTANCE: Final = 0.10  # one phoneme in ten; at 0.30 seven times as much talk passes, for 3 % more of the commands
MAX_LOUD_FRAMES: Final = 12  # 120 ms of other speech; "not" takes longer
TOO_SHORT_TO_HEAR: Final = frozenset({"launch"})  # one syllable, heard in "land" and "report": no ground to take off on
MIN_DURATION_S, MAX_DURATION_S = 0.2, 15.0
_LANGUAGE_WEIGHT: Final = 10.0


class _Ear:
    """A decoder with the language model of some sentences. An utterance's result does not depend on those before it."""

    def __init__(self, text: Sequence[str]) -> None:
        self.dictionary = pronunciations(vocabulary(text))
        with tempfile.TemporaryDirectory() as folder:  # the decoder reads its models from files, once
            model, words = Path(folder, "sentences.lm"), Path(folder, "sentences.dict")
            model.write_text(language_model(text), encoding="utf-8")
            words.write_text(dictionary_file(self.dictionary), encoding="utf-8")
            self._decoder = Decoder(
                hmm=str(bundled_model() / "en-us"),
                lm=str(model),
                dict=str(words),
                lw=_LANGUAGE_WEIGHT,
                cmn="batch",  # live normalisation would carry over from one utterance to the next
                loglevel="FATAL",
            )

    def hear(self, samples: Samples) -> tuple[str, list[Span], bool]:
        """The words heard, where they are, and whether something between them sounded like speech but like no word."""
        self._decoder.start_utt()
        self._decoder.process_raw(np.clip(samples, -32768, 32767).astype("<i2").tobytes(), full_utt=True)
        self._decoder.end_utt()
        hypothesis = self._decoder.hyp()
        if hypothesis is None:
            return "", [], False
        segments = list(self._decoder.seg())
        spans = [(part.start_frame, part.end_frame) for part in segments if part.word[0] not in "<["]
        return hypothesis.hypstr, spans, any(part.word == "[SPEECH]" for part in segments)


class SphinxRecogniser:
    """Hears a phrase of groundlink.intents when it is the whole utterance, and refuses everything else.

    Unless it is a stop in the same breath as a launch: that is obeyed whatever else is said.

    What is typed and what is heard differ in one phrase: a lone spoken "launch" is refused (TOO_SHORT_TO_HEAR).

    Loading takes a fraction of a second.
    """

    def __init__(self) -> None:
        self._commands, self._denials = _Ear(training_text()), _Ear(denial_text())
        self._dictionary = self._commands.dictionary
        self._phrases = {phrase: sounds_of(phrase, self._dictionary) for phrases in PHRASES.values() for phrase in phrases}

    def recognise(self, pcm: bytes) -> Heard:
        """See Recogniser."""
        if len(pcm) % 2:
            raise ValueError("the samples end in the middle of one")
        samples = np.frombuffer(pcm, dtype="<i2").astype(np.float64)
        if not MIN_DURATION_S <= samples.size / SAMPLE_RATE_HZ <= MAX_DURATION_S:
            return _refused(
                "", None, f"Nothing was understood: a command takes between {MIN_DURATION_S} and {MAX_DURATION_S:.0f} s."
            )
        samples = with_noise_floor(samples)
        words, spans, interjected = self._commands.hear(samples)
        stop = stop_among(words)
        if stop is not None:
            return Heard(words, None, stop, None)
        heard = self._judge(words, interjected or loud_frames_outside(samples, spans) > MAX_LOUD_FRAMES)
        if heard.intent is None:
            return heard
        again, _, _ = self._denials.hear(samples)
        return _denied(again, heard.distance) if NEGATIONS & set(again.split()) else heard

    def _judge(self, words: str, with_other_speech: bool) -> Heard:
        if not words:
            return _refused("", None, "No words were heard: speak closer to the microphone.")
        if NEGATIONS & set(words.split()):
            return _denied(words, None)
        sounds = sounds_of(words, self._dictionary)
        apart, phrase = min((distance(sounds, target), phrase) for phrase, target in self._phrases.items())
        meant = understand(phrase if apart <= MAX_DISTANCE else words)
        if not isinstance(meant, Intent):
            return _refused(words, apart, f'Heard "{words}", which is not a command: {suggestion(words)}.')
        if with_other_speech:
            return _refused(words, apart, f'Heard "{words}" among other speech: say the command alone.')
        if meant.words in TOO_SHORT_TO_HEAR:
            return _refused(words, apart, f'Heard "{words}", too short to be sure of: say "launch and survey".')
        return Heard(words, apart, meant, None)


def _denied(words: str, apart: float | None) -> Heard:
    return _refused(words, apart, f'Heard "{words}", which says what not to do: say "hold" or "abort" if something is to stop.')


def _refused(words: str, apart: float | None, sentence: str) -> Heard:
    return Heard(words, apart, None, sentence)
