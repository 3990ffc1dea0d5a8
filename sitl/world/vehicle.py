"""The police vehicle's motion: straight drives with smooth acceleration, started by the launch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import msgspec

from sitl.scenario.events import Drive, Event
from sitl.scenario.script import AIRBORNE_M
from sitl.world.configuration import Move
from wire.geo import wrap_pi

ACCELERATION_M_S2 = 1.5
TURN_RATE_RAD_S = 0.8


class VehiclePose(NamedTuple):
    """Of the roof pad's centre, in the town frame; heading clockwise from north, course the way it moves."""

    east_m: float
    north_m: float
    heading_rad: float
    speed_m_s: float
    course_rad: float


def drive(distance_m: float, speed_m_s: float, elapsed_s: float) -> tuple[float, float]:
    """Way (m) and speed (m/s) after `elapsed_s` of a drive from rest to rest that at most reaches `speed_m_s`.

    The speed follows a raised cosine up and down, so that acceleration never jumps; its mean over a ramp is half the peak.
    """
    ramp_s = math.pi / 2 * speed_m_s / ACCELERATION_M_S2
    if speed_m_s * ramp_s > distance_m:  # too short to reach the speed: a slower peak with the same peak acceleration
        speed_m_s = math.sqrt(2 / math.pi * ACCELERATION_M_S2 * distance_m)
        ramp_s = math.pi / 2 * speed_m_s / ACCELERATION_M_S2
    total_s = drive_duration_s(distance_m, speed_m_s)
    elapsed_s = min(max(elapsed_s, 0.0), total_s)
    if elapsed_s > total_s / 2:
        way_m, now_m_s = drive(distance_m, speed_m_s, total_s - elapsed_s)
        return distance_m - way_m, now_m_s
    if elapsed_s >= ramp_s or ramp_s == 0:
        return speed_m_s * (elapsed_s - ramp_s / 2), speed_m_s
    phase = math.pi * elapsed_s / ramp_s
    return speed_m_s / 2 * (elapsed_s - ramp_s / math.pi * math.sin(phase)), speed_m_s / 2 * (1 - math.cos(phase))


def drive_duration_s(distance_m: float, speed_m_s: float) -> float:
    """How long `drive` takes."""
    if distance_m <= 0:
        return 0.0
    speed_m_s = min(speed_m_s, math.sqrt(2 / math.pi * ACCELERATION_M_S2 * distance_m))
    return distance_m / speed_m_s + math.pi / 2 * speed_m_s / ACCELERATION_M_S2


def moves_of(events: Iterable[Event]) -> list[Move]:
    """The drives among a scenario's events."""
    return [
        Move(after_launch_s=event.begins_s, north_m=event.north_m, east_m=event.east_m, speed_m_s=event.speed_m_s)
        for event in events
        if isinstance(event, Drive)
    ]


class _Leg(NamedTuple):
    start_s: float
    end_s: float
    move: Move
    distance_m: float
    course_rad: float


PARKED = VehiclePose(0.0, 0.0, 0.0, 0.0, 0.0)


class VehicleMotion:
    """Where the vehicle is, as a pure function of the time since launch (None: not launched yet) and of where it was then."""

    def __init__(self, moves: Sequence[Move]) -> None:
        self._legs: list[_Leg] = []
        free_s = 0.0
        for move in sorted(moves, key=lambda each: each.after_launch_s):
            distance_m = math.hypot(move.north_m, move.east_m)
            start_s = max(free_s, move.after_launch_s)
            free_s = start_s + drive_duration_s(distance_m, move.speed_m_s)
            self._legs.append(_Leg(start_s, free_s, move, distance_m, math.atan2(move.east_m, move.north_m)))

    def pose(self, since_launch_s: float | None, start: VehiclePose = PARKED) -> VehiclePose:
        east_m, north_m, heading_rad, speed_m_s, course_rad = start
        for leg in self._legs:
            if since_launch_s is None or since_launch_s <= leg.start_s or leg.distance_m == 0:
                continue
            elapsed_s = since_launch_s - leg.start_s
            way_m, speed_m_s = drive(leg.distance_m, leg.move.speed_m_s, elapsed_s)
            east_m += leg.move.east_m * way_m / leg.distance_m
            north_m += leg.move.north_m * way_m / leg.distance_m
            course_rad = leg.course_rad
            heading_rad = _turn(heading_rad, course_rad, min(elapsed_s, leg.end_s - leg.start_s))
        return VehiclePose(east_m, north_m, heading_rad, speed_m_s, course_rad)


def _turn(heading_rad: float, course_rad: float, elapsed_s: float) -> float:
    """The heading on its way to the course, the shorter way round."""
    wanted_rad = wrap_pi(course_rad - heading_rad)
    most_rad = TURN_RATE_RAD_S * elapsed_s
    return wrap_pi(heading_rad + max(-most_rad, min(most_rad, wanted_rad)))


class Drives:
    """The drives of each flight: begun by its launch, in every second flight the other way, so that it stays in the town.

    Neither autopilot can be carried along (PX4's SIH stays where it is when what it stands on moves), so the vehicle stands
    while the aircraft does: no drive begins while it is seated, and where the latch takes hold of it the flight's drives end.
    """

    def __init__(self, moves: Sequence[Move], now_s: float = 0.0) -> None:
        self._out = VehicleMotion(moves)
        self._back = VehicleMotion([_reversed(move) for move in moves])
        self._start, self._outward = PARKED, True
        self._now_s, self._since_launch_s = now_s, 0.0
        self._flies = self._waits = self._regardless = False

    @property
    def pose(self) -> VehiclePose:
        if not self._flies:
            return self._start
        return (self._out if self._outward else self._back).pose(self._since_launch_s, self._start)

    def advance(self, now_s: float) -> None:
        """Time goes on: the vehicle drives if it does."""
        if self._flies and not self._waits:
            self._since_launch_s += now_s - self._now_s
        self._now_s = now_s

    def see(self, height_m: float, *, seated: bool, held: bool) -> None:
        """Where the aircraft truly is: metres above where it first stood; whether on the pad, and the latch not fully open."""
        if self._regardless:
            return
        if not self._flies:
            self._flies, self._since_launch_s = height_m > AIRBORNE_M, 0.0
        elif seated and held:
            self._end()
        self._waits = seated and self.pose.speed_m_s == 0

    def drive_off(self, after_launch_s: float) -> None:
        """Do from now on what is done so long after a launch, whatever stands on the roof: for trying what comes of it."""
        self._flies, self._since_launch_s = True, after_launch_s
        self._waits, self._regardless = False, True

    def _end(self) -> None:
        here = self.pose._replace(speed_m_s=0.0)
        if here != self._start:
            self._outward = not self._outward
        self._start, self._flies = here, False


def _reversed(move: Move) -> Move:
    return msgspec.structs.replace(move, north_m=-move.north_m, east_m=-move.east_m)
