"""The bytes to and from the autopilot: a seam of two methods, over UDP (simulation, Ethernet) or a serial line (TELEM2)."""

from __future__ import annotations

import contextlib
import errno
import os
import socket
import termios
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
            raise DeviceError(f"cannot open the autopilot's serial line {device} at {baud} baud: {_why(error)}") from error

    def read(self) -> bytes:
        try:
            return bytes(self._port.read(_SERIAL_AT_ONCE))
        except serial.SerialException as error:
            raise DeviceError(f"the autopilot's serial line {self._port.port} broke: {_why(error)}") from error

    def write(self, data: bytes) -> None:
        try:
            self._port.write(data)
        except serial.SerialTimeoutException:
            return  # the line is full: shows as a missing answer, and requests are repeated
        except serial.SerialException as error:
            raise DeviceError(f"the autopilot's serial line {self._port.port} broke: {_why(error)}") from error

    def fileno(self) -> int:
        return int(self._port.fileno())

    def close(self) -> None:
        self._port.close()


_ADVICE = {
    errno.ENOENT: "there is no such device; on a Raspberry Pi set enable_uart=1 in /boot/firmware/config.txt, a USB adapter "
    "has another name (ls /dev/serial/by-id)",
    errno.EACCES: "this user may not open it; add them to the group dialout",
    errno.EBUSY: "another program has it open; remove ModemManager and the serial login shell",
    errno.EAGAIN: "another program has it open; remove ModemManager and the serial login shell",
    errno.EIO: "nothing answers there; look at the wiring (hardware/README.md), and enable_uart=1 on a Raspberry Pi",
    errno.ENOTTY: "it is no serial device; name TELEM2's",
}


def _why(error: Exception) -> str:
    """What is wrong with a serial line, and what to look at."""
    number = getattr(error, "errno", None)
    if number is None and isinstance(
        error.__context__, termios.error
    ):  # it took no settings; pyserial hides the number in a text
        number = error.__context__.args[0]
    if number is None:
        return f"{error}; look at the wiring and the device's name"
    return _ADVICE.get(number, f"{os.strerror(number)}; look at the wiring and the device's name")


def open_link(address: str) -> Link:
    """`udp:HOST:PORT` (listens there) or `serial:DEVICE:BAUD`. Raises ConfigurationError or DeviceError."""
    kind, _, rest = address.partition(":")
    place, _, number = rest.rpartition(":")
    if kind in ("udp", "serial") and place and number.isdigit():
        return UdpLink(place, int(number)) if kind == "udp" else SerialLink(place, int(number))
    raise ConfigurationError(f"autopilot address {address!r}: write udp:HOST:PORT or serial:DEVICE:BAUD")
