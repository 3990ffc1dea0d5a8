"""In how many of several flights a kind of happening differs from the recording."""

from __future__ import annotations

from typing import NamedTuple

from sitl.compare.differences import TRACK, Differences


class Count(NamedTuple):
    """`flights` of them differ in `what`; `worst` says how, of the flight with the most such differences or the worst track."""

    what: str
    flights: int
    worst: str


def tally(flights: list[Differences]) -> list[Count]:
    """Most often first."""
    by_flight = [_by_what(flight) for flight in flights]
    counts = []
    for what in {what for found in by_flight for what in found}:
        having = [found[what] for found in by_flight if what in found]
        counts.append(Count(what, len(having), max(having).words))
    return sorted(counts, key=lambda count: (-count.flights, count.what))


class _Found(NamedTuple):
    badness: float
    words: str


def _by_what(flight: Differences) -> dict[str, _Found]:
    sentences: dict[str, list[str]] = {}
    for sentence in flight.found:
        what = TRACK if sentence.startswith(TRACK) else sentence.partition(":")[0]
        sentences.setdefault(what, []).append(sentence.removeprefix(f"{what}: ").removeprefix(f"{what} is "))
    found = {what: _Found(len(said), "; ".join(said)) for what, said in sentences.items()}
    if TRACK in found:
        found[TRACK] = found[TRACK]._replace(badness=max(away.metres / away.allowed_m for away in flight.track))
    return found
