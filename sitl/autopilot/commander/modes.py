"""PX4's flight modes and how MAVLink shows them.

Numbers are PX4's navigation states; custom_mode is main << 16 | sub << 24 (px4_custom_mode.h), base_mode as PX4 v1.16 sends it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import NamedTuple


class Mode(IntEnum):
    """A flight mode, numbered as PX4's navigation state."""

    MANUAL = 0
    ALTITUDE = 1
    POSITION = 2
    MISSION = 3
    LOITER = 4
    RETURN = 5
    POSITION_SLOW = 6
    ACRO = 10
    DESCEND = 12
    TERMINATION = 13
    OFFBOARD = 14
    STABILIZED = 15
    TAKEOFF = 17
    LAND = 18
    FOLLOW = 19
    PRECISION_LAND = 20
    ORBIT = 21
    VTOL_TAKEOFF = 22
    EXTERNAL_1 = 23
    EXTERNAL_2 = 24
    EXTERNAL_3 = 25
    EXTERNAL_4 = 26
    EXTERNAL_5 = 27
    EXTERNAL_6 = 28
    EXTERNAL_7 = 29
    EXTERNAL_8 = 30


AUTO = 4
"""The main mode of what flies by itself."""
EXTERNAL = frozenset(mode for mode in Mode if mode >= Mode.EXTERNAL_1)
"""Places for the modes of others, all of them empty: they can be chosen disarmed, and do nothing."""
_FIRST_EXTERNAL_SUB = 11
_MAIN_SUB: dict[Mode, tuple[int, int]] = {
    Mode.MANUAL: (1, 0),
    Mode.ALTITUDE: (2, 0),
    Mode.POSITION: (3, 0),
    Mode.ORBIT: (3, 1),
    Mode.POSITION_SLOW: (3, 2),
    Mode.TAKEOFF: (AUTO, 2),
    Mode.LOITER: (AUTO, 3),
    Mode.MISSION: (AUTO, 4),
    Mode.RETURN: (AUTO, 5),
    Mode.LAND: (AUTO, 6),
    Mode.DESCEND: (AUTO, 6),
    Mode.FOLLOW: (AUTO, 8),
    Mode.PRECISION_LAND: (AUTO, 9),
    Mode.VTOL_TAKEOFF: (AUTO, 10),
    Mode.ACRO: (5, 0),
    Mode.OFFBOARD: (6, 0),
    Mode.STABILIZED: (7, 0),
    Mode.TERMINATION: (10, 0),
} | {mode: (AUTO, _FIRST_EXTERNAL_SUB + mode - Mode.EXTERNAL_1) for mode in EXTERNAL}
_NOT_SET = (Mode.DESCEND, Mode.TERMINATION, Mode.VTOL_TAKEOFF)
_FROM_MAIN_SUB = {pair: mode for mode, pair in _MAIN_SUB.items() if mode not in _NOT_SET} | {(AUTO, 0): Mode.MISSION}

MANUAL_MODES = frozenset(
    {Mode.MANUAL, Mode.ALTITUDE, Mode.POSITION, Mode.POSITION_SLOW, Mode.ACRO, Mode.STABILIZED},
)
"""Modes a pilot's sticks fly."""

PREVENTS_ARMING = frozenset(
    {
        Mode.ORBIT,
        Mode.RETURN,
        Mode.LAND,
        Mode.DESCEND,
        Mode.PRECISION_LAND,
        Mode.FOLLOW,
        Mode.TERMINATION,
        Mode.VTOL_TAKEOFF,
    },
)
"""Modes in which PX4 refuses to arm (mode_requirements.cpp)."""

NEEDS_POSITION = frozenset(
    {
        Mode.MISSION,
        Mode.LOITER,
        Mode.RETURN,
        Mode.TAKEOFF,
        Mode.LAND,
        Mode.FOLLOW,
        Mode.PRECISION_LAND,
        Mode.ORBIT,
        Mode.VTOL_TAKEOFF,
    },
)
"""Modes that cannot be flown without a position."""


def custom_mode(mode: Mode) -> int:
    """The custom_mode of HEARTBEAT."""
    main, sub = _MAIN_SUB[mode]
    return main << 16 | sub << 24


