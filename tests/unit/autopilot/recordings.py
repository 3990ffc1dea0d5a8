"""Recordings of a real PX4 v1.16.0, if they are there, and their replay into the autopilot."""

from __future__ import annotations

import gzip
import json
import struct
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.unit.autopilot.harness import NAN, Companion

STREAMED = {
    mavlink.MAVLINK_MSG_ID_LANDING_TARGET,
    mavlink.MAVLINK_MSG_ID_SET_POSITION_TARGET_LOCAL_NED,
    mavlink.MAVLINK_MSG_ID_MISSION_COUNT,
    mavlink.MAVLINK_MSG_ID_MISSION_ITEM_INT,
    mavlink.MAVLINK_MSG_ID_MISSION_REQUEST_LIST,
    mavlink.MAVLINK_MSG_ID_MISSION_REQUEST_INT,
    mavlink.MAVLINK_MSG_ID_MISSION_ACK,
}
COMPANION = 191
PATIENCE_S = 0.5
WAITED = ("armed", "disarmed", "prearm ok", "first heartbeat")
FOLDER = Path(__file__).resolve().parents[4] / "shared" / "px4" / "recordings"


Track = list[tuple[float, float, float, float, float]]
"""Time, north, east, down, horizontal speed."""
Stream = list[tuple[float, mavlink.MAVLink_message]]
"""Messages the companion streamed, with their times."""


class Recording(NamedTuple):
    """A scenario's timeline, its track, and what the companion streamed."""

    timeline: list[dict[str, Any]]
    track: Track
    stream: Stream


def load(name: str) -> Recording:
    """Read a recording; skips the test where there is none."""
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no recording {path}")
    timeline = json.loads(path.read_text(encoding="utf-8"))["timeline"]
    return Recording(timeline, *_read(FOLDER / f"{name}.tlog.gz", timeline))


def _read(path: Path, timeline: list[dict[str, Any]]) -> tuple[Track, Stream]:
    data = gzip.decompress(path.read_bytes())
    first_mode_s = next(entry["t"] for entry in timeline if entry.get("what") == "mode")
    parser, at, zero_s = mavlink.MAVLink(None), 0, None
    points: Track = []
    stream: Stream = []
    while at + 18 <= len(data):
        (time_us,) = struct.unpack_from(">Q", data, at)
        size = 12 + data[at + 9] + (13 if data[at + 10] & 1 else 0)
        packet = data[at + 8 : at + 8 + size]
        at += 8 + size
        number = int.from_bytes(packet[7:10], "little")
        if number == mavlink.MAVLINK_MSG_ID_HEARTBEAT and packet[6] == 1 and zero_s is None:
            zero_s = time_us / 1e6 - first_mode_s
        if number == mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED and zero_s is not None:
            m = parser.decode(bytearray(packet))
            points.append((time_us / 1e6 - zero_s, m.x, m.y, m.z, (m.vx**2 + m.vy**2) ** 0.5))
        elif number in STREAMED and packet[6] == COMPANION and zero_s is not None:
            stream.append((time_us / 1e6 - zero_s, parser.decode(bytearray(packet))))
    return points, stream


class Replay(NamedTuple):
    """The companion that flew a recording; `shifts` tells by how much later, since when, things happened here."""

    companion: Companion
    shifts: list[tuple[float, float]]

    def time(self, recorded_s: float) -> float:
        """When something recorded should have happened in the replay."""
        return recorded_s + [shift for since, shift in self.shifts if since <= recorded_s][-1]


def replay(recording: Recording, *, gcs: bool = False, seed: int = 1) -> Replay:
    """Fly the recorded commands: at the recorded times after what the recorder waited for has happened here, too.

    A command that came after an acknowledgement, or after take-off was seen to be over, comes after it here, too.
    """
    companion = Companion(seed=seed)
    companion.gcs = gcs
    companion.stream = list(recording.stream)
    shift, shifts = 0.0, [(0.0, 0.0)]
    home_amsl_m, acknowledged, landed = 0.0, 0, None
    for entry in recording.timeline:
        kind, t = entry["kind"], entry["t"]
        if kind == "reached" and (
            entry["what"] in WAITED or entry["what"].endswith("m up") or entry["what"].startswith("item ")
        ):
            _wait_for(companion, entry["what"], t, home_amsl_m)
            shift = companion.now_s - t
            companion.stream = [(at + shift - shifts[-1][1], message) for at, message in companion.stream]
            shifts.append((t, shift))
        elif kind in ("command", "param_set") or kind.endswith(("_stop", "_resume")):
            companion.run_until(t + shift)
            _wait_until(companion, lambda: len(companion.acks) >= acknowledged)  # noqa: B023  called at once
            if kind == "command" and _wait_until(companion, lambda: companion.state("landed_state") == landed):  # noqa: B023
                shift = companion.now_s - t
                shifts.append((t, shift))
            _repeat(companion, entry)
        elif kind == "ack":
            acknowledged += 1
        elif kind == "state" and entry["what"] == "home":
            home_amsl_m = entry["now"][2]
        elif kind == "state" and entry["what"] == "landed_state":
            landed = entry["now"]
    companion.run(3.0)
    return Replay(companion, shifts)


def _wait_until(companion: Companion, condition: Callable[[], bool]) -> bool:
    """Wait for what the recorder had seen before it went on, at most PATIENCE_S; whether there was anything to wait for.

    What is missing then shows when they are compared.
    """
    start_s = companion.now_s
    while not condition() and companion.now_s < start_s + PATIENCE_S:
        companion.run(0.02)
    return companion.now_s > start_s


def _wait_for(companion: Companion, what: str, t: float, home_amsl_m: float) -> None:
    """Run until it has happened, at most a quarter longer than it took in the recording."""
    known = {
        "armed": ("armed", True),
        "disarmed": ("armed", False),
        "prearm ok": ("prearm_ok", True),
        "first heartbeat": ("system_status", 0),
    }
    if what.startswith("item "):
        known[what] = ("item_reached", int(what.removeprefix("item ")))
    while not (_up(companion, what, home_amsl_m) if what.endswith("m up") else _is(companion, known[what])):
        companion.run(0.02)
        assert companion.now_s < 1.25 * t + 8.0, f"{what} never came"


def _up(companion: Companion, what: str, home_amsl_m: float) -> bool:
    """Whether it has come within 1 m of "N m up": above the recorded home, as take-off goes to an altitude above sea level.

    The recorded home's altitude is some decimetres off, as the one here is, and decides whether the take-off is over by then.
    """
    height_m = companion.autopilot.pilot.flight.position.altitude_amsl_m - home_amsl_m
    return height_m > float(what.split(maxsplit=1)[0]) - 1.0


def _is(companion: Companion, wanted: tuple[str, object]) -> bool:
    return companion.state(wanted[0]) == wanted[1]


def _repeat(companion: Companion, entry: dict[str, Any]) -> None:
    kind = entry["kind"]
    if kind == "param_set":
        companion.set_parameter(entry["name"], entry["value"])
    elif kind == "gcs_heartbeats_stop":
        companion.gcs = False
    elif kind == "gcs_heartbeats_resume":
        companion.gcs = True
    elif kind == "companion_heartbeats_stop":
        companion.alive = False
    elif kind == "companion_heartbeats_resume":
        companion.alive = True
    else:
        params = [NAN if value is None else value for value in entry["params"]]
        if entry["form"] == "long":
            companion.long(entry["command"], *params)
        else:
            companion.int(entry["command"], params[:4], (int(params[4]), int(params[5]), params[6]))
