"""What is given on a command line, checked: types for argparse."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

LARGEST_SEED = 2**32 - 1


def whole(least: int, most: int) -> Callable[[str], int]:
    """A whole number within bounds."""

    def parse(text: str) -> int:
        if not text.isascii() or not text.isdigit() or not least <= int(text) <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
        return int(text)

    return parse


seed = whole(0, LARGEST_SEED)


def name(text: str) -> str:
    """Any word but the empty one, which a shell makes of a variable that is not set."""
    if not text:
        raise argparse.ArgumentTypeError("is empty: give a name or a path, or leave it out")
    return text


def path(text: str) -> Path:
    """A path; an empty one would mean the current folder."""
    return Path(name(text))
