"""What the decoder expects to hear: the commands, and enough of everything else that the rest need not sound like a command.

A decoder that knows only commands hears commands in any talk. So the language model is trained on the phrases of
groundlink.intents and on decoys: the same phrases with words around them ("do not land", "hold your"), and everyday sentences.
What is then heard as a decoy is no command.

A denial is a breath away from the command that it denies, and the first model expects commands. So what sounds like a command
is listened to a second time, with a model that expects each phrase denied about as much as said.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Final

from pocketsphinx.lm import ArpaBoLM

from groundlink.intents import PHRASES
from groundlink.voice.phonemes import Pronunciations

_PHRASE_WEIGHT: Final = 30  # how often a phrase stands in the training text for each decoy made from it
_BEFORE: Final = (
    "do not", "don't", "did you", "never", "we", "you should", "i", "can you", "when do we", "to", "the", "a", "and", "not",
)  # fmt: skip
_AFTER: Final = ("later", "of", "your", "it", "that")
_EVERYDAY: Final = (
    "what is his status", "what is it", "where is he", "who is that", "he is on the corner", "she is at the door",
    "i told you", "the old one", "a cold one", "hands up", "your hands", "lunch", "a report",
    "the report is on the table", "a boat", "the port", "turn left", "turn right", "turn around", "take it off",
    "stop", "stop the car", "come here", "come on", "go home", "go back", "he went back", "hand it over",
    "one two three four five six seven eight nine ten", "the suspect is heading north", "two cars at the corner",
    "the red car", "yes", "no", "okay", "copy that", "good morning", "this is unit four", "show me your license",
    "the weather is good", "we are on the way", "think about it", "i don't know", "state your name", "the station",
    "now", "right now", "not now",
)  # fmt: skip


_DENIAL_WEIGHT: Final = 6  # against _PHRASE_WEIGHT of the phrase; 2 catches as much, 30 loses more commands
_DENIALS: Final = (
    "do not", "don't", "never", "not", "no", "can't", "won't", "cannot", "must not", "please don't", "no don't", "cancel the",
    "negative", "you should not", "we won't",
)  # fmt: skip


def training_text() -> tuple[str, ...]:
    """The sentences the language model is made from; a sentence counts as often as it stands there."""
    text: list[str] = []
    for phrase in (phrase for phrases in PHRASES.values() for phrase in phrases):
        text += [phrase] * _PHRASE_WEIGHT
        text += [f"{before} {phrase}" for before in _BEFORE]
        text += [f"{phrase} {after}" for after in _AFTER]
    return (*text, *_EVERYDAY)


def denial_text() -> tuple[str, ...]:
    """The sentences of the second model: each phrase, and each phrase denied."""
    text: list[str] = []
    for phrase in (phrase for phrases in PHRASES.values() for phrase in phrases):
        text += [phrase] * _PHRASE_WEIGHT
        text += [f"{denial} {phrase}" for denial in _DENIALS] * _DENIAL_WEIGHT
    return (*text, *_EVERYDAY)


def vocabulary(text: Sequence[str]) -> tuple[str, ...]:
    """The words of some sentences, sorted."""
    return tuple(sorted({word for sentence in text for word in sentence.split()}))


def language_model(text: Sequence[str]) -> str:
    """A back-off trigram model of the sentences, in the ARPA format."""
    model = ArpaBoLM(text="\n".join(text), add_start=True)
    model.compute()
    arpa = io.StringIO()
    model.write(arpa)
    return arpa.getvalue()


def dictionary_file(dictionary: Pronunciations) -> str:
    """The dictionary in the form that pocketsphinx reads: `word PH ON EMES`, then `word(2) ...`."""
    lines = [
        f"{word}{f'({number})' if number > 1 else ''} {' '.join(sounds)}"
        for word, variants in dictionary.items()
        for number, sounds in enumerate(variants, 1)
    ]
    return "\n".join(lines) + "\n"
