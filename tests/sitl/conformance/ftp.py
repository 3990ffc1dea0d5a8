"""A MAVLink FTP client in the hands of a test case."""

from __future__ import annotations

import struct
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.vehicle import Station, Vehicle

TERMINATE, RESET, LIST, OPEN, READ, CRC32, BURST = 1, 2, 3, 4, 5, 14, 15
ACK, NAK = 128, 129
END_OF_FILE = 6
HEADER = struct.Struct("<HBBBBBxI")
WAIT_S = 2.0


class Answer(NamedTuple):
    """A reply: its own number, operation, what it answers, whether it ends a burst, offset, data."""

    sequence: int
    operation: int
    asked: int
    burst_complete: bool
    offset: int
    data: bytes

    @property
    def refused(self) -> int | None:
        """The error code of a NAK."""
        return self.data[0] if self.operation == NAK else None


class Ftp:
    """Asks as a station, one request at a time."""

    def __init__(self, vehicle: Vehicle, station: Station) -> None:
        self._vehicle, self._station = vehicle, station
        self._sequence = 0

    def send(self, operation: int, data: bytes = b"", *, offset: int = 0, size: int | None = None, session: int = 0) -> float:
        """Send a request; the time from which its answers come."""
        since_s = self._vehicle.mark()
        self._sequence = (self._newest() + 1) & 0xFFFF
        header = HEADER.pack(self._sequence, session, operation, len(data) if size is None else size, 0, 0, offset)
        payload = list((header + data).ljust(251, b"\0"))
        self._station.send(mavlink.MAVLink_file_transfer_protocol_message(0, self._vehicle.system, 1, payload))
        return since_s

    def _newest(self) -> int:
        """The number of the last reply: the next request goes on from there, or the server takes it for one sent again."""
        answers = self.answers(0.0)
        return answers[-1].sequence if answers else self._sequence

    def answers(self, since_s: float) -> list[Answer]:
        """What came since a time."""
        found = []
        for seen in self._station.log.of("FILE_TRANSFER_PROTOCOL", since_s):
            payload = bytes(seen.message.payload)
            sequence, _, operation, size, asked, complete, offset = HEADER.unpack_from(payload)
            found.append(Answer(sequence, operation, asked, bool(complete), offset, payload[12 : 12 + size]))
        return found

    def ask(self, operation: int, data: bytes = b"", *, offset: int = 0, size: int | None = None, session: int = 0) -> Answer:
        """Send a request; its answer. AssertionError if there is none."""
        since_s = self.send(operation, data, offset=offset, size=size, session=session)
        self._vehicle.until(lambda: self.answers(since_s), WAIT_S, f"answer to FTP operation {operation}")
        return self.answers(since_s)[0]

    def download(self, path: str) -> bytes:
        """A whole file by bursts, as ground stations fetch it."""
        opened = self.ask(OPEN, path.encode("ascii"))
        assert opened.refused is None, f"{path} was refused with {opened.refused}"
        size = int.from_bytes(opened.data[:4], "little")
        content = bytearray(size)
        at, ended = 0, size == 0
        while not ended:
            since_s = self.send(BURST, offset=at, size=239)
            self._wait_for_burst(since_s)
            for piece in self.answers(since_s):
                if piece.refused is not None:
                    assert piece.refused == END_OF_FILE
                    ended = True
                else:
                    content[piece.offset : piece.offset + len(piece.data)] = piece.data
                    at = piece.offset + len(piece.data)
        assert self.ask(TERMINATE).refused is None
        return bytes(content)

    def _wait_for_burst(self, since_s: float) -> None:
        self._vehicle.until(lambda: _over(self.answers(since_s)), 10.0, "end of a burst")


def _over(answers: list[Answer]) -> bool:
    return bool(answers) and (answers[-1].burst_complete or answers[-1].refused is not None)
