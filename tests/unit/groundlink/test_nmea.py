"""NMEA 0183: golden sentences, broken ones, and anything at all."""

from __future__ import annotations

import functools
import operator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundlink.position.nmea import KNOT_M_S, NmeaParser
from wire.geo import Position

GGA = b"$GPGGA,123519,4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,*47\r\n"
RMC = b"$GPRMC,123519,A,4807.038,N,01131.000,E,022.4,084.4,230394,003.1,W*6A\r\n"


def sentence(body: str) -> bytes:
    """With the checksum of NMEA 0183: the exclusive or of everything between $ and *."""
    return f"${body}*{functools.reduce(operator.xor, body.encode(), 0):02X}\r\n".encode()


def gga(latitude: str = "4807.038,N", longitude: str = "01131.000,E", quality: str = "1", altitude: str = "545.4,M") -> bytes:
    return sentence(f"GNGGA,123519,{latitude},{longitude},{quality},08,0.9,{altitude},46.9,M,,")


def test_position_and_speed() -> None:
    parser = NmeaParser(antenna_above_pad_m=0.4)
    parser.feed(GGA + RMC, 10.0)
    fix = parser.fix(10.5)
    assert fix is not None
    assert fix.position.latitude_deg == pytest.approx(48.1173, abs=1e-6)
    assert fix.position.longitude_deg == pytest.approx(11.516667, abs=1e-6)
    assert fix.position.altitude_amsl_m == pytest.approx(545.0)
    assert fix.age_s == pytest.approx(0.5)
    assert fix.speed_m_s == pytest.approx(22.4 * KNOT_M_S)
    assert (parser.sentences, parser.broken) == (2, 0)


def test_south_and_west() -> None:
    parser = NmeaParser()
    parser.feed(gga("3352.128,S", "07038.400,W"), 0.0)
    fix = parser.fix(0.0)
    assert fix is not None
    assert fix.position.latitude_deg == pytest.approx(-(33 + 52.128 / 60), abs=1e-6)
    assert fix.position.longitude_deg == pytest.approx(-(70 + 38.4 / 60), abs=1e-6)


@pytest.mark.parametrize("quality", ["0", "6", "7", "8", ""])
def test_without_a_fix_there_is_no_position(quality: str) -> None:
    parser = NmeaParser()
    parser.feed(gga(), 0.0)
    parser.feed(gga(quality=quality), 1.0)
    assert parser.fix(1.0) is None


@pytest.mark.parametrize("quality", ["1", "2", "4", "5"])
def test_with_a_fix_there_is(quality: str) -> None:
    parser = NmeaParser()
    parser.feed(gga(quality=quality), 0.0)
    assert parser.fix(0.0) is not None


@pytest.mark.parametrize("broken", [gga(latitude=","), gga(longitude=","), gga(altitude=",")])
def test_empty_fields_are_no_position(broken: bytes) -> None:
    parser = NmeaParser()
    parser.feed(gga(), 0.0)
    parser.feed(broken, 1.0)
    assert parser.fix(1.0) is None


@pytest.mark.parametrize(
    "broken",
    [
        GGA.replace(b"4807", b"4808"),  # the checksum does not fit
        GGA.replace(b"*47", b""),  # no checksum at all
        GGA[:30],
        b"\xff\xfe\x00",
        b"$*00",
        sentence("GPGGA"),
        gga(latitude="9912.0,N"),
        gga(altitude="99999,M"),
        gga(altitude="nan,M"),
        gga(altitude="high,M"),
        sentence("GPRMC,123519,A,4807.038,N,01131.000,E,9999,084.4,230394,003.1,W"),
    ],
)
def test_broken_sentences_are_counted_and_change_nothing(broken: bytes) -> None:
    parser = NmeaParser()
    parser.feed(GGA + RMC, 0.0)
    before = parser.fix(0.0)
    parser.feed(broken, 0.0)
    assert parser.broken == 1
    assert parser.fix(0.0) == before


def test_speed_that_is_old_or_void_is_not_known() -> None:
    parser = NmeaParser()
    parser.feed(RMC, 0.0)
    assert parser.fix(0.0) is None
    parser.feed(GGA, 10.0)
    fix = parser.fix(10.0)
    assert fix is not None
    assert fix.speed_m_s is None
    parser.feed(RMC + sentence("GPRMC,123519,V,,,,,,,230394,,"), 10.0)
    fix = parser.fix(10.0)
    assert fix is not None
    assert fix.speed_m_s is None


@given(st.one_of(st.binary(max_size=300), st.text(max_size=80).map(lambda text: sentence("GPGGA," + text.replace("*", "")))))
def test_anything_at_all(data: bytes) -> None:
    parser = NmeaParser()
    parser.feed(data, 0.0)
    fix = parser.fix(0.0)
    assert fix is None or abs(fix.position.latitude_deg) <= 90


@given(st.integers(0, len(GGA) - 3), st.integers(1, 255))
def test_one_changed_byte_never_moves_the_vehicle(index: int, change: int) -> None:
    data = bytearray(GGA)
    data[index] ^= change
    parser = NmeaParser()
    parser.feed(bytes(data), 0.0)
    fix = parser.fix(0.0)
    assert fix is None or fix.position == Position(48.1173, 11.5166666667, 545.4)


@pytest.mark.parametrize(("time", "age_s"), [("123519", 4.0), ("123519.20", 0.0), ("", 0.0)])
def test_the_same_moment_again_is_no_news(time: str, age_s: float) -> None:
    """A router may repeat its last fix for ever. A receiver that tells no time is believed."""
    parser = NmeaParser()
    parser.feed(GGA, 10.0)
    for at_s in (12.0, 14.0):
        parser.feed(sentence(f"GNGGA,{time},4807.038,N,01131.000,E,1,08,0.9,545.4,M,46.9,M,,"), at_s)
        time = time.replace(".20", ".40") if at_s == 12.0 else time
    fix = parser.fix(14.0)
    assert fix is not None and fix.age_s == pytest.approx(age_s)
