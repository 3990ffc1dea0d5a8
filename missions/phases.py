"""The steps of a launch-and-survey flight, one for each phase of the aircraft's work."""

from __future__ import annotations

import math
from dataclasses import dataclass

from missions import requests as ask
from missions.model import Mission, Orbit
from missions.steps import Act, Outcome, Output, Result, Sequence, Step, Watch, failed
from missions.view import Mode, View
from wire import geo
from wire.geo import Ned, Position
from wire.messages import Landed, Survey

# MAV_CMD ids (MAVLink common.xml) whose acknowledgements the steps listen to
CMD_LAND, CMD_TAKEOFF, CMD_ORBIT = 21, 22, 34
CMD_SET_MODE, CMD_REPOSITION, CMD_ARM = 176, 192, 400

ALTITUDE_TOLERANCE_M = 1.2  # PX4 settles anywhere within NAV_MC_ALT_RAD (0.8 m) of what it was asked
NOT_SEATED = "it is disarmed but not seen seated on the roof: go and look"
NOT_LATCHED = "it is seated and disarmed, but the latch is not seen closed: go and look"
YAW_BEHAVIOUR = {"centre": 0, "fixed": 1, "ahead": 3}  # ORBIT_YAW_BEHAVIOUR
STOPPED_M_S = 1.0
ORBIT_STATUS_SILENT_S = 3.0  # PX4 sends ORBIT_EXECUTION_STATUS at 2 to 5 Hz, and only while it really orbits


def release() -> Step:
    """The vehicle opens the latch when it reads our request; nothing is armed before it is seen open."""
    return Watch(
        lambda v: v.vehicle.latch_seen(open_=True), "the latch was not seen open: look at it, it may be stuck", deadline_s=6
    )


def arm() -> Step:
    """Hold mode, no stored mission, armed: each seen. The latch was seen open before; the envelope looks again."""
    return Sequence(
        Act(
            ask.SelectHold(),
            lambda v: v.aircraft.mode is Mode.HOLD,
            "hold mode",
            deadline_s=4,
            commands=(CMD_SET_MODE,),
        ),
        Act(
            ask.ClearMission(),
            lambda v: v.aircraft.stored_mission_items == 0,
            "forgetting the stored mission",
            deadline_s=5,
            commands=(),
        ),
        Act(ask.Arm(), lambda v: v.aircraft.armed is True, "arming", deadline_s=4, commands=(CMD_ARM,)),
    )


def climb(roof_amsl_m: float, mission: Mission) -> Step:
    """Take-off, straight up to the clear height, until PX4 holds there."""
    target_m = roof_amsl_m + mission.clear_height_m

    def clear(view: View) -> bool:
        position = view.aircraft.position
        high = position is not None and position.altitude_amsl_m > target_m - ALTITUDE_TOLERANCE_M
        return high and view.aircraft.mode is Mode.HOLD and view.aircraft.landed is Landed.IN_AIR

    return Act(
        ask.Takeoff(target_m),
        clear,
        f"the climb to {mission.clear_height_m:g} m",
        deadline_s=20 + mission.clear_height_m * 1.5,
        commands=(CMD_TAKEOFF,),
    )


def go_to(target: Position, speed_m_s: float, what: str, *, within_m: float, deadline_s: float) -> Step:
    def there(view: View) -> bool:
        here = view.aircraft.position
        if here is None or view.aircraft.mode is not Mode.HOLD:
            return False
        away = geo.ned_between(here, target)
        return away.horizontal_m < within_m and abs(away.down_m) < ALTITUDE_TOLERANCE_M

    request = ask.Reposition(target, speed_m_s)
    return Act(request, there, what, deadline_s=deadline_s, commands=(CMD_REPOSITION,))


