"""Which row of the PX4 fact sheet (S1 to S70) has which cases: row numbers stand in the names of tests and parameters."""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent
NOT_MODELLED = FOLDER.parents[2] / "docs" / "sitl.md"
ROWS = tuple(f"S{number}" for number in range(1, 71))
_TEST = re.compile(r"^ *def (test_\w+)", re.MULTILINE)
_ID = re.compile(r"id=\"([^\"]+)\"")
_ROW = re.compile(r"(?:^|[_\W])(S\d+)(?=$|[_\W])")


def cases() -> dict[str, list[str]]:
    """Per row the cases that name it: "file::test", or "file[id]" for a parameter."""
    found: dict[str, list[str]] = {row: [] for row in ROWS}
    for path in sorted(FOLDER.glob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        named = [(name, f"{path.name}::{name}") for name in _TEST.findall(text)]
        named += [(name, f"{path.name}[{name}]") for name in _ID.findall(text)]
        for name, case in named:
            for row in _ROW.findall(name):
                found[row].append(case)
    return found


def not_modelled() -> set[str] | None:
    """The rows that docs/sitl.md lists in its section "Not modelled", one line each; None while that page does not exist."""
    if not NOT_MODELLED.exists():
        return None
    rest = NOT_MODELLED.read_text(encoding="utf-8").partition("Not modelled")[2]
    section = re.split(r"^#", rest, maxsplit=1, flags=re.MULTILINE)[0]
    return {row for line in section.splitlines() for row in _ROW.findall(line)}
