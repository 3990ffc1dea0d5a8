"""sitl: the whole stack without an aircraft.

`sitl VERB --help` lists its options and exit codes.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from sitl import values
from sitl.compare import arguments as compare
from sitl.options import Options
from sitl.px4 import IMAGE
from sitl.scenario import model
from sitl.scenario.model import Scenario
from sitl.terminal import outlive_the_terminal
from wire.entry import INTERRUPTED
from wire.errors import ConfigurationError, PilotfishError

AUTOPILOT = "autopilot"
PARAMETERS = "PX4_PARAM_<NAME>=VALUE in the environment sets a parameter of the autopilot, embedded or PX4, for this start.\n\n"
FLY_CODES = """Exit codes: 0 flown as the mission says (as the scenario expects, where it expects something), 1 not so,
2 options, files, PX4_PARAM_* or PX4 are wrong, or something did not come up, 130 interrupted before the flight."""
RUN_CODES = """Exit codes: 0 ended by Ctrl-C, 2 options, files, PX4_PARAM_* or PX4 are wrong, or something did not come up or
broke down, 130 interrupted before everything was up."""
CHECK_CODES = "Exit codes: 0 every file is right, 2 one is not."


def main(arguments: list[str] | None = None) -> int:
    words = sys.argv[1:] if arguments is None else arguments
    if words[:1] == [AUTOPILOT]:  # its options are its own
        from sitl.autopilot import process  # noqa: PLC0415

        return process.main(words[1:], prog=f"sitl {AUTOPILOT}", keep=True)
    parser = _parser()
    options = parser.parse_args(arguments)
    if options.verb == "compare":
        compare.check(options, parser.error)
    if getattr(options, "headless", False):
        _refuse_beside_headless(parser, options)
    if getattr(options, "px4", None) is not None and options.autopilot == "embedded":
        parser.error(f"--autopilot embedded and --px4 {options.px4} contradict each other: give one of them")
    outlive_the_terminal()
    try:
        return _run(options)
    except PilotfishError as error:
        print(f"sitl: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:  # before anything was started
        return INTERRUPTED


def _run(options: argparse.Namespace) -> int:
    from rich.console import Console  # noqa: PLC0415 - what flies takes a second to load: Ctrl-C is heard meanwhile

    if options.verb == "compare":
        from sitl.compare import command  # noqa: PLC0415

        return command.run(options, Console(stderr=False))

    if options.verb == "scenario":
        from sitl.scenario import check  # noqa: PLC0415

        return check.run(options.files)

    from sitl import fly, limits  # noqa: PLC0415
    from sitl.lockstep import headless  # noqa: PLC0415

    limits.check_open_files()
    autopilot: Literal["embedded", "px4"] = "px4" if options.px4 else options.autopilot or "embedded"
    settings = Options(
        autopilot=autopilot,
        px4=options.px4,
        headless=getattr(options, "headless", False),
        speed=options.speed or 1.0,
        seed=options.seed,
        light=options.light or "day",
        scenario=_scenario(options.scenario, autopilot),
        mission=getattr(options, "mission", None),
        parameters=_parameters(autopilot),
    )
    verb = fly.run if options.verb == "run" else headless.fly if settings.headless else fly.fly
    return verb(settings, options.flights, Console(stderr=False))


def _parameters(autopilot: str) -> tuple[tuple[str, float], ...]:
    """Those that the environment asks for. Raises ConfigurationError."""
    from sitl.autopilot import arguments  # noqa: PLC0415

    if arguments.SPEED_FACTOR in os.environ:
        raise ConfigurationError(
            f"the environment's {arguments.SPEED_FACTOR} would be the autopilot's alone: unset it, and give --speed"
        )
    return tuple(sorted(arguments.parameters(os.environ, of_a_real_px4=autopilot == "px4").items()))


def _scenario(name: str | None, autopilot: str) -> Scenario | None:
    """What was named, read and checked. Raises ConfigurationError."""
    if name is None:
        return None
    path = model.scenario_path(name)
    scenario = model.load(path)
    if autopilot == "px4":
        model.refuse_on_px4(scenario, str(path))
    return scenario


def _refuse_beside_headless(parser: argparse.ArgumentParser, options: argparse.Namespace) -> None:
    """Ends the program when an option was given that a headless flight cannot follow."""
    reasons = {
        "px4": "--px4: a real PX4 keeps its own time; headless flies the embedded autopilot",
        "speed": "--speed: headless is as fast as the machine goes",
        "light": "--light: headless draws no world",
    }
    refused = [reason for name, reason in reasons.items() if getattr(options, name) is not None]
    if options.autopilot == "px4":
        refused.append("--autopilot px4: a real PX4 keeps its own time; headless flies the embedded autopilot")
    if refused:
        parser.error(f"not with --headless: {'; '.join(refused)}")


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--autopilot",
        choices=("embedded", "px4"),
        help="default: embedded, or px4 where --px4 is given; px4 without --px4 means --px4 docker",
    )
    common.add_argument(
        "--px4",
        type=values.name,
        metavar="PATH",
        help=f"a PX4 SITL build or install, or docker:IMAGE, or docker ({IMAGE}); means --autopilot px4; see docs/sitl.md",
    )
    common.add_argument("--speed", type=_speed, metavar="N", help="times real time, 0.25 to 20 (default 1)")
    common.add_argument(
        "--seed", type=values.seed, default=1, metavar="N", help="of the town, its people and the weather (default 1)"
    )
    common.add_argument("--light", choices=("day", "night"), help="of the drawn world (default day)")
    common.add_argument(
        "--scenario",
        type=values.name,
        metavar="SCENARIO",
        help="what goes wrong and when: a file, or the name of one in sitl/scenarios/",
    )
    common.add_argument(
        "--flights", type=values.path, default=Path("flights"), metavar="DIR", help="where records go (default flights)"
    )
    parser = argparse.ArgumentParser(prog="sitl", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, dest="verb", metavar="VERB")
    one = _verb(verbs, "fly", "one whole flight, from the spoken sentence to the report", PARAMETERS + FLY_CODES, [common])
    one.add_argument(
        "mission",
        type=values.path,
        nargs="?",
        metavar="MISSION",
        help="a mission file, or the name of one in missions/ (default: launch-and-survey)",
    )
    one.add_argument(
        "--headless",
        action="store_true",
        help="in simulated time, as fast as the machine goes and the same for the same seed: no video, no voice",
    )
    _verb(verbs, "run", "everything up, until Ctrl-C", PARAMETERS + RUN_CODES, [common])
    verbs.add_parser(AUTOPILOT, help="the embedded autopilot alone, as px4 -i N starts PX4; its options: sitl autopilot --help")
    compare.add(verbs)
    scenario = verbs.add_parser("scenario", help="scenario files: `sitl scenario check FILE` says what is wrong with them")
    check = _verb(
        scenario.add_subparsers(required=True, dest="what", metavar="VERB"),
        "check",
        "are these files right, and what happens in them?",
        CHECK_CODES,
    )
    check.add_argument("files", type=values.name, nargs="+", metavar="SCENARIO", help="a file, or a name in sitl/scenarios/")
    return parser


def _verb(
    verbs: argparse._SubParsersAction[argparse.ArgumentParser],
    name: str,
    what: str,
    ending: str,
    parents: Sequence[argparse.ArgumentParser] = (),
) -> argparse.ArgumentParser:
    return verbs.add_parser(
        name,
        parents=list(parents),
        help=what,
        description=what,
        epilog=ending,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )


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
