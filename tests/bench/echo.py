"""A bare CURVE round trip between two processes: what the machine and ZeroMQ take, without anything of ours to decide.

`python -m tests.bench.echo KEYS_FOLDER ENDPOINT` is the other end: it sends back what comes.
"""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import zmq

from wire import keys
from wire.sockets import Bus
from wire.supervise import StopFlag, die_with_parent, module

_PATIENCE_WALL_S = 10.0


class Echo:
    """Use it in a `with`: the other end is a process of its own, as the daemon and flight are."""

    def __init__(self, keys_folder: Path, endpoint: str) -> None:
        self._bus = Bus(keys.load(keys_folder, "operator"))
        self._socket = self._bus.connect(zmq.DEALER, endpoint, "groundlink")
        self._process = subprocess.Popen(module("tests.bench.echo", str(keys_folder), endpoint))

    def __enter__(self) -> Self:
        self._socket.poll(round(1000 * _PATIENCE_WALL_S), zmq.POLLOUT)  # until it is connected
        self.round_trip_s(b"hello")
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._process.terminate()
        self._process.wait(_PATIENCE_WALL_S)
        self._bus.close()

    def round_trip_s(self, data: bytes) -> float:
        """Real seconds from sending to having it back. Raises TimeoutError."""
        began_s = time.monotonic()
        self._socket.send(data)
        if not self._socket.poll(round(1000 * _PATIENCE_WALL_S)):
            raise TimeoutError("the echo process does not answer")
        self._socket.recv()
        return time.monotonic() - began_s


def main() -> None:
    die_with_parent()
    stop = StopFlag()
    with Bus(keys.load(Path(sys.argv[1]), "groundlink")) as bus:
        socket = bus.bind(zmq.ROUTER, sys.argv[2], ["operator"])
        bus.watch(socket)
        while not stop:
            bus.wait(0.5)
            while socket.poll(0):
                socket.send_multipart(socket.recv_multipart())


if __name__ == "__main__":
    main()
