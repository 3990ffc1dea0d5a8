"""MAVLink FTP on one link, as PX4 v1.16 serves it (mavlink_ftp.cpp): one session, bursts of 40 kB, small replies resent."""

from __future__ import annotations

import errno
import struct
from collections.abc import Callable
from typing import BinaryIO, NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.ftp.metadata import ftp_crc32
from sitl.autopilot.ftp.payload import MAX_DATA, ErrorCode, Operation, Payload, unpack
from sitl.autopilot.ftp.tree import MAX_FILE_BYTES, Entry, Tree
from sitl.autopilot.protocol.links import Peer

PER_STEP = 56
BURST_BYTES = 35000
IDLE_S = 12.0  # PX4 frees its buffers after 2 s, and closes a session 10 s later
RESENT_UP_TO = 4


class _Session(NamedTuple):
    file: BinaryIO
    size: int
    writes: bool


class _Burst(NamedTuple):
    request: Payload
    to: Peer
    offset: int
    sequence: int
    sent: int


class FileServer:
    """`receive` answers a message, `due` continues bursts."""

    def __init__(self, tree: Tree) -> None:
        self._tree = tree
        self._session: _Session | None = None
        self._burst: _Burst | None = None
        self._last: Payload | None = None
        self._used_s = 0.0

    def receive(
        self, message: mavlink.MAVLink_file_transfer_protocol_message, sender: Peer, now_s: float
    ) -> list[mavlink.MAVLink_message]:
        """The reply to a request, none for one that is answered by a burst."""
        self._used_s = now_s
        request = unpack(bytes(message.payload))
        if request.size > MAX_DATA:
            return [self._reply(request.nak(ErrorCode.DATA_SIZE), sender)]
        if self._last is not None and request.sequence + 1 == self._last.sequence:
            return [_message(self._last, sender)]
        reply = self._serve(request, sender)
        self._last = None
        return [] if reply is None else [self._reply(reply, sender)]

    def _serve(self, request: Payload, sender: Peer) -> Payload | None:
        if request.operation == Operation.BURST:
            return self._begin_burst(request, sender)
        handlers: dict[int, Callable[[Payload], Payload]] = {
            Operation.NONE: Payload.ack,
            Operation.TERMINATE: self._terminate,
            Operation.RESET: self._reset,
            Operation.LIST: self._list,
            Operation.OPEN_READ: self._open,
            Operation.OPEN_WRITE: self._open,
            Operation.CREATE: self._open,
            Operation.READ: self._read,
            Operation.WRITE: self._write,
            Operation.CRC32: self._crc32,
        }
        handler = handlers.get(request.operation, self._change)
        try:
            return handler(request)
        except OSError as error:
            return _refused(request, error)

    def _reply(self, reply: Payload, to: Peer) -> mavlink.MAVLink_message:
        if reply.size <= RESENT_UP_TO and reply.data[:1] != bytes([ErrorCode.NO_SESSIONS]):
            self._last = reply
        return _message(reply, to)

    # Sessions

    def _open(self, request: Payload) -> Payload:
        if self._session is not None:
            return request.nak(ErrorCode.NO_SESSIONS)
        writes = request.operation != Operation.OPEN_READ
        if writes:
            file, size = self._tree.open_write(request.path, empty=request.operation == Operation.CREATE)
        else:
            file, size = self._tree.open_read(request.path)
        self._session = _Session(file, size, writes)
        return request._replace(session=0).ack(struct.pack("<I", size))

    def _terminate(self, request: Payload) -> Payload:
        if request.session != 0 or self._session is None:
            return request.nak(ErrorCode.SESSION)
        return self._reset(request)

    def _reset(self, request: Payload) -> Payload:
        self.close()
        return request.ack()

    def close(self) -> None:
        """End the session, if there is one."""
        if self._session is not None:
            self._session.file.close()
        self._session = self._burst = None

    def _read(self, request: Payload) -> Payload:
        if request.session != 0 or self._session is None:
            return request.nak(ErrorCode.SESSION)
        if request.offset >= self._session.size:
            return request.nak(ErrorCode.END_OF_FILE)
        if self._session.writes:
            return request.nak(ErrorCode.ERRNO, errno.EBADF)
        self._session.file.seek(request.offset)
        return request.ack(self._session.file.read(request.size))

    def _write(self, request: Payload) -> Payload:
        if self._session is None:
            return request.nak(ErrorCode.SESSION)
        if not self._session.writes:
            return request.nak(ErrorCode.ERRNO, errno.EBADF)
        if request.offset + request.size > MAX_FILE_BYTES:
            return request.nak(ErrorCode.ERRNO, errno.EFBIG)
        self._session.file.seek(request.offset)
        self._session.file.write(request.data[: request.size])
        self._session.file.flush()
        return request.ack(struct.pack("<I", request.size))

    # Folders and files

    def _list(self, request: Payload) -> Payload:
        entries: list[Entry | None] = [None, None, *self._tree.entries(request.path)]  # "." and ".." are skipped ones
        data = b""
        for entry in entries[request.offset :]:
            text = _listed(entry)
            if len(data) + len(text) > MAX_DATA:
                break
            data += text
        return request.ack(data) if data else request.nak(ErrorCode.END_OF_FILE)

    def _crc32(self, request: Payload) -> Payload:
        file, _ = self._tree.open_read(request.path)
        with file:
            return request.ack(struct.pack("<I", ftp_crc32(file.read(MAX_FILE_BYTES))))

    def _change(self, request: Payload) -> Payload:
        if request.operation == Operation.REMOVE:
            self._tree.remove(request.path)
        elif request.operation == Operation.MAKE_FOLDER:
            self._tree.make_folder(request.path)
        elif request.operation == Operation.REMOVE_FOLDER:
            self._tree.remove_folder(request.path)
        elif request.operation == Operation.TRUNCATE:
            self._tree.truncate(request.path, request.offset)
        elif request.operation == Operation.RENAME:
            old, new, *_ = (*request.data[: request.size].split(b"\0"), b"")
            if not new:
                return request.nak(ErrorCode.ERRNO, errno.EINVAL)
            self._tree.rename(old.decode("utf-8", "replace"), new.decode("utf-8", "replace"))
        else:
            return request.nak(ErrorCode.UNKNOWN_COMMAND)
        return request.ack()

    # Bursts

    def _begin_burst(self, request: Payload, sender: Peer) -> Payload | None:
        if self._session is None:
            return request.nak(ErrorCode.SESSION)
        self._burst = _Burst(request, sender, request.offset, request.sequence + 1, 0)
        return None

    def due(self, now_s: float) -> list[mavlink.MAVLink_message]:
        """The next pieces of a burst; PX4 ends one after 35 kB, and the client asks for the next."""
        if self._session is not None and now_s - self._used_s > IDLE_S:
            self.close()
            self._last = None
        found = []
        for place in range(PER_STEP):
            if self._burst is None or self._session is None:
                break
            found.append(self._piece(self._session, self._burst, last=place == PER_STEP - 1))
        return found

    def _piece(self, session: _Session, burst: _Burst, *, last: bool) -> mavlink.MAVLink_message:
        base = burst.request._replace(session=0, offset=burst.offset, sequence=(burst.sequence - 1) & 0xFFFF)
        self._burst = None
        if burst.offset >= session.size or session.writes:
            return self._reply(base.nak(ErrorCode.END_OF_FILE), burst.to)
        session.file.seek(burst.offset)
        data = session.file.read(MAX_DATA)
        sent = burst.sent + len(data)
        complete = last and sent > BURST_BYTES
        if not complete:
            self._burst = burst._replace(offset=burst.offset + len(data), sequence=burst.sequence + 1, sent=sent)
        return self._reply(base.ack(data, burst_complete=complete), burst.to)


def _listed(entry: Entry | None) -> bytes:
    if entry is None:
        return b"S\0"
    name = entry.name.encode("utf-8", "replace")
    return b"D" + name + b"\0" if entry.size is None else b"F" + name + f"\t{entry.size}".encode("ascii") + b"\0"


def _refused(request: Payload, error: OSError) -> Payload:
    codes = {errno.ENOENT: ErrorCode.NOT_FOUND, errno.EEXIST: ErrorCode.EXISTS, errno.EROFS: ErrorCode.PROTECTED}
    code = codes.get(error.errno or 0)
    if request.operation == Operation.LIST:
        code = ErrorCode.NOT_FOUND
    return request.nak(code) if code is not None else request.nak(ErrorCode.ERRNO, error.errno)


def _message(reply: Payload, to: Peer) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_file_transfer_protocol_message(0, to.system, to.component, list(reply.pack()))
