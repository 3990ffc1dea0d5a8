"""The body, its controllers and trajectories, wind, battery, heartbeats and parameters, each alone."""

from __future__ import annotations

import math
import statistics

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sitl.autopilot.body.battery import Battery, Charge
from sitl.autopilot.body.controller import Controller, Setpoint
from sitl.autopilot.body.estimator import Estimator
from sitl.autopilot.body.smoothing import Trajectory, stopping_speed_m_s
from sitl.autopilot.body.vector import ZERO, Vector
from sitl.autopilot.body.vehicle import MAX_THRUST_N, Quadrotor
from sitl.autopilot.body.wind import Wind
from sitl.autopilot.commander.heartbeats import Change, Connection
from sitl.autopilot.navigator.rtl import return_down_m
from sitl.autopilot.navigator.task import Tuning
from sitl.autopilot.parameters import Parameters, ParameterType
from tests.unit.autopilot.harness import NAN, Companion

DT_S = 0.004
HOVER = 9.80665 / MAX_THRUST_N


def test_the_ground_holds_it_until_thrust_exceeds_weight() -> None:
    body = Quadrotor()
    for _ in range(500):
        body.step(DT_S, HOVER * 0.98, (1.0, -1.0, 0.5), Vector(5.0, 0.0, 0.0))
    assert body.position_m == ZERO
    for _ in range(500):
        body.step(DT_S, HOVER * 1.2, (0.0, 0.0, 0.0), ZERO)
    assert not body.on_ground
    assert body.position_m.down < -1.0


def test_without_thrust_it_falls_to_terminal_speed_and_stops_at_the_ground() -> None:
    body = Quadrotor()
    for _ in range(1500):
        body.step(DT_S, 0.8, (0.0, 0.0, 0.0), ZERO)
    speeds = []
    while not body.on_ground:
        body.step(DT_S, 0.0, (0.0, 0.0, 0.0), ZERO)
        speeds.append(body.velocity_m_s.down)
    assert max(speeds) == pytest.approx(9.80665, rel=0.02), "weight over drag"
    assert body.position_m.down == 0.0
    assert math.hypot(*body.quaternion) == pytest.approx(1.0)


@pytest.mark.parametrize("target", [Vector(10.0, 0.0, -10.0), Vector(-4.0, 7.0, -12.0)])
@pytest.mark.parametrize("yaw_rad", [0.0, 2.0, -3.0])
def test_the_controller_reaches_a_point_and_a_heading(target: Vector, yaw_rad: float) -> None:
    body, estimate, controller = Quadrotor(), Estimator(1), Controller()
    body.position_m, body.on_ground = Vector(0.0, 0.0, -10.0), False
    setpoint = Setpoint(position_m=target, velocity_m_s=(0.0, 0.0, 0.0), yaw_rad=yaw_rad)
    for _ in range(round(25.0 / DT_S)):
        estimate.observe(body)
        body.step(DT_S, controller.thrust, controller.update(setpoint, estimate, DT_S), ZERO)
    assert math.dist(body.position_m, target) < 1.0
    assert estimate.yaw_rad == pytest.approx(yaw_rad, abs=0.05)
    assert abs(estimate.roll_rad) < 0.1
    assert abs(estimate.pitch_rad) < 0.1


@given(st.floats(0.01, 500.0), st.floats(0.5, 10.0), st.floats(0.5, 20.0))
def test_the_stopping_speed_stops_within_the_distance(distance_m: float, acceleration: float, jerk: float) -> None:
    speed = stopping_speed_m_s(distance_m, acceleration, jerk)
    assert speed * speed / (2 * acceleration) + 2 * speed * acceleration / jerk == pytest.approx(distance_m, rel=1e-6)


@given(
    st.tuples(*[st.floats(-200.0, 200.0)] * 3),
    st.tuples(*[st.floats(-5.0, 5.0)] * 3),
)
def test_trajectories_arrive_within_their_limits(target: tuple[float, ...], velocity: tuple[float, ...]) -> None:
    limits = Tuning(Parameters()).limits()
    trajectory, goal = Trajectory(), Vector(*target)
    trajectory.reset(ZERO, Vector(*velocity))
    fastest = 0.0
    for step in range(round(240.0 / 0.1)):
        trajectory.approach(goal, trajectory.position_m, limits, 0.1)
        if step > 40:
            fastest = max(fastest, trajectory.velocity_m_s.horizontal)
    assert math.dist(trajectory.position_m, goal) < 0.3
    assert fastest <= limits.speed_m_s * 1.1


