"""What a script means for the latch, the cameras, the vehicle's receiver and the radio. Pure."""

from __future__ import annotations

from sitl.scenario.events import (
    CameraFrozen,
    Eye,
    Frames,
    LatchStuck,
    LinkCut,
    LinkWay,
    Stuck,
    VehicleGnssBias,
    VehicleGnssLost,
)
from sitl.scenario.script import Script
from wire.geo import Ned, Position, offset


def latch_stuck(script: Script) -> Stuck | None:
    """Where the latch is stuck; of several the one that began last counts."""
    stuck = script.on(LatchStuck)
    return stuck[-1].at if stuck else None


def frozen(script: Script, eye: Eye) -> Frames | None:
    """What a camera does instead of its work; None: it works."""
    found = [event.frames for event in script.on(CameraFrozen) if event.camera == eye]
    return None if not found else "stop" if "stop" in found else "repeat"


def received(script: Script, true: Position) -> Position | None:
    """Where the vehicle's receiver believes to be; None: it has no fix."""
    if script.on(VehicleGnssLost):
        return None
    biases = script.on(VehicleGnssBias)
    if not biases:
        return true
    return offset(true, Ned(sum(b.north_m for b in biases), sum(b.east_m for b in biases), -sum(b.up_m for b in biases)))


def is_cut(script: Script, way: LinkWay) -> bool:
    """Whether the radio passes nothing on a way, up or down."""
    return any(cut.way in ("both", way) for cut in script.on(LinkCut))
