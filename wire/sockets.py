"""ZeroMQ sockets as Pilotfish uses them: CURVE on every one, single-part messages, bounded queues, nothing ever blocks.

A `Bus` belongs to one process and one thread. The binding side is the CURVE server and lets in only the names it is given.
"""

from __future__ import annotations

from collections.abc import Iterable
from types import TracebackType
from typing import NamedTuple, Self

import zmq
from zmq.auth.thread import ThreadAuthenticator

from wire import codec
from wire.errors import LinkError, MalformedError, WireError
from wire.health import TopicHealth
from wire.keys import Keyring
from wire.messages import Message
from wire.topics import TOPICS, Habit

_HEARTBEAT_MS = 500
_HEARTBEAT_TIMEOUT_MS = 2000
_SMALL_BUFFER_BYTES = 65_536
_DRAIN_LIMIT = 256


class Received(NamedTuple):
    topic: str
    message: Message
    sender: str
    """The name that the sender's CURVE key stands for."""


class _AllowList:
    """What pyzmq's authenticator asks: is this client key let in?"""

    def __init__(self, keyring: Keyring, names: Iterable[str]) -> None:
        self._keys = {keyring.peer(name) for name in names}

    def callback(self, domain: str, key: bytes) -> bool:
        del domain
        return key in self._keys


class Bus:
    """A process's sockets. Close it, or use it in a `with`."""

    def __init__(self, keyring: Keyring) -> None:
        self.keyring = keyring
        self._context = zmq.Context()
        self._authenticator = ThreadAuthenticator(self._context)
        self._authenticator.start()
        self._sockets: list[zmq.Socket[bytes]] = []
        self._poller = zmq.Poller()
        self._domains = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        for each in self._sockets:
            each.close(linger=0)
        self._authenticator.stop()
        self._context.term()

    def bind(
        self, kind: int, endpoint: str, allow: Iterable[str], *, depth: int = 16, conflate: bool = False
    ) -> zmq.Socket[bytes]:
        """A bound CURVE server socket that lets in the parties named in `allow`. Raises LinkError."""
        self._domains += 1
        domain = f"pilotfish-{self._domains}"
        self._authenticator.configure_curve_callback(domain, credentials_provider=_AllowList(self.keyring, allow))
        socket = self._socket(kind, depth, conflate)
        socket.curve_server = True
        socket.zap_domain = domain.encode()
        try:
            socket.bind(endpoint)
        except zmq.ZMQError as error:
            raise LinkError(
                f"cannot listen on {endpoint} ({error}): is another one running, or is the address wrong?"
            ) from error
        return socket

    def connect(self, kind: int, endpoint: str, server: str, *, depth: int = 16, conflate: bool = False) -> zmq.Socket[bytes]:
        """A socket connected to the endpoint that the party `server` binds."""
        socket = self._socket(kind, depth, conflate)
        socket.curve_serverkey = self.keyring.peer(server)
        socket.immediate = True  # what is said while nobody listens is not kept, to arrive when it is no longer true
        try:
            socket.connect(endpoint)
        except zmq.ZMQError as error:
            raise LinkError(f"cannot connect to {endpoint} ({error}): correct the address") from error
        return socket

    def _socket(self, kind: int, depth: int, conflate: bool) -> zmq.Socket[bytes]:
        socket = self._context.socket(kind)
        self._sockets.append(socket)
        socket.linger = 0
        socket.sndhwm = socket.rcvhwm = depth
        if conflate:
            socket.conflate = True
        socket.setsockopt(zmq.SNDBUF, _SMALL_BUFFER_BYTES)
        socket.setsockopt(zmq.RCVBUF, _SMALL_BUFFER_BYTES)
        socket.heartbeat_ivl, socket.heartbeat_timeout = _HEARTBEAT_MS, _HEARTBEAT_TIMEOUT_MS
        socket.reconnect_ivl, socket.reconnect_ivl_max = 100, 1000
        socket.curve_publickey, socket.curve_secretkey = self.keyring.public, self.keyring.secret
        return socket

    def watch(self, *sources: Subscriber | zmq.Socket[bytes] | int) -> None:
        """What `wait` wakes up for: subscribers, sockets, or plain file descriptors."""
        for source in sources:
            self._poller.register(source.socket if isinstance(source, Subscriber) else source, zmq.POLLIN)

    def wait(self, wall_s: float) -> None:
        """Sleep until something watched has arrived, at most `wall_s` real seconds."""
        self._poller.poll(max(0, round(wall_s * 1000)))


class Publisher:
    """Sends topics; never waits: what a slow reader does not take is dropped, oldest commands expire by themselves."""

    def __init__(self, socket: zmq.Socket[bytes]) -> None:
        self.socket = socket

    def send(self, topic: str, message: Message) -> None:
        self.socket.send(codec.encode(topic, message), flags=zmq.DONTWAIT)


class Subscriber:
    """Receives topics, and knows of each whether it is alive, valid and on rate."""

    def __init__(self, socket: zmq.Socket[bytes], keyring: Keyring, topics: Iterable[str]) -> None:
        self.socket = socket
        self._keyring = keyring
        self.health = {topic: TopicHealth(TOPICS[topic]) for topic in topics}
        for topic in self.health:
            socket.subscribe(codec.prefix(topic))

    def receive(self, now_s: float) -> list[Received]:
        """What has come since the last call: all of QUEUED topics, only the newest of NEWEST ones, oldest first."""
        messages: list[Received] = []
        newest: dict[str, Received] = {}
        for _ in range(_DRAIN_LIMIT):
            received = self._one(now_s)
            if received is None:
                break
            if isinstance(received, WireError):
                continue
            if TOPICS[received.topic].habit is Habit.NEWEST:
                newest[received.topic] = received
            else:
                messages.append(received)
        return messages + list(newest.values())

    def _one(self, now_s: float) -> Received | WireError | None:
        try:
            frame = self.socket.recv(flags=zmq.DONTWAIT, copy=False)
        except zmq.Again:
            return None
        try:
            topic, message = codec.decode(frame.bytes)
            if topic not in self.health:
                raise MalformedError(f"topic {topic} does not belong on this socket")
        except WireError as error:
            name = frame.bytes[:64].partition(b"\x00")[0].decode("ascii", "replace")
            if name in self.health:
                self.health[name].broken(error)
            return error
        self.health[topic].arrived(now_s)
        return Received(topic, message, sender_of(frame, self._keyring))


def sender_of(frame: zmq.Frame, keyring: Keyring) -> str:
    """The party whose key brought this frame, or '' where the socket is the client (it knows its server)."""
    try:
        user = str(frame.get("User-Id"))
    except zmq.ZMQError:  # libzmq's way to say that there is none
        return ""
    return keyring.name_of(user.encode()) or ""
