"""What is believed of what comes over MAVLink, and that nothing that comes can stop the flight."""

from __future__ import annotations

import gzip
import json
import math
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from missions import requests as ask
from missions.view import Aircraft, Mode
from onboard.flight.autopilot import STATUS_S, STREAMS_HZ, Autopilot
from onboard.flight.telemetry import Telemetry, mode_of
from wire import codec
from wire import messages as m
from wire.messages import Landed

FOLDER = Path(__file__).resolve().parents[4] / "shared" / "px4" / "recordings"
NAMES = ["arming", "battery", "boot", "link_loss", "moved_home", "orbit", "reposition", "takeoff_land"]
HOLD = 0x03040000


class MemoryLink:
    """A `Link` of two lists."""

    def __init__(self) -> None:
        self.incoming: list[bytes] = []
        self.written: list[bytes] = []

    def read(self) -> bytes:
        data, self.incoming = b"".join(self.incoming), []
        return data

    def write(self, data: bytes) -> None:
        self.written.append(data)

    def fileno(self) -> int:
        return -1

    def close(self) -> None:
        self.incoming.clear()

    def messages(self) -> list[Any]:
        return mavlink.MAVLink(None).parse_buffer(b"".join(self.written)) or []


def bench() -> tuple[MemoryLink, Autopilot]:
    link = MemoryLink()
    return link, Autopilot(link)


def packed(message: Any, system: int = 1, component: int = 1) -> bytes:
    return bytes(message.pack(mavlink.MAVLink(None, srcSystem=system, srcComponent=component)))


def seen(*messages: bytes, at_s: float = 10.0, later_s: float = 0.0) -> Aircraft:
    link, autopilot = bench()
    link.incoming += messages
    autopilot.receive(at_s)
    return autopilot.view(at_s + later_s)


def heartbeat(*, armed: bool = True, status: int = 4, kind: int = 2, autopilot: int = 12, mode: int = HOLD) -> Any:
    return mavlink.MAVLink_heartbeat_message(kind, autopilot, 0x80 if armed else 1, mode, status, 3)


def position(latitude: int = 473977420, longitude: int = 85455940, altitude_mm: int = 489400) -> Any:
    return mavlink.MAVLink_global_position_int_message(5000, latitude, longitude, altitude_mm, 0, 150, -250, 25, 9000)


def sys_status(health: int = 0x10000000, percent: int = 80) -> Any:
    return mavlink.MAVLink_sys_status_message(0, 0, health, 0, 16000, 0, percent, 0, 0, 0, 0, 0, 0)


def ack(system: int, component: int, result: int = 0) -> bytes:
    return packed(mavlink.MAVLink_command_ack_message(400, result, 0, 0, system, component))


@pytest.mark.parametrize(
    ("custom_mode", "mode"),
    [
        (0x03040000, Mode.HOLD), (0x02040000, Mode.TAKEOFF), (0x04040000, Mode.MISSION), (0x05040000, Mode.RETURN),
        (0x06040000, Mode.LAND), (0x09040000, Mode.PRECISION_LAND), (0x00030000, Mode.POSITION), (0x01030000, Mode.ORBIT),
        (0x00060000, Mode.OFFBOARD), (0x000A0000, Mode.TERMINATION), (0, Mode.UNKNOWN_MODE), (0xFFFFFFFF, Mode.UNKNOWN_MODE),
    ],
)  # fmt: skip
def test_modes_are_px4s(custom_mode: int, mode: Mode) -> None:
    assert mode_of(custom_mode) is mode
    assert seen(packed(heartbeat(mode=custom_mode))).mode is mode


def test_before_anything_is_heard_nothing_is_known() -> None:
    aircraft = Telemetry().snapshot(10.0)
    assert aircraft == Aircraft() and not aircraft.airborne and not aircraft.seen_disarmed()


