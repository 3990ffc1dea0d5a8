"""The daemon's other half over real sockets: heartbeat, clocks, latch, console, and what happens when nobody is heard."""

from __future__ import annotations

import itertools
import socket
from pathlib import Path

import pytest
import zmq

from groundlink.client import Client
from groundlink.configuration import LatchConfig
from groundlink.latch.simulated import SimulatedLatch
from groundlink.position.nmea import NmeaSource
from sitl.stack.ports import free_ports
from tests.unit.groundlink.build import ROOF, latch
from tests.unit.groundlink.test_nmea import GGA, RMC
from tests.wire.ground import BOARD_AHEAD_S, Vehicle, until, vehicle
from wire import keys
from wire.errors import DeviceError
from wire.messages import ConsoleState, LatchReport, LatchRequest, Phase, Stage, Verb
from wire.sockets import Bus, Publisher, Subscriber


def seen(client: Client) -> ConsoleState:
    console = client.console(10.0)
    assert console is not None
    return console


def test_heartbeat_and_clocks(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        until(lambda: seen(client).clock_offset_s is not None, "the comparison of the clocks")
        console = seen(client)
        assert console.clock_offset_s == pytest.approx(BOARD_AHEAD_S, abs=0.5)
        assert console.round_trip_s is not None
        assert 0 <= console.round_trip_s < 1
        assert console.aircraft_age_s is not None
        until(lambda: len(here.aircraft.heartbeats) > 15, "heartbeats")
        beats = here.aircraft.heartbeats[-10:]
        assert [beat.sequence for beat in beats] == list(range(beats[0].sequence, beats[0].sequence + 10))
        assert beats[-1].position == ROOF
        assert beats[-1].latch == latch()
        span_s = beats[-1].sent_s - beats[0].sent_s
        assert span_s == pytest.approx(9 * 0.2, rel=0.5)
        assert seen(client).warnings == [
            "the picture's side of the link is silent, the camera itself works: check the radio's load"
        ]


def test_a_hanging_daemon_sends_no_heartbeat(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        here.pause_s = 1.5
        until(lambda: here.pause_s == 0.0, "the daemon to hang")
        before = len(here.aircraft.heartbeats)
        until(lambda: len(here.aircraft.heartbeats) > before + 3, "heartbeats again")
        stamps = [beat.sent_s for beat in here.aircraft.heartbeats]
        gaps_s = [later - earlier for earlier, later in itertools.pairwise(stamps)]
        assert max(gaps_s) > 1.4, "somebody sent in its stead"


def test_a_silent_aircraft_is_a_lost_link(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        here.aircraft.state = {"phase": Phase.SURVEYING, "armed": True}
        until(lambda: seen(client).aircraft.armed, "the flight")  # type: ignore[union-attr]
        here.aircraft.silent = True
        until(lambda: any("the link is lost" in warning for warning in seen(client).warnings), "the warning")
        assert "comes back by itself" in " ".join(seen(client).warnings)
        here.aircraft.silent = False
        until(lambda: not any("the link is lost" in warning for warning in seen(client).warnings), "the link again")
    kinds = [line["kind"] for line in here.log() if str(line["kind"]).startswith("link")]
    assert kinds == ["link_regained", "link_lost", "link_regained"] or kinds[-3:] == kinds[:3]


def test_position_lost(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        here.position.position = None
        until(lambda: here.aircraft.heartbeats[-1].position is None, "a heartbeat without a position")
        until(lambda: any("position is not known" in warning for warning in seen(client).warnings), "the warning")


def asks(here: Vehicle, phase: Phase, request: LatchRequest, *, armed: bool) -> None:
    here.aircraft.state = {"phase": phase, "latch_request": request, "armed": armed}


def heard(here: Vehicle, phase: Phase, client: Client) -> None:
    until(lambda: (state := seen(client).aircraft) is not None and state.phase is phase, f"phase {phase}")


def is_open(here: Vehicle) -> bool:
    beat = here.aircraft.heartbeats[-1]
    return beat.latch is not None and beat.latch.open


def test_the_latch_through_a_flight(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here, Client(here.config) as client:
        asks(here, Phase.RELEASING, LatchRequest.OPEN, armed=False)
        heard(here, Phase.RELEASING, client)
        assert seen(client).latch_reason == "kept: the aircraft asks to open, but no launch was ordered here"
        assert not is_open(here)
        here.aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes"), (1.5, Stage.DONE, "is up")]
        launch = client.order(Verb.LAUNCH)
        assert next(launch).stage is Stage.ACCEPTED
        until(lambda: is_open(here), "the latch open")
        asks(here, Phase.CLIMBING, LatchRequest.CLOSE, armed=True)  # nonsense, and dangerous
        here.latch.seated = False
        assert next(launch).stage is Stage.DONE
        heard(here, Phase.CLIMBING, client)
        assert "not known to be disarmed" in seen(client).latch_reason
        asks(here, Phase.SECURING, LatchRequest.CLOSE, armed=False)
        heard(here, Phase.SECURING, client)
        assert "seat sensor" in seen(client).latch_reason
        assert is_open(here)
        here.latch.seated = True
        until(lambda: here.aircraft.heartbeats[-1].latch == latch(), "the latch closed")


def test_a_stuck_latch_is_told(tmp_path: Path) -> None:
    with vehicle(tmp_path, clock_speed=3.0) as here, Client(here.config) as client:
        here.aircraft.script = lambda _: [(0.0, Stage.ACCEPTED, "goes")]
        here.latch.stuck = True
        asks(here, Phase.RELEASING, LatchRequest.OPEN, armed=False)
        assert next(client.order(Verb.LAUNCH)).stage is Stage.ACCEPTED
        until(lambda: "look at it" in seen(client).latch_reason, "a stuck latch")


def test_a_latch_that_contradicts_itself_goes_up_as_invalid(tmp_path: Path) -> None:
    with vehicle(tmp_path) as here:
        here.latch.contradicting = True
        until(lambda: (state := here.aircraft.heartbeats[-1].latch) is not None and not state.valid, "an invalid latch")


def test_a_log_that_cannot_be_written_is_said_and_everything_goes_on(tmp_path: Path) -> None:
    (tmp_path / "log").write_text("a file where the folder should be")
    with vehicle(tmp_path) as here, Client(here.config) as client:
        assert [answer.stage for answer in client.order(Verb.HOLD)] == [Stage.ACCEPTED, Stage.DONE]
        assert any("cannot be written" in warning for warning in seen(client).warnings)


def test_the_simulated_latch_over_its_sockets(tmp_path: Path) -> None:
    keys.make(tmp_path)
    at = [f"tcp://127.0.0.1:{port}" for port in free_ports(2)]
    with Bus(keys.load(tmp_path, "world")) as world, Bus(keys.load(tmp_path, "groundlink")) as ground:
        orders = Subscriber(world.bind(zmq.SUB, at[0], ["groundlink"]), world.keyring, ("latch_order",))
        reports = Publisher(world.bind(zmq.PUB, at[1], ["groundlink"]))
        device = SimulatedLatch(LatchConfig(orders=at[0], reports=at[1]), ground)
        assert device.read(1.0) is None

        def ordered() -> bool:
            device.order(to_open=True, now_s=2.0)
            return any(received.sender == "groundlink" for received in orders.receive(0.0))

        until(ordered, "an order")

        def reported() -> bool:
            reports.send("latch_report", LatchReport(at_s=4.0, state=latch(is_open=True, closed=False)))
            return device.read(5.0) is not None

        until(reported, "a report")
        assert device.read(5.0) == (latch(is_open=True, closed=False), 1.0)


def test_nmea_over_udp() -> None:
    probe = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    probe.bind(("127.0.0.1", 0))
    port = probe.getsockname()[1]
    with pytest.raises(DeviceError, match="is another one running"):
        NmeaSource("127.0.0.1", port)
    probe.close()
    source = NmeaSource("127.0.0.1", port)
    try:
        assert source.read(1.0) is None
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as receiver:
            for data in (GGA + RMC, b"\xff garbage", GGA.replace(b"*47", b"*48")):
                receiver.sendto(data, ("127.0.0.1", port))
        until(lambda: source.read(2.0) is not None and source.parser.broken == 2, "the sentences")
        fix = source.read(3.5)
        assert fix is not None
        assert fix.age_s == pytest.approx(1.5)
    finally:
        source.close()
