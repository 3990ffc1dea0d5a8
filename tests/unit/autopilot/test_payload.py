"""Gripper and gimbal: answers over all states, and what the flight does to them."""

from __future__ import annotations

import itertools
import math

import pytest
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.parameters import Parameters
from sitl.autopilot.payload.gimbal import Gimbal, Surroundings
from sitl.autopilot.payload.gripper import GRAB, RELEASE, Gripper
from sitl.autopilot.payload.orders import DO_GRIPPER, Answer, Order
from sitl.autopilot.protocol.links import LinkName, Peer
from tests.unit.autopilot.harness import HOME, NAN, Companion
from wire.geo import Ned, offset

ME, OTHER = Peer(1, 191), Peer(255, 190)
ACCEPTED, REJECTED, DENIED, FAILED, IN_PROGRESS, CANCELLED = 0, 1, 2, 4, 5, 6
DONE_S = 1.05


def order(action: float | None, sender: Peer | None = ME) -> Order:
    return Order(DO_GRIPPER, (1.0, action, None, None, None, None, None), sender)


def settled(holding: int) -> Gripper:
    """A gripper that has come to rest holding, or not."""
    gripper = Gripper(Parameters())
    for step in range(30):
        gripper.update(step * 0.1)
    if holding == RELEASE:
        gripper.order(order(RELEASE), 3.0)
        for step in range(30):
            gripper.update(3.0 + step * 0.1)
    assert (gripper.holds, gripper.moving) == (holding, False)
    return gripper


def results(answers: list[Answer]) -> list[tuple[Peer, int, int]]:
    return [(answer.to, answer.result, answer.progress) for answer in answers]


@pytest.mark.parametrize("action", [GRAB, RELEASE])
def test_at_rest_what_is_so_is_accepted_and_what_is_not_takes_its_time(action: int) -> None:
    gripper = settled(action)
    assert results(gripper.order(order(action), 10.0)) == [(ME, ACCEPTED, 0)]
    assert results(gripper.order(order(1 - action), 10.0)) == [(ME, IN_PROGRESS, 255)]
    assert gripper.update(10.5) == []
    assert results(gripper.update(10.0 + DONE_S)) == [(ME, ACCEPTED, 0)]
    assert gripper.holds == 1 - action


@pytest.mark.parametrize("action", [GRAB, RELEASE])
def test_while_it_moves_the_same_is_rejected_and_the_opposite_cancels(action: int) -> None:
    gripper = settled(1 - action)
    gripper.order(order(action), 10.0)
    assert results(gripper.order(order(action, OTHER), 10.2)) == [(OTHER, REJECTED, 0)]
    assert results(gripper.order(order(1 - action, OTHER), 10.4)) == [(ME, CANCELLED, 0), (OTHER, IN_PROGRESS, 255)]
    assert gripper.update(10.0 + DONE_S) == []
    assert results(gripper.update(10.4 + DONE_S)) == [(OTHER, ACCEPTED, 0)]


@pytest.mark.parametrize("action", [7.0, -1.0, None, 1e30])
def test_what_is_neither_is_denied(action: float | None) -> None:
    gripper = settled(GRAB)
    assert results(gripper.order(order(action), 10.0)) == [(ME, DENIED, 0)]
    gripper.order(order(RELEASE), 11.0)
    assert results(gripper.order(order(action, OTHER), 11.1)) == [(ME, CANCELLED, 0), (OTHER, DENIED, 0)]
    assert results(gripper.update(11.0 + DONE_S)) == [(ME, ACCEPTED, 0)], "it goes on with what it did"


def test_without_one_it_fails_and_it_can_be_fitted_in_flight() -> None:
    parameters = Parameters({"PD_GRIPPER_TYPE": -1.0})
    gripper = Gripper(parameters)
    gripper.update(1.0)
    assert results(gripper.order(order(GRAB), 2.0)) == [(ME, FAILED, 0)]
    parameters["PD_GRIPPER_TYPE"] = 0.0
    assert gripper.update(3.0) == []
    assert results(gripper.order(order(GRAB), 3.5)) == [(ME, REJECTED, 0)], "it grabs by itself"


def test_nobody_is_told_of_what_a_mission_ordered() -> None:
    gripper = settled(GRAB)
    assert gripper.order(order(RELEASE, None), 10.0) == []
    assert gripper.update(10.0 + DONE_S) == []
    assert gripper.holds == RELEASE


def test_a_command_gets_two_acknowledgements_the_first_with_progress() -> None:
    companion = Companion()
    companion.run(5.0)
    companion.long(211, 1.0, 0.0)
    companion.run(2.0)
    acks = [m for m in companion.messages if m.get_type() == "COMMAND_ACK"]
    assert [(ack.result, ack.progress) for ack in acks] == [(IN_PROGRESS, 255), (ACCEPTED, 0)]
    assert 0.95 < companion.acks[1][0] - companion.acks[0][0] < 1.2


# Gimbal

