"""A running PX4's links to companion and ground station, in its own simulated time."""

from __future__ import annotations

import selectors
import socket
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol.links import LinkName
from sitl.tlog import split

HOST = "127.0.0.1"
LINKS = (LinkName.ONBOARD, LinkName.GCS)
LOOK_S = 0.02  # of real time
_RECEIVE_BUFFER_BYTES = 1 << 22
_AT_ONCE = 200
_CLOCKS = {
    mavlink.MAVLINK_MSG_ID_ATTITUDE: ("time_boot_ms", 1e-3),
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: ("time_boot_ms", 1e-3),
    mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: ("time_usec", 1e-6),
    mavlink.MAVLINK_MSG_ID_TIMESYNC: ("ts1", 1e-9),
}


class Heard(NamedTuple):
    """A packet the autopilot sent, and when by its own clock."""

    t_s: float
    link: LinkName
    data: bytes


class Links:
    """Of PX4's instance number; it sends to the port that first sent something to it, so none of ours is fixed.

    Its clock is read from what it sends, 10 ms apart: a packet's time is that of the last stamp before it.
    """

    def __init__(self, instance: int) -> None:
        self.now_s = 0.0
        """PX4's time since its start; 0 until it has told it."""
        self.system = instance + 1
        self._instance = instance
        self._parser = mavlink.MAVLink(None)
        self._selector = selectors.DefaultSelector()
        self._sockets = {link: self._open(link) for link in LINKS}
        self._spoken: set[LinkName] = set()

    def _open(self, link: LinkName) -> socket.socket:
        opened = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _RECEIVE_BUFFER_BYTES)
        opened.setblocking(False)
        opened.bind((HOST, 0))
        self._selector.register(opened, selectors.EVENT_READ, link)
        return opened

    def send(self, link: LinkName, data: bytes) -> None:
        """Send a datagram; lost while PX4 has not opened the link's port yet."""
        try:
            self._sockets[link].sendto(data, (HOST, link.value[0] + self._instance))
        except ConnectionError:
            return

    def receive(self) -> list[Heard]:
        """What has come; waits LOOK_S at most."""
        for link in LINKS:
            if link not in self._spoken:
                self.send(link, b"\0")  # PX4 answers whoever sends first
        heard: list[Heard] = []
        for key, _ in self._selector.select(LOOK_S):
            for datagram in _pending(key.fileobj):
                self._spoken.add(key.data)
                for packet in split(datagram):
                    self._read_clock(packet)
                    heard.append(Heard(self.now_s, key.data, packet))
        return heard

    def _read_clock(self, packet: bytes) -> None:
        """PX4 speaks MAVLink 2 from its start."""
        number = int.from_bytes(packet[7:10], "little")
        if number not in _CLOCKS or tuple(packet[5:7]) != (self.system, mavlink.MAV_COMP_ID_AUTOPILOT1):
            return
        message = self._parser.decode(bytearray(packet))
        if number == mavlink.MAVLINK_MSG_ID_TIMESYNC and message.tc1 != 0:
            return
        name, unit_s = _CLOCKS[number]
        self.now_s = max(self.now_s, getattr(message, name) * unit_s)

    def close(self) -> None:
        """Close the sockets."""
        self._selector.close()
        for opened in self._sockets.values():
            opened.close()


def _pending(opened: object) -> list[bytes]:
    assert isinstance(opened, socket.socket)
    found = []
    for _ in range(_AT_ONCE):
        try:
            found.append(opened.recv(2048))
        except (BlockingIOError, ConnectionError):
            break
    return found
