"""What is seen that nobody here ordered: a failsafe, another pilot, a disarm, a latch that shut, a limit reached."""

from __future__ import annotations

import math

from missions.homing import KEEPS_FAILING, PAD_FRESH_S
from missions.model import Ends
from missions.requests import Request
from missions.view import Aircraft, Mode, View
from onboard.flight import executive, rest
from onboard.flight.executive import Event
from onboard.flight.reserve import Reserve
from onboard.flight.sortie import IDLE, Sortie
from wire import geo
from wire.messages import Phase

START_S = 5.0
"""An aircraft that flies this soon after PX4 was first heard was flying before this program started."""
_UP = frozenset({Mode.TAKEOFF, Mode.HOLD})
ASKED_S = 3.0
"""So long after a request its mode may still come, though another request has followed."""
LAND_PERCENT = 12.0
"""With less than this, an aircraft that cannot come back lands where it is; PX4 does so by itself at BAT_EMERGEN_THR (5 %)."""
LATCH_FRESH_S = 2.0
HELD_BELOW_M = 1.0
TEXT_FRESH_S = 5.0
PAD_LEFT_M = 2.5
"""A landing is broken off when the pad is farther away than this, and the aircraft higher than this above the roof:"""
PAD_LEFT_ABOVE_M = 2.0
DRIVEN_M, DRIVES_M_S = 1.0, 1.0
CREEPS_M_S = 0.5
"""or, however low, when the vehicle drives and the pad is gone (the first, where it creeps or its speed is not known): a place
alone may be a receiver's error."""
VEHICLE_FRESH_S = 1.5

Seen = tuple[Event, str]


def failsafe_sentence(aircraft: Aircraft, now_s: float) -> str:
    """With PX4's own words, if they are new: without a ground station it says nothing, and its last words are old."""
    new = aircraft.last_text_s is not None and now_s - aircraft.last_text_s <= TEXT_FRESH_S
    return f"PX4 acts on a failsafe: {aircraft.last_text}" if new and aircraft.last_text else "PX4 acts on a failsafe"


def at_its_seat(phase: Phase, view: View) -> bool:
    """PX4 calls it flying some seconds before it leaves the roof, and after it is back; it would hover there when told to stop.

    One that takes off from a standing vehicle can go back also when it has just left.
    """
    vehicle, low = view.vehicle, (view.aircraft.height_m or 0.0) <= HELD_BELOW_M
    if not low or not view.aircraft.airborne:
        return False
    if phase in executive.LEAVING:
        return vehicle.seated_seen() or vehicle.stopped_s > 0
    return phase is Phase.LANDING and vehicle.seated_seen()


