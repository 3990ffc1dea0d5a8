"""The log: events.jsonl, one JSON object per line, written through line by line, readable by its owner only.

A log that cannot be written is said (`trouble`) and tried again; it never stops the daemon.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from wire.clock import next_due_s
from wire.messages import Message
from wire.plain import plain

FILE_NAME = "events.jsonl"


def new_folder(base: Path, *, exact: bool, utc: datetime) -> Path:
    """Where this start of the daemon logs: `base` itself, or a sub-folder named by the time."""
    return base if exact else base / utc.strftime("%Y-%m-%dT%H-%M-%SZ")


def utc_now() -> datetime:
    return datetime.now(UTC)


class Journal:
    def __init__(self, folder: Path, utc: Callable[[], datetime] = utc_now) -> None:
        self.path = folder / FILE_NAME
        self.trouble: str | None = None
        self._utc = utc
        self._file: int | None = None
        self._cut_off = False

    def write(self, now_s: float, kind: str, message: Message | None = None, **fields: object) -> None:
        """One line: time, kind, the message's fields if there is one, and the others given."""
        utc = self._utc().isoformat(timespec="milliseconds").replace("+00:00", "Z")
        body = {"utc": utc, "at_s": round(now_s, 4), "kind": kind, **fields}
        if message is not None:
            body["message"] = plain(message)
        try:
            self._append(msgspec.json.encode(body) + b"\n")
            self.trouble = None
        except OSError as error:
            self.close()
            self.trouble = (
                f"the log {self.path} cannot be written ({error.strerror or error}): free space or correct the folder"
            )

    def close(self) -> None:
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def _append(self, line: bytes) -> None:
        if self._file is None:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._file = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        line = b"\n" + line if self._cut_off else line  # ends what a full disk left half written
        written = os.write(self._file, line)
        self._cut_off = written < len(line)
        if self._cut_off:
            raise OSError("only a part of a line fitted")


class Thinner:
    """Lets a steady stream through once per `period_s`, and at once when what matters of it changes. Pure."""

    def __init__(self, period_s: float = 1.0) -> None:
        self._period_s = period_s
        self._next: dict[str, tuple[float, object]] = {}
        """By kind: when it is due again, and what mattered of it last."""

    def passes(self, kind: str, key: object, now_s: float) -> bool:
        due_s, last = self._next.get(kind, (now_s, key))
        if now_s < due_s and last == key:
            return False
        due_s = next_due_s(due_s, now_s, self._period_s) if last == key else now_s + self._period_s
        self._next[kind] = (due_s, key)
        return True
