"""What hovering and standing still look like: throttle, noise."""

from __future__ import annotations

import statistics

import pytest

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import Vehicle


def test_S48_throttle(vehicle: Vehicle) -> None:
    """Rises during the ramp, then about half."""
    assert vehicle.onboard.last("VFR_HUD").throttle == 0
    vehicle.take_off(10)
    rising = [seen.message.throttle for seen in vehicle.onboard.of("VFR_HUD") if seen.message.throttle]
    assert rising[0] < 30
    assert 50 <= max(rising) <= 65
    vehicle.run(4)
    since_s = vehicle.now_s
    vehicle.run(5)
    hovering = [seen.message.throttle for seen in vehicle.onboard.of("VFR_HUD", since_s)]
    assert statistics.mean(hovering) == pytest.approx(50, abs=4)


def test_S49_standing_is_noisy(start: Start) -> None:
    """Never exactly still: a little speed, an altitude that wanders by decimetres, and by up to 1.5 m from home's."""
    vehicle = start()
    since_s = vehicle.now_s
    vehicle.run(20)
    here = [seen.message for seen in vehicle.onboard.of("GLOBAL_POSITION_INT", since_s)]
    speeds = [(m.vx**2 + m.vy**2) ** 0.5 / 100 for m in here]
    assert 0.0 < statistics.mean(speeds) < 0.3
    assert max(speeds) < 0.6
    relative = [m.relative_alt / 1e3 for m in here]
    assert max(abs(r) for r in relative) < 1.5
    assert 0.01 < max(relative) - min(relative) < 1.2
    local = [seen.message for seen in vehicle.onboard.of("LOCAL_POSITION_NED", since_s)]
    assert statistics.pstdev([m.x for m in local]) > 0.001


def test_S49_hovering_is_noisy(vehicle: Vehicle) -> None:
    vehicle.take_off(8)
    vehicle.run(4)
    since_s = vehicle.now_s
    vehicle.run(15)
    local = [seen.message for seen in vehicle.onboard.of("LOCAL_POSITION_NED", since_s)]
    for values in ([m.x for m in local], [m.y for m in local], [m.z for m in local]):
        assert 0.005 < statistics.pstdev(values) < 0.6
    speeds = [(m.vx**2 + m.vy**2) ** 0.5 for m in local]
    assert 0.01 < statistics.mean(speeds) < 0.5


def test_S49_the_reset_counter_counts_resets(start: Start) -> None:
    """While the estimator starts, and once more when it has climbed away from the ground's magnetic field; it never falls."""
    vehicle = start()
    begun = vehicle.onboard.last("ODOMETRY").reset_counter
    vehicle.take_off(8)
    vehicle.run(4)
    counts = [count for _, count in vehicle.onboard.changes("ODOMETRY", lambda m: m.reset_counter)]
    assert counts == sorted(counts)
    assert counts[0] < 5 < begun < counts[-1] < begun + 4