def transit(here: Position, centre: Position, mission: Mission) -> Step:
    """Up to the survey's height where it is, then out to the nearest point of the circle."""
    orbit = mission.orbit
    above = here._replace(altitude_amsl_m=centre.altitude_amsl_m)
    bearing = geo.bearing_rad(centre, here)
    entry = geo.offset(centre, Ned(orbit.radius_m * math.cos(bearing), orbit.radius_m * math.sin(bearing), 0.0))
    climb_m = abs(here.altitude_amsl_m - centre.altitude_amsl_m)
    way_m = geo.distance_m(here, entry)
    return Sequence(
        go_to(above, mission.transit_speed_m_s, "the climb to the survey's height", within_m=3.0, deadline_s=20 + climb_m),
        go_to(
            entry,
            mission.transit_speed_m_s,
            "the way to the circle",
            within_m=3.0,
            deadline_s=20 + 2.5 * way_m / mission.transit_speed_m_s,
        ),
    )


@dataclass
class SurveyStep:
    """The orbit, asked for once, counted by the angle that was really swept about the centre (PX4 ignores the laps)."""

    centre: Position
    orbit: Orbit
    swept_rad: float = 0.0
    elapsed_s: float = 0.0

    def __post_init__(self) -> None:
        self._sign = 1 if self.orbit.direction == "clockwise" else -1
        self._request = ask.FlyOrbit(
            self.centre, self._sign * self.orbit.radius_m, self.orbit.speed_m_s, YAW_BEHAVIOUR[self.orbit.look]
        )
        self._approach = Act(self._request, self._on_circle, "the orbit", deadline_s=40, commands=(CMD_ORBIT,))
        self._asked_s: float | None = None
        self._flying_since_s: float | None = None
        self._last_s = 0.0
        self._last_bearing_rad = 0.0

    def update(self, now_s: float, view: View) -> Output:
        if self._asked_s is None:
            self._asked_s = now_s
        if self._flying_since_s is None:
            output = self._approach.update(now_s, view)
            if output.outcome is None or output.outcome.result is not Result.SUCCESS:
                return output
            self._flying_since_s = self._last_s = now_s
            self._last_bearing_rad = self._bearing_rad(view)
            return Output(output.requests)
        self._count(now_s, view)
        return self._end(now_s, view)

    def _on_circle(self, view: View) -> bool:
        status, here = view.aircraft.orbit, view.aircraft.position
        if view.aircraft.mode is not Mode.ORBIT or status is None or here is None:
            return False
        if self._asked_s is None or status.at_s <= self._asked_s:
            return False  # of an orbit before this one
        near = abs(geo.distance_m(self.centre, here) - self.orbit.radius_m) < 3.0
        return near and abs(abs(status.radius_m) - self.orbit.radius_m) < 0.5

    def _bearing_rad(self, view: View) -> float:
        here = view.aircraft.position
        return self._last_bearing_rad if here is None else geo.bearing_rad(self.centre, here)

    def _count(self, now_s: float, view: View) -> None:
        bearing_rad = self._bearing_rad(view)
        self.swept_rad += self._sign * geo.wrap_pi(bearing_rad - self._last_bearing_rad)
        self.elapsed_s += now_s - self._last_s
        self._last_s, self._last_bearing_rad = now_s, bearing_rad

    def _end(self, now_s: float, view: View) -> Output:
        wanted_rad, wanted_s = self.orbit.wanted_rad, self.orbit.duration_s
        if (wanted_rad is not None and self.swept_rad >= wanted_rad) or (wanted_s is not None and self.elapsed_s >= wanted_s):
            return Output(outcome=Outcome(Result.SUCCESS, f"{self.swept_rad / math.tau:.2f} laps in {self.elapsed_s:.0f} s"))
        status = view.aircraft.orbit
        if status is None or now_s - status.at_s > ORBIT_STATUS_SILENT_S:
            return failed(Result.TIMED_OUT, "PX4 stopped flying the orbit")
        if self.elapsed_s > 3 * self.orbit.expected_s + 60:
            return failed(Result.TIMED_OUT, "the orbit took three times as long as it should")
        return Output()

    def survey(self) -> Survey:
        return Survey(
            centre=self.centre,
            radius_m=self.orbit.radius_m,
            speed_m_s=self.orbit.speed_m_s,
            swept_rad=self.swept_rad,
            wanted_rad=self.orbit.wanted_rad,
            wanted_s=self.orbit.duration_s,
            elapsed_s=self.elapsed_s,
        )


