"""The vehicle's half of a flight in lockstep: its drives, receiver, latch with the real latch logic, and its heartbeats."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from groundlink.link import latch_control
from groundlink.link.latch_control import Action, Decision
from sitl.options import HOME
from sitl.scenario import effects
from sitl.scenario.script import Script
from sitl.world.configuration import LatchFaults, Move
from sitl.world.latch import Latch, is_seated
from sitl.world.receiver import GnssNoise
from sitl.world.vehicle import Drives
from wire import geo
from wire.geo import Ned, Position
from wire.messages import AircraftState, Echo, LatchState, VehicleState

HEARTBEAT_S = 0.2


class Roof(ABC):
    """What stands without an underscore may be changed between rounds, to make things go wrong."""

    def __init__(self, *, seed: int, moves: Sequence[Move], latch: LatchFaults, gnss_noise_m: float, script: Script) -> None:
        self.latch = Latch(latch, 0.0)
        self.vehicle_silent = self.no_fix = self.clock_unknown = self.speed_unknown = False
        self.fix_age_s = 0.1
        self.heartbeat: VehicleState | None = None
        """The vehicle's newest."""
        self.decision = Decision(Action.KEEP, "")
        """The vehicle's newest, of its latch."""
        self.drives = Drives(moves)
        self._latch_faults, self._script = latch, script
        self._gnss = GnssNoise(seed, gnss_noise_m)
        self._heard: AircraftState | None = None
        self._heard_s = 0.0  # when that newest state came to the vehicle
        self._heartbeats, self._heartbeat_s = 0, -1.0
        self._link_gone_until_s = -1.0

    @property
    @abstractmethod
    def now_s(self) -> float:
        """Simulated."""

    @abstractmethod
    def aircraft(self) -> Position:
        """Where the aircraft truly is."""

    def pad(self) -> Position:
        """Where the vehicle's roof pad truly is."""
        pose = self.drives.pose
        return geo.offset(HOME, Ned(pose.north_m, pose.east_m, 0.0))

    def seated(self) -> bool:
        return is_seated(geo.ned_between(self.pad(), self.aircraft()))

    def latch_state(self) -> LatchState:
        return self.latch.state(seated=self.seated())

    def _hear(self, state: AircraftState) -> None:
        """What the radio brings down, unless it is cut."""
        if not effects.is_cut(self._script, "down"):
            self._heard, self._heard_s = state, self.now_s

    def _vehicle(self, *, launching: bool) -> VehicleState | None:
        """One round of the vehicle; the heartbeat that it sends now, if it does. `launching`: a launch has not ended yet."""
        self.drives.advance(self.now_s)
        self.latch.update(self.now_s)
        self.drives.see(-geo.ned_between(HOME, self.aircraft()).down_m, seated=self.seated(), held=self.latch.holds)
        if self.vehicle_silent or self.now_s < max(self._link_gone_until_s, self._heartbeat_s + HEARTBEAT_S):
            return None
        self._heartbeat_s = self.now_s
        self._drive_latch(launching=launching)
        self._heartbeats += 1
        self.heartbeat = self._state()
        return self.heartbeat

    def _state(self) -> VehicleState:
        newest = self._heard
        echo = None if newest is None or self.clock_unknown else Echo(peer_sent_s=newest.sent_s, received_s=self._heard_s)
        place = None if self.no_fix else effects.received(self._script, self.pad())
        return VehicleState(
            sent_s=self.now_s,
            sequence=self._heartbeats,
            position=None if place is None else self._gnss.applied(place),
            position_age_s=None if place is None else self.fix_age_s,
            speed_m_s=None if place is None or self.speed_unknown else self.drives.pose.speed_m_s,
            latch=self.latch_state(),
            latch_age_s=0.0,
            echo=echo,
        )

    def _drive_latch(self, *, launching: bool) -> None:
        newest = self._heard
        age_s = None if newest is None else self.now_s - newest.sent_s
        self.decision = latch_control.decide(newest, age_s, self.latch_state(), 0.0, launching=launching)
        if self.decision.action is not Action.KEEP:
            self.latch.order(to_open=self.decision.action is Action.OPEN)
