"""sitl fly --headless: a whole flight in simulated time, as fast as the machine goes; the same seed leaves the same bytes.

Flight, latch logic, simulated latch and embedded autopilot in lockstep (lockstep.py), in one process, without sockets.
Nothing is drawn, so there is no video and nothing is detected; nobody speaks.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from missions import Mission, load
from sitl.autopilot.body.wind import Wind
from sitl.fly import SLACK_S, mission_file
from sitl.lockstep.lockstep import Lockstep
from sitl.lockstep.vehicle import Vehicle
from sitl.options import Options
from sitl.report.conclusion import conclude
from sitl.report.folders import record_folder
from sitl.report.record import FlightRecord
from sitl.scenario.telling import Teller
from sitl.stack.ready import missing
from sitl.world.configuration import Move
from wire.entry import INTERRUPTED
from wire.errors import DeviceError, LinkError, PilotfishError
from wire.messages import Answer, Stage, Verb
from wire.supervise import StopFlag

READY_S = 60.0
"""Simulated seconds that everything may take to come up."""

LAST_LOOKS_S = 1.0

Between = Callable[[Lockstep, Vehicle], None]


def stack_of(options: Options) -> Lockstep:
    """The stack that the options describe: the same weather, vehicle and faults as with real processes."""
    north_m_s, east_m_s = options.wind_m_s
    scenario = options.scenario
    stack = Lockstep(
        seed=options.seed,
        parameters=dict(options.parameters),
        wind=Wind(north_m_s=north_m_s, east_m_s=east_m_s, gust_m_s=options.gust_m_s, seed=options.seed),
        moves=[]
        if scenario
        else [Move(after_launch_s=at_s, north_m=n, east_m=e, speed_m_s=v) for at_s, n, e, v in options.moves],
        gnss_noise_m=options.gnss_noise_m,
        scenario=scenario,
    )
    stack.camera.dead = not options.marker
    return stack


def fly(options: Options, flights: Path, console: Console, *, between: Between = lambda _stack, _vehicle: None) -> int:
    """Fly once, with the records in `flights`; the exit code is 0 only if it went as the mission says. Raises PilotfishError.

    `between` is called before every round: it may change what stands without an underscore in the stack, and order things of
    the vehicle. An interrupt ends the flight at once and keeps nothing:
    it can be flown again.
    """
    mission = load(mission_file(options))
    stop = StopFlag()
    with record_folder(flights) as folder:
        began_wall_s = time.monotonic()
        flight = _Flight(options, folder.path, console, stop, between)
        flight.record.started = folder.started
        try:
            flown = flight.fly(mission, mission_file(options).read_text(encoding="utf-8"))
        except PilotfishError:
            folder.keep = True
            raise
        finally:
            flight.close()
        if not flown:
            console.print("interrupted: nothing is kept, the same flight can be flown again", highlight=False)
            return INTERRUPTED
        folder.keep = True
        took_s = time.monotonic() - began_wall_s
        speed = flight.stack.now_s / took_s
        console.print(f"{flight.stack.now_s:.0f} s in {took_s:.1f} s, {speed:.0f} times real time", highlight=False)
        return conclude(folder.path, flight.record, mission, options, console=console)


class _Flight:
    """One flight, with its record."""

    def __init__(self, options: Options, folder: Path, console: Console, stop: StopFlag, between: Between) -> None:
        self.stack, self.record = stack_of(options), FlightRecord()
        self.vehicle = Vehicle(self.stack, folder, self._answered)
        self._options, self._console, self._stop, self._between = options, console, stop, between
        self._teller = Teller(None if options.scenario is None else folder, "lockstep", self.vehicle.utc)

    def close(self) -> None:
        self.vehicle.close()
        self._teller.close()

    def fly(self, mission: Mission, mission_yaml: str) -> bool:
        """From everything up to everything over; False when somebody said stop. Raises LinkError or DeviceError."""
        self.vehicle.happened("started", headless=True, seed=self._options.seed)
        if not self._until(self._is_up, READY_S):
            if not self._stop:
                waiting = ", ".join(self._missing())
                raise LinkError(f"after {READY_S:g} simulated seconds still waiting for {waiting}")
            return False
        self.record.warnings.clear()  # while everything comes up, everything is missing
        del self.record.phases[:-1]
        self.vehicle.order(Verb.LAUNCH, mission_yaml)
        self._until(self.record.over, mission.orbit.expected_s + SLACK_S)
        self.record.ended_s = self.stack.now_s
        self._until(lambda: False, LAST_LOOKS_S)
        self.vehicle.happened("stopped")
        return not self._stop

    def _until(self, seen: Callable[[], bool], timeout_s: float) -> bool:
        """Fly on until something is so; False when time is up, or somebody said stop, before. Raises DeviceError."""
        until_s = self.stack.now_s + timeout_s
        while self.stack.now_s < until_s and not self._stop:
            self._between(self.stack, self.vehicle)
            self.stack.step()
            self._tell()
            if self.vehicle.look():
                self._look()
                if seen():
                    return True
        return False

    def _tell(self) -> None:
        """What has changed of the scenario."""
        for change, outcome in self.stack.changes:
            self._teller.tell(self.stack.now_s, [change], outcome)
            self._say(
                f"scenario: {change.event.sentence}{'' if change.began else ': over'}{f' ({outcome})' if outcome else ''}"
            )
        self.stack.changes.clear()

    def _look(self) -> None:
        """What the live view and the report are made of, five times a second."""
        if self.vehicle.trouble is not None:
            raise DeviceError(f"{self.vehicle.trouble}; the flight was broken off {self._how_far()}")
        self.record.world(self.vehicle.truth())
        if self.vehicle.console is not None:
            phases = len(self.record.phases)
            self.record.console(self.vehicle.console, self.stack.now_s)
            for span in self.record.phases[phases:]:
                self._say(f"{span.phase:<10} at {span.began_s:.1f} s: {span.reason}")

    def _how_far(self) -> str:
        return f"in the phase {self.record.phases[-1].phase}" if self.record.flew() else "before it had begun"

    def _is_up(self) -> bool:
        return not self._missing()

    def _missing(self) -> list[str]:
        return [what for what in missing(self.vehicle.console, self.record.truth) if what != "video"]

    def _answered(self, verb: Verb, answer: Answer) -> None:
        if answer.stage is not Stage.ACCEPTED:
            sentence = f"{verb} {answer.stage}: {answer.sentence}"
            self.record.answers.append(sentence)
            self._say(sentence)

    def _say(self, sentence: str) -> None:
        self._console.print(sentence, highlight=False, markup=False, soft_wrap=True)
