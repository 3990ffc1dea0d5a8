"""What may be asked of the autopilot: the vocabulary between steps, the envelope and the MAVLink adapter.

Altitudes are AMSL: PX4 ignores a command's frame and takes every altitude as AMSL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from missions.view import Mode
from wire.geo import Ned, Position


@dataclass(frozen=True, slots=True)
class Request:
    """The base of all requests. `leads_to` are the flight modes that PX4 may come to by it; another one is somebody else's."""

    leads_to: ClassVar[frozenset[Mode]] = frozenset()


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

    leads_to = frozenset({Mode.HOLD})


@dataclass(frozen=True, slots=True)
class Hold(Request):
    """Stop and stay here, from any mode, in the air."""

    leads_to = frozenset({Mode.HOLD})


@dataclass(frozen=True, slots=True)
class Takeoff(Request):
    """Up to an altitude, where PX4 then holds by itself."""

    leads_to = frozenset({Mode.TAKEOFF, Mode.HOLD})
    altitude_amsl_m: float


@dataclass(frozen=True, slots=True)
class Reposition(Request):
    leads_to = frozenset({Mode.HOLD})
    target: Position
    speed_m_s: float


@dataclass(frozen=True, slots=True)
class FlyOrbit(Request):
    """`radius_m` is positive for clockwise, negative for counter-clockwise. `yaw_behaviour` is ORBIT_YAW_BEHAVIOUR."""

    leads_to = frozenset({Mode.ORBIT})

    centre: Position
    radius_m: float
    speed_m_s: float
    yaw_behaviour: int


@dataclass(frozen=True, slots=True)
class Land(Request):
    """Land where it is."""

    leads_to = frozenset({Mode.LAND})


@dataclass(frozen=True, slots=True)
class LandPrecisely(Request):
    """PX4's precision landing, on the landing target that it was told of last."""

    leads_to = frozenset({Mode.PRECISION_LAND})


@dataclass(frozen=True, slots=True)
class LandingTarget(Request):
    """Where the marker is seen: as a place, and in PX4's local frame, which is all that PX4 takes."""

    pad: Position
    local_ned_m: Ned
    seen_s: float


@dataclass(frozen=True, slots=True)
class ReturnHome(Request):
    """PX4's own return to its home, which is kept at the vehicle."""

    leads_to = frozenset({Mode.RETURN})


@dataclass(frozen=True, slots=True)
class SetHome(Request):
    position: Position
