"""The mission protocol over links that lose, double and reorder, and under garbage: a plan is stored whole or not at all."""

from __future__ import annotations

import math
import struct
import zlib
from collections.abc import Iterator

from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.plans.item import Item, Kind, told
from sitl.autopilot.plans.progress import Progress
from sitl.autopilot.plans.protocol import MissionProtocol, Shared
from sitl.autopilot.plans.store import Plans
from sitl.autopilot.protocol.links import Peer

ME, OTHER = Peer(1, 191), Peer(255, 190)
TICK_S = 0.02
CHANCES = st.lists(st.sampled_from(["keep"] * 6 + ["lose", "double", "hold"]), min_size=1, max_size=60)


class Vehicle:
    """Two links of a vehicle, time in ticks."""

    def __init__(self) -> None:
        self.plans, self.progress = Plans(), Progress()
        self.shared = Shared(1, self.plans, self.progress, [])
        self.links = [MissionProtocol(self.shared), MissionProtocol(self.shared)]
        self.now_s = 0.0

    def tick(self, link: int = 0) -> list[mavlink.MAVLink_message]:
        self.now_s += TICK_S
        self.links[1 - link].due(self.now_s)
        return self.links[link].due(self.now_s)

    def hear(self, message: mavlink.MAVLink_message, sender: Peer = ME, link: int = 0) -> list[mavlink.MAVLink_message]:
        return self.links[link].receive(message, sender, self.now_s)


def waypoint(seq: int, north: int, kind: int = 0, **changes: float) -> mavlink.MAVLink_message:
    values = {"frame": 6, "command": 16 if kind == 0 else 5100, "current": int(seq == 0), "auto": 1} | changes
    head = (1, 1, seq, values["frame"], values["command"], values["current"], values["auto"])
    return mavlink.MAVLink_mission_item_int_message(*head, 0, 2, 0, math.nan, 488584000 + north, 22945000, 10.0, kind)


class Channel:
    """Loses, doubles and holds back what is sent, as it was drawn; what is held comes behind the next one."""

    def __init__(self, fates: list[str]) -> None:
        self._fates = fates
        self._held: list[mavlink.MAVLink_message] = []

    def through(self, messages: list[mavlink.MAVLink_message]) -> Iterator[mavlink.MAVLink_message]:
        for message in messages:
            fate = self._fates.pop(0) if self._fates else "keep"
            if fate == "hold":
                self._held.append(message)
            elif fate != "lose":
                yield from [message] * (2 if fate == "double" else 1)
                yield from self._held
                self._held = []


def answers(request: mavlink.MAVLink_message, mission: list[mavlink.MAVLink_message]) -> list[mavlink.MAVLink_message]:
    asks = (mavlink.MAVLink_mission_request_message, mavlink.MAVLink_mission_request_int_message)
    return [mission[request.seq]] if isinstance(request, asks) and request.seq < len(mission) else []


def send_until_quiet(vehicle: Vehicle, mission: list[mavlink.MAVLink_message], fates: list[str], ticks: int) -> bool:
    """Upload through a bad channel, the count again each second; whether an acceptance arrived."""
    up, down = Channel(fates[::2]), Channel(fates[1::2])
    count = mavlink.MAVLink_mission_count_message(1, 1, len(mission), 0)
    accepted = False
    for tick in range(ticks):
        outgoing = [count] if tick % 50 == 0 and not accepted else []
        heard = list(down.through(vehicle.tick()))
        while outgoing or heard:
            replies = [reply for message in up.through(outgoing) for reply in vehicle.hear(message)]
            heard += list(down.through(replies))
            accepted = accepted or any(m.get_msgId() == 47 and m._whole[2] == 0 for m in heard)
            outgoing, heard = [item for message in heard for item in answers(message, mission)], []
    return accepted


