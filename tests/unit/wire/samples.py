"""One message of each topic, every field set to something of its own: what the golden bytes are made of."""

from __future__ import annotations

from wire import messages as m
from wire.geo import Ned, Position

ROOF = Position(47.397742, 8.545594, 489.4)
ECHO = m.Echo(peer_sent_s=12.25, received_s=99.5)
LATCH = m.LatchState(open=True, closed=False, seated=True, valid=False)
POSE = m.Pose(
    at_s=7.5, position=ROOF, attitude=(0.5, -0.5, 0.5, -0.5), height_m=11.5, airborne=True, ground_amsl_m=487.4,
    seek_pad=True,
)  # fmt: skip
SURVEY = m.Survey(centre=ROOF, radius_m=25.0, speed_m_s=6.0, swept_rad=1.5, wanted_rad=6.25, wanted_s=60.0, elapsed_s=10.5)
STATE = m.AircraftState(
    sent_s=100.25, sequence=7, phase=m.Phase.SURVEYING, phase_since_s=60.5, reason="at the circle", mission="a-mission",
    armed=True, mode="orbit", landed=m.Landed.IN_AIR, failsafe=False, position=ROOF,
    velocity_ned_m_s=Ned(1.5, -2.5, 0.25), heading_rad=1.25, height_m=25.5, distance_m=24.5, home=ROOF,
    battery_percent=80.0, autopilot_age_s=0.25, uplink_age_s=0.5, latch_request=m.LatchRequest.KEEP,
    other_ground_station=True, survey=SURVEY, echo=ECHO, vision_age_s=0.75, ready_to_arm=True,
)  # fmt: skip
VEHICLE = m.VehicleState(
    sent_s=200.5, sequence=9, position=ROOF, position_age_s=0.25, speed_m_s=1.5, latch=LATCH, latch_age_s=0.125, echo=ECHO
)
VIDEO = m.VideoState(
    sent_s=3.5, frames_per_s=14.5, frames_received=90, frames_lost=2, latency_p50_ms=20.5, latency_p95_ms=41.5,
    kilobits_per_s=900.5, objects=3, objects_valid=False, reason="the disk is full",
)  # fmt: skip
DETECTION = m.Detection(
    track_id=4, kind="person", confidence=0.75, box_px=(1.5, 2.5, 3.5, 4.5), position=ROOF,
    velocity_north_m_s=0.5, velocity_east_m_s=-0.5,
)  # fmt: skip

SAMPLES: dict[str, m.Message] = {
    "state": STATE,
    "event": m.Event(at_s=1.5, sequence=3, kind="phase", sentence="holding: hold ordered"),
    "reply": m.Reply(command_id="abcdefgh-1", stage=m.Stage.DONE, sentence="airborne", at_s=2.5),
    "command": m.Command(
        id="abcdefgh-1", verb=m.Verb.LAUNCH, operator="operator", issued_s=10.5, expires_s=13.5, mission_yaml="name: x"
    ),
    "vehicle": VEHICLE,
    "pose": POSE,
    "pad_sighting": m.PadSighting(
        captured_s=8.125, sequence=15, marker_id=3, offset_ned_m=Ned(0.5, -0.25, 11.5), side_px=25.5, misfit=0.0625,
        reason="seen twice",
    ),
    "vision_state": m.VisionState(
        sent_s=4.5, camera_valid=True, reason="ok", frames_per_s=15.5, frames_dropped=1, encode_ms=5.5, detect_ms=9.5,
        landing_reason="no landing camera", marker_ms=6.5,
    ),
    "video": m.VideoPacket(
        captured_s=8.5, sequence=11, codec="h264", keyframe=True, width=640, height=480, data=b"\x00\x01\xff", pose=POSE
    ),
    "video_request": m.VideoRequest(at_s=9.5, sequence=12),
    "detections": m.Detections(captured_s=8.75, sequence=13, objects=[DETECTION], valid=True, reason="looked"),
    "frame": m.CameraFrame(captured_s=8.25, sequence=14, width=16, height=16, bgr=b"\x01\x02\x03"),
    "latch_order": m.LatchOrder(at_s=5.5, open=True),
    "latch_report": m.LatchReport(at_s=5.75, state=LATCH),
    "world_state": m.WorldState(
        sent_s=6.5, aircraft=ROOF, vehicle=ROOF, vehicle_heading_rad=0.5, seated=True,
        actors=[m.Actor(kind="car", position=ROOF, speed_m_s=8.5)], faults=["a fault"],
    ),
    "order": m.Order(id="abcdefgh-2", verb=m.Verb.ABORT, mission="name: y", words="come back", asked_again=True),
    "answer": m.Answer(order_id="abcdefgh-2", stage=m.Stage.REFUSED, sentence="no"),
    "video_state": VIDEO,
    "console": m.ConsoleState(
        sent_s=6.75, aircraft=STATE, aircraft_age_s=0.25, round_trip_s=0.125, clock_offset_s=-100.5, vehicle=VEHICLE,
        latch_reason="kept", video=VIDEO, warnings=["a warning"],
    ),
}  # fmt: skip
