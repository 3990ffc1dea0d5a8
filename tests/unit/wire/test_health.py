"""What is known of a topic: alive, valid, on rate."""

from __future__ import annotations

import pytest

from wire.errors import MalformedError
from wire.health import TopicHealth
from wire.topics import TOPICS

STATE = TOPICS["state"]  # 5 Hz
EVENT = TOPICS["event"]  # when something happens


def fed(rate_hz: float, seconds: float) -> TopicHealth:
    health = TopicHealth(STATE)
    for i in range(round(rate_hz * seconds)):
        health.arrived(10.0 + i / rate_hz)
    return health


def test_before_the_first_message_nothing_is_well() -> None:
    health = TopicHealth(STATE)
    assert (health.alive(10.0), health.valid(), health.on_rate(10.0), health.age_s(10.0)) == (False, False, False, None)
    assert not TopicHealth(EVENT).alive(10.0)


@pytest.mark.parametrize(("age_s", "alive"), [(0.0, True), (0.59, True), (0.61, False), (60.0, False)])
def test_alive_for_three_periods(age_s: float, alive: bool) -> None:
    health = TopicHealth(STATE)
    health.arrived(10.0)
    assert health.alive(10.0 + age_s) is alive
    assert health.age_s(10.0 + age_s) == pytest.approx(age_s)


def test_a_topic_without_a_rate_stays_alive() -> None:
    health = TopicHealth(EVENT)
    health.arrived(10.0)
    assert health.alive(1e6) and health.on_rate(1e6)


@pytest.mark.parametrize(("rate_hz", "on_rate"), [(5.0, True), (4.0, True), (3.0, False), (1.0, False)])
def test_on_rate_is_at_least_seven_tenths(rate_hz: float, on_rate: bool) -> None:
    health = fed(rate_hz, 4.0)
    now_s = 10.0 + 4.0 - 1 / rate_hz
    assert health.on_rate(now_s) is on_rate
    assert health.rate_hz(now_s) == pytest.approx(rate_hz, abs=0.6)


def test_a_rate_is_forgotten_when_it_ends() -> None:
    health = fed(5.0, 4.0)
    assert health.rate_hz(100.0) == 0.0 and not health.on_rate(100.0) and not health.alive(100.0)


def test_broken_bytes_make_it_invalid_until_the_next_good_message() -> None:
    health = TopicHealth(STATE)
    health.arrived(10.0)
    health.broken(MalformedError("it is cut off"))
    assert not health.valid() and health.malformed == 1 and health.last_error == "it is cut off"
    assert health.age_s(11.0) == 1.0, "broken bytes are no news"
    health.arrived(11.0)
    assert health.valid() and health.received == 2
