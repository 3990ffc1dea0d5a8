"""The parts of the bench: each is measured for itself, and what fails is told in its place."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tests.bench.figures import Figure, checked


@dataclass(frozen=True)
class Part:
    title: str
    measure: Callable[[], list[Figure]]
    options: str = ""
    """What its command needs besides its name."""


def command(name: str, part: Part) -> str:
    """What measures this part alone."""
    return " ".join(word for word in ("python -m tests.bench --only", name, part.options) if word)


def measured(name: str, part: Part, say: Callable[[str], None]) -> list[Figure]:
    """The part's figures; one without a value, saying why, when it could not be measured. Never empty."""
    again = command(name, part)
    say(f"measuring: {part.title} ({again})")
    try:
        figures = part.measure()
    except Exception as error:  # noqa: BLE001 - whatever goes wrong in one part, the others are measured and this is told
        why = f"not measured: {type(error).__name__}: {error}"
        say(f"  {why}")
        return [Figure(part.title, "all of it", None, "", why, command=again)]
    if not figures:
        return [Figure(part.title, "all of it", None, "", "not measured: it gave no figures", command=again)]
    return [checked(figure, again) for figure in figures]


def failed(figures: Sequence[Figure]) -> bool:
    """Whether anything is without its value, or there is nothing at all."""
    return not figures or any(figure.value is None for figure in figures)
