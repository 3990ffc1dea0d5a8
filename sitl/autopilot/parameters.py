"""PX4's parameters: names, types and the values a simulated v1.16.0 quadrotor starts with (parameters.json)."""

from __future__ import annotations

import json
import math
import struct
import zlib
from collections.abc import Mapping
from enum import IntEnum
from importlib import resources

TIMEOUTS_SCALED_BY_SPEED = {"COM_DL_LOSS_T": 10, "COM_OF_LOSS_T": 1, "COM_OBC_LOSS_T": 5, "COM_RC_LOSS_T": 1}
"""The start script sets these to so many seconds of wall time when there is a speed factor, whatever they were before."""

LOOK_S, NOTICED_S = 1.0, 0.02  # the second: between 18 and 42 ms, as recorded


class ParameterType(IntEnum):
    """MAV_PARAM_TYPE of the two types PX4 has."""

    INT32 = 6
    REAL32 = 9


def _as_float32(value: float) -> float:
    return float(struct.unpack("<f", struct.pack("<f", value))[0])


def _default_values(*, gimbal: bool) -> tuple[dict[str, float], dict[str, ParameterType]]:
    text = resources.files("sitl.autopilot").joinpath("parameters.json").read_text(encoding="utf-8")
    table: dict[str, dict[str, float]] = json.loads(text)
    integers = table["int32"] | (table["gimbal int32"] if gimbal else {})
    numbers = table["real32"] | (table["gimbal real32"] if gimbal else {})
    types = dict.fromkeys(integers, ParameterType.INT32) | dict.fromkeys(numbers, ParameterType.REAL32)
    return integers | numbers, types


def _has_gimbal(given: Mapping[str, float]) -> bool:
    """Whether a gimbal's parameters are listed: PX4 lists only those in use."""
    return given.get("MNT_MODE_IN", -1) >= 0 or any(name.startswith("MNT_") and name != "MNT_MODE_IN" for name in given)


class Parameters:
    """Values by name. Reading an unknown name is a KeyError: a mistake of the caller.

    Defaults, then what was `kept` from an earlier start, then `overrides`. `kept` grows by what PARAM_SET sets, nothing else;
    `revision` counts its changes. What is set that way counts at the next `look`: PX4's modules look at once, but not again
    within a second.
    """

    def __init__(self, overrides: Mapping[str, float] | None = None, kept: Mapping[str, float] | None = None) -> None:
        self._values, self._types = _default_values(gimbal=_has_gimbal({**(kept or {}), **(overrides or {})}))
        self._in_force: dict[str, float] = {}
        self._back: list[str] = []
        self._looked_s, self._due_s, self._seen_revision = -math.inf, -math.inf, 0
        self.names = sorted(self._values)
        self._index = {name: index for index, name in enumerate(self.names)}
        for name, value in (*(kept or {}).items(), *(overrides or {}).items()):
            self[name] = value
        self._in_force = dict(self._values)
        self.kept = dict(kept or {})
        self.revision = 0

    def __getitem__(self, name: str) -> float:
        return self._in_force[name]

    def look(self, now_s: float) -> bool:
        """Let what was set count, if it is time to look; whether it was."""
        if self.revision == self._seen_revision:
            self._due_s = max(now_s + NOTICED_S, self._looked_s + LOOK_S)
            return False
        if now_s >= self._due_s:
            self._in_force, self._seen_revision = dict(self._values), self.revision
            # PX4's uORB::SubscriptionInterval: after a quiet while it looks twice at once, then once a second
            self._looked_s = min(max(self._looked_s + LOOK_S, now_s - LOOK_S), now_s)
            return True
        return False

    def set_back(self, name: str, value: float) -> None:
        """The autopilot itself sets one, at once; `taken_back` tells which."""
        self[name] = value
        self.kept[name] = self._values[name]
        self._back.append(name)

    def taken_back(self) -> list[str]:
        """Those that the autopilot set itself since the last call."""
        back, self._back = self._back, []
        return back

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def __setitem__(self, name: str, value: float) -> None:
        """Set by value, at once; ValueError names what is wrong with the name or the value."""
        kind = self._types.get(name)
        if kind is None:
            raise ValueError(f"there is no parameter {name}")
        if not math.isfinite(value):
            raise ValueError(f"parameter {name} cannot be {value}")
        if kind is ParameterType.INT32:
            if value != int(value) or not -(2**31) <= value < 2**31:
                raise ValueError(f"parameter {name} is an integer, not {value}")
            self._values[name] = self._in_force[name] = int(value)
            return
        try:
            self._values[name] = self._in_force[name] = _as_float32(value)
        except OverflowError as error:
            raise ValueError(f"parameter {name} cannot hold {value}") from error

    def type_of(self, name: str) -> ParameterType:
        """Its type."""
        return self._types[name]

    def index_of(self, name: str) -> int:
        """Its place in the list."""
        return self._index[name]

    def encoded(self, name: str) -> bytes:
        """The four bytes PARAM_VALUE carries: PX4 puts integers bytewise into the float field."""
        kind = "<i" if self._types[name] is ParameterType.INT32 else "<f"
        return struct.pack(kind, self._values[name])

    def set_encoded(self, name: str, data: bytes) -> bool:
        """Set from the four bytes of PARAM_SET; False for a number that is none."""
        kind = "<i" if self._types[name] is ParameterType.INT32 else "<f"
        value = struct.unpack(kind, data)[0]
        if not math.isfinite(value):
            return False
        self._values[name] = self.kept[name] = value
        self.revision += 1
        return True

    def reset(self) -> None:
        """All to their defaults, nothing kept."""
        self._values, _ = _default_values(gimbal="MNT_MODE_OUT" in self._values)
        self.kept = {}
        self.revision += 1

    def hash(self) -> int:
        """A CRC-32 over names and values for _HASH_CHECK (PX4's own value differs: it leaves out volatile ones)."""
        crc = 0
        for name in self.names:
            crc = zlib.crc32(name.encode("ascii") + self.encoded(name), crc)
        return crc


def scaled_timeouts(parameters: Parameters, speed: float) -> None:
    """Set the time-outs that the simulation's speed factor rules; at real time they are left as they are."""
    if speed == 1.0:
        return
    for name, wall_s in TIMEOUTS_SCALED_BY_SPEED.items():
        value = wall_s * speed
        parameters[name] = int(value) if parameters.type_of(name) is ParameterType.INT32 else value
