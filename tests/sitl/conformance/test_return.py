"""S44: a direct return: how high, which way, how it is turned, what it says, where it goes when home moves."""

from __future__ import annotations

import math
import re
from collections.abc import Callable

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.vehicle import NAN, Vehicle
from wire.geo import Position

EAST_RAD = math.pi / 2
RETURN_ALT_M = 14.0
HOME = mavlink.MAV_CMD_DO_SET_HOME


def go_to(vehicle: Vehicle, north_m: float, east_m: float, up_m: float, yaw_rad: float = NAN) -> None:
    """Fly there and stand."""
    place = vehicle.place(north_m, east_m, up_m)
    vehicle.companion.placed(mavlink.MAV_CMD_DO_REPOSITION, (-1, 1, 0, yaw_rad), place)
    vehicle.until(lambda: math.hypot(*vehicle.away(place)) < 2.0, 40.0, "arrival")
    vehicle.run(4.0)


def heading_rad(vehicle: Vehicle) -> float:
    return float(vehicle.onboard.last("ATTITUDE").yaw)


def home_heading_rad(vehicle: Vehicle) -> float:
    """The heading that home was recorded with."""
    w, _, _, z = vehicle.onboard.last("HOME_POSITION").q
    return 2.0 * math.atan2(z, w)


def turned_to(vehicle: Vehicle, wanted_rad: float) -> bool:
    return abs(math.remainder(heading_rad(vehicle) - wanted_rad, math.tau)) < math.radians(14.0)


def from_place_m(vehicle: Vehicle, place: Position) -> float:
    """Over ground."""
    away = vehicle.away(place)
    return math.hypot(away.north_m, away.east_m)


def told_heights_m(vehicle: Vehicle, since_s: float) -> tuple[int, int]:
    """What it says it returns at: above the sea, above the destination."""
    pattern = re.compile(r"RTL: start return at (-?\d+) m \((-?\d+) m above destination\)\t")
    vehicle.until(lambda: any(pattern.match(t.words) for t in vehicle.texts if t.t_s >= since_s), 2.0, "text")
    found = [match for t in vehicle.texts if t.t_s >= since_s and (match := pattern.match(t.words))]
    return int(found[0][1]), int(found[0][2])


def said_in_order(vehicle: Vehicle, since_s: float) -> list[str]:
    """The first words of what it said of the return and the landing."""
    kinds = ("Returning to launch", "RTL: start return", "RTL: land at destination", "Landing detected", "Disarmed by landing")
    said = [text.words for text in vehicle.texts if text.t_s >= since_s]
    return [kind for words in said for kind in kinds if words.startswith(kind)]


def test_S44_climbs_there_turns_homeward_flies_and_lands(start: Start) -> None:
    vehicle = start({"RTL_RETURN_ALT": RETURN_ALT_M})  # a fresh one looks north
    vehicle.take_off(6)
    go_to(vehicle, 25, 0, 6, EAST_RAD)
    home, begun_at = vehicle.home, vehicle.position
    since_s = vehicle.mark()
    assert vehicle.companion.answer(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH) == 0
    above_sea_m, above_m = told_heights_m(vehicle, since_s)
    assert above_m == pytest.approx(RETURN_ALT_M, abs=1)
    assert above_sea_m == pytest.approx(math.ceil(home.altitude_amsl_m + RETURN_ALT_M - 1e-3), abs=1)

    top_amsl_m = home.altitude_amsl_m + RETURN_ALT_M
    vehicle.until(lambda: vehicle.position.altitude_amsl_m > top_amsl_m - 1.5, 12.0, "the return's height")
    assert from_place_m(vehicle, begun_at) < 3.0, "climbs where it is"
    assert turned_to(vehicle, EAST_RAD), "as it was turned"

    vehicle.until(lambda: from_place_m(vehicle, home) < 13.0, 15.0, "half of the way")
    assert turned_to(vehicle, math.pi), "nose first, south"
    assert vehicle.position.altitude_amsl_m == pytest.approx(top_amsl_m, abs=1.5)
    vehicle.until(lambda: vehicle.said("RTL: land at destination\t", since_s), 15.0, "arrival")
    assert from_place_m(vehicle, home) < 3.5
    assert vehicle.position.altitude_amsl_m == pytest.approx(top_amsl_m, abs=1.5)
    assert not turned_to(vehicle, home_heading_rad(vehicle)), "turns while it sinks"
    vehicle.until(lambda: turned_to(vehicle, home_heading_rad(vehicle)), 8.0, "home's heading")
    assert vehicle.height_m > 4.0
    vehicle.until(lambda: not vehicle.armed, 60.0, "disarmed")
    assert from_place_m(vehicle, home) < 3.0
    assert said_in_order(vehicle, since_s) == [
        "Returning to launch",
        "RTL: start return",
        "RTL: land at destination",
        "Landing detected",
        "Disarmed by landing",
    ]


