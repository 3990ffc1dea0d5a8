"""What PX4's health and arming checks find, and what is told of it: in events, in texts, in SYS_STATUS.

A report goes out when the outcome has changed, at most every two seconds, and when RUN_PREARM_CHECKS asks for it. Before a
failsafe is told, what was not reported yet goes out in events alone: its texts and SYS_STATUS then wait for the next change.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sitl.autopilot.body.battery import Charge
from sitl.autopilot.commander.commander import READY_AFTER_S
from sitl.autopilot.commander.modes import PREVENTS_ARMING, Mode
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling import events, texts
from sitl.autopilot.telling.kinds import ERROR, WARNING, Event, Kind
from sitl.autopilot.telling.texts import Text

if TYPE_CHECKING:
    from sitl.autopilot.pilot import Pilot

EVERY_S = 2.0
LOOK_S = 0.1
POWERS_OFF_AFTER_S = 60.0

ALL = 0xFFFFFFFF
NEEDS_LOCAL_POSITION, NEEDS_GLOBAL_POSITION, CANNOT_TAKE_OFF = 0x7E007C, 0x38, 0x3C3020
EXTERNAL_MODES = 0x7F800000
STICKS = sum(1 << mode for mode in (Mode.MANUAL, Mode.ALTITUDE, Mode.POSITION, Mode.POSITION_SLOW, Mode.ACRO, Mode.STABILIZED))

GPS, REMOTE_CONTROL, LOGGING, BATTERY, LINKS, LOCAL_POSITION, SYSTEM, GLOBAL_POSITION = 3, 7, 10, 11, 12, 17, 20, 24
"""health_component_t: bit numbers."""
ALWAYS_PRESENT = 0x38020802


STICKS_FORBIDDEN = 4  # COM_RC_IN_MODE


class Sensor(NamedTuple):
    """A kind of sensor: which parameter tells that the first one is calibrated, and what is told if not."""

    calibrated: str
    component: int
    kind: Kind
    text: Text


SENSORS = (
    Sensor("CAL_ACC0_ID", 28, events.ACCELEROMETER_UNCALIBRATED, Text(texts.CRITICAL, "Preflight Fail: Accel 0 uncalibrated")),
    Sensor("CAL_GYRO0_ID", 29, events.GYRO_UNCALIBRATED, Text(texts.CRITICAL, "Preflight Fail: Gyro 0 uncalibrated")),
    Sensor("CAL_MAG0_ID", 27, events.COMPASS_UNCALIBRATED, Text(texts.CRITICAL, "Preflight Fail: Compass 0 uncalibrated")),
)


class Check(NamedTuple):
    """A failed check: its event, the modes it concerns, the component, the modes that cannot arm and cannot run for it."""

    kind: Kind
    modes: int
    component: int
    no_arming: int
    no_running: int
    level: int | None = None
    more: tuple[float, ...] = ()

    @property
    def event(self) -> Event:
        """As it is told."""
        made = self.kind.event(self.modes, self.component, *self.more)
        return made if self.level is None else made._replace(levels=self.level << 4 | self.level)

    @property
    def external(self) -> int:
        """Its level for ground stations."""
        return self.event.levels & 0xF


def failed(pilot: Pilot) -> list[Check]:
    """The checks that fail now, in PX4's order."""
    found = [*_sensors(pilot), *_position(pilot), *_modes(pilot)]
    sticks_forbidden = pilot.parameters["COM_RC_IN_MODE"] == STICKS_FORBIDDEN
    modes, level = (STICKS, ERROR) if sticks_forbidden else (ALL, None)
    found.append(Check(events.NO_STICKS, modes, REMOTE_CONTROL, STICKS, STICKS, level))
    charge = {
        Charge.LOW: Check(events.BATTERY_LOW, ALL, BATTERY, 0, 0),
        Charge.CRITICAL: Check(events.BATTERY_CRITICAL, ALL, BATTERY, ALL, 0),
        Charge.EMERGENCY: Check(events.BATTERY_EMERGENCY, ALL, BATTERY, ALL, 0),
    }.get(pilot.health.warning)
    if charge is not None:
        found.append(charge)
    if pilot.planning.breached:
        kinds = (events.FENCE_TOO_FAR, events.FENCE_TOO_HIGH, events.FENCE_VIOLATED)
        breach = pilot.planning.fence.breach
        found += [Check(kind, ALL, SYSTEM, ALL, 0) for kind, broken in zip(kinds, breach, strict=True) if broken]
    if pilot.gcs.lost:
        needed = pilot.parameters["NAV_DLL_ACT"] > 0
        level = ERROR if needed else None
        found.append(Check(events.NO_GCS, ALL, LINKS, ALL if needed else 0, 0, level))
    return found


def _sensors(pilot: Pilot) -> list[Check]:
    return [
        Check(sensor.kind, ALL, sensor.component, ALL, 0, more=(0,))
        for sensor in SENSORS
        if not pilot.parameters[sensor.calibrated]
    ]


def calibrated(parameters: Parameters) -> bool:
    """Whether every kind of sensor is."""
    return all(parameters[sensor.calibrated] for sensor in SENSORS)


