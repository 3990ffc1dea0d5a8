"""Ports of this machine that nobody uses now, from below the range the kernel takes outgoing connections from.

A port of that range that is free now may be the local end of somebody's connection a moment later.
"""

from __future__ import annotations

import random
import socket

from wire.errors import LinkError

_FIRST, _LAST = 20_000, 32_000  # Linux's ip_local_port_range begins at 32768
_TRIES = 2_000


def free_ports(count: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> list[int]:
    """`count` different ports of 127.0.0.1. Raises LinkError when there are not as many."""
    chance = random.SystemRandom()
    probes: list[socket.socket] = []
    try:
        for _ in range(_TRIES):
            if len(probes) == count:
                break
            probe = socket.socket(socket.AF_INET, kind)
            try:
                probe.bind(("127.0.0.1", chance.randrange(_FIRST, _LAST)))
            except OSError:
                probe.close()
                continue
            probes.append(probe)
        if len(probes) < count:
            raise LinkError(f"{count} free ports between {_FIRST} and {_LAST} were not found: stop other simulations")
        return [int(probe.getsockname()[1]) for probe in probes]
    finally:
        for probe in probes:
            probe.close()
