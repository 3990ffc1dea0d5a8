"""Flight without its sockets: heartbeats and commands in; messages for the vehicle and for vision, and MAVLink, out.

The process around it is in process.py; tests fly it in simulated time against the embedded autopilot.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from missions.landing import BEGIN_ABOVE_M
from missions.requests import Request
from missions.view import View
from onboard.flight.autopilot import Autopilot
from onboard.flight.conductor import Conductor, Round, distance_m, height_m
from onboard.flight.configuration import FlightConfig
from onboard.flight.deadman import DeadMan
from onboard.flight.link import Link
from onboard.flight.sight import PadSight
from onboard.flight.vehicle import VehicleTracker
from wire.clock import next_due_s
from wire.geo import Position
from wire.messages import AircraftState, Command, Echo, Event, Landed, Message, PadSighting, Phase, Pose, Reply, VehicleState

STATE_S = 0.2
POSE_S = 0.05
POSE_FRESH_S = 0.5
REPLY_AGAIN_S = 0.5
REPLIES_KEPT_S, REPLIES_KEPT = 30.0, 32
SEEKING = frozenset({Phase.RETURNING, Phase.LANDING})
"""Phases in which vision is asked to look for the roof's marker."""
_ON_ROOF = frozenset({Phase.STOWED, Phase.SECURED, Phase.CHECKING})


@dataclass
class Turn:
    """What one round gives: (topic, message) to send in order, and the requests that went to the autopilot, for the log."""

    messages: list[tuple[str, Message]] = field(default_factory=list)
    requests: list[Request] = field(default_factory=list)


