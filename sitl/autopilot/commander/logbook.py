"""When PX4 writes a flight log (SDLOG_MODE), as health reports and texts tell of it. Nothing is written here."""

from __future__ import annotations

from sitl.autopilot.parameters import Parameters

ARMED, TO_DISARMING, TO_SHUTDOWN = 0, 1, 2  # SDLOG_MODE; the second begins with the start and goes on while armed
MISSED_AFTER_S = 3.5  # seen: 3.4 to 4 s from disarming until health reports it gone


class Logbook:
    """`writing`: a log is open. SDLOG_MODE counts as it was at the start."""

    def __init__(self, parameters: Parameters) -> None:
        self._mode = int(parameters["SDLOG_MODE"])
        self._disarmed_once = self._was_armed = False
        self._ended_s = 0.0
        self.writing = self._mode >= TO_DISARMING

    def update(self, now_s: float, *, armed: bool) -> bool:
        """Time passes; True when a log is begun."""
        self._disarmed_once = self._disarmed_once or (self._was_armed and not armed)
        self._was_armed = armed
        mode = self._mode
        wanted = mode >= TO_SHUTDOWN or (mode == TO_DISARMING and not self._disarmed_once) or (mode >= ARMED and armed)
        begun, ended = wanted and not self.writing, self.writing and not wanted
        self.writing = wanted
        if ended:
            self._ended_s = now_s
        return begun

    def reported(self, now_s: float) -> bool:
        """Whether health counts the logger as present."""
        return self.writing or (self._ended_s > 0.0 and now_s < self._ended_s + MISSED_AFTER_S)
