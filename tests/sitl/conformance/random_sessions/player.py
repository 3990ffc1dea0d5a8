"""Says a session to a vehicle, answering what a transfer of a plan is asked, and tells what came back."""

from __future__ import annotations

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.random_sessions.acts import Act
from tests.sitl.conformance.random_sessions.plans import Download, Upload
from tests.sitl.conformance.random_sessions.sentences import COMPANION, Say
from tests.sitl.conformance.vehicle import TICK_S, Station, Vehicle

QUIET_S, AFTER_S = 1.5, 6.0
AUTOPILOT = 1


class Told(NamedTuple):
    """What was said, and when by the vehicle's clock."""

    t_s: float
    say: Say


class _Transfer:
    """One upload or download under way at a station; a new one takes its place."""

    def __init__(self, station: Station, plan: Upload | Download, vehicle: Vehicle) -> None:
        self.station, self.plan, self._vehicle = station, plan, vehicle
        self._since_s, self._answered, self._count, self._over = vehicle.mark(), 0, -1, False
        if isinstance(plan, Upload):
            self._send(mavlink.MAVLink_mission_count_message(vehicle.system, AUTOPILOT, plan.told, plan.kind))
        else:
            self._send(mavlink.MAVLink_mission_request_list_message(vehicle.system, AUTOPILOT, plan.kind))

    def _send(self, message: Any) -> None:
        self.station.send(message)

    def _mine(self, *kinds: str) -> list[Any]:
        seen = sorted((seen for kind in kinds for seen in self.station.log.of(kind, self._since_s)), key=lambda seen: seen.t_s)
        own = [s.message for s in seen if (s.message.target_system, s.message.target_component) == self.station.identity]
        return [message for message in own if message.mission_type == self.plan.kind]

    def go_on(self) -> None:
        """Answer what came."""
        if self._over:
            return
        if isinstance(self.plan, Upload):
            self._upload(self.plan)
        else:
            self._download(self.plan)

    def _upload(self, plan: Upload) -> None:
        if self._mine("MISSION_ACK"):
            self._over = True
            return
        for request in self._mine("MISSION_REQUEST_INT", "MISSION_REQUEST")[self._answered :]:
            self._answered += 1
            if request.seq < len(plan.items) and self._answered <= plan.answers:
                item = plan.items[request.seq]
                head = (self._vehicle.system, AUTOPILOT, request.seq, item.frame, item.command, int(request.seq == 0))
                place = (item.x, item.y, item.z)
                self._send(mavlink.MAVLink_mission_item_int_message(*head, item.autocontinue, *item.params, *place, plan.kind))

    def _download(self, plan: Download) -> None:
        if self._count < 0:
            counts = self._mine("MISSION_COUNT")
            if not counts:
                return
            self._count = counts[0].count
            self._ask(plan)
        elif len(self._mine("MISSION_ITEM_INT", "MISSION_ITEM")) >= self._answered:
            self._ask(plan)

    def _ask(self, plan: Download) -> None:
        if self._answered < min(self._count, plan.asked):
            kind = mavlink.MAVLink_mission_request_message if plan.plain else mavlink.MAVLink_mission_request_int_message
            self._send(kind(self._vehicle.system, AUTOPILOT, self._answered, plan.kind))
            self._answered += 1
            return
        self._over = True
        if plan.result is not None:
            self._send(mavlink.MAVLink_mission_ack_message(self._vehicle.system, AUTOPILOT, plan.result, plan.kind))


class _Repeated(NamedTuple):
    say: Say
    due_s: float
    left: int


class Player:
    """Plays one session, QUIET_S after it was made."""

    def __init__(self, vehicle: Vehicle) -> None:
        self._vehicle = vehicle
        vehicle.run(QUIET_S)
        self._transfers: dict[Station, _Transfer] = {}
        self._repeated: list[_Repeated] = []
        self.start_s = vehicle.now_s
        self.told: list[Told] = []

    def play(self, acts: Sequence[Act]) -> None:
        """Say it all; AFTER_S more pass in the end."""
        for act in acts:
            self._pass_until(self.start_s + act.at_s)
            self.told.append(Told(self._vehicle.now_s - self.start_s, act.say))
            self._say(act.say)
        self._pass_until(self._vehicle.now_s + AFTER_S)

    def _pass_until(self, until_s: float) -> None:
        while self._vehicle.now_s < until_s:
            self._vehicle.run(TICK_S)
            for transfer in self._transfers.values():
                transfer.go_on()
            self._repeat()

    def _repeat(self) -> None:
        now_s, again = self._vehicle.now_s, []
        for say, due_s, left in self._repeated:
            due = now_s >= due_s
            if due:
                self._send(say)
            if left > due:
                again.append(_Repeated(say, due_s + say.every_s * due, left - due))
        self._repeated = again

    def _station(self, say: Say) -> Station:
        return self._vehicle.companion if say.who == COMPANION else self._vehicle.ground

    def _say(self, say: Say) -> None:
        station = self._station(say)
        if say.heart is not None:
            station.heartbeats = say.heart
        elif say.plan is not None:
            self._transfers[station] = _Transfer(station, say.plan, self._vehicle)
        else:
            self._send(say)
            if say.times > 1:
                self._repeated.append(_Repeated(say, self._vehicle.now_s + say.every_s, say.times - 1))

    def _send(self, say: Say) -> None:
        message = copy.copy(say.message)
        if getattr(message, "target_system", None) == 1:
            message.target_system = self._vehicle.system
        self._station(say).send(message)
