"""A MAVLink link: its own sequence numbers, streams, peers, texts and counts."""

from __future__ import annotations

import random
from collections import deque
from collections.abc import Mapping
from enum import Enum
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commander.heartbeats import HEARTBEAT_TIMEOUT_S
from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.streams import STREAM_OFF, Streams
from sitl.autopilot.protocol.timesync import Timesync
from sitl.autopilot.telling.statustext import TextQueue
from sitl.autopilot.telling.texts import Text

__all__ = ["STREAM_OFF", "TRAITS", "Datagram", "Link", "LinkName", "Peer", "Traits"]

MAX_PEERS = 16
PASSING_BYTES, PASSING_HEADER_BYTES = 583, 4  # what waits to be passed on: PX4's buffer of two messages of the largest size
RATES_EVERY_S = 1.0
STATUS_EVERY_S = 0.5
"""PX4 publishes its status when it changes, and otherwise this often; what tells of it is sent once for each."""


class LinkName(Enum):
    """The links of a simulated PX4: local port, remote port, of instance 0 (px4-rc.mavlink)."""

    ONBOARD = (14580, 14540)
    GCS = (18570, 14550)
    CAMERA = (14280, 14030)
    GIMBAL = (13030, 13280)
    DISPLAY = (19450, 19410)


class Traits(NamedTuple):
    """What PX4 starts a link with: how much it may send, whether it forwards, whether it obeys and answers."""

    budget_bytes_s: float
    forwards: bool = True
    serves: bool = True
    unlimited: frozenset[int] = frozenset()


_GPS = frozenset({mavlink.MAVLINK_MSG_ID_GPS_RAW_INT})
TRAITS = {
    LinkName.ONBOARD: Traits(4e6, unlimited=_GPS),
    LinkName.GCS: Traits(4e6),
    LinkName.CAMERA: Traits(4e3, unlimited=_GPS),
    LinkName.GIMBAL: Traits(4e5, serves=False),
    LinkName.DISPLAY: Traits(4e5, forwards=False),
}


class Datagram(NamedTuple):
    """Bytes to send on a link."""

    link: LinkName
    data: bytes


class Peer(NamedTuple):
    """A MAVLink component."""

    system: int
    component: int


class _Traffic:
    """What LINK_NODE_STATUS tells of one direction: a rate over the last second, a count."""

    def __init__(self) -> None:
        self.messages = 0
        self.rate_bytes_s = 0
        self._bytes = 0

    def count(self, size: int, messages: int = 1) -> None:
        self._bytes += size
        self.messages += messages

    def second_over(self) -> None:
        self.rate_bytes_s, self._bytes = round(self._bytes / RATES_EVERY_S), 0


