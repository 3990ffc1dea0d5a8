"""Rows S50, S51, S53, S57: how missions, fences and rally points are up- and downloaded, named and kept."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.plans import FENCE, MISSION, NAN, PLAN, RALLY, Client, Item, at, do, empty, square
from tests.sitl.conformance.vehicle import Vehicle

ACCEPTED, ERROR, UNSUPPORTED_FRAME, UNSUPPORTED, NO_SPACE, INVALID_PARAM1 = 0, 1, 2, 3, 4, 6


def checksum(items: Sequence[Item]) -> int:
    crc = 0
    for item in items:
        data = struct.pack("<BHB4fiif", item.frame, item.command, item.autocontinue, *item.params, item.x, item.y, item.z)
        crc = zlib.crc32(data, crc ^ 0xFFFFFFFF) ^ 0xFFFFFFFF
    return crc


def route(vehicle: Vehicle) -> list[Item]:
    return [at(vehicle, 22, 0, 0, 12), at(vehicle, 16, 40, 0, 12, 0, 3, 0, NAN), at(vehicle, 16, 40, 30, 12, 2, 1, 0, 45)]


def test_S50_each_item_is_asked_for_and_the_plan_gets_a_number(vehicle: Vehicle) -> None:
    client, since_s = empty(vehicle), vehicle.mark()
    items = route(vehicle)
    assert client.upload(items) == ACCEPTED
    assert [request.seq for request in client.requests(since_s)] == [0, 1, 2]
    assert client.stored_as(since_s) == checksum(items)
    back = client.download()
    assert [(m.command, m.frame, m.current, m.x, m.y, m.z) for m in back] == [
        (i.command, i.frame, int(n == 0), i.x, i.y, i.z) for n, i in enumerate(items)
    ]


def test_S50_items_come_back_as_px4_understood_them(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    items = [
        at(vehicle, 16, 40, 0, 18, -2, 3, 4, -45),
        at(vehicle, 17, 40, 0, 18, 1, 2, 3, 90),
        at(vehicle, 19, 40, 0, 18, 5, 1, 3, 90),
        at(vehicle, 21, 40, 0, 0, 1, 2, 3, 90),
        do(177, 1, 2, 7, 8, 9, 10, 11),
        do(211, 1, 0, 7, 8, 9, 10, 11),
        at(vehicle, 195, 40, 0, 4, 1, 2, 3, 4),
        do(20, 0, 0, 0, 0, 2**31 - 1, 488584001, 0),
    ]
    assert client.upload(items) == ACCEPTED
    back = client.download()
    assert [(m.param1, m.param2, m.param3, m.param4) for m in back] == [
        (-2.0, 3.0, 0.0, 315.0),
        (0.0, 0.0, 3.0, 90.0),
        (5.0, 1.0, 3.0, 1.0),
        (0.0, 2.0, 0.0, 90.0),
        (1.0, 2.0, 7.0, 8.0),
        (1.0, 0.0, 7.0, 8.0),
        (0.0, 0.0, 0.0, 0.0),
        (0.0, 0.0, 0.0, 0.0),
    ]
    assert [(m.x, m.y, m.z) for m in back[4:6]] == [(9, 10, 11.0)] * 2
    assert (back[7].x, back[7].y) == (-(2**31), 488584000), "PX4 keeps them as float32"


@pytest.mark.parametrize(
    ("item", "result"),
    [
        pytest.param(do(115, 90), UNSUPPORTED, id="CONDITION_YAW"),
        pytest.param(do(183, 1, 1500), UNSUPPORTED, id="DO_SET_SERVO"),
        pytest.param(Item(18), UNSUPPORTED, id="LOITER_TURNS"),
        pytest.param(Item(20), UNSUPPORTED, id="RETURN with a place"),
        pytest.param(Item(16, frame=1), UNSUPPORTED_FRAME, id="local frame"),
        pytest.param(Item(16, frame=10), UNSUPPORTED_FRAME, id="terrain frame"),
        pytest.param(do(201, 3), INVALID_PARAM1, id="DO_SET_ROI of a place without one"),
        pytest.param(Item(5001, (4.0, 0.0, 0.0, 0.0)), ERROR, id="fence vertex"),
        pytest.param(Item(5100), ERROR, id="rally point"),
    ],
)
def test_S50_what_cannot_be_stored_ends_the_upload(vehicle: Vehicle, item: Item, result: int) -> None:
    client = empty(vehicle)
    assert client.upload([item]) == result
    if result != ERROR:
        vehicle.until(lambda: vehicle.said("IGN MISSION_ITEM: Invalid item\t"), 1.0, "text")
    assert client.download() == []


def test_S50_limits_of_size_and_type(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    for kind, many in ((PLAN, 10001), (FENCE, 65), (RALLY, 33), (3, 1)):
        since_s = vehicle.mark()
        client.count(many, kind)
        vehicle.run(0.3)
        assert client.acks(since_s) == [NO_SPACE]
    assert client.upload([at(vehicle, 5001, n, 10, 0, 2.0) for n in (0, 10)], FENCE) == ERROR
    since_s = vehicle.mark()
    client.count(0, 255)
    vehicle.run(0.3)
    assert client.acks(since_s) == [ACCEPTED]


def test_S50_requests_are_repeated_until_a_time_out(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    since_s = vehicle.mark()
    client.count(2)
    vehicle.until(lambda: vehicle.said("Operation timeout\t", since_s), 6.5, "time-out")
    asked = client.requests(since_s)
    assert {request.seq for request in asked} == {0}
    assert 15 <= len(asked) <= 21
    assert client.upload(route(vehicle)) == ACCEPTED


def test_S50_a_lost_acknowledgement_is_sent_again(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    items = route(vehicle)
    assert client.upload(items) == ACCEPTED
    since_s = vehicle.mark()
    client.item(2, items[2])
    vehicle.run(0.3)
    assert client.acks(since_s) == [ACCEPTED]
    assert client.stored_as(since_s) == checksum(items)
    client.item(1, items[1])
    vehicle.run(0.3)
    assert client.acks(since_s) == [ACCEPTED, ERROR]
    assert vehicle.said("IGN MISSION_ITEM: No transfer\t", since_s)


def test_S50_while_one_uploads_others_are_refused(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    items = route(vehicle)
    other = Client(vehicle, vehicle.ground)
    client.count(3)
    vehicle.run(0.1)
    client.item(0, items[0], current=1)
    vehicle.run(0.1)
    since_s = vehicle.mark()
    other.count(3)
    vehicle.run(0.2)
    assert other.acks(since_s) == [ERROR]
    client.set_current(0)
    client.station.send(mavlink.MAVLink_mission_request_list_message(vehicle.system, 1, 0))
    client.station.send(mavlink.MAVLink_mission_clear_all_message(vehicle.system, 1, 0))
    client.count(3)
    vehicle.run(0.4)
    assert client.acks(since_s) == [ERROR]
    for words in ("Mission download request ignored", "IGN WP CURR CMD: Busy", "IGN CLEAR CMD: Busy", "REJ. CMD: Busy"):
        assert vehicle.said(words, since_s), words
    client.item(1, items[1])
    client.item(2, items[2])
    vehicle.until(lambda: client.acks(since_s)[1:] == [ACCEPTED], 1.0, "acknowledgement")


def test_S50_cancelling_leaves_what_was_stored(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    items = route(vehicle)
    assert client.upload(items[:2]) == ACCEPTED
    client.count(3)
    vehicle.run(0.1)
    client.item(0, items[2], current=1)
    vehicle.run(0.1)
    client.station.send(mavlink.MAVLink_mission_ack_message(vehicle.system, 1, 15, 0))
    vehicle.run(0.1)
    assert [m.command for m in client.download()] == [22, 16]


def test_S51_mission_current_once_a_second_names_all_three_plans(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.ids == (0, 65535, 0, 0, 0)
    assert client.upload(route(vehicle)) == ACCEPTED
    assert client.upload(square(vehicle, 80), FENCE) == ACCEPTED
    assert client.upload([at(vehicle, 5100, 40, 0, 0, 0.0, frame=3)], RALLY) == ACCEPTED
    since_s = vehicle.now_s
    vehicle.run(6.0)
    ids = client.ids
    assert ids.current == 0 and ids.total == 3
    assert ids.mission == checksum(route(vehicle)) and ids.fence == checksum(square(vehicle, 80)) and ids.rally != 0
    assert vehicle.onboard.rate_hz("MISSION_CURRENT", since_s, since_s + 6.0) == pytest.approx(1.0, abs=0.2)


def test_S51_it_is_no_stream(vehicle: Vehicle) -> None:
    assert vehicle.companion.request(mavlink.MAVLINK_MSG_ID_MISSION_CURRENT) == 2
    assert vehicle.companion.answer(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, mavlink.MAVLINK_MSG_ID_MISSION_CURRENT, 1e5) == 4


def test_S51_set_current_by_message_only(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload(route(vehicle)) == ACCEPTED
    vehicle.run(1.5)  # sooner, PX4's navigator may overwrite it
    client.set_current(2)
    client.until_current(2, 2.0)
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_SET_MISSION_CURRENT, 1) == 3
    since_s = vehicle.mark()
    client.set_current(7)
    vehicle.until(lambda: vehicle.said("WPM: WP CURR CMD: Not in list\t", since_s), 1.0, "text")
    assert client.ids.current == 2
    assert client.upload(route(vehicle)[:2]) == ACCEPTED
    client.until_current(0, 2.0)


def test_S53_the_same_again_is_not_loaded_again(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload(route(vehicle)) == ACCEPTED
    vehicle.run(1.5)  # sooner, PX4's navigator may overwrite it
    client.set_current(2)
    client.until_current(2, 2.0)
    assert client.upload(route(vehicle)) == ACCEPTED
    vehicle.run(1.5)
    assert client.ids.current == 2


def test_S53_plans_survive_a_restart(start: Start) -> None:
    vehicle = start()
    client = Client(vehicle)
    assert client.upload(route(vehicle)) == ACCEPTED
    assert client.upload(square(vehicle, 80), FENCE) == ACCEPTED
    assert client.upload([at(vehicle, 5100, 40, 0, 0, 0.0, frame=3)], RALLY) == ACCEPTED
    vehicle.run(2.0)
    before = client.ids
    vehicle.backend.restart()
    for log in vehicle.logs.values():
        log.clear()
    vehicle.wait_ready()
    vehicle.run(1.5)
    assert client.ids == before
    assert [m.command for m in client.download()] == [22, 16, 16]
    assert len(client.download(FENCE)) == 4 and len(client.download(RALLY)) == 1


def test_S57_clearing_forgets_one_plan_or_all(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload(route(vehicle)) == ACCEPTED
    assert client.upload(square(vehicle, 80), FENCE) == ACCEPTED
    assert client.clear(FENCE) == ACCEPTED
    vehicle.run(1.5)
    assert client.ids.fence == 0 and client.ids.total == 3
    assert client.clear(255) == ACCEPTED
    vehicle.run(1.5)
    assert client.ids == (0, 65535, 0, 0, 0)
    assert [client.download(kind) for kind in (PLAN, FENCE, RALLY)] == [[], [], []]


def test_S50_frames_of_what_comes_back(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload([*square(vehicle, 80), at(vehicle, 5003, 0, 0, 0, 90.0, frame=3)], FENCE) == ACCEPTED
    back = client.download(FENCE)
    assert {m.frame for m in back} == {5} and {m.autocontinue for m in back} == {0}
    assert [m.param1 for m in back] == [4.0] * 4 + [90.0]
    assert client.upload([at(vehicle, 5100, 40, 0, 0, 0.0, frame=3)], RALLY) == ACCEPTED
    assert client.download(RALLY)[0].frame == 6
    assert MISSION == 2
