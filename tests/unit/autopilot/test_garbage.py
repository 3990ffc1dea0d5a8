"""Nothing that arrives on a link can stop the autopilot."""

from __future__ import annotations

import math
import struct

from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commander.modes import mode_of
from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol.links import LinkName
from tests.unit.autopilot.harness import HOME, NAN

LINKS = st.sampled_from(list(LinkName))
FLOATS = st.one_of(
    st.floats(width=32),
    st.sampled_from([0.0, 1.0, -1.0, NAN, math.inf, 3.4e38, -3.4e38, 2147483647.0, 21196.0, 90.0, 180.0, 1e5]),
)
COMMANDS = st.one_of(
    st.sampled_from([16, 20, 21, 22, 34, 35, 176, 178, 179, 185, 186, 187, 192, 195, 262, 300, 400, 401, 420]),
    st.sampled_from([510, 511, 512, 519, 520, 1000]),
    st.sampled_from([23, 196, 197, 201, 204, 205, 211, 1001]),
    st.integers(0, 65535),
)
INTS = st.one_of(st.integers(-(2**31), 2**31 - 1), st.sampled_from([0, 2**31 - 1, 488584000, 22945000]))
PARAMETERS = ["MPC_XY_CRUISE", "MPC_JERK_AUTO", "MPC_ACC_HOR", "RTL_RETURN_ALT", "MPC_Z_V_AUTO_DN", "NAV_MC_ALT_RAD"]
PARAMETERS += ["SIM_BAT_DRAIN", "COM_FAIL_ACT_T", "MPC_TKO_RAMP_T", "NAV_DLL_ACT", "SIM_GPS_USED", "MC_ORBIT_RAD_MAX"]
PARAMETERS += ["MPC_LAND_ALT1", "MPC_LAND_ALT2", "MPC_LAND_SPEED", "MPC_TKO_SPEED", "MPC_YAWRAUTO_MAX", "MIS_TAKEOFF_ALT"]
PARAMETERS += ["PLD_BTOUT", "PLD_SRCH_TOUT", "PLD_SRCH_ALT", "FLW_TGT_DST", "FLW_TGT_MAX_VEL", "FLW_TGT_FA", "COM_OF_LOSS_T"]
PARAMETERS += ["COM_OBL_RC_ACT", "MPC_Z_VEL_MAX_UP", "MPC_THR_HOVER", "PD_GRIPPER_TO", "MNT_RANGE_PITCH", "MNT_LND_P_MIN"]
PARAMETERS += ["RTL_CONE_ANG", "RTL_MIN_DIST", "NAV_ACC_RAD", "MPC_LAND_CRWL", "MPC_XY_ERR_MAX", "SIM_BAT_MIN_PCT"]


def fresh(boot_s: float = 0.6) -> tuple[Autopilot, mavlink.MAVLink]:
    """Started, every stream at 5 Hz: all builders run, in a fraction of the time."""
    autopilot = Autopilot(seed=1, home=HOME, parameters={"MNT_MODE_IN": 4.0})
    for link in autopilot.links.values():
        for number in link.default_rates_hz:
            link.set_interval(number, 0.2, 0.0)
    autopilot.step(boot_s)
    return autopilot, mavlink.MAVLink(None, srcSystem=1, srcComponent=191)


def alive(autopilot: Autopilot) -> bool:
    """Still sends heartbeats, at a finite place."""
    kinds = {datagram.data[7] for datagram in autopilot.step(1.2) if datagram.data[8] == 0}
    return 0 in kinds and all(math.isfinite(x) for x in autopilot.pilot.flight.estimate.position_m)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(LINKS, st.binary(max_size=300)), max_size=6))
def test_random_bytes(datagrams: list[tuple[LinkName, bytes]]) -> None:
    autopilot, _ = fresh()
    for link, data in datagrams:
        autopilot.receive(link, data)
    assert alive(autopilot)


def packets() -> list[bytes]:
    _, mav = fresh()
    return [
        bytes(message.pack(mav))
        for message in (
            mavlink.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3),
            mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0),
            mavlink.MAVLink_command_int_message(1, 1, 0, 34, 0, 0, 30, 5, 0, 0, 488589390, 22947731, 55),
            mavlink.MAVLink_param_set_message(1, 1, b"NAV_DLL_ACT", 0.0, 6),
            mavlink.MAVLink_param_request_read_message(1, 1, b"NAV_DLL_ACT", -1),
            mavlink.MAVLink_set_mode_message(1, 157, 0x03040000),
            mavlink.MAVLink_mission_count_message(1, 1, 3, 0),
            mavlink.MAVLink_statustext_message(6, b"hello"),
        )
    ]


PACKETS = packets()


@settings(max_examples=200, deadline=None)
@given(
    st.sampled_from(PACKETS),
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), min_size=1, max_size=4),
    st.integers(0, 60),
    st.booleans(),
)
def test_broken_packets(packet: bytes, changes: list[tuple[int, int]], cut: int, mend: bool) -> None:
    data = bytearray(packet)
    for place, value in changes:
        data[place % len(data)] = value
    data = data[: len(data) - cut] if cut < len(data) else data
    if mend and len(data) > 12:
        _checksum(data)
    autopilot, _ = fresh()
    autopilot.receive(LinkName.ONBOARD, bytes(data))
    autopilot.receive(LinkName.ONBOARD, bytes(data) + packet)
    assert alive(autopilot)


