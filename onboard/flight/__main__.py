"""python -m onboard.flight --config FILE: the flight process. Exit code 2 when it cannot start as configured."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from onboard.flight.configuration import FlightConfig
from onboard.flight.process import run
from wire import configuration, keys
from wire.clock import SystemClock
from wire.configuration import Section
from wire.errors import PilotfishError
from wire.journal import Journal
from wire.supervise import StopFlag, die_with_parent


class _FlightFile(Section, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What flight needs of the aircraft's file; the rest is for, and checked by, `onboard run`."""

    keys_folder: Path
    log_folder: Path
    clock_speed: float = 1.0
    flight: FlightConfig = FlightConfig()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m onboard.flight", description="The flight process.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the aircraft's configuration file")
    path: Path = parser.parse_args().config
    die_with_parent()
    stop = StopFlag()
    try:
        file = configuration.load(path, _FlightFile)
        here = path.absolute().parent
        keyring = keys.load(here / file.keys_folder.expanduser(), "aircraft")
        journal = Journal(here / file.log_folder.expanduser())
        return run(file.flight, keyring, SystemClock(file.clock_speed), journal, stop)
    except PilotfishError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
