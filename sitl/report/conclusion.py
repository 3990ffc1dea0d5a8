"""The end of a flight: the verdict, the report, and what is said of it in the terminal."""

from __future__ import annotations

import math
from pathlib import Path

from rich.console import Console
from rich.text import Text

from missions import Mission
from sitl.options import Options
from sitl.report import judge
from sitl.report.record import FlightRecord, PhaseSpan, phases_of
from sitl.report.report import write
from sitl.scenario.telling import told
from wire.errors import DeviceError


def conclude(
    folder: Path, record: FlightRecord, mission: Mission, options: Options, *, console: Console, fallen: str = ""
) -> int:
    """0 only if nothing fell and it was flown as the mission says, or as the scenario expects. Raises DeviceError.

    `fallen`: how the stack fell in flight ('': it did not).
    """
    record.phases = _phases(folder, record)
    record.scenario = told(folder)
    verdict = [fallen] * bool(fallen) + judge.verdict(record, mission, video=not options.headless)
    expect = None if options.scenario is None else options.scenario.expect
    surprises = None if expect is None else [fallen] * bool(fallen) + judge.as_expected(record, expect)
    whose, wrong = ("the mission says", verdict) if surprises is None else ("the scenario expects", surprises)
    how = "the flight is not as it should be" if wrong else f"flown as {whose}"
    if verdict and not wrong:
        how += ", and not as the mission says"
    for failure in wrong:
        console.print(Text.assemble((f"not as {whose}:", "red"), f" {failure}"), soft_wrap=True)
    try:
        write(folder, record, mission, options, verdict, surprises=surprises)
    except OSError as error:
        raise DeviceError(f"{how}, but the report in {folder} cannot be written ({error.strerror}): free space") from error
    except DeviceError as error:  # the picture
        raise DeviceError(f"{how}, but without a report: {error}") from error
    console.print(f"{how}: {folder}/report.md", highlight=False, markup=False, soft_wrap=True)
    return 1 if wrong else 0


def _phases(folder: Path, record: FlightRecord) -> list[PhaseSpan]:
    """By the aircraft's own log, and what was seen after it ends: a full disk cuts it off."""
    logged = phases_of(folder / "onboard" / "events.jsonl")
    last_s = logged[-1].began_s if logged else -math.inf
    return [*logged, *(span for span in record.phases if span.began_s > last_s)]