@settings(max_examples=150, deadline=None)
@given(CHANCES, st.integers(1, 5))
def test_a_bad_link_stores_the_old_plan_or_the_new_one(fates: list[str], size: int) -> None:
    vehicle = Vehicle()
    old, new = [waypoint(0, 7)], [waypoint(seq, 100 + seq) for seq in range(size)]
    assert send_until_quiet(vehicle, old, [], 30)
    accepted = send_until_quiet(vehicle, new, fates, 700)
    stored = [item.x - 488584000 for item in vehicle.plans.mission]
    assert stored == [100 + seq for seq in range(size)] if accepted else stored in ([7], [100 + seq for seq in range(size)])
    for _ in range(400):
        vehicle.tick()
    assert send_until_quiet(vehicle, new, [], 60)
    assert [item.x - 488584000 for item in vehicle.plans.mission] == [100 + seq for seq in range(size)]


SMALL = st.integers(0, 6)
KINDS = st.sampled_from([0, 1, 2, 3, 255])
FLOATS = st.floats(width=32)
MESSAGES = st.one_of(
    st.builds(lambda n, k: mavlink.MAVLink_mission_count_message(1, 1, n, k), st.one_of(SMALL, st.integers(0, 65535)), KINDS),
    st.builds(lambda k: mavlink.MAVLink_mission_request_list_message(1, 1, k), KINDS),
    st.builds(lambda n, k: mavlink.MAVLink_mission_request_int_message(1, 1, n, k), SMALL, KINDS),
    st.builds(lambda n, k: mavlink.MAVLink_mission_request_message(1, 1, n, k), SMALL, KINDS),
    st.builds(lambda t, k: mavlink.MAVLink_mission_ack_message(1, 1, t, k), st.integers(0, 20), KINDS),
    st.builds(lambda n: mavlink.MAVLink_mission_set_current_message(1, 1, n), SMALL),
    st.builds(lambda k: mavlink.MAVLink_mission_clear_all_message(1, 1, k), KINDS),
    st.builds(
        lambda n, f, c, p, x, z, k: mavlink.MAVLink_mission_item_int_message(1, 1, n, f, c, 0, 1, *p, x, x, z, k),
        SMALL,
        st.sampled_from([0, 1, 2, 3, 5, 6, 10]),
        st.sampled_from([16, 17, 19, 20, 21, 22, 93, 112, 177, 178, 195, 201, 211, 5001, 5003, 5100, 9999]),
        st.tuples(FLOATS, FLOATS, FLOATS, FLOATS),
        st.integers(-(2**31), 2**31 - 1),
        FLOATS,
        KINDS,
    ),
    st.builds(
        lambda n, c, x, z, k: mavlink.MAVLink_mission_item_message(1, 1, n, 3, c, 0, 1, z, z, x, x, x, x, z, k),
        SMALL,
        st.sampled_from([16, 22, 5001, 5100]),
        FLOATS,
        FLOATS,
        KINDS,
    ),
)


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(MESSAGES, st.sampled_from([ME, OTHER]), st.integers(0, 1), st.integers(0, 30)), max_size=40))
def test_whatever_comes_is_answered_with_what_can_be_sent(
    script: list[tuple[mavlink.MAVLink_message, Peer, int, int]],
) -> None:
    vehicle, mav = Vehicle(), mavlink.MAVLink(None, 1, 1)
    for message, sender, link, ticks in script:
        out = vehicle.hear(message, sender, link)
        for _ in range(ticks):
            out += vehicle.tick(link)
        assert all(reply.pack(mav) for reply in out)
        assert len(out) <= 2 * ticks + 3
        assert 0 <= vehicle.plans.current <= max(0, len(vehicle.plans.mission) - 1)
        assert Plans.from_bytes(vehicle.plans.to_bytes()).to_bytes() == vehicle.plans.to_bytes()


