"""sitl: the whole stack without an aircraft.

Exit codes: 0 flown as the mission says, 1 not so, 2 the options, files or PX4 are wrong, 130 interrupted before the flight.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from rich.console import Console

from sitl import fly
from sitl.options import Options
from wire.errors import PilotfishError


def main(arguments: list[str] | None = None) -> int:
    options = _parser().parse_args(arguments)
    console = Console(stderr=False)
    try:
        settings = Options(
            autopilot="px4" if options.px4 else options.autopilot,
            px4=options.px4,
            speed=options.speed,
            seed=options.seed,
            light=options.light,
            mission=getattr(options, "mission", None),
        )
        folder = fly.new_folder(options.flights)
        if options.verb == "run":
            return fly.run(settings, folder, console)
        return fly.fly(settings, folder, console)
    except PilotfishError as error:
        print(f"sitl: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--autopilot", choices=("embedded", "px4"), default="embedded", help="default: embedded")
    common.add_argument(
        "--px4", metavar="PATH", help="a PX4 SITL build or install, or docker or docker:IMAGE; means --autopilot px4"
    )
    common.add_argument("--speed", type=_speed, default=1.0, metavar="N", help="times real time, 0.25 to 20 (default 1)")
    common.add_argument("--seed", type=int, default=1, metavar="N", help="of the town, its people and the weather (default 1)")
    common.add_argument("--light", choices=("day", "night"), default="day")
    common.add_argument(
        "--flights", type=Path, default=Path("flights"), metavar="DIR", help="where records go (default flights)"
    )
    parser = argparse.ArgumentParser(prog="sitl", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, dest="verb", metavar="VERB")
    one = verbs.add_parser("fly", parents=[common], help="one whole flight, from the spoken sentence to the report")
    one.add_argument("mission", type=Path, nargs="?", metavar="MISSION", help="a mission file (default: launch-and-survey)")
    verbs.add_parser("run", parents=[common], help="everything up, until Ctrl-C")
    return parser


def _speed(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.25 <= value <= 20:
        raise argparse.ArgumentTypeError(f"{value:g} is not between 0.25 and 20")
    return value


if __name__ == "__main__":
    sys.exit(main())
