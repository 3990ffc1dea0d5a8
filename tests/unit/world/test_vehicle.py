"""The police vehicle drives as a vehicle does."""

from __future__ import annotations

import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitl.world.configuration import Move
from sitl.world.vehicle import ACCELERATION_M_S2, Drives, VehicleMotion, drive, drive_duration_s

distances = st.floats(0.5, 500)
speeds = st.floats(0.5, 30)


@given(distances, speeds)
def test_a_drive_begins_and_ends_at_rest_and_in_its_places(distance_m: float, speed_m_s: float) -> None:
    total_s = drive_duration_s(distance_m, speed_m_s)
    assert drive(distance_m, speed_m_s, 0.0) == pytest.approx((0, 0), abs=1e-6)
    assert drive(distance_m, speed_m_s, total_s) == pytest.approx((distance_m, 0), abs=1e-6)
    assert drive(distance_m, speed_m_s, total_s + 9) == pytest.approx((distance_m, 0), abs=1e-6)


@given(distances, speeds, st.floats(0, 1))
def test_speed_is_the_ways_rate_and_within_its_limits(distance_m: float, speed_m_s: float, share: float) -> None:
    at_s, dt_s = share * drive_duration_s(distance_m, speed_m_s), 1e-3
    (way_m, now_m_s), (next_m, next_m_s) = (drive(distance_m, speed_m_s, t) for t in (at_s, at_s + dt_s))
    assert -1e-9 <= now_m_s <= speed_m_s + 1e-9
    assert (next_m - way_m) / dt_s == pytest.approx(now_m_s, abs=ACCELERATION_M_S2 * dt_s + 1e-6)
    assert abs(next_m_s - now_m_s) / dt_s <= ACCELERATION_M_S2 * 1.01


def test_it_stands_until_its_time_after_the_launch() -> None:
    motion = VehicleMotion([Move(after_launch_s=10, north_m=30)])
    for since_s in (None, 0.0, 10.0):
        assert motion.pose(since_s)[:4] == (0, 0, 0, 0)
    assert motion.pose(12.0).north_m > 0
    assert motion.pose(100.0)[:4] == pytest.approx((0, 30, 0, 0))


def test_moves_follow_each_other_and_add_up() -> None:
    motion = VehicleMotion([Move(after_launch_s=5, east_m=-20, speed_m_s=4), Move(after_launch_s=0, north_m=40, speed_m_s=4)])
    end = motion.pose(200.0)
    assert end[:2] == pytest.approx((-20, 40))
    assert end.heading_rad == pytest.approx(-math.pi / 2)
    before = motion.pose(drive_duration_s(40, 4) - 0.01)
    assert before[:2] == pytest.approx((0, 40), abs=1e-3)


def test_nothing_jumps() -> None:
    motion = VehicleMotion([Move(after_launch_s=1, north_m=25, east_m=10), Move(after_launch_s=20, north_m=-5, east_m=-30)])
    poses = [motion.pose(step / 50) for step in range(2500)]
    for a, b in itertools.pairwise(poses):
        assert math.dist(a[:2], b[:2]) < 5.1 / 50
        turn_rad = (b.heading_rad - a.heading_rad + math.pi) % (2 * math.pi) - math.pi
        assert abs(turn_rad) < 0.9 / 50


def up(drives: Drives, until_s: float) -> None:
    see(drives, until_s, 20.0, seated=False, held=False)


def on_the_roof(drives: Drives, until_s: float, *, held: bool = True) -> None:
    see(drives, until_s, 0.0, seated=True, held=held)


def see(drives: Drives, until_s: float, height_m: float, *, seated: bool, held: bool) -> None:
    """So it is from now until then."""
    drives.see(height_m, seated=seated, held=held)
    drives.advance(until_s)
    drives.see(height_m, seated=seated, held=held)


NORTH = [Move(after_launch_s=45, north_m=30, speed_m_s=4)]


def test_it_does_not_drive_with_an_aircraft_that_is_back_before() -> None:
    drives = Drives(NORTH)
    on_the_roof(drives, 100.0)
    up(drives, 140.0)
    on_the_roof(drives, 300.0)
    assert drives.pose[:4] == (0, 0, 0, 0)


def test_each_flight_has_its_drive_and_every_second_one_leads_back() -> None:
    drives, now_s = Drives(NORTH), 0.0
    for north_m in (30, 0, 30):
        on_the_roof(drives, now_s + 200)
        before = drives.pose
        up(drives, now_s + 244)
        assert drives.pose == before
        up(drives, now_s + 300)
        assert drives.pose.north_m == pytest.approx(north_m)
        now_s += 300


def test_a_drive_waits_while_the_aircraft_stands_there_unlatched() -> None:
    drives = Drives(NORTH)
    up(drives, 44.0)
    on_the_roof(drives, 100.0, held=False)
    assert drives.pose[:4] == (0, 0, 0, 0)
    up(drives, 200.0)
    assert drives.pose.north_m == pytest.approx(30)


def test_a_drive_under_way_leaves_an_unlatched_aircraft_behind_and_ends_where_the_latch_takes_hold() -> None:
    drives = Drives(NORTH)
    up(drives, 50.0)
    on_the_roof(drives, 52.0, held=False)
    there = drives.pose
    assert 3 < there.north_m < 25 and there.speed_m_s > 0
    on_the_roof(drives, 100.0)
    assert drives.pose == there._replace(speed_m_s=0.0)
