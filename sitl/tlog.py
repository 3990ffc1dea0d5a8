"""A record of what crosses a link, as ground stations write it: 8 bytes of microseconds, big-endian, then the packet."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import NamedTuple

_STAMP = struct.Struct(">Q")
_HEADERS = {0xFD: 12, 0xFE: 8}  # MAVLink 2 and 1: bytes besides the payload
_SIGNED, _SIGNATURE = 1, 13


class Packet(NamedTuple):
    """A packet and when it was seen."""

    unix_s: float
    data: bytes


def packets(data: bytes) -> list[Packet]:
    """The packets of a tlog; a last one that was cut off is left out. Raises ValueError where no packet is."""
    found: list[Packet] = []
    at = 0
    while at + _STAMP.size + 3 <= len(data):
        (stamp_us,) = _STAMP.unpack_from(data, at)
        at += _STAMP.size
        if data[at] not in _HEADERS:
            raise ValueError(f"no MAVLink packet at byte {at}")
        size = _HEADERS[data[at]] + data[at + 1]
        if data[at] == 0xFD and data[at + 2] & _SIGNED:
            size += _SIGNATURE
        if at + size > len(data):
            break
        found.append(Packet(stamp_us / 1e6, data[at : at + size]))
        at += size
    return found


class Tlog:
    """Writes to a file, which is created or emptied."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")

    def write(self, unix_s: float, packet: bytes) -> None:
        """Add a packet."""
        self._file.write(_STAMP.pack(round(unix_s * 1e6)))
        self._file.write(packet)

    def close(self) -> None:
        """Complete the file."""
        self._file.close()
