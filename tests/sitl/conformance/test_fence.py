"""Rows S54 to S57: geofences that count, geofences that do not, and what leaving one does."""

from __future__ import annotations

import pytest
from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.conftest import Start
from tests.sitl.conformance.plans import FENCE, NAN, Client, at, empty, square
from tests.sitl.conformance.vehicle import Vehicle

REPOSITION = mavlink.MAV_CMD_DO_REPOSITION
HEIGHT_M = 8.0


@pytest.fixture
def vehicle(start: Start) -> Vehicle:
    """A fresh one: another might stand where the last case ended."""
    return start()


def go(vehicle: Vehicle, north_m: float, east_m: float = 0.0) -> None:
    """DO_REPOSITION at the height of these cases."""
    assert vehicle.companion.answer_placed(REPOSITION, (-1, 1, 0, NAN), vehicle.place(north_m, east_m, HEIGHT_M)) == 0


def breach(vehicle: Vehicle, north_m: float = 24.0) -> None:
    """Leave the fence by an orbit, which it does not look at beforehand; until it is noticed."""
    vehicle.companion.placed(mavlink.MAV_CMD_DO_ORBIT, (12, 4, 0, 0), vehicle.place(north_m, 0, HEIGHT_M))
    vehicle.until(lambda: vehicle.status == 5, 40.0, "failsafe")


def test_S54_a_fence_without_home_is_stored_and_not_enforced(vehicle: Vehicle) -> None:
    client, since_s = empty(vehicle), vehicle.mark()
    assert client.upload(square(vehicle, 10, north_m=40), FENCE) == 0
    took_s = vehicle.until(lambda: vehicle.said("Geofence invalid, doesn't contain Home position\t", since_s), 2.0, "text")
    assert took_s > 0.1
    vehicle.run(1.5)
    assert client.ids.fence != 0 and vehicle.ready
    vehicle.take_off(HEIGHT_M)
    go(vehicle, 12)
    vehicle.run(3.0)
    assert vehicle.status == 4
    vehicle.kill()


def test_S54_a_polygon_after_a_circle_is_misread(vehicle: Vehicle) -> None:
    client, since_s = empty(vehicle), vehicle.mark()
    assert client.upload([at(vehicle, 5003, 0, 0, 0, 100.0), *square(vehicle, 50)], FENCE) == 0
    vehicle.run(2.0)
    refused = [text for text in vehicle.texts if text.t_s >= since_s and "doesn't contain Home" in text.words]
    assert len(refused) == 3


