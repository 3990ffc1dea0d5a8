"""One sortie: the mission being flown, where it started, how far it got, and the step that belongs to each phase."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from missions import homing, landing, phases
from missions.model import Mission
from missions.steps import Step
from missions.view import View
from onboard.flight.checks import CheckStep, survey_centre
from onboard.flight.envelope import Limits
from wire.geo import Position
from wire.messages import Phase, Survey

RETURN_SPEED_M_S = 5.0
LOWEST_RETURN_M = 8.0

IDLE = frozenset({Phase.STARTING, Phase.STOWED, Phase.SECURED, Phase.GROUNDED})
"""Phases without a step: nothing is going on."""


@dataclass
class Sortie:
    limits: Limits
    clock_speed: float = 1.0
    mission: Mission | None = None
    survey: Survey | None = None
    roof: Position | None = None
    by_autopilot: bool = False
    """The return is PX4's own: after an abort, or when a step of ours failed."""
    under_way: bool = False
    """PX4's own return was found under way when this program started."""
    failures: int = 0
    """How often the present phase has failed in a row."""
    go_arounds: int = 0
    """How often the vehicle has driven away under a landing since the aircraft is on its way back."""
    to_the_pad: bool = False
    """The landing is on the vehicle's roof, also back on it from a take-off, not where an officer said "land"."""
    by_marker: bool = False
    """The landing may follow the roof's marker: on the pad, and no landing has failed yet."""
    called_off: bool = False
    """The aircraft is on the roof because a take-off was called off, not because it has landed."""

    arm_asked_s: float | None = None
    """When PX4 was last asked to arm; what it said before that about being disarmed is no proof."""

    def begin(self, mission: Mission) -> None:
        self.mission, self.survey, self.roof = mission, None, None

    def unfinished(self) -> bool:
        """There is a survey to go on with."""
        if self.mission is None or self.roof is None:
            return False
        done = self.survey
        if done is None:
            return True
        laps = done.wanted_rad is not None and done.swept_rad < done.wanted_rad
        return laps or (done.wanted_s is not None and done.elapsed_s < done.wanted_s)

    def keep(self, step: Step | None) -> None:
        """Remember how far a survey got, so that a resume goes on there."""
        if isinstance(step, phases.SurveyStep):
            self.survey = step.survey()

    def step_for(self, phase: Phase, view: View) -> Step | None:
        """The step of a phase, or None where something it needs is not known (or the phase is idle).

        One that has failed begins again after a wait.
        """
        step = self._make(phase, view)
        if step is None or not self.failures:
            return step
        return homing.again(step, self.failures, hold=phase is Phase.RETURNING and view.aircraft.airborne)

    def _make(self, phase: Phase, view: View) -> Step | None:
        make: dict[Phase, Callable[[View], Step | None]] = {
            Phase.CHECKING: self._check,
            Phase.RELEASING: lambda view: phases.release(),
            Phase.ARMING: lambda view: phases.arm(),
            Phase.CLIMBING: self._climb,
            Phase.TRANSIT: self._transit,
            Phase.SURVEYING: self._orbit,
            Phase.HOLDING: lambda view: phases.HoldStep(),
            Phase.RETURNING: self._return,
            Phase.LANDING: lambda view: landing.LandOnPad() if self.by_marker else phases.land(),
            Phase.SECURING: lambda view: phases.SecureStep(at_once=self.called_off, arm_asked_s=self.arm_asked_s),
            Phase.YIELDED: lambda view: phases.yielded(),
        }
        return make[phase](view) if phase in make else None

    def _check(self, view: View) -> Step | None:
        del view
        return None if self.mission is None else CheckStep(self.mission, self.limits, self.clock_speed)

    def _climb(self, view: View) -> Step | None:
        self.roof = view.aircraft.home
        return None if self.mission is None or self.roof is None else phases.climb(self.roof.altitude_amsl_m, self.mission)

    def _transit(self, view: View) -> Step | None:
        here = view.aircraft.position
        if self.mission is None or here is None or self.roof is None:
            return None
        return phases.transit(here, survey_centre(self.roof, self.mission), self.mission)

    def _orbit(self, view: View) -> Step | None:
        del view
        if self.mission is None or self.roof is None:
            return None
        step = phases.SurveyStep(survey_centre(self.roof, self.mission), self.mission.orbit)
        if self.survey is not None:
            step.swept_rad, step.elapsed_s = self.survey.swept_rad, self.survey.elapsed_s
        return step

    def _return(self, view: View) -> Step:
        home = view.aircraft.home
        if self.by_autopilot or home is None or view.vehicle.pad is None:
            self.by_autopilot = True
            return homing.ReturnByAutopilot(under_way=self.under_way)
        height_m = self.mission.return_height_m if self.mission else self._present_height_m(view)
        speed_m_s = self.mission.transit_speed_m_s if self.mission else RETURN_SPEED_M_S
        return homing.ReturnStep(home.altitude_amsl_m, height_m, speed_m_s)

    def _present_height_m(self, view: View) -> float:
        """For a return without a mission: neither down among what may stand there, nor up."""
        return max(LOWEST_RETURN_M, min(view.aircraft.height_m or 0.0, self.limits.max_height_m))
