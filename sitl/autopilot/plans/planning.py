"""Mission, geofence and rally points of a vehicle put together: what the pilot asks about them."""

from __future__ import annotations

from sitl.autopilot.body.vector import Vector
from sitl.autopilot.commander.commander import Commander
from sitl.autopilot.commander.home import Home, HomeKeeper
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.flight import Flight
from sitl.autopilot.navigator.loiter import Loiter, braking_point
from sitl.autopilot.navigator.mission import Mission
from sitl.autopilot.navigator.mission_return import MissionReturn, Way
from sitl.autopilot.navigator.rtl import return_down_m
from sitl.autopilot.navigator.task import Task
from sitl.autopilot.plans import rally, words
from sitl.autopilot.plans.geofence import NO_ACTION, Geofence, Surroundings
from sitl.autopilot.plans.item import Kind
from sitl.autopilot.plans.missions import Missions
from sitl.autopilot.plans.rally import Alternatives, Choice
from sitl.autopilot.plans.store import Plans
from sitl.autopilot.telling.texts import Text
from wire.geo import Position

RETURN_LOOKED_AT_EVERY_S = 2.0
HOME_LAST, BY_MISSION, CLOSEST, BY_SHORTER_MISSION = 1, 2, 3, 4  # RTL_TYPE


class Planning:
    """Watches over what is stored; `watch` is to be called at 50 Hz."""

    def __init__(self, plans: Plans, flight: Flight, commander: Commander, homes: HomeKeeper, said: list[Text]) -> None:
        self.plans = plans
        self.fence = Geofence(flight.tuning.parameters, plans, said)
        self.missions = Missions(plans, self.fence, flight, commander, homes=homes, said=said)
        self._flight, self._commander, self._homes, self._said = flight, commander, homes, said
        self._hold_m: Vector | None = None
        self._was_flying = False
        self._next_look_s = 0.0

    @property
    def breached(self) -> bool:
        """Whether the geofence is violated and that means something."""
        return any(self.fence.breach) and self.fence.action != NO_ACTION

    def watch(self, now_s: float) -> None:
        """Look at what was uploaded and where the vehicle is."""
        armed, flying = self._commander.armed, self._flight.mode is Mode.MISSION
        if self._was_flying and not flying:
            self.missions.left()
        self._was_flying = flying
        if self.fence.due(now_s) and self.fence.update(self._surroundings(now_s, armed=armed)):
            self._hold_m = self._flight.estimate.position_m
        self.missions.update()
        self._commander.mission_valid = self.missions.valid and self.plans[Kind.MISSION].id > 0
        self._commander.amid_mission = flying and not self.missions.finished
        self._look_at_rally(now_s)

    def _surroundings(self, now_s: float, *, armed: bool) -> Surroundings:
        flight = self._flight
        home = None if self._homes.home is None else self._homes.home.position
        here, ahead = flight.position, flight.position
        if flight.tuning["GF_PREDICT"]:
            ahead = flight.geodetic(braking_point(flight.situation(), flight.tuning))
        loitering = flight.mode is Mode.LOITER
        return Surroundings(now_s, here, ahead, home, flight.landed, armed, loitering)

    def _look_at_rally(self, now_s: float) -> None:
        """PX4 looks for the way home all the time, and complains each time about points it does not understand."""
        if now_s >= self._next_look_s and self._homes.home is not None and self._flight.mode is not Mode.RETURN:
            self._next_look_s = now_s + RETURN_LOOKED_AT_EVERY_S
            self.destination(self._homes.home)

    def task(self, mode: Mode) -> Task | None:
        """What a mode flies that depends on what is stored, None for the others."""
        hold_m, self._hold_m = self._hold_m, None
        if mode is Mode.MISSION:
            return Mission(self._flight.tuning, self.missions)
        if mode is Mode.LOITER and hold_m is not None and not self._flight.landed:
            return Loiter(self._flight.tuning, hold_m, self._flight.situation())
        return None

    def destination(self, home: Home) -> Choice:
        """Where a return goes to now, by RTL_TYPE 0, 1 or 3."""
        flight, kind = self._flight, self._flight.tuning["RTL_TYPE"]
        landing = None
        if kind in (HOME_LAST, CLOSEST) and self.missions.landing_starts_at is not None:
            landing = (flight.geodetic(self.missions.landing_m), self.missions.landing_m)
        alternatives = Alternatives(kind == HOME_LAST, landing)
        here_m = flight.estimate.position_m
        choice = rally.choose(home, self.plans[Kind.RALLY].items, here_m, flight.local, alternatives)
        self._said += map(words.rally_frame, choice.unknown_frames)
        return choice

    def return_along_mission(self, home: Home) -> MissionReturn | None:
        """How to return along the mission, None if it is not to."""
        flight, missions = self._flight, self.missions
        kind, starts_at = flight.tuning["RTL_TYPE"], missions.landing_starts_at
        from_mission = flight.mode is Mode.MISSION
        if kind in (BY_MISSION, BY_SHORTER_MISSION):
            behind = self.plans.current
            ahead = starts_at is not None and (kind == BY_MISSION or starts_at - behind < behind)
            way = Way.FORWARD if ahead else Way.BACKWARD
            return MissionReturn(flight.tuning, missions, way, from_mission=from_mission)
        choice = self.destination(home)
        if not choice.by_mission:
            return None
        here_m = flight.estimate.position_m
        return_amsl_m = flight.origin.altitude_amsl_m - return_down_m(here_m, choice.destination.point_m, flight.tuning)
        climb = return_amsl_m if flight.position.altitude_amsl_m < return_amsl_m else None
        return MissionReturn(flight.tuning, missions, Way.LANDING, from_mission=from_mission, climb_to_amsl_m=climb)

    def lets_go_to(self, place: Position, refusal: Text) -> bool:
        """Whether the geofence allows a go-to; it is said if not."""
        if self.fence.lets_go_to(place):
            self.fence.forget_hold()
            return True
        self._said.append(refusal)
        return False