GIMBAL = {"MNT_MODE_IN": 4.0, "MNT_MODE_OUT": 0.0}
LEVEL = Surroundings(HOME, (0.0, 0.0, 0.0), landed=False)


def gimbal(**parameters: float) -> Gimbal:
    return Gimbal(Parameters({**GIMBAL, **parameters}))


def configure(system: float | None, component: float | None, sender: Peer = ME) -> Order:
    return Order(1001, (system, component, -1.0, -1.0, None, None, 0.0), sender)


def pitch_yaw(
    pitch: float | None, yaw: float | None, flags: float = 12.0, rates: tuple[float | None, ...] = (None, None)
) -> Order:
    return Order(1000, (pitch, yaw, *rates, flags, None, 0.0), ME)


WHO = [0.0, 1.0, 191.0, 255.0, -1.0, -2.0, -3.0, -4.0, 300.0, None]


@pytest.mark.parametrize("present", [Peer(0, 0), ME, OTHER])
@pytest.mark.parametrize(("system", "component"), list(itertools.product(WHO, WHO)))
def test_control_goes_where_it_is_told(present: Peer, system: float | None, component: float | None) -> None:
    device = gimbal()
    device.primary = present
    assert device.configure(configure(system, component)) == ACCEPTED

    def expected(told: float | None, have: int, own: int, mine: int) -> int:
        if told is not None and 0 <= told <= 255:
            return int(told)
        return own if told == -2 else 0 if told == -3 and have == mine else have

    wanted = (expected(system, present.system, 1, ME.system), expected(component, present.component, 1, ME.component))
    assert device.primary == wanted


def test_only_who_is_in_control_points_it() -> None:
    device = gimbal()
    assert device.pitch_yaw(pitch_yaw(-30.0, 20.0), 1.0) == DENIED
    device.configure(configure(-2.0, -2.0))
    assert device.pitch_yaw(pitch_yaw(-30.0, 20.0), 1.0) == DENIED, "the autopilot took control, not the sender"
    device.configure(configure(1.0, 191.0))
    assert device.pitch_yaw(pitch_yaw(-30.0, 20.0, 28.0), 1.0) == ACCEPTED
    device.update(LEVEL, 1.0, 0.02)
    assert device.angles == pytest.approx((0.0, math.radians(-30.0), math.radians(20.0)))
    assert device.flags == 28


def test_angles_keep_within_the_range_and_rates_end_after_two_seconds() -> None:
    device = gimbal()
    device.configure(configure(1.0, 191.0))
    device.pitch_yaw(pitch_yaw(-80.0, 0.0), 1.0)
    device.update(LEVEL, 1.0, 0.02)
    assert device.angles[1] == pytest.approx(math.radians(-45.0))
    device.pitch_yaw(pitch_yaw(None, None, 12.0, (5.0, 10.0)), 2.0)
    for step in range(200):
        device.update(LEVEL, 2.0 + step * 0.02, 0.02)
    assert device.angles[1:] == pytest.approx((math.radians(-35.0), math.radians(20.0)), abs=0.02)


def test_it_can_be_stabilized() -> None:
    device = gimbal(MNT_DO_STAB=1.0)
    device.configure(configure(1.0, 191.0))
    device.pitch_yaw(pitch_yaw(-20.0, 0.0), 1.0)
    device.update(Surroundings(HOME, (0.1, 0.2, 0.3), landed=False), 1.0, 0.02)
    assert device.angles == pytest.approx((-0.1, math.radians(-20.0) - 0.2, 0.0))


def test_neutral_is_ahead_and_retract_is_not_there() -> None:
    device = gimbal()
    device.configure(configure(1.0, 191.0))
    device.pitch_yaw(pitch_yaw(-20.0, 5.0), 1.0)
    device.pitch_yaw(pitch_yaw(-10.0, 0.0, 1.0), 1.1)
    device.update(LEVEL, 1.2, 0.02)
    assert device.angles[1] == pytest.approx(math.radians(-20.0))
    device.pitch_yaw(pitch_yaw(-10.0, 0.0, 2.0), 1.3)
    device.update(LEVEL, 1.4, 0.02)
    assert device.angles == pytest.approx((0.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ((-30.0, 10.0, 40.0, 0.0, 0.0, 0.0, 2.0), (10.0, -30.0, 40.0)),
        ((-30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0), (0.0, 0.0, 0.0)),
        ((-30.0, 0.0, 0.0, 0.0, 0.0, 0.0, 3.0), (0.0, 0.0, 0.0)),
    ],
)
def test_the_old_protocol_needs_no_control(params: tuple[float, ...], expected: tuple[float, ...]) -> None:
    device = gimbal()
    assert device.mount_control(Order(205, params, OTHER)) == ACCEPTED
    device.update(LEVEL, 1.0, 0.02)
    assert device.angles == pytest.approx([math.radians(angle) for angle in expected])


