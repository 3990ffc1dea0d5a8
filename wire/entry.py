"""The doors into the programs: Ctrl-C ends them without a traceback, also while they still import what they need, and so does
text that the terminal's encoding does not know."""

from __future__ import annotations

import importlib
import io
import os
import signal
import sys

INTERRUPTED = 130
"""As shells report it: 128 + SIGINT."""


def enter(module: str) -> None:
    """Run a module's `main` and exit with its code."""
    signal.signal(signal.SIGINT, lambda number, frame: os._exit(INTERRUPTED))
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
    run = importlib.import_module(module).main
    try:
        signal.signal(signal.SIGINT, signal.default_int_handler)
        sys.exit(run())
    except KeyboardInterrupt:
        sys.exit(INTERRUPTED)
