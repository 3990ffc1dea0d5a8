"""python -m sitl.stack.tap --listen PORT --to PORT --log FILE: passes on and writes down what PX4 and flight say to each other.

PX4 tells what it hears from flight to nobody else, and so does the kernel: who wants both directions stands in between.
"""

from __future__ import annotations

import argparse
import contextlib
import selectors
import socket
import sys
import time
from pathlib import Path

from sitl.tlog import Tlog
from wire.supervise import StopFlag, die_with_parent

HOST = "127.0.0.1"
_LOOK_S = 0.25  # of real time: how long a stop may go unnoticed
_LARGEST_BYTES, _AT_ONCE = 65_535, 500


class Tap:
    """Two UDP sockets on this machine: PX4 sends to one and is answered from it, flight hears and answers the other.

    Raises OSError when PX4's port is taken.
    """

    def __init__(self, listen_port: int, to_port: int, log: Tlog) -> None:
        self._px4, self._flight = (socket.socket(socket.AF_INET, socket.SOCK_DGRAM) for _ in range(2))
        self._log = log
        self._peers: dict[socket.socket, tuple[str, int] | None] = {self._px4: None, self._flight: (HOST, to_port)}
        self._selector = selectors.DefaultSelector()
        try:
            for each, port in ((self._px4, listen_port), (self._flight, 0)):
                each.setblocking(False)
                each.bind((HOST, port))
                self._selector.register(each, selectors.EVENT_READ)
        except OSError:
            self.close()
            raise

    def step(self, timeout_s: float) -> None:
        """Wait for what comes, at most so long, and pass it on."""
        for key, _ in self._selector.select(timeout_s):
            if key.fileobj is self._px4:
                self._pass_on(self._px4, self._flight)
            else:
                self._pass_on(self._flight, self._px4)

    def _pass_on(self, source: socket.socket, sink: socket.socket) -> None:
        for _ in range(_AT_ONCE):
            try:
                data, sender = source.recvfrom(_LARGEST_BYTES)
            except BlockingIOError:
                return
            except ConnectionError:  # nobody listens at the peer: UDP may say so here
                continue
            if source is self._px4:
                self._peers[source] = sender
            self._log.write(time.time(), data)
            peer = self._peers[sink]
            if peer is not None:
                with contextlib.suppress(BlockingIOError, ConnectionError):  # lost, as UDP is
                    sink.sendto(data, peer)

    def close(self) -> None:
        self._selector.close()
        self._px4.close()
        self._flight.close()
        self._log.close()


def main(arguments: list[str] | None = None) -> int:
    """Until SIGTERM; 1 when a port or the file cannot be had."""
    parser = argparse.ArgumentParser(prog="python -m sitl.stack.tap", description=__doc__)
    parser.add_argument("--listen", type=int, required=True, metavar="PORT", help="where PX4 sends to")
    parser.add_argument("--to", type=int, required=True, metavar="PORT", help="where flight listens")
    parser.add_argument("--log", type=Path, required=True, metavar="FILE", help="a tlog")
    options = parser.parse_args(arguments)
    die_with_parent()
    stop = StopFlag()
    try:
        tap = Tap(options.listen, options.to, Tlog(options.log, _say))
    except OSError as error:
        _say(f"{error.filename or f'UDP port {options.listen}'}: {error.strerror}")
        return 1
    try:
        while not stop:
            tap.step(_LOOK_S)
    finally:
        tap.close()
    return 0


def _say(sentence: str) -> None:
    with contextlib.suppress(OSError):  # the disk it goes to is full: what PX4 and flight say goes on
        sys.stderr.write(f"tap: {sentence}\n")


if __name__ == "__main__":
    sys.exit(main())
