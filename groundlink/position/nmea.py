"""NMEA 0183 over UDP, as GNSS receivers and vehicle routers send it: position, altitude and fix from GGA, speed from RMC."""

from __future__ import annotations

import math
import re
import socket

from pynmeagps import NMEAReader
from pynmeagps.exceptions import NMEAMessageError, NMEAParseError, NMEATypeError

from groundlink.position import Fix
from wire.errors import DeviceError
from wire.geo import Position

KNOT_M_S = 1852 / 3600  # the international nautical mile, by definition
_SENTENCE = re.compile(rb"\$[A-Z][A-Z0-9]{2,9},.*\*[0-9A-Fa-f]{2}", re.DOTALL)
_NO_FIX = (0, 6, 7, 8)  # GGA quality: invalid, dead reckoning, manual, simulator (NMEA 0183, GGA field 6)
_DATAGRAMS_AT_ONCE = 64
_LARGEST_DATAGRAM_BYTES = 4096
_SPEED_VALID_S = 3.0


class NmeaParser:
    """Sentences in, fix out. Pure. `antenna_above_pad_m` is taken off the altitude."""

    def __init__(self, antenna_above_pad_m: float = 0.0) -> None:
        self._antenna_above_pad_m = antenna_above_pad_m
        self._position: tuple[Position, float] | None = None
        self._utc: object = None
        self._speed: tuple[float, float] | None = None
        self.sentences = 0
        self.broken = 0
        """Lines whose checksum or content was wrong."""

    def feed(self, data: bytes, now_s: float) -> None:
        """One datagram: any number of sentences, or anything at all."""
        for line in data.splitlines():
            if line.strip():
                self._line(line.strip(), now_s)

    def fix(self, now_s: float) -> Fix | None:
        if self._position is None:
            return None
        position, at_s = self._position
        fresh = self._speed is not None and now_s - self._speed[1] <= _SPEED_VALID_S
        return Fix(position, now_s - at_s, self._speed[0] if self._speed and fresh else None)

    def _line(self, line: bytes, now_s: float) -> None:
        if not _SENTENCE.fullmatch(line):  # the library takes a sentence without its checksum, too
            self.broken += 1
            return
        try:
            message = NMEAReader.parse(line + b"\r\n")
            if message is None:
                raise NMEAParseError("not a sentence")
            self.sentences += 1
            if message.msgID == "GGA":
                self._position = self._position_of(message, now_s)
            elif message.msgID == "RMC":
                self._speed = self._speed_of(message, now_s)
        except (NMEAParseError, NMEAMessageError, NMEATypeError, ValueError, TypeError, AttributeError, LookupError):
            self.broken += 1  # the library lets some of Python's own errors through on sentences with a right checksum

    def _position_of(self, gga: object, now_s: float) -> tuple[Position, float] | None:
        latitude, longitude, altitude = (getattr(gga, name) for name in ("lat", "lon", "alt"))
        quality = getattr(gga, "quality")  # noqa: B009 - the library sets attributes by name
        if quality in _NO_FIX or "" in (latitude, longitude, altitude, quality):
            return None
        position = Position(float(latitude), float(longitude), float(altitude) - self._antenna_above_pad_m)
        if not (
            abs(position.latitude_deg) <= 90 and abs(position.longitude_deg) <= 180 and -500 <= position.altitude_amsl_m <= 9000
        ):
            raise ValueError(f"no such place: {position}")
        return position, self._dated(getattr(gga, "time", ""), now_s)

    def _dated(self, utc: object, now_s: float) -> float:
        """A fix of the same moment again (a router's last word, a hung receiver) is as old as the first of them."""
        repeats = utc not in ("", None) and utc == self._utc and self._position is not None
        self._utc = utc
        return self._position[1] if repeats and self._position is not None else now_s

    @staticmethod
    def _speed_of(rmc: object, now_s: float) -> tuple[float, float] | None:
        status, speed = (getattr(rmc, name) for name in ("status", "spd"))
        if status != "A" or speed == "":
            return None
        speed_m_s = float(speed) * KNOT_M_S
        if not (math.isfinite(speed_m_s) and 0 <= speed_m_s < 150):
            raise ValueError(f"no such speed: {speed_m_s}")
        return speed_m_s, now_s


class NmeaSource:
    """A `PositionSource` that listens on a UDP port. `fileno` is what a poller watches. Raises DeviceError."""

    def __init__(self, host: str, port: int, antenna_above_pad_m: float = 0.0) -> None:
        self.parser = NmeaParser(antenna_above_pad_m)
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind((host, port))
        except OSError as error:
            self._socket.close()
            raise DeviceError(f"cannot listen for NMEA on UDP {host}:{port} ({error}): is another one running?") from error

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def read(self, now_s: float) -> Fix | None:
        for _ in range(_DATAGRAMS_AT_ONCE):
            try:
                self.parser.feed(self._socket.recv(_LARGEST_DATAGRAM_BYTES), now_s)
            except BlockingIOError:
                break
            except OSError:
                self.parser.broken += 1
        return self.parser.fix(now_s)
