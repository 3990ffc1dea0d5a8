"""Flights in which anything may be ordered and anything may fail at any time, all from a seed; and what must hold."""

from __future__ import annotations

import math
from collections import deque
from dataclasses import dataclass

from missions.homing import HOME_MOVED_M, TURN_ABOVE_M
from onboard.flight import envelope, executive
from onboard.flight.home import MOVED_M
from sitl.autopilot.body.vector import Vector
from sitl.lockstep.lockstep import ROUND_S
from tests.sitl.lockstep.chaos_plan import CHAOS_S, plan_of
from tests.sitl.lockstep.harness import READY_S, Watched
from wire import geo
from wire.geo import Ned, Position
from wire.messages import Phase, Reply, Stage, Verb

CLOSING_S, ASK_AGAIN_S = 330.0, 40.0
"""So long it may take from then until it is down, and how often the officer has it return meanwhile."""
LOW_M, ASIDE_M, OFF_PAD_M = 2.0, 1.5, 3.0
PX4_LATE_M = HOME_MOVED_M + MOVED_M
"""PX4's own return does not follow: it is begun anew when home is this far away, and not any more when it is low."""
KNOWN_S = 0.5
"""How long after PX4's failsafe has begun flight may not yet know of it."""
LATE_S = 0.4
"""What an answer was given by may be this old."""
ENDS_S = {Verb.LAUNCH: 120.0, Verb.RESUME: 120.0}
ENDS_OTHER_S = 60.0
MODES = {
    Phase.HOLDING: {"LOITER"},
    Phase.RETURNING: {"RETURN", "LOITER"},
    Phase.LANDING: {"LAND", "PRECISION_LAND", "DESCEND"},
    Phase.SURVEYING: {"ORBIT"},
}
"""The flight modes in which an order is done, by the phase in which it is answered."""


@dataclass
class _Order:
    verb: Verb
    given_s: float
    accepted_s: float | None = None
    end: Reply | None = None


