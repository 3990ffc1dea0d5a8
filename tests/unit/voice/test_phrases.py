"""The table of phrases: understood as typed, told apart by ear."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundlink.intents import MISSIONS, NEGATIONS, PHRASES, Intent, Refusal, normalise, understand
from groundlink.link.authority import STOPPING
from groundlink.voice.language import denial_text, training_text, vocabulary
from groundlink.voice.phonemes import distance, pronunciations, sounds_of
from groundlink.voice.sphinx import MAX_DISTANCE
from wire.messages import Verb

TABLE = [(verb, phrase) for verb, phrases in PHRASES.items() for phrase in phrases]


@pytest.mark.parametrize(("verb", "phrase"), TABLE)
def test_every_phrase_means_its_verb(verb: Verb, phrase: str) -> None:
    assert understand(phrase) == Intent(verb, MISSIONS.get(phrase), phrase)
    assert understand(f"  {phrase.upper()}! ") == Intent(verb, MISSIONS.get(phrase), phrase)


def test_every_verb_has_phrases_and_no_phrase_has_two_verbs() -> None:
    assert set(PHRASES) == set(Verb)
    assert len({phrase for _, phrase in TABLE}) == len(TABLE)
    assert all(phrase in PHRASES[Verb.LAUNCH] for phrase in MISSIONS)


def test_phrases_of_different_verbs_sound_different() -> None:
    dictionary = pronunciations(vocabulary([phrase for _, phrase in TABLE]))
    sounds = {phrase: sounds_of(phrase, dictionary) for _, phrase in TABLE}
    for (verb, phrase), (other_verb, other) in combinations(TABLE, 2):
        if verb != other_verb:
            assert distance(sounds[phrase], sounds[other]) >= 0.35, f"{phrase} / {other}"
    assert MAX_DISTANCE < 0.35 / 2  # so that nothing is near enough to two verbs


def test_launch_names_its_mission() -> None:
    assert understand("launch-and-survey") == Intent(Verb.LAUNCH, "launch-and-survey", "launch and survey")
    assert understand("Launch.") == Intent(Verb.LAUNCH, None, "launch")


@pytest.mark.parametrize(
    "words",
    ["", "!", "can you hold the door please", "do not land", "land 5", "lаnd", "don't launch", "launch launch", "landnow"],
)
def test_anything_else_is_refused(words: str) -> None:
    refusal = understand(words)
    assert isinstance(refusal, Refusal)
    assert refusal.sentence.endswith(".")


@pytest.mark.parametrize(
    ("words", "verb"),
    [
        ("launch and survey … abort mission", Verb.ABORT),
        ("abort mission launch and survey", Verb.ABORT),
        ("launch no no abort", Verb.ABORT),
        ("don't launch, land now", Verb.LAND),
        ("hold the launch", Verb.HOLD),
        ("launch the drone hold position come back", Verb.RETURN),
    ],
)
def test_a_stop_wins_over_a_launch(words: str, verb: Verb) -> None:
    meant = understand(words)
    assert isinstance(meant, Intent) and meant.verb is verb and meant.words in PHRASES[verb]


@given(st.lists(st.sampled_from(["launch", "and", "survey", *(p for _, p in TABLE)])), st.sampled_from(TABLE))
def test_no_launch_comes_of_words_that_hold_a_stop(words: list[str], other: tuple[Verb, str]) -> None:
    meant = understand(" ".join(["launch", *words, other[1]]))
    if other[0] in STOPPING:
        assert isinstance(meant, Intent) and meant.verb is other[0]


@pytest.mark.parametrize("words", ["launch, do not abort", "launch and never land"])
def test_a_stop_that_is_denied_is_none(words: str) -> None:
    assert isinstance(understand(words), Refusal)


def test_a_refusal_names_the_stops_in_it() -> None:
    refusal = understand("resume the mission and abort the mission and land")
    assert isinstance(refusal, Refusal) and '"abort"' in refusal.sentence and '"land"' in refusal.sentence


def test_a_refusal_names_near_commands() -> None:
    refusal = understand("hold the position")
    assert isinstance(refusal, Refusal)
    assert refusal.sentence.startswith('"hold the position" is not a command: say "hold position"')


@given(st.text(max_size=3000))
def test_any_text_is_understood_or_refused_in_one_bounded_sentence(words: str) -> None:
    meant = understand(words)
    assert isinstance(meant, Intent) or len(meant.sentence) <= 400


@given(st.text())
def test_normalising_twice_is_normalising_once(words: str) -> None:
    assert normalise(normalise(words)) == normalise(words)


SEQUENCES = st.lists(st.sampled_from(["AA", "B", "K", "T"]), max_size=8)


@given(SEQUENCES, SEQUENCES)
def test_distance_is_symmetric_and_zero_only_for_the_same(a: list[str], b: list[str]) -> None:
    assert distance(a, b) == distance(b, a)
    assert (distance(a, b) == 0) == (a == b)
    assert 0 <= distance(a, b) <= 1


def test_distance_counts_edits_by_the_longer() -> None:
    assert distance(["L", "AE", "N", "D"], ["HH", "AE", "N", "D"]) == 0.25
    assert distance(["L", "AE", "N", "D"], []) == 1


def test_an_unknown_word_is_named() -> None:
    with pytest.raises(KeyError, match="xyzzyq"):
        pronunciations({"hold", "xyzzyq"})


def test_the_decoder_expects_each_phrase_and_its_denial() -> None:
    text, denials = set(training_text()), set(denial_text())
    for _, phrase in TABLE:
        assert phrase in text
        assert f"do not {phrase}" in text
        assert phrase in denials
        assert f"don't {phrase}" in denials


def test_no_phrase_holds_a_word_of_denial_and_every_denial_does() -> None:
    phrases = [phrase for _, phrase in TABLE]
    assert not any(NEGATIONS & set(phrase.split()) for phrase in phrases)
    denied = {text for text in denial_text() if text.endswith(" land") and text != "land"}
    assert len(denied) > 10
    assert all(NEGATIONS & set(text.split()) for text in denied)
