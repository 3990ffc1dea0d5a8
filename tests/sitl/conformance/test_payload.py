"""S65, S66, S67: gripper, actuators and regions of interest, and the gimbal manager as an option."""

from __future__ import annotations

import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import NAN, Vehicle

GRIPPER = mavlink.MAV_CMD_DO_GRIPPER
CONFIGURE = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_CONFIGURE
PITCH_YAW = mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW
RELEASE, GRAB = 0, 1
ACCEPTED, REJECTED, DENIED, FAILED, IN_PROGRESS, CANCELLED = 0, 1, 2, 4, 5, 6
WITH_GIMBAL = {"MNT_MODE_IN": 4, "MNT_MODE_OUT": 0}


def test_S65_the_gripper_takes_a_second(vehicle: Vehicle) -> None:
    assert vehicle.companion.answers(GRIPPER, 1, GRAB) == [ACCEPTED], "it grabbed at the start"
    since_s = vehicle.mark()
    assert vehicle.companion.answers(GRIPPER, 1, RELEASE, within_s=1.4) == [IN_PROGRESS, ACCEPTED]
    first, second = vehicle.onboard.of("COMMAND_ACK", since_s)
    assert (first.message.progress, second.message.progress) == (255, 0)
    assert 0.95 < second.t_s - first.t_s < 1.2
    assert vehicle.companion.answers(GRIPPER, 1, RELEASE) == [ACCEPTED]
    assert vehicle.companion.answers(GRIPPER, 1, GRAB, within_s=1.4) == [IN_PROGRESS, ACCEPTED]


def test_S65_while_it_moves_the_same_is_rejected_and_the_opposite_cancels(vehicle: Vehicle) -> None:
    assert vehicle.companion.answers(GRIPPER, 1, RELEASE, within_s=0.2) == [IN_PROGRESS]
    assert vehicle.companion.answers(GRIPPER, 1, RELEASE, within_s=0.2) == [REJECTED]
    assert vehicle.companion.answers(GRIPPER, 1, GRAB, within_s=1.6) == [CANCELLED, IN_PROGRESS, ACCEPTED]


@pytest.mark.parametrize(
    "action", [pytest.param(7, id="S65 7"), pytest.param(-1, id="S65 -1"), pytest.param(NAN, id="S65 NaN")]
)
def test_what_is_neither_is_denied(vehicle: Vehicle, action: float) -> None:
    assert vehicle.companion.answers(GRIPPER, 1, action) == [DENIED]


def test_S65_without_one_it_fails(start: Start) -> None:
    vehicle = start({"PD_GRIPPER_TYPE": -1})
    assert vehicle.companion.answers(GRIPPER, 1, GRAB) == [FAILED]


@pytest.mark.parametrize(
    ("command", "params"),
    [
        pytest.param(mavlink.MAV_CMD_DO_SET_ACTUATOR, (0.5, NAN, NAN, NAN, NAN, NAN, 0), id="S66 actuator"),
        pytest.param(mavlink.MAV_CMD_DO_SET_ACTUATOR, (9.0, NAN, NAN, NAN, NAN, NAN, 7), id="S66 actuator out of range"),
        pytest.param(mavlink.MAV_CMD_DO_CHANGE_SPEED, (1, 5, -1), id="S66 speed"),
        pytest.param(mavlink.MAV_CMD_DO_SET_ROI_NONE, (), id="S66 no region"),
        pytest.param(mavlink.MAV_CMD_DO_SET_ROI_WPNEXT_OFFSET, (), id="S66 next waypoint"),
        pytest.param(mavlink.MAV_CMD_DO_SET_ROI_LOCATION, (0, 0, 0, 0, 48.8584, 2.2945, 35), id="S66 location"),
        pytest.param(mavlink.MAV_CMD_DO_SET_ROI, (3, 0, 0, 0, 48.8584, 2.2945, 35), id="S66 old region"),
    ],
)
def test_is_accepted_whatever_comes_of_it(vehicle: Vehicle, command: int, params: tuple[float, ...]) -> None:
    assert vehicle.companion.answers(command, *params) == [ACCEPTED]


# S67


def attitude(vehicle: Vehicle) -> tuple[float, float]:
    """Pitch and yaw of the gimbal in degrees, from the newest message."""
    w, x, y, z = vehicle.onboard.last("GIMBAL_DEVICE_ATTITUDE_STATUS").q
    pitch = math.asin(max(-1.0, min(1.0, 2.0 * (w * y - z * x))))
    return math.degrees(pitch), math.degrees(math.atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z)))


