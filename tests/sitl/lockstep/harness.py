"""Whole flights in simulated time, watched: at every step what must never be is looked for, by the simulation's own truth."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pymavlink.dialects.v20 import development as mavlink

from missions import requests as ask
from sitl.autopilot.protocol.links import LinkName
from sitl.lockstep.lockstep import ROUND_S, Lockstep, default_mission
from wire import geo
from wire.geo import Ned
from wire.messages import AircraftState, Phase, Reply, Stage, Verb

P = Phase

SHORT = """
name: short
clear_height_m: 8
return_height_m: 8
orbit: {radius_m: 8, height_m: 10, speed_m_s: 3, laps: 0.4}
"""
"""A mission with every phase that is soon over."""

LONG = """
name: long
clear_height_m: 8
return_height_m: 8
orbit: {radius_m: 20, height_m: 15, speed_m_s: 5, laps: 20}
ends: {flight_time_s: 3600}
"""
"""A survey that does not end while a test looks."""

READY_S = 8.0
"""Simulated seconds until the autopilot may arm and the aircraft knows where the vehicle is."""

NARRATIVE = (
    P.CHECKING, P.RELEASING, P.ARMING, P.CLIMBING, P.TRANSIT, P.SURVEYING, P.RETURNING, P.LANDING, P.SECURING, P.SECURED,
)  # fmt: skip

_CANCELS = (ask.SelectHold, ask.Hold, ask.Takeoff, ask.Reposition, ask.FlyOrbit, ask.Land, ask.ReturnHome, ask.Arm, ask.Disarm)


class Watched(Lockstep):
    """Fails the test when, at any step, the aircraft is armed while the latch holds it, or flight is not quiet when it must."""

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self.sent: Counter[str] = Counter()
        """What really went over the wire to the autopilot: message types, and MAV_CMD names of commands."""
        self.officer_overrides = False
        """Set by a test in which the officer orders something during a failsafe."""
        self.carried_to_the_pad = False
        """Somebody has put the aircraft back by hand."""
        self.hands_on_latch = False
        """Somebody shuts the latch by hand: then only how long it stays armed can be looked at."""
        self.armed_while_latched_s = 0.0
        self._parser = mavlink.MAVLink(None)
        self._parser.robust_parsing = True

    @property
    def armed(self) -> bool:
        """The truth of it."""
        return self.autopilot.pilot.commander.armed

    @property
    def newest(self) -> AircraftState:
        """The newest state that the aircraft told."""
        return self.states[-1]

    @property
    def mode(self) -> str:
        return self.autopilot.pilot.mode.name

    @property
    def height_m(self) -> float:
        """Above the pad's level at the start, in truth."""
        return -self.autopilot.pilot.flight.body.position_m.down

    def step(self) -> None:
        for data in self.wire.to_autopilot:
            self._count(data)
        before = len(self.requests)
        quiet = self.phase is P.YIELDED and not self.officer_overrides
        super().step()
        if self.armed and self.latch.holds:
            assert self.hands_on_latch, f"armed while latched, {self.phase} at {self.now_s:.2f} s"
            self.armed_while_latched_s += ROUND_S
        if quiet and self.phase is P.YIELDED:
            loud = [r for r in self.requests[before:] if isinstance(r, _CANCELS)]
            assert not loud, f"not quiet while yielded: {loud}"

    def _count(self, data: bytes) -> None:
        for message in self._parser.parse_buffer(data) or []:
            kind = message.get_type()
            if kind in ("COMMAND_LONG", "COMMAND_INT"):
                self.sent[mavlink.enums["MAV_CMD"][message.command].name] += 1
            else:
                self.sent[kind if kind != "HEARTBEAT" else f"HEARTBEAT {message.type}"] += 1

    def seated(self) -> bool:
        return self.carried_to_the_pad or super().seated()

    # What tests do

    def drive_off(self, after_launch_s: float = 0.0) -> None:
        """The vehicle begins now what it would do so long after a launch."""
        self.drives.drive_off(after_launch_s)

    def from_other_station(self, message: Any, system: int = 254) -> None:
        """A message of another ground station, on the ground station's link of the autopilot."""
        codec = mavlink.MAVLink(None, srcSystem=system, srcComponent=mavlink.MAV_COMP_ID_MISSIONPLANNER)
        self.autopilot.receive(LinkName.GCS, bytes(message.pack(codec)))

    def launch(self, mission: str = SHORT) -> str:
        """Order a launch once everything is up."""
        if self.now_s < READY_S:
            self.run(READY_S - self.now_s)
        return self.order(Verb.LAUNCH, mission)

    def fly_to(self, phase: Phase, mission: str = SHORT, timeout_s: float = 200.0) -> str:
        """Launch and fly until the aircraft is in a phase; the launch's id."""
        order = self.launch(mission)
        assert self.phase is phase or self.run_until(lambda: self.phase is phase, timeout_s), self.story()
        return order

    def wait_for(self, *phases: Phase, timeout_s: float = 250.0) -> Phase:
        """Fly on until one of these phases."""
        assert self.phase in phases or self.run_until(lambda: self.phase in phases, timeout_s), self.story()
        return self.phase

    def outcome(self, order: str, timeout_s: float = 60.0) -> Reply:
        """Fly on until an order has ended."""
        self.run_until(lambda: self.end_of(order) is not None, timeout_s)
        end = self.end_of(order)
        assert end is not None, f"the order did not end: {self.story()}"
        return end

    def refused(self, verb: Verb, mission: str | None = None, **how: float) -> str:
        """Order something that is refused, and nothing changes by it; the sentence."""
        before = self.phase
        end = self.outcome(self.order(verb, mission, **how), 1.0)
        assert end.stage is Stage.REFUSED, end
        assert self.phase is before
        return end.sentence

    # What tests look at

    def story(self) -> str:
        """What happened, for a failing test's message."""
        return "\n".join(f"{e.at_s:7.1f} {e.kind:9} {e.sentence}" for e in self.events[-30:])

    def off_pad_m(self) -> float:
        return geo.distance_m(self.pad(), self.aircraft())

    def away(self) -> Ned:
        """From the pad to the aircraft, in truth."""
        return geo.ned_between(self.pad(), self.aircraft())

    def safe_on_the_roof(self) -> None:
        """The truth at the end of a flight that went well."""
        latch = self.latch_state()
        assert not self.armed, self.story()
        assert latch.seated and latch.closed and not latch.open, f"{latch}, {self.away()}\n{self.story()}"

    def asked(self, since: int = 0) -> list[type]:
        """The kinds of requests that flight sent, in order."""
        return [type(r) for r in self.requests[since:]]


def in_order(wanted: Sequence[Phase], seen: Sequence[Phase]) -> bool:
    """Whether phases were entered in this order, with others perhaps between."""
    rest = iter(seen)
    return all(phase in rest for phase in wanted)


__all__ = ["LONG", "NARRATIVE", "READY_S", "SHORT", "P", "Watched", "default_mission", "in_order"]