def base_mode(mode: Mode, *, armed: bool, offboard_attitude: bool = True) -> int:
    """The base_mode of HEARTBEAT: custom 1, auto 4, guided 8, stabilize 16, manual input 64, armed 128.

    `offboard_attitude`: the setpoints of OFFBOARD, if any came, leave the attitude to the autopilot.
    """
    flags = 1 | (128 if armed else 0)
    if mode is Mode.TERMINATION or mode in EXTERNAL or (mode is Mode.OFFBOARD and not offboard_attitude):
        return flags
    if mode in (Mode.ORBIT, Mode.FOLLOW, Mode.OFFBOARD):
        return flags | 16
    if mode is Mode.ACRO:
        return flags | 64
    if mode in MANUAL_MODES:
        return flags | 16 | 64
    return flags | 4 | 8 | 16


def mode_of(main: int, sub: int) -> Mode | None:
    """The mode DO_SET_MODE selects with these parameters, None if PX4 knows none.

    POSCTL with sub mode 1 gives POSITION, not ORBIT (Commander.cpp, vehicle_command 176).
    """
    if main != AUTO:
        sub = 2 if main == 3 and sub == 2 else 0
    return _FROM_MAIN_SUB.get((main, sub))


def mode_of_base(base: int) -> Mode | None:
    """The mode DO_SET_MODE selects by the flags of base_mode when custom modes are not among them, None if none."""
    if base & 4:
        return Mode.MISSION
    if not base & 64:
        return None
    return Mode.POSITION if base & 8 else Mode.STABILIZED if base & 16 else Mode.MANUAL


class ModeInfo(NamedTuple):
    """One row of AVAILABLE_MODES."""

    custom_mode: int
    standard_mode: int
    properties: int
    name: str


_ADVANCED, _NOT_SELECTABLE = 1, 2
_STANDARD = {
    Mode.POSITION: 1,
    Mode.ORBIT: 2,
    Mode.ALTITUDE: 4,
    Mode.RETURN: 5,
    Mode.MISSION: 6,
    Mode.LAND: 7,
    Mode.TAKEOFF: 8,
}
_NAMES = {
    Mode.MANUAL: "Manual",
    Mode.LOITER: "Hold",
    Mode.POSITION_SLOW: "Position Slow",
    Mode.ACRO: "Acro",
    Mode.TERMINATION: "Termination",
    Mode.OFFBOARD: "Offboard",
    Mode.STABILIZED: "Stabilized",
    Mode.FOLLOW: "Follow Target",
    Mode.PRECISION_LAND: "Precision Landing",
    Mode.VTOL_TAKEOFF: "VTOL Takeoff",
}
_WORDS = {
    Mode.POSITION: "Position",
    Mode.ORBIT: "Orbit",
    Mode.ALTITUDE: "Altitude",
    Mode.RETURN: "Return",
    Mode.MISSION: "Mission",
    Mode.LAND: "Land",
    Mode.TAKEOFF: "Takeoff",
    Mode.DESCEND: "Descend",
}


def standard_number_of(mode: Mode) -> int:
    """Its MAV_STANDARD_MODE number, 0 if it is none."""
    return _STANDARD.get(mode, 0)


def name_of(mode: Mode) -> str:
    """What PX4 calls it in its texts."""
    if mode in EXTERNAL:
        return f"External {mode - Mode.EXTERNAL_1 + 1}"
    return _WORDS.get(mode) or _NAMES[mode]


def standard_mode_of(standard: int) -> Mode | None:
    """The mode of a MAV_STANDARD_MODE number, None if PX4 has none for it."""
    return next((mode for mode, number in _STANDARD.items() if number == standard), None)


def available_modes() -> list[ModeInfo]:
    """The 25 rows PX4 announces: its 17 modes in the order of their numbers, then 8 places for external ones."""
    rows = []
    for mode in Mode:
        if mode is Mode.DESCEND or mode in EXTERNAL:
            continue
        properties = 0 if mode in (Mode.ALTITUDE, Mode.POSITION) else _ADVANCED
        properties |= _NOT_SELECTABLE if mode is Mode.TERMINATION else 0
        rows.append(ModeInfo(custom_mode(mode), _STANDARD.get(mode, 0), properties, _NAMES.get(mode, "")))
    places = [ModeInfo(custom_mode(mode), 0, _NOT_SELECTABLE, "(Mode not available)") for mode in sorted(EXTERNAL)]
    return rows + places
