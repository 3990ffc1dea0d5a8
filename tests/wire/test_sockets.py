"""Sockets on loopback: who gets in, what arrives, and what a broken message does."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import zmq

from sitl.stack.ports import free_ports
from tests.unit.wire.samples import SAMPLES, STATE
from wire import codec, keys
from wire.errors import KeysError, LinkError
from wire.keys import Keyring
from wire.messages import Event
from wire.sockets import Bus, Publisher, Received, Subscriber, sender_of

WAIT_S = 10.0
QUIET_S = 0.4
TOPICS = ("state", "event")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = tmp_path_factory.mktemp("keys")
    keys.make(made)
    return made


@pytest.fixture
def ring(folder: Path) -> Callable[[str], Keyring]:
    return lambda name: keys.load(folder, name)


@pytest.fixture
def endpoint() -> str:
    return f"tcp://127.0.0.1:{free_ports(1)[0]}"


Ring = Callable[[str], Keyring]


@pytest.fixture
def aircraft(ring: Ring) -> Iterator[Bus]:
    with Bus(ring("aircraft")) as bus:
        yield bus


def exchange(send: Callable[[], None], receive: Callable[[], list[Received]], wait_s: float = WAIT_S) -> list[Received]:
    """Send over and over until something arrives, or not."""
    deadline_s = time.monotonic() + wait_s
    while time.monotonic() < deadline_s:
        send()
        time.sleep(0.02)
        if received := receive():
            return received
    return []


def event(number: int) -> Event:
    return Event(at_s=1.0, sequence=number, kind="test", sentence="x")


def listening(bus: Bus, endpoint: str, allow: tuple[str, ...] = ("groundlink",)) -> Subscriber:
    return Subscriber(bus.bind(zmq.SUB, endpoint, allow, depth=64), bus.keyring, TOPICS)


def test_a_known_key_gets_in_and_its_name_comes_with_each_message(aircraft: Bus, ring: Ring, endpoint: str) -> None:
    subscriber = listening(aircraft, endpoint)
    with Bus(ring("groundlink")) as ground:
        publisher = Publisher(ground.connect(zmq.PUB, endpoint, "aircraft"))
        received = exchange(lambda: publisher.send("state", STATE), lambda: subscriber.receive(5.0))
    assert received[0] == Received("state", STATE, "groundlink")
    assert subscriber.health["state"].age_s(6.0) == 1.0


def stranger(folder: Path, tmp_path: Path, name: str = "groundlink") -> Keyring:
    """Somebody with a key pair of his own, who knows the aircraft's public key and says he is another."""
    keys.make(tmp_path, (name,))
    (tmp_path / "aircraft.key").write_bytes((folder / "aircraft.key").read_bytes())
    return keys.load(tmp_path, name)


def test_an_unknown_key_never_gets_in(aircraft: Bus, folder: Path, tmp_path: Path, endpoint: str) -> None:
    subscriber = listening(aircraft, endpoint)
    with Bus(stranger(folder, tmp_path)) as thief:
        publisher = Publisher(thief.connect(zmq.PUB, endpoint, "aircraft"))
        assert exchange(lambda: publisher.send("state", STATE), lambda: subscriber.receive(5.0), QUIET_S) == []


def test_a_known_key_that_is_not_on_this_sockets_list_stays_out(aircraft: Bus, ring: Ring, endpoint: str) -> None:
    subscriber = listening(aircraft, endpoint)
    with Bus(ring("operator")) as operator, Bus(ring("groundlink")) as ground:
        refused = Publisher(operator.connect(zmq.PUB, endpoint, "aircraft"))
        assert exchange(lambda: refused.send("state", STATE), lambda: subscriber.receive(5.0), QUIET_S) == []
        allowed = Publisher(ground.connect(zmq.PUB, endpoint, "aircraft"))
        assert exchange(lambda: allowed.send("state", STATE), lambda: subscriber.receive(5.0))


def test_without_any_key_nobody_gets_in(aircraft: Bus, endpoint: str) -> None:
    subscriber = listening(aircraft, endpoint)
    context = zmq.Context()
    socket = context.socket(zmq.PUB)
    socket.linger = 0
    socket.connect(endpoint)
    try:
        data = codec.encode("state", STATE)
        assert exchange(lambda: socket.send(data), lambda: subscriber.receive(5.0), QUIET_S) == []
    finally:
        socket.close()
        context.term()


