"""python -m onboard.vision --config FILE: the vision process. Exit code 2 when it cannot start as configured."""

from __future__ import annotations

import logging
import sys

from onboard.start import ProcessFile, Start, start
from onboard.vision.configuration import VisionConfig
from onboard.vision.process import run


class _File(ProcessFile, frozen=True, kw_only=True, forbid_unknown_fields=False):
    vision: VisionConfig = VisionConfig()


def _run(given: Start[_File]) -> int:
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    return run(given.file.vision, given.keyring, given.clock, given.stop)


if __name__ == "__main__":
    sys.exit(start("vision", _File, _run))