class Chaos(Watched):
    """Flies a plan. Any step fails the test that breaks a rule; a vehicle that drives takes along what stands on its roof."""

    def __init__(self, seed: int) -> None:
        self.plan = plan_of(seed)
        self.told: list[str] = []
        self._orders: dict[str, _Order] = {}
        self._replies_seen = self._events_seen = 0
        self._phase = Phase.STARTING
        self._restarted_s = self._deaf_s = self._failsafe_s = -math.inf
        self._ordered_s = -math.inf
        self._low_at: Position | None = None
        self._was_up = False
        self._recent: deque[tuple[str, float]] = deque(maxlen=round(LATE_S / ROUND_S))
        self._error_m = 0.0
        self._lost_until_s = -math.inf
        self._unheard_m = self._driven_low_m = 0.0
        self._began_s = 0.0
        super().__init__(**self.plan.how)

    # The flight

    def fly(self) -> None:
        self.run(READY_S)
        self._began_s = self.now_s
        self.drive_off()  # the vehicle's time begins with the order
        self.says(Verb.LAUNCH, self.plan.mission)
        for deed in self.plan.deeds:
            self.run(self._began_s + deed.at_s - self.now_s)
            self._note(deed.what)
            deed.do(self)
        self.run(3.0)
        self._close()

    def _close(self) -> None:
        """Everything works again by then."""
        ready_s, until_s = self._began_s + CHAOS_S, self.now_s + CLOSING_S
        asked_s = self.now_s
        while self.armed or any(order.end is None for order in self._open()):
            assert self.now_s < until_s or self._alarmed(), self._tale("it does not come to an end")
            if self.now_s >= until_s:
                return
            self.step()
            if self.armed and self.now_s > ready_s and self.now_s - asked_s > ASK_AGAIN_S:
                asked_s = self.now_s
                self.says(Verb.RETURN, self.plan.mission)
        self.run(3.0)
        assert not self.armed and self.autopilot.pilot.flight.body.on_ground, self._tale("it is not down")

    def says(self, verb: Verb, mission: str) -> None:
        self._note(f"{verb}?")
        order = self.order(verb, mission if verb is Verb.LAUNCH else None)
        self._orders[order] = _Order(verb, self.now_s)
        self._ordered_s = self.now_s

    def restart_flight(self) -> None:
        super().restart_flight()
        self._note("flight has begun anew")
        self._phase, self._restarted_s = Phase.STARTING, self.now_s
        self._orders.clear()  # their answers have died with it
        self._replies_seen = len(self.replies)

    def step(self) -> None:
        pad, seated = self.pad(), Watched.seated(self)
        body, before = self.autopilot.pilot.flight.body, len(self.requests)
        standing = seated and body.on_ground
        try:
            super().step()
        except AssertionError as wrong:
            raise AssertionError(self._tale(str(wrong))) from wrong
        driven = geo.ned_between(pad, self.pad())
        if standing and body.on_ground:
            north_m, east_m, down_m = body.position_m
            body.position_m = Vector(north_m + driven.north_m, east_m + driven.east_m, down_m)
        self._weigh(driven)
        self._look_at_phases()
        self._look_at_replies()
        self._look_at_requests(before)
        self._look_at_the_way()

    # What may be off by how much

    def _weigh(self, driven: Ned) -> None:
        sensors = self.autopilot.pilot.flight.estimate.bias
        lie = self.camera.lie.horizontal_m
        off = [math.hypot(*sensors.sensors.gnss_ned_m[:2]), sensors.position_m.horizontal, lie]
        told = self.heartbeat.position if self.heartbeat is not None else None
        if told is not None and not self.vehicle_silent:
            off.append(geo.distance_m(told, self.pad()) - 1.5)
        self._error_m = max(self._error_m, *off)
        if not self.autopilot.pilot.flight.gps_fix:
            self._lost_until_s = self.now_s + 30.0
        heard = self.newest.uplink_age_s is not None and self.newest.uplink_age_s < 1.5 if self.states else False
        self._unheard_m += 0.0 if heard and told is not None else driven.horizontal_m
        self._driven_low_m = self._driven_low_m + driven.horizontal_m if self.height_m < TURN_ABOVE_M + 1.0 else 0.0
        if self.wire.cut:
            self._deaf_s = self.now_s

    # What must hold

    def _look_at_phases(self) -> None:
        for event in self.events[self._events_seen :]:
            self._note(f"{event.kind}: {event.sentence}")
            if event.kind == "phase":
                following = Phase(event.sentence.partition(":")[0])
                ways = {executive.update(self._phase, e, up) for e in executive.Event for up in (True, False)}
                assert following in ways, self._tale(f"{following} does not follow {self._phase}")
                self._phase = following
        self._events_seen = len(self.events)
        assert self._phase is self.phase, self._tale(f"it is {self.phase} and nobody was told")

    def _look_at_replies(self) -> None:
        velocity = self.autopilot.pilot.flight.body.velocity_m_s
        self._recent.append((self.mode, math.hypot(*velocity)))
        for reply in self.replies[self._replies_seen :]:
            order = self._orders.get(reply.command_id)
            if order is None or (order.end is not None and order.end.at_s == reply.at_s):
                continue
            self._note(f"{order.verb} {reply.stage}: {reply.sentence}")
            if reply.stage is Stage.ACCEPTED:
                order.accepted_s = self.now_s if order.accepted_s is None else order.accepted_s
                continue
            assert order.end is None or order.end.stage is reply.stage, self._tale(f"{order.verb} ended twice")
            order.end = reply
            if reply.stage is Stage.DONE:
                self._is_done(order.verb)
        self._replies_seen = len(self.replies)
        for order in self._open():
            late = self.now_s - order.given_s > ENDS_S.get(order.verb, ENDS_OTHER_S)
            assert not late or order.end is not None, self._tale(f"{order.verb} does not end")

    def _open(self) -> list[_Order]:
        return [order for order in self._orders.values() if order.accepted_s is not None and order.end is None]

    def _is_done(self, verb: Verb) -> None:
        modes = {mode for mode, _ in self._recent}
        match self.phase:
            case Phase.STOWED | Phase.SECURED:
                true = not self.armed
            case Phase.TRANSIT:
                true = self.armed and self.height_m > 5.0
            case Phase.HOLDING:
                true = "LOITER" in modes and min(speed for _, speed in self._recent) < 1.5 + self._deluded_m_s()
            case phase:
                true = bool(modes & MODES[phase]) or (phase is Phase.LANDING and self.autopilot.pilot.flight.body.on_ground)
        assert true, self._tale(f"{verb} is not done: {self.phase}, {self.mode}, {self._recent[-1][1]:.1f} m/s")

    def _deluded_m_s(self) -> float:
        """How far the speed that the autopilot believes is off by its sensors."""
        return math.hypot(*self.autopilot.pilot.flight.estimate.bias.velocity_m_s)

    def _look_at_requests(self, before: int) -> None:
        """Nothing cancels a failsafe but the officer's word in it."""
        active = self.autopilot.pilot.failsafe.active
        self._failsafe_s = (self._failsafe_s if self._failsafe_s > 0 else self.now_s) if active else -math.inf
        known = active and self.now_s - max(self._failsafe_s, self._restarted_s, self._deaf_s + 2.5) > KNOWN_S
        if known and self._ordered_s < self._failsafe_s - KNOWN_S:
            loud = [r for r in self.requests[before:] if isinstance(r, envelope.MODE_CHANGING)]
            assert not loud, self._tale(f"{loud} in a failsafe")

    def _look_at_the_way(self) -> None:
        body, here = self.autopilot.pilot.flight.body, self.aircraft()
        lost = self.now_s < self._lost_until_s
        low = self.armed and not body.on_ground and self.height_m < LOW_M
        self._low_at = (self._low_at or here) if low else None
        if self._low_at is not None and not lost:
            aside_m = geo.distance_m(self._low_at, here)
            assert aside_m < ASIDE_M + self._error_m, self._tale(f"{aside_m:.1f} m to the side at {self.height_m:.1f} m")
        if self._was_up and body.on_ground:
            self._touched(lost)
        self._was_up = self.height_m > 0.5 or (self._was_up and not body.on_ground)

    def _touched(self, lost: bool) -> None:
        off_m = self.off_pad_m()
        self._note(f"touches the ground {off_m:.1f} m from the pad")
        reason = self.newest.reason
        meant = "land ordered" in reason or "lands where it is" in reason or "found the aircraft landing" in reason
        if lost or meant or self.phase is Phase.YIELDED or self._deaf_s > self.now_s - 30.0:
            return
        by_px4_m = PX4_LATE_M + self._driven_low_m if self.phase is Phase.RETURNING else 0.0
        allowed_m = OFF_PAD_M + self._error_m + self._unheard_m + by_px4_m
        assert off_m < allowed_m, self._tale(f"it came down {off_m:.1f} m from the pad, {allowed_m:.1f} m would be explained")

    # What to say

    def _alarmed(self) -> bool:
        return any(event.kind == "alarm" and event.at_s > self.now_s - 60.0 for event in self.events)

    def _note(self, what: str) -> None:
        since_s = self.now_s - self._began_s if self._began_s else math.nan
        pose = f"{self.height_m:5.1f} m {self.off_pad_m():5.1f} m {self.mode:9}"
        self.told.append(f"{self.now_s:6.1f} {since_s:6.1f} {pose} {what}")

    def _tale(self, wrong: str) -> str:
        return "\n".join([wrong, self.plan.told, *self.told[-60:], f"{self.now_s:6.1f} {wrong}"])
