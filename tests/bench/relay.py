"""A relay on the MAVLink link between the autopilot and flight: passes each datagram on, and notes when it came.

Works the same with the embedded autopilot and with PX4: it stands where flight would listen (UDP 14540), flight one port aside.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import struct
import sys
import threading
import time
from collections import deque
from types import TracebackType
from typing import Any, NamedTuple, Self

from pymavlink.dialects.v20 import development as mavlink

_FLIGHT_PORT, _AUTOPILOT_PORT = 14540, 14580  # px4-rc.mavlink; the instance is added
_NOTED = frozenset({"COMMAND_LONG", "COMMAND_INT", "COMMAND_ACK", "HEARTBEAT", "EXTENDED_SYS_STATE", "GLOBAL_POSITION_INT"})
_KEPT = 50_000
_LOOK_WALL_S = 0.2
_SO_TIMESTAMPNS = 35  # asm-generic/socket.h; its control message has the same number
_TIMESPEC = struct.Struct("qq")


class Seen(NamedTuple):
    at_s: float  # CLOCK_MONOTONIC, by the kernel's stamp on the datagram: that this thread wakes up later does not count
    from_flight: bool
    message: Any  # pymavlink is untyped


class Relay:
    """Use it in a `with`. `flight_port` is where flight has to listen."""

    def __init__(self, instance: int) -> None:
        self._autopilot = ("127.0.0.1", _AUTOPILOT_PORT + instance)
        self._outer = _bound(_FLIGHT_PORT + instance)
        self._inner = _bound(0)
        with _bound(0) as probe:
            self.flight_port: int = probe.getsockname()[1]
        self._seen: deque[Seen] = deque(maxlen=_KEPT)
        self._parsers = {self._outer: mavlink.MAVLink(None), self._inner: mavlink.MAVLink(None)}
        for parser in self._parsers.values():
            parser.robust_parsing = True
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="relay", daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._stopping.set()
        self._thread.join()
        self._outer.close()
        self._inner.close()

    def seen(self, kind: str, since_s: float = 0.0) -> list[Seen]:
        """The messages of one type since a time, oldest first."""
        return [each for each in list(self._seen) if each.at_s >= since_s and each.message.get_type() == kind]

    def commands(self, since_s: float = 0.0) -> list[Seen]:
        """Commands from flight since a time, oldest first."""
        both = self.seen("COMMAND_LONG", since_s) + self.seen("COMMAND_INT", since_s)
        return sorted((each for each in both if each.from_flight), key=lambda each: each.at_s)

    def command_s(self, command: int, since_s: float, patience_wall_s: float = 0.0) -> float | None:
        """When a command went out first since a time, or None when it does not within so many real seconds."""
        until_s = time.monotonic() + patience_wall_s
        while True:
            for each in self.commands(since_s):
                if each.message.command == command:
                    return each.at_s
            if time.monotonic() >= until_s:
                return None
            time.sleep(0.01)

    def _run(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._outer, selectors.EVENT_READ, (self._inner, ("127.0.0.1", self.flight_port)))
            selector.register(self._inner, selectors.EVENT_READ, (self._outer, self._autopilot))
            while not self._stopping.is_set():
                for key, _ in selector.select(_LOOK_WALL_S):
                    source = self._outer if key.fileobj is self._outer else self._inner
                    self._pass_on(source, *key.data)

    def _pass_on(self, source: socket.socket, to: socket.socket, address: tuple[str, int]) -> None:
        # a refusal tells that nobody listens there yet
        with contextlib.suppress(BlockingIOError, ConnectionError):
            while True:
                data, at_s = _received(source)
                with contextlib.suppress(ConnectionError):
                    to.sendto(data, address)
                for message in self._parsers[source].parse_buffer(data) or []:
                    if message.get_type() in _NOTED:
                        self._seen.append(Seen(at_s, source is self._inner, message))


def _received(source: socket.socket) -> tuple[bytes, float]:
    data, extras, _, _ = source.recvmsg(65_535, 64)
    age_s = 0.0
    for _, kind, value in extras:
        if kind == _SO_TIMESTAMPNS:
            seconds, nanoseconds = _TIMESPEC.unpack(value[: _TIMESPEC.size])
            age_s = time.time() - seconds - nanoseconds / 1e9
    return data, time.monotonic() - age_s


def _bound(port: int) -> socket.socket:
    opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    opened.setblocking(False)
    if sys.platform == "linux":
        opened.setsockopt(socket.SOL_SOCKET, _SO_TIMESTAMPNS, 1)
    opened.bind(("127.0.0.1", port))
    return opened
