"""From words to what the officer wants.

The table of phrases is the whole language: typed text must be one of them, and the recogniser's grammar is made from it.
One exception, for safety: among words that would launch, a phrase that stops or brings home wins.
Phrases of different verbs are far apart in sound (tests/unit/voice/test_phrases.py); a phrase that is not is not added.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass
from typing import Final

from groundlink.link.authority import STOPPING
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
_STOPS: Final = [(phrase.split(), phrase, verb) for phrase, verb in _VERB_OF.items() if verb in STOPPING]

NEGATIONS: Final = frozenset({"not", "don't", "never", "no", "can't", "won't", "cannot", "cancel", "negative"})
"""Words that make a sentence say what is not to be done: with one of them in it, it is no command."""

_DENYING: Final = NEGATIONS - {"no", "cancel", "negative"}
"""Right before a stop these say that it is not meant; "no, abort" is meant."""

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
    """The intent of typed words: the whole text must be one phrase of the table, or it is refused.

    Unless it holds both what launches and what stops: then it means the last stop in it.
    """
    said = normalise(words)
    verb = _VERB_OF.get(said)
    if verb is not None:
        return Intent(verb, MISSIONS.get(said), said)
    return stop_among(said) or Refusal(said, _refusal_sentence(said))


def stop_among(said: str) -> Intent | None:
    """The last stop in normalised words that also launch; None where there is none, or where it is denied.

    Who says both is perhaps calling a launch off: a stop obeyed in vain costs a return, one that is lost may cost a person.
    """
    spoken = said.split()
    if PHRASES[Verb.LAUNCH][0] not in spoken:  # not "resume", too: an engine sounds like it, and "hold the door" would hold
        return None
    found = [
        (place, len(words), Intent(verb, None, phrase))
        for place in range(len(spoken))
        for words, phrase, verb in _STOPS
        if spoken[place : place + len(words)] == words and not _DENYING & set(spoken[max(0, place - 1) : place])
    ]
    return max(found, key=lambda one: one[:2])[2] if found else None


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
    stops = [phrase for phrase in holding if _VERB_OF[phrase] in STOPPING]
    alike = difflib.get_close_matches(said[:200], list(_VERB_OF), n=3 - min(len(stops), 2), cutoff=0.6)
    return tuple(dict.fromkeys([*alike, *stops, *holding]))[:3]
