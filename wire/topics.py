"""The topic table: every message that crosses a process, its type, way, rate and habits. The code reads it; so can you.

`rate_hz` is what a subscriber may expect (None: sent when something happens). NEWEST: only the latest counts and older ones are
dropped; QUEUED: each one counts, up to `depth`, and past that the oldest are lost and counted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from wire import messages as m


class Way(StrEnum):
    DOWN = "aircraft to vehicle"
    UP = "vehicle to aircraft"
    BOARD = "on board"
    GROUND = "in the vehicle"
    WORLD = "simulation only"


class Habit(StrEnum):
    NEWEST = "newest wins"
    QUEUED = "queued"


@dataclass(frozen=True)
class Topic:
    name: str
    type: type[m.Message]
    way: Way
    rate_hz: float | None
    habit: Habit
    logged: bool
    depth: int = 1
    meaning: str = ""


_N, _Q = Habit.NEWEST, Habit.QUEUED

TOPICS: dict[str, Topic] = {
    topic.name: topic
    for topic in (
        #     name            type             way         Hz    habit  logged depth
        Topic("state", m.AircraftState, Way.DOWN, 5.0, _N, True, meaning="the aircraft's state"),
        Topic("event", m.Event, Way.DOWN, None, _Q, True, 64, "what happened on board"),
        Topic("reply", m.Reply, Way.DOWN, None, _Q, True, 64, "what became of a command"),
        Topic("command", m.Command, Way.UP, None, _Q, True, 16, "an officer's order"),
        Topic("vehicle", m.VehicleState, Way.UP, 5.0, _N, True, meaning="the vehicle's heartbeat, place and latch"),
        Topic("pose", m.Pose, Way.BOARD, 20.0, _Q, False, 64, "position and attitude for the camera"),
        Topic("pad_sighting", m.PadSighting, Way.BOARD, 10.0, _N, False, meaning="the roof's marker, while it is looked for"),
        Topic("vision_state", m.VisionState, Way.DOWN, 1.0, _N, True, meaning="the camera's and detector's health"),
        Topic("video", m.VideoPacket, Way.DOWN, 15.0, _Q, False, 8, "encoded frames"),
        Topic("video_request", m.VideoRequest, Way.UP, None, _N, False, meaning="a keyframe, please"),
        Topic("detections", m.Detections, Way.DOWN, 5.0, _Q, True, 8, "tracked objects on the map"),
        Topic("frame", m.CameraFrame, Way.WORLD, 15.0, _N, False, meaning="the drawn world's pixels"),
        Topic("latch_order", m.LatchOrder, Way.WORLD, 5.0, _N, False, meaning="what the latch should do"),
        Topic("latch_report", m.LatchReport, Way.WORLD, 5.0, _N, False, meaning="what the latch's sensors say"),
        Topic("world_state", m.WorldState, Way.WORLD, 5.0, _N, False, meaning="the truth, for reports and tests"),
        Topic("order", m.Order, Way.GROUND, None, _Q, True, 16, "what a client wants"),
        Topic("answer", m.Answer, Way.GROUND, None, _Q, True, 64, "what a client gets"),
        Topic("video_state", m.VideoState, Way.GROUND, 1.0, _N, True, meaning="the video as received"),
        Topic("console", m.ConsoleState, Way.GROUND, 5.0, _N, False, meaning="everything a watcher sees"),
    )
}

LATE_PERIODS = 3.0
"""A periodic topic is alive while its newest message is younger than this many of its periods."""

ON_RATE_SHARE = 0.7
"""A periodic topic is on rate while at least this share of its expected messages came in the last seconds."""
