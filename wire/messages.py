"""The messages. Arrays on the wire (fields by position): new fields go last and have defaults, so that old readers still read.

Times `*_s` are the sender's clock. Angles are radians, frames are in the names. `None` means not known.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta

from wire.geo import Ned, Position, Quaternion

Finite = Annotated[float, Meta(ge=-1e12, le=1e12)]
Identifier = Annotated[str, Meta(min_length=8, max_length=40, pattern="^[0-9a-zA-Z-]+$")]
Sentence = Annotated[str, Meta(max_length=400)]
Name = Annotated[str, Meta(max_length=60)]
Count = Annotated[int, Meta(ge=0, le=2**62)]


class Message(msgspec.Struct, frozen=True, array_like=True, kw_only=True):
    """The base of everything on the wire."""


class Verb(StrEnum):
    """What an officer can say. `status` asks; the others order."""

    LAUNCH = "launch"
    HOLD = "hold"
    RESUME = "resume"
    RETURN = "return"
    LAND = "land"
    ABORT = "abort"
    STATUS = "status"


class Phase(StrEnum):
    """Where the aircraft is in its work. See onboard/flight/executive.py for what leads where."""

    STARTING = "starting"  # the flight program has just started, and does not know yet how the aircraft is
    STOWED = "stowed"  # on the roof, latched, disarmed
    CHECKING = "checking"  # launch ordered: everything is looked at before anything moves
    RELEASING = "releasing"  # the latch opens, and is seen open
    ARMING = "arming"
    CLIMBING = "climbing"  # straight up to the clear height
    TRANSIT = "transit"  # to the survey's height, then to its circle
    SURVEYING = "surveying"
    HOLDING = "holding"  # in the air, in place, until told otherwise
    RETURNING = "returning"  # back to above the vehicle, wherever it is now
    LANDING = "landing"
    SECURING = "securing"  # on the roof: disarmed, seated, then latched
    SECURED = "secured"  # seen seated, latched and disarmed
    YIELDED = "yielded"  # PX4's failsafe, or somebody else, flies; nothing is sent unless the officer says so
    GROUNDED = "grounded"  # landed and disarmed, but not on the roof


class Landed(StrEnum):
    """MAV_LANDED_STATE."""

    UNKNOWN = "unknown"
    ON_GROUND = "on_ground"
    IN_AIR = "in_air"
    TAKING_OFF = "taking_off"
    LANDING = "landing"


class Echo(Message, frozen=True, kw_only=True):
    """What NTP's formula needs to compare the clocks of two machines: the newest stamp seen from the peer, and when."""

    peer_sent_s: Finite
    received_s: Finite


class LatchState(Message, frozen=True, kw_only=True):
    """The latch's sensors. `valid` False: a sensor is broken or contradicts another; nothing may be concluded but that."""

    open: bool
    closed: bool
    seated: bool
    valid: bool = True


class VehicleState(Message, frozen=True, kw_only=True):
    """Ground to air: the vehicle's heartbeat. Without it the aircraft does not tell PX4 that a ground station is there."""

    sent_s: Finite
    sequence: Count
    position: Position | None  # of the roof pad; None: no valid fix
    position_age_s: Finite | None = None
    speed_m_s: Finite | None = None
    latch: LatchState | None = None
    latch_age_s: Finite | None = None
    echo: Echo | None = None


class Command(Message, frozen=True, kw_only=True):
    """Ground to air: an order. Sent repeatedly until answered; the same id is obeyed once and answered every time."""

    id: Identifier
    verb: Verb
    operator: Name
    issued_s: Finite
    expires_s: Finite
    mission_yaml: Annotated[str, Meta(max_length=16_384)] | None = None


class Stage(StrEnum):
    ACCEPTED = "accepted"
    REFUSED = "refused"
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"  # only to a client that asked about an order again: whoever was asked does not know it


