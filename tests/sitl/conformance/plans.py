"""Uploading and reading back missions, fences and rally points, as a companion does it."""

from __future__ import annotations

import math
import struct
from collections.abc import Sequence
from typing import Any, NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.vehicle import Station, Vehicle

NAN = math.nan
RELATIVE, MISSION = mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT, mavlink.MAV_FRAME_MISSION
TRANSFER_S = 3.0
PLAN, FENCE, RALLY = 0, 1, 2


class Item(NamedTuple):
    """A MISSION_ITEM_INT without its number."""

    command: int
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, NAN)
    x: int = 0
    y: int = 0
    z: float = 0.0
    frame: int = RELATIVE
    autocontinue: int = 1


class Ids(NamedTuple):
    """What MISSION_CURRENT says: present item, number of items, the numbers of the three plans."""

    current: int
    total: int
    mission: int
    fence: int
    rally: int


def at(
    vehicle: Vehicle, command: int, north_m: float, east_m: float, up_m: float, *params: float, frame: int = RELATIVE
) -> Item:
    """An item at a place as seen from the start; parameters left out are 0, all left out mean no heading."""
    place = vehicle.place(north_m, east_m, 0.0)
    first, second, third, fourth = (*params, *([0.0] * (4 - len(params)))) if params else (0.0, 0.0, 0.0, NAN)
    x, y = round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7)
    return Item(command, (first, second, third, fourth), x, y, up_m, frame)


def do(command: int, *params: float) -> Item:
    """An item without a place."""
    first, second, third, fourth, x, y, z = (*params, *([0.0] * (7 - len(params))))
    return Item(command, (first, second, third, fourth), int(x), int(y), z, MISSION)


def square(vehicle: Vehicle, half_m: float, command: int = 5001, north_m: float = 0.0) -> list[Item]:
    """A square fence around a place north of the start."""
    corners = ((half_m, half_m), (-half_m, half_m), (-half_m, -half_m), (half_m, -half_m))
    return [at(vehicle, command, north_m + n, e, 0.0, 4.0, 0.0, 0.0, 0.0, frame=0) for n, e in corners]


class Client:
    """One who up- and downloads plans from a station; by default the companion."""

    def __init__(self, vehicle: Vehicle, station: Station | None = None) -> None:
        self.vehicle = vehicle
        self.station = vehicle.companion if station is None else station

    def count(self, items: int, kind: int = PLAN) -> None:
        """Send MISSION_COUNT."""
        self.station.send(mavlink.MAVLink_mission_count_message(self.vehicle.system, 1, items, kind))

    def item(self, seq: int, item: Item, kind: int = PLAN, *, current: int = 0) -> None:
        """Send one item."""
        head = (self.vehicle.system, 1, seq, item.frame, item.command, current, item.autocontinue)
        self.station.send(mavlink.MAVLink_mission_item_int_message(*head, *item.params, item.x, item.y, item.z, kind))

    def requests(self, since_s: float) -> list[Any]:
        """The requests for items, in order."""
        plain, exact = (self.station.log.of(name, since_s) for name in ("MISSION_REQUEST", "MISSION_REQUEST_INT"))
        return [seen.message for seen in sorted([*plain, *exact], key=lambda seen: seen.t_s)]

    def acks(self, since_s: float) -> list[int]:
        """The MISSION_ACK results, in order."""
        return [seen.message.type for seen in self.station.log.of("MISSION_ACK", since_s)]

    def upload(self, items: Sequence[Item], kind: int = PLAN) -> int:
        """Upload a plan, beginning at its first item; the result of the acknowledgement."""
        since_s = self.vehicle.mark()
        self.count(len(items), kind)
        answered = 0

        def done() -> bool:
            nonlocal answered
            wanted = self.requests(since_s)
            for request in wanted[answered:]:
                self.item(request.seq, items[request.seq], kind, current=int(request.seq == 0))
            answered = len(wanted)
            return bool(self.acks(since_s))

        self.vehicle.until(done, TRANSFER_S, "MISSION_ACK")
        return self.acks(since_s)[0]

    def download(self, kind: int = PLAN) -> list[Any]:
        """The stored items as they are given back."""
        since_s = self.vehicle.mark()
        log, system = self.station.log, self.vehicle.system
        self.station.send(mavlink.MAVLink_mission_request_list_message(system, 1, kind))
        self.vehicle.until(lambda: log.of("MISSION_COUNT", since_s), TRANSFER_S, "MISSION_COUNT")
        count = log.of("MISSION_COUNT", since_s)[0].message.count
        for seq in range(count):
            self.station.send(mavlink.MAVLink_mission_request_int_message(system, 1, seq, kind))
            self._wait_for_items(seq + 1, since_s)
        self.station.send(mavlink.MAVLink_mission_ack_message(system, 1, 0, kind))
        self.vehicle.run(0.1)
        return [seen.message for seen in log.of("MISSION_ITEM_INT", since_s)]

    def _wait_for_items(self, many: int, since_s: float) -> None:
        log = self.station.log
        self.vehicle.until(lambda: len(log.of("MISSION_ITEM_INT", since_s)) >= many, TRANSFER_S, f"{many} items")

    def clear(self, kind: int = PLAN) -> int:
        """MISSION_CLEAR_ALL; the result."""
        since_s = self.vehicle.mark()
        self.station.send(mavlink.MAVLink_mission_clear_all_message(self.vehicle.system, 1, kind))
        self.vehicle.until(lambda: self.acks(since_s), TRANSFER_S, "MISSION_ACK")
        return self.acks(since_s)[0]

    def set_current(self, seq: int) -> None:
        """MISSION_SET_CURRENT."""
        self.station.send(mavlink.MAVLink_mission_set_current_message(self.vehicle.system, 1, seq))

    def stored_as(self, since_s: float) -> int:
        """The number the last acknowledged plan goes by (MISSION_ACK.opaque_id)."""
        payload = self.station.log.raw(mavlink.MAVLINK_MSG_ID_MISSION_ACK, since_s)[-1].payload.ljust(8, b"\0")
        return int.from_bytes(payload[4:8], "little")

    @property
    def ids(self) -> Ids:
        """The newest MISSION_CURRENT."""
        payload = self.station.log.raw(mavlink.MAVLINK_MSG_ID_MISSION_CURRENT)[-1].payload.ljust(18, b"\0")
        current, total, _, _, mission, fence, rally = struct.unpack("<HHBBIII", payload)
        return Ids(current, total, mission, fence, rally)

    def until_current(self, seq: int, within_s: float) -> None:
        """Until MISSION_CURRENT shows an item."""
        self.vehicle.until(lambda: self.ids.current == seq, within_s, f"item {seq}")


def empty(vehicle: Vehicle) -> Client:
    """A client of a vehicle without any stored plan."""
    client = Client(vehicle)
    assert client.clear(255) == 0
    vehicle.run(1.5)
    return client
