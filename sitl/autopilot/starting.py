"""What PX4's start script does to its parameters (init.d-posix/rcS, airframe 10040_sihsim_quadx).

What it sets it sets as a user would, so that it is kept for later starts: PX4_PARAM_*, the place, the time-outs of a speed
factor. A start without them leaves as it is what an earlier one has set.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from sitl.autopilot.parameters import Parameters, ParameterType, firmware_defaults
from wire.geo import Position

TIMEOUTS_SCALED_BY_SPEED = {"COM_DL_LOSS_T": 10, "COM_OF_LOSS_T": 1, "COM_OBC_LOSS_T": 5, "COM_RC_LOSS_T": 1}
"""Set to so many seconds of wall time when there is a speed factor, be it 1, whatever they were before."""

PLACE = ("SIH_LOC_LAT0", "SIH_LOC_LON0", "SIH_LOC_H0")
_CALIBRATION = ("CAL_", "SENS_BOARD_X_OFF", "SENS_DPRES_OFF")
_BAROMETER = ("CAL_BARO0_ID", "CAL_BARO0_OFF", "CAL_BARO0_PRIO")  # set when it is first met
_SENSORS = ("CAL_ACC", "CAL_GYRO", "CAL_MAG")
_NOT_RESET = ("RC", "CAL_", "COM_FLTMODE", "LND_FLIGHT", "TC_", "COM_FLIGHT")
_FLIGHTS = ("LND_FLIGHT_T_HI", "LND_FLIGHT_T_LO", "COM_FLIGHT_UUID")


class Given(NamedTuple):
    """What a start is given: PX4_PARAM_*, the values of PLACE, PX4's instance, the speed factor if there is one."""

    parameters: Mapping[str, float]
    place: Mapping[str, float]
    instance: int = 0
    speed: float | None = None


def start(parameters: Parameters, given: Given, *, first: bool = False) -> None:
    """Set what the script sets, to count at once; `first`: nothing is kept. Raises ValueError naming what is wrong."""
    defaults = Parameters()
    if first:
        parameters.set_anew(["SYS_AUTOSTART", "SYS_AUTOCONFIG", *_BAROMETER, *PLACE, *_calibrated()])
    if parameters["SYS_AUTOSTART"] != defaults["SYS_AUTOSTART"] or parameters["SYS_AUTOCONFIG"] == 1:
        parameters.reset(but=lambda name: name.startswith(_NOT_RESET))
        for name in _calibrated():
            parameters[name] = defaults[name]
    firmware = firmware_defaults()
    for name, value in given.parameters.items():
        if parameters.is_set(name) or value != firmware.get(name):  # the simulation's defaults come after them
            parameters[name] = value
    for name, value in given.place.items():
        parameters[name] = value
    parameters["MAV_SYS_ID"] = given.instance + 1
    if given.speed is not None:
        for name, wall_s in TIMEOUTS_SCALED_BY_SPEED.items():
            scaled = wall_s * given.speed
            parameters[name] = int(scaled + 1e-9) if parameters.type_of(name) is ParameterType.INT32 else scaled


def place(parameters: Parameters) -> Position:
    """Where the simulation starts."""
    return Position(*(parameters[name] for name in PLACE))


def reset(parameters: Parameters, *, flights: bool) -> None:
    """All to the simulation's defaults, with `flights` the count of flights, too; the sensors are not calibrated any more.

    The vehicle stays where it is, where PX4's simulation would go to its own default place.
    """
    parameters.reset(but=lambda name: name in PLACE or (not flights and name in _FLIGHTS))
    for name in ("SYS_AUTOSTART", *_calibrated()):
        parameters[name] = firmware_defaults()[name]


def uncalibrate(parameters: Parameters) -> None:
    """Accelerometers, gyroscopes and compasses are not calibrated any more."""
    for name in firmware_defaults():
        if name.startswith(_SENSORS):
            parameters[name] = firmware_defaults()[name]


def _calibrated() -> list[str]:
    """What the script sets once, when it meets the airframe for the first time."""
    return [name for name in firmware_defaults() if name.startswith(_CALIBRATION)]
