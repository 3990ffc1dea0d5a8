"""Orders over real sockets: from a client through the daemon to a scripted aircraft, and back."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
import zmq

from groundlink.client import Client
from groundlink.configuration import GroundlinkConfig
from tests.wire.ground import until, vehicle
from wire import codec, keys
from wire.errors import LinkError
from wire.messages import Answer, Order, Stage, Verb
from wire.sockets import Bus


def ends(client: Client, verb: Verb, mission: str | None = None) -> list[tuple[Stage, str]]:
    return [(answer.stage, answer.sentence) for answer in client.order(verb, mission)]


def as_key(config: GroundlinkConfig, name: str) -> GroundlinkConfig:
    return msgspec.structs.replace(config, client_key=name)


def test_accepted_and_done(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        assert ends(client, Verb.LAUNCH) == [(Stage.ACCEPTED, "launch goes"), (Stage.DONE, "launch is done")]
        command = here.aircraft.launches()[0]
        assert command.operator == "operator"
        assert "orbit:" in (command.mission_yaml or "")
        assert here.aircraft.senders == {"groundlink"}
        assert ends(client, Verb.HOLD) == [(Stage.ACCEPTED, "hold goes"), (Stage.DONE, "hold is done")]
    kinds = [line["kind"] for line in here.log()]
    for kind in ("order", "command", "reply", "answer", "state", "vehicle", "phase", "latch", "link_regained"):
        assert kind in kinds
    assert [line["operator"] for line in here.log() if line["kind"] == "order"] == ["operator", "operator"]


def test_a_command_is_repeated_until_it_is_answered(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        here.aircraft.deaf_for = 15
        assert ends(client, Verb.RETURN)[-1] == (Stage.DONE, "return is done")
        heard = len(here.aircraft.commands)
        assert heard >= 16
        assert len({command.id for command in here.aircraft.commands}) == 1
        client.console(1.0)
        assert len(here.aircraft.commands) <= heard + 2, "it goes on after the answer"


def test_refused_by_the_aircraft(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        here.aircraft.script = lambda _: [(0.0, Stage.REFUSED, "NAV_DLL_ACT is 0 and must be 2")]
        assert ends(client, Verb.LAUNCH) == [(Stage.REFUSED, "NAV_DLL_ACT is 0 and must be 2")]


def test_never_answered(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        here.aircraft.deaf_for = 10_000
        ((stage, sentence),) = ends(client, Verb.ABORT)
        assert stage is Stage.FAILED
        assert "no answer from the aircraft within 3 s" in sentence
        command = here.aircraft.commands[0]
        assert command.expires_s - command.issued_s == pytest.approx(3.0)
        assert 20 <= len(here.aircraft.commands) <= 40


def test_one_operator_may_not_launch_and_a_guest_may_nothing(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        with Client(as_key(here.config, "constable")) as client:
            assert ends(client, Verb.LAUNCH) == [
                (Stage.REFUSED, "constable may not launch: that needs 'launch: true' in the vehicle's configuration")
            ]
            assert ends(client, Verb.ABORT)[-1][0] is Stage.DONE
        with Client(as_key(here.config, "guest")) as client:
            ((stage, sentence),) = ends(client, Verb.HOLD)
            assert stage is Stage.REFUSED
            assert "guest is not among the operators" in sentence
        assert {command.operator for command in here.aircraft.commands} == {"constable"}


@pytest.mark.parametrize("who", ["stranger", "aircraft"])
def test_other_keys_reach_nothing(tmp_path: Path, who: str) -> None:
    with vehicle(tmp_path) as here:
        config = as_key(here.config, who)
        if who == "stranger":  # a key pair that calls itself operator, and knows the daemon's public key
            folder = tmp_path / "strange"
            keys.make(folder, ("operator",))
            shutil.copy(tmp_path / "keys" / "groundlink.key", folder)
            config = msgspec.structs.replace(config, keys_folder=folder, client_key="operator")
        with Client(config) as client:
            with pytest.raises(LinkError, match="is your key known to it"):
                ends(client, Verb.ABORT)
            if who == "stranger":
                assert client.console(0.5) is None
        assert here.aircraft.commands == []
        assert not any(line["kind"] == "order" for line in here.log())


def test_missions_are_checked_before_anything_is_sent(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        ((stage, sentence),) = ends(client, Verb.LAUNCH, "name: x\norbit: round\n")
        assert stage is Stage.REFUSED
        assert sentence.startswith("the mission:2: orbit")
        assert here.aircraft.commands == []


def test_without_a_default_mission_one_has_to_be_named(tmp_path: Path) -> None:
    with vehicle(tmp_path, mission=None) as here, Client(here.config) as client:
        assert "name a mission" in ends(client, Verb.LAUNCH)[0][1]


def test_a_stop_overtakes_an_unanswered_launch(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        here.aircraft.script = lambda command: [] if command.verb is Verb.LAUNCH else [(0.0, Stage.DONE, "stopped")]
        launch = client.order(Verb.LAUNCH)
        until(here.aircraft.launches, "the launch on the air")
        assert ends(client, Verb.ABORT) == [(Stage.DONE, "stopped")]
        after = len(here.aircraft.commands)
        (answer,) = launch
        assert (answer.stage, answer.sentence) == (Stage.FAILED, "overtaken by abort before the aircraft had answered")
        client.console(0.5)
        assert all(command.verb is Verb.ABORT for command in here.aircraft.commands[after:])


def test_an_order_goes_on_when_its_client_has_gone_and_is_answered_again_by_its_id(tmp_path: Path) -> None:
    order = Order(id="order-0001", verb=Verb.LAUNCH)
    with vehicle(tmp_path) as here:
        here.aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes"), (0.5, Stage.DONE, "is up")]
        ring = keys.load(here.config.keys_folder, "operator")
        with Bus(ring) as bus:
            assert ask(bus, here.config, order).stage is Stage.ACCEPTED
        until(lambda: any(line["kind"] == "answer" and line["message"]["stage"] == "done" for line in here.log()), "the end")
        with Bus(ring) as bus:
            answer = ask(bus, here.config, order)
            assert (answer.stage, answer.sentence) == (Stage.DONE, "is up")
        assert len({command.id for command in here.aircraft.commands}) == 1


def ask(bus: Bus, config: GroundlinkConfig, order: Order) -> Answer:
    socket = bus.connect(zmq.DEALER, config.listen.orders, "groundlink")
    assert socket.poll(10_000, zmq.POLLOUT)
    socket.send(codec.encode("order", order))
    assert socket.poll(10_000)
    message = codec.decode(socket.recv())[1]
    assert isinstance(message, Answer)
    return message


def test_bytes_that_are_no_order_change_nothing(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Bus(keys.load(here.config.keys_folder, "operator")) as bus:
        socket = bus.connect(zmq.DEALER, here.config.listen.orders, "groundlink")
        assert socket.poll(10_000, zmq.POLLOUT)
        answer = codec.encode("answer", Answer(order_id="order-0001", stage=Stage.DONE, sentence=""))
        for junk in (b"", b"order\x00", b"order\x00\x63\x90", b"order\x00\x01\xc1", answer, b"\xff" * 1000):
            socket.send(junk)
        socket.send_multipart([b"two", b"parts"])
        socket.send(codec.encode("order", Order(id="order-0001", verb=Verb.STATUS)))
        assert socket.poll(10_000)
        message = codec.decode(socket.recv())[1]
        assert isinstance(message, Answer)
        assert message.stage is Stage.DONE
        assert message.sentence.startswith("the aircraft is on the roof")
        assert here.aircraft.commands == []


def test_what_was_asked_while_the_daemon_hung_is_not_obeyed(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        assert client.console(5.0) is not None
        here.pause_s = 2.5
        until(lambda: here.pause_s == 0.0, "the daemon to hang")
        ((stage, sentence),) = ends(client, Verb.LAUNCH)
        assert stage is Stage.REFUSED
        assert "say it again" in sentence
        assert here.aircraft.commands == []
        until(lambda: ends(client, Verb.HOLD)[-1][0] is Stage.DONE, "orders being taken again")


def test_without_a_daemon(tmp_path: Path) -> None:
    with vehicle(tmp_path, fly=False) as here:
        config = here.config
    with Client(config) as client:
        assert client.console(0.2) is None
        with pytest.raises(LinkError, match="is 'groundlink run' running"):
            ends(client, Verb.HOLD)
