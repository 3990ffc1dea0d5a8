"""The mission protocol of a vehicle that stores no mission: lists are empty, clearing succeeds, uploads find no space."""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.links import Peer


def answer(message: mavlink.MAVLink_message, peer: Peer) -> mavlink.MAVLink_message | None:
    """The reply to a mission message, None if it needs none."""
    to = (peer.system, peer.component)
    if isinstance(message, mavlink.MAVLink_mission_request_list_message):
        return mavlink.MAVLink_mission_count_message(*to, 0, message.mission_type)
    if isinstance(message, mavlink.MAVLink_mission_clear_all_message):
        return _ack(to, mavlink.MAV_MISSION_ACCEPTED, message.mission_type)
    if isinstance(message, mavlink.MAVLink_mission_count_message):
        empty = message.count == 0
        result = mavlink.MAV_MISSION_ACCEPTED if empty else mavlink.MAV_MISSION_NO_SPACE
        return _ack(to, result, message.mission_type)
    if isinstance(message, mavlink.MAVLink_mission_request_int_message | mavlink.MAVLink_mission_request_message):
        return _ack(to, mavlink.MAV_MISSION_INVALID_SEQUENCE, message.mission_type)
    return None


def _ack(to: tuple[int, int], result: int, mission_type: int) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_mission_ack_message(*to, result, mission_type)
