"""python -m groundlink.video --config FILE: the video process. Exit code 2 when it cannot start as configured."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

import msgspec

from groundlink.video.configuration import VideoConfig
from groundlink.video.process import run
from wire import configuration, keys
from wire.clock import SystemClock
from wire.configuration import Section
from wire.errors import PilotfishError
from wire.supervise import StopFlag, die_with_parent


class _VideoFile(Section, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What video needs of the vehicle's file; the rest is for, and checked by, `groundlink run`."""

    keys_folder: Path = Path("keys")
    clock_speed: float = 1.0
    video: VideoConfig = VideoConfig()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m groundlink.video", description="The video process.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the vehicle's configuration file")
    parser.add_argument("--folder", type=Path, help="where to record, instead of the configured folder")
    arguments = parser.parse_args()
    path: Path = arguments.config
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(message)s")
    die_with_parent()
    stop = StopFlag()
    try:
        file = configuration.load(path, _VideoFile)
        base = path.absolute().parent
        folder: Path | None = arguments.folder or (file.video.folder and base / file.video.folder.expanduser())
        config = msgspec.structs.replace(file.video, folder=folder)
        return run(config, keys.load(base / file.keys_folder.expanduser(), "groundlink"), SystemClock(file.clock_speed), stop)
    except PilotfishError as error:
        print(error, file=sys.stderr)
        return 2


if __name__ == "__main__":
    sys.exit(main())