class Link:
    """One link's state. Packing a message counts its sequence number.

    `told_us` are the intervals MESSAGE_INTERVAL tells; `told_s`: when each message was sent last.
    """

    def __init__(
        self, name: LinkName, system: int, component: int, rates_hz: dict[int, float], told_us: Mapping[int, int] | None = None
    ) -> None:
        self.name = name
        self.traits = TRAITS[name]
        self.default_rates_hz = dict(rates_hz)
        self.told_us = dict(told_us or {})
        self.peers: list[Peer] = []
        self.gcs_heartbeat_s: float | None = None
        self._mav = mavlink.MAVLink(None, srcSystem=system, srcComponent=component)
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True
        self._streams = Streams(rates_hz, self.traits.budget_bytes_s, self.traits.unlimited)
        self._texts = TextQueue()
        self._sent, self._received = _Traffic(), _Traffic()
        self._sequences: dict[Peer, int] = {}
        self._lost = 0
        self._status: object = None
        self._status_again_s = 0.0
        self._rates_due_s = RATES_EVERY_S
        self._passing: deque[bytes] = deque()
        self.clock = Timesync()
        self.told_s: dict[int, float] = {}
        self.luck = random.Random(name.name)

    # In

    def parse(self, datagram: bytes) -> list[mavlink.MAVLink_message]:
        """The messages that are whole with this datagram, in order. Broken ones are dropped, as PX4 drops them."""
        self._received.count(len(datagram), 0)
        try:
            parsed = self._parser.parse_buffer(datagram) or []
        except (mavlink.MAVError, UnicodeDecodeError):
            return []
        extra = (dialect.read(bytes(m.data)) if isinstance(m, mavlink.MAVLink_unknown) else m for m in parsed)
        messages = [message for message in extra if message is not None and message.get_msgId() >= 0]
        for message in messages:
            self._count_received(message)
        return messages

    def _count_received(self, message: mavlink.MAVLink_message) -> None:
        self._received.messages += 1
        peer = Peer(message.get_srcSystem(), message.get_srcComponent())
        last = self._sequences.get(peer)
        if last is not None:
            self._lost += (message.get_seq() - last - 1) % 256
        if last is not None or len(self._sequences) < MAX_PEERS:
            self._sequences[peer] = message.get_seq()

    def meet(self, peer: Peer) -> None:
        """Remember who talks on this link."""
        if peer not in self.peers and len(self.peers) < MAX_PEERS:
            self.peers.append(peer)

    def knows(self, peer: Peer) -> bool:
        """Whether a message to this address concerns someone on this link: system 0 is anybody, component 0 any of a system."""
        if peer.system == 0:
            return bool(self.peers)
        return any(peer.system == known.system and peer.component in (0, known.component) for known in self.peers)

    # Out

    def pack(self, message: mavlink.MAVLink_message) -> Datagram:
        """The bytes of a message, numbered."""
        data = bytes(message.pack(self._mav))
        self._mav.seq = (self._mav.seq + 1) % 256
        self._sent.count(len(data))
        return Datagram(self.name, data)

    def pass_on(self, data: bytes) -> None:
        """A message of another link, to be sent as it is; lost if too much waits already."""
        waiting = sum(PASSING_HEADER_BYTES + len(one) for one in self._passing)
        if waiting + PASSING_HEADER_BYTES + len(data) <= PASSING_BYTES:
            self._passing.append(data)

    def passing(self) -> Datagram | None:
        """The next message to pass on: one at a time."""
        return Datagram(self.name, self._passing.popleft()) if self._passing else None

    def interval_s(self, message: int) -> float:
        """The interval a message is sent at, STREAM_OFF if it is not."""
        return self._streams.interval_s(message)

    def set_interval(self, message: int, interval_s: float, now_s: float) -> None:
        """Send a message every interval_s from now on; STREAM_OFF stops it."""
        self._streams.set_interval(message, interval_s, now_s)

    def due(self, now_s: float) -> list[int]:
        """The streams whose time has come."""
        if now_s >= self._rates_due_s:
            self._rates_due_s += RATES_EVERY_S
            self._sent.second_over()
            self._received.second_over()
        return self._streams.due(now_s)

    def news(self, status: object, now_s: float) -> bool:
        """Whether this status was published since the link was last told of one."""
        if status == self._status and now_s < self._status_again_s:
            return False
        self._status, self._status_again_s = status, now_s + STATUS_EVERY_S
        return True

    def node_status(self, now_s: float) -> mavlink.MAVLink_message:
        """LINK_NODE_STATUS; its time stamp is in microseconds, as PX4's is."""
        return dialect.message(
            dialect.LINK_NODE_STATUS,
            timestamp=round(now_s * 1e6),
            tx_rate=self._sent.rate_bytes_s,
            rx_rate=self._received.rate_bytes_s,
            messages_sent=self._sent.messages,
            messages_received=self._received.messages,
            messages_lost=self._lost,
        )

    # Texts

    def say(self, text: Text, now_s: float) -> None:
        """Queue a text."""
        self._texts.say(text, now_s)

    def gcs_alive(self, now_s: float) -> bool:
        """Whether this link itself hears a ground station."""
        return self.gcs_heartbeat_s is not None and now_s - self.gcs_heartbeat_s <= HEARTBEAT_TIMEOUT_S

    def due_texts(self, now_s: float) -> list[mavlink.MAVLink_message]:
        """The STATUSTEXTs to send now."""
        return self._texts.due(now_s, heard=self.gcs_alive(now_s))
