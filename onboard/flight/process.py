"""The flight process: one thread, one loop; takes in, decides, sends. All decisions are in pure code it calls."""

from __future__ import annotations

import zmq

from missions.view import View
from onboard.flight.autopilot import Autopilot
from onboard.flight.conductor import Conductor, distance_m, height_m
from onboard.flight.configuration import FlightConfig
from onboard.flight.deadman import DeadMan
from onboard.flight.link import open_link
from onboard.flight.vehicle import VehicleTracker
from wire.clock import Clock, PeerClock
from wire.journal import Journal
from wire.keys import Keyring
from wire.messages import AircraftState, Command, Echo, Event, Landed, Message, Phase, Pose, Reply, VehicleState
from wire.sockets import Bus, Publisher, Subscriber
from wire.supervise import StopFlag

ROUND_S = 0.05
STATE_S = 0.2
POSE_S = 0.05
REPLY_AGAIN_S = 0.5
REPLIES_KEPT_S = 5.0
ON_ROOF = frozenset({Phase.STOWED, Phase.SECURED, Phase.CHECKING})


class FlightProcess:
    """Everything the loop holds. `round` is one turn of it."""

    def __init__(self, config: FlightConfig, bus: Bus, clock: Clock, journal: Journal) -> None:
        self._config, self._bus, self._clock, self._journal = config, bus, clock, journal
        self._link = open_link(config.autopilot)
        self._autopilot = Autopilot(self._link, config.system_id)
        self._conductor = Conductor(config.limits, clock.speed)
        self._vehicle, self._deadman, self._ground_clock = VehicleTracker(), DeadMan(), PeerClock()
        self._down = Publisher(bus.bind(zmq.PUB, config.downlink, ["groundlink", "operator"], depth=64))
        self._pose = Publisher(bus.bind(zmq.PUB, config.pose, ["aircraft"], depth=64))
        self._up = Subscriber(bus.bind(zmq.SUB, config.uplink, ["groundlink"], depth=32), bus.keyring, ["command", "vehicle"])
        self._vision = Subscriber(bus.connect(zmq.SUB, config.vision, "aircraft", depth=4), bus.keyring, ["vision_state"])
        bus.watch(self._up, self._vision, self._link.fileno())
        self._echo: Echo | None = None
        self._replies: list[Reply] = []
        self._state_s = self._pose_s = self._replies_s = -1.0
        self._states = self._events = 0
        self._alive = False

    def close(self) -> None:
        self._link.close()

    def round(self) -> None:
        self._bus.wait(self._clock.wall_s(ROUND_S))
        now_s = self._clock.now_s()
        self._autopilot.receive(now_s)
        self._vision.receive(now_s)
        self._uplink(now_s)
        view = View(self._autopilot.view(now_s), self._vehicle.view(now_s))
        on_roof = self._conductor.phase in ON_ROOF and view.aircraft.landed is Landed.ON_GROUND
        self._vehicle.calibrate(view.aircraft.position, on_roof=on_roof and view.vehicle.seated_seen())
        turn = self._conductor.update(now_s, view)
        for request in turn.requests:
            self._autopilot.send(request)
            self._journal.write(now_s, "request", request=repr(request))
        self._deadman.progressed(now_s)
        self._beat(now_s)
        for kind, sentence in turn.events:
            self._tell(kind, sentence, now_s)
        self._answer(turn.replies, now_s)
        self._publish(now_s, view, at_once=bool(turn.events))

    def _uplink(self, now_s: float) -> None:
        for topic, message, sender in self._up.receive(now_s):
            if isinstance(message, VehicleState):
                self._heartbeat(message, now_s)
            elif isinstance(message, Command):
                offset_s = self._ground_clock.offset_s
                now_ground_s = None if offset_s is None else now_s + offset_s
                view = View(self._autopilot.view(now_s), self._vehicle.view(now_s))
                self._journal.write(now_s, topic, message, sender=sender)
                self._conductor.order(message, now_ground_s, now_s, view)

    def _heartbeat(self, message: VehicleState, now_s: float) -> None:
        if not self._vehicle.heard(message, now_s):
            return
        self._deadman.vehicle_heard(now_s)
        self._echo = Echo(peer_sent_s=message.sent_s, received_s=now_s)
        if message.echo is not None:
            self._ground_clock.update(message.echo.peer_sent_s, message.echo.received_s, message.sent_s, now_s)

    def _beat(self, now_s: float) -> None:
        self._autopilot.tend(now_s)
        if self._deadman.relay(now_s):
            self._autopilot.relay_ground_station()
        alive = self._deadman.alive(now_s)
        if alive != self._alive:
            self._alive = alive
            self._tell("link", "the vehicle is heard" if alive else "the vehicle is not heard any more", now_s)

    def _tell(self, kind: str, sentence: str, now_s: float) -> None:
        self._events += 1
        self._send("event", Event(at_s=now_s, sequence=self._events, kind=kind, sentence=sentence), now_s)

    def _answer(self, replies: list[Reply], now_s: float) -> None:
        """New replies at once, and again for a while: the last ones must arrive even when packets are lost."""
        for reply in replies:
            self._send("reply", reply, now_s)
        self._replies = [r for r in self._replies if now_s - r.at_s < REPLIES_KEPT_S and r not in replies] + replies
        if now_s - self._replies_s >= REPLY_AGAIN_S:
            self._replies_s = now_s
            for reply in self._replies:
                self._down.send("reply", reply)

    def _send(self, topic: str, message: Message, now_s: float) -> None:
        self._down.send(topic, message)
        self._journal.write(now_s, topic, message)

    def _publish(self, now_s: float, view: View, *, at_once: bool) -> None:
        if at_once or now_s - self._state_s >= STATE_S:
            self._state_s = now_s
            state = self._state(now_s, view)
            self._down.send("state", state)
            if at_once or self._states % 5 == 0:
                self._journal.write(now_s, "state", state)
        if now_s - self._pose_s >= POSE_S:
            self._send_pose(now_s, view)

    def _send_pose(self, now_s: float, view: View) -> None:
        here, telemetry = view.aircraft.position, self._autopilot.telemetry
        if here is None or telemetry.attitude is None or telemetry.attitude_s is None:
            return
        age_s = view.aircraft.position_age_s
        if age_s is None or age_s > 0.5 or now_s - telemetry.attitude_s > 0.5:
            return
        self._pose_s = now_s
        home = view.aircraft.home
        ground_m = None if home is None else home.altitude_amsl_m - self._config.roof_height_m
        self._pose.send(
            "pose",
            Pose(
                at_s=now_s - age_s,
                position=here,
                attitude=telemetry.attitude,
                height_m=height_m(view),
                airborne=view.aircraft.airborne,
                ground_amsl_m=ground_m,
            ),
        )

    def _state(self, now_s: float, view: View) -> AircraftState:
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
            vision_age_s=self._vision.health["vision_state"].age_s(now_s),
        )


def run(config: FlightConfig, keyring: Keyring, clock: Clock, journal: Journal, stop: StopFlag) -> int:
    """Until stopped. Raises DeviceError or LinkError when a socket or line cannot be opened, or breaks."""
    with Bus(keyring) as bus:
        process = FlightProcess(config, bus, clock, journal)
        try:
            while not stop:
                process.round()
        finally:
            process.close()
    return 0
