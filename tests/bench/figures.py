"""A measured figure, and the table and the file that all of them go into."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import msgspec
from rich.markup import escape
from rich.table import Table


@dataclass(frozen=True)
class Figure:
    """One row. `ratio` is the value divided by that of what `ratio_to` names; `budget` is the most that is right, in `unit`.

    `value` None: it could not be measured, and `how` says why.
    """

    group: str
    name: str
    value: float | None
    unit: str
    how: str
    ratio: float | None = None
    ratio_to: str = ""
    budget: float | None = None
    command: str = ""
    """What measures this group again."""

    @property
    def verdict(self) -> str:
        """'' without a budget."""
        if self.budget is None:
            return ""
        if self.value is None:
            return "not measured"
        return "within" if self.value < self.budget else "OVER"

    def problem(self) -> str:
        """Why this is no figure to print: '' when it is one. All of them are times, shares, sizes or rates."""
        for name, number in (("value", self.value), ("ratio", self.ratio)):
            if number is not None and not (math.isfinite(number) and number >= 0):
                return f"its {name} came out as {number:g}"
        return ""


def checked(figure: Figure, command: str) -> Figure:
    """The figure with its command; without its value when that is no figure."""
    problem = figure.problem()
    if problem:
        return replace(figure, value=None, ratio=None, command=command, how=f"not measured: {problem}; {figure.how}")
    return replace(figure, command=command)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` (0 to 1) of the values do not exceed, by nearest rank. Raises ValueError without any."""
    if not values:
        raise ValueError("there are no values to take a percentile of")
    return sorted(values)[max(0, math.ceil(share * len(values)) - 1)]


def table(figures: Sequence[Figure], title: str) -> Table:
    drawn = Table(title=title, title_justify="left", show_lines=False)
    drawn.add_column("figure", ratio=4)
    drawn.add_column("value", justify="right", no_wrap=True)
    drawn.add_column("ratio", ratio=3)
    drawn.add_column("budget", no_wrap=True)
    drawn.add_column("how it was measured", ratio=6)
    group = ""
    for figure in figures:
        if figure.group != group:
            drawn.add_section()
            drawn.add_row(
                f"[bold]{escape(figure.group)}[/bold]", "", "", "", figure.command and f"[dim]$ {figure.command}[/dim]"
            )
            group = figure.group
        drawn.add_row(f"  {escape(figure.name)}", _value(figure), _ratio(figure), _budget(figure), escape(figure.how))
    return drawn


def write(path: Path, figures: Sequence[Figure], machine: dict[str, object]) -> None:
    """The same as JSON. Raises OSError."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [asdict(figure) | {"verdict": figure.verdict} for figure in figures]
    data = msgspec.json.encode({"machine": machine, "figures": rows})
    path.write_bytes(msgspec.json.format(data, indent=2) + b"\n")


def number(value: float) -> str:
    """Three significant digits, never an exponent; at most six after the point."""
    digits = max(0, 2 - math.floor(math.log10(abs(value)))) if value else 0
    return f"{value:.{min(digits, 6)}f}"


def _value(figure: Figure) -> str:
    return "–" if figure.value is None else f"{number(figure.value)} {figure.unit}"


def _ratio(figure: Figure) -> str:
    return "" if figure.ratio is None else f"{number(figure.ratio)} × {figure.ratio_to}"


def _budget(figure: Figure) -> str:
    if figure.budget is None:
        return ""
    style = "green" if figure.verdict == "within" else "bold red"
    return f"< {figure.budget:g} {figure.unit}: [{style}]{figure.verdict}[/{style}]"
