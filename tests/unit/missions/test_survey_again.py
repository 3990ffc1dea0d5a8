"""A second survey in the same life of the process: the last orbit's status is still known."""

from __future__ import annotations

from missions import parse
from missions.phases import SurveyStep
from missions.view import Aircraft, Mode, OrbitStatus, Vehicle, View
from wire import geo
from wire.geo import Ned, Position

CENTRE = Position(47.4, 8.5, 500.0)
ORBIT = parse("name: m\norbit: {radius_m: 20, height_m: 15, speed_m_s: 5, laps: 1}").orbit
ON_CIRCLE = geo.offset(CENTRE, Ned(20.0, 0.0, 0.0))


def view(status_s: float) -> View:
    aircraft = Aircraft(mode=Mode.ORBIT, position=ON_CIRCLE, orbit=OrbitStatus(20.0, status_s))
    return View(aircraft, Vehicle())


def test_status_from_before_the_request_begins_nothing() -> None:
    step = SurveyStep(CENTRE, ORBIT)
    assert step.update(100.0, view(90.0)).requests
    for now_s in (100.05, 100.5, 101.0):
        assert step.update(now_s, view(90.0)).outcome is None
    assert step.elapsed_s == 0.0, "it does not fly the circle yet"


def test_status_from_after_the_request_begins_the_count() -> None:
    step = SurveyStep(CENTRE, ORBIT)
    step.update(100.0, view(90.0))
    step.update(100.2, view(100.1))
    assert step.update(101.2, view(101.1)).outcome is None
    assert step.elapsed_s == 1.0
