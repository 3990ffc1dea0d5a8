"""A spoken order that sends the aircraft out is read back, and obeyed only once somebody has confirmed it.

What stops or brings home is obeyed at once: said in vain it costs a return, not said it may cost a person.
"""

from __future__ import annotations

import select
import sys
import termios
from collections.abc import Callable
from typing import Protocol

from groundlink.intents import Intent
from groundlink.link.authority import LAUNCHING

READ_BACK = LAUNCHING
PATIENCE_WALL_S = 10.0


class Confirm(Protocol):
    """Asks for a yes. The seam between a spoken launch and the person who is to confirm it."""

    def __call__(self, question: str) -> str | None:
        """None when it was confirmed; otherwise why not, as the end of a sentence."""
        ...


def read_back(intent: Intent) -> str:
    """What was understood, as it is read back."""
    mission = f", mission {intent.mission}" if intent.mission else ""
    return f"{intent.verb.value.capitalize()}{mission}:"


def beforehand(question: str) -> str | None:
    """Confirmed by whoever started the program, with --yes."""
    del question
    return None


class AtTheKeyboard:
    """ENTER alone, within some seconds, is yes; anything else is no. Only a person at a terminal can be asked."""

    def __init__(self, say: Callable[[str], None], patience_wall_s: float = PATIENCE_WALL_S) -> None:
        self._say, self._patience_wall_s = say, patience_wall_s

    def __call__(self, question: str) -> str | None:
        if not sys.stdin.isatty():
            return "nobody is at a terminal to confirm it; say it again with --yes if you mean it"
        termios.tcflush(sys.stdin, termios.TCIFLUSH)  # a key pressed before the question is no answer to it
        self._say(f"{question} press ENTER to confirm; anything else, or {self._patience_wall_s:g} s without, cancels")
        if not select.select([sys.stdin], [], [], self._patience_wall_s)[0]:
            termios.tcflush(sys.stdin, termios.TCIFLUSH)  # nor is half a line, which the shell would get
            return f"it was not confirmed within {self._patience_wall_s:g} s; say it again"
        return None if sys.stdin.readline() == "\n" else "it was cancelled"