def control(vehicle: Vehicle) -> tuple[int, int]:
    """Who is in control, from a message that came after now."""
    vehicle.run(2.2)
    status = vehicle.onboard.last("GIMBAL_MANAGER_STATUS")
    return status.primary_control_sysid, status.primary_control_compid


def test_S67_without_a_gimbal_there_is_silence(vehicle: Vehicle) -> None:
    assert vehicle.companion.answers(CONFIGURE, vehicle.system, 191, -1, -1) == []
    assert vehicle.companion.answers(PITCH_YAW, -30, 0, NAN, NAN, 12) == []
    assert vehicle.companion.request(280) == DENIED
    assert not vehicle.onboard.has("GIMBAL_MANAGER_STATUS")


def test_S67_it_tells_about_itself(start: Start) -> None:
    vehicle = start(WITH_GIMBAL)
    assert [vehicle.companion.request(number) for number in (280, 281, 283, 285, 148)] == [0, 0, DENIED, 0, 0]
    told = vehicle.onboard.last("GIMBAL_MANAGER_INFORMATION")
    assert (told.cap_flags, told.gimbal_device_id) == (132530, 1)
    assert (told.pitch_min, told.pitch_max, told.yaw_min, told.yaw_max) == (-90.0, 90.0, -360.0, 360.0)
    assert vehicle.onboard.last("AUTOPILOT_VERSION").capabilities == 0x4E8FF
    since_s = vehicle.now_s
    vehicle.run(10.0)
    assert vehicle.onboard.rate_hz("GIMBAL_DEVICE_ATTITUDE_STATUS", since_s, vehicle.now_s) == pytest.approx(1.0, abs=0.15)
    assert vehicle.onboard.rate_hz("GIMBAL_MANAGER_STATUS", since_s, vehicle.now_s) == pytest.approx(0.5, abs=0.15)
    assert attitude(vehicle) == (0.0, 0.0)
    assert vehicle.onboard.last("GIMBAL_MANAGER_STATUS").flags == 12


def test_S67_control_is_given_by_number_and_minus_two_means_the_autopilot(start: Start) -> None:
    vehicle = start(WITH_GIMBAL)
    own = (vehicle.system, 191)
    assert control(vehicle) == (0, 0)
    assert vehicle.companion.answers(PITCH_YAW, -30, 20, NAN, NAN, 12) == [DENIED]
    assert vehicle.companion.answers(CONFIGURE, -2, -2, -1, -1) == [ACCEPTED]
    assert control(vehicle) == (vehicle.system, 1)
    assert vehicle.companion.answers(PITCH_YAW, -30, 20, NAN, NAN, 12) == [DENIED]
    assert vehicle.companion.answers(CONFIGURE, *own, -1, -1) == [ACCEPTED]
    assert control(vehicle) == own
    assert vehicle.ground.answers(CONFIGURE, -3, -3, -1, -1) == [ACCEPTED]
    assert control(vehicle) == own, "only who has control can let go of it"
    assert vehicle.companion.answers(CONFIGURE, 300, 300, -1, -1) == [ACCEPTED]
    assert control(vehicle) == own
    assert vehicle.companion.answers(CONFIGURE, -3, -3, -1, -1) == [ACCEPTED]
    assert control(vehicle) == (0, 0)


def test_S67_it_points_where_it_is_told(start: Start) -> None:
    vehicle = start(WITH_GIMBAL)
    vehicle.companion.answers(CONFIGURE, vehicle.system, 191, -1, -1)
    for pitch, yaw, flags, seen in ((-30, 20, 12, (-30, 20)), (-80, -40, 28, (-45, -40)), (-20, 10, 2, (0, 0))):
        assert vehicle.companion.answers(PITCH_YAW, pitch, yaw, NAN, NAN, flags) == [ACCEPTED]
        vehicle.run(1.2)
        assert attitude(vehicle) == pytest.approx(seen, abs=0.5)
        if flags != 2:
            assert vehicle.onboard.last("GIMBAL_DEVICE_ATTITUDE_STATUS").flags == flags
    assert vehicle.companion.answers(PITCH_YAW, NAN, NAN, -5, 10, 12) == [ACCEPTED]
    vehicle.run(4.0)
    assert attitude(vehicle) == pytest.approx((-10, 20), abs=1.0), "2 s at that rate"


