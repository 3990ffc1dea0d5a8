"""MAV_CMD_INJECT_FAILURE to a PX4 that runs as a program, by its camera's link, which nobody else uses here."""

from __future__ import annotations

import contextlib
import socket
import time
from dataclasses import dataclass

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.trouble import answer, numbers
from sitl.scenario.events import Px4Failure
from sitl.scenario.script import Change

_PORT, _SYSTEM = 14280, 253
_PATIENCE_WALL_S, _AGAIN_WALL_S = 3.0, 0.5
_LARGEST_BYTES, _AT_ONCE = 2048, 500


@dataclass
class _Asked:
    change: Change
    since_wall_s: float
    sent_wall_s: float = 0.0


class Injector:
    """Asks one after the other, again until PX4 answers; `answered` tells what became of each. It sends no heartbeat."""

    def __init__(self, instance: int) -> None:
        self._address, self._target = ("127.0.0.1", _PORT + instance), instance + 1
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._codec = mavlink.MAVLink(None, srcSystem=_SYSTEM, srcComponent=mavlink.MAV_COMP_ID_MISSIONPLANNER)
        self._codec.robust_parsing = True
        self._asked: list[_Asked] = []

    def close(self) -> None:
        self._socket.close()

    def inject(self, change: Change) -> None:
        """`change.event` is a Px4Failure."""
        self._asked.append(_Asked(change, time.monotonic()))

    def answered(self) -> list[tuple[Change, str]]:
        """What PX4 has answered since the last call, or will not any more; call it a few times a second."""
        results = self._results()
        if not self._asked:
            return []
        now_s, first = time.monotonic(), self._asked[0]
        waited = first.sent_wall_s > 0 and now_s - first.since_wall_s > _PATIENCE_WALL_S
        if first.sent_wall_s > 0 and (results or waited):
            self._asked.pop(0)
            if self._asked:
                self._asked[0].since_wall_s = now_s
            return [(first.change, answer(results[0] if results else None))]
        if now_s - first.sent_wall_s > _AGAIN_WALL_S:
            first.sent_wall_s = now_s
            self._send(first.change)
        return []

    def _send(self, change: Change) -> None:
        assert isinstance(change.event, Px4Failure)
        values = (*numbers(change.event, began=change.began), change.event.instance, 0, 0, 0, 0)
        message = mavlink.MAVLink_command_long_message(self._target, 1, mavlink.MAV_CMD_INJECT_FAILURE, 0, *values)
        with contextlib.suppress(OSError):
            self._socket.sendto(message.pack(self._codec), self._address)

    def _results(self) -> list[int]:
        found = []
        with contextlib.suppress(BlockingIOError, ConnectionError):
            for _ in range(_AT_ONCE):
                messages = self._codec.parse_buffer(self._socket.recv(_LARGEST_BYTES)) or []
                acks = [message for message in messages if message.get_type() == "COMMAND_ACK"]
                found += [int(ack.result) for ack in acks if ack.command == mavlink.MAV_CMD_INJECT_FAILURE]
        return found
