"""What is kept between starts in a folder: parameters that were set, plans, and the files of MAVLink FTP.

Each file always holds a whole state.
"""

from __future__ import annotations

import contextlib
import fcntl
import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import TextIO

import msgspec

from sitl.autopilot.core import Autopilot
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.plans.files import PlanFile
from sitl.autopilot.plans.store import Plans
from wire.errors import ConfigurationError

VERSION, NEVER = 1, -1
PARAMETERS, PLANS = "parameters.json", "plans.msgpack"
ADVICE = "delete the file to start with the defaults"


class _Stored(msgspec.Struct, forbid_unknown_fields=True):
    """JSON has no word for what is not finite: those values are texts, nan, inf and -inf."""

    version: int
    parameters: dict[str, float | str]


class ParameterFile:
    """The parameters of one vehicle in one file; a new state takes the old one's place at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = 0

    def load(self) -> dict[str, float] | None:
        """What was kept, None if there is no file. Raises ValueError naming file and cure if it is damaged, OSError."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            self._kept = NEVER
            return None
        try:
            stored = msgspec.json.decode(data, type=_Stored)
            if stored.version != VERSION:
                raise ValueError(f"version {stored.version}, not {VERSION}")
            parameters = {name: float(value) for name, value in stored.parameters.items()}
            Parameters(kept=parameters)
        except ValueError as error:  # msgspec's are ValueErrors, too
            raise ValueError(f"{self._path} is damaged ({error}): {ADVICE}") from error
        return parameters

    def keep(self, parameters: Parameters) -> None:
        """Write if something changed since the last time; raises OSError."""
        if parameters.revision == self._kept:
            return
        fresh = self._path.with_name(f"{self._path.name}.new")
        listed = {name: value if math.isfinite(value) else str(value) for name, value in parameters.kept.items()}
        with fresh.open("wb") as file:
            file.write(msgspec.json.format(msgspec.json.encode(_Stored(VERSION, listed)), indent=1))
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._kept = parameters.revision


class Kept:
    """The state of one vehicle, loaded; with no folder nothing is loaded and nothing kept.

    `say` is told, once, what cannot be kept any more. Raises ValueError naming a damaged file and what to do,
    ConfigurationError for a folder that another autopilot uses, OSError for one that cannot be made or read.
    """

    def __init__(self, folder: Path | None, say: Callable[[str], None] = lambda _: None) -> None:
        self.parameters: dict[str, float] | None = None
        self.plans = Plans()
        self.files: Path | None = None
        self._folder, self._say = folder, say
        self._refused: dict[str, int] = {}
        """By file: the revision that could not be written."""
        self._locked: TextIO | None = None
        if folder is None:
            return
        self.files = folder / "files"
        self.files.mkdir(parents=True, exist_ok=True)
        self._locked = _lock(folder)
        try:
            self._parameter_file, self._plan_file = ParameterFile(folder / PARAMETERS), PlanFile(folder / PLANS)
            self.parameters, self.plans = self._parameter_file.load(), self._plan_file.load()
        except (OSError, ValueError):
            self.close()
            raise

    def keep(self, autopilot: Autopilot, *, last: bool = False) -> None:
        """Write what has changed. What cannot be written is tried again with its next change, and the `last` time."""
        if self._folder is None:
            return
        if last:
            self._refused = dict.fromkeys(self._refused, -1)
        parameters, plans = autopilot.parameters, autopilot.plans
        self._try(PARAMETERS, "parameters", parameters.revision, lambda: self._parameter_file.keep(parameters))
        self._try(PLANS, "missions, fences and rally points", plans.revision, lambda: self._plan_file.keep(plans))

    def _try(self, name: str, what: str, revision: int, keep: Callable[[], None]) -> None:
        if self._folder is None or self._refused.get(name) == revision:
            return
        try:
            keep()
        except OSError as error:
            with contextlib.suppress(OSError):
                (self._folder / f"{name}.new").unlink()
            if name not in self._refused:
                why = f"{self._folder / name} cannot be written: {error.strerror}"
                self._say(f"{what} are not kept any more ({why}); free space there, their next change is tried again")
            self._refused[name] = revision
        else:
            if self._refused.pop(name, None) is not None:
                self._say(f"{what} are kept again in {self._folder / name}")

    def close(self) -> None:
        """Let another autopilot use the folder."""
        if self._locked is not None:
            self._locked.close()
            self._locked = None


def _lock(folder: Path) -> TextIO:
    """One autopilot at a time; the lock also goes with the process."""
    locked = (folder / "lock").open("w", encoding="ascii")
    try:
        fcntl.flock(locked, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError as error:
        locked.close()
        raise ConfigurationError(
            f"{folder} is used by another autopilot: stop it, or give another --folder or --instance"
        ) from error
    return locked
