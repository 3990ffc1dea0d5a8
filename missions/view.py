"""What the logic sees: the aircraft as the autopilot tells it, the vehicle as its heartbeats tell it. Plain values."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from wire import geo
from wire.geo import Ned, Position
from wire.messages import Landed, LatchState

HEARTBEAT_FRESH_S = 2.5  # of 1 Hz
ARM_TAKES_S = 1.0  # PX4 arms within some 0.1 s of being asked


class Mode(StrEnum):
    """The flight modes that matter to us (PX4's custom_mode; UNKNOWN_MODE for the others)."""

    HOLD = "hold"  # AUTO.LOITER
    TAKEOFF = "takeoff"
    MISSION = "mission"
    RETURN = "return"  # AUTO.RTL
    LAND = "land"
    PRECISION_LAND = "precision land"
    ORBIT = "orbit"
    POSITION = "position"
    OFFBOARD = "offboard"
    TERMINATION = "termination"
    UNKNOWN_MODE = "unknown"


@dataclass(frozen=True, slots=True)
class Ack:
    """One COMMAND_ACK. `result` is MAV_RESULT."""

    command: int
    result: int
    at_s: float


@dataclass(frozen=True, slots=True)
class OrbitStatus:
    """ORBIT_EXECUTION_STATUS: PX4 sends it only while the orbit is really being flown."""

    radius_m: float
    at_s: float


@dataclass(frozen=True, slots=True)
class Aircraft:
    """A snapshot. Ages are seconds at the time of the snapshot; None means never heard."""

    heartbeat_age_s: float | None = None
    armed: bool | None = None
    mode: Mode | None = None
    modes: tuple[Mode, ...] = ()  # the newest modes in their order: each change of mode adds one
    mode_changes: int = 0  # how many were ever added: which of `modes` are new since one last looked
    failsafe: bool = False  # PX4 says so, or flies another mode than it was told to
    ready_to_arm: bool = False
    landed: Landed = Landed.UNKNOWN
    landed_age_s: float | None = None
    position: Position | None = None
    position_age_s: float | None = None
    velocity_ned_m_s: Ned | None = None
    heading_rad: float | None = None
    home: Position | None = None
    home_local_ned: Ned | None = None  # the same place in PX4's local frame
    battery_percent: float | None = None
    stored_mission_items: int | None = None
    orbit: OrbitStatus | None = None
    acks: tuple[Ack, ...] = ()
    last_text: str = ""
    last_text_s: float | None = None
    parameters: dict[str, float] = field(default_factory=dict)
    other_ground_station: bool = False

    @property
    def airborne(self) -> bool:
        """Armed and not seen on the ground: in doubt, it flies."""
        return self.armed is True and self.landed is not Landed.ON_GROUND

    def seen_disarmed(self, arm_asked_ago_s: float | None = None) -> bool:
        """Disarmed by a recent heartbeat, and by one that came well after we last asked to arm: it tells once a second."""
        newest_s = HEARTBEAT_FRESH_S if arm_asked_ago_s is None else min(HEARTBEAT_FRESH_S, arm_asked_ago_s - ARM_TAKES_S)
        return self.armed is False and self.heartbeat_age_s is not None and self.heartbeat_age_s <= newest_s

    @property
    def height_m(self) -> float | None:
        """Above the vehicle's roof, by PX4's home, which is kept there."""
        if self.position is None or self.home is None:
            return None
        return self.position.altitude_amsl_m - self.home.altitude_amsl_m

    def local_ned(self, place: Position) -> Ned | None:
        """A place in PX4's local frame, None while that is not known. Good to a centimetre near home."""
        if self.home is None or self.home_local_ned is None:
            return None
        return Ned(*(a + b for a, b in zip(self.home_local_ned, geo.ned_between(self.home, place), strict=True)))

    @property
    def speed_m_s(self) -> float | None:
        return None if self.velocity_ned_m_s is None else self.velocity_ned_m_s.horizontal_m


@dataclass(frozen=True, slots=True)
class Vehicle:
    """The vehicle as last heard. `pad` is the roof pad in the aircraft's own frame (see onboard/flight/vehicle.py)."""

    age_s: float | None = None
    pad: Position | None = None
    pad_age_s: float | None = None
    speed_m_s: float | None = None
    stopped_s: float = 0.0  # how long it has stood still
    disagreement_m: float | None = None  # of its position and the aircraft's, while the aircraft is on the roof
    latch: LatchState | None = None
    latch_age_s: float | None = None

    def latch_seen(self, *, open_: bool, within_s: float = 1.0) -> bool:
        """The latch was seen open (or closed) just now, by sensors that agree. No news is no."""
        if self.latch is None or not self.latch_heard(within_s) or not self.latch.valid:
            return False
        return (self.latch.open, self.latch.closed) == (open_, not open_)

    def seated_seen(self, within_s: float = 1.0) -> bool:
        if self.latch is None or not self.latch_heard(within_s):
            return False
        return self.latch.valid and self.latch.seated

    def latch_heard(self, within_s: float = 1.0) -> bool:
        """Not too old, and not from the future either."""
        return self.latch_age_s is not None and abs(self.latch_age_s) <= within_s


@dataclass(frozen=True, slots=True)
class Sight:
    """Where the camera sees the roof pad, in the aircraft's own frame (see onboard/flight/sight.py)."""

    pad: Position
    seen_s: float
    """When the newest picture of it was taken, on the board's clock."""
    age_s: float
    steady: bool
    """Enough pictures agree."""


@dataclass(frozen=True, slots=True)
class View:
    """Everything a step may look at. `sight` None: the roof's marker is not seen, or not believed."""

    aircraft: Aircraft
    vehicle: Vehicle
    sight: Sight | None = None
