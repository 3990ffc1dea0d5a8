"""What comes over the links by itself: heartbeats, streams, boot, time."""

from __future__ import annotations

import itertools

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.log import NUMBERS, Log
from tests.sitl.conformance.vehicle import Vehicle

SAMPLE_S = 20.0
ONBOARD_HZ = {
    "HEARTBEAT": 1.0,
    "SYS_STATUS": 5.0,
    "SYSTEM_TIME": 1.0,
    "PING": 1.0,
    "GPS_RAW_INT": 8.0,
    "SCALED_PRESSURE": 1.0,
    "ATTITUDE": 100.0,
    "ATTITUDE_QUATERNION": 50.0,
    "LOCAL_POSITION_NED": 30.0,
    "GLOBAL_POSITION_INT": 50.0,
    "SERVO_OUTPUT_RAW": 10.0,
    "MISSION_CURRENT": 1.0,
    "VFR_HUD": 10.0,
    "ATTITUDE_TARGET": 10.0,
    "POSITION_TARGET_LOCAL_NED": 10.0,
    "HIGHRES_IMU": 50.0,
    "TIMESYNC": 10.0,
    "DISTANCE_SENSOR": 10.0,
    "ALTITUDE": 10.0,
    "BATTERY_STATUS": 0.5,
    "ESTIMATOR_STATUS": 1.0,
    "VIBRATION": 0.5,
    "HOME_POSITION": 0.5,
    "EXTENDED_SYS_STATE": 5.0,
    "ODOMETRY": 30.0,
    "CURRENT_MODE": 0.5,
    "OPEN_DRONE_ID_LOCATION": 1.0,
    "OPEN_DRONE_ID_SYSTEM": 1.0,
}
GCS_HZ = {
    "HEARTBEAT": 1.0,
    "SYS_STATUS": 1.0,
    "GPS_RAW_INT": 5.0,
    "SCALED_PRESSURE": 1.0,
    "ATTITUDE": 50.0,
    "ATTITUDE_QUATERNION": 50.0,
    "LOCAL_POSITION_NED": 50.0,
    "GLOBAL_POSITION_INT": 50.0,
    "SERVO_OUTPUT_RAW": 50.0,
    "MISSION_CURRENT": 1.0,
    "VFR_HUD": 4.0,
    "ATTITUDE_TARGET": 50.0,
    "POSITION_TARGET_LOCAL_NED": 50.0,
    "DISTANCE_SENSOR": 0.5,
    "ALTITUDE": 1.0,
    "BATTERY_STATUS": 0.5,
    "ESTIMATOR_STATUS": 0.5,
    "VIBRATION": 0.1,
    "HOME_POSITION": 0.5,
    "EXTENDED_SYS_STATE": 1.0,
    "CURRENT_MODE": 0.5,
    "OPEN_DRONE_ID_LOCATION": 1.0,
    "OPEN_DRONE_ID_SYSTEM": 1.0,
    "PING": 0.1,
}
UNNAMED_HZ = {8: 1.0, 380: 0.5, 411: 0.3}  # LINK_NODE_STATUS, TIME_ESTIMATE_TO_TARGET, CURRENT_EVENT_SEQUENCE


def test_S3_heartbeat(vehicle: Vehicle) -> None:
    vehicle.run(4.3)
    vehicle.companion.long(mavlink.MAV_CMD_DO_SET_MODE, 1, 3, 0)  # a change of mode sends none out of turn
    vehicle.run(6)
    seen = vehicle.onboard.of("HEARTBEAT")
    assert len(seen) >= 10
    for before, after in itertools.pairwise(seen):
        assert after.t_s - before.t_s == pytest.approx(1.0, abs=0.05)
    for _, message in seen:
        assert (message.type, message.autopilot, message.mavlink_version) == (2, 12, 3)


def test_S3_mode_change_shows_within_a_heartbeat(vehicle: Vehicle) -> None:
    for mode in ("ALTCTL", "LOITER", "POSCTL", "LOITER"):
        since_s = vehicle.now_s
        vehicle.set_mode(mode)
        assert vehicle.now_s - since_s < 1.1


