"""Messages for tests, with everything well unless said otherwise."""

from __future__ import annotations

from typing import Any

import msgspec

from wire.geo import Ned, Position
from wire.messages import (
    AircraftState,
    ConsoleState,
    Landed,
    LatchRequest,
    LatchState,
    Phase,
    VehicleState,
    VideoState,
    VisionState,
)

ROOF = Position(47.397742, 8.545594, 489.4)


def aircraft(**changes: Any) -> AircraftState:
    state = AircraftState(
        sent_s=100.0,
        sequence=1,
        phase=Phase.STOWED,
        phase_since_s=60.0,
        reason="",
        mission=None,
        armed=False,
        mode="AUTO.LOITER",
        landed=Landed.ON_GROUND,
        failsafe=False,
        position=ROOF,
        velocity_ned_m_s=Ned(0.0, 0.0, 0.0),
        heading_rad=0.0,
        height_m=0.0,
        distance_m=0.0,
        home=ROOF,
        battery_percent=90.0,
        autopilot_age_s=0.1,
        uplink_age_s=0.1,
        latch_request=LatchRequest.KEEP,
        other_ground_station=False,
        survey=None,
        vision_age_s=0.2,
        ready_to_arm=True,
    )
    return msgspec.structs.replace(state, **changes)


def latch(*, is_open: bool = False, closed: bool = True, seated: bool = True, valid: bool = True) -> LatchState:
    return LatchState(open=is_open, closed=closed, seated=seated, valid=valid)


def vehicle(**changes: Any) -> VehicleState:
    state = VehicleState(
        sent_s=200.0, sequence=1, position=ROOF, position_age_s=0.1, speed_m_s=0.0, latch=latch(), latch_age_s=0.1
    )
    return msgspec.structs.replace(state, **changes)


def vision(**changes: Any) -> VisionState:
    state = VisionState(
        sent_s=100.0, camera_valid=True, reason="", frames_per_s=15.0, frames_dropped=0, encode_ms=5.0, detect_ms=10.0
    )
    return msgspec.structs.replace(state, **changes)


def video(**changes: Any) -> VideoState:
    state = VideoState(
        sent_s=200.0,
        frames_per_s=15.0,
        frames_received=100,
        frames_lost=1,
        latency_p50_ms=20.0,
        latency_p95_ms=40.0,
        kilobits_per_s=900.0,
        objects=3,
    )
    return msgspec.structs.replace(state, **changes)


def console(**changes: Any) -> ConsoleState:
    state = ConsoleState(
        sent_s=200.0,
        aircraft=aircraft(),
        aircraft_age_s=0.1,
        round_trip_s=0.02,
        clock_offset_s=-100.0,
        vehicle=vehicle(),
        latch_reason="kept: the aircraft asks for nothing",
        video=video(),
        warnings=[],
    )
    return msgspec.structs.replace(state, **changes)
