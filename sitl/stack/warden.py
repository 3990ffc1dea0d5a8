"""python -m sitl.stack.warden [--container NAME] PROGRAM ...: run a program, and leave nothing of it behind.

It runs in a process group of its own. The group ends (SIGTERM, later SIGKILL) when this process is told to end, or when the
process that started it is gone, however that went; a container is removed by its name besides, before and after.
"""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
from collections.abc import Sequence

from wire.supervise import StopFlag, die_with_parent, leashed, module

GRACE_S = 6.0
"""PX4 closes its log file in less than a second."""
_CONTAINER_S = 15.0
_LOOK_S = 0.1


def guarded(program: Sequence[str], container: str | None = None) -> tuple[str, ...]:
    """The command line that runs `program` under a warden which ends with the calling process."""
    named = () if container is None else ("--container", container)
    return module("sitl.stack.warden", *named, *program)


def main(arguments: list[str] | None = None) -> int:
    """The program's exit code, 128 + N when a signal N ended it, 127 when it could not be started."""
    options = _parser().parse_args(arguments)
    die_with_parent()
    stop = StopFlag()
    _remove(options.container)
    try:
        child = subprocess.Popen(leashed(tuple(options.program)), stdin=subprocess.DEVNULL, start_new_session=True)
    except OSError as error:
        print(f"{options.program[0]} could not be started: {error}", file=sys.stderr)  # noqa: T201 - a program of its own
        return 127
    try:
        code = _watch(child, stop)
    finally:
        _end(child)
        _remove(options.container)
    return code if code >= 0 else 128 - code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sitl.stack.warden", description=__doc__)
    parser.add_argument("--container", metavar="NAME", help="a docker container to remove before and after")
    parser.add_argument("program", nargs=argparse.REMAINDER, metavar="PROGRAM")
    return parser


def _watch(child: subprocess.Popen[bytes], stop: StopFlag) -> int:
    """Until the program ends, or shall end; its exit code (negative: the signal)."""
    while not stop:
        try:
            return child.wait(_LOOK_S)
        except subprocess.TimeoutExpired:
            continue
    _signal(child, signal.SIGTERM)
    try:
        return child.wait(GRACE_S)
    except subprocess.TimeoutExpired:
        _signal(child, signal.SIGKILL)
        return child.wait()


def _end(child: subprocess.Popen[bytes]) -> None:
    """What is left of the group: the program may have started others and ended before them."""
    _signal(child, signal.SIGKILL)
    child.wait()


def _signal(child: subprocess.Popen[bytes], number: int) -> None:
    try:
        os.killpg(child.pid, number)
    except ProcessLookupError:
        return  # nobody is left in the group


def _remove(container: str | None) -> None:
    if container is None:
        return
    try:
        subprocess.run(
            ("docker", "rm", "--force", container),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,  # usually there is no such container any more
            timeout=_CONTAINER_S,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        print(f"the container {container} could not be removed: {error}", file=sys.stderr)  # noqa: T201 - a program of its own


if __name__ == "__main__":
    sys.exit(main())
