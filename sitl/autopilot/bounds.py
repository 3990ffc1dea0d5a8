"""Parameters PX4 sets by itself when others change: by its sliders, and where limits contradict each other.

As MulticopterPositionControl::parameters_update does it.
"""

from __future__ import annotations

from sitl.autopilot.body.vector import clamp
from sitl.autopilot.parameters import EPSILON, Parameters
from sitl.autopilot.telling.texts import CRITICAL, Text

SAFE_TILT_DEG = 89.0
_AT_MOST = (
    ("MPC_TILTMAX_LND", "MPC_TILTMAX_AIR", "Land tilt has been constrained by max tilt\t"),
    ("MPC_XY_CRUISE", "MPC_XY_VEL_MAX", "Cruise speed has been constrained by max speed\t"),
    ("MPC_VEL_MANUAL", "MPC_XY_VEL_MAX", "Manual speed has been constrained by max speed\t"),
    ("MPC_VEL_MAN_BACK", "MPC_VEL_MANUAL", "Manual backward speed has been constrained by forward speed\t"),
    ("MPC_VEL_MAN_SIDE", "MPC_VEL_MANUAL", "Manual sideways speed has been constrained by forward speed\t"),
    ("MPC_Z_V_AUTO_UP", "MPC_Z_VEL_MAX_UP", "Ascent speed has been constrained by max speed\t"),
    ("MPC_Z_V_AUTO_DN", "MPC_Z_VEL_MAX_DN", "Descent speed has been constrained by max speed\t"),
)


def keep(parameters: Parameters) -> list[Text]:
    """Set what follows from what is set; what PX4 says of it."""
    for name, value in _by_sliders(parameters).items():
        if abs(parameters.value(name) - value) > EPSILON:
            parameters[name] = value
    said = []
    if parameters["MPC_TILTMAX_AIR"] > SAFE_TILT_DEG:
        parameters["MPC_TILTMAX_AIR"] = SAFE_TILT_DEG
        said.append(Text(CRITICAL, "Tilt constrained to safe value\t", _which(SAFE_TILT_DEG)))
    for name, limit, words in _AT_MOST:
        most = parameters[limit]
        if parameters[name] > most:
            parameters[name] = most
            said.append(Text(CRITICAL, words, _which(most)))
    hover = clamp(parameters["MPC_THR_HOVER"], parameters["MPC_THR_MIN"], parameters["MPC_THR_MAX"])
    if hover != parameters["MPC_THR_HOVER"]:
        parameters["MPC_THR_HOVER"] = hover
        said.append(Text(CRITICAL, "Hover thrust has been constrained by min/max\t", _which(hover)))
    return said


def _which(value: float) -> str:
    """For the event, which tells the value where the words do not."""
    return f" ({value})"


def _by_sliders(parameters: Parameters) -> dict[str, float]:
    """What the sliders of a ground station's tuning page mean; below 0 they mean nothing."""
    wanted: dict[str, float] = {}
    response, level, vertical = (parameters[name] for name in ("SYS_VEHICLE_RESP", "MPC_XY_VEL_ALL", "MPC_Z_VEL_ALL"))
    if response >= 0.0:
        wanted |= _by_response(response * response)
    if level >= 0.0:
        wanted |= dict.fromkeys(("MPC_VEL_MANUAL", "MPC_XY_CRUISE", "MPC_XY_VEL_MAX"), level)
        wanted |= {"MPC_VEL_MAN_BACK": -1.0, "MPC_VEL_MAN_SIDE": -1.0}
    if vertical >= 0.0:
        wanted |= dict.fromkeys(("MPC_Z_V_AUTO_UP", "MPC_Z_VEL_MAX_UP"), vertical)
        wanted |= dict.fromkeys(("MPC_Z_V_AUTO_DN", "MPC_Z_VEL_MAX_DN"), 0.75 * vertical)
        wanted |= {"MPC_TKO_SPEED": 0.6 * vertical, "MPC_LAND_SPEED": 0.5 * vertical}
    return wanted


def _by_response(share: float) -> dict[str, float]:
    tilt_deg = 45.0 if share < 0.5 else min(SAFE_TILT_DEG, _between(45.0, 70.0, (share - 0.5) * 2.0))
    return {
        "MPC_ACC_HOR": _between(1.0, 15.0, share),
        "MPC_ACC_HOR_MAX": _between(2.0, 15.0, share),
        "MPC_MAN_Y_MAX": _between(80.0, 450.0, share),
        "MPC_MAN_Y_TAU": 0.0 if share > 0.6 else _between(0.5, 0.0, share / 0.6),
        "MPC_TILTMAX_AIR": tilt_deg,
        "MPC_ACC_DOWN_MAX": _between(0.8, 15.0, share),
        "MPC_ACC_UP_MAX": _between(1.0, 15.0, share),
        "MPC_JERK_MAX": _between(2.0, 50.0, share),
        "MPC_JERK_AUTO": _between(1.0, 25.0, share),
    }


def _between(low: float, high: float, share: float) -> float:
    return low + (high - low) * share
