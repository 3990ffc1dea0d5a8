"""PX4's parameters: names, types and the values a simulated v1.16.0 quadrotor starts with (parameters.json)."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Callable, Iterable, Mapping
from enum import IntEnum
from importlib import resources

SAVED_AFTER_S, SAVED_EVERY_S, FIRST_SAVED_S = 0.3, 2.0, 1.2
LOOK_S, NOTICED_S = 1.0, 0.02  # the second: between 18 and 42 ms, as recorded
EPSILON = 1.1920929e-07  # FLT_EPSILON: what differs by less is the same to PX4


class ParameterType(IntEnum):
    """MAV_PARAM_TYPE of the two types PX4 has."""

    INT32 = 6
    REAL32 = 9


def _as_float32(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _table() -> dict[str, dict[str, float]]:
    text = resources.files("sitl.autopilot").joinpath("parameters.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, float]] = json.loads(text)
    return table


def firmware_defaults() -> dict[str, float]:
    """What PX4 itself starts with, where its start script for this simulation says otherwise."""
    return _table()["firmware"]


def _default_values(*, gimbal: bool) -> tuple[dict[str, float], dict[str, ParameterType]]:
    table = _table()
    integers = table["int32"] | (table["gimbal int32"] if gimbal else {})
    numbers = table["real32"] | (table["gimbal real32"] if gimbal else {})
    types = dict.fromkeys(integers, ParameterType.INT32) | dict.fromkeys(numbers, ParameterType.REAL32)
    return integers | {name: _as_float32(value) for name, value in numbers.items()}, types


def _has_gimbal(given: Mapping[str, float]) -> bool:
    """Whether a gimbal's parameters are listed: PX4 lists only those in use."""
    return given.get("MNT_MODE_IN", -1) >= 0 or any(name.startswith("MNT_") and name != "MNT_MODE_IN" for name in given)


def _differ(one: float, other: float) -> bool:
    """As PX4 compares: a NaN differs from nothing."""
    return abs(one - other) > EPSILON


