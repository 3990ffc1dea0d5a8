"""A record of what crosses a link, as ground stations write it: 8 bytes of microseconds, big-endian, then the packet."""

from __future__ import annotations

import struct
from pathlib import Path

_STAMP = struct.Struct(">Q")


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