class Reply(Message, frozen=True, kw_only=True):
    """Air to ground: what became of a command. `sentence` is for a person."""

    command_id: Identifier
    stage: Stage
    sentence: Sentence
    at_s: Finite


class Survey(Message, frozen=True, kw_only=True):
    """How the orbit goes: what was asked, and what was flown so far."""

    centre: Position
    radius_m: Finite
    speed_m_s: Finite
    swept_rad: Finite
    wanted_rad: Finite | None
    wanted_s: Finite | None
    elapsed_s: Finite


class LatchRequest(StrEnum):
    """What the aircraft asks of the latch. It asks to close only seen seated and disarmed."""

    OPEN = "open"
    CLOSE = "close"
    KEEP = "keep"


class AircraftState(Message, frozen=True, kw_only=True):
    """Air to ground, at a steady rate: the truth as the aircraft knows it."""

    sent_s: Finite
    sequence: Count
    phase: Phase
    phase_since_s: Finite
    reason: Sentence
    mission: Name | None
    armed: bool | None
    mode: Name | None
    landed: Landed
    failsafe: bool
    position: Position | None
    velocity_ned_m_s: Ned | None
    heading_rad: Finite | None
    height_m: Finite | None  # above the vehicle's roof
    distance_m: Finite | None  # horizontal, to the vehicle
    home: Position | None
    battery_percent: Finite | None
    autopilot_age_s: Finite | None
    uplink_age_s: Finite | None
    latch_request: LatchRequest
    other_ground_station: bool
    survey: Survey | None
    echo: Echo | None = None
    vision_age_s: Finite | None = None
    ready_to_arm: bool | None = None  # PX4's own arming checks pass, in the mode it is in


class Event(Message, frozen=True, kw_only=True):
    """Air to ground: something happened, once."""

    at_s: Finite
    sequence: Count
    kind: Name
    sentence: Sentence


class Pose(Message, frozen=True, kw_only=True):
    """Flight to vision, on board: where the camera's carrier was, on the board's clock."""

    at_s: Finite
    position: Position
    attitude: Quaternion  # FRD body to NED
    height_m: Finite | None  # above the vehicle's roof
    airborne: bool
    ground_amsl_m: Finite | None = None  # the street's altitude, as well as it is known
    seek_pad: bool = False  # it is on its way to the roof: look for the marker there


class PadSighting(Message, frozen=True, kw_only=True):
    """Vision to flight, on board: one picture of the landing camera, looked at for the marker on the vehicle's roof.

    `offset_ned_m` leads from the camera, as it was at `captured_s`, to the marker's centre; None: looked, and not seen.
    """

    captured_s: Finite
    sequence: Count
    marker_id: Count  # of the marker looked for
    offset_ned_m: Ned | None
    side_px: Finite | None = None  # how long the marker's side is in the picture
    misfit: Finite | None = None  # how far its corners are from a flat square's, as a share of its side
    reason: Sentence = ""  # why it is not seen, where there is more to say


class VideoPacket(Message, frozen=True, kw_only=True):
    """Vision to ground: one encoded frame."""

    captured_s: Finite
    sequence: Count
    codec: Name  # "h264" (Annex B) or "mjpeg"
    keyframe: bool
    width: Annotated[int, Meta(ge=16, le=8192)]
    height: Annotated[int, Meta(ge=16, le=8192)]
    data: Annotated[bytes, Meta(max_length=4_000_000)]
    pose: Pose | None = None


class VideoRequest(Message, frozen=True, kw_only=True):
    """Ground to vision: send a keyframe (IDR) now, because a frame was lost or a watcher has come."""

    at_s: Finite
    sequence: Count


class Detection(Message, frozen=True, kw_only=True):
    """One tracked object. The box is in pixels of the frame (left, top, width, height)."""

    track_id: Count
    kind: Name
    confidence: Annotated[float, Meta(ge=0, le=1)]
    box_px: tuple[Finite, Finite, Finite, Finite]
    position: Position | None  # None: its place could not be computed
    velocity_north_m_s: Finite | None = None
    velocity_east_m_s: Finite | None = None


