"""What the autopilot tells ground stations: texts on each link that hears one, events on every link."""

from __future__ import annotations

from collections.abc import Iterable

from sitl.autopilot.body.battery import Charge
from sitl.autopilot.commander.failsafe import Action
from sitl.autopilot.commander.modes import custom_mode
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.protocol import dialect
from sitl.autopilot.protocol.dialect import ExtraMessage
from sitl.autopilot.protocol.links import Link, Peer
from sitl.autopilot.telemetry.sources import Message
from sitl.autopilot.telling import events
from sitl.autopilot.telling.event_protocol import EventProtocol
from sitl.autopilot.telling.events import Event
from sitl.autopilot.telling.texts import SILENT

_FAILSAFE = "Failsafe activated"
_HOLDING = "Failsafe activated: entering Hold"
_GCS_LOST, _BATTERY_CRITICAL, _BATTERY_EMERGENCY = 2, 4, 5  # failsafe_cause_t
_BATTERY_WARNINGS = {
    Charge.LOW: events.FAILSAFE_LOW_BATTERY,
    Charge.CRITICAL: events.FAILSAFE_CRITICAL_BATTERY,
    Charge.EMERGENCY: events.FAILSAFE_EMERGENCY_BATTERY,
}
_LINK_ACTIONS = {1: Action.HOLD, 2: Action.RETURN, 3: Action.LAND, 5: Action.TERMINATE}
_FENCE_ACTIONS = {3: Action.RETURN, 4: Action.TERMINATE, 5: Action.LAND}


class Telling:
    """Collects what the pilot says and what the checks find."""

    def __init__(self) -> None:
        self._events = EventProtocol()

    def speak(self, pilot: Pilot, links: Iterable[Link]) -> None:
        """Take what the pilot has said and what its checks reported."""
        for report in pilot.health.taken():
            self._events.add(report, pilot.now_s)
        for text in pilot.said:
            event = events.twin(text.words, text.values) or _failsafe_event(text.words, pilot)
            if event is not None:
                self._events.add(event, pilot.now_s)
            for link in links if text.severity != SILENT else ():
                link.say(text, pilot.now_s)
        pilot.said.clear()

    def due(self, pilot: Pilot) -> list[ExtraMessage]:
        """What goes to every link now."""
        return self._events.due(pilot.now_s)

    def answer(self, message: Message, asker: Peer) -> list[ExtraMessage]:
        """What goes to one who sent REQUEST_EVENT; nothing for other messages."""
        if not isinstance(message, ExtraMessage) or message.definition is not dialect.REQUEST_EVENT:
            return []
        first, last = (getattr(message, name) for name in ("first_sequence", "last_sequence"))
        return self._events.answer(first, last, asker)


def _failsafe_event(words: str, pilot: Pilot) -> Event | None:
    """The twin of a failsafe's text: which depends on what it does, and why."""
    if not words.startswith(_FAILSAFE):
        return None
    action, mode = pilot.failsafe.action, custom_mode(pilot.commander.user_mode)
    if action <= Action.WARN:
        kind = _BATTERY_WARNINGS.get(pilot.health.warning)
        return None if kind is None else kind.event()
    if action is Action.DESCEND:
        return events.FAILSAFE_DISENGAGED.event(mode, action)
    cause, wanted = _cause(pilot)
    if words.startswith(_HOLDING):
        wait_s = pilot.parameters["COM_FAIL_ACT_T"]
        if cause is None:
            return events.FAILSAFE_GENERIC_HOLD.event(mode, wanted, wait_s)
        return events.FAILSAFE_HOLD.event(mode, wanted, wait_s, cause)
    return events.FAILSAFE_GENERIC.event(mode, action) if cause is None else events.FAILSAFE.event(mode, action, cause)


def _cause(pilot: Pilot) -> tuple[int | None, Action]:
    """Why (failsafe_cause_t, None for a generic one) and what it leads to."""
    get, charge = pilot.parameters, pilot.health.warning
    if charge >= Charge.CRITICAL and get["COM_LOW_BAT_ACT"] in (1, 2, 3):
        emergency = charge is Charge.EMERGENCY
        lands = get["COM_LOW_BAT_ACT"] == 2 or (emergency and get["COM_LOW_BAT_ACT"] == 3)
        return _BATTERY_EMERGENCY if emergency else _BATTERY_CRITICAL, Action.LAND if lands else Action.RETURN
    if pilot.gcs.lost and get["NAV_DLL_ACT"] in _LINK_ACTIONS:
        return _GCS_LOST, _LINK_ACTIONS[int(get["NAV_DLL_ACT"])]
    return None, _FENCE_ACTIONS.get(int(get["GF_ACTION"]), Action.HOLD)
