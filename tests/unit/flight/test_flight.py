"""Flight as a whole, between the vehicle's heartbeats and the autopilot's bytes: ages, restarts, orders, the dead man."""

from __future__ import annotations

import os
import pty
import socket
from typing import Any

import pytest
from pymavlink.dialects.v20 import development as mavlink

from onboard.flight.configuration import FlightConfig
from onboard.flight.flight import STATE_S, Flight
from onboard.flight.link import UdpLink, open_link
from tests.unit.flight.build import ROOF, command
from tests.unit.flight.test_autopilot import MemoryLink, heartbeat, packed
from wire.errors import ConfigurationError, DeviceError
from wire.messages import AircraftState, Echo, LatchState, Reply, VehicleState, Verb

ROUND_S = 0.048
"""Not a whole part of any period."""


class Bench:
    """Flight, an autopilot that only says it is there, and a vehicle on a clock of its own, over a link with a delay."""

    def __init__(self) -> None:
        self.link = MemoryLink()
        self.flight = Flight(FlightConfig(), self.link)
        self.now_s = 1000.0
        self.ahead_s, self.delay_s, self.silent, self.sequence = 5000.0, 0.02, False, 0
        self.seen: AircraftState | None = None
        self.seen_s = 0.0
        self.replies: list[Reply] = []
        self._on_way: list[tuple[float, VehicleState]] = []
        self._beat_s = 0.0

    def run(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.now_s += ROUND_S
            if not self.silent and self.now_s - self._beat_s >= 0.2:
                self._beat_s = self.now_s
                self._on_way.append((self.now_s + self.delay_s, self._heartbeat()))
            for due_s, message in [each for each in self._on_way if each[0] <= self.now_s]:
                self._on_way.remove((due_s, message))
                self.flight.heartbeat(message, self.now_s)
            self.link.incoming.append(packed(heartbeat(armed=False)))
            for _, out in self.flight.round(self.now_s).messages:
                if isinstance(out, AircraftState):
                    self.seen, self.seen_s = out, self.now_s
                elif isinstance(out, Reply):
                    self.replies.append(out)

    def _heartbeat(self) -> VehicleState:
        self.sequence += 1
        echo = None if self.seen is None else Echo(peer_sent_s=self.seen.sent_s, received_s=self.seen_s + self.ahead_s)
        return VehicleState(
            sent_s=self.now_s + self.ahead_s, sequence=self.sequence, position=ROOF, position_age_s=0.1, speed_m_s=0.0,
            latch=LatchState(open=False, closed=True, seated=True), latch_age_s=0.0, echo=echo,
        )  # fmt: skip

    def relayed(self) -> int:
        """Ground station heartbeats to PX4 since the last call."""
        beats = [x for x in self.link.messages() if x.get_type() == "HEARTBEAT" and x.type == mavlink.MAV_TYPE_GCS]
        self.link.written.clear()
        return len(beats)

    def order(self, verb: Verb, **changes: Any) -> Reply:
        given = command(verb, len(self.replies), **changes)
        self.flight.command(given, self.now_s)
        self.run(0.1)
        return next(r for r in self.replies if r.command_id == given.id)


def test_px4_hears_of_a_ground_station_while_the_vehicle_is_heard_and_no_longer() -> None:
    bench = Bench()
    bench.run(1.0)
    bench.relayed()
    bench.run(20.0)
    assert 19 <= bench.relayed() <= 21
    bench.silent = True
    bench.run(2.2)
    bench.relayed()
    bench.run(10.0)
    assert bench.relayed() == 0
    bench.silent = False
    bench.run(3.0)
    assert bench.relayed() >= 2


def test_heartbeats_that_were_long_on_their_way_do_not_keep_it_alive() -> None:
    """A radio that buffers for seconds delivers a steady stream of old news."""
    bench = Bench()
    bench.run(3.0)
    bench.delay_s = 6.0
    bench.run(9.0)
    bench.relayed()
    bench.run(10.0)
    assert bench.relayed() == 0
    assert bench.seen is not None and bench.seen.uplink_age_s is not None and bench.seen.uplink_age_s >= 6.0


def test_a_restarted_daemon_keeps_it_alive() -> None:
    bench = Bench()
    bench.run(3.0)
    bench.sequence = 0
    bench.relayed()
    bench.run(3.0)
    assert bench.relayed() >= 2


def test_a_restarted_vehicle_is_heard_and_obeyed_again_on_its_new_clock() -> None:
    bench = Bench()
    bench.run(3.0)
    bench.silent = True
    bench.run(40.0)
    bench.silent, bench.sequence, bench.ahead_s = False, 0, -1030.0
    bench.run(2.0)
    bench.relayed()
    bench.run(3.0)
    assert bench.relayed() >= 2
    issued_s = bench.now_s + bench.ahead_s
    reply = bench.order(Verb.LAND, issued_s=issued_s, expires_s=issued_s + 3.0)
    assert reply.sentence == "land refused: it means nothing while stowed", "judged by the new clock, not out of its time"


@pytest.mark.parametrize(
    ("late_s", "says"), [(0.0, "means nothing while stowed"), (4.0, "has expired"), (-2.0, "claims to come from the future")]
)
def test_orders_are_judged_by_the_vehicles_clock(late_s: float, says: str) -> None:
    bench = Bench()
    bench.run(3.0)
    issued_s = bench.now_s + bench.ahead_s - late_s
    assert says in bench.order(Verb.LAND, issued_s=issued_s, expires_s=issued_s + 3.0).sentence


def test_before_the_clocks_are_compared_no_order_is_taken() -> None:
    assert "the vehicle's clock is not known yet" in Bench().order(Verb.LAND).sentence


def test_the_state_goes_down_at_its_rate() -> None:
    """However the rounds fall between."""
    bench = Bench()
    bench.run(4.0)
    assert bench.seen is not None
    before = bench.seen.sequence
    bench.run(20.0)
    assert bench.seen.sequence - before == pytest.approx(20.0 / STATE_S, abs=1)
    assert bench.seen.echo is not None and bench.seen.echo.peer_sent_s == pytest.approx(bench.now_s + bench.ahead_s, abs=0.4)


def test_a_udp_link_answers_whoever_speaks_and_survives_his_going() -> None:
    link = UdpLink("127.0.0.1", 0)
    port = link._socket.getsockname()[1]
    link.write(b"to nobody yet")
    assert link.read() == b""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as px4:
        px4.settimeout(5.0)
        px4.sendto(b"one", ("127.0.0.1", port))
        px4.sendto(b"two", ("127.0.0.1", port))
        data = b""
        for _ in range(1000):
            data += link.read()
            if data == b"onetwo":
                break
        assert data == b"onetwo"
        link.write(b"answer")
        assert px4.recv(100) == b"answer"
    for _ in range(10):  # he has gone: refused, then silence
        link.write(b"more")
        assert link.read() == b""
    with pytest.raises(DeviceError, match="is another one running"):
        UdpLink("127.0.0.1", port)
    link.close()


@pytest.mark.parametrize("address", ["", "udp", "udp:14540", "tcp:127.0.0.1:1", "udp:127.0.0.1:x", "serial:115200"])
def test_an_address_that_is_none_says_how_to_write_one(address: str) -> None:
    with pytest.raises(ConfigurationError, match=r"write udp:HOST:PORT or serial:DEVICE:BAUD"):
        open_link(address)


def test_a_serial_line_that_is_not_there_says_so() -> None:
    with pytest.raises(DeviceError, match="cannot open the autopilot's serial line /no/such/tty at 921600 baud: ") as caught:
        open_link("serial:/no/such/tty:921600")
    assert "there is no such device" in str(caught.value) and "enable_uart" in str(caught.value)
    assert "Errno" not in str(caught.value)


def test_a_serial_line_that_is_none_or_taken_says_what_to_look_at() -> None:
    with pytest.raises(DeviceError, match="it is no serial device") as caught:
        open_link("serial:/dev/null:921600")
    assert "(25" not in str(caught.value)
    controller, terminal = pty.openpty()
    device = os.ttyname(terminal)
    link = open_link(f"serial:{device}:921600")
    try:
        with pytest.raises(DeviceError, match=f"{device} .* another program has it open"):
            open_link(f"serial:{device}:921600")
    finally:
        link.close()
        os.close(controller)
        os.close(terminal)