def _position(pilot: Pilot) -> list[Check]:
    if pilot.flight.position_valid and pilot.now_s >= READY_AFTER_S - LOOK_S:
        return []
    local = Check(events.LOCAL_POSITION, NEEDS_LOCAL_POSITION, LOCAL_POSITION, NEEDS_LOCAL_POSITION, NEEDS_LOCAL_POSITION)
    whole = Check(events.GLOBAL_POSITION, NEEDS_GLOBAL_POSITION, GLOBAL_POSITION, NEEDS_GLOBAL_POSITION, NEEDS_GLOBAL_POSITION)
    lost = pilot.now_s >= READY_AFTER_S and not pilot.commander.armed
    fix = Check(events.GPS_FIX, NEEDS_LOCAL_POSITION, GPS, NEEDS_LOCAL_POSITION, 0)
    return [fix, local, whole] if lost else [local, whole]


def _modes(pilot: Pilot) -> list[Check]:
    commander, found = pilot.commander, []
    if not commander.armed and commander.user_mode in PREVENTS_ARMING:
        found.append(Check(events.CANNOT_TAKE_OFF, CANNOT_TAKE_OFF, SYSTEM, CANNOT_TAKE_OFF, 0))
    if not commander.mission_valid:
        mission = 1 << Mode.MISSION
        found.append(Check(events.NO_MISSION, mission, SYSTEM, mission, mission))
    if not commander.offboard_ready:
        offboard = 1 << Mode.OFFBOARD
        found.append(Check(events.NO_OFFBOARD, offboard, SYSTEM, offboard, offboard))
    if pilot.homes.home is None:
        home = 1 << Mode.RETURN
        found.append(Check(events.NO_HOME, home, SYSTEM, home, home))
    return found


class Outcome(NamedTuple):
    """What the checks found: the events that tell it, the modes that can be armed in, whether the battery is well."""

    events: list[Event]
    can_arm: int
    battery_well: bool


def report(pilot: Pilot) -> Outcome:
    """Run all checks."""
    checks = failed(pilot)
    error = warning = no_arming = no_running = 0
    for check in checks:
        no_arming, no_running = no_arming | check.no_arming, no_running | check.no_running
        if check.external <= ERROR:
            error |= 1 << check.component
        elif check.external <= WARNING:
            warning |= 1 << check.component
    usable = ALL & ~EXTERNAL_MODES
    summary = events.SUMMARY.event(0, error, warning, usable & ~no_arming, usable & ~no_running)
    told = [summary, *(check.event for check in checks), events.HEALTH.event(0, _present(pilot), 0, 0)]
    can_arm = 0 if pilot.commander.terminated else usable & ~no_arming
    return Outcome(told, can_arm, battery_well=not (error | warning) >> BATTERY & 1)


def _present(pilot: Pilot) -> int:
    present = ALWAYS_PRESENT
    if pilot.flight.position_valid and pilot.now_s >= READY_AFTER_S - LOOK_S:
        present |= 1 << GPS
    if pilot.logbook.reported(pilot.now_s):
        present |= 1 << LOGGING
    return present if pilot.gcs.lost else present | 1 << LINKS


_BATTERY_TEXTS = {
    Charge.LOW: texts.BATTERY_LOW,
    Charge.CRITICAL: texts.BATTERY_CRITICAL,
    Charge.EMERGENCY: texts.BATTERY_EMERGENCY,
}


class Health:
    """`reported` is the last report, `warning` the battery's state: armed, it never gets better.

    Once it has decided to power off, on the ground with an empty battery, PX4's commander does nothing else any more.
    """

    def __init__(self) -> None:
        self.warning = Charge.OK
        self.powers_off_at_s: float | None = None
        self.reported = Outcome([], 0, battery_well=True)
        self._untold: list[Event] = []
        self._found = self.reported
        self._changed = self._wanted = False
        self._told_s, self._look_s = 0.0, EVERY_S

    def ask(self) -> None:
        """RUN_PREARM_CHECKS: report at once."""
        self._wanted = True

    def can_arm(self, mode: Mode) -> bool:
        """SYS_STATUS' PREARM_CHECK: as last reported, for the present mode."""
        return bool(self.reported.can_arm >> mode & 1)

    def look(self, pilot: Pilot) -> list[Text]:
        """Run the checks if it is time to; what is said. Cheap to call often."""
        now_s = pilot.now_s
        if now_s < self._look_s and not self._wanted:
            return []
        self._look_s = now_s + LOOK_S
        said = self._watch_battery(pilot)
        found = report(pilot)
        self._changed = self._changed or found != self._found
        self._found = found
        if self._wanted or (self._changed and now_s >= self._told_s + EVERY_S):
            self.reported = found
            self._tell(now_s)
            said += [sensor.text for sensor in SENSORS if not pilot.parameters[sensor.calibrated]]
            said += [_BATTERY_TEXTS[self.warning]] if self.warning in _BATTERY_TEXTS else []
        return said

    def _watch_battery(self, pilot: Pilot) -> list[Text]:
        before, charge = self.warning, pilot.battery.charge
        self.warning = max(before, charge) if pilot.commander.armed else charge
        if self.warning is not Charge.EMERGENCY or before is Charge.EMERGENCY:
            return []
        if pilot.commander.armed:
            return [texts.NO_SHUTDOWN]
        self.powers_off_at_s = pilot.now_s + POWERS_OFF_AFTER_S
        return [texts.SHUTTING_DOWN]

    def before_a_failsafe(self, now_s: float) -> None:
        """A failsafe is about to be told."""
        if self._changed:
            self._tell(now_s)

    def _tell(self, now_s: float) -> None:
        self._untold += self._found.events
        self._told_s, self._changed, self._wanted = now_s, False, False

    def taken(self) -> list[Event]:
        """The events of the reports since the last call."""
        untold, self._untold = self._untold, []
        return untold
