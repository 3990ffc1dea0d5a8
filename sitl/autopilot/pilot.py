"""Flight, commander, failsafes, home and battery put together: the autopilot without MAVLink."""

from __future__ import annotations

import math

from sitl.autopilot import bounds
from sitl.autopilot.body.battery import Battery, Charge
from sitl.autopilot.body.vector import Vector
from sitl.autopilot.body.wind import Wind
from sitl.autopilot.commander import heartbeats
from sitl.autopilot.commander.calibration import Calibration
from sitl.autopilot.commander.commander import READY_AFTER_S, Commander
from sitl.autopilot.commander.departure import Departure
from sitl.autopilot.commander.failsafe import MODE_OF, Action, Conditions, Failsafe
from sitl.autopilot.commander.health import Health, calibrated
from sitl.autopilot.commander.heartbeats import Connection
from sitl.autopilot.commander.home import HomeKeeper
from sitl.autopilot.commander.logbook import Logbook
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.commander.states import LandedState, SystemStatus, shown_landed_state
from sitl.autopilot.flight import STEP_S, Flight
from sitl.autopilot.navigator.offboard import OffboardFlight
from sitl.autopilot.navigator.orbit import Orbit
from sitl.autopilot.navigator.rtl import Return
from sitl.autopilot.navigator.takeoff import Takeoff
from sitl.autopilot.navigator.task import Task
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.payload.payload import Payload
from sitl.autopilot.plans import words
from sitl.autopilot.plans.planning import Planning
from sitl.autopilot.plans.store import Plans
from sitl.autopilot.telling import texts
from sitl.autopilot.telling.texts import Text
from wire.geo import Position

DECIDE_EVERY = 5  # steps: 50 Hz
REJECTED_AGAIN_S = 1.0
GROUND_ORBIT_KEPT_S = 0.2  # PX4 shows an orbit asked for on the ground that long, then forgets it


