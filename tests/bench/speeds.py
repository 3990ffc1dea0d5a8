"""How fast simulated time can go on this machine: the autopilot alone, flight and autopilot in lockstep, the whole stack."""

from __future__ import annotations

import time

from sitl.judge import NARRATIVE
from sitl.lockstep import Lockstep, default_mission
from sitl.options import Options
from tests.bench.figures import Figure
from tests.bench.rig import BenchError, Rig, running
from wire.messages import Phase, Verb

KEEPS_UP = 0.95
"""A speed is kept when the autopilot's own clock runs at this share of it, and the aircraft reaches its survey."""

SPEEDS = (4.0, 8.0, 16.0)
_AFTERWARDS = NARRATIVE[NARRATIVE.index(Phase.SURVEYING) :]
_GROUP = "simulator speed against real time"
_LOCKSTEP_SIM_S, _ALONE_SIM_S = 20.0, 8.0
_STRETCH_WALL_S = 8.0
_REACH_SURVEY_S = 120.0  # simulated


def core() -> list[Figure]:
    """Both in flight, on the orbit."""
    lockstep = Lockstep()
    lockstep.run(8.0)
    began_s, began_wall_s = lockstep.now_s, time.monotonic()
    lockstep.order(Verb.LAUNCH, default_mission())
    if not lockstep.run_until(lambda: lockstep.phase is Phase.SURVEYING, _REACH_SURVEY_S):
        raise BenchError(f"the lockstep flight reached no survey: {lockstep.phase}")
    lockstep.run(_LOCKSTEP_SIM_S)
    together = (lockstep.now_s - began_s) / (time.monotonic() - began_wall_s)
    alone_wall_s = time.monotonic()
    lockstep.autopilot.step(_ALONE_SIM_S)
    alone = _ALONE_SIM_S / (time.monotonic() - alone_wall_s)
    return [
        _figure("embedded autopilot's core alone", alone, f"{_ALONE_SIM_S:g} simulated s on the orbit, one core, no sockets"),
        _figure("lockstep: flight and autopilot", together, "from launch into the orbit, one core, no sockets, no pictures"),
    ]


def whole() -> list[Figure]:
    """Faster and faster until it does not keep up."""
    figures: list[Figure] = []
    for speed in SPEEDS:
        reached, reason = _at(speed)
        keeps = not reason and reached >= KEEPS_UP * speed
        meaning = "keeps up" if keeps else f"does not keep up{': ' if reason else ''}{reason}"
        how = f"the autopilot's time_boot_ms over {_STRETCH_WALL_S:g} real s in flight; {meaning}"
        figures.append(_figure(f"whole stack, sitl fly --speed {speed:g}", reached, how))
        if not keeps:
            break
    return figures


def _figure(name: str, times: float, how: str) -> Figure:
    return Figure(_GROUP, name, times, "sim s/s", how, times, "real time")


def _at(speed: float) -> tuple[float, str]:
    """The speed reached, and why it does not count ('': it does)."""
    with running(f"speed-{speed:g}", Options(speed=speed)) as rig:
        rig.launch()
        try:
            rig.look_until(lambda: rig.phase() is Phase.SURVEYING, "the survey", _REACH_SURVEY_S / speed + 10.0)
        except BenchError as error:
            return _rate(rig), str(error)
        reached = _rate(rig)
        return reached, "" if rig.phase() in _AFTERWARDS else f"it went into {rig.phase()}"


def _rate(rig: Rig) -> float:
    began_s = time.monotonic()
    rig.look(_STRETCH_WALL_S)
    places = rig.relay.seen("GLOBAL_POSITION_INT", began_s)
    if len(places) < 2:
        return 0.0
    first, last = places[0], places[-1]
    return float((last.message.time_boot_ms - first.message.time_boot_ms) / 1e3 / (last.at_s - first.at_s))
