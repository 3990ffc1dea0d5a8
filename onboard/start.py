"""How each process of the aircraft begins: with its part of the aircraft's file, its keys and its clock; and how it ends."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Generic, TypeVar

from wire import configuration, keys
from wire.clock import Clock, SystemClock
from wire.configuration import Section
from wire.errors import PilotfishError
from wire.keys import Keyring
from wire.supervise import StopFlag, die_with_parent


class ProcessFile(Section, frozen=True, kw_only=True, forbid_unknown_fields=False):
    """What every process needs of the aircraft's file; the rest is for others, and checked by `onboard run`."""

    keys_folder: Path
    clock_speed: float = 1.0


File = TypeVar("File", bound=ProcessFile)


@dataclass(frozen=True)
class Start(Generic[File]):
    """What a process is given. Relative folders of `file` start at `folder`."""

    file: File
    folder: Path
    keyring: Keyring
    clock: Clock
    stop: StopFlag


def start(name: str, kind: type[File], run: Callable[[Start[File]], int]) -> int:
    """Read `--config FILE` as a `kind` and run the process `name`; its exit code, 2 with a sentence when it cannot go on."""
    parser = argparse.ArgumentParser(prog=f"python -m onboard.{name}", description=f"The {name} process.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE", help="the aircraft's configuration file")
    path: Path = parser.parse_args().config
    die_with_parent()
    stop = StopFlag()
    try:
        file = configuration.load(path, kind)
        folder = path.absolute().parent
        keyring = keys.load(folder / file.keys_folder.expanduser(), "aircraft")
        return run(Start(file, folder, keyring, SystemClock(file.clock_speed), stop))
    except PilotfishError as error:
        sys.stderr.write(f"{error}\n")
        return 2
