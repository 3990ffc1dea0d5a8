"""The flight itself: body, wind, estimator, controller and the task of the present mode, in the local frame."""

from __future__ import annotations

import math
from collections.abc import Callable

from sitl.autopilot.body.controller import IDLE, IDLE_THRUST, Controller, Setpoint
from sitl.autopilot.body.estimator import UPDATE_S, Estimator
from sitl.autopilot.body.smoothing import Trajectory
from sitl.autopilot.body.vector import Vector
from sitl.autopilot.body.vehicle import Quadrotor
from sitl.autopilot.body.wind import Wind
from sitl.autopilot.commander.ground import LandDetector, Signs
from sitl.autopilot.commander.modes import MANUAL_MODES, Mode
from sitl.autopilot.navigator.follow import Follow, Leader
from sitl.autopilot.navigator.land import Descend, Land
from sitl.autopilot.navigator.loiter import Loiter, braking_point
from sitl.autopilot.navigator.mission import Mission
from sitl.autopilot.navigator.offboard import OffboardFlight
from sitl.autopilot.navigator.orbit import Orbit
from sitl.autopilot.navigator.precland import Beacon, PrecisionLand
from sitl.autopilot.navigator.rtl import Return
from sitl.autopilot.navigator.setpoints import Offboard
from sitl.autopilot.navigator.takeoff import Takeoff
from sitl.autopilot.navigator.task import Situation, Task, Tuning
from sitl.autopilot.navigator.unsteered import Unsteered
from sitl.autopilot.parameters import Parameters
from wire.geo import Ned, Position, ned_between, offset

STEP_S = 0.004  # PX4's 250 Hz lockstep
LIFTING = (Takeoff, OffboardFlight, Mission)
RANGE_KEPT_S = 1.3  # standing on the ground the range finder sees nothing; so long PX4 keeps the last range
GPS_MIN_SATELLITES = 4
PRECISE, PRECISION_REQUIRED = (1, 2), 2  # RTL_PLD_MD, or of a mission's landing; 1 is opportunistic
POSITION_LOST_AFTER_S = 5.1  # without GPS: seen 5.0 to 5.3 s
RESETS_BY_S = ((0.2, 2), (1.16, 4), (1.28, 7), (1.58, 9), (2.5, 10), (2.55, 13))  # of PX4's estimator, as it starts
FREE_OF_GROUND_M = 1.5  # there it takes its heading anew


