"""The aircraft's true pose, from the HIL_STATE_QUATERNION that PX4's SIH (and the embedded autopilot) sends to its display."""

from __future__ import annotations

import math
import socket
from dataclasses import dataclass

from pymavlink.dialects.v20 import development as mavlink

from wire.errors import DeviceError
from wire.geo import Ned, Position, Quaternion, offset

_DATAGRAMS_AT_ONCE = 256
_LARGEST_DATAGRAM_BYTES = 4096
_EXTRAPOLATION_LIMIT_S = 0.2
_AT_REST = Ned(0.0, 0.0, 0.0)


@dataclass(frozen=True)
class TruePose:
    """Position, FRD-to-NED attitude, NED velocity and body rates, as they were at `at_s` of the reader's clock."""

    at_s: float
    position: Position
    attitude: Quaternion
    velocity_ned_m_s: Ned = _AT_REST
    rates_rad_s: tuple[float, float, float] = (0.0, 0.0, 0.0)

    def at(self, now_s: float) -> TruePose:
        """The same motion carried on to `now_s`, for at most 0.2 s."""
        dt_s = max(-_EXTRAPOLATION_LIMIT_S, min(_EXTRAPOLATION_LIMIT_S, now_s - self.at_s))
        north, east, down = (axis * dt_s for axis in self.velocity_ned_m_s)
        position = offset(self.position, Ned(north, east, down))
        return TruePose(
            now_s, position, _turned(self.attitude, self.rates_rad_s, dt_s), self.velocity_ned_m_s, self.rates_rad_s
        )


def _turned(q: Quaternion, rates_rad_s: tuple[float, float, float], dt_s: float) -> Quaternion:
    """q times the rotation by constant body rates over dt: q ⊗ (cos φ/2, axis sin φ/2)."""
    rate_rad_s = math.sqrt(sum(rate * rate for rate in rates_rad_s))
    half_rad = rate_rad_s * dt_s / 2
    scale = math.sin(half_rad) / rate_rad_s if rate_rad_s > 1e-9 else 0.0
    w, (x, y, z) = math.cos(half_rad), (rate * scale for rate in rates_rad_s)
    a, b, c, d = q
    return (
        a * w - b * x - c * y - d * z,
        a * x + b * w + c * z - d * y,
        a * y - b * z + c * w + d * x,
        a * z + b * y - c * x + d * w,
    )


class PoseParser:
    """Datagrams in, newest pose out. Pure; whatever comes, it counts and goes on."""

    def __init__(self) -> None:
        self.messages = 0
        self.broken = 0
        """Pieces that are no MAVLink message, and poses that cannot be true."""

    def feed(self, datagram: bytes, now_s: float) -> TruePose | None:
        """The newest pose in one datagram (whole messages, as UDP links send), stamped `now_s`, or None."""
        parser = mavlink.MAVLink(None)  # a new one for each, so that half a message cannot swallow the next datagram
        parser.robust_parsing = True
        pose = None
        for message in parser.parse_buffer(datagram) or ():
            if message.get_msgId() == mavlink.MAVLINK_MSG_ID_BAD_DATA:
                self.broken += 1
                continue
            self.messages += 1
            if message.get_msgId() == mavlink.MAVLINK_MSG_ID_HIL_STATE_QUATERNION:
                true = _pose(message, now_s)
                self.broken += true is None
                pose = true or pose
        return pose


def _pose(message: mavlink.MAVLink_hil_state_quaternion_message, now_s: float) -> TruePose | None:
    """HIL_STATE_QUATERNION's integers (1e-7 deg, mm, cm/s) as a pose, or None when they cannot be true."""
    position = Position(message.lat / 1e7, message.lon / 1e7, message.alt / 1e3)
    w, x, y, z = (float(part) for part in message.attitude_quaternion)
    rates = (float(message.rollspeed), float(message.pitchspeed), float(message.yawspeed))
    norm = math.sqrt(w * w + x * x + y * y + z * z)
    possible = (
        abs(position.latitude_deg) <= 90 and abs(position.longitude_deg) <= 180 and -1000 <= position.altitude_amsl_m <= 100_000
    )
    if not (possible and 0.9 < norm < 1.1 and all(abs(rate) < 100 for rate in rates)):
        return None
    velocity = Ned(message.vx / 100, message.vy / 100, message.vz / 100)
    return TruePose(now_s, position, (w / norm, x / norm, y / norm, z / norm), velocity, rates)


class PoseSource:
    """The UDP port on loopback that the poses come to. `fileno` is what a poller watches. Raises DeviceError."""

    def __init__(self, port: int) -> None:
        self.parser = PoseParser()
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        try:
            self._socket.bind(("127.0.0.1", port))
        except OSError as error:
            self._socket.close()
            raise DeviceError(
                f"cannot listen for the pose on UDP 127.0.0.1:{port} ({error}): is another world running?"
            ) from error

    def fileno(self) -> int:
        return self._socket.fileno()

    def close(self) -> None:
        self._socket.close()

    def read(self, now_s: float) -> TruePose | None:
        """The newest pose that has come since the last call, or None."""
        newest = None
        for _ in range(_DATAGRAMS_AT_ONCE):
            try:
                newest = self.parser.feed(self._socket.recv(_LARGEST_DATAGRAM_BYTES), now_s) or newest
            except BlockingIOError:
                break
        return newest
