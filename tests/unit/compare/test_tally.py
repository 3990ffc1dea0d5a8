"""What is counted over several flights."""

from __future__ import annotations

from sitl.compare.differences import TRACK, Differences, compare
from sitl.compare.narrative import tell
from sitl.compare.tally import tally
from tests.unit.compare.story import flight
from tests.unit.compare.test_differences import told


def compared(*, late_s: float = 0.0, off_m: float = 0.0) -> Differences:
    return compare(tell(flight()), tell(flight(late_s=late_s, off_m=off_m)), told(4.0))


def test_flights_alike_have_nothing_to_count() -> None:
    assert tally([compared(), compared()]) == []


def test_each_kind_counts_once_a_flight_the_most_frequent_first() -> None:
    counts = tally([compared(), compared(late_s=3.0), compared(late_s=3.0, off_m=-9.0), compared(late_s=3.0)])
    assert [(count.what, count.flights) for count in counts] == [("COMMAND_ACK", 3), ("armed", 3), (TRACK, 1)]
    assert counts[1].worst.startswith("True came +2.0 s off")
    assert counts[2].worst.startswith("off at ")


def test_the_worst_track_is_quoted() -> None:
    [count] = tally([compared(off_m=-9.0), compared(off_m=-30.0), compared(off_m=-15.0)])
    assert (count.what, count.flights) == (TRACK, 3)
    assert count.worst == tally([compared(off_m=-30.0)])[0].worst
