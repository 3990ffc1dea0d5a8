"""EVENTs: what PX4 tells ground stations besides, or instead of, a text. Ids, levels and arguments are PX4 v1.16's.

`twins` has those that go with texts, `events` the others.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

COMPONENT = 1 << 24  # PX4's events; the rest of an id is a hash of the event's name
EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, INFO, PROTOCOL, DISABLED = 0, 1, 2, 3, 4, 6, 8, 9
ARGUMENTS_LENGTH = 40
_FORMATS = {"uint8_t": "B", "int16_t": "h", "uint16_t": "H", "int32_t": "i", "uint32_t": "I", "float": "f"}
_BASES = {
    "arm_disarm_reason_t": "uint8_t",
    "failsafe_action_t": "uint8_t",
    "failsafe_cause_t": "uint8_t",
    "health_component_t": "uint32_t",
    "navigation_mode_group_t": "uint32_t",
    "navigation_mode_t": "uint8_t",
}


class Event(NamedTuple):
    """An event: id, level for the log and level for ground stations as PX4 packs them, arguments."""

    number: int
    levels: int
    arguments: bytes = b""


class Kind(NamedTuple):
    """What an event is: id, name, levels, the types of its arguments, its message with {1}, {2} in it."""

    number: int
    name: str
    levels: int
    types: tuple[str, ...]
    message: str
    group: str = "default"

    def event(self, *values: float) -> Event:
        """With arguments."""
        layout = "<" + "".join(_FORMATS[_BASES.get(name, name)] for name in self.types)
        whole = (value if name == "float" else int(value) for name, value in zip(self.types, values, strict=True))
        return Event(self.number, self.levels, struct.pack(layout, *whole))


def kind(  # noqa: PLR0917  one line of a table
    number: int, name: str, external: int, internal: int, types: str, message: str, group: str = "default"
) -> Kind:
    """One of PX4's events: number without the component's, name, level for ground stations and for the log, types."""
    return Kind(COMPONENT | number, name, internal << 4 | external, tuple(types.split()), message, group)
