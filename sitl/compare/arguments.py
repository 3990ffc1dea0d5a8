"""The command line of `sitl compare`."""

from __future__ import annotations

import argparse
import math
from collections.abc import Callable
from typing import NoReturn

from sitl import values

HELP = """a recording (tlog) of a PX4 against the embedded autopilot, or against a real PX4

The recording must hold both directions of the onboard link from the autopilot's start, as `sitl fly` and `sitl run` write it
(flights/<time>/flight.tlog, and flight.json of the start; not --headless), or QGroundControl for its own link. The embedded
autopilot is told what the recorded one was told, at the same times; with --px4 a real PX4 is: what differs then is PX4's own
noise. Exit code 0: nothing differs by more than 15 % of the time (1 s), 10 % of the distance (1 m); 1: something does; 2: the
recording or PX4 cannot be used."""
MOST_TIMES, INSTANCES = 100, 10


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to sitl's command line."""
    parser = verbs.add_parser(
        "compare", help=HELP.splitlines()[0], description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.set_defaults(autopilot=None)
    parser.add_argument("recording", type=values.path, metavar="RECORDING", help="a .tlog or .tlog.gz")
    parser.add_argument("--seed", type=values.seed, metavar="N", help="of the embedded autopilot's noise (default 1)")
    parser.add_argument(
        "--px4",
        type=values.name,
        metavar="PATH",
        help="fly it on a real PX4, as fast as it was recorded: as of `sitl fly`; see docs/sitl.md",
    )
    parser.add_argument(
        "--instance",
        type=values.whole(0, INSTANCES - 1),
        metavar="N",
        help="PX4's instance, 0 to 9 (default: the first free one)",
    )
    parser.add_argument(
        "--times",
        type=values.whole(1, MOST_TIMES),
        default=1,
        metavar="N",
        help="fly it so often (the embedded autopilot with N seeds from --seed on), and count what differs in how many flights",
    )
    parser.add_argument(
        "--param", type=_parameter, action="append", default=[], metavar="NAME=VALUE",
        help="a parameter that the recorded autopilot was started with, where no RECORDING.json tells it; may be repeated",
    )  # fmt: skip
    parser.add_argument("--picture", type=values.path, metavar="FILE.png", help="default: the recording's name + .png, here")
    parser.add_argument("--all", action="store_true", help="print also what does not differ")


def check(options: argparse.Namespace, fail: Callable[[str], NoReturn]) -> None:
    """Options that do not go together end the program."""
    if options.px4 is None and options.instance is not None:
        fail("--instance is of a real PX4: give it with --px4 PATH")
    if options.px4 is not None and options.seed is not None:
        fail("--seed is of the embedded autopilot: a real PX4 makes its own noise")


def _parameter(text: str) -> tuple[str, float]:
    name, _, number = text.partition("=")
    try:
        value = float(number)
    except ValueError:
        value = math.nan
    if not name or not math.isfinite(value):
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE with a number")
    return name, value