class Pilot:
    """Advances by STEP_S; its verbs are what commands do. What it has to say is in `said` until taken away.

    `unix_s` is the time of its start, `system` its MAVLink system id.
    """

    def __init__(self, *, seed: int, origin: Position, parameters: Parameters, wind: Wind, plans: Plans | None = None) -> None:
        self.parameters = parameters
        self.flight = Flight(seed=seed, origin=origin, parameters=parameters, wind=wind)
        self.commander = Commander(parameters)
        self.failsafe = Failsafe(parameters)
        self.battery = Battery(parameters)
        self.health = Health()
        self.logbook = Logbook(parameters)
        self.departure = Departure(parameters)
        self.calibration = Calibration(parameters)
        self.homes = HomeKeeper(self.flight)
        self.gcs = Connection()
        self.companion = Connection()
        self.said: list[Text] = bounds.keep(parameters)
        self.payload = Payload(parameters, self.flight)
        self.planning = Planning(plans or Plans(), self.flight, self.commander, self.homes, self.said)
        self._steps = 0
        self.unix_s, self.system = 0.0, 1
        self._mode_commanded = False
        self._rejected_s = 0.0
        self._ground_orbit_until_s: float | None = None
        self._was_landed = True

    # What is seen

    @property
    def now_s(self) -> float:
        """Simulated time since start."""
        return self.flight.now_s

    @property
    def mode(self) -> Mode:
        """The mode in force: the failsafe's, else the user's."""
        return MODE_OF[self.failsafe.action] if self.failsafe.active else self.commander.user_mode

    @property
    def landed_state(self) -> LandedState:
        """What EXTENDED_SYS_STATE shows."""
        return shown_landed_state(self.flight)

    @property
    def system_status(self) -> SystemStatus:
        """What HEARTBEAT shows."""
        if self.commander.terminated:
            return SystemStatus.TERMINATION
        if self.commander.armed:
            return SystemStatus.CRITICAL if self.failsafe.active else SystemStatus.ACTIVE
        return SystemStatus.STANDBY if self.prearm_ok else SystemStatus.UNINIT

    @property
    def prearm_ok(self) -> bool:
        """Whether it could be armed in this mode now, or stay armed."""
        if self.commander.armed:
            return self.commander.healthy and not self.commander.terminated and self.commander.can_run(self.mode)
        return self.commander.can_arm(self.commander.user_mode)

    @property
    def orbit(self) -> Orbit | None:
        """The orbit being flown."""
        task = self.flight.task
        return task if isinstance(task, Orbit) else None

    # Verbs

    def set_mode(self, mode: Mode) -> bool:
        """The user changes the mode; False if PX4 refuses."""
        done = self.wish(mode)
        if done:
            self.apply_mode()
        return done

    def arm(self) -> bool:
        """Start the motors; False if PX4 refuses."""
        was_armed = self.commander.armed
        armed, said = self.commander.arm(self.now_s)
        self.said += said
        if armed and not was_armed:
            self.flight.armed = True
            self.failsafe.clear()
            self.homes.record()
            if self.mode is Mode.TAKEOFF:
                self.begin_take_off()
            if isinstance(self.flight.task, Takeoff | OffboardFlight):
                self.flight.task.restart(self.flight.situation())
        return armed

    def start_mission(self) -> bool:
        """Fly the mission, arming first if need be; False if PX4 refuses."""
        armed = self.commander.armed
        done = self.set_mode(Mode.MISSION) and self.arm()
        if done and not armed:
            self.said[:] = [words.ARMED_BY_MISSION if text == texts.ARMED else text for text in self.said]
        elif not done:
            self.say_rejected(Mode.MISSION)
        return done

    def say_rejected(self, mode: Mode) -> None:
        """A mode was refused; said once a second."""
        if self.now_s > self._rejected_s + REJECTED_AGAIN_S:
            self._rejected_s = self.now_s
            self.said.append(texts.not_available(mode))

    def disarm(self, *, force: bool) -> bool:
        """Stop the motors; False if PX4 refuses, in the air without force."""
        done, said = self.commander.disarm(landed=self.flight.landed, force=force)
        self.said += said
        self._after_disarm()
        return done

    def terminate(self) -> bool:
        """Flight termination; False if not armed."""
        if not self.commander.terminate():
            return False
        self.flight.armed = False
        return True

    def wish(self, mode: Mode) -> bool:
        """The user wants a mode, without its task being begun; False if PX4 refuses."""
        if not self.commander.set_mode(mode):
            return False
        self._mode_commanded = True
        return True

    def forget_orbit_on_the_ground(self) -> None:
        """An orbit was asked for: on the ground it is soon forgotten."""
        self._ground_orbit_until_s = self.now_s + GROUND_ORBIT_KEPT_S if self.flight.landed else None

    # Time

    def step(self) -> None:
        """Advance by STEP_S."""
        if self.parameters.look(self.now_s):
            self.said += bounds.keep(self.parameters)
        self.flight.step()
        self._steps += 1
        if self._steps % DECIDE_EVERY == 0:
            self._decide(STEP_S * DECIDE_EVERY)

    def _decide(self, dt_s: float) -> None:
        self.said += heartbeats.watch(self.gcs, self.companion, self.parameters, self.now_s)
        self.battery.step(dt_s, armed=self.commander.armed)
        self._watch_health()
        self._watch_ground()
        self.planning.watch(self.now_s)
        self.said += self.health.look(self)
        self.said += self.calibration.update(self.now_s)
        self.commander.calibrating = self.calibration.running
        self.said += self.commander.update(self.now_s, landed=self.flight.landed)
        self._after_disarm()
        if self.logbook.update(self.now_s, armed=self.commander.armed):
            self.said.append(texts.log_begun(self.unix_s + self.now_s))
        self._run_failsafe(dt_s)
        self._hand_over()
        self.apply_mode()
        self.said += self.flight.task.taken_news() if isinstance(self.flight.task, Return) else []
        self.payload.update(self.planning.missions, dt_s)
        self.homes.keep(grounded=self.flight.landed and not self.commander.armed)

    def watch_offboard(self) -> None:
        """Whether OFFBOARD could be flown now."""
        offboard = self.flight.offboard
        offboard.check(self.now_s, self.parameters["COM_OF_LOSS_T"], position_valid=self.flight.position_valid)
        self.commander.offboard_ready = offboard.available

    def _watch_health(self) -> None:
        self.watch_offboard()
        self.commander.position_valid = self.flight.position_valid
        needs_gcs = self.parameters["NAV_DLL_ACT"] > 0
        self.commander.healthy = (
            self.now_s >= READY_AFTER_S
            and not (needs_gcs and self.gcs.lost)
            and self.health.warning < Charge.CRITICAL
            and (self.flight.position_valid or self.commander.armed)
            and not self.planning.breached
            and (self.commander.armed or calibrated(self.parameters))
        )

    def _watch_ground(self) -> None:
        """Take-off and landing as the land detector sees them."""
        if self._was_landed == self.flight.landed:
            return
        self._was_landed = self.flight.landed
        if not self.commander.armed:
            return
        self.said.append(texts.LANDING_DETECTED if self.flight.landed else texts.TAKEOFF_DETECTED)
        if not self.flight.landed:
            self.homes.record()

    def _after_disarm(self) -> None:
        if self.flight.armed and not self.commander.armed:
            self.flight.armed = False
            self.flight.landed = True
            self._was_landed = True
            self.failsafe.clear()
            self._watch_health()
            if not isinstance(self.flight.task, Takeoff) or self.flight.task.detected:
                self.flight.fly(self.flight.loiter(), Mode.LOITER)
            self.apply_mode()

    def _run_failsafe(self, dt_s: float) -> None:
        if not self.commander.armed or self.commander.terminated:
            self._mode_commanded = False
            return
        was_active = self.failsafe.active
        offboard_lost = not self.commander.offboard_ready
        conditions = Conditions(self.gcs.lost, not self.flight.position_valid, self.health.warning, offboard_lost)
        conditions = conditions._replace(fence_breached=self.planning.breached)
        mode_commanded, self._mode_commanded = self._mode_commanded, False
        if self.flight.landed:
            return
        said = self.failsafe.update(conditions, self.commander.user_mode, dt_s, mode_commanded=mode_commanded)
        if said:
            self.health.before_a_failsafe(self.now_s)
        self.said += said
        if was_active and not self.failsafe.active and self.commander.user_mode is Mode.ORBIT:
            self.commander.set_mode(Mode.LOITER, force=True)
        if self.failsafe.action is Action.TERMINATE:
            self.terminate()
        elif self.failsafe.action is Action.DISARM:
            self.said.append(self.commander.fail_safe())
            self._after_disarm()

    def _hand_over(self) -> None:
        """A mode that has done its work gives way to the next; an orbit asked for on the ground is forgotten."""
        following = self.flight.task.next_mode
        if following is not None and self.flight.mode is self.commander.user_mode and not self.failsafe.active:
            self.commander.set_mode(following, force=True)
        if self._ground_orbit_until_s is not None and self.now_s >= self._ground_orbit_until_s:
            self._ground_orbit_until_s = None
            if self.flight.mode is Mode.ORBIT:
                self.flight.fly(self.flight.orbit(), Mode.ORBIT)

    def apply_mode(self) -> None:
        """Begin the task of the mode in force unless it is being flown."""
        mode = self.mode
        if mode is not self.flight.mode:
            self.flight.fly(self._task(mode), mode)

    def _task(self, mode: Mode) -> Task:
        flight = self.flight
        if not self.commander.armed and mode in (Mode.TAKEOFF, Mode.RETURN):
            return flight.loiter()  # PX4's navigator begins nothing while disarmed
        if mode is Mode.TAKEOFF:
            return self.departure.begin(self.flight, self.commander.spooled_s, self.said)
        if mode is Mode.RETURN and self.homes.home is not None:
            along = self.planning.return_along_mission(self.homes.home)
            if along is not None:
                return along
            goal = self.planning.destination(self.homes.home).destination
            task = flight.return_to(goal.point_m, None if math.isnan(goal.yaw_rad) else goal.yaw_rad)
            above_m = task.height_above_destination_m
            self.said.append(texts.return_start(goal.position.altitude_amsl_m + above_m, above_m))
            return task
        if mode is Mode.FOLLOW and self.homes.home is not None:
            return flight.follow(self.homes.home.point_m.down)
        return self.planning.task(mode) or flight.begin(mode)

    def begin_take_off(self) -> None:
        """Take off as told last, whatever is being flown."""
        self.flight.fly(self._task(Mode.TAKEOFF), Mode.TAKEOFF)

    def lift_off(self, target_m: Vector) -> None:
        """Leave the ground in LOITER for a point to hold."""
        self.flight.fly(self.flight.rise(target_m, self.commander.spooled_s), Mode.LOITER)
