"""`sitl` as its users run it: a program of its own, whose every descendant can be found again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Self

import psutil

MARK = "PILOTFISH_TEST_MARK"
DEADLINE_S = 150.0
"""Generous: the machine may be busy with other things."""


def until(true: Callable[[], object], what: str, deadline_s: float = DEADLINE_S) -> None:
    """Wait for something to be seen; the test fails when it is not."""
    end_s = time.monotonic() + deadline_s
    while not true():
        assert time.monotonic() < end_s, f"waited {deadline_s:g} s in vain for {what}"
        time.sleep(0.05)


class Sitl:
    """One run of `sitl`; what it prints is read while it runs. In a `with`, nothing of it is left running afterwards."""

    def __init__(self, folder: Path, *arguments: str) -> None:
        self.flights, self.runtime = folder / "flights", folder / "runtime"
        self.runtime.mkdir(exist_ok=True)
        self.mark = uuid.uuid4().hex
        self._output = folder / "output.txt"
        verb, *rest = arguments
        with self._output.open("wb") as output:
            self.popen = subprocess.Popen(
                [sys.executable, "-m", "sitl.main", verb, "--flights", str(self.flights), *rest],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                env={
                    **os.environ,
                    MARK: self.mark,
                    "COLUMNS": "250",
                    "PYTHONUNBUFFERED": "1",
                    "XDG_RUNTIME_DIR": str(self.runtime),
                },
            )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        for process in self.alive():
            process.kill()
        self.popen.wait(10)

    @property
    def output(self) -> str:
        return self._output.read_text(encoding="utf-8", errors="replace")

    @property
    def folder(self) -> Path:
        """The one flight's folder."""
        (only,) = self.flights.iterdir()  # records are kept of flights, not of refused starts
        return only

    def says(self, text: str) -> None:
        """Wait until it prints this, failing at once when it ends without."""
        until(lambda: text in self.output or self.popen.poll() is not None, f"{text!r}")
        assert text in self.output, self.output

    def interrupt(self) -> None:
        self.popen.send_signal(signal.SIGINT)

    def ends(self, deadline_s: float = 2 * DEADLINE_S) -> int:
        """Wait for its end; the exit code."""
        try:
            return self.popen.wait(deadline_s)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"it did not end:\n{self.output}") from None

    def alive(self) -> list[psutil.Process]:
        """Every process that comes from this run."""
        return [process for process in psutil.process_iter() if self._is_ours(process)]

    def alone(self) -> bool:
        """Nothing of it runs any more."""
        return not self.alive()

    def descendant(self, module: str) -> psutil.Process:
        """The process that runs a module (`python -m MODULE`)."""
        found: list[psutil.Process] = []

        def look() -> bool:
            found[:] = [p for p in self.alive() if module in self._arguments(p)]
            return bool(found)

        until(look, f"the process {module}")
        return found[0]

    @staticmethod
    def _arguments(process: psutil.Process) -> list[str]:
        try:
            return process.cmdline()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return []

    def _is_ours(self, process: psutil.Process) -> bool:
        try:
            return process.environ().get(MARK) == self.mark and process.status() != psutil.STATUS_ZOMBIE
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            return False


def secrets_in(folder: Path) -> list[Path]:
    """Files that hold a secret key."""
    return [path for path in folder.rglob("*") if path.is_file() and _is_secret(path)]


def _is_secret(path: Path) -> bool:
    return path.suffix in (".secret", ".key_secret") or b"secret-key" in path.read_bytes()[:4096]