class Flight:
    """Advances by STEP_S. `origin` is where local (0, 0, 0) lies; `landed` is the land detector's word."""

    def __init__(self, *, seed: int, origin: Position, parameters: Parameters, wind: Wind) -> None:
        self.origin = origin
        self.now_s = 0.0
        self.body = Quadrotor()
        self.estimate = Estimator(seed)
        self.controller = Controller()
        self.tuning = Tuning(parameters)
        self.setpoint = self._asked = IDLE
        self.beacon = Beacon()
        self.offboard = Offboard()
        self.leader = Leader()
        self.mode = Mode.LOITER
        self.armed = False
        self.landed = True
        self._wind = wind
        self._parameters = parameters
        self._trajectory = Trajectory()
        self._steps = 0
        self._ground = LandDetector(self.tuning)
        self._touched_s = 0.0
        self._gps_lost_s = 0.0
        self._turned_anew, self._flights = False, 0
        self._begun: Takeoff | None = None
        self._situation = self._look()
        self.task: Task = Loiter(self.tuning, Vector(0.0, 0.0, 0.0), self._situation)

    # Frames

    def local(self, position: Position) -> Vector:
        """A geodetic position in the local frame."""
        return Vector(*ned_between(self.origin, position))

    def geodetic(self, point_m: Vector) -> Position:
        """A point of the local frame as a geodetic position."""
        return offset(self.origin, Ned(*point_m))

    @property
    def position(self) -> Position:
        """Where the autopilot believes it is."""
        return self.geodetic(self.estimate.position_m)

    @property
    def satellites(self) -> int:
        """Satellites the simulated receiver uses (SIM_GPS_USED)."""
        return int(self._parameters["SIM_GPS_USED"])

    @property
    def gps_fix(self) -> bool:
        """Whether the receiver has a 3D fix."""
        return self.satellites >= GPS_MIN_SATELLITES

    @property
    def position_valid(self) -> bool:
        """Whether the horizontal position may be used."""
        return self._gps_lost_s < POSITION_LOST_AFTER_S

    @property
    def resets(self) -> int:
        """How often the estimator has reset itself."""
        starting = [count for from_s, count in RESETS_BY_S if self.now_s >= from_s]
        return (starting[-1] if starting else 0) + self._flights

    @property
    def range_m(self) -> float:
        """What the range finder under the belly reads."""
        return -self.body.position_m.down

    # Modes

    def fly(self, task: Task, mode: Mode) -> None:
        """Change over to a mode's task; motors that have begun to lift go on with that."""
        lifting = self._lifting
        if lifting is not None and lifting.ramping(self.now_s):
            self._begun = lifting
        self.task, self.mode = task, mode
        self._begun = None if self._lifts else self._begun
        self.tuning.cruise_m_s = None

    def situation(self) -> Situation:
        """The situation now, the trajectory taken up where the vehicle is if nothing followed it."""
        self._situation = self._look()
        if self._asked.position_m[0] is None or isinstance(self.task, OffboardFlight | Follow):
            self._trajectory.reset(self.estimate.position_m, self.estimate.velocity_m_s)
        return self._situation

    def takeoff(self, target_m: Vector, spooled_s: float, *, hasty: bool = False) -> Takeoff:
        """A take-off: from the ground when the motors are spooled up, on with a lift-off that has begun, or already flying."""
        now, ramp_from_s = self.situation(), self._ramp_from_s
        airborne = not self.landed and ramp_from_s is None
        ramp_from_s = max(self.now_s, spooled_s) if ramp_from_s is None else ramp_from_s
        return Takeoff(self.tuning, target_m, now, airborne=airborne, ramp_from_s=ramp_from_s, hasty=hasty)

    @property
    def _lifting(self) -> Takeoff | None:
        """What lifts it off the ground now."""
        if self._begun is not None:
            return self._begun
        takeoff = self.task.rise if isinstance(self.task, Loiter) else self.task
        return takeoff if isinstance(takeoff, Takeoff) else None

    @property
    def _ramp_from_s(self) -> float | None:
        """When the motors began to lift, if they do now."""
        lifting = self._lifting
        return lifting.ramp_from_s if lifting is not None and lifting.ramping(self.now_s) else None

    def loiter(self) -> Loiter:
        """Hold here: where the vehicle was to loiter already, on the ground, or where the vehicle stops."""
        now = self.situation()
        if self.landed:
            return Loiter(self.tuning, now.position_m, now)
        held_m = self._loiters_at_m
        if held_m is not None and math.dist(held_m[:2], now.position_m[:2]) <= self.tuning.loiter_reach_m:
            return Loiter(self.tuning, held_m, now)
        return Loiter(self.tuning, braking_point(now, self.tuning), now)

    def rise(self, target_m: Vector, spooled_s: float) -> Loiter:
        """Lift off to hold a point above."""
        rise = self.takeoff(target_m, spooled_s, hasty=True)
        loiter = Loiter(self.tuning, target_m, self.situation())
        loiter.rise = rise
        return loiter

    @property
    def _lifts(self) -> bool:
        """Whether the present task can leave the ground."""
        return isinstance(self.task, LIFTING) or (isinstance(self.task, Loiter) and self.task.rise is not None)

    @property
    def _loiters_at_m(self) -> Vector | None:
        """Where the present task loiters or is on its way to loiter: PX4's Hold goes on with that."""
        task = self.task
        if isinstance(task, Takeoff):
            return None if task.next_mode is None else task.target_m
        return task.loiter_m if isinstance(task, Mission | Return) else None

    def orbit(self) -> Orbit:
        """A circle of 1 m here, until a request comes."""
        return Orbit(self.tuning, self.situation())

    def land(self) -> Land:
        """Land here."""
        now = self.situation()
        return Land(self.tuning, braking_point(now, self.tuning), now)

    def descend(self) -> Descend:
        """Sink without a position."""
        return Descend(self.tuning)

    def return_to(self, destination_m: Vector, yaw_rad: float | None) -> Return:
        """Return and land there."""
        return Return(self.tuning, destination_m, yaw_rad, self.situation(), self._end_return)

    def precision_land(self) -> PrecisionLand:
        """Land on the beacon, searching for it if need be."""
        return PrecisionLand(self.tuning, self.beacon, self.situation())

    def follow(self, home_down_m: float) -> Follow:
        """Follow whoever tells where he is."""
        return Follow(self.tuning, self.leader, home_down_m)

    def begin(self, mode: Mode) -> Task:
        """The task of a mode that needs to be told nothing; LOITER's for those that do."""
        if mode in MANUAL_MODES:
            return Unsteered(self.tuning, mode)
        simple: dict[Mode, Callable[[], Task]] = {
            Mode.ORBIT: self.orbit,
            Mode.LAND: self.land,
            Mode.DESCEND: self.descend,
            Mode.PRECISION_LAND: self.precision_land,
            Mode.OFFBOARD: self._fly_offboard,
        }
        return simple.get(mode, self.loiter)()

    def _fly_offboard(self) -> OffboardFlight:
        return OffboardFlight(self.tuning, self.offboard, self.situation(), lambda: self.landed)

    def land_over(self, over_m: Vector, now: Situation, yaw_rad: float | None, precision: int) -> Task:
        """Land on the beacon if there is one (1), search for it (2), or just there (others), with a heading if one is given."""
        if precision not in PRECISE:
            return Land(self.tuning, over_m, now, yaw_rad)
        required = precision == PRECISION_REQUIRED
        return PrecisionLand(self.tuning, self.beacon, now, required=required, over_m=over_m, yaw_rad=yaw_rad)

    def _end_return(self, over_m: Vector, now: Situation, yaw_rad: float | None) -> Task:
        return self.land_over(over_m, now, yaw_rad, int(self._parameters["RTL_PLD_MD"]))

    # Time

    def step(self) -> None:
        """Advance by STEP_S."""
        self._steps += 1
        self.now_s = self._steps * STEP_S
        self.estimate.observe(self.body)
        if self._steps % round(UPDATE_S / STEP_S) == 0:
            self._gps_lost_s = 0.0 if self.gps_fix else self._gps_lost_s + UPDATE_S
            self.estimate.wander(UPDATE_S, gps=self.gps_fix, still=self.landed and not self.armed)
            self._update_task()
            self._detect_landing()
            self._count_resets()
        acceleration = self.controller.update(self.setpoint, self.estimate, STEP_S)
        self.body.step(STEP_S, self.controller.thrust, acceleration, self._wind.step(STEP_S))

    def _look(self) -> Situation:
        estimate = self.estimate
        return Situation(
            self.now_s,
            UPDATE_S,
            estimate.position_m,
            estimate.velocity_m_s,
            estimate.yaw_rad,
            self.range_m,
            self._trajectory,
        )

    def _update_task(self) -> None:
        self._begun = self._begun if self.armed else None
        if not self.armed or (self.landed and not self._lifts and self._begun is None):
            self.setpoint = self._asked = Setpoint(thrust=IDLE_THRUST) if self.armed else IDLE
            if isinstance(self.task, Orbit):
                self.task.update(self.situation())
            return
        setpoint = self._lift_on() or self.task.update(self._look())
        if self._asked.position_m[0] is None and setpoint.position_m[0] is not None and not isinstance(self.task, Takeoff):
            self._trajectory.reset(self.estimate.position_m, self.estimate.velocity_m_s)
        self.setpoint = self._asked = setpoint
        if self._ground.contact and setpoint.thrust is None:
            self.setpoint = Setpoint(thrust=self.tuning["MPC_THR_MIN"], yaw_rad=setpoint.yaw_rad)

    def _lift_on(self) -> Setpoint | None:
        """The lift-off that another mode began, None when it is over."""
        if self._begun is None:
            return None
        setpoint = self._begun.update(self._look())
        if not self._begun.ramping(self.now_s):
            self._begun = None
            return None
        return setpoint

    def _detect_landing(self) -> None:
        if not self.armed:
            self.landed = True
        elif self.landed:
            begun = self._begun is not None and self._begun.detected
            self.landed = not (begun or (isinstance(self.task, (*LIFTING, Loiter)) and self.task.detected))
            self._ground.reset()
        else:
            self._touched_s = self._touched_s + UPDATE_S if self.body.on_ground else 0.0
            self.landed = self._ground.update(self._signs(), self.now_s)

    def _signs(self) -> Signs:
        return Signs(
            self.controller.thrust,
            self.estimate.velocity_m_s.horizontal if self.position_valid else 0.0,
            self.estimate.velocity_m_s.down,
            self.estimate.descent_m_s,
            self.body.rates_rad_s,
            self.range_m if self._touched_s < RANGE_KEPT_S else None,
            self._asked.velocity_m_s[2],
            self._asked.thrust is None,
        )

    def _count_resets(self) -> None:
        free = not self.landed and self.range_m > FREE_OF_GROUND_M
        self._flights += free and not self._turned_anew
        self._turned_anew = free or (self._turned_anew and not self.landed)