def test_S1_sends_mavlink_2_as_system_instance_plus_1(vehicle: Vehicle) -> None:
    vehicle.run(3)
    for log in (vehicle.onboard, vehicle.gcs):
        own = [frame for frame in log.frames if frame.source == (vehicle.system, 1)]
        assert len(own) > 100
        assert {frame.version for frame in own} == {2}


def test_S6_boot(start: Start) -> None:
    """Times are PX4's own, which starts counting 0.3 to 0.7 s after its process; its start script runs in wall time."""
    vehicle = start(ready=False, speed=1.0)
    vehicle.until(lambda: vehicle.onboard.has("HEARTBEAT"), 3.0, "HEARTBEAT")
    assert (vehicle.mode, vehicle.status) == ("LOITER", 0)
    vehicle.until(lambda: vehicle.onboard.has("HOME_POSITION"), 4.0, "HOME_POSITION")
    assert vehicle.now_s == pytest.approx(2.2, abs=0.6)
    vehicle.until(lambda: vehicle.onboard.has("GLOBAL_POSITION_INT"), 4.0, "GLOBAL_POSITION_INT")
    assert vehicle.now_s == pytest.approx(2.4, abs=0.8)
    vehicle.wait_ready(7.0)
    assert vehicle.now_s == pytest.approx(4.3, abs=0.9)
    vehicle.run(3)
    assert len(vehicle.onboard.of("GPS_GLOBAL_ORIGIN")) == 1
    assert vehicle.mode == "LOITER"


@pytest.mark.parametrize("link", ["onboard", "gcs"])
def test_S7_rates(vehicle: Vehicle, link: str) -> None:
    """Within 5 %, and one message more or less at the ends of the sample."""
    since_s = vehicle.mark()
    vehicle.run(SAMPLE_S)
    log: Log = getattr(vehicle, link)
    wanted = ONBOARD_HZ if link == "onboard" else GCS_HZ
    numbers = {NUMBERS[name]: hz for name, hz in wanted.items()} | UNNAMED_HZ
    until_s = since_s + SAMPLE_S
    wrong = {}
    for number, hz in numbers.items():
        count = sum(since_s <= frame.t_s < until_s for frame in log.raw(number))
        if abs(count - hz * SAMPLE_S) > max(1.0, 0.05 * hz * SAMPLE_S):
            wrong[number] = (count / SAMPLE_S, hz)
    assert wrong == {}
    own = {frame.number for frame in log.frames if frame.source == (vehicle.system, 1) and frame.t_s >= since_s}
    assert own - set(numbers) == set()


def test_S7_streams_stop_and_resume(vehicle: Vehicle) -> None:
    """An interval holds for the link it was asked on; 0 is the default again."""
    attitude, interval = mavlink.MAVLINK_MSG_ID_ATTITUDE, mavlink.MAV_CMD_SET_MESSAGE_INTERVAL
    for interval_us, onboard_hz in ((-1, 0.0), (50_000, 20.0), (0, 100.0)):
        assert vehicle.companion.answer(interval, attitude, interval_us) == 0
        vehicle.run(0.5)
        since_s = vehicle.now_s
        vehicle.run(4)
        assert vehicle.onboard.rate_hz("ATTITUDE", since_s, since_s + 4) == pytest.approx(onboard_hz, rel=0.05, abs=0.3)
        assert vehicle.gcs.rate_hz("ATTITUDE", since_s, since_s + 4) == pytest.approx(50.0, rel=0.05)


def test_S7_interval_is_told(vehicle: Vehicle) -> None:
    told = {}
    for number in (mavlink.MAVLINK_MSG_ID_ATTITUDE, mavlink.MAVLINK_MSG_ID_HEARTBEAT, mavlink.MAVLINK_MSG_ID_RAW_IMU):
        assert vehicle.companion.answer(mavlink.MAV_CMD_GET_MESSAGE_INTERVAL, number) == 0
        message = vehicle.onboard.last("MESSAGE_INTERVAL")
        assert message.message_id == number
        told[number] = message.interval_us
    assert told[mavlink.MAVLINK_MSG_ID_ATTITUDE] == 10_000
    assert told[mavlink.MAVLINK_MSG_ID_HEARTBEAT] == 1_000_000


