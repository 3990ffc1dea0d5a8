"""Failsafes: which condition makes PX4 do what, after which delay.

The rules are those seen on v1.16.0: a lost ground station and a critical battery first hold for COM_FAIL_ACT_T; a lost
position and lost offboard control act at once; a change of mode by command takes over, and the same condition does not act
again until it has ended and come back; what a lost ground station began goes on after it came back.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from typing import NamedTuple

from sitl.autopilot.body.battery import Charge
from sitl.autopilot.commander.modes import Mode
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.telling import texts
from sitl.autopilot.telling.texts import Text


class Action(IntEnum):
    """What to do, mildest first."""

    NONE = 0
    WARN = 1
    POSITION = 2
    ALTITUDE = 3
    STABILIZED = 4
    HOLD = 5
    RETURN = 6
    LAND = 7
    DESCEND = 8
    DISARM = 9
    TERMINATE = 10


MODE_OF = {
    Action.POSITION: Mode.POSITION,
    Action.ALTITUDE: Mode.ALTITUDE,
    Action.STABILIZED: Mode.STABILIZED,
    Action.HOLD: Mode.LOITER,
    Action.RETURN: Mode.RETURN,
    Action.LAND: Mode.LAND,
    Action.DESCEND: Mode.DESCEND,
    Action.TERMINATE: Mode.TERMINATION,
}
_OFFBOARD_ACTIONS = {
    1: Action.ALTITUDE,
    2: Action.STABILIZED,
    3: Action.RETURN,
    4: Action.LAND,
    5: Action.HOLD,
    6: Action.TERMINATE,
    7: Action.DISARM,
}
_FENCE_ACTIONS = {0: Action.NONE, 2: Action.HOLD, 3: Action.RETURN, 4: Action.TERMINATE, 5: Action.LAND}
_LINK_ACTIONS = {1: Action.HOLD, 2: Action.RETURN, 3: Action.LAND, 5: Action.TERMINATE}


class Conditions(NamedTuple):
    """What is wrong, if anything."""

    gcs_lost: bool = False
    position_lost: bool = False
    charge: Charge = Charge.OK
    offboard_lost: bool = False
    fence_breached: bool = False


_DONE_ALREADY = {
    Mode.RETURN: {Action.RETURN},
    Mode.LAND: {Action.RETURN},
    Mode.PRECISION_LAND: {Action.RETURN, Action.LAND},
}
"""Actions that become mere warnings, with the hold before them, in modes that do as much. Landing is not interrupted for a
return, but for a landing because of the battery: that holds first."""
_IMMEDIATE = (Action.NONE, Action.WARN, Action.HOLD, Action.DISARM, Action.TERMINATE)


@dataclass
class _Entry:
    """An action some cause asked for. A sticky one outlives its cause until the mode is changed by command."""

    action: Action
    sticky: bool
    failing: bool = True


class Failsafe:
    """`action` is the present one; above WARN it replaces the user's mode and HEARTBEAT says CRITICAL."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._entries: dict[str, _Entry] = {}
        self._hold_left_s = 0.0
        self._taken_over = False
        self.action = Action.NONE

    @property
    def active(self) -> bool:
        """An action is under way."""
        return self.action > Action.WARN

    def clear(self) -> None:
        """Armed or disarmed: all is forgotten."""
        self._entries.clear()
        self._hold_left_s = 0.0
        self._taken_over = False
        self.action = Action.NONE

    def update(self, now: Conditions, user_mode: Mode, dt_s: float, *, mode_commanded: bool) -> list[Text]:
        """Judge the conditions of an armed vehicle; what PX4 says about it.

        `mode_commanded`: the user changed the mode since the last update.
        """
        if mode_commanded or self._taken_over:
            self._entries = {name: entry for name, entry in self._entries.items() if entry.failing or not entry.sticky}
        warned = self._collect(now, user_mode)
        if self.action > Action.HOLD or self._taken_over or now.position_lost:
            self._hold_left_s = 0.0
        worst = max((entry.action for entry in self._entries.values()), default=Action.NONE)
        before = self._taken_over
        selected = self._select(worst, mode_commanded)
        took_over = [texts.TOOK_OVER] if self._taken_over and not before else []
        if {selected, worst if selected is Action.HOLD else selected} & _DONE_ALREADY.get(user_mode, set()):
            selected = Action.WARN
        said = took_over + self._say(selected, worst, warned)
        self._hold_left_s = max(0.0, self._hold_left_s - dt_s)
        self.action = selected
        return said

    def _collect(self, now: Conditions, user_mode: Mode) -> bool:
        """Bring the entries up to date; True if a mere warning is new."""
        warned = False
        for name, action, sticky, delayed in self._causes(now, user_mode):
            entry = self._entries.get(name)
            if action is Action.NONE:
                if entry is not None and entry.sticky:
                    entry.failing = False
                else:
                    self._entries.pop(name, None)
            elif entry is not None:
                entry.action, entry.failing = action, True
            else:
                self._entries[name] = _Entry(action, sticky)
                warned = warned or action is Action.WARN
                self._taken_over = self._taken_over and action < Action.HOLD
                if delayed and action > Action.WARN and self._hold_left_s <= 0.0:
                    self._hold_left_s = self._parameters["COM_FAIL_ACT_T"]
        return warned

    def _causes(self, now: Conditions, user_mode: Mode) -> list[tuple[str, Action, bool, bool]]:
        """Per cause: its name, the action it asks for now, whether that is sticky, whether it is delayed by a hold."""
        link = _LINK_ACTIONS.get(int(self._parameters["NAV_DLL_ACT"]), Action.NONE) if now.gcs_lost else Action.NONE
        if user_mode in (Mode.LAND, Mode.PRECISION_LAND):
            link = Action.NONE
        fence = _FENCE_ACTIONS.get(int(self._parameters["GF_ACTION"]), Action.WARN) if now.fence_breached else Action.NONE
        causes = [
            ("link", link, True, True),
            ("fence", fence, fence is not Action.WARN, fence is not Action.HOLD),
            ("offboard", self._offboard(now, user_mode), False, False),
            ("position", Action.DESCEND if now.position_lost else Action.NONE, False, False),
        ]
        for charge in (Charge.LOW, Charge.CRITICAL, Charge.EMERGENCY):
            action = self._battery(charge) if now.charge is charge else Action.NONE
            causes.append((f"battery {charge.name}", action, False, True))
        return causes

    def _offboard(self, now: Conditions, user_mode: Mode) -> Action:
        """COM_OBL_RC_ACT, as long as the user wants OFFBOARD and nobody says what to do."""
        if not now.offboard_lost or user_mode is not Mode.OFFBOARD:
            return Action.NONE
        return _OFFBOARD_ACTIONS.get(int(self._parameters["COM_OBL_RC_ACT"]), Action.POSITION)

    def _battery(self, charge: Charge) -> Action:
        """COM_LOW_BAT_ACT: 0 warn; when critical 1 return, 2 land, 3 return and land in an emergency."""
        setting = int(self._parameters["COM_LOW_BAT_ACT"])
        if charge is Charge.LOW or setting not in (1, 2, 3):
            return Action.WARN
        return Action.LAND if setting == 2 or (setting == 3 and charge is Charge.EMERGENCY) else Action.RETURN

    def _select(self, worst: Action, mode_commanded: bool) -> Action:
        selected = worst
        if self._hold_left_s > 0.0 and worst not in _IMMEDIATE:
            selected = Action.HOLD
        takes_over = self._taken_over or (mode_commanded and selected is self.action)
        if takes_over and Action.HOLD <= selected < Action.DESCEND:
            self._taken_over = True
            fallback = self._entries.get("offboard")
            return Action.WARN if fallback is None else max(Action.WARN, fallback.action)
        return selected

    def _say(self, selected: Action, worst: Action, warned: bool) -> list[Text]:
        if selected <= self.action and not warned:
            return []
        if selected is Action.HOLD and worst > Action.HOLD:
            return [texts.failsafe_hold(self._hold_left_s)]
        return [texts.FAILSAFE_ACTION]
