"""Flight against the embedded autopilot in simulated time: no sockets, no pictures, as fast as the machine goes, repeatable.

The aircraft's own `Flight`, the vehicle's real latch logic, the simulated latch and the embedded autopilot, stepped together.
What needs sockets, video or the voice is flown by `sitl fly`.
"""

from __future__ import annotations

import random
import uuid
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import msgspec

from missions import model
from onboard.flight import parameters as required
from onboard.flight.configuration import FlightConfig
from onboard.flight.flight import Flight, Turn
from sitl.autopilot.body.wind import Wind
from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol.links import Datagram, LinkName
from sitl.lockstep.cable import Cable
from sitl.lockstep.roof import Roof
from sitl.lockstep.sightings import SimulatedSightings
from sitl.options import HOME
from sitl.scenario import effects
from sitl.scenario.events import Kill
from sitl.scenario.model import Scenario
from sitl.scenario.script import Change, LaunchClock, Script
from sitl.world.configuration import LatchFaults, Move
from sitl.world.vehicle import moves_of
from wire import geo
from wire.geo import Ned, Position
from wire.messages import (
    AircraftState,
    Command,
    Event,
    Message,
    Phase,
    Pose,
    Reply,
    Stage,
    Verb,
)

ROUND_S = 0.048  # twelve steps of the autopilot
RESTART_S = 2.0
"""How long vision, or the vehicle's link, is gone when it is killed."""
CALM = {"SYS_FAILURE_EN": 0.0, "SIM_BAT_DRAIN": 900.0, "SIM_BAT_MIN_PCT": 5.0}


