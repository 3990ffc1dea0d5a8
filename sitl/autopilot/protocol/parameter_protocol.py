"""The parameter protocol as PX4 speaks it: bytewise integers, silence to mistakes, a paced list after _HASH_CHECK."""

from __future__ import annotations

import math
import struct
from collections import deque

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.protocol.links import LinkName

HASH_NAME = "_HASH_CHECK"
NO_INDEX = 65535
PER_BURST = 20
BURST_S = 0.02
BROADCAST_AFTER_S = 0.02
TYPE_UINT32 = mavlink.MAV_PARAM_TYPE_UINT32
MAX_PENDING = 4096
BOOT_COMPLETE_S = 0.5
BOOT_TOLD_S = 1.0  # what the start script has set


class ParameterProtocol:
    """Answers wait in a queue per link; `due` hands out what may be sent now."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._pending: dict[LinkName, deque[tuple[float, str]]] = {name: deque(maxlen=MAX_PENDING) for name in LinkName}
        self._next_burst_s = 0.0
        self._tell_s, self._told_revision = BOOT_TOLD_S, parameters.revision

    def receive(self, link: LinkName, message: mavlink.MAVLink_message, now_s: float) -> None:
        """Handle PARAM_REQUEST_READ, PARAM_REQUEST_LIST or PARAM_SET."""
        if now_s < BOOT_COMPLETE_S:
            return
        if isinstance(message, mavlink.MAVLink_param_request_list_message):
            again = bool(self._pending[link])
            self._pending[link].clear()
            for name in self._parameters.names if again else (HASH_NAME, *self._parameters.names):
                self._queue(link, name, now_s)
        elif isinstance(message, mavlink.MAVLink_param_request_read_message):
            wanted = self._asked_for(message)
            if wanted is not None:
                self._queue(link, wanted, now_s, first=True)
        elif isinstance(message, mavlink.MAVLink_param_set_message):
            self._set(link, message, now_s)

    def _asked_for(self, message: mavlink.MAVLink_param_request_read_message) -> str | None:
        if message.param_index >= 0:
            names = self._parameters.names
            return names[message.param_index] if message.param_index < len(names) else None
        name = message.param_id
        return name if name == HASH_NAME or name in self._parameters else None

    def _set(self, link: LinkName, message: mavlink.MAVLink_param_set_message, now_s: float) -> None:
        name = message.param_id
        if name == HASH_NAME:  # the list need not go on: the client knows these values already
            self._pending[link].clear()
            return
        if name not in self._parameters or message.param_type != self._parameters.type_of(name):
            return
        self._parameters.set_encoded(name, struct.pack("<f", message.param_value))
        self._queue(link, name, now_s, first=True)

    def _queue(self, link: LinkName, name: str, due_s: float, *, first: bool = False) -> None:
        queue = self._pending[link]
        if first:
            queue.appendleft((due_s, name))
        else:
            queue.append((due_s, name))

    def due(self, now_s: float) -> list[tuple[LinkName, mavlink.MAVLink_message]]:
        """The PARAM_VALUE messages to send now: at most 20 per link each 20 ms."""
        if self._parameters.revision != self._told_revision:
            self._told_revision = self._parameters.revision
            self._tell_s = min(self._tell_s, now_s + BROADCAST_AFTER_S)
        if now_s >= self._tell_s:
            self._tell_s = math.inf
            for other in LinkName:
                for name in self._parameters.unsaved:
                    self._queue(other, name, now_s)
        if now_s < self._next_burst_s or not any(self._pending.values()):
            return []
        self._next_burst_s = now_s + BURST_S
        ready = []
        for link, queue in self._pending.items():
            for _ in range(min(PER_BURST, len(queue))):
                if queue[0][0] > now_s:
                    break
                ready.append((link, self._value(queue.popleft()[1])))
        return ready

    def _value(self, name: str) -> mavlink.MAVLink_message:
        count = len(self._parameters.names)
        if name == HASH_NAME:
            encoded, kind, index = struct.pack("<I", self._parameters.hash()), TYPE_UINT32, NO_INDEX
        else:
            encoded, kind = self._parameters.encoded(name), self._parameters.type_of(name)
            index = self._parameters.index_of(name)
        value = struct.unpack("<f", encoded)[0]
        return mavlink.MAVLink_param_value_message(name.encode("ascii"), value, kind, count, index)
