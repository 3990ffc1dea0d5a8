"""How far the mission is, as the flying side reports it to the telling side."""

from __future__ import annotations

from dataclasses import dataclass

NOTHING_REACHED = -1


@dataclass
class Progress:
    """`reports` counts: something was reported again. `jumped` is the DO_JUMP item that was just done."""

    reached: int = NOTHING_REACHED
    reports: int = 0
    jumped: int | None = None

    def report(self) -> None:
        """Tell the links."""
        self.reports += 1
