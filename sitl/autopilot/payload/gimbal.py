"""The gimbal manager of PX4 v1.16, with a gimbal on its own outputs (MNT_MODE_OUT 0), which has no feedback.

Who is in primary control may point it; a region of interest points it whoever is. Angles are radians, roll, pitch, yaw.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sitl.autopilot.body.vector import clamp
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.payload.orders import ACCEPTED, DENIED, MOUNT_CONFIGURE, MOUNT_CONTROL, Order
from sitl.autopilot.protocol.links import Peer
from wire.geo import Position, Quaternion, euler_from_quaternion, ned_between, quaternion_from_euler, wrap_pi

Angles = tuple[float, float, float]
NOBODY = Peer(0, 0)
LEVEL: Quaternion = (1.0, 0.0, 0.0, 0.0)
RATE_TIMEOUT_S = 2.0
LEAVE, OURSELVES, RELEASE = -1, -2, -3
RETRACT, NEUTRAL = 1, 2  # GIMBAL_MANAGER_FLAGS
LOCKS = (4, 8, 16)  # flags of roll, pitch, yaw: the same for the manager and the device
TARGETING_NEUTRAL, TARGETING_ANGLES, TARGETING_PLACE = (0, 1), 2, 4  # MAV_MOUNT_MODE
MOUNT_ABSOLUTE = 2
COMPONENT = 1
STABILIZED = {0: (False, False, False), 1: (True, True, True), 2: (False, False, True)}
AUTOMATIC, STICKS, REGIONS_OF_INTEREST, MOUNT, MAVLINK_V2 = range(5)  # MNT_MODE_IN
OWN_OUTPUTS = 0  # MNT_MODE_OUT


class Surroundings(NamedTuple):
    """Where the vehicle is and how it stands."""

    here: Position
    attitude: Angles
    landed: bool


class Gimbal:
    """Angles go where they are told at once, within the ranges of the parameters.

    What PX4 decides at its start: whether a gimbal is `present`, has a `manager`, which it obeys then, and whether it
    `looks_at_regions` of interest; the other ways of MNT_MODE_IN know sticks alone, or DO_MOUNT_CONTROL alone.
    """

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        way = parameters["MNT_MODE_IN"]
        self.present = AUTOMATIC <= way <= MAVLINK_V2 and parameters["MNT_MODE_OUT"] == OWN_OUTPUTS
        self.manager = self.present and way in (AUTOMATIC, MAVLINK_V2)
        self.looks_at_regions = self.manager or (self.present and way == REGIONS_OF_INTEREST)
        self._mount = self.manager or (self.present and way == MOUNT)
        self.primary = NOBODY
        self.locked = [True, True, False]
        self.angles: Angles = (0.0, 0.0, 0.0)
        self._wanted: Quaternion | None = LEVEL
        self._rates = (0.0, 0.0, 0.0)
        self._told_s = 0.0
        self._place: Position | None = None

    @property
    def flags(self) -> int:
        """GIMBAL_DEVICE_FLAGS: which axes are locked to the world."""
        return sum(flag for flag, locked in zip(LOCKS, self.locked, strict=True) if locked)

    @property
    def ourselves(self) -> Peer:
        """The autopilot."""
        return Peer(int(self._parameters["MAV_SYS_ID"]), COMPONENT)

    def takes(self, number: int) -> bool:
        """Whether it takes a command."""
        return self._mount if number in (MOUNT_CONTROL, MOUNT_CONFIGURE) else self.manager

    # Orders

    def configure(self, order: Order) -> int:
        """DO_GIMBAL_MANAGER_CONFIGURE. -2 gives control to the autopilot, not to the sender."""
        sender = order.sender or self.ourselves
        system = _controller(order.value(1, LEAVE), self.primary.system, self.ourselves.system, sender.system)
        component = _controller(order.value(2, LEAVE), self.primary.component, COMPONENT, sender.component)
        self.primary = Peer(system, component)
        return ACCEPTED

    def pitch_yaw(self, order: Order, now_s: float) -> int:
        """DO_GIMBAL_MANAGER_PITCHYAW, degrees and degrees per second."""
        if (order.sender or self.ourselves) != self.primary:
            return DENIED
        pitch, yaw = order.params[0], order.params[1]
        quaternion = None
        if pitch is not None and yaw is not None:
            quaternion = quaternion_from_euler(0.0, math.radians(pitch), math.radians(yaw))
        rates = (0.0, math.radians(order.value(3)), math.radians(order.value(4)))
        self._point(int(clamp(order.value(5), 0.0, 65535.0)), quaternion, rates, now_s)
        return ACCEPTED

    def attitude(self, sender: Peer, flags: int, quaternion: Quaternion | None, rates_rad_s: Angles, now_s: float) -> None:
        """GIMBAL_MANAGER_SET_ATTITUDE or SET_MANUAL_CONTROL; not heard from who is not in control."""
        if sender == self.primary:
            self._point(flags, quaternion, rates_rad_s, now_s)

    def mount_control(self, order: Order) -> int:
        """DO_MOUNT_CONTROL, the old protocol: anybody may."""
        mode = int(clamp(order.value(7), -1.0, 255.0))
        if mode in TARGETING_NEUTRAL:
            self.neutral()
        elif mode == TARGETING_ANGLES:
            pitch, roll, yaw = (math.radians(order.value(place)) for place in (1, 2, 3))
            self._place, self._rates = None, (0.0, 0.0, 0.0)
            self._wanted = quaternion_from_euler(roll, pitch, wrap_pi(yaw))
            self.locked = [True, True, False]
        elif mode == TARGETING_PLACE:
            latitude, longitude = order.value(5), order.value(6)
            if abs(latitude) <= 90.0 and abs(longitude) <= 180.0:
                self.look_at(Position(latitude, longitude, order.value(4)))
        return ACCEPTED

    def mount_configure(self, order: Order) -> int:
        """DO_MOUNT_CONFIGURE: which axes are locked to the world."""
        self.locked = [int(clamp(order.value(place), -1.0, 255.0) + 0.5) == MOUNT_ABSOLUTE for place in (5, 6, 7)]
        return ACCEPTED

    def look_at(self, place: Position) -> None:
        """Follow a place."""
        self._place = place

    def neutral(self) -> None:
        """Straight ahead."""
        self._place, self._wanted, self._rates = None, LEVEL, (0.0, 0.0, 0.0)

    def _point(self, flags: int, quaternion: Quaternion | None, rates_rad_s: Angles, now_s: float) -> None:
        self._told_s = now_s
        if flags & RETRACT:
            return
        if flags & NEUTRAL:
            self.neutral()
            return
        self._place, self._wanted, self._rates = None, quaternion, rates_rad_s
        self.locked = [bool(flags & flag) for flag in LOCKS]

    # Time

    def update(self, around: Surroundings, now_s: float, dt_s: float) -> None:
        """Point it. Rates end 2 s after they were asked for."""
        if now_s > self._told_s + RATE_TIMEOUT_S:
            self._rates = (0.0, 0.0, 0.0)
        if self._place is not None:
            self._wanted, self._rates = _towards(self._place, around.here), (0.0, 0.0, 0.0)
            self.locked[2] = True
        angles = self.angles if self._wanted is None else euler_from_quaternion(self._wanted)
        stabilized = STABILIZED.get(int(self._parameters["MNT_DO_STAB"]), STABILIZED[0])
        turned = []
        for axis, name in enumerate(("ROLL", "PITCH", "YAW")):
            angle = angles[axis] + self._rates[axis] * dt_s
            if stabilized[axis] and self.locked[axis] and self._wanted is not None:
                angle -= around.attitude[axis]
            half = math.radians(abs(self._parameters[f"MNT_RANGE_{name}"])) / 2.0
            turned.append(clamp(wrap_pi(angle), -half, half))
        roll, pitch, yaw = turned
        if around.landed:
            low, high = self._parameters["MNT_LND_P_MIN"], self._parameters["MNT_LND_P_MAX"]
            pitch = clamp(pitch, math.radians(low), math.radians(high))
        self.angles = (roll, pitch, yaw)


def _controller(wanted: float, present: int, own: int, sender: int) -> int:
    """Who is in control after a configuration, system or component."""
    number = math.floor(wanted + 0.5)
    if 0 <= number <= 255:
        return number
    if number == OURSELVES:
        return own
    return 0 if number == RELEASE and present == sender else present


def _towards(place: Position, here: Position) -> Quaternion:
    north, east, down = ned_between(here, place)
    return quaternion_from_euler(0.0, math.atan2(-down, math.hypot(north, east)), math.atan2(east, north))