def test_an_impostor_of_the_server_gets_nothing(folder: Path, ring: Ring, tmp_path: Path, endpoint: str) -> None:
    """Somebody listens at the aircraft's address with a key of his own."""
    (tmp_path / "groundlink.key").write_bytes((folder / "groundlink.key").read_bytes())
    with Bus(stranger(folder, tmp_path / "his", "aircraft2")) as impostor, Bus(ring("groundlink")) as ground:
        impostor.keyring.known["groundlink"] = ring("groundlink").public
        subscriber = listening(impostor, endpoint)
        publisher = Publisher(ground.connect(zmq.PUB, endpoint, "aircraft"))
        assert exchange(lambda: publisher.send("state", STATE), lambda: subscriber.receive(5.0), QUIET_S) == []


def connected(aircraft: Bus, ground: Bus, endpoint: str) -> tuple[Subscriber, zmq.Socket[bytes]]:
    """Both ends, after the first message has arrived."""
    subscriber = listening(aircraft, endpoint)
    socket = ground.connect(zmq.PUB, endpoint, "aircraft", depth=64)
    assert exchange(lambda: Publisher(socket).send("event", event(0)), lambda: subscriber.receive(5.0))
    time.sleep(0.1)
    subscriber.receive(5.0)
    return subscriber, socket


def gathered(subscriber: Subscriber, enough: Callable[[list[Received]], bool]) -> list[Received]:
    found: list[Received] = []
    deadline_s = time.monotonic() + WAIT_S
    while not enough(found) and time.monotonic() < deadline_s:
        time.sleep(0.02)
        found += subscriber.receive(7.0)
    return found


def test_queued_topics_come_all_in_order_and_of_others_the_newest(aircraft: Bus, ring: Ring, endpoint: str) -> None:
    with Bus(ring("groundlink")) as ground:
        subscriber, socket = connected(aircraft, ground, endpoint)
        publisher = Publisher(socket)
        newest = SAMPLES["state"]
        for number in range(1, 6):
            publisher.send("event", event(number))
            publisher.send("state", newest)
        time.sleep(0.3)
        before = subscriber.health["state"].received
        found = subscriber.receive(7.0)
    assert [r.message.sequence for r in found if isinstance(r.message, Event)] == [1, 2, 3, 4, 5]
    assert [r.topic for r in found].count("state") == 1 and found[-1].topic == "state"
    assert subscriber.health["state"].received - before == 5, "dropped ones are counted, too"


def test_malformed_messages_are_counted_and_stop_nothing(aircraft: Bus, ring: Ring, endpoint: str) -> None:
    with Bus(ring("groundlink")) as ground:
        subscriber, socket = connected(aircraft, ground, endpoint)
        good = codec.encode("event", event(9))
        for data in (good[:-3], codec.prefix("event") + b"\x02x", codec.prefix("state") + b"\x01\xc1", good):
            socket.send(data)
        found = gathered(subscriber, bool)
    assert [r.message for r in found] == [event(9)]
    assert subscriber.health["event"].malformed == 2 and subscriber.health["event"].valid()
    assert subscriber.health["state"].malformed == 1 and not subscriber.health["state"].valid()
    assert "malformed" in subscriber.health["state"].last_error


def test_what_was_sent_while_nobody_listened_does_not_come_later(aircraft: Bus, ring: Ring, endpoint: str) -> None:
    with Bus(ring("groundlink")) as ground:
        publisher = Publisher(ground.connect(zmq.PUB, endpoint, "aircraft", depth=64))
        for number in range(20):
            publisher.send("event", event(number))
        subscriber = listening(aircraft, endpoint)
        found = exchange(lambda: publisher.send("event", event(100)), lambda: subscriber.receive(5.0))
    assert {r.message for r in found} == {event(100)}


def test_sending_never_waits(aircraft: Bus, ring: Ring, endpoint: str) -> None:
    with Bus(ring("groundlink")) as ground:
        _, socket = connected(aircraft, ground, endpoint)
        for number in range(5000):
            Publisher(socket).send("event", event(number))


def test_an_address_in_use_or_wrong_says_so(aircraft: Bus, endpoint: str) -> None:
    aircraft.bind(zmq.PUB, endpoint, ["groundlink"])
    with pytest.raises(LinkError, match="is another one running, or is the address wrong"):
        aircraft.bind(zmq.PUB, endpoint, ["groundlink"])
    with pytest.raises(LinkError, match="correct the address"):
        aircraft.connect(zmq.PUB, "tcp//nowhere", "groundlink")


def test_names_without_keys_are_refused(aircraft: Bus, endpoint: str) -> None:
    with pytest.raises(KeysError, match="no public key of 'nobody'"):
        aircraft.bind(zmq.PUB, endpoint, ["nobody"])
    with pytest.raises(KeysError, match="no public key of 'nobody'"):
        aircraft.connect(zmq.PUB, endpoint, "nobody")


def test_a_frame_without_a_sender_has_none(aircraft: Bus) -> None:
    assert sender_of(zmq.Frame(b"x"), aircraft.keyring) == ""
