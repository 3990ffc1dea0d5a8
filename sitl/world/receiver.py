"""The vehicle's GNSS receiver: the true place of the roof pad, with a receiver's slow noise, as NMEA 0183 sentences."""

from __future__ import annotations

import math
import random
from datetime import datetime

from pynmeagps import GET, NMEAMessage

from wire.geo import Ned, Position, offset

RATE_HZ = 5.0
_CORRELATION_S = 60.0  # how slowly a receiver's error wanders: the order of multipath and atmosphere
_KNOT_M_S = 1852 / 3600  # the international nautical mile, by definition
_VERTICAL_RATIO = 1.5  # a receiver sees satellites above it only
_GEOID_M = "47.0"
_LATITUDE_DIGITS, _LONGITUDE_DIGITS = 2, 3


class GnssNoise:
    """A first-order Gauss-Markov process per axis, one step per epoch: the same for the same seed."""

    def __init__(self, seed: int, sigma_m: float) -> None:
        self._random = random.Random(seed)
        self._sigma_m = sigma_m
        self._keep = math.exp(-1 / (RATE_HZ * _CORRELATION_S))
        self._error = [self._random.gauss(0, sigma_m) for _ in range(3)]

    def next(self) -> Ned:
        drive_m = self._sigma_m * math.sqrt(1 - self._keep**2)
        self._error = [self._keep * axis + self._random.gauss(0, drive_m) for axis in self._error]
        return Ned(self._error[0], self._error[1], self._error[2] * _VERTICAL_RATIO)

    def applied(self, position: Position) -> Position:
        return offset(position, self.next())


def sentences(position: Position | None, speed_m_s: float, course_rad: float, utc: datetime) -> bytes:
    """GGA and RMC of one epoch. `position` None: the receiver has no fix and says so, with empty fields."""
    return _gga(position, utc) + _rmc(position, speed_m_s, course_rad, utc)


def _gga(position: Position | None, utc: datetime) -> bytes:
    fields = [
        _time(utc),
        *_place(position),
        "1" if position else "0",
        "12" if position else "00",
        "0.7" if position else "99.9",
    ]
    fields += [f"{position.altitude_amsl_m:.2f}", "M", _GEOID_M, "M", "", ""] if position else [""] * 6
    return _sentence("GGA", fields)


def _rmc(position: Position | None, speed_m_s: float, course_rad: float, utc: datetime) -> bytes:
    motion = [f"{speed_m_s / _KNOT_M_S:.3f}", f"{math.degrees(course_rad) % 360:.1f}"] if position else ["", ""]
    fields = [_time(utc), "A" if position else "V", *_place(position), *motion, utc.strftime("%d%m%y"), "", ""]
    return _sentence("RMC", [*fields, "A" if position else "N", "V"])


def _sentence(kind: str, fields: list[str]) -> bytes:
    message: bytes = NMEAMessage("GN", kind, GET, payload=fields).serialize()
    return message


def _time(utc: datetime) -> str:
    return utc.strftime("%H%M%S.") + f"{utc.microsecond // 10_000:02d}"


def _place(position: Position | None) -> list[str]:
    if position is None:
        return [""] * 4
    return [
        _minutes(position.latitude_deg, _LATITUDE_DIGITS),
        "N" if position.latitude_deg >= 0 else "S",
        _minutes(position.longitude_deg, _LONGITUDE_DIGITS),
        "E" if position.longitude_deg >= 0 else "W",
    ]


def _minutes(angle_deg: float, digits: int) -> str:
    """NMEA's degrees and minutes, (d)ddmm.mmmmm: 1e-5 minutes are 2 cm."""
    minutes = round(abs(angle_deg) * 60, 5)
    return f"{int(minutes // 60):0{digits}d}{minutes % 60:08.5f}"