class HoldStep:
    """Stop and stay. It ends only by failing to stop; what comes next is for the officer, the battery or the clock to say."""

    def __init__(self) -> None:
        self._stop = Act(ask.Hold(), self.settled, "stopping", deadline_s=10, commands=(CMD_REPOSITION,))
        self._stopped = False

    @staticmethod
    def settled(view: View) -> bool:
        """Slow, upwards too: a climb to the survey's height is flown in hold mode."""
        velocity = view.aircraft.velocity_ned_m_s
        return view.aircraft.mode is Mode.HOLD and velocity is not None and math.hypot(*velocity) < STOPPED_M_S

    def update(self, now_s: float, view: View) -> Output:
        if self._stopped:
            return Output()
        output = self._stop.update(now_s, view)
        self._stopped = output.outcome is not None and output.outcome.result is Result.SUCCESS
        return Output(output.requests) if self._stopped else output


def land() -> Step:
    """Down, where it is, until PX4 sees the ground and disarms by itself."""
    return Sequence(
        Act(
            ask.Land(),
            lambda v: v.aircraft.mode is Mode.LAND or v.aircraft.landed is Landed.ON_GROUND,
            "landing",
            deadline_s=6,
            commands=(CMD_LAND,),
            unless_seen=True,
        ),
        Watch(
            lambda v: v.aircraft.landed is Landed.ON_GROUND,
            "the ground was not reached",
            deadline_s=180,
        ),
    )


class SecureStep:
    """On the roof: disarmed, seen seated, then seen latched. Ends REFUSED where it cannot be, and says what is wrong."""

    SEATED_S = 8.0
    LATCHED_S = 10.0

    def __init__(self, *, at_once: bool = False, arm_asked_s: float | None = None) -> None:
        """`at_once`: a take-off is called off, so the motors are stopped now; after a landing PX4 disarms by itself.

        `arm_asked_s`: when arming was last asked for; a heartbeat from before that proves nothing.
        """
        wait = Watch(self._disarmed, "it does not disarm by itself", deadline_s=5)
        self._disarm: list[Step] = [self._ask(2.0), wait] if at_once else [wait]
        self._disarm.append(self._ask(6.0))
        self._arm_asked_s, self._now_s = arm_asked_s, 0.0
        self._disarmed_s: float | None = None
        self._seated_s: float | None = None

    def _ask(self, deadline_s: float) -> Step:
        return Act(ask.Disarm(), self._disarmed, "disarming", deadline_s=deadline_s, commands=(CMD_ARM,))

    def _disarmed(self, view: View) -> bool:
        return view.aircraft.seen_disarmed(None if self._arm_asked_s is None else self._now_s - self._arm_asked_s)

    def update(self, now_s: float, view: View) -> Output:
        self._now_s = now_s
        if self._disarmed_s is not None and view.aircraft.armed:  # by somebody else
            self._disarm, self._disarmed_s, self._seated_s = [self._ask(6.0)], None, None
        if self._disarmed_s is None:
            return self._disarming(now_s, view)
        return self._latching(now_s, view)

    def _disarming(self, now_s: float, view: View) -> Output:
        output = self._disarm[0].update(now_s, view)
        if output.outcome is None:
            return output
        if output.outcome.result is Result.SUCCESS:
            self._disarmed_s = now_s
            return Output(output.requests)
        self._disarm.pop(0)
        return Output() if self._disarm else output

    def _latching(self, now_s: float, view: View) -> Output:
        disarmed_s = now_s if self._disarmed_s is None else self._disarmed_s
        if not view.vehicle.seated_seen():
            if now_s - disarmed_s > self.SEATED_S:
                return failed(Result.REFUSED, NOT_SEATED)
            return Output()
        self._seated_s = now_s if self._seated_s is None else self._seated_s
        if view.vehicle.latch_seen(open_=False):
            return Output(outcome=Outcome(Result.SUCCESS, "seated, latched and disarmed"))
        if now_s - self._seated_s > self.LATCHED_S:
            return failed(Result.REFUSED, NOT_LATCHED)
        return Output()


def yielded() -> Step:
    """Somebody else flies; we watch until it is on the ground and disarmed."""
    return Watch(
        lambda v: v.aircraft.armed is False and v.aircraft.landed is Landed.ON_GROUND,
        "it was not seen on the ground",
        deadline_s=math.inf,
    )