def test_the_old_protocol_points_to_places_and_frees_axes() -> None:
    device = gimbal()
    place = offset(HOME, Ned(0.0, 50.0, 50.0))
    device.mount_control(
        Order(205, (0.0, 0.0, 0.0, place.altitude_amsl_m, place.latitude_deg, place.longitude_deg, 4.0), OTHER)
    )
    device.update(LEVEL, 1.0, 0.02)
    assert device.angles == pytest.approx((0.0, math.radians(-45.0), math.radians(90.0)), abs=0.01)
    device.mount_configure(Order(204, (2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0), OTHER))
    assert device.flags == 4


def with_gimbal(**parameters: float) -> Companion:
    companion = Companion(parameters={**GIMBAL, **parameters})
    companion.gcs = True
    companion.watch(285)
    companion.watch(281)
    companion.run(5.0)
    return companion


def last(companion: Companion, kind: str) -> mavlink.MAVLink_message:
    return [message for message in companion.messages if message.get_type() == kind][-1]


def test_without_a_gimbal_there_is_silence() -> None:
    companion = Companion()
    companion.watch(285)
    companion.watch(281)
    companion.run(5.0)
    companion.long(1001, 1.0, 191.0, -1.0, -1.0)
    companion.long(1000, -10.0, 0.0, NAN, NAN)
    companion.send(mavlink.MAVLink_gimbal_manager_set_attitude_message(1, 1, 12, 0, [0.9, 0.0, -0.4, 0.0], NAN, NAN, NAN))
    companion.long(512, 280.0)
    companion.run(3.0)
    assert companion.acks == [(companion.acks[0][0], 512, 2)]
    assert not [message for message in companion.messages if message.get_type().startswith("GIMBAL")]


def test_it_tells_about_itself() -> None:
    companion = with_gimbal()
    companion.watched |= {280, 148}
    companion.long(512, 280.0)
    companion.long(512, 148.0)
    companion.run(4.0)
    told = last(companion, "GIMBAL_MANAGER_INFORMATION")
    assert (told.cap_flags, told.gimbal_device_id, told.pitch_min, told.pitch_max) == (132530, 1, -90.0, 90.0)
    assert last(companion, "GIMBAL_MANAGER_STATUS").flags == 12
    assert last(companion, "GIMBAL_DEVICE_ATTITUDE_STATUS").q == [1.0, 0.0, 0.0, 0.0]
    assert last(companion, "AUTOPILOT_VERSION").capabilities == 0x4E8FF
    rates = {number: companion.autopilot.links[LinkName.ONBOARD].default_rates_hz[number] for number in (281, 285)}
    assert rates == {281: 0.5, 285: 1.0}


def test_messages_point_it_like_commands() -> None:
    companion = with_gimbal()
    attitude = mavlink.MAVLink_gimbal_manager_set_attitude_message(1, 1, 12, 0, [0.9239, 0.0, -0.3827, 0.0], NAN, NAN, NAN)
    companion.send(attitude)
    companion.run(1.2)
    assert last(companion, "GIMBAL_DEVICE_ATTITUDE_STATUS").q == [1.0, 0.0, 0.0, 0.0], "not in control"
    companion.long(1001, 1.0, 191.0, -1.0, -1.0)
    companion.run(0.1)
    companion.send(attitude)
    companion.run(1.2)
    assert last(companion, "GIMBAL_DEVICE_ATTITUDE_STATUS").q == pytest.approx([0.9239, 0.0, -0.3827, 0.0], abs=1e-3)
    companion.send(mavlink.MAVLink_gimbal_manager_set_manual_control_message(1, 1, 12, 0, NAN, NAN, 0.0, 0.5))
    companion.run(3.0)
    assert companion.autopilot.pilot.payload.gimbal.angles[2] == pytest.approx(math.radians(30.0), abs=0.03)


def test_a_region_of_interest_is_looked_at_whoever_is_in_control_until_a_return_stows_it() -> None:
    companion = with_gimbal()
    companion.long(1001, 1.0, 191.0, -1.0, -1.0)
    companion.long(22, NAN, 0.0, 0.0, NAN, NAN, NAN, 55.0)
    companion.long(400, 1.0)
    companion.run(22.0)
    place = offset(HOME, Ned(0.0, -20.0, 0.0))
    companion.int(195, [0.0] * 4, (round(place.latitude_deg * 1e7), round(place.longitude_deg * 1e7), 35.0))
    companion.run(2.0)
    angles = companion.autopilot.pilot.payload.gimbal.angles
    assert angles[1:] == pytest.approx((math.radians(-44.0), math.radians(-90.0)), abs=0.08)
    assert last(companion, "GIMBAL_DEVICE_ATTITUDE_STATUS").flags & 16
    companion.long(20)
    companion.run(2.5)
    assert companion.autopilot.pilot.payload.gimbal.angles == pytest.approx((0.0, 0.0, 0.0))
    status = last(companion, "GIMBAL_MANAGER_STATUS")
    assert (status.primary_control_sysid, status.primary_control_compid) == (0, 0)
