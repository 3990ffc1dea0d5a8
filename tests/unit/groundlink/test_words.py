"""What people read: durations, the status sentence, the table."""

from __future__ import annotations

import io
from typing import Any

import pytest
from rich.console import Console
from rich.live import Live

from groundlink.orders import details
from groundlink.watch import BAD, view
from groundlink.words import PHASES, POSSIBLE, duration, heard, instead, latch_word, status_sentence
from onboard.flight import executive
from tests.unit.groundlink.build import ROOF, aircraft, console, latch, vehicle, video
from wire.messages import ConsoleState, Phase, Survey, Verb


def drawn(state: ConsoleState, silent_s: float = 0.0) -> str:
    out = io.StringIO()
    Console(file=out, width=160, color_system=None).print(view(state, silent_s))
    return out.getvalue()


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0 s"),
        (8.4, "8 s"),
        (59.4, "59 s"),
        (59.6, "1 min 0 s"),
        (125, "2 min 5 s"),
        (3599.4, "59 min 59 s"),
        (12_000, "3 h 20 min"),
    ],
)
def test_durations(seconds: float, words: str) -> None:
    assert duration(seconds) == words


def test_every_phase_has_words() -> None:
    assert set(PHASES) == set(Phase)
    assert len(set(PHASES.values())) == len(Phase)


@pytest.mark.parametrize("phase", Phase)
def test_what_is_said_to_be_possible_is_what_the_aircraft_obeys(phase: Phase) -> None:
    orders = [verb for verb in Verb if verb is not Verb.STATUS]
    on_ground = {verb for verb in orders if executive.update(phase, executive.Event(verb), False)}
    in_air = {verb for verb in orders if executive.update(phase, executive.Event(verb), True)}
    flies = phase in executive.FLYING | {Phase.CLIMBING, Phase.YIELDED}
    assert set(POSSIBLE[phase]) == (in_air if flies else on_ground)


def test_what_to_order_instead() -> None:
    assert instead(Phase.STOWED) == "now you can order launch"
    assert instead(Phase.CHECKING) == "now you can order hold, return, land or abort"
    assert instead(Phase.SECURING) == "nothing can be ordered now: wait, and ask for the status"


def test_a_small_terminal_shows_the_warnings_and_how_to_end() -> None:
    state = console(warnings=["the link is lost: the aircraft was last heard 9 s ago", "the latch is silent"])
    screen = io.StringIO()
    small = Console(file=screen, width=40, height=10, force_terminal=True, color_system=None)
    with Live(view(state, 5.0), console=small, auto_refresh=False, screen=True) as live:
        live.refresh()
    for words in ("q ends", "the vehicle's daemon is silent", "the link is lost", "the latch is silent"):
        assert words in screen.getvalue(), screen.getvalue()


def test_how_old() -> None:
    assert heard(None) == "the aircraft has not been heard"
    assert heard(0.4) == "heard just now"
    assert heard(12.0) == "last heard 12 s ago"


def test_status_sentences() -> None:
    assert status_sentence(console()) == "the aircraft is on the roof, stowed for 40 s, battery 90 %, heard just now"
    up = aircraft(phase=Phase.SURVEYING, armed=True, height_m=30.2, distance_m=None, battery_percent=None)
    assert status_sentence(console(aircraft=up, aircraft_age_s=4.9, warnings=["a", "b"])) == (
        "the aircraft is surveying for 45 s, 30 m above and ? m from the vehicle, battery not known, "
        "last heard 5 s ago; 2 warnings"
    )
    assert status_sentence(console(aircraft=None, aircraft_age_s=None, warnings=["x"])) == (
        "the aircraft has not been heard; 1 warning"
    )


@pytest.mark.parametrize(
    ("sensors", "words"),
    [
        (None, "not heard"),
        (latch(), "closed, seated"),
        (latch(is_open=True, closed=False, seated=False), "open, not seated"),
        (latch(closed=False), "between, seated"),
        (latch(valid=False), "sensors broken"),
    ],
)
def test_the_latch_in_words(sensors: Any, words: str) -> None:
    assert latch_word(sensors) == words


def test_details() -> None:
    text = "\n".join(details(console(warnings=["look out"])))
    for words in (
        "closed, seated",
        "47.397742",
        "disarmed, mode AUTO.LOITER",
        "round trip 20 ms",
        "15 frames/s",
        "warning: look out",
    ):
        assert words in text
    bare = details(console(aircraft=None, vehicle=vehicle(position=None, latch=None), video=None, round_trip_s=None))
    assert bare[:2] == ["latch: not heard (kept: the aircraft asks for nothing)", "vehicle: position not known"]


def test_the_table_shows_a_flight() -> None:
    survey = Survey(
        centre=ROOF, radius_m=30.0, speed_m_s=4.0, swept_rad=-3.1416, wanted_rad=6.2832, wanted_s=None, elapsed_s=24.0
    )
    up = aircraft(
        phase=Phase.SURVEYING, armed=True, mode="AUTO.ORBIT", height_m=30.2, distance_m=31.5, survey=survey, reason="circling"
    )
    text = drawn(console(aircraft=up, warnings=["the battery is low"]))
    for words in (
        "surveying for 40 s", "circling", "30.2 m", "31.5 m", "90 %", "armed, mode AUTO.ORBIT", "24 s, 50 % of the orbit",
        "last heard 0.1 s ago, round trip 20 ms", "closed, seated", "15.0 frames/s, 20 ms late, 1 lost, 900 kbit/s",
        "3 in view", "! the battery is low",
    ):  # fmt: skip
        assert words in text, text


def test_the_table_shows_trouble_in_colour() -> None:
    bad = aircraft(failsafe=True, battery_percent=10.0, height_m=None)
    state = console(
        aircraft=bad,
        aircraft_age_s=3.0,
        vehicle=vehicle(position=None, latch=latch(valid=False)),
        video=video(objects_valid=False, reason="the disk is full"),
        warnings=["the link is lost"],
    )
    out = io.StringIO()
    Console(file=out, width=160, force_terminal=True, color_system="standard").print(view(state, 5.0))
    red = "\x1b[1;31m"
    assert BAD == "bold red"
    for words in (
        "silent for 5 s", "on the roof, stowed for 43 s", "10 %", "FAILSAFE", "last heard 3.0 s", "sensors broken",
        "position not known", "the disk is full", "the detector does not work", "! the link is lost",
    ):  # fmt: skip
        line = next(line for line in out.getvalue().splitlines() if words in line)
        assert red in line, line


@pytest.mark.parametrize(
    "changes", [{"aircraft": None, "aircraft_age_s": None}, {"video": None}, {"video": video(sent_s=190.0)}]
)
def test_the_table_without_a_part(changes: dict[str, Any]) -> None:
    text = drawn(console(**changes))
    assert "not heard" in text or "last heard 10 s ago" in text
