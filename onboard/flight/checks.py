"""What has to be right before anything moves, each as one sentence when it is not."""

from __future__ import annotations

from missions import requests as ask
from missions.model import Mission
from missions.steps import Outcome, Output, Result
from missions.view import Aircraft, Vehicle, View
from onboard.flight import parameters
from onboard.flight.envelope import FRESH_S, Limits
from wire import geo
from wire.geo import Ned, Position
from wire.messages import Landed

MAX_DISAGREEMENT_M = 10.0
"""More than this between the two receivers on the same roof: one is wrong, and 'come back' would go to the wrong place."""
STANDING_S = 2.0
PATIENCE_S = 8.0
PARAMETERS_AGAIN_S = 1.5
WORTH_PERCENT = 10.0
"""A mission that would end within this much of the battery is not begun."""


def problems(view: View, mission: Mission, limits: Limits, clock_speed: float) -> list[str]:
    """Everything that stands against a launch now; [] when nothing does."""
    return [
        *_aircraft(view.aircraft, limits),
        *_vehicle(view.vehicle, limits),
        *_mission(view.aircraft, mission, limits),
        *parameters.problems(view.aircraft.parameters, clock_speed),
    ]


def _aircraft(aircraft: Aircraft, limits: Limits) -> list[str]:
    if aircraft.heartbeat_age_s is None or aircraft.heartbeat_age_s > 3.0:
        return ["PX4 is not heard: check its power and the cable to it"]
    wrong = []
    if aircraft.armed is not False:
        wrong.append("the aircraft is armed already")
    if aircraft.landed is not Landed.ON_GROUND:
        wrong.append("PX4 does not see the aircraft on the ground")
    if aircraft.failsafe:
        wrong.append("PX4 reports a failsafe")
    if aircraft.position is None or aircraft.position_age_s is None or aircraft.position_age_s > FRESH_S:
        wrong.append("the aircraft has no position: wait for GNSS, with a free sky")
    if aircraft.home is None:
        wrong.append("PX4 has no home position yet")
    if not aircraft.ready_to_arm:
        text = f": {aircraft.last_text}" if aircraft.last_text else ""
        wrong.append(f"PX4 is not ready to arm{text}")
    if aircraft.battery_percent is None:
        wrong.append("the battery's charge is not known")
    elif aircraft.battery_percent < limits.min_launch_battery_percent:
        wrong.append(
            f"the battery has {aircraft.battery_percent:.0f} %, a launch needs {limits.min_launch_battery_percent:g} %"
        )
    return wrong


def _vehicle(vehicle: Vehicle, limits: Limits) -> list[str]:
    if vehicle.age_s is None or vehicle.age_s > 1.5:
        return ["the vehicle's heartbeat is not fresh"]
    wrong = []
    if vehicle.pad is None or vehicle.pad_age_s is None or vehicle.pad_age_s > 2.0:
        wrong.append("the vehicle's position is not known or stale: check its GNSS receiver")
    if vehicle.speed_m_s is None or vehicle.speed_m_s > limits.max_vehicle_speed_m_s or vehicle.stopped_s < STANDING_S:
        wrong.append("the vehicle is not seen standing still")
    if vehicle.disagreement_m is not None and vehicle.disagreement_m > MAX_DISAGREEMENT_M:
        wrong.append(f"the vehicle's position and the aircraft's differ by {vehicle.disagreement_m:.0f} m on the same roof")
    if vehicle.latch is None or vehicle.latch_age_s is None or vehicle.latch_age_s > 1.5:
        wrong.append("the latch is not heard")
    elif not vehicle.latch.valid:
        wrong.append("the latch's sensors contradict each other")
    elif not vehicle.latch.seated:
        wrong.append("the aircraft is not seen seated on the roof")
    return wrong


def _mission(aircraft: Aircraft, mission: Mission, limits: Limits) -> list[str]:
    orbit, wrong = mission.orbit, []
    highest_m = max(orbit.height_m, mission.return_height_m, mission.clear_height_m)
    if highest_m > limits.max_height_m:
        wrong.append(f"mission {mission.name} goes to {highest_m:g} m, the limit is {limits.max_height_m:g} m")
    if min(mission.return_height_m, mission.clear_height_m, orbit.height_m) < limits.min_height_m:
        wrong.append(f"mission {mission.name} goes below {limits.min_height_m:g} m, the lowest for flying to the side")
    if max(orbit.speed_m_s, mission.transit_speed_m_s) > limits.max_speed_m_s:
        wrong.append(f"mission {mission.name} is faster than the limit of {limits.max_speed_m_s:g} m/s")
    farthest_m = Ned(orbit.centre.north_m, orbit.centre.east_m, 0).horizontal_m + orbit.radius_m
    if farthest_m > limits.max_distance_m:
        wrong.append(f"mission {mission.name} goes {farthest_m:.0f} m away, the limit is {limits.max_distance_m:g} m")
    battery, needed = aircraft.battery_percent, mission.ends.battery_percent + WORTH_PERCENT
    if battery is not None and limits.min_launch_battery_percent <= battery < needed:
        wrong.append(f"the battery has {battery:.0f} %, mission {mission.name} needs {needed:g} %")
    return wrong


def survey_centre(roof: Position, mission: Mission) -> Position:
    """The centre of the mission's orbit at the survey's altitude, from where the aircraft stood on the roof."""
    centre = mission.orbit.centre
    return geo.offset(roof, Ned(centre.north_m, centre.east_m, -mission.orbit.height_m))


class CheckStep:
    """Reads the parameters anew, selects hold mode (PX4 is ready only in a mode that may arm), and gives it a few seconds."""

    def __init__(self, mission: Mission, limits: Limits, clock_speed: float) -> None:
        self._mission, self._limits, self._clock_speed = mission, limits, clock_speed
        self._started_s: float | None = None
        self._asked_s = 0.0

    def update(self, now_s: float, view: View) -> Output:
        if self._started_s is None:
            self._started_s = self._asked_s = now_s
            hold = (ask.SelectHold(),) if view.aircraft.seen_disarmed() else ()  # if not, what is wrong is told below
            return Output((ask.ReadParameters(parameters.NAMES), *hold))
        wrong = problems(view, self._mission, self._limits, self._clock_speed)
        missing = tuple(name for name in parameters.NAMES if name not in view.aircraft.parameters)
        if not wrong:
            return Output(outcome=Outcome(Result.SUCCESS))
        if now_s - self._started_s > PATIENCE_S or (not missing and self._hopeless(wrong)):
            return Output(outcome=Outcome(Result.REFUSED, self._sentence(wrong)))
        if missing and now_s - self._asked_s > PARAMETERS_AGAIN_S:
            self._asked_s = now_s
            return Output((ask.ReadParameters(missing),))
        return Output()

    @staticmethod
    def _hopeless(wrong: list[str]) -> bool:
        """A parameter or mission that is wrong stays wrong: waiting does not help."""
        return any("parameter" in sentence or sentence.startswith("mission ") for sentence in wrong)

    @staticmethod
    def _sentence(wrong: list[str]) -> str:
        more = f" (and {len(wrong) - 3} more)" if len(wrong) > 3 else ""
        return "; ".join(wrong[:3]) + more
