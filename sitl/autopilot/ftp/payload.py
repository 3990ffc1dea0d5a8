"""The payload of FILE_TRANSFER_PROTOCOL: a header of twelve bytes, then data."""

from __future__ import annotations

import struct
from enum import IntEnum
from typing import NamedTuple

PAYLOAD_LENGTH = 251
_HEADER = struct.Struct("<HBBBBBxI")
MAX_DATA = PAYLOAD_LENGTH - _HEADER.size


class Operation(IntEnum):
    """What is asked for."""

    NONE = 0
    TERMINATE = 1
    RESET = 2
    LIST = 3
    OPEN_READ = 4
    READ = 5
    CREATE = 6
    WRITE = 7
    REMOVE = 8
    MAKE_FOLDER = 9
    REMOVE_FOLDER = 10
    OPEN_WRITE = 11
    TRUNCATE = 12
    RENAME = 13
    CRC32 = 14
    BURST = 15


ACK, NAK = 128, 129


class ErrorCode(IntEnum):
    """The first byte of a NAK's data; ERRNO is followed by the number."""

    FAIL = 1
    ERRNO = 2
    DATA_SIZE = 3
    SESSION = 4
    NO_SESSIONS = 5
    END_OF_FILE = 6
    UNKNOWN_COMMAND = 7
    EXISTS = 8
    PROTECTED = 9
    NOT_FOUND = 10


class Payload(NamedTuple):
    """One request or reply. `size` is what the header says, data what it says of itself."""

    sequence: int
    session: int
    operation: int
    size: int
    asked: int
    burst_complete: int
    offset: int
    data: bytes

    @property
    def path(self) -> str:
        """Data as a path: up to the first zero byte."""
        return self.data[: self.size].partition(b"\0")[0].decode("utf-8", "replace")

    def pack(self) -> bytes:
        """All bytes of the message's field."""
        header = (self.sequence & 0xFFFF, self.session, self.operation, self.size, self.asked, self.burst_complete, self.offset)
        return (_HEADER.pack(*header) + self.data).ljust(PAYLOAD_LENGTH, b"\0")

    def ack(self, data: bytes = b"", *, burst_complete: bool = False) -> Payload:
        """The reply to this request."""
        return self._reply(ACK, data)._replace(burst_complete=int(burst_complete))

    def nak(self, code: ErrorCode, number: int | None = None) -> Payload:
        """The refusal of this request."""
        return self._reply(NAK, bytes([code]) if number is None else bytes([code, number & 0xFF]))

    def _reply(self, operation: int, data: bytes) -> Payload:
        return self._replace(
            sequence=(self.sequence + 1) & 0xFFFF, operation=operation, asked=self.operation, size=len(data), data=data
        )


def unpack(field: bytes) -> Payload:
    """The field's bytes, which may be fewer: MAVLink cuts zeros from the end."""
    whole = field.ljust(PAYLOAD_LENGTH, b"\0")
    sequence, session, operation, size, asked, burst_complete, offset = _HEADER.unpack_from(whole)
    return Payload(sequence, session, operation, size, asked, burst_complete, offset, whole[_HEADER.size :])