def test_S12_answers_timesync_at_once(vehicle: Vehicle) -> None:
    since_s = vehicle.mark()
    vehicle.companion.send(mavlink.MAVLink_timesync_message(0, 123_456_789))
    sent_s = vehicle.now_s
    vehicle.until(lambda: any(s.message.tc1 for s in vehicle.onboard.of("TIMESYNC", since_s)), 0.5, "TIMESYNC reply")
    (seen,) = [seen for seen in vehicle.onboard.of("TIMESYNC", since_s) if seen.message.tc1]
    assert seen.message.ts1 == 123_456_789
    assert seen.t_s - sent_s < 0.035  # 10 ms, and 20 ms of reading the clock
    assert seen.message.tc1 / 1e9 == pytest.approx(seen.t_s, abs=0.05)


def test_S12_sends_timesync_itself(vehicle: Vehicle) -> None:
    since_s = vehicle.now_s
    vehicle.run(5)
    own = [seen for seen in vehicle.onboard.of("TIMESYNC", since_s) if seen.message.tc1 == 0]
    assert len(own) == pytest.approx(50, abs=3)
    for t_s, message in own:
        assert message.ts1 / 1e9 == pytest.approx(t_s, abs=0.05)


def test_S13_a_ground_station_counts_from_any_system(vehicle: Vehicle) -> None:
    vehicle.set(COM_DL_LOSS_T=5)
    vehicle.ground.heartbeats = False
    vehicle.run(9)
    since_s = vehicle.mark()
    vehicle.station(vehicle.ground.link, (42, 7), mavlink.MAV_TYPE_GCS)
    vehicle.until(lambda: vehicle.said("GCS connection regained", since_s), 3.0, "the other ground station noticed")


def test_S13_a_ground_station_is_gone_after_2_5_s(vehicle: Vehicle) -> None:
    """Seen in what it is told: STATUSTEXT goes to a link with a living ground station only."""
    vehicle.ground.heartbeats = False
    vehicle.run(4.2)
    vehicle.companion.long(mavlink.MAV_CMD_DO_FIGURE_EIGHT)
    vehicle.run(1)
    assert not vehicle.said("Figure 8")
    vehicle.ground.heartbeats = True
    vehicle.run(1)
    assert vehicle.said("Figure 8")


def test_S13_a_companion_counts_from_its_own_system_only(vehicle: Vehicle) -> None:
    foreign = vehicle.station(vehicle.companion.link, (vehicle.system + 50, 191), mavlink.MAV_TYPE_ONBOARD_CONTROLLER)
    vehicle.run(2)
    vehicle.companion.heartbeats = False
    took_s = vehicle.until(lambda: vehicle.said("Connection to mission computer lost"), 9.0, "loss of the companion")
    assert took_s == pytest.approx(6.3, abs=1.6)
    since_s = vehicle.mark()
    vehicle.run(2)
    assert foreign.heartbeats
    assert not vehicle.said("Onboard controller regained", since_s)
    own = vehicle.station(vehicle.companion.link, (vehicle.system, 195), mavlink.MAV_TYPE_ONBOARD_CONTROLLER)
    vehicle.until(lambda: vehicle.said("Onboard controller regained", since_s), 3.0, "return of a companion")
    own.heartbeats = False


def test_S2_little_waits_to_be_forwarded(vehicle: Vehicle) -> None:
    """Some 580 bytes for each link: of twenty long messages in one datagram fewer than half go on."""
    mav = mavlink.MAVLink(None, *vehicle.companion.identity)
    text = b"x" * 50
    since_s = vehicle.mark()
    vehicle.companion.send_bytes(b"".join(mavlink.MAVLink_statustext_message(6, text).pack(mav) for _ in range(20)))
    vehicle.run(1.0)
    passed = [frame for frame in vehicle.gcs.frames if frame.t_s >= since_s and frame.number == NUMBERS["STATUSTEXT"]]
    assert 6 <= len([frame for frame in passed if frame.source == vehicle.companion.identity]) <= 14