def test_S67_messages_point_it_as_well(start: Start) -> None:
    vehicle = start(WITH_GIMBAL)
    vehicle.companion.answers(CONFIGURE, vehicle.system, 191, -1, -1)
    half = math.radians(-20.0) / 2.0
    q = [math.cos(half), 0.0, math.sin(half), 0.0]
    vehicle.companion.send(mavlink.MAVLink_gimbal_manager_set_attitude_message(vehicle.system, 1, 12, 0, q, NAN, NAN, NAN))
    vehicle.run(1.5)
    assert attitude(vehicle) == pytest.approx((-20.0, 0.0), abs=0.5)


def test_S67_anybody_points_it_with_the_old_protocol_and_with_regions(start: Start) -> None:
    vehicle = start(WITH_GIMBAL)
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_MOUNT_CONTROL, -25, 0, 10, 0, 0, 0, 2) == [ACCEPTED]
    vehicle.run(1.2)
    assert attitude(vehicle) == pytest.approx((-25.0, 10.0), abs=0.5)
    vehicle.companion.answer_placed(mavlink.MAV_CMD_DO_SET_ROI_LOCATION, (0, 0, 0, 0), vehicle.place(0.0, 50.0, 0.0))
    vehicle.run(1.5)
    assert attitude(vehicle) == pytest.approx((0.0, 90.0), abs=2.5)
    assert vehicle.onboard.last("GIMBAL_DEVICE_ATTITUDE_STATUS").flags & 16
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_SET_ROI_NONE) == ACCEPTED
    vehicle.run(1.5)
    assert attitude(vehicle) == pytest.approx((0.0, 0.0), abs=0.5)


def test_S67_a_return_stows_it_and_nobody_is_in_control(start: Start) -> None:
    vehicle = start(WITH_GIMBAL)
    vehicle.companion.answers(CONFIGURE, vehicle.system, 191, -1, -1)
    vehicle.take_off(5.0)
    vehicle.companion.answers(PITCH_YAW, -30, 0, NAN, NAN, 12)
    vehicle.run(1.2)
    assert attitude(vehicle) == pytest.approx((-30.0, 0.0), abs=0.5)
    vehicle.set_mode("RTL")
    assert control(vehicle) == (0, 0)
    assert attitude(vehicle) == pytest.approx((0.0, 0.0), abs=0.5)


@pytest.mark.parametrize(
    ("way", "mount", "region"),
    [
        pytest.param(1, False, False, id="S67 sticks"),
        pytest.param(2, False, True, id="S67 regions of interest"),
        pytest.param(3, True, False, id="S67 mount"),
    ],
)
def test_other_ways_to_steer_a_gimbal(start: Start, way: int, mount: bool, region: bool) -> None:
    """MNT_MODE_IN: it is there and tells where it points, but has no manager."""
    vehicle = start({"MNT_MODE_IN": way})
    vehicle.run(2.5)
    assert vehicle.onboard.has("GIMBAL_DEVICE_ATTITUDE_STATUS") and not vehicle.onboard.has("GIMBAL_MANAGER_STATUS")
    assert vehicle.companion.answers(CONFIGURE, vehicle.system, 191, -1, -1) == []
    assert vehicle.companion.answers(PITCH_YAW, -30, 20) == []
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_MOUNT_CONTROL, -20, 0, 10, 0, 0, 0, 2) == ([0] if mount else [])
    vehicle.run(1.2)
    assert (abs(vehicle.onboard.last("MOUNT_ORIENTATION").yaw - 10.0) < 0.5) == mount
    assert vehicle.companion.answers(mavlink.MAV_CMD_DO_SET_ROI_LOCATION, 0, 0, 0, 0, 48.859, 2.2945, 35) == [0]
    vehicle.run(1.2)
    assert bool(vehicle.onboard.last("GIMBAL_DEVICE_ATTITUDE_STATUS").flags & 16) == region


def test_S67_where_it_points_is_told_ten_times_a_second(start: Start) -> None:
    vehicle = start(WITH_GIMBAL)
    since_s = vehicle.now_s
    vehicle.run(5)
    for log in (vehicle.onboard, vehicle.gcs):
        assert log.rate_hz("MOUNT_ORIENTATION", since_s, vehicle.now_s) == pytest.approx(10.0, rel=0.1)
