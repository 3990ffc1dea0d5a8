"""A record of what crosses a link, as ground stations write it: 8 bytes of microseconds, big-endian, then the packet."""

from __future__ import annotations

import re
import struct
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

_STAMP = struct.Struct(">Q")
_HEADERS = {0xFD: 12, 0xFE: 8}  # MAVLink 2 and 1: bytes besides the payload
_ANY_HEADER = re.compile(b"[\xfd\xfe]")
_SIGNED, _SIGNATURE = 1, 13


class Packet(NamedTuple):
    """A packet and when it was seen."""

    unix_s: float
    data: bytes


class Read(NamedTuple):
    """What a tlog holds, and how many bytes of it are no packets: damaged, or cut off at the end."""

    packets: list[Packet]
    skipped_bytes: int


def read(data: bytes) -> Read:
    """The packets of a tlog; from damage it goes on at the next whole packet. Raises ValueError when none is in it."""
    found: list[Packet] = []
    at = read_bytes = 0
    while at + _STAMP.size + 3 <= len(data):
        end = _end(data, at + _STAMP.size)
        if end is None or not (_goes_on(data, end) or _is_whole(data[at + _STAMP.size : end])):
            at = _next(data, at + 1)
            continue
        (stamp_us,) = _STAMP.unpack_from(data, at)
        found.append(Packet(stamp_us / 1e6, data[at + _STAMP.size : end]))
        read_bytes += end - at
        at = end
    if data and not found:
        raise ValueError("no MAVLink packet is in it")
    return Read(found, len(data) - read_bytes)


def _end(data: bytes, at: int) -> int | None:
    """Where the packet that begins at a byte ends; None: none begins there, or it is cut off."""
    if at + 3 > len(data) or data[at] not in _HEADERS:
        return None
    end = at + _size(data, at)
    return end if end <= len(data) else None


def _goes_on(data: bytes, end: int) -> bool:
    """Whether another record seems to begin there, or nothing more can be seen of it."""
    return end + _STAMP.size >= len(data) or data[end + _STAMP.size] in _HEADERS


def _next(data: bytes, at: int) -> int:
    """The next byte where a record with a whole packet begins, or the end."""
    for header in _ANY_HEADER.finditer(data, at + _STAMP.size):
        end = _end(data, header.start())
        if end is not None and _is_whole(data[header.start() : end]):
            return header.start() - _STAMP.size
    return len(data)


def _is_whole(packet: bytes) -> bool:
    """Whether its checksum is right; False for a message that the dialect does not know."""
    try:
        return not isinstance(mavlink.MAVLink(None).decode(bytearray(packet)), mavlink.MAVLink_unknown)
    except (mavlink.MAVError, struct.error):
        return False


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
