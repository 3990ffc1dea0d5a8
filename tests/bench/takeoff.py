"""From the launch accepted on board to the aircraft in the air, told apart into what PX4 needs and what is ours."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from pymavlink.dialects.v20 import development as mavlink

from sitl.options import Options
from sitl.report.record import PhaseSpan
from tests.bench.figures import Figure
from tests.bench.relay import Relay
from tests.bench.rig import SETTLE_WALL_S, BenchError, Rig, Truth, running
from wire.messages import Phase

AIRBORNE_M = 0.3
_CLIMB_WALL_S = 45.0


@dataclass(frozen=True)
class TakeOff:
    """Moments of one take-off, CLOCK_MONOTONIC: by the MAVLink link, by events, the lift-off by the simulation's truth."""

    accepted_s: float
    releasing_s: float
    arming_s: float
    arm_asked_s: float
    arm_acknowledged_s: float
    armed_seen_s: float
    takeoff_asked_s: float
    airborne_s: float


def of(relay: Relay, phases: Sequence[PhaseSpan], truths: Sequence[Truth]) -> TakeOff:
    """Raises BenchError naming what was not seen. The session's speed has to be 1."""
    began = {span.phase: span.began_s for span in reversed(phases)}
    missing = {Phase.CHECKING, Phase.RELEASING, Phase.ARMING, Phase.CLIMBING} - set(began)
    if missing:
        raise BenchError(f"the take-off had no phase {', '.join(sorted(missing))}")
    arm_s = _command_s(relay, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, began[Phase.ARMING])
    return TakeOff(
        accepted_s=began[Phase.CHECKING],
        releasing_s=began[Phase.RELEASING],
        arming_s=began[Phase.ARMING],
        arm_asked_s=arm_s,
        arm_acknowledged_s=_acknowledged_s(relay, mavlink.MAV_CMD_COMPONENT_ARM_DISARM, arm_s),
        armed_seen_s=_armed_s(relay, arm_s),
        takeoff_asked_s=_command_s(relay, mavlink.MAV_CMD_NAV_TAKEOFF, arm_s),
        airborne_s=_airborne_s(truths),
    )


def _command_s(relay: Relay, command: int, since_s: float) -> float:
    at_s = relay.command_s(command, since_s)
    if at_s is None:
        raise BenchError(f"command {command} was not seen on the link")
    return at_s


def _acknowledged_s(relay: Relay, command: int, since_s: float) -> float:
    for each in relay.seen("COMMAND_ACK", since_s):
        if each.message.command == command and each.message.result == mavlink.MAV_RESULT_ACCEPTED:
            return each.at_s
    raise BenchError(f"command {command} was not seen acknowledged")


def _armed_s(relay: Relay, since_s: float) -> float:
    for each in relay.seen("HEARTBEAT", since_s):
        if not each.from_flight and each.message.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED:
            return each.at_s
    raise BenchError("it was not seen armed")


def _airborne_s(truths: Sequence[Truth]) -> float:
    """AIRBORNE_M above where it stood at first, between two samples in proportion. PX4's own estimate wanders by as much."""
    for before, after in itertools.pairwise(truths):
        risen_m = after.altitude_amsl_m - truths[0].altitude_amsl_m
        if risen_m > AIRBORNE_M:
            share = (risen_m - AIRBORNE_M) / (after.altitude_amsl_m - before.altitude_amsl_m)
            return after.at_s - share * (after.at_s - before.at_s)
    raise BenchError("it was not seen leaving the roof")


def figures(seen: TakeOff, group: str) -> list[Figure]:
    whole_s = seen.airborne_s - seen.accepted_s
    own_s = seen.airborne_s - seen.arm_acknowledged_s
    gap_s = seen.takeoff_asked_s - seen.arm_acknowledged_s
    link = "by the datagrams between flight and autopilot"
    return [
        Figure(
            group,
            "launch accepted on board → airborne",
            whole_s,
            "s",
            f"from the event 'checking' to {AIRBORNE_M:g} m above the roof by the simulation's truth, 5 Hz",
            whole_s / own_s,
            "what PX4 needs from motors to lift-off",
        ),
        Figure(group, "motors → lift-off", own_s, "s", f"arming acknowledged, {link}, to the same lift-off"),
        Figure(
            group,
            "in it: before take-off is asked for",
            gap_s,
            "s",
            f"arming acknowledged to NAV_TAKEOFF, {link}; motors spin up meanwhile",
        ),
        *_parts(seen, group, whole_s),
    ]


def _parts(seen: TakeOff, group: str, whole_s: float) -> list[Figure]:
    events = "by the aircraft's own events"
    parts = [
        ("checking", seen.releasing_s - seen.accepted_s, f"{events}: parameters read anew, everything looked at"),
        ("releasing", seen.arming_s - seen.releasing_s, f"{events}: asked to open, until the latch is seen open"),
        ("arming: until asked for", seen.arm_asked_s - seen.arming_s, "hold mode and an empty mission seen, then the command"),
        ("arming: until seen", seen.armed_seen_s - seen.arm_asked_s, "command to the first HEARTBEAT that says armed"),
        ("climbing: to lift-off", seen.airborne_s - seen.armed_seen_s, "from there to lift-off"),
    ]
    return [Figure(group, name, part_s, "s", how, part_s / whole_s, "the whole") for name, part_s, how in parts]


def wait(rig: Rig) -> TakeOff:
    """Look on until a launched aircraft has left the roof."""
    rig.look_until(lambda: rig.phase() is Phase.TRANSIT, "the climb", _CLIMB_WALL_S)
    return of(rig.relay, rig.phases(), rig.truths)


def on_px4(where: str) -> list[Figure]:
    """The same on a real PX4."""
    with running("px4", Options(autopilot="px4", px4=where)) as rig:
        rig.look(SETTLE_WALL_S)
        rig.launch()
        return figures(wait(rig), "launch accepted → airborne, real PX4")
