"""groundlink: the vehicle's door. An order goes on when its command is interrupted, and it says so."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from wire.entry import INTERRUPTED


def main(arguments: Sequence[str] | None = None) -> int:
    """The console script. Returns an exit code of groundlink/exits.py."""
    try:
        from groundlink.command_line import run  # noqa: PLC0415

        return run(arguments)
    except KeyboardInterrupt:
        print("Interrupted; an order that was given goes on.", file=sys.stderr)
        return INTERRUPTED


if __name__ == "__main__":
    sys.exit(main())
