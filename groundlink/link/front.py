"""Where clients come in: orders by people's keys, answers back to whoever asked last."""

from __future__ import annotations

from collections import OrderedDict
from typing import NamedTuple

import zmq

from groundlink.configuration import MACHINE_PARTIES
from wire import codec
from wire.errors import WireError
from wire.messages import Answer, Order
from wire.sockets import Bus, sender_of

_DEPTH = 32
_ROUTES = 512


class Asked(NamedTuple):
    order: Order
    operator: str
    """The name that the client's key stands for."""


class Front:
    """The ROUTER socket. Every key in the folder that is a person's is let in, so that a refusal can be said in words."""

    def __init__(self, bus: Bus, endpoint: str) -> None:
        self._keyring = bus.keyring
        people = sorted(set(bus.keyring.known) - MACHINE_PARTIES)
        self._socket = bus.bind(zmq.ROUTER, endpoint, people, depth=_DEPTH)
        self._routes: OrderedDict[str, bytes] = OrderedDict()
        self.last_error: str | None = None
        bus.watch(self._socket)

    def receive(self) -> list[Asked]:
        """The orders that have come, oldest first, at most a queue full."""
        asked = []
        for _ in range(_DEPTH):
            try:
                frames = self._socket.recv_multipart(flags=zmq.DONTWAIT, copy=False)
            except zmq.Again:
                break
            one = self._read(frames)
            if one is not None:
                asked.append(one)
        return asked

    def answer(self, answer: Answer) -> None:
        """To the client that asked for this order last; one that has gone misses it."""
        identity = self._routes.get(answer.order_id)
        if identity is not None:
            self._socket.send_multipart([identity, codec.encode("answer", answer)], flags=zmq.DONTWAIT)

    def _read(self, frames: list[zmq.Frame]) -> Asked | None:
        if len(frames) != 2:
            self.last_error = f"a client sent {len(frames)} parts instead of one message: use this version's groundlink"
            return None
        try:
            _, message = codec.decode(frames[1].bytes)
        except WireError as error:
            self.last_error = str(error)
            return None
        if not isinstance(message, Order):
            self.last_error = f"a client sent a {type(message).__name__} instead of an order: use this version's groundlink"
            return None
        self.last_error = None
        self._remember(message.id, frames[0].bytes)
        return Asked(message, sender_of(frames[1], self._keyring))

    def _remember(self, order_id: str, identity: bytes) -> None:
        self._routes[order_id] = identity
        self._routes.move_to_end(order_id)
        if len(self._routes) > _ROUTES:
            self._routes.popitem(last=False)
