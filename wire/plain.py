"""Messages as named, plain values: for the log and for --json. (On the wire they are arrays without names.)"""

from __future__ import annotations

from enum import Enum

import msgspec


def plain(value: object) -> object:
    """The same value of dicts, lists, strings and numbers, with every field under its name."""
    if isinstance(value, msgspec.Struct):
        return {name: plain(getattr(value, name)) for name in value.__struct_fields__}
    if isinstance(value, tuple) and hasattr(value, "_asdict"):
        return {name: plain(each) for name, each in value._asdict().items()}
    if isinstance(value, list | tuple):
        return [plain(each) for each in value]
    return value.value if isinstance(value, Enum) else value
