"""A record of what crosses a link, as ground stations write it: 8 bytes of microseconds, big-endian, then the packet."""

from __future__ import annotations

import struct
from collections.abc import Callable
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
        size = _size(data, at)
        if at + size > len(data):
            break
        found.append(Packet(stamp_us / 1e6, data[at : at + size]))
        at += size
    return found


def split(datagram: bytes) -> list[bytes]:
    """The packets of a datagram, by their frames; what is none is left out."""
    found, at = [], 0
    while at + 3 <= len(datagram):
        end = at + _size(datagram, at) if datagram[at] in _HEADERS else len(datagram) + 1
        if end <= len(datagram):
            found.append(datagram[at:end])
            at = end
        else:
            at += 1
    return found


def _size(data: bytes, at: int) -> int:
    """Of the packet that begins there, in bytes; its first three are there."""
    size = _HEADERS[data[at]] + data[at + 1]
    return size + (_SIGNATURE if data[at] == 0xFD and data[at + 2] & _SIGNED else 0)


class Tlog:
    """Writes to a file, which is created or emptied. A full disk ends the recording, not what is recorded."""

    def __init__(self, path: Path, say: Callable[[str], None] = lambda _: None) -> None:
        """`say` is told, once, why nothing is recorded any more. Raises OSError where no file can be."""
        self._file = path.open("wb")
        self._say, self._lost = say, False

    def write(self, unix_s: float, datagram: bytes) -> None:
        """Add the packets of a datagram."""
        if self._lost:
            return
        stamp = _STAMP.pack(round(unix_s * 1e6))
        try:
            for packet in split(datagram):
                self._file.write(stamp + packet)
        except OSError as error:
            self._lose(error)

    def close(self) -> None:
        """Complete the file."""
        try:
            self._file.close()
        except OSError as error:
            self._lose(error)

    def _lose(self, error: OSError) -> None:
        if not self._lost:
            self._lost = True
            self._say(f"{self._file.name} is not recorded any more: {error.strerror}")
