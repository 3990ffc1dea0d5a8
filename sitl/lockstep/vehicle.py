"""The vehicle's daemon without its sockets, beside a flight in lockstep: its desk, its console, both logs.

Desk, warnings and both logs are the real ones. Their times are simulated; the logs' `utc` counts from where the autopilot's
SYSTEM_TIME does, so that the same flight leaves the same bytes.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

from groundlink.configuration import Operator
from groundlink.link.aircraft import AircraftView
from groundlink.link.authority import Authority
from groundlink.link.desk import Desk
from groundlink.link.latch_control import StuckWatch
from groundlink.link.record import Record
from groundlink.link.warnings import Known, warnings
from groundlink.words import aircraft_sentence
from onboard.flight.record import Record as AircraftRecord
from sitl.lockstep.lockstep import Lockstep
from wire.journal import Journal
from wire.messages import AircraftState, Answer, ConsoleState, Event, Order, Reply, VehicleState, Verb, VisionState, WorldState

OPERATOR = "operator"
EPOCH = datetime.fromtimestamp(1.7e9, UTC)
"""Of the embedded autopilot's SYSTEM_TIME, where nothing else is said."""


class Vehicle:
    """Call `look` after every round of the stack; close it in the end."""

    def __init__(self, stack: Lockstep, folder: Path, answered: Callable[[Verb, Answer], None]) -> None:
        self.console: ConsoleState | None = None
        self._stack, self._answered = stack, answered
        self._journals = [Journal(each, self.utc) for each in (folder, folder / "onboard")]
        self._record, self._aircraft_record = Record(self._journals[0]), AircraftRecord(self._journals[1])
        self._desk = Desk(Authority([Operator(name=OPERATOR, launch=True)]), lambda order: order.mission or "")
        self._aircraft, self._stuck = AircraftView(), StuckWatch()
        self._heartbeat: VehicleState | None = None
        self._verbs: dict[str, Verb] = {}

    def utc(self) -> datetime:
        """Simulated."""
        return EPOCH + timedelta(seconds=self._stack.now_s)

    @property
    def trouble(self) -> str | None:
        """Why a log cannot be written."""
        return next((journal.trouble for journal in self._journals if journal.trouble), None)

    def close(self) -> None:
        for journal in self._journals:
            journal.close()

    def happened(self, kind: str, **fields: object) -> None:
        """Write something down in the vehicle's log."""
        self._record.happened(self._stack.now_s, kind, None, **fields)

    def order(self, verb: Verb, mission_yaml: str | None = None) -> None:
        """An officer's order, from the desk to the aircraft, which hears it at once."""
        now_s = self._stack.now_s
        order = Order(id=self._stack.new_id(), verb=verb, mission=mission_yaml)
        self._verbs[order.id] = verb
        taken = self._desk.take(order, OPERATOR, now_s, self._in_words())
        self._record.order(now_s, order, OPERATOR)
        for answer in taken.answers:
            self._answer(answer)
        if taken.command is not None:
            self._record.command(now_s, taken.command)
            self._aircraft_record.command(now_s, taken.command, "groundlink")
            self._stack.give(taken.command)

    def look(self) -> bool:
        """Take in a round of the stack; True when the console is new."""
        now_s, stack = self._stack.now_s, self._stack
        self._aircraft_record.turn(now_s, stack.turn)
        for message in stack.downlinked:
            if isinstance(message, AircraftState):
                self._aircraft.take(message, now_s)
                self._record.state(now_s, message)
            elif isinstance(message, Reply):
                self._reply(message)
            elif isinstance(message, Event):
                self._record.happened(now_s, "event", message)
        for answer in self._desk.tick(now_s, self._in_words()):
            self._answer(answer)
        if stack.heartbeat is None or stack.heartbeat is self._heartbeat:
            return False
        self._heartbeat = stack.heartbeat
        self._tick(stack.heartbeat)
        return True

    def truth(self) -> WorldState:
        """The simulation's."""
        stack = self._stack
        return WorldState(
            sent_s=stack.now_s,
            aircraft=stack.aircraft(),
            vehicle=stack.pad(),
            vehicle_heading_rad=0.0,
            seated=stack.seated(),
            actors=[],
        )

    def _reply(self, reply: Reply) -> None:
        answer = self._desk.reply(reply, self._stack.now_s)
        if answer is not None:
            self._record.happened(self._stack.now_s, "reply", reply)
            self._answer(answer)

    def _answer(self, answer: Answer) -> None:
        self._record.answer(self._stack.now_s, answer)
        self._answered(self._verbs[answer.order_id], answer)

    def _in_words(self) -> str:
        return aircraft_sentence(self._aircraft.state, self._aircraft.age_s(self._stack.now_s))

    def _tick(self, heartbeat: VehicleState) -> None:
        now_s, decision = self._stack.now_s, self._stack.decision
        age_s = self._aircraft.age_s(now_s)
        stuck = self._stuck.update(decision.action, heartbeat.latch, now_s)
        self._record.vehicle(now_s, heartbeat)
        self._record.latch(now_s, heartbeat.latch, decision)
        self._record.link(now_s, alive=self._aircraft.alive(now_s), age_s=age_s)
        vision = None if self._stack.camera.dead else _seeing(now_s)
        known = Known(
            aircraft=self._aircraft.state,
            aircraft_age_s=age_s,
            vehicle=heartbeat,
            latch_stuck=stuck,
            vision=vision,
            vision_age_s=None if vision is None else 0.0,
            log_trouble=self.trouble,
        )
        self.console = ConsoleState(
            sent_s=now_s,
            aircraft=self._aircraft.state,
            aircraft_age_s=age_s,
            round_trip_s=self._aircraft.clock.round_trip_s,
            clock_offset_s=self._aircraft.clock.offset_s,
            vehicle=heartbeat,
            latch_reason=stuck or decision.reason,
            video=None,
            warnings=warnings(known),
        )


def _seeing(now_s: float) -> VisionState:
    """Of a vision that works: its model sees the roof's marker, and there is no picture to complain of."""
    return VisionState(
        sent_s=now_s, camera_valid=True, reason="", frames_per_s=0.0, frames_dropped=0, encode_ms=None, detect_ms=None
    )
