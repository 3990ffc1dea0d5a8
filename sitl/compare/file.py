"""The packets of a recording's file, as far as it is whole: packed, cut off, damaged, with a wrong clock here and there."""

from __future__ import annotations

import gzip
import io
import zlib
from pathlib import Path

import numpy as np

from sitl import tlog
from sitl.tlog import Packet
from wire.errors import ReplayError

ASTRAY_S = 30.0
NEIGHBOURS = 5
"""On each side: a packet whose time stamp is so far from most of theirs has a wrong one."""
_PIECE_BYTES = 1 << 16


def read(path: Path) -> tuple[list[Packet], list[str]]:
    """The packets that count, and a sentence for all that does not. Raises ReplayError when nothing can be read."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ReplayError(f"{path} cannot be read: {error.strerror}") from None
    doubts: list[str] = []
    if data.startswith(b"\x1f\x8b"):
        data, trouble = _unpacked(data)
        if trouble and not data:
            raise ReplayError(f"{path} is damaged: {trouble}")
        doubts += [f"the packed file is damaged or cut off ({trouble}): what comes before that counts"] if trouble else []
    try:
        found = tlog.read(data)
    except ValueError as error:
        raise ReplayError(f"{path} is not a tlog: {error}") from None
    if found.skipped_bytes:
        doubts.append(f"{found.skipped_bytes} of {len(data)} bytes are no whole packets (damaged, or cut off) and were skipped")
    right = _in_time(found.packets)
    if len(right) < len(found.packets):
        doubts.append(
            f"{len(found.packets) - len(right)} of {len(found.packets)} packets are more than {ASTRAY_S:g} s away "
            "from those beside them by their time stamps and were left out"
        )
    return right, doubts


def _unpacked(data: bytes) -> tuple[bytes, str]:
    """What can be unpacked, and what stopped it ('': nothing)."""
    pieces: list[bytes] = []
    with gzip.GzipFile(fileobj=io.BytesIO(data)) as file:
        try:
            while piece := file.read1(_PIECE_BYTES):
                pieces.append(piece)
        except (EOFError, OSError, zlib.error) as error:
            return b"".join(pieces), str(error)
    return b"".join(pieces), ""


def _in_time(packets: list[Packet]) -> list[Packet]:
    """Without those whose time stamp is far from the median of its neighbours'."""
    if not packets:
        return packets
    stamps_s = np.array([packet.unix_s for packet in packets])
    padded = np.pad(stamps_s, NEIGHBOURS, mode="reflect" if len(packets) > NEIGHBOURS else "edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * NEIGHBOURS + 1)
    astray = np.abs(stamps_s - np.median(windows, axis=1)) > ASTRAY_S
    return [packet for packet, far in zip(packets, astray, strict=True) if not far]
