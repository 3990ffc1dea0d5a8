"""`sitl compare RECORDING`: fly a recording again on the embedded autopilot, draw both, print where they differ."""

from __future__ import annotations

import argparse
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sitl.compare import differences, picture, recording, replay
from sitl.compare.differences import Row
from sitl.compare.narrative import tell


def run(options: argparse.Namespace, console: Console) -> int:
    """Do it; the exit code. Raises PilotfishError."""
    recorded = recording.load(options.recording)
    theirs = tell(recorded.said)
    ours = tell(replay.fly(recorded, seed=options.seed, parameters=dict(options.param)))
    found = differences.compare(theirs, ours, recorded.told)
    path = options.picture or Path(f"{recorded.name}.png")
    picture.draw(path, recorded.name, theirs.track, ours.track)
    console.print(_table(recorded.name, found.rows if options.all else [row for row in found.rows if not row.same]))
    off = [away for away in found.track if not away.same]
    worst_m = max((away.metres for away in found.track), default=0.0)
    console.print(f"{len(found.rows)} happenings compared, {sum(not row.same for row in found.rows)} differ")
    console.print(f"{len(found.track)} points of the track compared, {len(off)} differ; at most {worst_m:.1f} m apart")
    console.print(f"both tracks: {path}")
    return 1 if found.found else 0


def _table(name: str, rows: list[Row]) -> Table:
    table = Table("what", "recorded", "at, s", "embedded", "at, s", "late, s", "allowed, s", title=name, title_justify="left")
    for row in rows:
        theirs = ("-", "-") if row.theirs is None else (differences.words(row.theirs), f"{row.theirs.by_s:.1f}")
        ours = ("-", "-") if row.ours is None else (differences.words(row.ours), f"{row.ours.by_s:.1f}")
        late = "-" if row.late_s is None else f"{row.late_s:+.1f}"
        table.add_row(row.what, *theirs, *ours, late, f"{row.allowed_s:.1f}", style="" if row.same else "bold red")
    return table
