"""What may be asked of the autopilot: the vocabulary between steps, the envelope and the MAVLink adapter.

Altitudes are AMSL: PX4 ignores a command's frame and takes every altitude as AMSL.
"""

from __future__ import annotations

from dataclasses import dataclass

from wire.geo import Position


@dataclass(frozen=True, slots=True)
class Request:
    """The base of all requests."""


@dataclass(frozen=True, slots=True)
class ReadParameters(Request):
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ClearMission(Request):
    """Forget the mission stored in the autopilot: PX4 flies it when armed in AUTO.MISSION."""


@dataclass(frozen=True, slots=True)
class Arm(Request):
    pass


@dataclass(frozen=True, slots=True)
class Disarm(Request):
    """Only ever the plain disarm, which PX4 refuses in the air."""


@dataclass(frozen=True, slots=True)
class SelectHold(Request):
    """Hold mode, before arming: PX4 keeps the last mode over a landing, and arming in AUTO.MISSION flies the stored mission."""


@dataclass(frozen=True, slots=True)
class Hold(Request):
    """Stop and stay here, from any mode, in the air."""


@dataclass(frozen=True, slots=True)
class Takeoff(Request):
    altitude_amsl_m: float


@dataclass(frozen=True, slots=True)
class Reposition(Request):
    target: Position
    speed_m_s: float


@dataclass(frozen=True, slots=True)
class FlyOrbit(Request):
    """`radius_m` is positive for clockwise, negative for counter-clockwise. `yaw_behaviour` is ORBIT_YAW_BEHAVIOUR."""

    centre: Position
    radius_m: float
    speed_m_s: float
    yaw_behaviour: int


@dataclass(frozen=True, slots=True)
class Land(Request):
    """Land where it is."""


@dataclass(frozen=True, slots=True)
class ReturnHome(Request):
    """PX4's own return to its home, which is kept at the vehicle."""


@dataclass(frozen=True, slots=True)
class SetHome(Request):
    position: Position