def _checksum(data: bytearray) -> None:
    """Make the checksum right again, so that what was changed gets past it."""
    kind = mavlink.mavlink_map.get(int.from_bytes(data[7:10], "little"))
    if kind is not None:
        crc = mavlink.x25crc(bytes(data[1:-2]))
        crc.accumulate(bytes([kind.crc_extra]))
        data[-2:] = struct.pack("<H", crc.crc)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.one_of(
            st.tuples(st.just("long"), COMMANDS, st.lists(FLOATS, min_size=7, max_size=7)),
            st.tuples(st.just("int"), COMMANDS, st.tuples(FLOATS, FLOATS, FLOATS, FLOATS, INTS, INTS, FLOATS)),
            st.tuples(st.just("set"), st.sampled_from(PARAMETERS), FLOATS),
        ),
        min_size=1,
        max_size=8,
    ),
)
def test_wild_commands_and_parameters_in_flight(acts: list[tuple[str, int | str, list[float]]]) -> None:
    autopilot, mav = fresh(4.4)
    for message in (
        mavlink.MAVLink_command_long_message(1, 1, 22, 0, NAN, 0, 0, NAN, NAN, NAN, 45.0),
        mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0),
    ):
        autopilot.receive(LinkName.ONBOARD, message.pack(mav))
    autopilot.step(8.0)
    for form, what, values in acts:
        autopilot.receive(LinkName.ONBOARD, _message(autopilot, form, what, values).pack(mav))
        autopilot.step(0.6)
    assert alive(autopilot)


def _message(autopilot: Autopilot, form: str, what: int | str, values: list[float]) -> mavlink.MAVLink_message:
    if form == "long":
        return mavlink.MAVLink_command_long_message(1, 1, what, 0, *values)
    if form == "int":
        return mavlink.MAVLink_command_int_message(1, 1, 0, what, 0, 0, *values)
    kind = autopilot.parameters.type_of(str(what))
    return mavlink.MAVLink_param_set_message(1, 1, str(what).encode("ascii"), values, kind)


MASKS = st.one_of(st.integers(0, 65535), st.sampled_from([0, 4039, 3527, 7, 128]))
FOUR = st.lists(FLOATS, min_size=4, max_size=4)
THREE = st.lists(FLOATS, min_size=3, max_size=3)
ELEVEN = st.lists(FLOATS, min_size=11, max_size=11)
GUIDANCE = st.one_of(
    st.builds(
        lambda frame, mask, fields: mavlink.MAVLink_set_position_target_local_ned_message(0, 1, 1, frame, mask, *fields),
        st.sampled_from([1, 8, 7]),
        MASKS,
        ELEVEN,
    ),
    st.builds(
        lambda frame, mask, x, y, fields: mavlink.MAVLink_set_position_target_global_int_message(
            0, 1, 1, frame, mask, x, y, *fields[:9]
        ),
        st.sampled_from([5, 6, 11, 0]),
        MASKS,
        INTS,
        INTS,
        ELEVEN,
    ),
    st.builds(
        lambda mask, q, rates, thrust: mavlink.MAVLink_set_attitude_target_message(0, 1, 1, mask & 255, q, *rates, thrust),
        MASKS,
        FOUR,
        THREE,
        FLOATS,
    ),
    st.builds(
        lambda frame, place: mavlink.MAVLink_landing_target_message(
            0, 0, frame, 0.0, 0.0, 0.0, 0.0, 0.0, *place, [1.0, 0.0, 0.0, 0.0], 2, 1
        ),
        st.sampled_from([1, 8]),
        THREE,
    ),
    st.builds(
        lambda x, y, altitude, speed: mavlink.MAVLink_follow_target_message(
            0, 3, x, y, altitude, speed, [0.0] * 3, [1.0, 0.0, 0.0, 0.0], [0.0] * 3, [0.0] * 3, 0
        ),
        INTS,
        INTS,
        FLOATS,
        THREE,
    ),
    st.builds(
        lambda flags, q, rates: mavlink.MAVLink_gimbal_manager_set_attitude_message(1, 1, flags, 0, q, *rates),
        MASKS,
        FOUR,
        THREE,
    ),
    st.builds(
        lambda flags, four: mavlink.MAVLink_gimbal_manager_set_manual_control_message(1, 1, flags, 0, *four),
        MASKS,
        FOUR,
    ),
)


@settings(max_examples=12, deadline=None)
@given(st.sampled_from([(6, 0), (4, 8), (4, 9)]), st.lists(GUIDANCE, min_size=1, max_size=10))
def test_wild_guidance_in_the_modes_that_listen_to_it(mode: tuple[int, int], messages: list[mavlink.MAVLink_message]) -> None:
    autopilot, mav = fresh(4.4)
    still = mavlink.MAVLink_set_position_target_local_ned_message(0, 1, 1, 1, 3527, *[0.0] * 11)
    for message in (
        mavlink.MAVLink_command_long_message(1, 1, 1001, 0, 1, 191, -1, -1, 0, 0, 0),
        mavlink.MAVLink_command_long_message(1, 1, 22, 0, NAN, 0, 0, NAN, NAN, NAN, 38.0),
        mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0),
    ):
        autopilot.receive(LinkName.ONBOARD, message.pack(mav))
    autopilot.step(8.0)
    autopilot.receive(LinkName.ONBOARD, still.pack(mav))
    autopilot.step(0.2)
    autopilot.receive(LinkName.ONBOARD, mavlink.MAVLink_command_long_message(1, 1, 176, 0, 1, *mode, 0, 0, 0, 0).pack(mav))
    autopilot.step(0.1)
    assert mode == (6, 0) or autopilot.pilot.mode is mode_of(*mode)
    for message in messages:
        autopilot.receive(LinkName.ONBOARD, message.pack(mav))
        autopilot.step(0.2)
    assert alive(autopilot)