def test_a_snapshot_tells_what_was_said_and_how_long_ago() -> None:
    aircraft = seen(
        packed(heartbeat()), packed(position()), packed(sys_status()),
        packed(mavlink.MAVLink_extended_sys_state_message(0, 2)), later_s=0.5,
    )  # fmt: skip
    assert (aircraft.armed, aircraft.mode, aircraft.failsafe, aircraft.landed) == (True, Mode.HOLD, False, Landed.IN_AIR)
    assert aircraft.position == pytest.approx((47.397742, 8.545594, 489.4))
    assert aircraft.velocity_ned_m_s == (1.5, -2.5, 0.25) and aircraft.heading_rad == pytest.approx(math.pi / 2)
    assert (aircraft.battery_percent, aircraft.airborne) == (80.0, True)
    assert aircraft.heartbeat_age_s == aircraft.position_age_s == aircraft.landed_age_s == 0.5


@pytest.mark.parametrize(("system", "component"), [(2, 1), (1, 191), (1, 195), (255, 190), (0, 0)])
@pytest.mark.parametrize("message", [heartbeat(armed=False), position(), sys_status()], ids=lambda x: x.get_type())
def test_only_our_own_autopilot_is_believed(message: Any, system: int, component: int) -> None:
    """Another aircraft on the same network is heard too, and is not this one."""
    before = packed(heartbeat(armed=True, status=5))
    aircraft = seen(before, packed(message, system, component))
    assert (aircraft.armed, aircraft.failsafe, aircraft.position, aircraft.battery_percent) == (True, True, None, None)


def test_another_ground_station_is_noticed_for_a_while() -> None:
    station = packed(heartbeat(kind=mavlink.MAV_TYPE_GCS, autopilot=8), 255, 190)
    assert seen(packed(heartbeat()), station, later_s=4.0).other_ground_station
    assert not seen(packed(heartbeat()), station, later_s=6.0).other_ground_station
    assert not seen(packed(heartbeat()), packed(heartbeat(kind=18, autopilot=8), 1, 195)).other_ground_station


@pytest.mark.parametrize(
    ("system", "component", "ours"), [(1, 191, True), (0, 0, True), (255, 190, False), (1, 190, False), (2, 191, False)]
)
def test_answers_to_others_are_not_ours(system: int, component: int, ours: bool) -> None:
    assert bool(seen(ack(system, component, result=2)).acks) is ours


def test_both_answers_to_one_command_are_kept() -> None:
    """PX4 v1.16 accepts DO_SET_MODE, and then says what it really thinks of it."""
    assert [a.result for a in seen(ack(1, 191, 0), ack(1, 191, 1)).acks] == [0, 1]


def test_status_that_is_old_is_not_known() -> None:
    ready = packed(heartbeat(armed=False, status=3)), packed(sys_status())
    assert seen(*ready).ready_to_arm and seen(*ready, later_s=2.9).battery_percent == 80.0
    old = seen(*ready, later_s=3.1)
    assert not old.ready_to_arm and old.battery_percent is None
    assert seen(*ready, later_s=2.4).seen_disarmed() and not seen(*ready, later_s=2.6).seen_disarmed()


def test_ready_needs_both_the_checks_and_standby() -> None:
    assert not seen(packed(heartbeat(armed=False, status=3)), packed(sys_status(health=0))).ready_to_arm
    assert not seen(packed(heartbeat(armed=False, status=4)), packed(sys_status())).ready_to_arm
    assert seen(packed(heartbeat()), packed(sys_status(percent=-1))).battery_percent is None


@pytest.mark.parametrize(
    ("latitude", "longitude", "altitude_mm"), [(900000001, 0, 0), (0, -1800000001, 0), (0, 0, 2**31 - 1), (-(2**31), 0, 0)]
)
def test_a_place_not_on_earth_is_no_position(latitude: int, longitude: int, altitude_mm: int) -> None:
    home = mavlink.MAVLink_home_position_message(latitude, longitude, altitude_mm, 0, 0, 0, [0, 0, 0, 0], 0, 0, 0)
    aircraft = seen(packed(position(latitude, longitude, altitude_mm)), packed(home))
    assert aircraft.position is None and aircraft.home is None


