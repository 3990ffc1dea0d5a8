"""Where the records of a flight go: a folder for each start, which stays only when there is something in it to keep."""

from __future__ import annotations

import contextlib
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from wire.errors import ConfigurationError

_SAME_SECOND = 100


@dataclass
class RecordFolder:
    path: Path
    started: datetime
    """What it is named by: of the start, local, with its zone."""
    keep: bool = False
    """Set once there is something in it that somebody may want to look at; otherwise it goes away again."""


@contextlib.contextmanager
def record_folder(base: Path) -> Iterator[RecordFolder]:
    """`base`/<time>, made now, as an absolute path. Raises ConfigurationError where it cannot be made."""
    base = base.expanduser().absolute()  # configuration files take relative folders from where they are themselves
    was_there = base.exists()
    started = datetime.now().astimezone()
    folder = RecordFolder(new_folder(base, started), started)
    try:
        yield folder
    finally:
        if not folder.keep:
            shutil.rmtree(folder.path, ignore_errors=True)
            if not was_there:
                with contextlib.suppress(OSError):  # another start may have its records in it by now
                    base.rmdir()


def new_folder(base: Path, started: datetime) -> Path:
    """`base`/<time>, never an existing one. Raises ConfigurationError."""
    stamp = started.strftime("%Y-%m-%dT%H-%M-%S")
    for suffix in ("", *(f"-{n}" for n in range(2, _SAME_SECOND))):
        folder = base / f"{stamp}{suffix}"
        try:
            folder.mkdir(parents=True)
        except FileExistsError:
            if folder.exists():
                continue
            raise ConfigurationError(f"{base} is not a folder: choose another one with --flights") from None
        except OSError as error:
            raise ConfigurationError(
                f"{base}: no records can be kept there ({error.strerror}): choose another folder with --flights"
            ) from error
        return folder
    raise ConfigurationError(f"{base} already holds a hundred flights of this second")
