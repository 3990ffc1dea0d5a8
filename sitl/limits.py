"""What a simulation needs of the shell that it is started from."""

from __future__ import annotations

import resource

from wire.errors import DeviceError

OPEN_FILES = 256
"""Of each process: its sockets, keys, logs and libraries take about fifty."""


def check_open_files() -> None:
    """Ask for enough where it is ours to ask. Raises DeviceError."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    unlimited = resource.RLIM_INFINITY
    if soft == unlimited or soft >= OPEN_FILES:
        return
    if hard != unlimited and hard < OPEN_FILES:
        raise DeviceError(f"a program may have only {hard} files open here, a simulation needs {OPEN_FILES}: raise `ulimit -n`")
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, hard))