def parameter(name: bytes, value: float, kind: int) -> bytes:
    return packed(mavlink.MAVLink_param_value_message(name, value, kind, 100, 5))


def test_integer_parameters_come_bytewise() -> None:
    as_float = struct.unpack("<f", struct.pack("<i", 2))[0]
    aircraft = seen(parameter(b"NAV_DLL_ACT", as_float, 6), parameter(b"COM_DL_LOSS_T", 10.5, 9))
    assert aircraft.parameters == {"NAV_DLL_ACT": 2.0, "COM_DL_LOSS_T": 10.5}


def test_parameters_asked_for_anew_are_forgotten_first() -> None:
    link, autopilot = bench()
    link.incoming.append(parameter(b"COM_DL_LOSS_T", 10.5, 9))
    autopilot.receive(10.0)
    autopilot.send(ask.ReadParameters(("COM_DL_LOSS_T",)))
    assert autopilot.view(10.0).parameters == {}


def test_texts_in_parts_are_put_together_and_gossip_is_left_out() -> None:
    def text(words: bytes, severity: int, number: int = 0, part: int = 0) -> bytes:
        return packed(mavlink.MAVLink_statustext_message(severity, words, number, part))

    assert seen(text(b"Arming denied: ", 2, 7, 0), text(b"high winds", 2, 7, 1)).last_text == "Arming denied: high winds"
    assert seen(text(b"Takeoff detected", 6)).last_text == ""
    again = [text(b"one ", 2, 7, 0), text(b"two", 2, 7, 1), text(b"three", 2, 7, 0)]
    assert seen(*again).last_text == "three", "ids begin anew when PX4 restarts"


def test_heartbeats_are_an_onboard_computers_of_the_same_vehicle() -> None:
    link, autopilot = bench()
    for tenth in range(30):
        autopilot.tend(tenth / 10)
    beats = [message for message in link.messages() if message.get_type() == "HEARTBEAT"]
    assert len(beats) == 3
    assert {(b.get_srcSystem(), b.get_srcComponent(), b.type, b.autopilot) for b in beats} == {(1, 191, 18, 8)}


def test_a_ground_stations_heartbeat_goes_only_on_the_dead_mans_word() -> None:
    link, autopilot = bench()
    autopilot.relay_ground_station()
    (beat,) = link.messages()
    assert (beat.get_type(), beat.get_srcSystem(), beat.type) == ("HEARTBEAT", 255, mavlink.MAV_TYPE_GCS)


def current_mode(mode: int, intended: int) -> bytes:
    return packed(mavlink.MAVLink_current_mode_message(0, mode, intended))


ORBIT, RETURN, LAND = 0x01030000, 0x05040000, 0x06040000


def test_a_mode_other_than_the_one_px4_was_told_is_a_failsafe_before_its_heartbeat_says_so() -> None:
    flying = packed(heartbeat(mode=ORBIT))
    assert not seen(flying, current_mode(ORBIT, ORBIT)).failsafe
    assert seen(flying, current_mode(LAND, ORBIT)).failsafe
    assert seen(flying, current_mode(LAND, ORBIT), packed(heartbeat(mode=LAND))).failsafe, "nor does an ordinary one undo it"
    assert not seen(flying, current_mode(LAND, ORBIT), current_mode(LAND, LAND)).failsafe
    assert not seen(flying, current_mode(LAND, 0)).failsafe, "0: not told"
    assert not seen(packed(heartbeat(armed=False)), current_mode(LAND, ORBIT)).failsafe
    assert not seen(flying, current_mode(LAND, ORBIT), later_s=3.0).failsafe, "too old to count"
    assert seen(flying, current_mode(HOLD, HOLD), packed(heartbeat(status=5))).failsafe, "held by a failsafe that began in hold"


def test_each_change_of_mode_is_kept_though_another_follows_at_once() -> None:
    aircraft = seen(
        packed(heartbeat(mode=ORBIT)), current_mode(ORBIT, ORBIT), current_mode(LAND, LAND), current_mode(HOLD, HOLD)
    )
    assert (aircraft.modes, aircraft.mode_changes) == ((Mode.ORBIT, Mode.LAND, Mode.HOLD), 3)


