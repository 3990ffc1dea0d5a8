"""`sitl compare RECORDING`: fly a recording again, draw both, print where they differ."""

from __future__ import annotations

import argparse
import os
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path

from rich.console import Console
from rich.table import Table

from sitl.autopilot.arguments import PARAMETER_PREFIX, SPEED_FACTOR
from sitl.autopilot.parameters import Parameters
from sitl.compare import differences, picture, real, recording, replay
from sitl.compare.differences import Differences, Row
from sitl.compare.narrative import Narrative, tell
from sitl.compare.recording import Recording
from sitl.compare.tally import tally
from sitl.stack.stack import claim_instance
from wire.errors import ConfigurationError

LONGER_S = 7.0
"""By so much later than the flight before each flight of a real PX4 is commanded: its noise is another one then."""


def run(options: argparse.Namespace, console: Console) -> int:
    """Do it; the exit code. Raises PilotfishError."""
    recorded = recording.load(options.recording)
    path = options.picture or Path(f"{recorded.name}.png")
    picture.check(path)
    if options.px4 is None:
        _check_parameters(recorded, dict(options.param))
    else:
        _check_environment(os.environ)
    for doubt in recorded.doubts:
        console.print(f"{recorded.name}: {doubt}", highlight=False, markup=False, soft_wrap=True)
    theirs, whose = tell(recorded.said), "embedded" if options.px4 is None else "PX4 again"
    ours, found = [], []
    for flown in _flights(recorded, options):
        ours.append(flown)
        found.append(differences.compare(theirs, flown, recorded.told))
        if options.times > 1:
            console.print(f"flight {len(found)} of {options.times}: {_said(found[-1])}", soft_wrap=True)
    if options.times > 1:
        console.print(_counts(recorded.name, whose, found))
    else:
        rows = found[0].rows
        console.print(_table(recorded.name, whose, rows if options.all else [row for row in rows if not row.same]))
        console.print(_said(found[0]), soft_wrap=True)
    picture.draw(path, recorded.name, picture.Tracks(theirs.track, [one.track for one in ours], whose))
    console.print(f"the tracks: {path}")
    return 1 if any(one.found for one in found) else 0


def _check_parameters(recorded: Recording, given: Mapping[str, float]) -> None:
    """Raises ConfigurationError naming what the embedded autopilot cannot be started with."""
    for parameters, place in ((recorded.parameters, f"{recorded.name}.json, beside the recording"), (given, "--param")):
        try:
            Parameters(parameters)
        except ValueError as error:
            raise ConfigurationError(f"{place}: {error}; correct it, or leave it out") from error


def _check_environment(environment: Mapping[str, str]) -> None:
    """A real PX4 would take them over what it was recorded with. Raises ConfigurationError naming them."""
    found = sorted(name for name in environment if name.startswith(PARAMETER_PREFIX) or name == SPEED_FACTOR)
    if found:
        raise ConfigurationError(f"the environment's {', '.join(found)}: unset it, and give --param where it is wanted")


def _flights(recorded: Recording, options: argparse.Namespace) -> Iterator[Narrative]:
    """Each flown when it is asked for; the embedded autopilot's have one seed after the other."""
    parameters = dict(options.param)
    if options.px4 is None:
        first = 1 if options.seed is None else options.seed
        for seed in range(first, first + options.times):
            yield tell(replay.fly(recorded, seed=seed, parameters=parameters))
        return
    with ExitStack() as held:
        instance = options.instance
        if instance is None:
            instance, claim = claim_instance()
            held.enter_context(claim)
        for number in range(options.times):
            pause_s = number * LONGER_S
            with tempfile.TemporaryDirectory(prefix="pilotfish-px4-") as folder:
                yield tell(real.fly(recorded, options.px4, instance, Path(folder), parameters=parameters, pause_s=pause_s))


def _said(found: Differences) -> str:
    off = [away for away in found.track if not away.same]
    worst_m = max((away.metres for away in found.track), default=0.0)
    return (
        f"{len(found.rows)} happenings compared, {sum(not row.same for row in found.rows)} differ; "
        f"{len(found.track)} points of the track compared, {len(off)} differ, at most {worst_m:.1f} m apart"
    )


def _counts(name: str, whose: str, found: list[Differences]) -> Table:
    table = Table("what", "differs in", "worst", title=f"{name}: {whose}", title_justify="left")
    for what, flights, worst in tally(found):
        table.add_row(what, f"{flights} of {len(found)}", worst)
    return table


def _table(name: str, whose: str, rows: list[Row]) -> Table:
    table = Table("what", "recorded", "at, s", whose, "at, s", "late, s", "allowed, s", title=name, title_justify="left")
    for row in rows:
        theirs = ("-", "-") if row.theirs is None else (differences.words(row.theirs), f"{row.theirs.by_s:.1f}")
        ours = ("-", "-") if row.ours is None else (differences.words(row.ours), f"{row.ours.by_s:.1f}")
        late = "-" if row.late_s is None else f"{row.late_s:+.1f}"
        table.add_row(row.what, *theirs, *ours, late, f"{row.allowed_s:.1f}", style="" if row.same else "bold red")
    return table
