"""The daemon's loop: receive, decide, send. One thread, so that the heartbeat is sent only while all of it works."""

from __future__ import annotations

from pathlib import Path

import zmq

import missions
from groundlink.configuration import GroundlinkConfig, mission_path, mission_text
from groundlink.latch import Latch
from groundlink.link.aircraft import AircraftView
from groundlink.link.authority import Authority
from groundlink.link.desk import Desk
from groundlink.link.front import Asked, Front
from groundlink.link.latch_control import Action, Decision, StuckWatch, checked, decide
from groundlink.link.record import Record
from groundlink.link.uplink import Uplink
from groundlink.link.warnings import POSITION_STALE_S, Known, warnings
from groundlink.position import PositionSource
from groundlink.words import aircraft_sentence
from wire.clock import Clock, next_due_s
from wire.errors import ConfigurationError
from wire.messages import (
    AircraftState,
    Answer,
    ConsoleState,
    Event,
    LatchState,
    Order,
    Reply,
    VehicleState,
    VideoState,
    VisionState,
)
from wire.sockets import Bus, Publisher, Subscriber

PERIOD_S = 0.2
STALL_WALL_S = 2.0
"""After a pause this long in real seconds, what clients asked meanwhile is too old to be obeyed."""

_SETTLE_WALL_S = 0.5
_LONGEST_WAIT_WALL_S = 0.5
_QUEUE = 64


