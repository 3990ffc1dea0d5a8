"""A MAVLink link: its own sequence numbers, streams, peers and queue of texts."""

from __future__ import annotations

import heapq
from collections import deque
from dataclasses import dataclass
from enum import Enum
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.heartbeats import HEARTBEAT_TIMEOUT_S
from sitl.autopilot.texts import Text

MAX_PEERS = 16
MAX_TEXTS = 8  # PX4's queue length of mavlink_log
TEXT_SPACING_S = 0.05
TEXT_CHUNK = 50
STREAM_OFF = 0.0


class LinkName(Enum):
    """The links of a simulated PX4: local port, remote port, of instance 0."""

    ONBOARD = (14580, 14540)
    GCS = (18570, 14550)
    DISPLAY = (19450, 19410)


class Datagram(NamedTuple):
    """Bytes to send on a link."""

    link: LinkName
    data: bytes


class Peer(NamedTuple):
    """A MAVLink component."""

    system: int
    component: int


@dataclass
class Stream:
    """A message sent regularly; interval_s 0 is off, `due_s` when next."""

    interval_s: float
    due_s: float = 0.0


def _first_s(rate_hz: float) -> float:
    """When a stream begins after start: fast ones at once, the first heartbeat after 1.2 s, as PX4 does."""
    return 0.16 if rate_hz > 1.0 else 1.18 if rate_hz == 1.0 else 2.18


class Link:
    """One link's state. Packing a message counts its sequence number."""

    def __init__(self, name: LinkName, system: int, component: int, rates_hz: dict[int, float]) -> None:
        self.name = name
        self.forwards = name is not LinkName.DISPLAY
        self.default_rates_hz = dict(rates_hz)
        self.peers: list[Peer] = []
        self.gcs_heartbeat_s: float | None = None
        self._mav = mavlink.MAVLink(None, srcSystem=system, srcComponent=component)
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True
        self._streams = {message: Stream(1.0 / hz, _first_s(hz)) for message, hz in rates_hz.items() if hz > 0.0}
        self._due = [(stream.due_s, message) for message, stream in self._streams.items()]
        heapq.heapify(self._due)
        self._texts: deque[Text] = deque(maxlen=MAX_TEXTS)
        self._text_chunks: deque[tuple[int, bytes, int, int]] = deque(maxlen=2 * MAX_TEXTS)
        self._next_text_s = 0.0
        self._text_id = 0

    # In

    def parse(self, datagram: bytes) -> list[mavlink.MAVLink_message]:
        """The intact messages of a datagram, in order. Broken ones are dropped, as PX4 drops them."""
        self._parser.buf = bytearray()
        self._parser.buf_index = 0
        self._parser.expected_length = mavlink.HEADER_LEN_V1 + 2
        try:
            messages = self._parser.parse_buffer(datagram) or []
        except (mavlink.MAVError, UnicodeDecodeError):
            return []
        return [message for message in messages if message.get_msgId() >= 0]

    def meet(self, peer: Peer) -> None:
        """Remember who talks on this link."""
        if peer not in self.peers and len(self.peers) < MAX_PEERS:
            self.peers.append(peer)

    def knows(self, peer: Peer) -> bool:
        """Whether a message to this address (0: any) concerns someone on this link."""
        return any(peer.system in (0, known.system) and peer.component in (0, known.component) for known in self.peers)

    # Out

    def pack(self, message: mavlink.MAVLink_message) -> Datagram:
        """The bytes of a message, numbered."""
        data = message.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) % 256
        return Datagram(self.name, bytes(data))

    def interval_s(self, message: int) -> float:
        """The interval a message is sent at, STREAM_OFF if it is not."""
        stream = self._streams.get(message)
        return STREAM_OFF if stream is None else stream.interval_s

    def set_interval(self, message: int, interval_s: float, now_s: float) -> None:
        """Send a message every interval_s from now on; STREAM_OFF stops it."""
        if interval_s <= STREAM_OFF:
            self._streams.pop(message, None)
            return
        known = self._streams.get(message)
        if known is None:
            self._streams[message] = Stream(interval_s, now_s + interval_s)
            heapq.heappush(self._due, (now_s + interval_s, message))
        else:
            known.interval_s = interval_s

    def due(self, now_s: float) -> list[int]:
        """The messages whose time has come, each once; what was missed is not made up for."""
        ready: list[int] = []
        while self._due and self._due[0][0] <= now_s:
            due_s, message = heapq.heappop(self._due)
            stream = self._streams.get(message)
            if stream is None or due_s < stream.due_s:
                continue
            ready.append(message)
            stream.due_s = max(due_s + stream.interval_s, now_s)
            heapq.heappush(self._due, (stream.due_s, message))
        return ready

    # Texts

    def say(self, text: Text) -> None:
        """Queue a text; the oldest goes when the queue is full."""
        self._texts.append(text)

    def gcs_alive(self, now_s: float) -> bool:
        """Whether this link itself hears a ground station."""
        return self.gcs_heartbeat_s is not None and now_s - self.gcs_heartbeat_s <= HEARTBEAT_TIMEOUT_S

    def next_text(self, now_s: float) -> mavlink.MAVLink_message | None:
        """A piece of text to send now: only to a ground station, at most one each 50 ms."""
        if now_s < self._next_text_s or not self.gcs_alive(now_s):
            return None
        if not self._text_chunks and self._texts:
            self._split(self._texts.popleft())
        if not self._text_chunks:
            return None
        self._next_text_s = now_s + TEXT_SPACING_S
        severity, piece, number, sequence = self._text_chunks.popleft()
        return mavlink.MAVLink_statustext_message(severity, piece, number, sequence)

    def _split(self, text: Text) -> None:
        data = text.words.encode("ascii", "replace")
        pieces = [data[start : start + TEXT_CHUNK] for start in range(0, len(data), TEXT_CHUNK)]
        number = 0
        if len(pieces) > 1:
            self._text_id = self._text_id % 65535 + 1
            number = self._text_id
        self._text_chunks.extend((text.severity, piece, number, sequence) for sequence, piece in enumerate(pieces))
