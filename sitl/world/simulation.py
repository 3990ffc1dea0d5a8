"""The world's state without its pictures: where the aircraft and the vehicle are, the latch, and what must not happen. Pure."""

from __future__ import annotations

import msgspec

from sitl.scenario import effects
from sitl.scenario.events import Eye, Frames
from sitl.scenario.script import Change, LaunchClock, Script
from sitl.world.actors import TownActor
from sitl.world.configuration import WorldConfig
from sitl.world.latch import Latch, is_seated
from sitl.world.pose import TruePose
from sitl.world.vehicle import Drives, VehiclePose, moves_of
from wire.geo import Ned, Position, ned_between, offset
from wire.messages import Actor, LatchState, WorldState

SILENT_S = 1.0
FAR_M = 1000.0
_FAULTS_TOLD = 20


class Simulation:
    """Fed with poses, orders and the time; `faults` collects what is physically impossible or wrongly set up, in sentences."""

    def __init__(self, config: WorldConfig, actors: tuple[TownActor, ...], now_s: float, silent_s: float = SILENT_S) -> None:
        self._config, self._actors = config, actors
        self._home = config.home.position
        self._started_s = now_s
        self._silent_s = silent_s
        self._drives = Drives([*config.vehicle.moves, *moves_of(config.events)], now_s)
        self._script = Script(config.events)
        self._latch = Latch(config.latch, now_s)
        self._pose: TruePose | None = None
        self._now_s = now_s
        self._launch = LaunchClock()
        self._was_seated = True
        self.faults: list[str] = []
        self.changes: list[Change] = []
        """What has begun and ended of the scenario, until it is taken away."""

    def receive_pose(self, pose: TruePose) -> None:
        if self._pose is None and ned_between(self._home, pose.position).horizontal_m > FAR_M:
            self._fault("the autopilot is more than 1 km away from the world's home: give both the same home")
        self._pose = pose

    def receive_order(self, *, to_open: bool) -> None:
        self._latch.order(to_open=to_open)

    def update(self, now_s: float) -> None:
        """Bring everything to `now_s`."""
        self._now_s = now_s
        self._latch.update(now_s)
        self._drives.advance(now_s)
        height_m = -ned_between(self._home, self.aircraft().position).down_m
        since_s = self._launch.update(height_m, now_s)
        changes = self._script.update(since_s)
        if changes:
            self.changes += changes
            stuck = effects.latch_stuck(self._script) or self._config.latch.stuck
            self._latch.faults = msgspec.structs.replace(self._config.latch, stuck=stuck)
        seated = self.seated
        self._drives.see(height_m, seated=seated, held=self._latch.holds)
        if self._was_seated and not seated and self._latch.holds:
            self._fault("the aircraft left its seat while the latch held it: on a real vehicle it would have torn itself apart")
        self._was_seated = seated

    def _fault(self, sentence: str) -> None:
        self.faults.append(sentence)

    @property
    def time_s(self) -> float:
        """Since the world began."""
        return self._now_s - self._started_s

    @property
    def since_launch_s(self) -> float | None:
        """Since the aircraft was first seen airborne: what a scenario counts by."""
        return self._launch.since_s(self._now_s)

    def alive(self) -> bool:
        """False once the autopilot has been silent for `silent_s`. Before its first pose the aircraft is parked: alive."""
        return self._pose is None or self._now_s - self._pose.at_s <= self._silent_s

    def aircraft(self) -> TruePose:
        """The true pose now; before the first one, parked on the pad, level and facing north."""
        return TruePose(self._now_s, self._home, (1.0, 0.0, 0.0, 0.0)) if self._pose is None else self._pose.at(self._now_s)

    def place_enu_m(self) -> tuple[float, float, float]:
        """The aircraft in the town frame."""
        ned = ned_between(self._home, self.aircraft().position)
        return ned.east_m, ned.north_m, self._config.roof_height_m - ned.down_m

    def vehicle(self) -> VehiclePose:
        return self._drives.pose

    def pad(self) -> Position:
        """The roof pad's centre."""
        vehicle = self.vehicle()
        return offset(self._home, Ned(vehicle.north_m, vehicle.east_m, 0.0))

    @property
    def seated(self) -> bool:
        """Whether the aircraft truly stands on the pad."""
        return is_seated(ned_between(self.pad(), self.aircraft().position))

    def latch_state(self) -> LatchState:
        return self._latch.state(seated=self.seated)

    def gnss_position(self) -> Position | None:
        """Where the vehicle's receiver, but for its noise, believes the pad to be; None: it has no fix."""
        return effects.received(self._script, self.pad())

    def frozen(self, eye: Eye) -> Frames | None:
        """What a camera does instead of its work; None: it works."""
        return effects.frozen(self._script, eye)

    def world_state(self) -> WorldState:
        """The truth. A silent autopilot's aircraft is nowhere."""
        vehicle = self.vehicle()
        return WorldState(
            sent_s=self._now_s,
            aircraft=self.aircraft().position if self.alive() else None,
            vehicle=self.pad(),
            vehicle_heading_rad=vehicle.heading_rad,
            seated=self.seated,
            actors=[self._actor(actor) for actor in self._actors],
            faults=self.faults[-_FAULTS_TOLD:],
        )

    def _actor(self, actor: TownActor) -> Actor:
        place = actor.at(self.time_s)
        position = offset(self._home, Ned(place.north_m, place.east_m, self._config.roof_height_m))
        return Actor(kind=actor.kind, position=position, speed_m_s=place.speed_m_s)
