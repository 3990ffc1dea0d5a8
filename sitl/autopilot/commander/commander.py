"""Arming, modes, automatic disarming: what PX4's commander decides."""

from __future__ import annotations

from enum import Enum, auto

from sitl.autopilot.commander.modes import EXTERNAL, MANUAL_MODES, NEEDS_POSITION, PREVENTS_ARMING, Mode
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling import texts
from sitl.autopilot.telling.texts import Text

READY_AFTER_S = 4.03  # from start: estimator converged, checks pass
PREFLIGHT_DISARM_EXTRA_S = 0.14  # on top of COM_DISARM_PRFLT and COM_SPOOLUP_TIME: 11.1 to 11.2 s seen


class Disarm(Enum):
    """Why motors stop."""

    COMMAND = auto()
    LANDING = auto()
    PREFLIGHT = auto()
    FAILSAFE = auto()


_DISARM_TEXTS = {
    Disarm.COMMAND: texts.DISARMED_COMMAND,
    Disarm.LANDING: texts.DISARMED_LANDING,
    Disarm.PREFLIGHT: texts.DISARMED_PREFLIGHT,
    Disarm.FAILSAFE: texts.DISARMED_FAILSAFE,
}


class Commander:
    """`user_mode` is what the user wants, `armed` whether motors turn; `health` is told from outside before it is asked.

    After landing in a mode that prevents arming the user's mode becomes the last one that did not.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._last_armable = Mode.LOITER
        self._landed_since_s: float | None = None
        self._flew = False
        self.user_mode = Mode.LOITER
        self.armed = False
        self.armed_at_s = 0.0
        self.took_off_at_s = 0.0
        self.terminated = False
        self.healthy = False  # checks that do not depend on the mode
        self.mission_valid = False
        self.calibrating = False
        self.amid_mission = False  # landed then is no end of the flight
        self.offboard_ready = False
        self.position_valid = True

    # Checks

    def can_arm(self, mode: Mode) -> bool:
        """Whether PX4 would arm in a mode now: the PREARM_CHECK health bit."""
        return self.healthy and not self.terminated and mode not in PREVENTS_ARMING and self.can_run(mode)

    def can_run(self, mode: Mode) -> bool:
        """Whether what a mode needs is there."""
        if mode in EXTERNAL or (mode in NEEDS_POSITION and not self.position_valid):
            return False
        if mode is Mode.MISSION:
            return self.mission_valid
        if mode is Mode.OFFBOARD:
            return self.offboard_ready
        return mode not in MANUAL_MODES

    @property
    def spooled_s(self) -> float:
        """When the motors are spooled up after arming."""
        return self.armed_at_s + self._parameters["COM_SPOOLUP_TIME"]

    # Commands

    def set_mode(self, mode: Mode, *, force: bool = False) -> bool:
        """The user wants a mode; False if refused. Disarmed anything goes, and LAND always does."""
        free = force or not self.armed or mode is Mode.LAND
        if self.terminated or not (free or self.can_run(mode)):
            return False
        self.user_mode = mode
        if mode not in PREVENTS_ARMING:
            self._last_armable = mode
        return True

    def arm(self, now_s: float) -> tuple[bool, list[Text]]:
        """Whether motors turn now, and what is said."""
        if self.armed:
            return True, []
        if self.terminated:
            return False, [texts.PREFLIGHT_TERMINATED]
        if self.calibrating:
            return False, [texts.ARMING_DENIED_CALIBRATING]
        if not self.can_arm(self.user_mode):
            return False, [texts.ARMING_DENIED]
        self.armed, self.armed_at_s = True, now_s
        self._flew, self._landed_since_s = False, None
        self.took_off_at_s = 0.0
        return True, [texts.ARMED]

    def disarm(self, *, landed: bool, force: bool) -> tuple[bool, list[Text]]:
        """Whether motors stand still now, and what is said."""
        if not self.armed:
            return True, []
        if not landed and not force:
            return False, [texts.DISARMING_DENIED]
        return True, [self._stop(Disarm.COMMAND)]

    def terminate(self) -> bool:
        """Flight termination; only when armed. It lasts until a restart."""
        if self.armed:
            self.terminated, self.user_mode = True, Mode.TERMINATION
        return self.armed

    def fail_safe(self) -> Text:
        """A failsafe stops the motors, in the air as well; what is said."""
        return self._stop(Disarm.FAILSAFE)

    def _stop(self, why: Disarm) -> Text:
        self.armed = False
        if not self.terminated and self.user_mode in PREVENTS_ARMING:
            self.user_mode = self._last_armable
        return _DISARM_TEXTS[why]

    # Time

    def update(self, now_s: float, *, landed: bool) -> list[Text]:
        """Disarm by itself: without a take-off, and after landing."""
        if not self.armed:
            return []
        if not landed:
            if not self._flew:
                self.took_off_at_s = now_s
            self._flew, self._landed_since_s = True, None
            return []
        if self._landed_since_s is None:
            self._landed_since_s = now_s
        get = self._parameters
        if self._flew:
            limit_s = get["COM_DISARM_LAND"]
            if self.amid_mission:
                self._landed_since_s = now_s
            if limit_s > 0.0 and now_s - self._landed_since_s >= limit_s:
                return [self._stop(Disarm.LANDING)]
            return []
        limit_s = get["COM_DISARM_PRFLT"]
        waited_s = now_s - self.armed_at_s - get["COM_SPOOLUP_TIME"] - PREFLIGHT_DISARM_EXTRA_S
        return [self._stop(Disarm.PREFLIGHT)] if limit_s > 0.0 and waited_s >= limit_s else []