class Detections(Message, frozen=True, kw_only=True):
    """Vision to ground. `objects` None: the detector did not run on this frame; []: it ran and found nothing."""

    captured_s: Finite
    sequence: Count
    objects: list[Detection] | None
    valid: bool = True
    reason: Sentence = ""


class VisionState(Message, frozen=True, kw_only=True):
    """Vision to flight and ground: is the camera seeing, and how fast."""

    sent_s: Finite
    camera_valid: bool
    reason: Sentence
    frames_per_s: Finite
    frames_dropped: Count
    encode_ms: Finite | None
    detect_ms: Finite | None
    landing_reason: Sentence = ""  # what is wrong with the landing camera; empty: nothing, or there is none
    marker_ms: Finite | None = None  # what one look for the roof's marker takes


class CameraFrame(Message, frozen=True, kw_only=True):
    """World to vision, in a simulation only: raw pixels, 8-bit BGR, rows first."""

    captured_s: Finite
    sequence: Count
    width: Annotated[int, Meta(ge=16, le=8192)]
    height: Annotated[int, Meta(ge=16, le=8192)]
    bgr: Annotated[bytes, Meta(max_length=64_000_000)]


class LatchOrder(Message, frozen=True, kw_only=True):
    """Groundlink to a latch controller."""

    at_s: Finite
    open: bool


class LatchReport(Message, frozen=True, kw_only=True):
    """A latch controller to groundlink."""

    at_s: Finite
    state: LatchState


class Actor(Message, frozen=True, kw_only=True):
    """Something that the drawn world shows: the truth that detections are measured against."""

    kind: Name
    position: Position
    speed_m_s: Finite


class WorldState(Message, frozen=True, kw_only=True):
    """The simulated world's truth, for reports and tests; nothing that flies may read it."""

    sent_s: Finite
    aircraft: Position | None
    vehicle: Position  # of the roof pad
    vehicle_heading_rad: Finite
    seated: bool
    actors: list[Actor]
    faults: list[Sentence] = []  # what cannot happen to a real aircraft: it left its seat while the latch held it, say


class Order(Message, frozen=True, kw_only=True):
    """A client (command line, page, voice) to the groundlink daemon."""

    id: Identifier
    verb: Verb
    mission: Annotated[str, Meta(max_length=16_384)] | None = None  # a mission file's text; None: the vehicle's default
    words: Sentence = ""  # what was said, where it was said
    asked_again: bool = False  # it has been given: tell what became of it, and never give it anew


class Answer(Message, frozen=True, kw_only=True):
    """The daemon to its client. Stages ACCEPTED may come several times (progress); one of the others ends it."""

    order_id: Identifier
    stage: Stage
    sentence: Sentence


class VideoState(Message, frozen=True, kw_only=True):
    """The receiving end of the video: what a watcher gets."""

    sent_s: Finite
    frames_per_s: Finite
    frames_received: Count
    frames_lost: Count
    latency_p50_ms: Finite | None  # capture to decoded
    latency_p95_ms: Finite | None
    kilobits_per_s: Finite
    objects: Count | None  # in the newest detections; None: nobody looks now (on the ground, say)
    objects_valid: bool = True  # False: the detector does not work
    reason: Sentence = ""  # what is wrong with the receiving or the recording; empty: nothing


class ConsoleState(Message, frozen=True, kw_only=True):
    """The daemon to its watchers: everything one look should tell."""

    sent_s: Finite
    aircraft: AircraftState | None
    aircraft_age_s: Finite | None
    round_trip_s: Finite | None
    clock_offset_s: Finite | None  # the aircraft's clock minus the vehicle's
    vehicle: VehicleState
    latch_reason: Sentence
    video: VideoState | None
    warnings: list[Sentence]
