"""Is everything of a simulation up, so that a launch will not be refused for what is still starting? Pure."""

from __future__ import annotations

from sitl.report.record import ENDED
from wire.messages import AircraftState, ConsoleState, WorldState

_HEARD_S = 1.0


def missing(console: ConsoleState | None, truth: WorldState | None) -> list[str]:
    """What is not up yet, by the newest console and the world's newest truth; [] when all is."""
    if console is None:
        return ["groundlink"]
    aircraft, age_s = console.aircraft, console.aircraft_age_s
    if aircraft is None or age_s is None or age_s > _HEARD_S:
        return ["onboard"]
    waits = {
        **_of_the_aircraft(aircraft),
        "the vehicle's position": console.vehicle.position is None,
        "the latch": console.vehicle.latch is None,
        "the link's clock": console.round_trip_s is None,
        "video": console.video is None or console.video.frames_received == 0,
        "the world": truth is None,
    }
    return [name for name, waiting in waits.items() if waiting]


def _of_the_aircraft(aircraft: AircraftState) -> dict[str, bool]:
    """PX4 gives position and home seconds before its own arming checks pass: until then it refuses to arm."""
    return {
        "the aircraft at rest": aircraft.phase not in ENDED,
        "PX4's heartbeat": aircraft.autopilot_age_s is None,
        "the aircraft's position": aircraft.position is None or aircraft.home is None,
        "PX4's arming checks": aircraft.ready_to_arm is not True,
    }
