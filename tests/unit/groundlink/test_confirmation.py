"""Before a spoken launch: ENTER at a terminal is yes, and nothing else is."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from groundlink.confirmation import READ_BACK, beforehand, read_back
from groundlink.intents import Intent
from groundlink.link.authority import STOPPING
from wire.messages import Verb

ASKING = """
import sys
from groundlink.confirmation import AtTheKeyboard
ask = AtTheKeyboard(lambda sentence: print(sentence, flush=True), float(sys.argv[1]))
print("ready", flush=True)
sys.stdin.isatty() and input()
print("answer:", ask("Launch:"), flush=True)
"""


class Terminal:
    def __init__(self, controller: int) -> None:
        self._controller = controller
        self.shown = ""

    def types(self, keys: str) -> None:
        os.write(self._controller, keys.encode())

    def shows(self, words: str) -> None:
        deadline_s = time.monotonic() + 20.0
        while words not in self.shown:
            assert time.monotonic() < deadline_s, self.shown
            if select.select([self._controller], [], [], 0.1)[0]:
                self.shown += os.read(self._controller, 4096).decode()


@contextmanager
def asked(patience_wall_s: float = 20.0) -> Iterator[Terminal]:
    controller, terminal = pty.openpty()
    arguments = [sys.executable, "-c", ASKING, str(patience_wall_s)]
    with subprocess.Popen(arguments, stdin=terminal, stdout=terminal, stderr=terminal) as asking:
        try:
            yield Terminal(controller)
        finally:
            asking.kill()
    os.close(controller)
    os.close(terminal)


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("\n", "None"), ("no\n", "it was cancelled"), (" \n", "it was cancelled"), ("\x04", "it was cancelled")],
)
def test_enter_alone_is_yes(typed: str, answer: str) -> None:
    with asked() as terminal:
        terminal.shows("ready")
        terminal.types("\n")
        terminal.shows("Launch: press ENTER to confirm")
        terminal.types(typed)
        terminal.shows(f"answer: {answer}")


def test_what_was_typed_before_the_question_is_no_answer_and_silence_is_no() -> None:
    with asked(1.0) as terminal:
        terminal.shows("ready")
        terminal.types("\n\n\n\n")
        terminal.shows("answer: it was not confirmed within 1 s")


def test_nobody_can_be_asked_without_a_terminal() -> None:
    asking = subprocess.run(
        [sys.executable, "-c", ASKING, "20"], input="\n\n", capture_output=True, text=True, timeout=30, check=False
    )
    assert "answer: nobody is at a terminal to confirm it; say it again with --yes" in asking.stdout


def test_what_sends_it_out_is_read_back_and_nothing_else() -> None:
    assert frozenset({Verb.LAUNCH, Verb.RESUME}) == READ_BACK
    assert not READ_BACK & STOPPING
    assert read_back(Intent(Verb.LAUNCH, "launch-and-survey", "launch and survey")) == "Launch, mission launch-and-survey:"
    assert beforehand("Launch:") is None
