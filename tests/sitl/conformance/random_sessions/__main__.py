"""Fly random sessions on a real PX4 and on the embedded autopilot; print where they differ."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from tests.sitl.conformance.conftest import Hangar
from tests.sitl.conformance.random_sessions import transcript
from tests.sitl.conformance.random_sessions.acts import Act, session
from tests.sitl.conformance.random_sessions.contrast import contrast
from tests.sitl.conformance.random_sessions.player import Player
from wire.errors import ProcessError


def fly(hangar: Hangar, acts: Sequence[Act], beside: int = 0) -> tuple[transcript.Transcript, int]:
    """A fresh vehicle is told a session: what it said, and its system id. `beside` is the embedded autopilot's less 1."""
    vehicle = hangar.start(beside=beside)
    try:
        player = Player(vehicle)
        player.play(acts)
        return transcript.of(vehicle, player.start_s), vehicle.system
    finally:
        hangar.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sitl.conformance.random_sessions", description=__doc__)
    parser.add_argument("seeds", nargs="+", type=int, metavar="SEED")
    parser.add_argument("--px4", metavar="BUILD", help="a PX4 SITL build; without it the sessions are only printed")
    parser.add_argument("--px4-instance", type=int, default=None, metavar="N")
    parser.add_argument("--px4-speed", type=float, default=4.0, metavar="X")
    parser.add_argument("--keep", type=_numbers, metavar="I,J-K", help="only these acts, by their numbers")
    options = parser.parse_args()
    try:
        return _print(options)
    except ProcessError as error:
        parser.error(str(error))


def _print(options: argparse.Namespace) -> int:
    for seed in options.seeds:
        acts = _kept(session(seed), options.keep)
        print(f"== seed {seed}", flush=True)
        lines = [(act.at_s, f"{act.at_s:7.2f}   [{number}] {act.say}") for number, act in acts]
        if options.px4 is not None:
            plain = [act for _, act in acts]
            theirs, system = fly(Hangar(options.px4, options.px4_instance, options.px4_speed), plain)
            ours, _ = fly(Hangar(None, None, 1.0), plain, system - 1)
            lines += [(d.t_s, str(d)) for d in contrast(theirs, ours)]
        print("\n".join(line for _, line in sorted(lines, key=lambda line: line[0])), flush=True)
    return 0


def _kept(acts: list[Act], wanted: set[int] | None) -> list[tuple[int, Act]]:
    return [(number, act) for number, act in enumerate(acts) if wanted is None or number in wanted]


def _numbers(text: str) -> set[int]:
    """Of "3,5-7"."""
    wanted: set[int] = set()
    for part in text.split(","):
        first, _, last = part.partition("-")
        if not first.isdigit() or not (last or first).isdigit():
            raise argparse.ArgumentTypeError(f"{part!r} is no number and no range of numbers such as 5-7")
        wanted |= set(range(int(first), int(last or first) + 1))
    return wanted


if __name__ == "__main__":
    sys.exit(main())
