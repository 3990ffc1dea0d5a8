"""The GNSS receiver's sentences, read back by the library and by the vehicle's own parser."""

from __future__ import annotations

import itertools
import math
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pynmeagps import NMEAReader

from groundlink.position.nmea import NmeaParser
from sitl.world.receiver import GnssNoise, sentences
from wire.geo import Position, ned_between

NOW = datetime(2026, 2, 28, 23, 59, 59, 870_000, UTC)
positions = st.builds(Position, st.floats(-85, 85), st.floats(-179.999, 179.999), st.floats(-100, 5000))


@given(positions, st.floats(0, 60), st.floats(-math.pi, math.pi))
def test_it_parses_back_to_the_same_place(position: Position, speed_m_s: float, course_rad: float) -> None:
    gga, rmc = (NMEAReader.parse(line + b"\r\n") for line in sentences(position, speed_m_s, course_rad, NOW).splitlines())
    for message in (gga, rmc):
        read = Position(message.lat, message.lon, position.altitude_amsl_m)
        assert ned_between(position, read).horizontal_m < 0.03
        assert message.time == NOW.time()
    assert gga.alt == pytest.approx(position.altitude_amsl_m, abs=0.006)
    assert gga.quality == 1
    assert (rmc.status, rmc.date) == ("A", NOW.date())
    assert rmc.spd * 1852 / 3600 == pytest.approx(speed_m_s, abs=0.001)
    assert (rmc.cog - math.degrees(course_rad) + 180) % 360 - 180 == pytest.approx(0, abs=0.06)


def test_the_vehicles_parser_understands_it() -> None:
    parser, position = NmeaParser(), Position(47.397742, 8.545594, 489.4)
    parser.feed(sentences(position, 3.0, 0.0, NOW), 1.0)
    fix = parser.fix(1.0)
    assert fix is not None
    assert ned_between(position, fix.position).horizontal_m < 0.03
    assert fix.speed_m_s == pytest.approx(3.0, abs=0.001)
    parser.feed(sentences(None, 3.0, 0.0, NOW), 2.0)
    assert parser.fix(2.0) is None
    assert parser.broken == 0


def test_without_a_fix_it_says_so() -> None:
    gga, rmc = (NMEAReader.parse(line + b"\r\n") for line in sentences(None, 3.0, 0.0, NOW).splitlines())
    assert (gga.quality, gga.lat, gga.lon, gga.alt) == (0, "", "", "")
    assert (rmc.status, rmc.lat, rmc.spd) == ("V", "", "")


def test_noise_is_as_strong_as_asked_slow_and_the_same_for_a_seed() -> None:
    noise, again = GnssNoise(3, 0.3), GnssNoise(3, 0.3)
    errors = [noise.next() for _ in range(40_000)]
    assert errors[:100] == [again.next() for _ in range(100)]
    rms_m = math.sqrt(sum(error.north_m**2 for error in errors) / len(errors))
    assert rms_m == pytest.approx(0.3, rel=0.25)
    steps_m = [abs(b.east_m - a.east_m) for a, b in itertools.pairwise(errors)]
    assert max(steps_m) < 0.15
    assert errors[0] != GnssNoise(4, 0.3).next()
    assert GnssNoise(3, 0.0).next() == (0, 0, 0)
