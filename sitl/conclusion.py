"""The end of a flight: the verdict, the report, and what is said of it in the terminal."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from missions import Mission
from sitl import judge
from sitl.options import Options
from sitl.record import FlightRecord, phases_of
from sitl.report import write
from wire.errors import DeviceError


def conclude(
    folder: Path, record: FlightRecord, mission: Mission, options: Options, *, console: Console, fallen: str = ""
) -> int:
    """The exit code: 0 only if it was flown as the mission says and nothing fell. Raises DeviceError.

    `fallen`: how the stack fell in flight ('': it did not).
    """
    record.phases = phases_of(folder / "events.jsonl") or record.phases
    verdict = [fallen] * bool(fallen) + judge.verdict(record, mission, video=not options.headless)
    try:
        write(folder, record, mission, options, verdict)
    except OSError as error:
        raise DeviceError(f"the report in {folder} cannot be written ({error.strerror}): free space") from error
    for failure in verdict:
        console.print(Text.assemble(("not as the mission says:", "red"), f" {failure}"), soft_wrap=True)
    how = "the flight is not as it should be" if verdict else "flown as the mission says"
    console.print(f"{how}: {folder}/report.md", highlight=False, markup=False, soft_wrap=True)
    return 1 if verdict else 0
