"""From words to what the officer wants.

The table of phrases is the whole language: typed text must be one of them, and the recogniser's grammar is made from it.
Phrases of different verbs are far apart in sound (tests/unit/voice/test_phrases.py); a phrase that is not is not added.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from wire.messages import Verb

PHRASES: Final[dict[Verb, tuple[str, ...]]] = {
    Verb.LAUNCH: ("launch", "launch the drone", "launch and survey", "launch and survey the scene"),
    Verb.HOLD: ("hold", "hold position", "stop and hold"),
    Verb.RESUME: (
        "resume",
        "resume mission",
        "resume the mission",
        "resume the survey",
        "continue",
        "continue the survey",
        "continue the mission",
    ),
    Verb.RETURN: ("return", "return to vehicle", "return to the vehicle", "return home", "come back", "come home"),
    Verb.LAND: ("land", "land now"),
    Verb.ABORT: ("abort", "abort abort", "abort mission", "abort the mission"),
    Verb.STATUS: ("status", "status report", "report status"),
}

MISSIONS: Final[dict[str, str]] = {
    "launch and survey": "launch-and-survey",
    "launch and survey the scene": "launch-and-survey",
}
"""Which mission a launch phrase names; a launch phrase that is not here leaves the choice to the configuration."""

_VERB_OF: Final[dict[str, Verb]] = {phrase: verb for verb, phrases in PHRASES.items() for phrase in phrases}
_PUNCTUATION: Final = str.maketrans(dict.fromkeys('.,!?;:"-_', " ") | {"’": "'"})
_QUOTED_LENGTH: Final = 60  # of words repeated in a sentence: a sentence on the wire is bounded


@dataclass(frozen=True)
class Intent:
    """An order understood: the verb, the mission it names (None: the configured one) and the phrase that said so."""

    verb: Verb
    mission: str | None
    words: str


@dataclass(frozen=True)
class Refusal:
    """Words that are no command, and one plain sentence that says so and names commands near to them."""

    words: str
    sentence: str


def normalise(words: str) -> str:
    """Lower case, punctuation and hyphens as spaces, single spaces. Never drops a word; idempotent."""
    return " ".join(words.lower().translate(_PUNCTUATION).split())


def understand(words: str) -> Intent | Refusal:
    """The intent of typed words: the whole text must be one phrase of the table, or it is refused."""
    said = normalise(words)
    verb = _VERB_OF.get(said)
    if verb is None:
        return Refusal(said, _refusal_sentence(said))
    return Intent(verb, MISSIONS.get(said), said)


def _refusal_sentence(said: str) -> str:
    if not said:
        return f"There are no words in this: {suggestion(said)}."
    quoted = said if len(said) <= _QUOTED_LENGTH else said[:_QUOTED_LENGTH] + "…"
    return f'"{quoted}" is not a command: {suggestion(said)}.'


def suggestion(said: str) -> str:
    """What to say instead of normalised words that are no command: "say A or B"."""
    near = near_phrases(said) or tuple(phrases[0] for phrases in PHRASES.values())
    *others, last = (f'"{phrase}"' for phrase in near)
    return f"say {', '.join(others)} or {last}" if others else f"say {last}"


def near_phrases(said: str) -> tuple[str, ...]:
    """Up to three phrases that look like normalised words, or that begin with a verb that is in them; nearest first."""
    spoken = said.split()
    holding = [phrases[0] for phrases in PHRASES.values() if phrases[0] in spoken]
    alike = difflib.get_close_matches(said[:200], list(_VERB_OF), n=3, cutoff=0.6)
    return tuple(dict.fromkeys([*alike, *holding]))[:3]
