"""The MAVLink mission protocol as PX4 v1.16.0 speaks it: up- and download of all three plans (mavlink_mission.cpp).

Each link has one `MissionProtocol`; what PX4 shares between its links is in `Shared`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import TypeAlias

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.plans import item as items
from sitl.autopilot.plans import words
from sitl.autopilot.plans.item import MAX_ITEMS, Item, Kind
from sitl.autopilot.plans.messages import MissionAck, MissionCount, MissionCurrent
from sitl.autopilot.plans.progress import NOTHING_REACHED, Progress
from sitl.autopilot.plans.store import Plan, Plans
from sitl.autopilot.protocol.links import Peer
from sitl.autopilot.telling.texts import Text

Message: TypeAlias = mavlink.MAVLink_message

RETRY_S, TIMEOUT_S = 0.25, 5.0
TOLD_EVERY_S = 1.01
FIRST_TOLD_S = 1.18
REACHED_AGAIN = 10
UPDATE_S = 0.01  # of PX4's receiver thread

ACCEPTED: int = mavlink.MAV_MISSION_ACCEPTED
ERROR: int = mavlink.MAV_MISSION_ERROR
NO_SPACE: int = mavlink.MAV_MISSION_NO_SPACE
UNSUPPORTED: int = mavlink.MAV_MISSION_UNSUPPORTED
CANCELLED: int = mavlink.MAV_MISSION_OPERATION_CANCELLED

_ADDRESSED = (0, mavlink.MAV_COMP_ID_AUTOPILOT1, mavlink.MAV_COMP_ID_MISSIONPLANNER)
NOBODY = Peer(0, 0)
_ITEMS = (mavlink.MAVLink_mission_item_int_message, mavlink.MAVLink_mission_item_message)


class _State(Enum):
    IDLE = auto()
    SENDING = auto()
    RECEIVING = auto()


@dataclass
class Shared:
    """What all links of one vehicle have in common. `said` collects texts; `uploading`: some link takes in a plan."""

    system: int
    plans: Plans
    progress: Progress
    said: list[Text]
    uploading: bool = False
    current_told: int = 0


@dataclass
class _Transfer:
    """The present or last transfer: `next` is the item that comes next, `current` the one marked as current."""

    kind: int = Kind.MISSION
    partner: Peer = NOBODY
    next: int = 0
    count: int = 0
    crc: int = 0
    current: int | None = None
    items: list[Item] = field(default_factory=list)


class MissionProtocol:
    """One link's side of it. What it has to send comes back from `receive` and `due`."""

    def __init__(self, shared: Shared) -> None:
        self._shared = shared
        self._state = _State.IDLE
        self._transfer = _Transfer()
        self._exact = False
        self._received_s: float | None = None
        self._sent_s: float | None = None
        self._out: list[Message] = []
        self._reports_seen = 0
        self._reached = NOTHING_REACHED
        self._reached_again = 0
        self._next_told_s = FIRST_TOLD_S
        self._handlers: dict[type[Message], Callable[[Message, Peer, float], None]] = {
            mavlink.MAVLink_mission_ack_message: self._ack,
            mavlink.MAVLink_mission_set_current_message: self._set_current,
            mavlink.MAVLink_mission_request_list_message: self._list,
            mavlink.MAVLink_mission_request_message: self._request,
            mavlink.MAVLink_mission_request_int_message: self._request,
            mavlink.MAVLink_mission_count_message: self._count,
            mavlink.MAVLink_mission_item_message: self._item,
            mavlink.MAVLink_mission_item_int_message: self._item,
            mavlink.MAVLink_mission_clear_all_message: self._clear,
        }

    def receive(self, message: Message, sender: Peer, now_s: float) -> list[Message]:
        """Take in any message; what to answer."""
        handler = self._handlers.get(type(message))
        if handler is None or message.target_system != self._shared.system or message.target_component not in _ADDRESSED:
            return []
        handler(message, sender, now_s)
        return self._taken()

    def due(self, now_s: float) -> list[Message]:
        """What is to be sent by now: news of the mission, requests again; gives up what takes too long."""
        self._tell(now_s)
        if self._state is _State.RECEIVING and self._sent_s is not None and now_s - self._sent_s > RETRY_S:
            self._ask(now_s)
        elif self._state is not _State.IDLE and self._received_s is not None and now_s - self._received_s > TIMEOUT_S:
            self._say(words.OPERATION_TIMEOUT)
            self._state = _State.IDLE
            self._shared.uploading = False
        elif self._state is _State.IDLE:
            self._sent_s = self._received_s = None
        return self._taken()

    def _taken(self) -> list[Message]:
        out, self._out = self._out, []
        return out

    def _say(self, text: Text) -> None:
        self._shared.said.append(text)

    # News

    def _tell(self, now_s: float) -> None:
        progress = self._shared.progress
        if progress.reports != self._reports_seen:
            self._reports_seen = progress.reports
            self._tell_changes(progress, now_s)
        if now_s >= self._next_told_s:
            self._next_told_s = max(self._next_told_s + TOLD_EVERY_S, now_s)
            self._out.append(self._current())
            if self._shared.plans.mission and self._reached >= 0 and self._reached_again < REACHED_AGAIN:
                self._reached_again += 1
                self._out.append(mavlink.MAVLink_mission_item_reached_message(self._reached))

    def _tell_changes(self, progress: Progress, now_s: float) -> None:
        """At once: the current item on the first link to notice (PX4 leaves to chance which), the reached one on all."""
        plans = self._shared.plans
        if self._shared.current_told != plans.current:
            self._shared.current_told = plans.current
            if plans.mission:
                self._out.append(self._current())
        if self._reached != progress.reached:
            self._reached, self._reached_again = progress.reached, 0
            if plans.mission and self._reached >= 0:
                self._out.append(mavlink.MAVLink_mission_item_reached_message(self._reached))
        if progress.jumped is not None and self._state is _State.IDLE and progress.jumped < len(plans.mission):
            self._transfer.kind = Kind.MISSION
            self._give(progress.jumped, now_s)

    def _current(self) -> Message:
        plans = self._shared.plans
        ids = [plans[kind].id for kind in (Kind.MISSION, Kind.FENCE, Kind.RALLY)]
        return MissionCurrent(plans.current, len(plans.mission), *ids)

    def _set_current(self, message: Message, sender: Peer, now_s: float) -> None:
        del sender
        if self._state is not _State.IDLE:
            self._say(words.SET_CURRENT_BUSY)
            return
        self._received_s = now_s
        if message.seq < len(self._shared.plans.mission):
            self._shared.plans.move_to(message.seq)
        else:
            self._say(words.SET_CURRENT_NOT_IN_LIST)

    # Download

    def _stored(self) -> Plan:
        """The plan the transfer is about; an empty one for a type that PX4 does not know."""
        kind = self._transfer.kind
        return self._shared.plans[Kind(kind)] if kind in MAX_ITEMS else Plan()

    def _list(self, message: Message, sender: Peer, now_s: float) -> None:
        transfer = self._transfer
        if transfer.next == len(self._stored().items):
            self._state = _State.IDLE  # all was sent, only its acknowledgement never came
        again = self._state is _State.SENDING and (transfer.kind, transfer.partner) == (message.mission_type, sender)
        if self._state is not _State.IDLE and not again:
            self._say(words.DOWNLOAD_ACTIVE)
            return
        self._received_s = self._sent_s = now_s
        self._state = _State.SENDING
        transfer.kind, transfer.partner, transfer.next = message.mission_type, sender, 0
        plan = self._stored()
        transfer.count = len(plan.items)
        self._out.append(MissionCount(*sender, transfer.count, message.mission_type, plan.id))

    def _request(self, message: Message, sender: Peer, now_s: float) -> None:
        self._exact = isinstance(message, mavlink.MAVLink_mission_request_int_message)
        transfer = self._transfer
        if sender != transfer.partner:
            self._say(words.REQUEST_PARTNER)
        elif self._state is _State.RECEIVING:
            self._say(words.BUSY)
        elif self._state is _State.SENDING and message.mission_type == transfer.kind:
            self._received_s = now_s
            new = message.seq == transfer.next < transfer.count
            if (not new and message.seq != transfer.next - 1) or message.seq >= len(self._stored().items):
                self._state = _State.IDLE
                self._refuse(ERROR)
                expected = new or message.seq == transfer.next - 1
                self._say(words.REQUEST_BEYOND if expected else words.REQUEST_UNEXPECTED)
                return
            transfer.next = message.seq + 1
            self._give(message.seq, now_s)

    def _give(self, index: int, now_s: float) -> None:
        """Send an item to the partner."""
        self._sent_s = now_s
        kind, to = self._transfer.kind, self._transfer.partner
        told = items.told(self._stored().items[index], kind, exact=self._exact)
        current = int(self._shared.plans.current == index)
        head = (*to, index, told.frame, told.command, current, told.autocontinue, *told.params)
        if self._exact:
            self._out.append(mavlink.MAVLink_mission_item_int_message(*head, told.x, told.y, told.z, kind))
            return
        scale = 1.0 if told.frame == items.FRAME_MISSION else 1e7
        self._out.append(mavlink.MAVLink_mission_item_message(*head, told.x / scale, told.y / scale, told.z, kind))

    def _ack(self, message: Message, sender: Peer, now_s: float) -> None:
        if sender != self._transfer.partner:
            self._say(words.ACK_PARTNER)
        elif self._state is _State.SENDING and message.mission_type == self._transfer.kind:
            self._received_s = now_s
            self._state = _State.IDLE
        elif self._state is _State.RECEIVING and message.type == UNSUPPORTED:
            self._exact = not self._exact
            self._ask(now_s)
        elif self._state is _State.RECEIVING and message.type == CANCELLED:
            self._state = _State.IDLE
            self._shared.uploading = False

    # Upload

    def _count(self, message: Message, sender: Peer, now_s: float) -> None:
        if self._state is _State.SENDING:
            self._say(words.COUNT_BUSY)
            self._out.append(MissionAck(*sender, ERROR, self._transfer.kind))
            return
        self._received_s = now_s
        if self._state is _State.IDLE:
            if not self._begin(message, sender):
                return
        elif sender != self._transfer.partner:
            self._out.append(MissionAck(*sender, ERROR, self._transfer.kind))
            return
        elif self._transfer.next > 0:
            self._say(words.BUSY_RECEIVING)
            self._refuse(ERROR)
            return
        self._ask(now_s)

    def _begin(self, message: Message, sender: Peer) -> bool:
        """Start an upload; False if there is none to start."""
        if self._shared.uploading:
            self._out.append(MissionAck(*sender, ERROR, self._transfer.kind))
            return False
        transfer, kind = self._transfer, message.mission_type
        transfer.kind, transfer.partner, transfer.crc = kind, sender, 0
        if message.count > MAX_ITEMS.get(kind, 0):
            self._refuse(NO_SPACE)
            return False
        if message.count == 0:
            if kind in MAX_ITEMS:
                self._shared.plans.clear(Kind(kind))
            self._refuse(ACCEPTED)
            return False
        self._shared.uploading = True
        self._state = _State.RECEIVING
        transfer.next, transfer.count, transfer.current, transfer.items = 0, message.count, None, []
        return True

    def _ask(self, now_s: float) -> None:
        """Request the next item."""
        self._sent_s = now_s
        exact, plain = mavlink.MAVLink_mission_request_int_message, mavlink.MAVLink_mission_request_message
        transfer = self._transfer
        self._out.append((exact if self._exact else plain)(*transfer.partner, transfer.next, transfer.kind))

    def _refuse(self, result: int) -> None:
        """Acknowledge to the partner without the number of a plan, as all refusals and clearings are."""
        self._out.append(MissionAck(*self._transfer.partner, result, self._transfer.kind))

    def _item(self, message: items.Message, sender: Peer, now_s: float) -> None:
        self._exact = isinstance(message, mavlink.MAVLink_mission_item_int_message)
        transfer = self._transfer
        if sender != transfer.partner:
            self._say(words.ITEM_PARTNER)
        elif message.mission_type != transfer.kind:
            self._refuse(ERROR)
        elif self._state is _State.SENDING:
            self._say(words.ITEM_BUSY)
            self._refuse(ERROR)
        elif self._state is _State.IDLE:
            self._item_again(message)
        else:
            self._received_s = now_s
            if message.seq == transfer.next:
                self._take(message, now_s)

    def _item_again(self, message: items.Message) -> None:
        """An item without an upload: the last one of an upload comes again if its acknowledgement was lost."""
        transfer = self._transfer
        if transfer.next == message.seq + 1:
            self._out.append(MissionAck(*transfer.partner, ACCEPTED, transfer.kind, transfer.crc))
            return
        self._say(words.ITEM_NO_TRANSFER)
        self._refuse(ERROR)

    def _take(self, message: items.Message, now_s: float) -> None:
        """The item that was asked for."""
        transfer = self._transfer
        result = items.refusal(message)
        if result != ACCEPTED:
            self._say(words.ITEM_INVALID)
        elif not _fits(items.from_message(message), transfer.kind):
            result = ERROR
        if result != ACCEPTED:
            self._refuse(result)
            self._state = _State.IDLE
            self._shared.uploading = False
            return
        transfer.crc = items.checksum(message, transfer.crc)
        transfer.items.append(items.from_message(message))
        if message.current:
            transfer.current = message.seq
        transfer.next += 1
        if transfer.next < transfer.count:
            self._ask(now_s)
        else:
            self._finish()

    def _finish(self) -> None:
        """All is there: store it, unless it is what is stored already."""
        transfer, plans = self._transfer, self._shared.plans
        if plans[Kind(transfer.kind)].id != transfer.crc:
            plans.replace(Kind(transfer.kind), Plan(tuple(transfer.items), transfer.crc), transfer.current)
        self._state = _State.IDLE
        self._shared.uploading = False
        self._out.append(MissionAck(*transfer.partner, ACCEPTED, transfer.kind, transfer.crc))

    # Clear

    def _clear(self, message: Message, sender: Peer, now_s: float) -> None:
        if self._state is not _State.IDLE:
            self._say(words.CLEAR_BUSY)
            return
        self._received_s = now_s
        self._transfer.kind = message.mission_type
        for kind in Kind:
            if message.mission_type in (kind, mavlink.MAV_MISSION_TYPE_ALL):
                self._shared.plans.clear(kind)
        self._out.append(MissionAck(*sender, ACCEPTED, message.mission_type))


def _fits(item: Item, kind: int) -> bool:
    """Whether an item belongs into a plan; PX4 checks no more than this."""
    if kind == Kind.MISSION:
        return item.command not in items.FENCES | {items.RALLY_POINT}
    return kind != Kind.FENCE or item.command not in items.POLYGONS or items.vertices(item) >= 3
