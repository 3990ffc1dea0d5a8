"""Fly random sessions on a real PX4 and on the embedded autopilot; print where they differ."""

from __future__ import annotations

import argparse
import sys

from tests.sitl.conformance.conftest import Hangar
from tests.sitl.conformance.random_sessions import transcript
from tests.sitl.conformance.random_sessions.acts import Act, session
from tests.sitl.conformance.random_sessions.contrast import contrast
from tests.sitl.conformance.random_sessions.player import Player


def fly(hangar: Hangar, acts: list[Act], beside: int) -> transcript.Transcript:
    """A fresh vehicle is told a session; what it said."""
    vehicle = hangar.start(beside=beside)
    try:
        player = Player(vehicle)
        player.play(acts)
        return transcript.of(vehicle, player.start_s)
    finally:
        hangar.close()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.sitl.conformance.random_sessions", description=__doc__)
    parser.add_argument("seeds", nargs="+", type=int, metavar="SEED")
    parser.add_argument("--px4", metavar="BUILD", help="a PX4 SITL build; without it the sessions are only printed")
    parser.add_argument("--px4-instance", type=int, default=None, metavar="N")
    parser.add_argument("--px4-speed", type=float, default=4.0, metavar="X")
    parser.add_argument("--keep", metavar="I,J-K", help="only these acts, by their numbers")
    options = parser.parse_args()
    for seed in options.seeds:
        acts = _kept(session(seed), options.keep)
        print(f"== seed {seed}", flush=True)
        lines = [(act.at_s, f"{act.at_s:7.2f}   [{number}] {act.say}") for number, act in acts]
        if options.px4 is not None:
            plain = [act for _, act in acts]
            theirs = fly(Hangar(options.px4, options.px4_instance, options.px4_speed), plain, 0)
            ours = fly(Hangar(None, None, 1.0), plain, options.px4_instance or 0)
            lines += [(d.t_s, str(d)) for d in contrast(theirs, ours)]
        print("\n".join(line for _, line in sorted(lines, key=lambda line: line[0])), flush=True)
    return 0


def _kept(acts: list[Act], keep: str | None) -> list[tuple[int, Act]]:
    numbered = list(enumerate(acts))
    if keep is None:
        return numbered
    wanted: set[int] = set()
    for part in keep.split(","):
        first, _, last = part.partition("-")
        wanted |= set(range(int(first), int(last or first) + 1))
    return [(number, act) for number, act in numbered if number in wanted]


if __name__ == "__main__":
    sys.exit(main())
