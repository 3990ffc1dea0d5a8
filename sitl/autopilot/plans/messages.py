"""MISSION_CURRENT, MISSION_COUNT and MISSION_ACK with the extension fields PX4 fills and pymavlink's dialects leave out."""

from __future__ import annotations

import struct

from pymavlink.dialects.v20 import development as mavlink

_CURRENT = struct.Struct("<HHBBIII")
_COUNT = struct.Struct("<HBBBI")
_ACK = struct.Struct("<BBBBI")
NO_MISSION = 65535


class _Extended(mavlink.MAVLink_message):  # type: ignore[misc]  # pymavlink is untyped
    """A message whose payload is given whole."""

    kind: type[mavlink.MAVLink_message]

    def __init__(self, payload: bytes) -> None:
        super().__init__(self.kind.id, self.kind.msgname)
        self._whole = payload

    def pack(self, mav: mavlink.MAVLink, force_mavlink1: bool = False) -> bytes:
        """The frame."""
        data: bytes = self._pack(mav, self.kind.crc_extra, self._whole, force_mavlink1=force_mavlink1)
        return data


class MissionCurrent(_Extended):
    """`total` items, the three plans by their numbers; mission_state and mission_mode stay 0 in PX4 v1.16."""

    kind = mavlink.MAVLink_mission_current_message

    def __init__(self, current: int, total: int, mission_id: int, fence_id: int, rally_id: int) -> None:
        ids = (mission_id, fence_id, rally_id)
        super().__init__(_CURRENT.pack(current & 0xFFFF, total or NO_MISSION, 0, 0, *ids))


class MissionCount(_Extended):
    """How many items a plan has, and its number."""

    kind = mavlink.MAVLink_mission_count_message

    def __init__(self, system: int, component: int, count: int, mission_type: int, plan_id: int) -> None:
        super().__init__(_COUNT.pack(count, system, component, mission_type, plan_id))


class MissionAck(_Extended):
    """A MAV_MISSION_RESULT, and the number of the plan that was stored."""

    kind = mavlink.MAVLink_mission_ack_message

    def __init__(self, system: int, component: int, result: int, mission_type: int, plan_id: int = 0) -> None:
        super().__init__(_ACK.pack(system, component, result, mission_type, plan_id))
