"""`python -m sitl.world --config FILE`: run the world until SIGTERM or SIGINT."""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

from sitl.world.configuration import load
from sitl.world.process import run
from wire import keys
from wire.clock import SystemClock
from wire.errors import PilotfishError
from wire.supervise import StopFlag, die_with_parent


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m sitl.world", description="The simulated world, its camera, vehicle and latch."
    )
    parser.add_argument("--config", type=Path, required=True, help="a YAML file, see sitl/world/configuration.py")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s world %(levelname)s %(message)s")
    die_with_parent()
    try:
        config = load(arguments.config)
        return run(config, keys.load(config.keys_folder, "world"), SystemClock(config.clock_speed), StopFlag())
    except PilotfishError as error:
        print(f"world: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
