"""PX4's parameters that the safety rests on: read before every launch; a wrong one refuses the launch by name.

The values to set stand in hardware/px4/pilotfish.params; why each of them, in docs/safety.md. Names and meanings are those of
PX4 v1.16 (commander_params.c, the navigator's and battery's parameter files).
"""

from __future__ import annotations

from typing import NamedTuple


class Required(NamedTuple):
    """A parameter, the closed range it must lie in, the value to set, and what it is for."""

    name: str
    lowest: float
    highest: float
    set_to: float
    why: str


REQUIRED: tuple[Required, ...] = (
    Required("NAV_DLL_ACT", 2, 2, 2, "a lost vehicle link must make PX4 return"),
    Required("COM_DL_LOSS_T", 5, 15, 10, "seconds without the vehicle until it returns"),
    Required("COM_DLL_EXCEPT", 0, 0, 0, "no mode may ignore a lost link"),
    Required("COM_FAIL_ACT_T", 0, 10, 5, "seconds PX4 holds before it acts on a failsafe"),
    Required("COM_OBL_RC_ACT", 3, 5, 5, "a lost offboard stream must not end in manual flight without a pilot"),
    Required("COM_LOW_BAT_ACT", 3, 3, 3, "return at a critical battery, land at an emergency one"),
    Required("BAT_CRIT_THR", 0.05, 0.3, 0.07, "when the battery counts as critical"),
    Required("BAT_EMERGEN_THR", 0.03, 0.15, 0.05, "when the battery counts as empty"),
    Required("COM_TAKEOFF_ACT", 0, 0, 0, "hold after take-off, start no stored mission"),
    Required("COM_THROW_EN", 0, 0, 0, "throw launch suppresses the ordinary take-off"),
    Required("COM_DISARM_PRFLT", 8, 30, 10, "disarm on the roof when no take-off follows"),
    Required("COM_DISARM_LAND", 0.5, 5, 2, "disarm after landing"),
    Required("RTL_TYPE", 0, 0, 0, "return straight to home, which is kept at the vehicle"),
    Required("RTL_RETURN_ALT", 10, 60, 30, "metres above home on PX4's own return"),
    Required("RTL_LAND_DELAY", 0, 0, 0, "land after the return, without loitering"),
    Required("PLD_SRCH_TOUT", 0, 0, 0, "a marker lost while landing must never make PX4 climb and search"),
    Required("PLD_HACC_RAD", 0.1, 0.5, 0.2, "metres from above the marker at which PX4 begins to descend"),
    Required("NAV_MC_ALT_RAD", 0.3, 1.5, 0.8, "zero stalls the approach to an orbit"),
    Required("MC_ORBIT_RAD_MAX", 150, 1000, 1000, "the largest orbit of a mission must be flyable"),
)

NAMES = tuple(required.name for required in REQUIRED)

SCALED_BY_SPEED = frozenset({"COM_DL_LOSS_T"})
"""PX4's simulator multiplies these by its speed factor, so that they mean the same in simulated time."""


def problems(values: dict[str, float], clock_speed: float = 1.0) -> list[str]:
    """What is wrong, a sentence for each parameter that is missing or outside its range."""
    wrong: list[str] = []
    for required in REQUIRED:
        value = values.get(required.name)
        if value is None:
            wrong.append(f"PX4's parameter {required.name} could not be read")
            continue
        scaled = value / clock_speed if required.name in SCALED_BY_SPEED else value
        if not required.lowest - 1e-4 <= scaled <= required.highest + 1e-4:
            wrong.append(f"PX4's parameter {required.name} is {value:g}, set it to {required.set_to:g}: {required.why}")
    return wrong