PLACES = st.builds(
    Item,
    st.sampled_from([0, 2, 3, 5, 6]),
    st.sampled_from([16, 17, 19, 21, 22, 31, 177, 211, 5001, 5003, 5100]),
    st.booleans(),
    st.tuples(FLOATS, FLOATS, FLOATS, FLOATS),
    st.integers(-(2**31), 2**31 - 1),
    st.integers(-(2**31), 2**31 - 1),
    FLOATS,
)


@settings(max_examples=100, deadline=None)
@given(PLACES, st.sampled_from(Kind), st.booleans())
def test_every_item_can_be_told(item: Item, kind: Kind, exact: bool) -> None:
    fields = told(item, kind, exact=exact)
    head = (fields.frame, fields.command, fields.autocontinue)
    struct.pack("<BHB4fiif", *head, *fields.params, fields.x, fields.y, fields.z)


def test_the_number_of_a_plan_is_px4s_checksum() -> None:
    vehicle = Vehicle()
    mission = [waypoint(0, 0), waypoint(1, 1)]
    assert send_until_quiet(vehicle, mission, [], 30)
    crc = 0
    for item in mission:
        data = struct.pack("<BHB4fiif", 6, 16, 1, 0, 2, 0, math.nan, item.x, item.y, 10.0)
        crc = zlib.crc32(data, crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
    assert vehicle.plans[Kind.MISSION].id == crc
    uploads = vehicle.plans.uploads
    assert send_until_quiet(vehicle, mission, [], 30)
    assert vehicle.plans.uploads == uploads, "the same again is not loaded again"


def test_requests_come_again_every_quarter_second_for_five_seconds() -> None:
    vehicle = Vehicle()
    vehicle.hear(mavlink.MAVLink_mission_count_message(1, 1, 2, 0))
    asked = [vehicle.now_s for _ in range(300) for m in vehicle.tick() if m.get_type().startswith("MISSION_REQUEST")]
    assert 17 <= len(asked) <= 20
    assert max(asked) < 5.1
    assert [text.words for text in vehicle.shared.said] == ["Operation timeout\t"]


def test_one_link_uploads_at_a_time() -> None:
    vehicle = Vehicle()
    vehicle.hear(mavlink.MAVLink_mission_count_message(1, 1, 2, 0))
    (refused,) = vehicle.hear(mavlink.MAVLink_mission_count_message(1, 1, 2, 0), OTHER, link=1)
    assert refused._whole[2] == mavlink.MAV_MISSION_ERROR
    for _ in range(300):
        vehicle.tick()
    (asked,) = vehicle.hear(mavlink.MAVLink_mission_count_message(1, 1, 2, 0), OTHER, link=1)
    assert asked.get_type() == "MISSION_REQUEST"


def test_messages_for_others_are_none_of_its_business() -> None:
    vehicle = Vehicle()
    for system, component in ((2, 1), (0, 1), (1, 154)):
        assert vehicle.hear(mavlink.MAVLink_mission_request_list_message(system, component, 0)) == []
    assert len(vehicle.hear(mavlink.MAVLink_mission_request_list_message(1, 190, 0))) == 1


def test_the_reached_item_is_told_eleven_times_on_each_link() -> None:
    vehicle = Vehicle()
    assert send_until_quiet(vehicle, [waypoint(0, 0), waypoint(1, 1)], [], 30)
    vehicle.progress.reached = 0
    vehicle.progress.report()
    told_on = [[m for _ in range(800) for m in vehicle.tick(link) if m.get_type() == "MISSION_ITEM_REACHED"] for link in (0, 1)]
    assert len(told_on[0]) == 11


def test_parameters_five_and_six_come_back_as_a_float_held_them() -> None:
    for sent, back in ((488584001, 488584000), (7, 7), (2**31 - 1, -(2**31)), (-(2**31), -(2**31))):
        assert told(Item(2, 20, True, (0.0, 0.0, 0.0, 0.0), sent, 0, 0.0), Kind.MISSION, exact=True).x == back
