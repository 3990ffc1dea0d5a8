"""Plans kept in a file between starts, as PX4 keeps them in its dataman file."""

from __future__ import annotations

import os
from pathlib import Path

from sitl.autopilot.plans.store import Plans


class PlanFile:
    """The plans of one vehicle in one file, which always holds a whole state: a new one takes the old one's place at once."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._kept = 0

    def load(self) -> Plans:
        """What was kept, empty plans if there is no file. Raises ValueError if the file holds something else, OSError."""
        try:
            data = self._path.read_bytes()
        except FileNotFoundError:
            return Plans()
        try:
            return Plans.from_bytes(data)
        except ValueError as error:
            raise ValueError(f"{self._path} holds no plans ({error}): delete it to start without any") from error

    def keep(self, plans: Plans) -> None:
        """Write the plans if they changed since they were loaded or kept last. Cheap when they did not; raises OSError."""
        if plans.revision == self._kept:
            return
        fresh = self._path.with_name(f"{self._path.name}.new")
        with fresh.open("wb") as file:
            file.write(plans.to_bytes())
            file.flush()
            os.fsync(file.fileno())
        fresh.replace(self._path)
        self._kept = plans.revision
