"""The dictionary of events that ground stations fetch to turn numbers into words, in the form of MAVLink's events interface."""

from __future__ import annotations

from collections.abc import Mapping

from sitl.autopilot.commander.modes import EXTERNAL, Mode, custom_mode, name_of
from sitl.autopilot.telling.events import KINDS
from sitl.autopilot.telling.kinds import Kind
from sitl.autopilot.telling.twins import NAVIGATION_MODES, REASONS

_ACTIONS = {
    0: "none",
    1: "warning",
    2: "Position mode",
    3: "Altitude mode",
    4: "Stabilized mode",
    5: "Hold",
    6: "Return",
    7: "Land",
    8: "Descend",
    9: "disarm",
    10: "terminate",
}
_CAUSES = {
    0: "Failsafe",
    1: "Manual control lost",
    2: "Ground station lost",
    3: "Low battery",
    4: "Critical battery",
    5: "Emergency battery level",
    6: "Short flight time left",
}
_COMPONENTS = {
    3: "GPS",
    7: "Remote control",
    10: "Logging",
    11: "Battery",
    12: "Communication links",
    17: "Local position estimate",
    20: "System",
    24: "Global position estimate",
    27: "Power",
    28: "Accelerometers",
    29: "Gyroscopes",
}


def _enumeration(kind: str, entries: Mapping[int, str], *, bits: bool = False) -> dict[str, object]:
    listed = {
        str(1 << value if bits else value): {"name": _name(words), "description": words} for value, words in entries.items()
    }
    return {"type": kind, "description": "", "entries": listed, **({"is_bitfield": True} if bits else {})}


def _name(words: str) -> str:
    return words.lower().replace(" ", "_")


def _modes() -> dict[int, str]:
    return {
        mode.value: mode.name.replace("_", " ").capitalize()
        for mode in Mode
        if mode is not Mode.DESCEND and mode not in EXTERNAL
    }


def _entry(kind: Kind) -> dict[str, object]:
    arguments = [{"name": f"arg{place}", "type": name} for place, name in enumerate(kind.types, 1)]
    entry: dict[str, object] = {"name": kind.name, "message": kind.message, "arguments": arguments}
    return {**entry, "type": "summary"} if kind.name.endswith("_summary") else entry


def definitions() -> object:
    """Every event of this autopilot: name, words, arguments, and what their numbers mean."""
    groups: dict[str, dict[str, dict[str, object]]] = {}
    for kind in KINDS:
        groups.setdefault(kind.group, {"events": {}})["events"][str(kind.number & 0xFFFFFF)] = _entry(kind)
    own = {
        "namespace": "px4",
        "enums": {
            "arm_disarm_reason_t": _enumeration("uint8_t", {number: words for words, number in REASONS.items()}),
            "failsafe_action_t": _enumeration("uint8_t", _ACTIONS),
            "failsafe_cause_t": _enumeration("uint8_t", _CAUSES),
            "health_component_t": _enumeration("uint32_t", _COMPONENTS, bits=True),
            "navigation_mode_t": _enumeration("uint8_t", {number: name_of(mode) for mode, number in NAVIGATION_MODES.items()}),
            "navigation_mode_group_t": _enumeration("uint32_t", _modes(), bits=True),
        },
        "supported_protocols": ["health_and_arming_check"],
        "navigation_mode_groups": {"groups": {str(number): [custom_mode(Mode(number))] for number in _modes()}},
        "event_groups": groups,
    }
    return {"version": 2, "components": {"1": own}}
