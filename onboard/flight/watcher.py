"""What is seen that nobody here ordered: a failsafe, another pilot, a disarm, a latch that shut, a limit reached."""

from __future__ import annotations

from missions.steps import Step
from missions.view import Aircraft, Mode, View
from onboard.flight import executive
from onboard.flight.executive import Event
from onboard.flight.sortie import IDLE, Sortie
from wire import geo
from wire.messages import Phase

START_S = 5.0
"""An aircraft that flies this soon after PX4 was first heard was flying before this program started."""
_OURS = frozenset({Mode.HOLD, Mode.TAKEOFF, Mode.ORBIT, Mode.RETURN, Mode.LAND})
_UP = frozenset({Mode.TAKEOFF, Mode.HOLD})
LATCH_FRESH_S = 2.0
TEXT_FRESH_S = 5.0
PAD_LEFT_M = 2.5
"""A landing is broken off when the pad is farther away than this, sideways..."""
PAD_LEFT_ABOVE_M = 2.0
"""... and the aircraft still is this high: lower, going around is the greater danger."""
PAD_FRESH_S = 1.5

Seen = tuple[Event, str]


def failsafe_sentence(aircraft: Aircraft, now_s: float) -> str:
    """With PX4's own words, if they are new: without a ground station it says nothing, and its last words are old."""
    new = aircraft.last_text_s is not None and now_s - aircraft.last_text_s <= TEXT_FRESH_S
    return f"PX4 acts on a failsafe: {aircraft.last_text}" if new and aircraft.last_text else "PX4 acts on a failsafe"


class Watcher:
    """Pure; asked once a round. Times are the board's clock."""

    def __init__(self) -> None:
        self._first_heard_s: float | None = None
        self._airborne_since_s: float | None = None
        self._own_mode_seen = False
        self.officer_over_failsafe = False

    def phase_changed(self) -> None:
        self._own_mode_seen = False

    @property
    def own_mode_seen(self) -> bool:
        """The mode that the present step asked for was seen."""
        return self._own_mode_seen

    def look(self, now_s: float, phase: Phase, step: Step | None, sortie: Sortie, view: View) -> Seen | None:
        aircraft = view.aircraft
        if self._first_heard_s is None and aircraft.heartbeat_age_s is not None:
            self._first_heard_s = now_s
        if not aircraft.airborne:
            self._airborne_since_s = None
        elif self._airborne_since_s is None:
            self._airborne_since_s = now_s
        if not aircraft.failsafe:
            self.officer_over_failsafe = False
        if phase in IDLE:
            return self._idle(now_s, phase, view)
        if phase is Phase.SECURING:
            return self._lifted(view)
        if phase not in executive.MAY_BE_ARMED or phase is Phase.YIELDED:
            return None
        return (
            self._armed(now_s, phase, view)
            or self._taken_over(step, view)
            or self._pad_left(phase, sortie, view)
            or self._enough(now_s, phase, sortie, view)
        )

    @staticmethod
    def _lifted(view: View) -> Seen | None:
        """A take-off that was called off too late. A bounce while PX4 lands is none."""
        if not view.aircraft.airborne or view.aircraft.mode not in _UP:
            return None
        return Event.FOUND_AIRBORNE, "it had taken off already"

    def _idle(self, now_s: float, phase: Phase, view: View) -> Seen | None:
        aircraft, vehicle = view.aircraft, view.vehicle
        if aircraft.airborne and aircraft.position is not None:
            recent = self._first_heard_s is not None and now_s - self._first_heard_s < START_S
            if phase is Phase.STOWED and recent and aircraft.mode in _OURS:
                return Event.FOUND_AIRBORNE, "this program started and found the aircraft flying"
            return Event.TAKEN_OVER, "the aircraft flies, and not by an order from here"
        if phase is not Phase.GROUNDED:
            return None
        stowed = aircraft.seen_disarmed() and vehicle.seated_seen() and vehicle.latch_seen(open_=False)
        return (Event.STOWED_SEEN, "seen seated, latched and disarmed again") if stowed else None

    def _armed(self, now_s: float, phase: Phase, view: View) -> Seen | None:
        aircraft = view.aircraft
        if aircraft.failsafe and not self.officer_over_failsafe:
            return Event.FAILSAFE, failsafe_sentence(aircraft, now_s)
        if aircraft.armed is False and phase is not Phase.ARMING:
            return Event.DISARMED, "seen disarmed"
        leaving = phase in executive.LEAVING and not aircraft.airborne
        if leaving and not view.vehicle.latch_seen(open_=True, within_s=LATCH_FRESH_S):
            return Event.LATCH_LOST, "the latch is not seen open any more"
        return None

    def _taken_over(self, step: Step | None, view: View) -> Seen | None:
        """A mode that belongs to the step was seen, and then another one: somebody else's."""
        mode = view.aircraft.mode
        if step is None or not step.modes or mode is None:
            return None
        if mode in step.modes:
            self._own_mode_seen = True
            return None
        if self._own_mode_seen and view.aircraft.airborne:
            return Event.TAKEN_OVER, f"mode {mode} was not asked for here: somebody else flies"
        return None

    @staticmethod
    def _pad_left(phase: Phase, sortie: Sortie, view: View) -> Seen | None:
        here, home, vehicle = view.aircraft.position, view.aircraft.home, view.vehicle
        if phase is not Phase.LANDING or not sortie.to_the_pad or here is None or home is None or vehicle.pad is None:
            return None
        fresh = vehicle.pad_age_s is not None and vehicle.pad_age_s < PAD_FRESH_S
        high = here.altitude_amsl_m - home.altitude_amsl_m > PAD_LEFT_ABOVE_M
        if fresh and high and geo.distance_m(here, vehicle.pad) > PAD_LEFT_M:
            return Event.PAD_LEFT, "the vehicle has driven away from under it: going around"
        return None

    def _enough(self, now_s: float, phase: Phase, sortie: Sortie, view: View) -> Seen | None:
        mission = sortie.mission
        if mission is None or executive.update(phase, Event.ENOUGH, view.aircraft.airborne) is None:
            return None
        ends, battery = mission.ends, view.aircraft.battery_percent
        if battery is not None and battery < ends.battery_percent:
            return Event.ENOUGH, f"the battery is at {battery:.0f} %, the mission ends at {ends.battery_percent:g} %"
        if self._airborne_since_s is not None and now_s - self._airborne_since_s > ends.flight_time_s:
            return Event.ENOUGH, f"it has flown for {ends.flight_time_s:g} s, where the mission ends"
        return None
