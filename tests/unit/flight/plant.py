"""The conductor with an aircraft and a vehicle that do at once what they are asked, until a test has them do otherwise."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from missions import requests as ask
from missions.view import Ack, Aircraft, Mode, OrbitStatus, View
from onboard.flight.conductor import Conductor, Round
from onboard.flight.envelope import Limits
from tests.unit.flight.build import CLOSED, OPEN, ROOF, aircraft, command, open_latch, place, vehicle
from wire import geo
from wire.messages import Landed, LatchRequest, Phase, Verb

STEP_S = 0.1


class Plant:
    """`deaf`: types of requests that have no effect. `aircraft` and `vehicle` hold what the next view shows."""

    def __init__(self) -> None:
        self.conductor = Conductor(Limits())
        self.now_s = 1000.0
        self.aircraft, self.vehicle = aircraft(), vehicle(latch=CLOSED)
        self.deaf: set[type[ask.Request]] = set()
        self.latch_follows = True
        self.requests: list[ask.Request] = []
        self.rounds: list[Round] = []
        self._orders = 0

    @property
    def phase(self) -> Phase:
        return self.conductor.phase

    def asks(self, wanted: LatchRequest) -> bool:
        return self.conductor.latch_request is wanted

    def is_in(self, *phases: Phase) -> bool:
        return self.phase in phases

    @property
    def view(self) -> View:
        return View(self.aircraft, self.vehicle)

    def change(self, **changes: Any) -> None:
        """Fields of the aircraft's or the vehicle's view."""
        for name, value in changes.items():
            if name in Aircraft.__dataclass_fields__:
                if name == "mode" and value is not None and value is not self.aircraft.mode:
                    modes = (*self.aircraft.modes, value)[-8:]
                    self.aircraft = replace(self.aircraft, modes=modes, mode_changes=self.aircraft.mode_changes + 1)
                self.aircraft = replace(self.aircraft, **{name: value})
            else:
                self.vehicle = replace(self.vehicle, **{name: value})

    def order(self, verb: Verb, **changes: Any) -> str:
        self._orders += 1
        given = command(verb, self._orders, **changes)
        self.conductor.order(given, 0.0, self.now_s, self.view)
        return given.id

    def step(self) -> Round:
        self.now_s += STEP_S
        done = self.conductor.update(self.now_s, self.view)
        self.rounds.append(done)
        self.requests += done.requests
        for request in done.requests:
            if type(request) not in self.deaf:
                self._obey(request)
        if self.aircraft.mode is Mode.ORBIT:
            self._circle()
        if self.aircraft.mode in (Mode.LAND, Mode.PRECISION_LAND):
            self.change(landed=Landed.ON_GROUND, armed=False, position=place())
        if self.latch_follows and self.conductor.latch_request is not LatchRequest.KEEP:
            self.change(latch=OPEN if self.conductor.latch_request is LatchRequest.OPEN else CLOSED)
        return done

    def run(self, seconds: float) -> None:
        for _ in range(round(seconds / STEP_S)):
            self.step()

    def fly_to(self, phase: Phase) -> None:
        """Into a phase, the ordinary way."""
        if phase is Phase.STARTING:
            return
        self.stow()
        if phase is Phase.STOWED:
            return
        if phase is Phase.YIELDED:
            self.fly_to(Phase.SURVEYING)
            self.run(1.0)
            self.change(mode=Mode.POSITION)
        elif phase is Phase.GROUNDED:
            self.fly_to(Phase.SURVEYING)
            self.change(latch=open_latch(seated=False))
            self.latch_follows = False
            self.order(Verb.LAND)
        elif phase is Phase.HOLDING:
            self.fly_to(Phase.SURVEYING)
            self.order(Verb.HOLD)
        else:
            self.order(Verb.LAUNCH)
        for _ in range(2000):
            if self.phase is phase:
                return
            self.step()
        raise AssertionError(f"never came to {phase}, is {self.phase}: {self.conductor.reason}")

    def stow(self) -> None:
        """Let a conductor that has just started see how it is."""
        latch = self.vehicle.latch
        self.change(latch=CLOSED)
        self.step()
        assert self.phase is Phase.STOWED
        self.change(latch=latch)

    def _circle(self) -> None:
        """A sixth of a turn a second about the roof."""
        north, east = geo.ned_between(ROOF, self.aircraft.position or ROOF)[:2]
        turned = geo.rotate(geo.quaternion_from_euler(0.0, 0.0, STEP_S), north, east, 0.0)
        self.change(position=place(turned[0], turned[1], 20.0), orbit=OrbitStatus(20.0, self.now_s))

    def _obey(self, request: ask.Request) -> None:
        match request:
            case ask.Arm():
                self.change(armed=True, acks=(Ack(400, 0, self.now_s),))
            case ask.Disarm():
                self.change(armed=False)
            case ask.SelectHold() | ask.Hold():
                self.change(mode=Mode.HOLD)
            case ask.Takeoff(altitude_m):
                self.change(mode=Mode.HOLD, landed=Landed.IN_AIR, position=ROOF._replace(altitude_amsl_m=altitude_m))
            case ask.Reposition(target, _):
                self.change(mode=Mode.HOLD, position=target)
            case ask.FlyOrbit(centre, radius_m, _, _):
                at = geo.offset(centre, geo.Ned(abs(radius_m), 0.0, 0.0))
                self.change(mode=Mode.ORBIT, position=at, orbit=OrbitStatus(radius_m, self.now_s))
            case ask.Land():
                self.change(mode=Mode.LAND)
            case ask.LandPrecisely():
                self.change(mode=Mode.PRECISION_LAND)
            case ask.ReturnHome():
                self.change(mode=Mode.RETURN)
