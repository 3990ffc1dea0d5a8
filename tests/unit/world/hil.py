"""Bytes as PX4's SIH display link sends them."""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from wire.geo import Ned, Position, Quaternion

_AT_REST = Ned(0.0, 0.0, 0.0)


def hil_state(
    position: Position,
    attitude: Quaternion,
    velocity_ned_m_s: Ned = _AT_REST,
    rates_rad_s: tuple[float, float, float] = (0.0, 0.0, 0.0),
) -> bytes:
    """One HIL_STATE_QUATERNION message."""
    encoder = mavlink.MAVLink(None, 1, 1)
    place = round(position.latitude_deg * 1e7), round(position.longitude_deg * 1e7), round(position.altitude_amsl_m * 1e3)
    velocity = (round(axis * 100) for axis in velocity_ned_m_s)
    message = encoder.hil_state_quaternion_encode(1, attitude, *rates_rad_s, *place, *velocity, 0, 0, 0, 0, -1000)
    data: bytes = message.pack(encoder)
    return data
