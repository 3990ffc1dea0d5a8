"""A client of the vehicle's daemon: orders in, answers out, and the console. The command line and the simulator use it."""

from __future__ import annotations

import contextlib
import time
import uuid
from collections import deque
from collections.abc import Iterator
from types import TracebackType
from typing import Self

import zmq

from groundlink.configuration import GroundlinkConfig
from groundlink.link.desk import END_S, LAUNCH_END_S
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
_END_SLACK_S = 5.0


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

        The order is repeated, with the same id, until something answers. The iterator raises LinkError when nothing does.
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
        end_s = LAUNCH_END_S if order.verb is Verb.LAUNCH else END_S
        end_wall_s = first_wall_s + self._clock.wall_s(end_s + _END_SLACK_S)
        started_s = sent_s = time.monotonic()
        answered = False
        while True:
            now_s = time.monotonic()
            if now_s - started_s > (end_wall_s if answered else first_wall_s):
                raise self._silence(order, answered=answered)
            if not answered and now_s - sent_s >= _RESEND_WALL_S:
                self._send(order)
                sent_s = now_s
            answer = self._next(order.id)
            if answer is not None:
                answered = True
                yield answer
                if answer.stage is not Stage.ACCEPTED:
                    del self._inboxes[order.id]
                    return

    def _silence(self, order: Order, *, answered: bool) -> LinkError:
        where = self._config.listen.orders
        if answered:
            return LinkError(
                f"the daemon at {where} no longer answers: how {order.verb} ended is not known; watch the aircraft"
            )
        return LinkError(
            f"no answer from the vehicle's daemon at {where}: is 'groundlink run' running, and is your key known to it?"
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
