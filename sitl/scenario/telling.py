"""scenario/events.jsonl beside a flight's report: what each process did of the scenario, and when; written by all of them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sitl.scenario.script import Change
from wire.journal import FILE_NAME, Journal, utc_now

FOLDER = "scenario"


class Teller:
    """Writes changes down. Without a folder it keeps quiet."""

    def __init__(self, records: Path | None, by: str, utc: Callable[[], datetime] = utc_now) -> None:
        self._journal = None if records is None else Journal(records / FOLDER, utc)
        self._by = by

    @property
    def trouble(self) -> str | None:
        """Why the newest change could not be written down."""
        return None if self._journal is None else self._journal.trouble

    def tell(self, now_s: float, changes: Iterable[Change], outcome: str = "") -> None:
        """`now_s`: the simulation's clock. `outcome`: what became of it, where that is not sure."""
        for change in changes if self._journal else ():
            assert self._journal is not None
            since_s = None if change.since_launch_s is None else round(change.since_launch_s, 3)
            self._journal.write(
                now_s,
                "begins" if change.began else "ends",
                by=self._by,
                event=change.event.sentence,
                since_launch_s=since_s,
                outcome=outcome,
            )

    def close(self) -> None:
        if self._journal is not None:
            self._journal.close()


class Told(NamedTuple):
    at_s: float
    since_launch_s: float | None
    began: bool
    event: str
    outcome: str

    @property
    def sentence(self) -> str:
        return f"{self.event}{'' if self.began else ': over'}{f' ({self.outcome})' if self.outcome else ''}"


def told(records: Path) -> list[Told]:
    """What has been told by now, oldest first."""
    path = records / FOLDER / FILE_NAME
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            entry = json.loads(line)
        except json.JSONDecodeError:
            continue  # cut off by a crash, or half written yet
        began = entry["kind"] == "begins"
        found.append(Told(entry["at_s"], entry["since_launch_s"], began, entry["event"], entry["outcome"]))
    return sorted(found, key=lambda each: each.at_s)