class Lockstep(Roof):
    """A stack in simulated time, the same for the same seed and orders.

    To make things go wrong, change between rounds what stands without an underscore.
    """

    def __init__(
        self,
        *,
        seed: int = 1,
        parameters: Mapping[str, float] | None = None,
        wind: Wind | None = None,
        moves: Sequence[Move] = (),
        latch: LatchFaults | None = None,
        config: FlightConfig | None = None,
        gnss_noise_m: float = 0.0,
        scenario: Scenario | None = None,
    ) -> None:
        failing = {"SYS_FAILURE_EN": 1.0} if scenario is not None and scenario.px4_failures else {}
        values = {r.name: r.set_to for r in required.REQUIRED} | CALM | failing
        self.changes: list[tuple[Change, str]] = []
        """What has begun and ended of the scenario, and what came of it."""
        self.autopilot = Autopilot(
            seed=seed,
            home=HOME,
            parameters=values | dict(parameters or {}),
            wind=wind,
            events=() if scenario is None else scenario.of_the_autopilot,
            tell=lambda change, outcome: self.changes.append((change, outcome)),
        )
        others = [] if scenario is None else [*scenario.of_the_world, *scenario.cuts, *scenario.kills]
        super().__init__(
            seed=seed,
            moves=[*moves, *moves_of(others)],
            latch=latch or LatchFaults(),
            gnss_noise_m=gnss_noise_m,
            script=Script(others),
        )
        self._launch = LaunchClock()
        self.wire = Cable()
        self._config = config or FlightConfig()
        self.flight = Flight(self._config, self.wire)
        self.camera = SimulatedSightings(seed)
        self.seeking = False
        """Flight asks vision to look for the roof's marker."""
        self.states: list[AircraftState] = []
        self.events: list[Event] = []
        self.replies: list[Reply] = []
        self.requests: list[object] = []
        self.downlinked: Sequence[Message] = ()
        """What of flight's newest round came to the vehicle."""
        self.turn = Turn()
        """What flight gave in the newest round."""
        self.datagrams: list[Datagram] = []
        """What the autopilot sent in the newest round, on every link."""
        self._ids = random.Random(f"orders {seed}")
        self._launches: list[str] = []

    @property
    def now_s(self) -> float:
        return self.autopilot.now_s

    @property
    def launched_s(self) -> float | None:
        """When it was first airborne."""
        return self._launch.launched_s

    @property
    def state(self) -> AircraftState | None:
        return self.states[-1] if self.states else None

    @property
    def phase(self) -> Phase:
        return self.flight.phase

    @property
    def phases(self) -> list[Phase]:
        """Each phase that was entered, in order, by the events told."""
        return [Phase(e.sentence.partition(":")[0]) for e in self.events if e.kind == "phase"]

    def aircraft(self) -> Position:
        """Where the aircraft truly is."""
        return geo.offset(HOME, Ned(*self.autopilot.pilot.flight.body.position_m))

    def order(self, verb: Verb, mission_yaml: str | None = None, *, issued_s: float | None = None, life_s: float = 3.0) -> str:
        """Give an order as the vehicle would; its id."""
        at_s = self.now_s if issued_s is None else issued_s
        command = Command(
            id=self.new_id(),
            verb=verb,
            operator="operator",
            issued_s=at_s,
            expires_s=at_s + life_s,
            mission_yaml=mission_yaml,
        )
        self.give(command)
        return command.id

    def new_id(self) -> str:
        """An order's id, as random as any and yet the same for the same seed."""
        return uuid.UUID(int=self._ids.getrandbits(128), version=4).hex

    def give(self, command: Command) -> None:
        """As the radio brings a command, also a second time."""
        if command.verb is Verb.LAUNCH and command.id not in self._launches:
            self._launches.append(command.id)
        if effects.is_cut(self._script, "up"):
            return
        self.flight.command(command, self.now_s)

    def end_of(self, order_id: str) -> Reply | None:
        """The reply that ended an order, or None while it goes on."""
        ends = [r for r in self.replies if r.command_id == order_id and r.stage is not Stage.ACCEPTED]
        return ends[0] if ends else None

    def restart_flight(self) -> None:
        """The flight process died and its supervisor started a new one, which knows nothing."""
        self.flight = Flight(self._config, self.wire)

    def run(self, seconds: float) -> None:
        until_s = self.now_s + seconds
        while self.now_s < until_s:
            self.step()

    def run_until(self, seen: Callable[[], object], timeout_s: float) -> bool:
        """Step until something is so; False when it is not so within `timeout_s` simulated seconds."""
        until_s = self.now_s + timeout_s
        while self.now_s < until_s:
            self.step()
            if seen():
                return True
        return False

    def step(self) -> None:
        """One round of everything."""
        for data in self.wire.to_autopilot:
            self.autopilot.receive(LinkName.ONBOARD, data)
        self.wire.to_autopilot.clear()
        self.datagrams = self.autopilot.step(ROUND_S)
        for link, data in self.datagrams:
            if link is LinkName.ONBOARD:
                self.wire.to_flight.append(data)
        self._direct()
        heartbeat = self._vehicle(launching=any(self.end_of(order) is None for order in self._launches))
        if heartbeat is not None and not effects.is_cut(self._script, "up"):
            self.flight.heartbeat(heartbeat, self.now_s)
        self.turn = self.flight.round(self.now_s)
        self.requests += self.turn.requests
        self.downlinked = () if effects.is_cut(self._script, "down") else [message for _, message in self.turn.messages]
        for _, message in self.turn.messages:
            self._take(message)
        if self.seeking:
            attitude = self.autopilot.pilot.flight.body.quaternion
            for sighting in self.camera.look(self.now_s, self.aircraft(), attitude, self.pad()):
                self.flight.sighted(sighting, self.now_s)

    def _take(self, message: Message) -> None:
        if isinstance(message, AircraftState):
            self.states.append(message)
            self._hear(message)
        elif isinstance(message, Event):
            self.events.append(message)
        elif isinstance(message, Reply):
            self.replies.append(message)
        elif isinstance(message, Pose):
            self.seeking = message.seek_pad

    def _direct(self) -> None:
        """The scenario."""
        height_m = -self.autopilot.pilot.flight.body.position_m.down
        changes = self._script.update(self._launch.update(height_m, self.now_s))
        for change in changes:
            self.changes.append((change, ""))
            if isinstance(change.event, Kill):
                self._kill(change.event)
        if changes:
            stuck = effects.latch_stuck(self._script) or self._latch_faults.stuck
            self.latch.faults = msgspec.structs.replace(self._latch_faults, stuck=stuck)
        self.camera.frozen = effects.frozen(self._script, "landing")

    def _kill(self, event: Kill) -> None:
        """Supervisors start it again; flight comes back at once, the others after a while."""
        if event.process == "flight":
            self.restart_flight()
        elif event.process == "vision":
            self.camera.gone_until_s = self.now_s + RESTART_S
        else:
            self._link_gone_until_s = self.now_s + RESTART_S


def default_mission() -> str:
    """The text of the shipped mission."""
    return (Path(model.__file__).parent / "launch-and-survey.yaml").read_text(encoding="utf-8")