class Watcher:
    """Pure; asked once a round. Times are the board's clock."""

    def __init__(self) -> None:
        self._first_heard_s: float | None = None
        self.reserve = Reserve()
        self._expected: frozenset[Mode] = frozenset()
        self._asked_s: dict[Mode, float] = {}
        self._modes_seen = 0
        self.officer_over_failsafe = False

    def asked(self, request: Request, now_s: float) -> None:
        """This was sent to the autopilot: the modes that it leads to are nobody else's."""
        if request.leads_to:
            self._expected = request.leads_to
            self._asked_s |= dict.fromkeys(request.leads_to, now_s)

    def look(self, now_s: float, phase: Phase, sortie: Sortie, view: View) -> Seen | None:
        aircraft = view.aircraft
        strange = self._strange_mode(now_s, aircraft)
        if self._first_heard_s is None and aircraft.heartbeat_age_s is not None:
            self._first_heard_s = now_s
        enough = self.reserve.update(now_s, aircraft, Ends() if sortie.mission is None else sortie.mission.ends)
        if not aircraft.failsafe:
            self.officer_over_failsafe = False
        if phase in IDLE:
            recent = self._first_heard_s is None or now_s - self._first_heard_s < START_S
            return rest.look(phase, view, recent=recent)
        if phase is Phase.SECURING:
            return self._lifted(view)
        if phase is Phase.RELEASING:
            return self._drives(view)
        if phase not in executive.MAY_BE_ARMED or phase is Phase.YIELDED:
            return None
        return (
            self._armed(now_s, phase, view)
            or self._taken_over(strange, aircraft)
            or self._exhausted(phase, sortie, aircraft)
            or self._pad_left(phase, sortie, view)
            or self._enough(enough, phase, view)
        )

    @staticmethod
    def _lifted(view: View) -> Seen | None:
        """A take-off that was called off too late. A bounce while PX4 lands is none."""
        if not view.aircraft.airborne or view.aircraft.mode not in _UP:
            return None
        return Event.FOUND_AIRBORNE, "it had taken off already"

    def _armed(self, now_s: float, phase: Phase, view: View) -> Seen | None:
        aircraft = view.aircraft
        if aircraft.failsafe and not self.officer_over_failsafe:
            return Event.FAILSAFE, failsafe_sentence(aircraft, now_s)
        if aircraft.armed is False and phase is not Phase.ARMING:
            return Event.DISARMED, "seen disarmed"
        leaving = phase in executive.LEAVING and not aircraft.airborne
        if leaving and not view.vehicle.latch_seen(open_=True, within_s=LATCH_FRESH_S):
            return Event.LATCH_LOST, "the latch is not seen open any more"
        return self._held(phase, view) or (self._drives(view) if phase in executive.LEAVING else None)

    @staticmethod
    def _drives(view: View) -> Seen | None:
        vehicle = view.vehicle
        heard = vehicle.age_s is not None and vehicle.age_s <= VEHICLE_FRESH_S
        if not heard or vehicle.speed_m_s is None or vehicle.speed_m_s <= DRIVES_M_S:
            return None
        if view.aircraft.airborne and (not vehicle.seated_seen() or (view.aircraft.height_m or 0.0) > HELD_BELOW_M):
            return None  # it has left, whatever a seat sensor that sticks says
        return Event.DRIVES, "the vehicle drives: nothing takes off from it"

    @staticmethod
    def _held(phase: Phase, view: View) -> Seen | None:
        """PX4 calls it flying some seconds before it leaves the roof, and then does not stop the motors when told to."""
        aircraft, vehicle = view.aircraft, view.vehicle
        shut = phase in executive.LEAVING and vehicle.latch_seen(open_=False) and vehicle.seated_seen()
        if not shut or not aircraft.airborne or (aircraft.height_m or 0.0) > HELD_BELOW_M:
            return None
        return Event.HELD, "the latch has shut on the aircraft that takes off"

    def _strange_mode(self, now_s: float, aircraft: Aircraft) -> Mode | None:
        """The first mode that came since the last round and was not asked for here, also when another one followed at once."""
        new = aircraft.mode_changes - self._modes_seen
        self._modes_seen = aircraft.mode_changes
        for mode in aircraft.modes[-new:] if new > 0 else ():
            late = now_s - self._asked_s.get(mode, -math.inf) <= ASKED_S
            if mode not in self._expected and not late:
                return mode
        return None

    @staticmethod
    def _taken_over(strange: Mode | None, aircraft: Aircraft) -> Seen | None:
        """A mode that nothing sent from here leads to. PX4 may have come back from it by a request of ours sent just then."""
        if strange is None or not aircraft.airborne:
            return None
        overridden = aircraft.mode is not strange
        after = f"; a request from here came just then, and mode {aircraft.mode} is flown" if overridden else ""
        return Event.TAKEN_OVER, f"mode {strange} was not asked for here: somebody else flies{after}"

    @staticmethod
    def _exhausted(phase: Phase, sortie: Sortie, aircraft: Aircraft) -> Seen | None:
        battery = aircraft.battery_percent
        if phase is not Phase.RETURNING or sortie.failures < KEEPS_FAILING or battery is None or battery > LAND_PERCENT:
            return None
        return Event.EXHAUSTED, f"it does not come back and the battery is at {battery:.0f} %: it lands where it is"

    @staticmethod
    def _pad_left(phase: Phase, sortie: Sortie, view: View) -> Seen | None:
        here, home, vehicle = view.aircraft.position, view.aircraft.home, view.vehicle
        if phase is not Phase.LANDING or not sortie.to_the_pad or here is None or home is None or vehicle.pad is None:
            return None
        if view.sight is not None and view.sight.steady:
            return None  # it is seen below, where a standing vehicle says it is
        fresh = vehicle.pad_age_s is not None and vehicle.pad_age_s < PAD_FRESH_S
        away_m = geo.distance_m(here, vehicle.pad)
        high = here.altitude_amsl_m - home.altitude_amsl_m > PAD_LEFT_ABOVE_M
        speed_m_s = math.inf if vehicle.speed_m_s is None else vehicle.speed_m_s
        gone = away_m > PAD_LEFT_M and (high or speed_m_s > CREEPS_M_S)
        driven = away_m > DRIVEN_M and math.inf > speed_m_s > DRIVES_M_S
        if fresh and (gone or driven) and not vehicle.seated_seen():
            return Event.PAD_LEFT, "the vehicle has driven away from under it: going around"
        return None

    @staticmethod
    def _enough(passed: str | None, phase: Phase, view: View) -> Seen | None:
        if passed is None or executive.update(phase, Event.ENOUGH, view.aircraft.airborne) is None:
            return None
        return Event.ENOUGH, passed