class Daemon:
    def __init__(
        self, config: GroundlinkConfig, bus: Bus, clock: Clock, *, latch: Latch, position: PositionSource, record: Record
    ) -> None:
        self._config, self._bus, self._clock = config, bus, clock
        self._latch, self._position, self._record = latch, position, record
        self._aircraft, self._uplink, self._stuck = AircraftView(), Uplink(), StuckWatch()
        self._desk = Desk(Authority(config.operators), self._mission_of)
        self._open_sockets()
        self._sequence = 0
        self._vision: VisionState | None = None
        self._video: VideoState | None = None
        self._decision = Decision(Action.KEEP, "")
        self._next_tick_s = self._last_step_s = clock.now_s()
        self._stalled_until_s = float("-inf")

    def _open_sockets(self) -> None:
        bus, aircraft, listen = self._bus, self._config.aircraft, self._config.listen
        self._flight = self._subscribe(aircraft.telemetry, "aircraft", "state", "event", "reply")
        self._eyes = self._subscribe(aircraft.vision, "aircraft", "vision_state", "detections")
        self._screen = self._subscribe(self._config.video.endpoints.video_state, bus.keyring.name, "video_state")
        self._up = Publisher(bus.connect(zmq.PUB, aircraft.commands, "aircraft"))
        self._front = Front(bus, listen.orders)
        watchers = [name for name in bus.keyring.known if name not in ("aircraft", "world")]
        self._console = Publisher(bus.bind(zmq.PUB, listen.console, watchers, depth=2))

    def _subscribe(self, endpoint: str, server: str, *topics: str) -> Subscriber:
        socket = self._bus.connect(zmq.SUB, endpoint, server, depth=_QUEUE)
        subscriber = Subscriber(socket, self._bus.keyring, topics)
        self._bus.watch(subscriber)
        return subscriber

    def step(self) -> None:
        """Once around; then waits until something arrives or is due."""
        now_s = self._clock.now_s()
        self._notice_stall(now_s)
        self._receive(now_s)
        for asked in self._front.receive():
            self._take(asked, now_s)
        for answer in self._desk.tick(now_s, self._in_words(now_s)):
            self._answer(answer, now_s)
        if now_s >= self._next_tick_s:
            self._tick(now_s)
            self._next_tick_s = next_due_s(self._next_tick_s, now_s, PERIOD_S)
        self._uplink.keep(self._desk.unanswered)
        for command in self._uplink.due(now_s):
            self._up.send("command", command)
        self._wait()

    def _wait(self) -> None:
        due_s = self._uplink.next_s()
        until_s = self._next_tick_s if due_s is None else min(self._next_tick_s, due_s)
        self._bus.wait(min(_LONGEST_WAIT_WALL_S, self._clock.wall_s(until_s - self._clock.now_s())))

    def _notice_stall(self, now_s: float) -> None:
        pause_s = now_s - self._last_step_s
        wall_s = self._clock.wall_s(pause_s)
        self._last_step_s = now_s
        if wall_s > STALL_WALL_S:
            self._stalled_until_s = now_s + pause_s / wall_s * _SETTLE_WALL_S
            self._record.happened(now_s, "stalled", wall_s=wall_s)

    def _receive(self, now_s: float) -> None:
        self._latch.read(now_s)  # takes in what woke the loop, so that its age is right
        self._position.read(now_s)
        for received in self._flight.receive(now_s):
            if isinstance(received.message, AircraftState):
                self._aircraft.take(received.message, now_s)
                self._record.state(now_s, received.message)
            elif isinstance(received.message, Reply):
                self._replied(received.message, now_s)
            elif isinstance(received.message, Event):
                self._record.happened(now_s, "event", received.message)
        for received in self._eyes.receive(now_s) + self._screen.receive(now_s):
            self._record.stream(now_s, received.topic, received.message)
            if isinstance(received.message, VisionState):
                self._vision = received.message
            elif isinstance(received.message, VideoState):
                self._video = received.message

    def _replied(self, reply: Reply, now_s: float) -> None:
        state = self._aircraft.state
        answer = self._desk.reply(reply, now_s, None if state is None else state.phase)
        if answer is not None:
            self._record.happened(now_s, "reply", reply)
            self._answer(answer, now_s)

    def _take(self, asked: Asked, now_s: float) -> None:
        stalled = now_s < self._stalled_until_s
        refusal = "the vehicle's daemon was stuck and this order is old by now: say it again" if stalled else None
        taken = self._desk.take(asked.order, asked.operator, now_s, self._in_words(now_s), refusal)
        if asked.order.asked_again:  # nothing new has happened
            for answer in taken.answers:
                self._front.answer(answer)
            return
        if taken.command is not None or taken.answers:
            self._record.order(now_s, asked.order, asked.operator)
        for answer in taken.answers:
            self._answer(answer, now_s)
        if taken.command is not None:
            self._uplink.add(taken.command)
            self._record.command(now_s, taken.command)

    def _answer(self, answer: Answer, now_s: float) -> None:
        self._front.answer(answer)
        self._record.answer(now_s, answer)

    def _mission_of(self, order: Order) -> str:
        if order.mission is not None:
            missions.parse(order.mission, "the mission")
            return order.mission
        if self._config.mission is None:
            raise ConfigurationError("no mission was named and the vehicle has no default one: name a mission")
        return mission_text(mission_path(self._config.mission, Path.cwd()))

    def _in_words(self, now_s: float) -> str:
        return aircraft_sentence(self._aircraft.state, self._aircraft.age_s(now_s))

    def _tick(self, now_s: float) -> None:
        """Five times a second: the heartbeat, the latch, the console."""
        report = self._latch.read(now_s)
        latch, latch_age_s = (None, None) if report is None else (checked(report[0]), report[1])
        vehicle = self._vehicle_state(now_s, latch, latch_age_s)
        self._up.send("vehicle", vehicle)
        stuck = self._drive_latch(now_s, latch, latch_age_s)
        self._console.send("console", self._console_state(now_s, vehicle, stuck))
        self._record.vehicle(now_s, vehicle)
        self._record.latch(now_s, latch, self._decision)
        self._record.link(now_s, alive=self._aircraft.alive(now_s), age_s=self._aircraft.age_s(now_s))

    def _vehicle_state(self, now_s: float, latch: LatchState | None, latch_age_s: float | None) -> VehicleState:
        fix = self._position.read(now_s)
        self._sequence += 1
        return VehicleState(
            sent_s=now_s,
            sequence=self._sequence,
            position=fix.position if fix is not None and fix.age_s <= POSITION_STALE_S else None,
            position_age_s=None if fix is None else fix.age_s,
            speed_m_s=None if fix is None else fix.speed_m_s,
            latch=latch,
            latch_age_s=latch_age_s,
            echo=self._aircraft.echo(),
        )

    def _drive_latch(self, now_s: float, latch: LatchState | None, latch_age_s: float | None) -> str | None:
        age_s = self._aircraft.proven_age_s(now_s)
        self._decision = decide(self._aircraft.state, age_s, latch, latch_age_s, launching=self._desk.launching())
        if self._decision.action is not Action.KEEP:
            self._latch.order(to_open=self._decision.action is Action.OPEN, now_s=now_s)
        return self._stuck.update(self._decision.action, latch, now_s)

    def _console_state(self, now_s: float, vehicle: VehicleState, stuck: str | None) -> ConsoleState:
        aircraft, age_s = self._aircraft.state, self._aircraft.age_s(now_s)
        known = Known(
            aircraft=aircraft,
            aircraft_age_s=age_s,
            vehicle=vehicle,
            latch_stuck=stuck,
            vision=self._vision,
            vision_age_s=self._eyes.health["vision_state"].age_s(now_s),
            video=self._video,
            log_trouble=self._record.trouble,
            wire_errors=self._wire_errors(),
        )
        return ConsoleState(
            sent_s=now_s,
            aircraft=aircraft,
            aircraft_age_s=age_s,
            round_trip_s=self._aircraft.clock.round_trip_s,
            clock_offset_s=self._aircraft.clock.offset_s,
            vehicle=vehicle,
            latch_reason=stuck or self._decision.reason,
            video=self._video,
            warnings=warnings(known),
        )

    def _wire_errors(self) -> list[str]:
        healths = [health for each in (self._flight, self._eyes, self._screen) for health in each.health.values()]
        return [each.last_error for each in healths if each.malformed and not each.valid()]
