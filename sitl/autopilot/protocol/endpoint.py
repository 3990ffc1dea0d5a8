"""The UDP sockets of the links."""

from __future__ import annotations

import contextlib
import errno
import socket

from sitl.autopilot.protocol.links import LinkName
from wire.errors import LinkError

HOST = "127.0.0.1"
MAX_DATAGRAM = 2048
MAX_RECEIVED_PER_TICK = 500
LAST_OWN_PORT = 9  # beyond this instance PX4 sends the onboard link to a shared port


class Endpoint:
    """A UDP socket of one link. The first peer that sends something is the only one it sends to from then on."""

    def __init__(self, link: LinkName, instance: int, address: str = HOST) -> None:
        local, remote = link.value
        self.link = link
        shift = 0 if link is LinkName.GCS else min(instance, LAST_OWN_PORT) if link is LinkName.ONBOARD else instance
        self._peer = (HOST, remote + shift)
        self._latched = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        try:
            self.socket.bind((address, local + instance))
        except OSError as error:
            self.socket.close()
            if error.errno == errno.EADDRNOTAVAIL:
                raise LinkError(f"{address} is no address of this machine: give one that is, or 0.0.0.0 for all") from error
            raise LinkError(
                f"UDP port {local + instance} is in use: stop the other autopilot or choose another --instance"
            ) from error

    def receive(self) -> list[bytes]:
        """What has arrived."""
        datagrams = []
        for _ in range(MAX_RECEIVED_PER_TICK):
            try:
                data, sender = self.socket.recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                break
            except ConnectionError:  # nobody listens at the peer: UDP may say so here
                continue
            if not self._latched:
                self._latched, self._peer = True, sender
            datagrams.append(data)
        return datagrams

    def send(self, data: bytes) -> None:
        """Send to the peer; lost when nobody listens or it cannot be sent to (port 0, no way there), as UDP is."""
        with contextlib.suppress(OSError):
            self.socket.sendto(data, self._peer)


def open_all(instance: int, address: str = HOST) -> list[Endpoint]:
    """An endpoint per link, bound to an address of this machine; LinkError, and none left open, if a port is taken."""
    endpoints: list[Endpoint] = []
    try:
        for link in LinkName:
            endpoints.append(Endpoint(link, instance, address))  # noqa: PERF401  what was opened must be closed
    except LinkError:
        for endpoint in endpoints:
            endpoint.socket.close()
        raise
    return endpoints
