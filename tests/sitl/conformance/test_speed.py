"""PX4's speed factor."""

from __future__ import annotations

import time

import pytest

from tests.sitl.conformance.conftest import Start

WALL_S = {"COM_DL_LOSS_T": 10, "COM_OF_LOSS_T": 1, "COM_OBC_LOSS_T": 5, "COM_RC_LOSS_T": 1}
FACTOR = 2.0


def test_S64_time_outs_are_scaled(start: Start) -> None:
    """To so much in wall time, whatever was given for the start."""
    vehicle = start({"COM_DL_LOSS_T": 7.0}, speed=FACTOR)
    assert {name: vehicle.parameter(name) for name in WALL_S} == pytest.approx(
        {name: FACTOR * wall_s for name, wall_s in WALL_S.items()}
    )


def test_S64_rates_are_of_simulated_time(start: Start) -> None:
    """So on the wall's clock all come that much faster."""
    vehicle = start(speed=FACTOR)
    since_s, wall_s = vehicle.now_s, time.monotonic()
    vehicle.run(10)
    wall_s = time.monotonic() - wall_s
    assert vehicle.onboard.rate_hz("HEARTBEAT", since_s, since_s + 10) == pytest.approx(1.0, abs=0.11)
    assert vehicle.onboard.rate_hz("ATTITUDE", since_s, since_s + 10) == pytest.approx(100.0, rel=0.05)
    if vehicle.real:
        assert 10 / wall_s > 1.2


def test_S64_a_companion_is_lost_later(start: Start) -> None:
    vehicle = start(speed=FACTOR)
    vehicle.companion.heartbeats = False
    took_s = vehicle.until(lambda: vehicle.said("Connection to mission computer lost"), 15.0, "loss of the companion")
    assert took_s == pytest.approx(5 * FACTOR + 1.3, abs=1.7)
