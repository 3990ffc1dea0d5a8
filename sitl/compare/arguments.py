"""The command line of `sitl compare`."""

from __future__ import annotations

import argparse
from pathlib import Path

HELP = """the embedded autopilot against a recording (tlog) of a PX4

The recording must hold both directions of the onboard link from the autopilot's start, as `sitl fly` and `sitl run` write it
(flights/<time>/flight.tlog, and flight.json of the start; not --headless), or QGroundControl for its own link. The embedded
autopilot is told what the recorded one was told, at the same times. Exit code 0: nothing differs by more than
15 % of the time (1 s), 10 % of the distance (1 m); 1: something does; 2: the recording cannot be used."""


def add(verbs: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Add the verb to sitl's command line."""
    parser = verbs.add_parser(
        "compare", help=HELP.splitlines()[0], description=HELP, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("recording", type=Path, metavar="RECORDING", help="a .tlog or .tlog.gz")
    parser.add_argument("--seed", type=int, default=1, metavar="N", help="of the embedded autopilot's noise (default 1)")
    parser.add_argument(
        "--param", type=_parameter, action="append", default=[], metavar="NAME=VALUE",
        help="a parameter that the recorded autopilot was started with, where no RECORDING.json tells it; may be repeated",
    )  # fmt: skip
    parser.add_argument("--picture", type=Path, metavar="FILE.png", help="default: the recording's name + .png, here")
    parser.add_argument("--all", action="store_true", help="print also what does not differ")


def _parameter(text: str) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return name, float(value)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=VALUE with a number") from None
