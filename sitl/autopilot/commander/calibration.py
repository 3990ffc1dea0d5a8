"""MAV_CMD_PREFLIGHT_CALIBRATION as PX4 does it in its simulation, where nobody turns the vehicle: what it says, and when.

Compass and accelerometer wait for the next side until they are cancelled; the barometer's never ends, as PX4's does not.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling import texts
from sitl.autopilot.telling.texts import INFO, Text

ACCEPTED: int = mavlink.MAV_RESULT_ACCEPTED
REJECTED: int = mavlink.MAV_RESULT_TEMPORARILY_REJECTED
DENIED: int = mavlink.MAV_RESULT_DENIED
UNSUPPORTED: int = mavlink.MAV_RESULT_UNSUPPORTED
TEMPERATURE = 3
FOREVER_S, AGAIN = math.inf, 4
Steps = Sequence[tuple[float, str]]


class Routine(NamedTuple):
    """What is said so many seconds after the start, when it ends, and with what it can be cancelled, if at all.

    With `every_s` the last steps (AGAIN of them) come again and again. `mends`: parameters of a calibration that was missing.
    """

    steps: Steps
    ends_s: float = FOREVER_S
    cancelled: tuple[str, ...] = ()
    every_s: float = 0.0
    mends: tuple[str, ...] = ()


def _progress(first_s: float, *percent: int) -> Steps:
    return [(first_s + 0.1 * place, f"progress <{value}>") for place, value in enumerate(percent)]


_SIDES = "pending: back front left right up down"
_STILL = "hold vehicle still on a pending side"
_AT_REST = "detected rest position, hold still..."
_DOWN = "down orientation detected"
_LEFT = "pending: back front left right up"
GYRO = Routine(
    [
        (0.0, "calibration started: 2 gyro"),
        (0.04, "progress <0>"),
        *_progress(0.1, *range(10, 101, 10)),
        (1.06, "calibration done: gyro"),
    ],
    ends_s=1.1,
    mends=("CAL_GYRO0_ID", "CAL_GYRO1_ID", "CAL_GYRO2_ID"),
)
LEVEL = Routine(
    [
        (0.0, "calibration started: 2 level"),
        (0.05, "progress <0>"),
        *_progress(0.11, 20, 40, 60, 80, 100),
        (0.56, "progress <100>"),
        (0.61, "calibration done: level"),
    ],
    ends_s=0.65,
)
COMPASS = Routine(
    [
        (0.0, "calibration started: 2 mag"),
        (0.05, _SIDES),
        (0.1, _STILL),
        (1.87, _AT_REST),
        (2.38, _DOWN),
        (2.43, _DOWN),
        (2.48, "Rotate vehicle"),
    ],
    cancelled=("calibration cancelled",),
)
ACCELEROMETER = Routine(
    [
        (0.0, "calibration started: 2 accel"),
        (0.06, _SIDES),
        (0.1, _STILL),
        (2.48, _AT_REST),
        (3.78, _DOWN),
        (3.83, _DOWN),
        (3.88, "Hold still, measuring down side"),
        (6.85, "down side result: [-0.001 0.006 -9.814]"),
        (6.9, "progress <17>"),
        (6.95, "down side done, rotate to a different side"),
        (7.0, "down side done, rotate to a different side"),
        (7.14, _LEFT),
        (7.19, _STILL),
        (9.6, _AT_REST),
        (10.9, "down side already completed"),
    ],
    cancelled=("calibration cancelled", "calibration failed: accel"),
    every_s=3.8,
)
BAROMETER = Routine([(0.0, "calibration started: 2 baro")])
AIRSPEED = Routine(
    [(0.0, "calibration started: 2 airspeed"), (0.05, "Ensure sensor is not measuring wind")],
    cancelled=("calibration cancelled",),
)
BY_HEADING = Routine(
    [(0.06, "Mag quick calibration finished")],
    ends_s=0.1,
    mends=("CAL_MAG0_ID", "CAL_MAG0_PRIO", "CAL_MAG1_ID", "CAL_MAG1_PRIO"),
)
QUICK = Routine([], ends_s=0.1, mends=("CAL_ACC0_ID", "CAL_ACC1_ID", "CAL_ACC2_ID"))


class Calibration:
    """`running`: PX4's worker is busy, and the vehicle cannot be armed."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._routine: Routine | None = None
        self._since_s, self._said = 0.0, 0
        self._sticks_off = False

    @property
    def running(self) -> bool:
        return self._routine is not None

    def order(self, params: Sequence[float], now_s: float, *, armed: bool) -> tuple[list[int], list[Text]]:
        """The results to answer with, and what is said at once."""
        wanted = [int(value) for value in params]
        if self._routine is not None:
            return self._cancel(self._routine, wanted)
        if armed:
            return [REJECTED], []
        if TEMPERATURE in (wanted[0], wanted[4], wanted[6]) and wanted[0] != 1:
            return [], []
        if wanted[3] == 1 and 1 not in wanted[:3]:
            self._sticks_off = True
            return [ACCEPTED], [texts.STICKS_OFF]
        self._routine = _routine(wanted)
        self._since_s, self._said = now_s, 0
        if self._routine is not None:
            return [ACCEPTED], []
        return self._without_routine(wanted)

    def compass_by_heading(self, heading_deg: float, now_s: float, *, armed: bool) -> tuple[bool, list[Text]]:
        """FIXED_MAG_CAL_YAW: whether it is done, and what is said."""
        if armed or self._routine is not None:
            return False, []
        self._routine, self._since_s, self._said = BY_HEADING, now_s, 0
        return True, [Text(INFO, f"Assuming vehicle is facing heading {round(heading_deg):.1f} degrees")]

    def _without_routine(self, wanted: list[int]) -> tuple[list[int], list[Text]]:
        if wanted[6] == 1:
            return [DENIED], [_told("calibration failed: Disconnect battery and try again")]
        if wanted[3] != 0:
            return [UNSUPPORTED], []
        said = [texts.STICKS_ON] if self._sticks_off else []
        self._sticks_off = False
        return [ACCEPTED], said

    def _cancel(self, routine: Routine, wanted: list[int]) -> tuple[list[int], list[Text]]:
        """Commander is busy, the routine itself listens for an order of nothing."""
        if any(wanted) or not routine.cancelled:
            return [REJECTED], []
        self._routine = None
        return [ACCEPTED, REJECTED], [_told(words) for words in routine.cancelled]

    def update(self, now_s: float) -> list[Text]:
        """What is said now."""
        routine = self._routine
        if routine is None:
            return []
        said = []
        while (step := _step(routine, self._said)) is not None and now_s >= self._since_s + step[0]:
            said.append(Text(INFO, step[1]) if routine is BY_HEADING else _told(step[1]))
            self._said += 1
        if now_s >= self._since_s + routine.ends_s:
            self._routine = None
            for name in routine.mends:
                self._parameters.unset(name)
        return said


def _routine(wanted: list[int]) -> Routine | None:
    gyro, compass, barometer, _, accelerometer, airspeed, _ = wanted
    if gyro == 1:
        return GYRO
    if compass == 1:
        return COMPASS
    if barometer == 1:
        return BAROMETER
    if airspeed in (1, 2) and accelerometer not in (1, 2, 4):
        return AIRSPEED
    return {1: ACCELEROMETER, 2: LEVEL, 4: QUICK}.get(accelerometer)


def _step(routine: Routine, place: int) -> tuple[float, str] | None:
    """What is said next: a time since the start, and words."""
    if place < len(routine.steps):
        return routine.steps[place]
    if not routine.every_s:
        return None
    rounds, which = divmod(place - len(routine.steps), AGAIN)
    at_s, words = routine.steps[which - AGAIN]
    return at_s + routine.every_s * (rounds + 1), words


def _told(words: str) -> Text:
    return Text(INFO, f"[cal] {words}")
