"""python -m onboard.flight --config FILE: the flight process. Exit code 2 when it cannot start as configured."""

from __future__ import annotations

import sys
from pathlib import Path

from onboard.flight.configuration import FlightConfig
from onboard.flight.process import run
from onboard.start import ProcessFile, Start, start
from wire.journal import Journal


class _File(ProcessFile, frozen=True, kw_only=True, forbid_unknown_fields=False):
    log_folder: Path
    flight: FlightConfig = FlightConfig()


def _run(given: Start[_File]) -> int:
    journal = Journal(given.folder / given.file.log_folder.expanduser())
    return run(given.file.flight, given.keyring, given.clock, journal, given.stop)


if __name__ == "__main__":
    sys.exit(start("flight", _File, _run))
