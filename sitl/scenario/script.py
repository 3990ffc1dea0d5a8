"""What of a scenario is on, by the time since launch. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple, TypeVar

from sitl.scenario.events import Event

AIRBORNE_M = 0.5
"""A launch is when the aircraft is first this far, in truth, above where it stood."""

E = TypeVar("E", bound=Event)


class LaunchClock:
    """Seconds since launch, by the aircraft's true height."""

    def __init__(self) -> None:
        self.launched_s: float | None = None

    def update(self, height_m: float, now_s: float) -> float | None:
        """`height_m`: above where it stood at the start. None: it has not been launched yet."""
        if self.launched_s is None and height_m > AIRBORNE_M:
            self.launched_s = now_s
        return self.since_s(now_s)

    def since_s(self, now_s: float) -> float | None:
        return None if self.launched_s is None else now_s - self.launched_s


class Change(NamedTuple):
    """An event has begun, or is over."""

    event: Event
    began: bool
    since_launch_s: float | None


class Script:
    """Fed with the time; tells what changes, each once, and what is on."""

    def __init__(self, events: Iterable[Event]) -> None:
        self._waiting = sorted(events, key=lambda event: event.begins_s)
        self._on: list[Event] = []

    def update(self, since_launch_s: float | None) -> list[Change]:
        """What has begun and ended by now, in order. None: before the launch, when only what is so from the start is on."""
        now_s = float("-inf") if since_launch_s is None else since_launch_s
        begun = [event for event in self._waiting if event.begins_s <= now_s]
        self._waiting = [event for event in self._waiting if event.begins_s > now_s]
        self._on += begun
        over = [event for event in self._on if event.ends_s <= now_s]
        self._on = [event for event in self._on if event.ends_s > now_s and event.lasts]
        return [
            *(Change(event, began=True, since_launch_s=since_launch_s) for event in begun),
            *(Change(event, began=False, since_launch_s=since_launch_s) for event in over),
        ]

    def on(self, kind: type[E]) -> list[E]:
        """The events of a kind that last now, the one that began first first."""
        return [event for event in self._on if isinstance(event, kind)]
