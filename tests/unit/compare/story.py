"""A short flight as messages, for the tests of comparing."""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from sitl.compare.recording import Said

LOITER, ORBIT = 0x03040000, 0x01030000


def heartbeat(armed: bool, mode: int = LOITER, status: int = 4) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_heartbeat_message(2, 12, 29 + 128 * armed, mode, status, 3)


def home(latitude_deg: float, altitude_m: float = 35.0) -> mavlink.MAVLink_message:
    zeros = [0.0] * 3
    lat = round(latitude_deg * 1e7)
    return mavlink.MAVLink_home_position_message(lat, 22945000, round(altitude_m * 1e3), *zeros, [1.0, 0, 0, 0], *zeros)


def position(t_s: float, north_m: float, down_m: float) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_local_position_ned_message(round(t_s * 1e3), north_m, 0.0, down_m, 0.0, 0.0, 0.0)


def flight(*, late_s: float = 0.0, off_m: float = 0.0, result: int = 0, armed: bool = True) -> list[Said]:
    """Armed at 4 s and flying north from 6 to 30 s; what is given is what is different."""
    said = [Said(float(t), heartbeat(armed and t - late_s >= 4.0)) for t in range(31)]
    said += [Said(4.1 + late_s, mavlink.MAVLink_command_ack_message(400, result, 0, 0, 1, 191)), Said(2.0, home(48.8584))]
    said += [Said(t / 5, position(t / 5, 2.0 * (t / 5 - 6.0) + off_m, -10.0)) for t in range(30, 150)]
    return sorted(said, key=lambda one: one.t_s)
