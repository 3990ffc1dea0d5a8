"""What a recorded autopilot was told, told again: the same, at the same times, not before the answers its sender had."""

from __future__ import annotations

import copy
from collections import deque
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol.links import LinkName
from sitl.compare.narrative import Teller
from sitl.compare.recording import Recording, Told

LATEST_S = 0.1
"""Nothing is told later than this after it was recorded, whatever its sender waited for."""
_ITEMS = (mavlink.MAVLink_mission_item_int_message, mavlink.MAVLink_mission_item_message)
_REQUESTS = (mavlink.MAVLink_mission_request_int_message, mavlink.MAVLink_mission_request_message)


class Packet(NamedTuple):
    """What goes out on which link."""

    link: LinkName
    data: bytes


class _Waiting(NamedTuple):
    """What is to be told once so much was answered."""

    told: Told
    waits_for: int


class Script:
    """For an autopilot with MAVLink's system id `system`.

    Answers may come some milliseconds later than in the recording, and a mission's items go when they are asked for.
    """

    def __init__(self, recording: Recording, system: int) -> None:
        self._recorded_system, self._system = recording.system, system
        self._queue = _queue(recording)
        self._items = [one for one in recording.told if isinstance(one.message, _ITEMS)]
        self._heard_texts = any(isinstance(one.message, mavlink.MAVLink_statustext_message) for one in recording.said)
        self._teller = Teller()

    def due(self, now_s: float) -> list[Packet]:
        """What is to be told now."""
        found = []
        while self._queue and self._is_due(self._queue[0], now_s):
            told = self._queue.popleft().told
            found.append(Packet(self._link(told), self._addressed(told)))
        return found

    def hear(self, now_s: float, message: mavlink.MAVLink_message) -> Packet | None:
        """A message of the autopilot; the item that it asks for, of those recorded the one nearest in time."""
        self._teller.hear(now_s, message)
        if not isinstance(message, _REQUESTS):
            return None
        wanted = (message.mission_type, message.seq)
        fitting = [one for one in self._items if (one.message.mission_type, one.message.seq) == wanted]
        if not fitting:
            return None
        return Packet(LinkName.ONBOARD, self._addressed(min(fitting, key=lambda one: abs(one.t_s - now_s))))

    def _is_due(self, waiting: _Waiting, now_s: float) -> bool:
        t_s = waiting.told.t_s
        return now_s >= t_s and (self._teller.answered >= waiting.waits_for or now_s >= t_s + LATEST_S)

    def _link(self, told: Told) -> LinkName:
        """PX4 sends texts to a link with a ground station: where none were heard, that one was on the other link."""
        ground = isinstance(told.message, mavlink.MAVLink_heartbeat_message) and told.message.type == mavlink.MAV_TYPE_GCS
        return LinkName.GCS if ground and not self._heard_texts else LinkName.ONBOARD

    def _addressed(self, told: Told) -> bytes:
        """To the autopilot's system id, and from it, instead of the recorded one."""
        if self._system == self._recorded_system:
            return told.packet
        message = copy.copy(told.message)
        if getattr(message, "target_system", None) == self._recorded_system:
            message.target_system = self._system
        sender = message.get_srcSystem()
        sender = self._system if sender == self._recorded_system else sender
        return bytes(message.pack(mavlink.MAVLink(None, sender, message.get_srcComponent())))


def _queue(recording: Recording) -> deque[_Waiting]:
    teller, said = Teller(), deque(recording.said)
    queue: deque[_Waiting] = deque()
    for told in recording.told:
        while said and said[0].t_s <= told.t_s:
            teller.hear(*said.popleft())
        if not isinstance(told.message, _ITEMS):
            queue.append(_Waiting(told, teller.answered))
    return queue
