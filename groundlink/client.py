"""A client of the vehicle's daemon: orders in, answers out, and the console. The command line and the simulator use it."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import msgspec
import zmq

from groundlink.configuration import GroundlinkConfig
from groundlink.link.uplink import EXPIRY_S
from wire import codec, keys
from wire.clock import SystemClock
from wire.errors import LinkError, WireError
from wire.messages import Answer, ConsoleState, Order, Stage, Verb
from wire.sockets import Bus, Subscriber

_FIRST_ANSWER_S = EXPIRY_S + 2.0
_FIRST_ANSWER_WALL_S = 5.0
_RESEND_WALL_S = 0.5
_POLL_WALL_S = 0.1
_CONNECT_WALL_S = 1.0

_ASK_AGAIN_WALL_S = 2.0
"""So often a daemon that has answered is asked what became of the order: it may have been started anew."""
_SILENT_WALL_S = 10.0
_STOPPED_WALL_S = 2.0
"""Nothing here takes so long: this program was stopped (Ctrl-Z, a stalled machine), and nobody else was silent meanwhile."""


class Client:
    """Connects with the key `config.client_key`. Close it, or use it in a `with`; one thread. Raises KeysError."""

    def __init__(self, config: GroundlinkConfig) -> None:
        self._config = config
        self._clock = SystemClock(config.clock_speed)
        self._inboxes: dict[str, deque[Answer]] = {}
        self._bus = Bus(keys.load(config.keys_folder, config.client_key))
        try:
            self._orders = self._bus.connect(zmq.DEALER, config.listen.orders, "groundlink")
            socket = self._bus.connect(zmq.SUB, config.listen.console, "groundlink")
            self._console = Subscriber(socket, self._bus.keyring, ("console",))
        except Exception:
            self._bus.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        self._bus.close()

    def order(self, verb: Verb, mission_text: str | None = None, words: str = "") -> Iterator[Answer]:
        """Send an order now; the answers come from the iterator: progress (ACCEPTED), then the end.

        The order is repeated, with the same id, until something answers; then, and after this program was stopped for a while,
        it is only asked about. The iterator raises LinkError when nothing answers, or when the daemon does not know the order.
        """
        order = Order(id=uuid.uuid4().hex, verb=verb, mission=mission_text, words=words)
        self._inboxes[order.id] = deque()
        self._orders.poll(round(1000 * _CONNECT_WALL_S), zmq.POLLOUT)  # a client that has just been made is not connected yet
        self._send(order)
        return self._answers(order)

    def console(self, timeout_s: float) -> ConsoleState | None:
        """The newest console state, at most `timeout_s` real seconds waited for; None when none came."""
        deadline_s = time.monotonic() + timeout_s
        newest: ConsoleState | None = None
        while newest is None:
            for received in self._console.receive(self._clock.now_s()):
                if isinstance(received.message, ConsoleState):
                    newest = received.message
            left_s = deadline_s - time.monotonic()
            if newest is None and left_s <= 0:
                return None
            if newest is None:
                self._console.socket.poll(max(1, round(1000 * min(left_s, _POLL_WALL_S))))
        return newest

    def _answers(self, order: Order) -> Iterator[Answer]:
        first_wall_s = max(_FIRST_ANSWER_WALL_S, self._clock.wall_s(_FIRST_ANSWER_S))
        asked = order
        newest: Answer | None = None
        heard_s = sent_s = looked_s = time.monotonic()
        while True:
            answer = self._next(order.id)  # what lies here is read before anybody is called silent
            now_s = time.monotonic()
            if answer is not None:
                asked, heard_s = msgspec.structs.replace(order, asked_again=True), now_s
                if answer.stage is Stage.UNKNOWN:
                    raise self._unknown(order, answered=newest is not None)
                if answer != newest:
                    newest = answer
                    yield answer
                if answer.stage is not Stage.ACCEPTED:
                    del self._inboxes[order.id]
                    return
            elif now_s - looked_s > _STOPPED_WALL_S:
                asked, heard_s, sent_s = msgspec.structs.replace(order, asked_again=True), now_s, float("-inf")
            elif now_s - heard_s > (first_wall_s if newest is None else _SILENT_WALL_S):
                raise self._silence(order, answered=newest is not None)
            looked_s = now_s
            if now_s - sent_s >= (_RESEND_WALL_S if newest is None else _ASK_AGAIN_WALL_S):
                self._send(asked)
                sent_s = now_s

    def _silence(self, order: Order, *, answered: bool) -> LinkError:
        where = self._config.listen.orders
        if answered:
            return LinkError(
                f"the daemon at {where} no longer answers: {order.verb} was given, how it ended is not known; watch it"
            )
        return LinkError(
            f"no answer from the vehicle's daemon at {where}: is 'groundlink run' running, and is your key known to it?"
        )

    def _unknown(self, order: Order, *, answered: bool) -> LinkError:
        if answered:
            return LinkError(
                f"the vehicle's daemon was started anew meanwhile: {order.verb} was given and the aircraft goes on with it, "
                "but how it ends is not known here; ask 'groundlink status', and watch the aircraft"
            )
        return LinkError(
            f"the vehicle's daemon does not know this {order.verb}: it did not arrive, or the daemon was started anew "
            "meanwhile; ask 'groundlink status' before you give it again"
        )

    def _send(self, order: Order) -> None:
        with contextlib.suppress(zmq.Again):  # nobody is there: it is sent again, until the deadline
            self._orders.send(codec.encode("order", order), flags=zmq.DONTWAIT)

    def _next(self, order_id: str) -> Answer | None:
        """The next answer to this order; those to others wait for whoever iterates over them."""
        inbox = self._inboxes[order_id]
        if not inbox and self._orders.poll(round(1000 * _POLL_WALL_S)):
            self._sort_one()
        return inbox.popleft() if inbox else None

    def _sort_one(self) -> None:
        try:
            _, message = codec.decode(self._orders.recv(flags=zmq.DONTWAIT))
        except (WireError, zmq.Again):
            return  # without a readable answer the deadline ends it
        if isinstance(message, Answer) and message.order_id in self._inboxes:
            self._inboxes[message.order_id].append(message)
