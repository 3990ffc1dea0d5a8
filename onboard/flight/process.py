"""The flight process: sockets, one thread, one loop around `Flight`."""

from __future__ import annotations

import zmq

from onboard.flight.configuration import FlightConfig
from onboard.flight.flight import Flight
from onboard.flight.link import Link, open_link
from onboard.flight.record import Record
from wire.clock import Clock
from wire.journal import Journal
from wire.keys import Keyring
from wire.messages import Command, PadSighting, VehicleState
from wire.sockets import Bus, Publisher, Subscriber
from wire.supervise import StopFlag

ROUND_S = 0.05
VISION_TOPICS = ("vision_state", "pad_sighting")


class FlightProcess:
    """Everything the loop holds. `round` is one turn of it."""

    def __init__(self, config: FlightConfig, link: Link, bus: Bus, clock: Clock, journal: Journal) -> None:
        self._bus, self._clock = bus, clock
        self._flight = Flight(config, link, clock.speed)
        self._down = Publisher(bus.bind(zmq.PUB, config.downlink, ["groundlink", "operator"], depth=64))
        self._board = Publisher(bus.bind(zmq.PUB, config.pose, ["aircraft"], depth=64))
        self._up = Subscriber(bus.bind(zmq.SUB, config.uplink, ["groundlink"], depth=32), bus.keyring, ["command", "vehicle"])
        self._vision = Subscriber(bus.connect(zmq.SUB, config.vision, "aircraft", depth=4), bus.keyring, VISION_TOPICS)
        bus.watch(self._up, self._vision, link.fileno())
        self._record = Record(journal)

    def round(self) -> None:
        self._bus.wait(self._clock.wall_s(ROUND_S))
        now_s = self._clock.now_s()
        for _, sighting, _ in self._vision.receive(now_s):
            if isinstance(sighting, PadSighting):
                self._flight.sighted(sighting, now_s)
        for _, message, sender in self._up.receive(now_s):
            if isinstance(message, VehicleState):
                self._flight.heartbeat(message, now_s)
            elif isinstance(message, Command):
                self._record.command(now_s, message, sender)
                self._flight.command(message, now_s)
        turn = self._flight.round(now_s, self._vision.health["vision_state"].age_s(now_s))
        for topic, message in turn.messages:
            (self._board if topic == "pose" else self._down).send(topic, message)
        self._record.turn(now_s, turn)


def run(config: FlightConfig, keyring: Keyring, clock: Clock, journal: Journal, stop: StopFlag) -> int:
    """Until stopped. Raises DeviceError or LinkError when a socket or line cannot be opened, or breaks."""
    link = open_link(config.autopilot)
    try:
        with Bus(keyring) as bus:
            process = FlightProcess(config, link, bus, clock, journal)
            while not stop:
                process.round()
    finally:
        link.close()
    return 0
