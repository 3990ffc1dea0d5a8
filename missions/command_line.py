"""What `python -m missions` does: are these mission files right?"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from missions.model import load
from wire.errors import ConfigurationError


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m missions", description="Mission files.")
    verbs = parser.add_subparsers(required=True, dest="verb")
    check = verbs.add_parser("check", help="is this file right? Exit code 0 if it is, 2 if not")
    check.add_argument("files", type=Path, nargs="+", metavar="FILE")
    wrong = 0
    for path in parser.parse_args(arguments).files:
        try:
            mission = load(path)
        except ConfigurationError as error:
            print(error, file=sys.stderr)
            wrong = 2
            continue
        orbit = mission.orbit
        print(
            f"{path}: {mission.name}: climbs to {mission.clear_height_m:g} m, circles {orbit.radius_m:g} m around the scene "
            f"at {orbit.height_m:g} m for about {orbit.expected_s:.0f} s"
        )
    return wrong
