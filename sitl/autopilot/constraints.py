"""Parameters that PX4's position controller sets back when they contradict others, and what it says about it."""

from __future__ import annotations

from typing import NamedTuple

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling.texts import CRITICAL, Text

SAFEST_TILT_DEG = 89.0


class _Most(NamedTuple):
    name: str
    limit: str
    words: str


_MOST = (
    _Most("MPC_TILTMAX_LND", "MPC_TILTMAX_AIR", "Land tilt has been constrained by max tilt"),
    _Most("MPC_XY_CRUISE", "MPC_XY_VEL_MAX", "Cruise speed has been constrained by max speed"),
    _Most("MPC_VEL_MANUAL", "MPC_XY_VEL_MAX", "Manual speed has been constrained by max speed"),
    _Most("MPC_VEL_MAN_BACK", "MPC_VEL_MANUAL", "Manual backward speed has been constrained by forward speed"),
    _Most("MPC_VEL_MAN_SIDE", "MPC_VEL_MANUAL", "Manual sideways speed has been constrained by forward speed"),
    _Most("MPC_Z_V_AUTO_UP", "MPC_Z_VEL_MAX_UP", "Ascent speed has been constrained by max speed"),
    _Most("MPC_Z_V_AUTO_DN", "MPC_Z_VEL_MAX_DN", "Descent speed has been constrained by max speed"),
)


def enforce(parameters: Parameters) -> list[Text]:
    """Set back what is too much; what is said."""
    said = _limit(parameters, "MPC_TILTMAX_AIR", SAFEST_TILT_DEG, "Tilt constrained to safe value")
    for name, limit, words in _MOST:
        said += _limit(parameters, name, parameters[limit], words)
    lowest, highest = parameters["MPC_THR_MIN"], parameters["MPC_THR_MAX"]
    hover = min(max(parameters["MPC_THR_HOVER"], lowest), highest)
    if hover != parameters["MPC_THR_HOVER"]:
        said.append(_set_back(parameters, "MPC_THR_HOVER", hover, "Hover thrust has been constrained by min/max"))
    return said


def _limit(parameters: Parameters, name: str, most: float, words: str) -> list[Text]:
    return [_set_back(parameters, name, most, words)] if parameters[name] > most else []


def _set_back(parameters: Parameters, name: str, value: float, words: str) -> Text:
    parameters.set_back(name, value)
    return Text(CRITICAL, f"{words}\t", f" ({value})")
