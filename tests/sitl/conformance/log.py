"""What came in on one link, in order, each with its simulated time; decoded when somebody asks."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

from pymavlink.dialects.v20 import development as mavlink

NUMBERS: dict[str, int] = {kind.msgname: number for number, kind in mavlink.mavlink_map.items()}
V1, V2 = 0xFE, 0xFD
NEWEST_KEPT = 400_000
_SIGNED = 1


class Frame(NamedTuple):
    """A MAVLink packet and when it came, in seconds of the autopilot's own clock."""

    t_s: float
    data: bytes

    @property
    def version(self) -> int:
        """Of MAVLink: 1 or 2."""
        return 2 if self.data[0] == V2 else 1

    @property
    def source(self) -> tuple[int, int]:
        """System and component of the sender."""
        return (self.data[5], self.data[6]) if self.data[0] == V2 else (self.data[3], self.data[4])

    @property
    def number(self) -> int:
        """The message's id."""
        return int.from_bytes(self.data[7:10], "little") if self.data[0] == V2 else self.data[5]

    @property
    def payload(self) -> bytes:
        """As sent: without the zeros that MAVLink 2 cuts from its end."""
        start = 10 if self.data[0] == V2 else 6
        return self.data[start : start + self.data[1]]


class Seen(NamedTuple):
    """A decoded message and when it came."""

    t_s: float
    message: Any


class Words(NamedTuple):
    """A STATUSTEXT put together from its pieces: when its last piece came, severity, words."""

    t_s: float
    severity: int
    words: str


def frames(t_s: float, datagram: bytes) -> list[Frame]:
    """The packets of a datagram. Raises ValueError for bytes that are none."""
    found, at = [], 0
    while at < len(datagram):
        size = _size(datagram, at)
        if size is None or at + size > len(datagram):
            raise ValueError(f"no MAVLink packet at byte {at} of {datagram.hex()}")
        found.append(Frame(t_s, datagram[at : at + size]))
        at += size
    return found


def _size(data: bytes, at: int) -> int | None:
    if data[at] == V2 and len(data) >= at + 12:
        return 12 + data[at + 1] + (13 if data[at + 2] & _SIGNED else 0)
    return 8 + data[at + 1] if data[at] == V1 and len(data) >= at + 2 else None


class Log:
    """Messages by type: the autopilot's own (`of`, `last`), and everybody's (`frames`)."""

    def __init__(self, autopilot: tuple[int, int]) -> None:
        self.frames: list[Frame] = []
        self._autopilot = autopilot
        self._own: dict[int, list[Frame]] = {}
        self._decoded: dict[int, list[Seen]] = {}
        self._parser = mavlink.MAVLink(None)

    def add(self, t_s: float, datagram: bytes) -> list[Frame]:
        """Take in a datagram; its packets."""
        new = frames(t_s, datagram)
        for frame in new:
            self.frames.append(frame)
            if frame.source == self._autopilot:
                self._own.setdefault(frame.number, []).append(frame)
        assert len(self.frames) < NEWEST_KEPT, "too long a flight for one case: clear the log in between"
        return new

    def clear(self) -> None:
        """Forget everything."""
        self.frames.clear()
        self._own.clear()
        self._decoded.clear()

    def raw(self, number: int, since_s: float = 0.0) -> list[Frame]:
        """The autopilot's packets of a type by number, also of types the dialect does not know."""
        return [frame for frame in self._own.get(number, []) if frame.t_s >= since_s]

    def of(self, kind: str, since_s: float = 0.0) -> list[Seen]:
        """The autopilot's messages of a type, such as "HEARTBEAT", in order."""
        number = NUMBERS[kind]
        known = self._decoded.setdefault(number, [])
        for frame in self._own.get(number, [])[len(known) :]:
            known.append(Seen(frame.t_s, self._parser.decode(bytearray(frame.data))))
        return known if since_s <= 0.0 else [seen for seen in known if seen.t_s >= since_s]

    def last(self, kind: str) -> Any:
        """The newest message of a type; AssertionError if there was none."""
        own = self._own.get(NUMBERS[kind])
        assert own, f"no {kind} was received"
        return self._parser.decode(bytearray(own[-1].data))

    def has(self, kind: str) -> bool:
        """Whether a message of a type came."""
        return bool(self._own.get(NUMBERS[kind]))

    def rate_hz(self, kind: str, since_s: float, until_s: float) -> float:
        """How often it came from one time to another."""
        count = sum(since_s <= frame.t_s < until_s for frame in self._own.get(NUMBERS[kind], []))
        return count / (until_s - since_s)

    def changes(self, kind: str, value: Callable[[Any], object]) -> list[tuple[float, Any]]:
        """Each new value of something in a message, and when it was first seen."""
        found: list[tuple[float, Any]] = []
        for t_s, message in self.of(kind):
            now = value(message)
            if not found or found[-1][1] != now:
                found.append((t_s, now))
        return found

    @property
    def acks(self) -> list[Seen]:
        """Each COMMAND_ACK."""
        return self.of("COMMAND_ACK")

    @property
    def texts(self) -> list[Words]:
        """Each STATUSTEXT, its pieces put together."""
        found: list[Words] = []
        number = -1
        for t_s, message in self.of("STATUSTEXT"):
            if message.id == number and message.chunk_seq > 0:
                found[-1] = Words(t_s, message.severity, found[-1].words + message.text)
            else:
                found.append(Words(t_s, message.severity, message.text))
            number = message.id
        return found