def cone_m(away_m: float, half_angle_deg: float) -> float:
    """How high the cone over home is at a distance."""
    return away_m / math.tan(math.radians(half_angle_deg))


@pytest.mark.parametrize(
    ("away_m", "up_m", "parameters", "wanted"),
    [
        pytest.param(6, 3, {}, lambda away_m, now_m: cone_m(away_m, 45), id="S44 near home as high as it is away"),
        pytest.param(4, 3, {"RTL_CONE_ANG": 25}, lambda away_m, now_m: cone_m(away_m, 25), id="S44 a narrow cone"),
        pytest.param(0, 4, {"RTL_CONE_ANG": 0}, lambda away_m, now_m: RETURN_ALT_M, id="S44 over home without a cone"),
        pytest.param(0, 4, {}, lambda away_m, now_m: now_m, id="S44 over home not higher"),
        pytest.param(6, 9, {}, lambda away_m, now_m: now_m, id="S44 not below where it is"),
        pytest.param(
            7, 3, {"RTL_CONE_ANG": 80, "NAV_ACC_RAD": 4.0}, lambda away_m, now_m: 8.0, id="S44 twice the acceptance radius"
        ),
        pytest.param(14, 3, {}, lambda away_m, now_m: RETURN_ALT_M, id="S44 further than RTL_MIN_DIST"),
        pytest.param(14, 18, {}, lambda away_m, now_m: now_m, id="S44 from above the height"),
    ],
)
def test_how_high_it_returns(
    vehicle: Vehicle, away_m: float, up_m: float, parameters: dict[str, float], wanted: Callable[[float, float], float]
) -> None:
    """It says so at once, rounded up, and climbs there but for NAV_MC_ALT_RAD; heights wander by half a metre."""
    vehicle.set(RTL_RETURN_ALT=RETURN_ALT_M, **parameters)
    vehicle.take_off(up_m)
    go_to(vehicle, away_m, 0, up_m)
    home = vehicle.home
    now_m = vehicle.position.altitude_amsl_m - home.altitude_amsl_m
    wanted_m = wanted(from_place_m(vehicle, home), now_m)
    since_s = vehicle.mark()
    vehicle.companion.long(mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH)
    assert told_heights_m(vehicle, since_s)[1] == pytest.approx(wanted_m + 0.5, abs=1.3)
    vehicle.until(lambda: vehicle.said("RTL: land at destination\t", since_s), 30.0, "arrival")
    highest = max(seen.message.alt for seen in vehicle.onboard.of("GLOBAL_POSITION_INT", since_s)) / 1e3
    assert highest - home.altitude_amsl_m == pytest.approx(wanted_m, abs=1.9)
    vehicle.kill()


def test_S44_from_nearby_it_turns_to_the_final_heading_first(start: Start) -> None:
    """Nearer than RTL_MIN_DIST it is flown to home with home's heading, and waited for."""
    vehicle = start()
    vehicle.take_off(6)
    go_to(vehicle, 7, 0, 6, EAST_RAD)
    since_s = vehicle.mark()
    vehicle.set_mode("RTL")
    wanted_rad = home_heading_rad(vehicle)
    vehicle.until(lambda: vehicle.said("RTL: land at destination\t", since_s), 20.0, "arrival")
    assert turned_to(vehicle, wanted_rad)
    yaws = [seen.message.yaw for seen in vehicle.onboard.of("ATTITUDE", since_s)]
    assert all(abs(math.remainder(yaw - math.pi, math.tau)) > math.radians(30.0) for yaw in yaws), "never to the south"
    vehicle.kill()


def test_S44_the_destination_is_kept_while_it_returns_and_chosen_anew_after_hold(vehicle: Vehicle) -> None:
    vehicle.set(RTL_RETURN_ALT=10.0)
    vehicle.take_off(10)
    go_to(vehicle, 30, 0, 10)
    first, second = vehicle.home, vehicle.place(30, 25, 0)
    vehicle.set_mode("RTL")
    vehicle.run(1.5)
    assert vehicle.companion.answer_placed(HOME, (0, 0, 0, 0), second) == 0
    vehicle.until(lambda: vehicle.landed_state == 4, 30.0, "landing")
    assert from_place_m(vehicle, first) < 4.0
    assert from_place_m(vehicle, vehicle.home) > 30.0
    vehicle.set_mode("LOITER")
    vehicle.run(1.0)
    vehicle.set_mode("RTL")
    vehicle.until(lambda: vehicle.landed_state == 4, 40.0, "landing at the new home")
    assert from_place_m(vehicle, second) < 4.0
    vehicle.kill()
