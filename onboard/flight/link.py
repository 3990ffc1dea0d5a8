"""The bytes to and from the autopilot: a seam of two methods, over UDP (simulation, Ethernet) or a serial line (TELEM2)."""

from __future__ import annotations

import contextlib
import socket
from typing import Protocol

import serial

from wire.errors import ConfigurationError, DeviceError

_DATAGRAMS_AT_ONCE = 64
_SERIAL_AT_ONCE = 8192


class Link(Protocol):
    """Neither method waits."""

    def read(self) -> bytes: ...

    def write(self, data: bytes) -> None: ...

    def fileno(self) -> int: ...

    def close(self) -> None: ...


class UdpLink:
    """Listens on an address and answers whoever spoke last from it.

    PX4 latches the first peer it hears on each of its links, so the same local port must be bound again after a restart.
    """

    def __init__(self, host: str, port: int) -> None:
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise DeviceError(
                f"cannot listen for the autopilot on UDP {host}:{port} ({error}): is another one running?"
            ) from error
        self._peer: tuple[str, int] | None = None

    def read(self) -> bytes:
        parts: list[bytes] = []
        for _ in range(_DATAGRAMS_AT_ONCE):
            try:
                data, self._peer = self._socket.recvfrom(65_535)
            except OSError:  # nothing there, or the network is not: silence of the autopilot, which is watched
                break
            parts.append(data)
        return b"".join(parts)

    def write(self, data: bytes) -> None:
        if self._peer is not None:
            # a full buffer, a dead peer or network shows as silence of the autopilot, which is watched
            with contextlib.suppress(OSError):
                self._socket.sendto(data, self._peer)

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()


class SerialLink:
    def __init__(self, device: str, baud: int) -> None:
        try:
            self._port = serial.Serial(device, baud, timeout=0, write_timeout=0, exclusive=True)
        except (serial.SerialException, ValueError) as error:
            raise DeviceError(f"cannot open the autopilot's serial line {device} at {baud} baud: {error}") from error

    def read(self) -> bytes:
        try:
            return bytes(self._port.read(_SERIAL_AT_ONCE))
        except serial.SerialException as error:
            raise DeviceError(f"the autopilot's serial line broke: {error}") from error

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except serial.SerialTimeoutException:
            return  # the line is full: shows as a missing answer, and requests are repeated
        except serial.SerialException as error:
            raise DeviceError(f"the autopilot's serial line broke: {error}") from error

    def fileno(self) -> int:
        return int(self._port.fileno())

    def close(self) -> None:
        self._port.close()


def open_link(address: str) -> Link:
    """`udp:HOST:PORT` (listens there) or `serial:DEVICE:BAUD`. Raises ConfigurationError or DeviceError."""
    kind, _, rest = address.partition(":")
    place, _, number = rest.rpartition(":")
    if kind in ("udp", "serial") and place and number.isdigit():
        return UdpLink(place, int(number)) if kind == "udp" else SerialLink(place, int(number))
    raise ConfigurationError(f"autopilot address {address!r}: write udp:HOST:PORT or serial:DEVICE:BAUD")