class Parameters:
    """Values by name. Reading an unknown name is a KeyError: a mistake of the caller.

    Defaults, then what was `kept` from an earlier start, then `overrides`. What is set at run time, by `set_encoded`, counts at
    the next `look`: PX4's modules look at once, but not again within a second. `revision` counts the changes PX4 notices:
    a NaN is none of them, so it is told but neither counts nor is kept before something else changes. `to_come` will be set
    before anybody looks.
    """

    def __init__(
        self,
        overrides: Mapping[str, float] | None = None,
        kept: Mapping[str, float] | None = None,
        to_come: Mapping[str, float] | None = None,
    ) -> None:
        gimbal = _has_gimbal({**(kept or {}), **(overrides or {}), **(to_come or {})})
        self._defaults, self._types = _default_values(gimbal=gimbal)
        self._set: dict[str, float] = {}
        self._unsaved: set[str] = set()
        self._saved_s, self._save_due_s, self._saved_revision = -math.inf, math.inf, 0
        self._in_force: dict[str, float] = {}
        self._looked_s, self._due_s, self._seen_revision = -math.inf, -math.inf, 0
        self.names = sorted(self._defaults)
        self._index = {name: index for index, name in enumerate(self.names)}
        self.revision = 0
        for name, value in (kept or {}).items():
            self._set[name] = self._checked(name, value, finite=False)
        for name, value in (overrides or {}).items():
            self._set[name] = self._checked(name, value)
        self._count()

    def __getitem__(self, name: str) -> float:
        return self._in_force[name]

    def __contains__(self, name: str) -> bool:
        return name in self._defaults

    def __setitem__(self, name: str, value: float) -> None:
        """Set by value, to count at once; ValueError names what is wrong with the name or the value."""
        value = self._checked(name, value)
        if _differ(self.value(name), value):
            self._unsaved.add(name)
            self.revision, self._seen_revision = self.revision + 1, self._seen_revision + 1
        self._set[name] = self._in_force[name] = value

    def _checked(self, name: str, value: float, *, finite: bool = True) -> float:
        kind = self._types.get(name)
        if kind is None:
            raise ValueError(f"there is no parameter {name}")
        if not math.isfinite(value):
            if finite or kind is ParameterType.INT32:
                raise ValueError(f"parameter {name} cannot be {value}")
            return value
        if kind is ParameterType.INT32:
            if value != int(value) or not -(2**31) <= value < 2**31:
                raise ValueError(f"parameter {name} is an integer, not {value}")
            return int(value)
        try:
            return _as_float32(value)
        except OverflowError as error:
            raise ValueError(f"parameter {name} cannot hold {value}") from error

    # Time

    def look(self, now_s: float) -> bool:
        """Save what was set, if it is time to; let it count, if it is time to look: whether something does now."""
        self._save(now_s)
        if self.revision == self._seen_revision:
            self._due_s = max(now_s + NOTICED_S, self._looked_s + LOOK_S)
        elif now_s >= self._due_s:
            self._count()
            # PX4's uORB::SubscriptionInterval: after a quiet while it looks twice at once, then once a second
            self._looked_s = min(max(self._looked_s + LOOK_S, now_s - LOOK_S), now_s)
            return True
        return False

    def _save(self, now_s: float) -> None:
        if now_s >= self._save_due_s:
            self._saved_s, self._save_due_s, self._saved_revision = now_s, math.inf, self.revision
            if all(map(math.isfinite, self._set.values())):  # what PX4 cannot read back it takes for not saved
                self._unsaved.clear()
        elif self.revision != self._saved_revision and self._save_due_s == math.inf:
            self._save_due_s = max(now_s + SAVED_AFTER_S, self._saved_s + SAVED_EVERY_S)

    def _count(self) -> None:
        """Everything as it is set now counts."""
        before = self._in_force or self._defaults
        values = self._defaults | self._set
        self._in_force = {name: value if math.isfinite(value) else before[name] for name, value in values.items()}
        self._seen_revision = self.revision

    # As told and kept

    def value(self, name: str) -> float:
        """What it is set to, whether that counts already or not."""
        return self._set.get(name, self._defaults[name])

    def is_set(self, name: str) -> bool:
        """Whether somebody has set it, be it to its default."""
        return name in self._set

    @property
    def unsaved(self) -> list[str]:
        """What was set and is not saved yet, in the list's order: PX4 tells all of it when something changes."""
        return sorted(self._unsaved)

    def set_anew(self, names: Iterable[str]) -> None:
        """These were set by the start script, to what they are by default here; it is slow the first time."""
        self._unsaved.update(names)
        self._save_due_s = FIRST_SAVED_S
        self.revision, self._seen_revision = self.revision + 1, self._seen_revision + 1

    @property
    def kept(self) -> dict[str, float]:
        """What is to be kept for the next start: what was set, but for what is default."""
        same = {name for name, value in self._set.items() if abs(value - self._defaults[name]) <= EPSILON}
        return {name: value for name, value in sorted(self._set.items()) if name not in same}

    def type_of(self, name: str) -> ParameterType:
        """Its type."""
        return self._types[name]

    def index_of(self, name: str) -> int:
        """Its place in the list."""
        return self._index[name]

    def encoded(self, name: str) -> bytes:
        """The four bytes PARAM_VALUE carries: PX4 puts integers bytewise into the float field."""
        kind = "<i" if self._types[name] is ParameterType.INT32 else "<f"
        return struct.pack(kind, self.value(name))

    def set_encoded(self, name: str, data: bytes) -> bool:
        """Set from the four bytes of PARAM_SET; whether PX4 notices a change."""
        kind = "<i" if self._types[name] is ParameterType.INT32 else "<f"
        value = struct.unpack(kind, data)[0]
        changed = _differ(self.value(name), value)
        self._set[name] = value
        self._unsaved.add(name)
        self.revision += changed
        return changed

    def unset(self, name: str) -> None:
        """One to its default."""
        if self._set.pop(name, self._defaults[name]) != self._defaults[name]:
            self._unsaved.add(name)
            self.revision += 1

    def reset(self, but: Callable[[str], bool] = lambda name: False) -> None:
        """What was set is set no more, but for some names."""
        self._set = {name: value for name, value in self._set.items() if but(name)}
        self.revision += 1

    def hash(self) -> int:
        """A CRC-32 over names and values for _HASH_CHECK (PX4's own value differs: it leaves out volatile ones)."""
        crc = 0
        for name in self.names:
            crc = zlib.crc32(name.encode("ascii") + self.encoded(name), crc)
        return crc
