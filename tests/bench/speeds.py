"""How fast simulated time can go on this machine: the autopilot alone, in lockstep, headless, and by real processes."""

from __future__ import annotations

import re
import resource
import subprocess
import sys
import tempfile
import time

from sitl.autopilot.protocol.links import STREAM_OFF
from sitl.lockstep.lockstep import Lockstep, default_mission
from sitl.options import Options
from sitl.report.judge import NARRATIVE
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
_HEADLESS_WALL_S = 120.0


def core() -> list[Figure]:
    """All in flight, on the orbit."""
    stack = Lockstep()
    stack.run(8.0)
    stack.order(Verb.LAUNCH, default_mission())
    together = _Pace(stack)
    if not stack.run_until(lambda: stack.phase is Phase.SURVEYING, _REACH_SURVEY_S):
        raise BenchError(f"the lockstep flight reached no survey: {stack.phase}")
    stack.run(_LOCKSTEP_SIM_S)
    figures = together.figures("lockstep: flight and autopilot", "from launch into the orbit, no sockets, no pictures")
    packed = _Pace(stack)
    stack.autopilot.step(_ALONE_SIM_S)
    how = f"{_ALONE_SIM_S:g} simulated s on the orbit, no sockets"
    figures += packed.figures("autopilot alone, all five links' streams packed", how)
    for link in stack.autopilot.links.values():
        for number in link.default_rates_hz:
            link.set_interval(number, STREAM_OFF, stack.now_s)
    bare = _Pace(stack)
    stack.autopilot.step(_ALONE_SIM_S)
    return figures + bare.figures("autopilot alone, no link attached", f"{how}; no stream is sent on any link")


class _Pace:
    """How fast a stack in this process goes from now on: against real time, which others' work slows, and against CPU time."""

    def __init__(self, stack: Lockstep) -> None:
        self._stack = stack
        self._sim_s, self._wall_s, self._cpu_s = stack.now_s, time.monotonic(), time.process_time()

    def figures(self, name: str, how: str) -> list[Figure]:
        sim_s = self._stack.now_s - self._sim_s
        return [
            _figure(name, sim_s / (time.monotonic() - self._wall_s), how),
            _by_cpu(name, sim_s / (time.process_time() - self._cpu_s)),
        ]


def headless() -> list[Figure]:
    """`sitl fly --headless` as its user runs it."""
    with tempfile.TemporaryDirectory() as folder:
        began_s, began_cpu_s = time.monotonic(), _children_cpu_s()
        command = (sys.executable, "-m", "sitl", "fly", "--headless", "--flights", folder)
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=_HEADLESS_WALL_S)
        wall_s, cpu_s = time.monotonic() - began_s, _children_cpu_s() - began_cpu_s
    flown = re.search(r"^(\d+) s in ([\d.]+) s", ended.stdout, re.MULTILINE)
    if ended.returncode != 0 or flown is None:
        raise BenchError(f"sitl fly --headless ended with {ended.returncode}: {ended.stderr or ended.stdout}")
    sim_s, flight_wall_s = float(flown[1]), float(flown[2])
    whole = "sitl fly --headless, the whole command"
    return [
        _figure(
            "sitl fly --headless, the flight", sim_s / flight_wall_s, f"as it says; {sim_s:g} simulated s, both logs written"
        ),
        _figure(whole, sim_s / wall_s, "from the shell to the shell: start, flight, report and picture"),
        _by_cpu(whole, sim_s / cpu_s),
    ]


def _children_cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def whole() -> list[Figure]:
    """Faster and faster until it does not keep up."""
    figures: list[Figure] = []
    for speed in SPEEDS:
        reached, reason = _at(speed)
        keeps = not reason and reached >= KEEPS_UP * speed
        meaning = "keeps up" if keeps else f"does not keep up{': ' if reason else ''}{reason}"
        how = f"the autopilot's time_boot_ms over {_STRETCH_WALL_S:g} real s in flight; {meaning}"
        figures.append(_figure(f"real processes, sitl fly --speed {speed:g}", reached, how))
        if not keeps:
            break
    return figures


def _figure(name: str, times: float, how: str) -> Figure:
    return Figure(_GROUP, name, times, "sim s/s", how, times, "real time")


def _by_cpu(name: str, times: float) -> Figure:
    return Figure(
        _GROUP, f"{name}, by CPU time", times, "sim s/CPU s", "user and system time of the process: others' work does not count"
    )


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
    return rig.speed(began_s)