def test_px4s_heartbeat_is_asked_for_all_the_time() -> None:
    link, autopilot = bench()
    link.incoming.append(packed(heartbeat()))
    autopilot.receive(0.0)
    for i in range(200):
        autopilot.tend(i * 0.048)
        if i == 99:
            link.written.clear()
    asked = [m for m in link.messages() if m.get_type() == "COMMAND_LONG" and m.command == mavlink.MAV_CMD_REQUEST_MESSAGE]
    assert {int(m.param1) for m in asked} == {mavlink.MAVLINK_MSG_ID_HEARTBEAT}
    assert len(asked) >= 100 * 0.048 / (STATUS_S + 0.05)


def test_px4s_heartbeat_is_asked_for_at_once_when_its_state_may_have_changed() -> None:
    """A hold by a failsafe is no other mode than hold: that PX4 tells of its state at all is the sign."""
    link, autopilot = bench()
    link.incoming.append(packed(heartbeat()))
    autopilot.receive(0.0)
    for i in range(100):
        autopilot.tend(i * 0.05)
    autopilot.tend(5.01)  # what is due is sent
    before = len(link.written)
    autopilot.tend(5.015)
    assert len(link.written) == before
    link.incoming.append(current_mode(HOLD, HOLD))
    autopilot.receive(5.02)
    autopilot.tend(5.02)
    (asked,) = mavlink.MAVLink(None).parse_buffer(b"".join(link.written[before:])) or []
    assert (asked.command, int(asked.param1)) == (mavlink.MAV_CMD_REQUEST_MESSAGE, mavlink.MAVLINK_MSG_ID_HEARTBEAT)


def test_answers_to_these_do_not_push_out_those_that_a_step_waits_for() -> None:
    answer = packed(mavlink.MAVLink_command_ack_message(512, 0, 0, 0, 1, 191))
    assert [a.command for a in seen(ack(1, 191), *[answer] * 40).acks] == [400]


def asked_streams(link: MemoryLink) -> dict[int, float]:
    found = [message for message in link.messages() if message.get_type() == "COMMAND_LONG" and message.command == 511]
    link.written.clear()
    return {int(message.param1): message.param2 for message in found}


def test_streams_are_asked_for_one_by_one_and_again_after_px4_restarted() -> None:
    link, autopilot = bench()

    def run(since_s: float, boot_ms: int) -> dict[int, float]:
        for i in range(100):
            link.incoming += [packed(heartbeat()), packed(mavlink.MAVLink_global_position_int_message(boot_ms + i, *[0] * 8))]
            autopilot.receive(since_s + i * 0.05)
            before = len(link.written)
            autopilot.tend(since_s + i * 0.05)
            assert len(link.written) - before <= 2, "PX4 takes about one command in 10 ms"
        return asked_streams(link)

    autopilot.tend(0.0)
    assert asked_streams(link) == {}, "not before PX4 is heard"
    assert set(run(1.0, 50_000)) == set(STREAMS_HZ)
    assert run(10.0, 60_000) == {}
    assert set(run(20.0, 100)) == set(STREAMS_HZ)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.binary(max_size=300), max_size=8))
def test_random_bytes_stop_nothing(chunks: list[bytes]) -> None:
    link, autopilot = bench()
    for i, chunk in enumerate(chunks):
        link.incoming.append(chunk)
        autopilot.receive(float(i))
        autopilot.tend(float(i))
    for i in range(20):  # what was cut off may have swallowed some
        link.incoming.append(packed(heartbeat()))
        autopilot.receive(100.0 + i)
    assert autopilot.view(120.0).armed is True


