"""python -m onboard.vision --config FILE: the vision process. Exit code 2 when it cannot start as configured."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from onboard.vision.configuration import VisionConfig
from onboard.vision.process import run
from wire import configuration, keys
from wire.clock import SystemClock
from wire.configuration import Section
from wire.errors import PilotfishError
from wire.supervise import StopFlag, die_with_parent


class _VisionFile(Section, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What vision needs of the aircraft's file; the rest is for, and checked by, `onboard run`."""

    keys_folder: Path
    clock_speed: float = 1.0
    vision: VisionConfig = VisionConfig()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m onboard.vision", description="The vision process.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the aircraft's configuration file")
    path: Path = parser.parse_args().config
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    die_with_parent()
    stop = StopFlag()
    try:
        file = configuration.load(path, _VisionFile)
        folder = path.absolute().parent / file.keys_folder.expanduser()
        return run(file.vision, keys.load(folder, "aircraft"), SystemClock(file.clock_speed), stop)
    except PilotfishError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
