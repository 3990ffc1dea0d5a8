"""The exit codes of the command line, and what they mean."""

from __future__ import annotations

from enum import IntEnum

from wire import entry
from wire.errors import ConfigurationError, KeysError, LinkError, PilotfishError
from wire.messages import Stage


class Exit(IntEnum):
    DONE = 0
    USAGE = 2
    REFUSED = 3
    FAILED = 4
    NO_ANSWER = 5
    INTERRUPTED = entry.INTERRUPTED


HELP = """exit codes: 0 done; 2 wrong usage, configuration, keys or recording; 3 refused; 4 failed; 5 no answer from the daemon;
130 interrupted by Ctrl-C (an order that was given goes on)"""


def of_stage(stage: Stage) -> Exit:
    """The exit code of an order's end."""
    return {Stage.DONE: Exit.DONE, Stage.REFUSED: Exit.REFUSED}.get(stage, Exit.FAILED)


def of_error(error: PilotfishError) -> Exit:
    if isinstance(error, ConfigurationError | KeysError):
        return Exit.USAGE
    return Exit.NO_ANSWER if isinstance(error, LinkError) else Exit.FAILED