def test_the_return_height_has_a_cone_near_the_destination() -> None:
    tuning = Tuning(Parameters())

    def at(north: float, down: float) -> float:
        return -return_down_m(Vector(north, 0.0, down), ZERO, tuning)

    assert at(50.0, -10.0) == 30.0
    assert at(8.0, -1.0) == pytest.approx(8.0)
    assert at(3.0, -1.0) == 4.0
    assert at(1.0, -0.5) == 2.0
    assert at(1.0, -15.0) == 15.0, "never down"
    assert at(50.0, -45.0) == 45.0


# Wind


def test_gusts_have_the_asked_mean_and_deviation_and_repeat_with_the_seed() -> None:
    def blow(seed: int) -> list[float]:
        wind = Wind(north_m_s=4.0, gust_m_s=1.5, seed=seed)
        return [wind.step(0.5).north for _ in range(20000)]

    first = blow(7)
    assert statistics.fmean(first) == pytest.approx(4.0, abs=0.2)
    assert statistics.pstdev(first) == pytest.approx(1.5, rel=0.1)
    assert first == blow(7)
    assert first != blow(8)


def test_it_holds_its_place_in_wind() -> None:
    companion = Companion(wind=Wind(north_m_s=4.0, east_m_s=-3.0, gust_m_s=1.0, seed=2))
    companion.run(5.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 50.0)
    companion.long(400, 1.0)
    companion.run(40.0)
    held = [point[1:3] for point in companion.track[-500:]]
    assert max(math.hypot(*place) for place in held) < 3.0
    n, e, _ = companion.autopilot.pilot.flight.body.velocity_m_s
    assert math.hypot(n, e) < 1.5


# Battery, heartbeats, parameters


def test_the_battery_drains_while_armed_and_is_full_again() -> None:
    battery = Battery(Parameters({"SIM_BAT_MIN_PCT": 0.0}))
    seen: list[Charge] = []
    for _ in range(640):
        battery.step(0.1, armed=True)
        seen.append(battery.charge)
    assert sorted(set(seen)) == [Charge.OK, Charge.LOW, Charge.CRITICAL, Charge.EMERGENCY]
    assert seen == sorted(seen)
    assert battery.voltage_v == pytest.approx(14.4)
    for _ in range(100):
        battery.step(0.1, armed=False)
    assert battery.voltage_v == pytest.approx(16.2)
    assert battery.charge is Charge.OK


def test_by_default_the_battery_stops_at_half() -> None:
    battery = Battery(Parameters())
    for _ in range(1200):
        battery.step(0.1, armed=True)
    assert battery.remaining == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize("offset_s", [0.0, 0.3, 0.6, 0.9])
def test_a_connection_is_lost_after_the_timeout_plus_the_heartbeats_own(offset_s: float) -> None:
    connection, changes = Connection(), []
    for step in range(400):
        now_s = step * 0.05
        if step % 20 == round(offset_s * 20) and now_s < 10.0:
            connection.heartbeat(now_s)
        change = connection.update(now_s, 5.0)
        if change is not Change.NONE:
            changes.append((now_s, change))
    ((lost_s, change),) = changes
    assert change is Change.LOST
    assert 9.0 + offset_s + 5.0 < lost_s < 9.0 + offset_s + 7.6


def test_a_connection_comes_back() -> None:
    connection = Connection()
    connection.heartbeat(1.0)
    assert connection.update(1.0, 5.0) is Change.NONE
    assert not connection.lost
    assert [connection.update(t, 5.0) for t in (5.0, 9.5)] == [Change.NONE, Change.LOST]
    connection.heartbeat(12.0)
    assert connection.update(12.0, 5.0) is Change.REGAINED


def test_simulation_differs_from_hardware_where_px4s_does() -> None:
    parameters = Parameters()
    wanted = {"COM_LOW_BAT_ACT": 3, "SYS_FAILURE_EN": 1, "COM_RC_IN_MODE": 1, "MAV_PROTO_VER": 2, "BAT1_N_CELLS": 4}
    assert {name: parameters[name] for name in wanted} == wanted
    assert parameters["NAV_DLL_ACT"] == 0
    assert parameters.type_of("NAV_DLL_ACT") is ParameterType.INT32


@pytest.mark.parametrize(
    ("name", "value"),
    [("NO_SUCH", 1.0), ("NAV_DLL_ACT", 1.5), ("NAV_DLL_ACT", 2.0**31), ("MPC_XY_CRUISE", math.inf), ("MPC_XY_CRUISE", 1e300)],
)
def test_bad_parameter_values_are_refused_by_name(name: str, value: float) -> None:
    with pytest.raises(ValueError, match=name):
        Parameters({name: value})


@given(st.sampled_from(Parameters().names))
def test_parameters_survive_their_encoding(name: str) -> None:
    parameters = Parameters()
    before, encoded = parameters[name], parameters.encoded(name)
    assert not parameters.set_encoded(name, encoded), "the same value is no change"
    assert parameters[name] == pytest.approx(before, rel=1e-6)
    assert parameters.encoded(name) == encoded
