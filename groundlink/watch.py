"""groundlink watch: everything one look should tell, as a live table or as lines of JSON."""

from __future__ import annotations

import contextlib
import json
import os
import re
import select
import sys
import termios
import time
import tty
from collections.abc import Callable, Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.table import Table
from rich.text import Text

from groundlink.client import Client
from groundlink.configuration import GroundlinkConfig
from groundlink.exits import Exit
from groundlink.link.aircraft import STALE_S
from groundlink.link.warnings import BATTERY_LOW_PERCENT
from groundlink.orders import CONSOLE_WALL_S
from groundlink.words import PHASES, capital, duration, latch_word, phase_for_s, status_sentence
from wire.errors import LinkError
from wire.messages import AircraftState, ConsoleState, Phase, VideoState
from wire.plain import plain

_SILENT_WALL_S = 1.0
_POLL_WALL_S = 0.2
_VIDEO_STALE_S = 3.0
_ROUND_TRIP_SLOW_S = 0.5
_FEW_FRAMES_PER_S = 5.0
_KEYS_AT_ONCE = 256

GOOD, DOUBTFUL, BAD = "green", "yellow", "bold red"


def run(config: GroundlinkConfig, out: Callable[[str], None], *, as_json: bool) -> Exit:
    """Until q or Ctrl-C. Raises LinkError when there is no daemon, and for JSON readers when it falls silent."""
    with Client(config) as client, contextlib.suppress(KeyboardInterrupt):
        console = client.console(CONSOLE_WALL_S)
        if console is None:
            raise LinkError(f"no word from the vehicle's daemon at {config.listen.console}: is 'groundlink run' running?")
        if as_json:
            _lines(client, console, out)
        elif not sys.stdout.isatty():
            _changes(client, console, out)
        else:
            _live(client, console)
    return Exit.DONE


def _lines(client: Client, console: ConsoleState, out: Callable[[str], None]) -> None:
    while True:
        out(json.dumps(plain(console)))
        console = _next(client)


def _changes(client: Client, console: ConsoleState, out: Callable[[str], None]) -> None:
    """Without a terminal: a line, and one for each warning, whenever something else than a number has changed."""
    told: object = None
    while True:
        gist = _gist(console)
        if gist != told:
            told = gist
            out("\n".join([capital(status_sentence(console)) + ".", *(f"  warning: {each}" for each in console.warnings)]))
        console = _next(client)


def _gist(console: ConsoleState) -> object:
    """What makes two states tell the same, whatever their ages and heights."""
    aircraft = console.aircraft
    state = None if aircraft is None else (aircraft.phase, aircraft.armed, aircraft.mode, aircraft.failsafe)
    return state, [re.sub(r"\d+( (h|min|s)\b)?|\s", "", warning) for warning in console.warnings]


def _next(client: Client) -> ConsoleState:
    console = client.console(CONSOLE_WALL_S)
    if console is None:
        raise LinkError("the vehicle's daemon has fallen silent: see whether 'groundlink run' still runs")
    return console


def _live(client: Client, console: ConsoleState) -> None:
    heard_s = time.monotonic()
    with _keyboard() as pressed, Live(console=Console(), auto_refresh=False, screen=sys.stdout.isatty()) as live:
        while b"q" not in pressed().lower():
            live.update(view(console, time.monotonic() - heard_s), refresh=True)
            newer = client.console(_POLL_WALL_S)
            if newer is not None:
                console, heard_s = newer, time.monotonic()


@contextlib.contextmanager
def _keyboard() -> Iterator[Callable[[], bytes]]:
    """A function that gives all keys pressed since, or b"". The terminal is put back as it was."""
    if not sys.stdin.isatty():
        yield lambda: b""
        return
    keyboard = sys.stdin.fileno()  # read without Python's buffer, in which select would not see the second key
    before = termios.tcgetattr(keyboard)
    tty.setcbreak(keyboard)
    try:
        yield lambda: os.read(keyboard, _KEYS_AT_ONCE) if select.select([keyboard], [], [], 0)[0] else b""
    finally:
        termios.tcsetattr(keyboard, termios.TCSADRAIN, before)


def view(console: ConsoleState, silent_s: float) -> Group:
    """What is shown, the gravest first: a small terminal cuts off the end. `silent_s`: real seconds without the daemon."""
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(style="dim", min_width=12)
    table.add_column()
    for name, text in [*_aircraft_rows(console), *_vehicle_rows(console), *_video_rows(console)]:
        table.add_row(name, text)
    silence = f"the vehicle's daemon is silent for {duration(silent_s)}: what is below is old"
    bad = [silence, *console.warnings] if silent_s > _SILENT_WALL_S else console.warnings
    warnings = [Text(f"! {warning}", BAD) for warning in bad] or [Text("no warnings", GOOD)]
    return Group(Text("q ends", "dim"), *warnings, Text(), table)


