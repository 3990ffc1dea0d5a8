"""How words sound: pronunciations from the dictionary that comes with pocketsphinx, and the distance between two phrases."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pocketsphinx

Pronunciations = Mapping[str, tuple[tuple[str, ...], ...]]
"""For each word its pronunciations in ARPAbet, the most common first."""


def bundled_model() -> Path:
    """The folder of the US English model that pocketsphinx brings along."""
    return Path(pocketsphinx.get_model_path("en-us"))


def pronunciations(words: Collection[str]) -> Pronunciations:
    """The pronunciations of some words. Raises KeyError naming a word that the bundled dictionary does not have."""
    wanted = set(words)
    found: dict[str, list[tuple[str, ...]]] = {word: [] for word in sorted(wanted)}
    with (bundled_model() / "cmudict-en-us.dict").open(encoding="utf-8") as lines:
        for line in lines:
            word = line[: line.index(" ")].partition("(")[0]
            if word in wanted:
                found[word].append(tuple(line.split()[1:]))
    missing = [word for word, sounds in found.items() if not sounds]
    if missing:
        raise KeyError(f"no pronunciation for: {', '.join(missing)}")
    return {word: tuple(sounds) for word, sounds in found.items()}


def sounds_of(words: str, dictionary: Pronunciations) -> tuple[str, ...]:
    """The phonemes of a sentence, each word in its most common pronunciation. Raises KeyError on an unknown word."""
    return tuple(sound for word in words.split() for sound in dictionary[word][0])


def distance(a: Sequence[str], b: Sequence[str]) -> float:
    """The Levenshtein distance of two phoneme sequences by the length of the longer: 0 the same, 1 nothing in common."""
    row = list(range(len(b) + 1))
    for i, left in enumerate(a, 1):
        above, row = row, [i]
        for j, right in enumerate(b, 1):
            row.append(min(above[j] + 1, row[-1] + 1, above[j - 1] + (left != right)))
    return row[-1] / max(len(a), len(b), 1)