def test_S55_leaving_holds_at_once_until_a_mode_command(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload(square(vehicle, 25), FENCE) == 0
    vehicle.run(1.0)
    vehicle.take_off(HEIGHT_M)
    since_s = vehicle.mark()
    breach(vehicle)
    vehicle.run(1.0)
    words = [text.words for text in vehicle.texts if text.t_s >= since_s]
    assert words == ["Geofence: approaching or outside geofence", "Failsafe activated\t"]
    assert vehicle.mode == "LOITER" and vehicle.status == 5 and not vehicle.ready
    vehicle.run(3.0)
    assert client.clear(FENCE) == 0
    vehicle.run(2.0)
    assert vehicle.status == 5, "S57: clearing the fence does not clear the breach"
    assert client.ids.fence == 0
    vehicle.set_mode("LOITER")
    vehicle.run(1.2)
    assert vehicle.status == 4
    vehicle.kill()


def test_S55_inclusions_all_bind_and_exclusions_exclude(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    fence = [*square(vehicle, 60), *square(vehicle, 8, 5002, north_m=40), at(vehicle, 5003, 0, 0, 0, 50.0)]
    assert client.upload(fence, FENCE) == 0
    vehicle.run(1.0)
    vehicle.take_off(HEIGHT_M)
    for north_m, east_m, allowed in ((40, 0, False), (55, 0, False), (20, 5, True)):
        since_s = vehicle.mark()
        go(vehicle, north_m, east_m)
        vehicle.run(1.0)
        assert vehicle.said("Reposition is outside geofence\t", since_s) is not allowed
    since_s = vehicle.mark()
    vehicle.set(GF_MAX_VER_DIST=30.0)
    assert vehicle.companion.answer(mavlink.MAV_CMD_DO_CHANGE_ALTITUDE, 35.0 + 60.0) == 0
    vehicle.until(lambda: vehicle.said("Altitude change is outside geofence\t", since_s), 1.0, "text")
    vehicle.kill()


@pytest.mark.parametrize(("action", "mode"), [(3, "RTL"), (5, "LAND")])
def test_S55_return_and_land_come_after_a_hold(vehicle: Vehicle, action: int, mode: str) -> None:
    empty(vehicle)
    vehicle.set(GF_ACTION=action)
    vehicle.take_off(HEIGHT_M)
    go(vehicle, 14)
    vehicle.run(6.0)
    since_s = vehicle.mark()
    vehicle.set(GF_MAX_HOR_DIST=11.0)
    vehicle.until(lambda: vehicle.status == 5, 3.0, "failsafe")
    assert vehicle.mode == "LOITER"
    took_s = vehicle.until(lambda: vehicle.mode == mode, 8.0, mode)
    assert took_s == pytest.approx(5.0, abs=1.5)
    words = [text.words for text in vehicle.texts if text.t_s >= since_s]
    assert words[:3] == [
        "Geofence: exceeding maximum distance to Home",
        "Failsafe activated: entering Hold for 5 seconds\t",
        "Failsafe activated\t",
    ]
    vehicle.set_mode("LOITER")
    vehicle.until(lambda: vehicle.status == 4, 1.5, "taken over")
    vehicle.kill()


def test_S55_a_warning_warns_and_no_action_says_nothing(vehicle: Vehicle) -> None:
    empty(vehicle)
    vehicle.set(GF_ACTION=0)
    vehicle.take_off(HEIGHT_M)
    vehicle.set(GF_MAX_VER_DIST=5.0)
    since_s = vehicle.mark()
    vehicle.run(2.0)
    assert not vehicle.said("Geofence", since_s)
    vehicle.set(GF_ACTION=1)
    vehicle.until(lambda: vehicle.said("Geofence: exceeding maximum altitude above Home", since_s), 2.0, "text")
    vehicle.run(1.5)
    assert vehicle.said("Failsafe activated\t", since_s)
    assert vehicle.status == 4 and vehicle.mode == "LOITER"
    vehicle.kill()


def test_S55_termination(vehicle: Vehicle) -> None:
    empty(vehicle)
    vehicle.set(GF_ACTION=4)
    vehicle.take_off(HEIGHT_M)
    vehicle.set(GF_MAX_VER_DIST=5.0)
    vehicle.until(lambda: vehicle.mode == "TERMINATION" and vehicle.status == 8, 3.0, "termination")


def test_S56_a_go_to_outside_is_acknowledged_and_refused_by_words(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    assert client.upload(square(vehicle, 25), FENCE) == 0
    vehicle.run(1.0)
    vehicle.take_off(HEIGHT_M)
    since_s = vehicle.mark()
    go(vehicle, 60)
    vehicle.run(3.0)
    assert vehicle.said("Reposition is outside geofence\t", since_s)
    assert vehicle.speed_m_s < 0.8 and vehicle.status == 4
    vehicle.kill()


def test_S54_in_the_air_a_fence_around_another_place_is_left_out(vehicle: Vehicle) -> None:
    client = empty(vehicle)
    vehicle.take_off(HEIGHT_M)
    go(vehicle, 20)
    vehicle.run(7.0)
    since_s = vehicle.mark()
    assert Client(vehicle).upload(square(vehicle, 12), FENCE) == 0
    vehicle.until(lambda: vehicle.said("Geofence invalid, doesn't contain current vehicle", since_s), 2.0, "text")
    vehicle.run(1.0)
    assert vehicle.status == 4 and client.ids.fence != 0
    vehicle.kill()
