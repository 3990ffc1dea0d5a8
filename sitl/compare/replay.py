"""The embedded autopilot told what a recorded one was told, at the same times."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol.links import STREAM_OFF, LinkName
from sitl.compare.narrative import WATCHED, Teller
from sitl.compare.recording import AUTOPILOT, Recording, Said, Told

STEP_S = 0.004
LATEST_S = 0.1
"""Nothing is told later than this after it was recorded, whatever its sender waited for."""
_IDS = {message.msgname: number for number, message in mavlink.mavlink_map.items()}
_WATCHED = {_IDS[name] for name in WATCHED}
_ITEMS = (mavlink.MAVLink_mission_item_int_message, mavlink.MAVLink_mission_item_message)
_REQUESTS = (mavlink.MAVLink_mission_request_int_message, mavlink.MAVLink_mission_request_message)


def fly(recording: Recording, *, seed: int = 1, parameters: Mapping[str, float] | None = None) -> list[Said]:
    """What the embedded autopilot says on its onboard link, until the recording's end.

    Told is what was recorded, when it was recorded, but not before the answers its sender had by then: here they may come some
    milliseconds later. A mission's items go when they are asked for.
    """
    autopilot = Autopilot(
        seed=seed,
        home=recording.home,
        parameters={**recording.parameters, **(parameters or {})},
        instance=recording.system - 1,
        speed=recording.speed,
    )
    _look_only_at_what_is_told(autopilot)
    parser, teller = mavlink.MAVLink(None), Teller()
    items, queue = _Items(recording.told), _queue(recording)
    heard_texts = any(isinstance(one.message, mavlink.MAVLink_statustext_message) for one in recording.said)
    said: list[Said] = []
    while autopilot.now_s < recording.end_s:
        while queue and _is_due(queue[0], autopilot.now_s, teller.answered):
            told = queue.popleft().told
            autopilot.receive(_link(told, heard_texts=heard_texts), told.packet)
        for link, data in autopilot.step(STEP_S):
            if link is not LinkName.ONBOARD or int.from_bytes(data[7:10], "little") not in _WATCHED:
                continue
            message = parser.decode(bytearray(data))
            if (message.get_srcSystem(), message.get_srcComponent()) != (recording.system, AUTOPILOT):
                continue  # forwarded
            teller.hear(autopilot.now_s, message)
            said.append(Said(autopilot.now_s, message))
            packet = items.asked(message, autopilot.now_s)
            if packet is not None:
                autopilot.receive(LinkName.ONBOARD, packet)
    return said


class _Waiting(NamedTuple):
    """What is to be told once so much was answered."""

    told: Told
    waits_for: int


def _queue(recording: Recording) -> deque[_Waiting]:
    teller, said = Teller(), deque(recording.said)
    queue: deque[_Waiting] = deque()
    for told in recording.told:
        while said and said[0].t_s <= told.t_s:
            teller.hear(*said.popleft())
        if not isinstance(told.message, _ITEMS):
            queue.append(_Waiting(told, teller.answered))
    return queue


def _is_due(waiting: _Waiting, now_s: float, answered: int) -> bool:
    t_s = waiting.told.t_s
    return now_s >= t_s and (answered >= waiting.waits_for or now_s >= t_s + LATEST_S)


def _link(told: Told, *, heard_texts: bool) -> LinkName:
    """PX4 sends texts to a link with a ground station: where none were heard, that one was on the other link."""
    ground = isinstance(told.message, mavlink.MAVLink_heartbeat_message) and told.message.type == mavlink.MAV_TYPE_GCS
    return LinkName.GCS if ground and not heard_texts else LinkName.ONBOARD


def _look_only_at_what_is_told(autopilot: Autopilot) -> None:
    """What is not looked at need not be packed."""
    for link in autopilot.links.values():
        for number in link.default_rates_hz:
            if number not in _WATCHED or link.name is not LinkName.ONBOARD:
                link.set_interval(number, STREAM_OFF, 0.0)


class _Items:
    """The recorded items of each mission, fence and rally list, handed out on request."""

    def __init__(self, told: list[Told]) -> None:
        self._told = [one for one in told if isinstance(one.message, _ITEMS)]

    def asked(self, message: mavlink.MAVLink_message, now_s: float) -> bytes | None:
        """The packet that answers a request: of those recorded the one nearest in time, None if it asks for none."""
        if not isinstance(message, _REQUESTS):
            return None
        wanted = (message.mission_type, message.seq)
        fitting = [one for one in self._told if (one.message.mission_type, one.message.seq) == wanted]
        return min(fitting, key=lambda one: abs(one.t_s - now_s)).packet if fitting else None
