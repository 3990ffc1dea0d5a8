"""What the world makes of poses, orders and time."""

from __future__ import annotations

import pytest

from sitl.scenario.events import VehicleGnssLost
from sitl.world.actors import Placement, TownActor
from sitl.world.configuration import GnssConfig, LatchFaults, Move, VehicleConfig, WorldConfig
from sitl.world.pose import TruePose
from sitl.world.simulation import Simulation
from wire import codec
from wire.geo import Ned, Position, ned_between, offset

LEVEL = (1.0, 0.0, 0.0, 0.0)
SOMEBODY = TownActor("person", (0, 0, 0), Placement(3.0, 7.0, 0.0, 0.0))
CONFIG = WorldConfig(
    vehicle=VehicleConfig(moves=(Move(after_launch_s=5, north_m=20),)),
    gnss=GnssConfig(noise_m=0),
    events=(VehicleGnssLost(after_launch_s=30),),
)
HOME = CONFIG.home.position


def simulation(config: WorldConfig = CONFIG) -> Simulation:
    return Simulation(config, (SOMEBODY,), 100.0)


def fly(world: Simulation, now_s: float, up_m: float, north_m: float = 0.0) -> None:
    world.receive_pose(TruePose(now_s, offset(HOME, Ned(north_m, 0.0, -up_m)), LEVEL))
    world.update(now_s)


def launched(world: Simulation) -> float | None:
    return world.since_launch_s


def seated(world: Simulation) -> bool:
    return world.seated


def open_up(world: Simulation, now_s: float) -> None:
    world.receive_order(to_open=True)
    world.update(now_s)


def test_before_the_first_pose_the_aircraft_is_parked() -> None:
    world = simulation()
    world.update(500.0)
    assert world.alive()
    assert seated(world)
    assert world.aircraft().position == HOME
    assert world.place_enu_m() == pytest.approx((0, 0, CONFIG.roof_height_m))
    assert world.world_state().aircraft == HOME


def test_silence_is_death_and_a_pose_is_life() -> None:
    world = simulation()
    fly(world, 101.0, 0.0)
    world.update(101.9)
    assert world.alive()
    world.update(102.1)
    assert not world.alive()
    assert world.world_state().aircraft is None
    fly(world, 103.0, 0.0)
    assert world.alive()


def test_time_counts_from_when_it_was_first_seen_airborne() -> None:
    world = simulation()
    fly(world, 110.0, 0.2)
    assert launched(world) is None
    open_up(world, 112.0)
    fly(world, 120.0, 3.0)
    assert launched(world) == 0
    fly(world, 124.0, 3.0)
    assert launched(world) == 4
    assert world.vehicle().north_m == 0
    fly(world, 130.0, 20.0)
    assert world.vehicle().north_m > 5
    fly(world, 160.0, 20.0)
    assert ned_between(HOME, world.pad()) == pytest.approx((20, 0, 0), abs=1e-6)


def test_it_is_seated_where_the_vehicle_is_now() -> None:
    world = simulation()
    open_up(world, 105.0)
    fly(world, 110.0, 5.0)
    assert not world.latch_state().seated
    fly(world, 200.0, 0.0)
    assert not seated(world)
    fly(world, 201.0, 0.1, north_m=20.4)
    assert seated(world)
    assert world.faults == []


def test_the_vehicle_does_not_drive_from_under_an_aircraft_that_came_back_before() -> None:
    world = simulation()
    open_up(world, 105.0)
    fly(world, 110.0, 5.0)
    fly(world, 113.0, 0.0)
    world.receive_order(to_open=False)
    for now_s in (114.0, 130.0, 200.0):
        fly(world, now_s, 0.0)
    state = world.latch_state()
    assert state.seated and state.closed
    assert world.vehicle().speed_m_s == 0 and world.faults == []


def test_leaving_a_closed_latch_is_a_fault() -> None:
    world = simulation()
    fly(world, 101.0, 0.0)
    fly(world, 102.0, 0.6)
    fly(world, 103.0, 1.6)
    assert len(world.faults) == 1
    assert "latch" in world.faults[0]
    assert world.world_state().faults == world.faults


def test_a_half_open_latch_holds_as_well() -> None:
    world = simulation()
    world.receive_order(to_open=True)
    world.update(100.4)
    fly(world, 100.5, 1.0)
    assert len(world.faults) == 1


def test_a_stuck_latch_shows_in_its_state() -> None:
    world = simulation(WorldConfig(latch=LatchFaults(stuck="closed")))
    open_up(world, 105.0)
    assert world.latch_state().closed


def test_the_receiver_loses_its_fix_at_its_time() -> None:
    world = simulation()
    open_up(world, 101.0)
    assert world.gnss_position() == pytest.approx(HOME, abs=1e-9)
    fly(world, 110.0, 5.0)
    fly(world, 139.9, 5.0)
    assert world.gnss_position() is not None
    fly(world, 140.1, 5.0)
    assert world.gnss_position() is None


def test_another_home_than_the_autopilots_is_said() -> None:
    world = simulation()
    world.receive_pose(TruePose(101.0, Position(48.0, 8.0, 489.4), LEVEL))
    world.receive_pose(TruePose(102.0, Position(48.0, 8.0, 489.4), LEVEL))
    assert len(world.faults) == 1
    assert "home" in world.faults[0]


def test_the_truth_fits_the_wire() -> None:
    world = simulation()
    fly(world, 101.0, 0.0)
    truth = world.world_state()
    assert codec.decode(codec.encode("world_state", truth)) == ("world_state", truth)
    ned = ned_between(HOME, truth.actors[0].position)
    assert ned == pytest.approx((7, 3, CONFIG.roof_height_m), abs=1e-6)