class Flight:
    """One thread. Times are the board's clock; `clock_speed` is 1 outside of simulations."""

    def __init__(self, config: FlightConfig, link: Link, clock_speed: float = 1.0) -> None:
        self._config = config
        self._autopilot = Autopilot(link, config.system_id)
        self._conductor = Conductor(config.limits, clock_speed)
        self._vehicle, self._deadman = VehicleTracker(), DeadMan()
        self._sight, self._sight_told = PadSight(config.limits.max_sight_m), ""
        self._echo: Echo | None = None
        self._replies: list[Reply] = []
        self._state_due_s = self._pose_due_s = self._replies_due_s = -math.inf
        self._states = self._events = 0
        self._alive = False

    @property
    def phase(self) -> Phase:
        return self._conductor.phase

    def heartbeat(self, message: VehicleState, now_s: float) -> None:
        """The vehicle's heartbeat, from a sender that the socket let in. One that does not move on proves nothing."""
        if not self._vehicle.heard(message, now_s):
            return
        if self._vehicle.sent_s is not None:
            self._deadman.vehicle_heard(self._vehicle.sent_s)
        self._echo = Echo(peer_sent_s=message.sent_s, received_s=now_s)

    def command(self, message: Command, now_s: float) -> None:
        """An officer's order; the reply comes with the next round."""
        offset_s = self._vehicle.clock.offset_s
        self._conductor.order(message, None if offset_s is None else now_s + offset_s, now_s, self._view(now_s))

    def sighted(self, message: PadSighting, now_s: float) -> None:
        """What vision says of the roof's marker. Believed or not: that never fails."""
        self._sight.sighted(message, now_s, self._view(now_s))

    def round(self, now_s: float, vision_age_s: float | None = None) -> Turn:
        """Take in what the autopilot sent, decide, send, tell. Call it at 20 Hz or more."""
        self._autopilot.receive(now_s)
        self._place(now_s)
        view = self._view(now_s)
        on_roof = self._conductor.phase in _ON_ROOF and view.aircraft.landed is Landed.ON_GROUND
        self._vehicle.calibrate(self._fresh_place(view), on_roof=on_roof and view.vehicle.seated_seen())
        decided = self._conductor.update(now_s, view)
        for request in decided.requests:
            self._autopilot.send(request)
        self._deadman.progressed(now_s)
        turn = Turn(requests=decided.requests)
        self._beat(now_s, turn)
        self._tell_sight(view, now_s, turn)
        self._tell(decided, now_s, turn)
        if turn.messages or now_s >= self._state_due_s:
            if now_s >= self._state_due_s:
                self._state_due_s = next_due_s(self._state_due_s, now_s, STATE_S)
            turn.messages.append(("state", self._state(now_s, view, vision_age_s)))
        self._pose(now_s, view, turn)
        return turn

    @staticmethod
    def _fresh_place(view: View) -> Position | None:
        age_s = view.aircraft.position_age_s
        return view.aircraft.position if age_s is not None and age_s <= POSE_FRESH_S else None

    def _view(self, now_s: float) -> View:
        return View(self._autopilot.view(now_s), self._vehicle.view(now_s), self._sight.sight(now_s))

    def _place(self, now_s: float) -> None:
        aircraft = self._autopilot.view(now_s)
        if aircraft.position is not None and aircraft.position_age_s is not None:
            self._sight.moved(now_s - aircraft.position_age_s, aircraft.position)

    def _beat(self, now_s: float, turn: Turn) -> None:
        self._autopilot.tend(now_s)
        if self._deadman.relay(now_s):
            self._autopilot.relay_ground_station()
        alive = self._deadman.alive(now_s)
        if alive != self._alive:
            self._alive = alive
            sentence = "the vehicle is heard" if alive else "the vehicle is not heard any more: PX4 will come back by itself"
            turn.messages.append(("event", self._event("link", sentence, now_s)))

    def _tell_sight(self, view: View, now_s: float, turn: Turn) -> None:
        """What the landing will go by, each time that it changes while the marker is looked for."""
        if self._conductor.phase not in SEEKING:
            self._sight_told = ""
            return
        seen = view.sight is not None and view.sight.steady
        height_m = view.aircraft.height_m
        if not seen and height_m is not None and height_m <= BEGIN_ABOVE_M:
            return  # so near, it outgrows the picture
        sentence = "the roof's marker is seen well" if seen else "the roof's marker is not seen well: landing goes by position"
        if sentence != self._sight_told and (seen or self._sight_told or self._conductor.phase is Phase.LANDING):
            self._sight_told = sentence
            why = f" ({self._sight.reason})" if self._sight.reason and not seen else ""
            turn.messages.append(("event", self._event("marker", sentence + why, now_s)))

    def _tell(self, decided: Round, now_s: float, turn: Turn) -> None:
        """Events, new replies at once, and each command's last one again for a while: it must arrive when packets are lost."""
        turn.messages += [("event", self._event(kind, sentence, now_s)) for kind, sentence in decided.events]
        turn.messages += [("reply", reply) for reply in decided.replies]
        newer = {reply.command_id for reply in decided.replies}
        fresh = [r for r in self._replies if now_s - r.at_s < REPLIES_KEPT_S and r.command_id not in newer]
        if fresh and now_s >= self._replies_due_s:
            self._replies_due_s = next_due_s(self._replies_due_s, now_s, REPLY_AGAIN_S)
            turn.messages += [("reply", reply) for reply in fresh]
        self._replies = [*fresh, *{reply.command_id: reply for reply in decided.replies}.values()][-REPLIES_KEPT:]

    def _event(self, kind: str, sentence: str, now_s: float) -> Event:
        self._events += 1
        return Event(at_s=now_s, sequence=self._events, kind=kind, sentence=sentence)

    def _pose(self, now_s: float, view: View, turn: Turn) -> None:
        telemetry, aircraft = self._autopilot.telemetry, view.aircraft
        if aircraft.position is None or telemetry.attitude is None or telemetry.attitude_s is None:
            return
        age_s = aircraft.position_age_s
        if age_s is None or age_s > POSE_FRESH_S or now_s - telemetry.attitude_s > POSE_FRESH_S:
            return
        if now_s < self._pose_due_s:
            return
        self._pose_due_s = next_due_s(self._pose_due_s, now_s, POSE_S)
        ground_m = None if aircraft.home is None else aircraft.home.altitude_amsl_m - self._config.roof_height_m
        pose = Pose(
            at_s=now_s - age_s,
            position=aircraft.position,
            attitude=telemetry.attitude,
            height_m=height_m(view),
            airborne=aircraft.airborne,
            ground_amsl_m=ground_m,
            seek_pad=self._conductor.phase in SEEKING,
        )
        turn.messages.append(("pose", pose))

    def _state(self, now_s: float, view: View, vision_age_s: float | None) -> AircraftState:
        self._states += 1
        aircraft, conductor = view.aircraft, self._conductor
        return AircraftState(
            sent_s=now_s,
            sequence=self._states,
            phase=conductor.phase,
            phase_since_s=conductor.phase_since_s,
            reason=conductor.reason,
            mission=conductor.sortie.mission.name if conductor.sortie.mission else None,
            armed=aircraft.armed,
            mode=aircraft.mode,
            landed=aircraft.landed,
            failsafe=aircraft.failsafe,
            position=aircraft.position,
            velocity_ned_m_s=aircraft.velocity_ned_m_s,
            heading_rad=aircraft.heading_rad,
            height_m=height_m(view),
            distance_m=distance_m(view),
            home=aircraft.home,
            battery_percent=aircraft.battery_percent,
            autopilot_age_s=aircraft.heartbeat_age_s,
            uplink_age_s=view.vehicle.age_s,
            latch_request=conductor.latch_request,
            other_ground_station=aircraft.other_ground_station,
            survey=conductor.sortie.survey,
            echo=self._echo,
            vision_age_s=vision_age_s,
            ready_to_arm=aircraft.ready_to_arm,
        )
