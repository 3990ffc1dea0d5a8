"""What messages are built from."""

from __future__ import annotations

import random

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.pilot import Pilot

ATTITUDE_FROM_S = 1.38
ORIGIN_AT_S = 1.28
POSITION_FROM_S = 2.46


class Sources:
    """The pilot, the wall clock at start (for SYSTEM_TIME only), and noise for raw sensors."""

    def __init__(self, pilot: Pilot, *, seed: int, instance: int, unix_s: float) -> None:
        self.pilot = pilot
        self.noise = random.Random(f"sensors {seed}")
        self.instance = instance
        self.unix_s = unix_s
        self.pings = 0
        self.shut_down = False  # by command

    @property
    def now_s(self) -> float:
        """Simulated time since start."""
        return self.pilot.now_s

    @property
    def boot_ms(self) -> int:
        """time_boot_ms."""
        return round(self.pilot.now_s * 1e3)

    @property
    def boot_us(self) -> int:
        """time_usec."""
        return round(self.pilot.now_s * 1e6)


Message = mavlink.MAVLink_message
"""Any MAVLink message."""


INT32_MIN, INT32_MAX = -(2**31), 2**31 - 1


def e7(degrees: float) -> int:
    """Degrees in units of 1e-7."""
    return limit(degrees * 1e7, INT32_MIN, INT32_MAX)


def millimetres(metres: float) -> int:
    """Metres in millimetres."""
    return limit(metres * 1e3, INT32_MIN, INT32_MAX)


def limit(value: float, low: int, high: int) -> int:
    """A whole number in [low, high]."""
    return round(min(max(value, low), high))