def _aircraft_rows(console: ConsoleState) -> list[tuple[str, Text]]:
    aircraft, age_s = console.aircraft, console.aircraft_age_s
    if aircraft is None or age_s is None:
        return [("aircraft", Text("not heard", BAD))]
    link = f"last heard {age_s:.1f} s ago"
    if console.round_trip_s is not None:
        link += f", round trip {console.round_trip_s * 1000:.0f} ms"
    slow = console.round_trip_s is None or console.round_trip_s > _ROUND_TRIP_SLOW_S
    phase = f"{PHASES[aircraft.phase]} for {duration(phase_for_s(aircraft, age_s))}"
    trouble = aircraft.failsafe or aircraft.phase in (Phase.YIELDED, Phase.GROUNDED)
    return [
        ("phase", Text(phase, BAD if trouble else GOOD)),
        ("", Text(aircraft.reason, "dim")),
        ("height", _metres(aircraft.height_m)),
        ("distance", _metres(aircraft.distance_m)),
        ("battery", _battery(aircraft.battery_percent)),
        ("autopilot", _autopilot(aircraft)),
        ("survey", _survey(aircraft)),
        ("link", Text(link, BAD if age_s > STALE_S else DOUBTFUL if slow else GOOD)),
    ]


def _vehicle_rows(console: ConsoleState) -> list[tuple[str, Text]]:
    vehicle = console.vehicle
    good = vehicle.latch is not None and vehicle.latch.valid
    latch = Text(f"{latch_word(vehicle.latch)}; {console.latch_reason}", GOOD if good else BAD)
    if vehicle.position is None:
        return [("latch", latch), ("vehicle", Text("position not known", BAD))]
    place = f"{vehicle.position.latitude_deg:.6f}, {vehicle.position.longitude_deg:.6f}"
    speed = "" if vehicle.speed_m_s is None else f", {vehicle.speed_m_s:.1f} m/s"
    return [("latch", latch), ("vehicle", Text(place + speed))]


def _video_rows(console: ConsoleState) -> list[tuple[str, Text]]:
    video = console.video
    if video is None:
        return [("video", Text("not heard", DOUBTFUL))]
    age_s = console.sent_s - video.sent_s
    if age_s > _VIDEO_STALE_S:
        return [("video", Text(f"last heard {duration(age_s)} ago", BAD))]
    latency = "" if video.latency_p50_ms is None else f", {video.latency_p50_ms:.0f} ms late"
    pictures = f"{video.frames_per_s:.1f} frames/s{latency}, {video.frames_lost} lost, {video.kilobits_per_s:.0f} kbit/s"
    rows = [("video", Text(pictures, GOOD if video.frames_per_s >= _FEW_FRAMES_PER_S else DOUBTFUL))]
    if video.reason:
        rows.append(("", Text(video.reason, BAD)))
    return [*rows, ("detections", _detections(video))]


def _detections(video: VideoState) -> Text:
    if not video.objects_valid:
        return Text("the detector does not work", BAD)
    return Text("the detector rests" if video.objects is None else f"{video.objects} in view")


def _metres(value_m: float | None) -> Text:
    return Text("not known", DOUBTFUL) if value_m is None else Text(f"{value_m:.1f} m")


def _battery(percent: float | None) -> Text:
    if percent is None:
        return Text("not known", DOUBTFUL)
    return Text(f"{percent:.0f} %", BAD if percent < BATTERY_LOW_PERCENT else GOOD)


def _autopilot(aircraft: AircraftState) -> Text:
    armed = {True: "armed", False: "disarmed", None: "arming not known"}[aircraft.armed]
    failsafe = ", FAILSAFE" if aircraft.failsafe else ""
    return Text(f"{armed}, mode {aircraft.mode or 'not known'}{failsafe}", BAD if aircraft.failsafe else "")


def _survey(aircraft: AircraftState) -> Text:
    survey = aircraft.survey
    if survey is None:
        return Text("-", "dim")
    parts = [f"{survey.elapsed_s:.0f} s"]
    if survey.wanted_s is not None:
        parts.append(f"of {survey.wanted_s:.0f} s")
    if survey.wanted_rad:
        parts.append(f"{100 * abs(survey.swept_rad) / survey.wanted_rad:.0f} % of the orbit")
    return Text(", ".join(parts))
