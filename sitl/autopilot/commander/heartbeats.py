"""Who is on the other end: heartbeats of ground stations and companions, and their loss, as PX4 times it.

Each link reports once per second whether a heartbeat came within the last 2.5 s; a connection is lost when the last such
report is older than the time-out. That is why a loss takes the time-out and up to 2.5 s more.
"""

from __future__ import annotations

from enum import Enum, auto

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling import texts
from sitl.autopilot.telling.texts import Text

HEARTBEAT_TIMEOUT_S = 2.5
REPORT_S = 1.0


class Change(Enum):
    """What an update of a connection brought."""

    NONE = auto()
    LOST = auto()
    REGAINED = auto()


class Connection:
    """One kind of peer. `lost` is True until the first heartbeat; `ever` tells there was one."""

    def __init__(self) -> None:
        self._heartbeat_s: float | None = None
        self._reported_s: float | None = None
        self._next_report_s = 0.0
        self.lost = True
        self.ever = False

    def heartbeat(self, now_s: float) -> None:
        """One came in."""
        self._heartbeat_s = now_s

    def alive(self, now_s: float) -> bool:
        """A heartbeat within the last 2.5 s."""
        return self._heartbeat_s is not None and now_s - self._heartbeat_s <= HEARTBEAT_TIMEOUT_S

    def update(self, now_s: float, timeout_s: float) -> Change:
        """Judge the connection."""
        if now_s >= self._next_report_s:
            self._next_report_s = now_s + REPORT_S
            if self.alive(now_s):
                self._reported_s = now_s
        gone = self._reported_s is None or now_s - self._reported_s > timeout_s
        if gone == self.lost:
            return Change.NONE
        self.lost = gone
        if gone:
            return Change.LOST
        first, self.ever = not self.ever, True
        return Change.NONE if first else Change.REGAINED


def watch(gcs: Connection, companion: Connection, parameters: Parameters, now_s: float) -> list[Text]:
    """Judge both; what is said about it."""
    said = []
    change = gcs.update(now_s, parameters["COM_DL_LOSS_T"])
    if change is not Change.NONE:
        said.append(texts.GCS_LOST if change is Change.LOST else texts.GCS_REGAINED)
    change = companion.update(now_s, parameters["COM_OBC_LOSS_T"])
    if change is not Change.NONE:
        said.append(texts.COMPANION_LOST if change is Change.LOST else texts.COMPANION_REGAINED)
    return said
