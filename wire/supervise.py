"""Every process has a supervisor: started from a list, restarted within a budget, stopped with a deadline."""

from __future__ import annotations

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from wire.errors import ProcessError

_RESTART_PAUSE_S = 1.0
"""A process that ends right after its start is not started again at once: it would use up its restarts in a blink."""
_PR_SET_PDEATHSIG = 1  # linux/prctl.h
_PARENT = "PILOTFISH_PARENT"
"""The supervisor's process id, for its children: see `die_with_parent`."""
_LAST_BYTES, _QUOTED_LENGTH = 4096, 200
_LIBC = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


@dataclass(frozen=True)
class Process:
    """One line of a process list."""

    name: str
    arguments: tuple[str, ...]
    restarts: int = 0
    """How often it may be restarted within `window_s` before the supervisor gives up."""
    window_s: float = 60.0
    misfit_code: int | None = None
    """Its exit code for "cannot run as configured": when its first start ends so, another one is in vain."""
    essential: bool = True
    """When it is lost for good, everything stops; otherwise the rest goes on without it."""
    stop_s: float = 5.0
    environment: Mapping[str, str] = field(default_factory=dict)
    folder: Path | None = None
    """Its working folder; None: the supervisor's."""


def module(name: str, *arguments: str) -> tuple[str, ...]:
    """The command line that runs one of our modules in the same Python."""
    return (sys.executable, "-m", name, *arguments)


def leashed(arguments: tuple[str, ...]) -> tuple[str, ...]:
    """The same command line, for a program that is not ours to call `die_with_parent` in: it ends when its parent ends."""
    return (sys.executable, "-m", "wire.leash", *arguments)


def die_with_parent() -> None:
    """Ask the kernel to end this process when its parent ends, however that ends (Linux).

    A supervisor that ended before this was asked is no parent any more: the process that it started then ends here.
    """
    if _LIBC is not None:
        _LIBC.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
    parent = os.environ.pop(_PARENT, "")  # what this process starts has another parent
    if parent not in ("", str(os.getppid())):
        raise SystemExit("whoever started this process has ended: it ends, too")


class _Child:
    def __init__(self, process: Process, log_folder: Path | None) -> None:
        self.process = process
        self.log_folder = log_folder
        self.starts_s: deque[float] = deque(maxlen=process.restarts + 1)
        self.starts = 0
        self.popen: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.starts_s.append(time.monotonic())
        self.starts += 1
        log = (self.log_folder / f"{self.process.name}.log").open("ab") if self.log_folder else None
        try:
            self.popen = subprocess.Popen(
                self.process.arguments,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT if log else None,
                start_new_session=True,  # Ctrl-C is for the supervisor, which knows what to stop first
                env={**os.environ, **self.process.environment, _PARENT: str(os.getpid())},
                cwd=self.process.folder,
            )
        except OSError as error:
            raise ProcessError(f"{self.process.name} could not be started: {error}") from error
        finally:
            if log:
                log.close()

    def may_restart(self, code: int) -> bool:
        if self.starts == 1 and code == self.process.misfit_code:
            return False
        recent = [s for s in self.starts_s if time.monotonic() - s < self.process.window_s]
        return len(recent) <= self.process.restarts

    def where_to_look(self) -> str:
        if self.log_folder is None:
            return "what it said is above"
        log = self.log_folder / f"{self.process.name}.log"
        return f"{_last_line(log)}; look into {log}"

    def signal(self, number: int) -> None:
        if self.popen is not None and self.popen.poll() is None:
            self.popen.send_signal(number)


def _last_line(log: Path) -> str:
    """The last thing that a process said, shortened."""
    try:
        lines = log.read_bytes()[-_LAST_BYTES:].decode(errors="replace").splitlines()
    except OSError as error:
        return f"its log cannot be read ({error.strerror})"
    last = next((line.strip() for line in reversed(lines) if line.strip()), "")
    return f'it said "{last[:_QUOTED_LENGTH]}"' if last else "it said nothing"


class Supervisor:
    """Runs a list of processes. `say` is told, in a sentence, of each start, loss and restart."""

    def __init__(self, processes: list[Process], say: Callable[[str], None], log_folder: Path | None = None) -> None:
        self._children = [_Child(process, log_folder) for process in processes]
        self._say = say

    def start(self) -> None:
        try:
            for child in self._children:
                child.start()
        except ProcessError:
            self.stop()
            raise

    def pids(self) -> dict[str, int]:
        return {c.process.name: c.popen.pid for c in self._children if c.popen is not None and c.popen.poll() is None}

    def check(self) -> None:
        """Look after the children once; call it a few times a second. Raises ProcessError when an essential one is lost."""
        for child in self._children:
            if child.popen is None or child.popen.poll() is None:
                continue
            code = child.popen.returncode
            if child.may_restart(code):
                if time.monotonic() - child.starts_s[-1] < _RESTART_PAUSE_S:
                    continue
                self._say(f"{child.process.name} ended with code {code}; it is started again")
                child.start()
                continue
            child.popen = None
            message = f"{child.process.name} ended with code {code} and is not started again"
            self._say(message)
            if child.process.essential:
                raise ProcessError(f"{message}: {child.where_to_look()}")

    def stop(self) -> None:
        """End all, last started first: SIGTERM, then after `stop_s` SIGKILL."""
        for child in reversed(self._children):
            child.signal(signal.SIGTERM)
        for child in reversed(self._children):
            if child.popen is None:
                continue
            try:
                child.popen.wait(child.process.stop_s)
            except subprocess.TimeoutExpired:
                self._say(f"{child.process.name} did not end within {child.process.stop_s:g} s and was killed")
                child.popen.kill()
                child.popen.wait(5)
            child.popen = None


class StopFlag:
    """Becomes true on SIGTERM, SIGINT or SIGHUP, so that loops end in order. Main thread only.

    A closed terminal counts once however often it is told (by the shell, too), and not at all under nohup.
    """

    def __init__(self) -> None:
        self.count = 0
        self.by = ""
        """The name of the first signal."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._stop)
        if signal.getsignal(signal.SIGHUP) is not signal.SIG_IGN:
            signal.signal(signal.SIGHUP, self._stop)

    def _stop(self, number: int, frame: object) -> None:
        del frame
        if number != signal.SIGHUP or not self.count:
            self.count += 1
        self.by = self.by or signal.Signals(number).name

    def __bool__(self) -> bool:
        return self.count > 0