PACKETS = [packed(heartbeat()), packed(position()), packed(sys_status()), ack(1, 191), parameter(b"X", 1.0, 9)]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(PACKETS), st.lists(st.tuples(st.integers(0, 60), st.integers(0, 255)), min_size=1, max_size=4))
def test_mutated_packets_stop_nothing(packet: bytes, changes: list[tuple[int, int]]) -> None:
    broken = bytearray(packet)
    for at, value in changes:
        broken[at % len(broken)] = value
    seen(bytes(broken), PACKETS[0])


HANDLED = [mavlink.MAVLINK_MSG_ID_HEARTBEAT, 436, 245, 1, 33, 31, 242, 42, 360, 77, 22, 253]


@settings(max_examples=200, deadline=None)
@given(st.sampled_from(HANDLED), st.binary(min_size=255, max_size=255))
def test_random_fields_make_a_state_that_the_vehicle_can_read(number: int, payload: bytes) -> None:
    """A right checksum, and anything inside."""
    kind = mavlink.mavlink_map[number]
    data = payload[: kind.unpacker.size]
    header = mavlink.MAVLink_header(number, mlen=len(data), srcSystem=1, srcComponent=1).pack()
    checksum = mavlink.x25crc(header[1:] + data)
    checksum.accumulate(struct.pack("B", kind.crc_extra))
    aircraft = seen(header + data + struct.pack("<H", checksum.crc), packed(heartbeat()))
    place = aircraft.position or aircraft.home
    state = m.VehicleState(sent_s=1.0, sequence=1, position=place, speed_m_s=aircraft.speed_m_s)
    assert codec.decode(codec.encode("vehicle", state))


def recorded(name: str) -> tuple[list[dict[str, Any]], list[tuple[float, bytes]]]:
    path = FOLDER / f"{name}.json"
    if not path.exists():
        pytest.skip(f"no recording {path}")
    timeline = json.loads(path.read_text(encoding="utf-8"))["timeline"]
    data, at, packets = gzip.decompress((FOLDER / f"{name}.tlog.gz").read_bytes()), 0, []
    while at + 20 <= len(data):
        (time_us,) = struct.unpack_from(">Q", data, at)
        size = 12 + data[at + 9] + (13 if data[at + 10] & 1 else 0)
        packets.append((time_us / 1e6, data[at + 8 : at + 8 + size]))
        at += 8 + size
    return timeline, packets


def changes_of(values: list[Any]) -> list[Any]:
    return [value for i, value in enumerate(values) if value is not None and (i == 0 or value != values[i - 1])]


@pytest.mark.parametrize("name", NAMES)
def test_recordings_of_a_real_px4_read_as_their_timelines_tell(name: str) -> None:
    timeline, packets = recorded(name)
    link, autopilot = bench()
    told: dict[str, list[Any]] = {"armed": [], "system_status": [], "landed_state": []}
    landed = {Landed.ON_GROUND: 1, Landed.IN_AIR: 2, Landed.TAKING_OFF: 3, Landed.LANDING: 4, Landed.UNKNOWN: None}
    modes: list[Mode | None] = []
    home = None
    wanted_numbers = set(HANDLED)
    for time_s, packet in packets:
        if int.from_bytes(packet[7:10], "little") not in wanted_numbers:
            continue
        link.incoming.append(packet)
        autopilot.receive(time_s)
        aircraft = autopilot.view(time_s)
        told["armed"].append(aircraft.armed)
        told["system_status"].append(aircraft.failsafe)
        told["landed_state"].append(landed[aircraft.landed])
        modes.append(aircraft.mode)
        home = aircraft.home
    states = {
        what: [e["now"] for e in timeline if e["kind"] == "state" and e["what"] == what] for what in (*told, "mode", "home")
    }
    assert changes_of(told["armed"]) == changes_of(states["armed"])
    assert changes_of(told["landed_state"]) == changes_of(states["landed_state"])
    assert any(told["system_status"]) == (5 in states["system_status"])
    wanted_modes = {mode_of(int(main) << 16 | int(sub) << 24) for main, sub in (t.split(".") for t in states["mode"])}
    assert set(modes) - {None} == wanted_modes
    if states["home"]:
        assert home is not None and list(home) == pytest.approx(states["home"][-1], abs=0.11)
