"""Transfers of plans, drawn at random: good ones, bad ones, and ones that end midway."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.backend import HOME
from tests.sitl.conformance.plans import FENCE, MISSION, PLAN, RALLY, RELATIVE, Item
from tests.sitl.conformance.random_sessions.sentences import AUTOPILOT, Say, long, place, who
from wire.geo import Ned, offset

NAN = math.nan


class Upload(NamedTuple):
    """Say MISSION_COUNT with `told`, then answer what is asked for until `answers` have been given."""

    kind: int
    told: int
    items: tuple[Item, ...]
    answers: int


class Download(NamedTuple):
    """Ask for the count, then for items until `asked`; then acknowledge, or not."""

    kind: int
    asked: int
    plain: bool
    result: int | None


def transfer(rng: random.Random) -> list[Say]:
    """An upload, a download, a clearing, or a lone message of such."""
    kind = rng.choice((PLAN, PLAN, PLAN, FENCE, RALLY, 3 if rng.random() < 0.1 else PLAN))
    by = who(rng)
    choice = rng.random()
    if choice < 0.6:
        items = tuple({PLAN: mission, FENCE: fence, RALLY: rally}.get(kind, mission)(rng))
        count = len(items) + rng.choice((0,) * 10 + (1, -1))
        answers = rng.choice((1000,) * 8 + (0, 1, 2))
        return [Say(by, plan=Upload(kind, max(0, count), items, answers))]
    if choice < 0.8:
        asked = rng.choice((1000, 1000, 1000, 0, 1))
        return [Say(by, plan=Download(kind, asked, rng.random() < 0.2, rng.choice((0, 0, 0, 1, 15, None))))]
    if choice < 0.92:
        return [Say(by, mavlink.MAVLink_mission_clear_all_message(1, AUTOPILOT, rng.choice((kind, kind, 255))))]
    lone = (
        mavlink.MAVLink_mission_request_int_message(1, AUTOPILOT, rng.choice((0, 1, 50)), kind),
        mavlink.MAVLink_mission_request_message(1, AUTOPILOT, rng.choice((0, 1, 50)), kind),
        mavlink.MAVLink_mission_ack_message(1, AUTOPILOT, rng.choice((0, 1, 15)), kind),
        mavlink.MAVLink_mission_item_int_message(1, AUTOPILOT, 0, 6, 16, 0, 1, 0, 0, 0, NAN, 0, 0, 10, kind),
        mavlink.MAVLink_mission_count_message(1, AUTOPILOT, rng.choice((0, 2, 5000)), kind),
    )
    return [Say(by, rng.choice(lone))]


def current(rng: random.Random) -> list[Say]:
    """Go to an item, or into the mission."""
    seq = rng.choice((0, 1, 2, 3, 50, 65535))
    choice = rng.random()
    if choice < 0.4:
        return [Say(who(rng), mavlink.MAVLink_mission_set_current_message(1, AUTOPILOT, seq))]
    if choice < 0.7:
        number = mavlink.MAV_CMD_DO_SET_MISSION_CURRENT
        return [Say(who(rng), long(number, float(seq), float(rng.choice((0, 0, 1)))))]
    return [Say(who(rng), long(mavlink.MAV_CMD_DO_SET_MODE, 1, 4, 4))]


def mission(rng: random.Random) -> list[Item]:
    """A take-off perhaps, places, orders between them, an end perhaps; now and then something wrong."""
    items = [_at(rng, 22, rng.choice((5.0, 10.0)))] if rng.random() < 0.8 else []
    items += [rng.choice((_way_point, _way_point, _way_point, _order))(rng) for _ in range(rng.randint(0, 5))]
    if rng.random() < 0.5:
        items.append(rng.choice((_at(rng, 21, 0.0), Item(20, frame=MISSION), _at(rng, 17, 10.0), _at(rng, 18, 10.0, 2.0))))
    if rng.random() < 0.1:
        items.append(
            rng.choice((_at(rng, 16, NAN), _at(rng, 9999, 5.0), _at(rng, 16, 10.0)._replace(frame=99), _at(rng, 85, 1.0)))
        )
    return items


def _at(rng: random.Random, command: int, up_m: float, *params: float) -> Item:
    where = place(rng, 40.0)
    first, second, third, fourth = (*params, *(0.0, 0.0, 0.0, NAN)[len(params) :])
    frame = rng.choice((RELATIVE, RELATIVE, RELATIVE, 3, 0, 5))
    up_m += HOME.altitude_amsl_m if frame in (0, 5) else 0.0
    x, y = round(where.latitude_deg * 1e7), round(where.longitude_deg * 1e7)
    return Item(command, (first, second, third, fourth), x, y, up_m, frame, rng.choice((1, 1, 1, 1, 0)))


def _way_point(rng: random.Random) -> Item:
    return _at(rng, rng.choice((16, 16, 16, 19)), float(rng.randint(5, 20)), rng.choice((0.0, 0.0, 2.0)))


def _order(rng: random.Random) -> Item:
    """An item without a place."""
    command, *params = rng.choice(
        (
            (177, float(rng.randint(0, 3)), float(rng.choice((0, 1, 2)))),
            (178, 1.0, rng.choice((3.0, 8.0, -1.0)), -1.0),
            (93, rng.choice((1.0, 4.0, -1.0)), -1.0, -1.0, -1.0),
            (115, 90.0, 20.0, 1.0, 0.0),
            (114, 3.0),
            (211, 1.0, rng.choice((0.0, 1.0))),
            (206, 20.0),
            (201, 3.0),
            (197,),
            (195,),
            (530, 0.0, 1.0),
            (179, 1.0),
            (2000, 0.0, 1.0, 1.0),
            (189,),
            (113, 0.0),
            (112, 2.0),
            (400, 1.0),
        )
    )
    first, second, third, fourth = (*params, *([0.0] * (4 - len(params))))
    return Item(int(command), (first, second, third, fourth), 0, 0, 0.0, rng.choice((MISSION, MISSION, RELATIVE)))


def fence(rng: random.Random) -> list[Item]:
    """Polygons and circles, around home or not, counted right or wrong."""
    items: list[Item] = []
    for _ in range(rng.randint(1, 2)):
        half_m, north_m = rng.choice((20.0, 50.0, 100.0)), rng.choice((0.0, 0.0, 60.0))
        if rng.random() < 0.3:
            items.append(_fence_at(rng.choice((5003, 5003, 5004)), (rng.choice((30.0, 80.0, 0.0, -5.0)),), north_m, 0.0))
            continue
        command, count = rng.choice((5001, 5001, 5001, 5002)), rng.choice((4.0,) * 8 + (3.0, 5.0))
        corners = ((half_m, half_m), (-half_m, half_m), (-half_m, -half_m), (half_m, -half_m))
        items += [_fence_at(command, (count,), north_m + n, e) for n, e in corners]
    if rng.random() < 0.15:
        items.append(_fence_at(rng.choice((5000, 16)), (0.0,), 0.0, 0.0))
    return items


def _fence_at(command: int, params: tuple[float], north_m: float, east_m: float) -> Item:
    where = offset(HOME, Ned(north_m, east_m, 0.0))
    return Item(command, (params[0], 0.0, 0.0, 0.0), round(where.latitude_deg * 1e7), round(where.longitude_deg * 1e7), 0.0, 0)


def rally(rng: random.Random) -> list[Item]:
    """Places to return to."""
    wrong = 16 if rng.random() < 0.1 else 5100
    return [_at(rng, wrong, float(rng.randint(0, 20))) for _ in range(rng.randint(1, 3))]
