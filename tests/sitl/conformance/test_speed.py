"""PX4's speed factor."""

from __future__ import annotations

import time

import pytest

from tests.sitl.conformance.backend import Setup
from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import Vehicle

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


def test_S64_what_a_start_sets_stays_for_later_ones(start: Start) -> None:
    """PX4's start script sets parameters as a user would: the time-outs of a speed, PX4_PARAM_* and what PARAM_SET set."""
    vehicle = start({"MIS_TAKEOFF_ALT": 8.0, "COM_DL_LOSS_T": 7.0}, speed=FACTOR)
    vehicle.put("MPC_XY_CRUISE", 4.5)
    vehicle.run(3)  # until it is saved
    again(vehicle, Setup(speed=1.0))
    assert timeouts(vehicle) == {name: FACTOR * wall_s for name, wall_s in WALL_S.items()}
    assert (vehicle.parameter("MIS_TAKEOFF_ALT"), vehicle.parameter("MPC_XY_CRUISE")) == (8.0, 4.5)
    again(vehicle, Setup({"MIS_TAKEOFF_ALT": 6.0, "COM_DL_LOSS_T": 7.0}, speed=1.0))
    assert timeouts(vehicle) == {**{name: FACTOR * wall_s for name, wall_s in WALL_S.items()}, "COM_DL_LOSS_T": 7}
    assert vehicle.parameter("MIS_TAKEOFF_ALT") == 6.0
    again(vehicle, Setup(speed=2 * FACTOR))
    assert timeouts(vehicle) == {name: 2 * FACTOR * wall_s for name, wall_s in WALL_S.items()}


def test_S64_the_firmwares_default_loses_to_the_simulations(start: Start) -> None:
    vehicle = start({"COM_LOW_BAT_ACT": 0.0})
    assert vehicle.parameter("COM_LOW_BAT_ACT") == 3
    vehicle.put("COM_LOW_BAT_ACT", 2)
    vehicle.run(3)
    again(vehicle, Setup({"COM_LOW_BAT_ACT": 0.0}))
    assert vehicle.parameter("COM_LOW_BAT_ACT") == 0, "2 was kept, so 0 is a change"


def test_S64_another_airframe_is_reset_at_the_next_start(start: Start) -> None:
    vehicle = start()
    for name, value in (("MPC_XY_CRUISE", 4.5), ("COM_FLTMODE1", 2), ("SYS_AUTOSTART", 4001)):
        vehicle.put(name, value)
    vehicle.run(3)
    again(vehicle, Setup())
    told = {name: vehicle.parameter(name) for name in ("MPC_XY_CRUISE", "COM_FLTMODE1", "SYS_AUTOSTART")}
    assert told == {"MPC_XY_CRUISE": 5.0, "COM_FLTMODE1": 2, "SYS_AUTOSTART": 10040}


def timeouts(vehicle: Vehicle) -> dict[str, float]:
    return {name: vehicle.parameter(name) for name in WALL_S}


def again(vehicle: Vehicle, setup: Setup) -> None:
    """Start it again in its folder, another way."""
    vehicle.backend.restart(setup)
    for log in vehicle.logs.values():
        log.clear()
    vehicle.wait_ready()
    vehicle.wait_parameters()
