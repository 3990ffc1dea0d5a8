"""When a command is sent again."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from groundlink.link.uplink import BURST, EXPIRY_S, Uplink
from wire.messages import Command, Verb


def command(name: str = "command-1", issued_s: float = 10.0) -> Command:
    return Command(id=name, verb=Verb.HOLD, operator="operator", issued_s=issued_s, expires_s=issued_s + EXPIRY_S)


def sends(uplink: Uplink, now_s: float, until_s: float, step_s: float) -> list[float]:
    times = []
    while now_s < until_s:
        times += [now_s] * len(uplink.due(now_s))
        now_s += step_s
    return times


def test_a_burst_and_then_steadily_until_expiry() -> None:
    uplink = Uplink()
    uplink.add(command())
    times = sends(uplink, 10.0, 20.0, 0.001)
    assert len([t for t in times if t < 10.08]) == BURST
    assert 20 < len(times) < 40
    assert max(times) < 10.0 + EXPIRY_S
    assert uplink.next_s() is None


@pytest.mark.parametrize("step_s", [0.001, 0.007, 0.03, 0.07])
def test_a_coarse_rhythm_does_not_slow_the_repetitions_down(step_s: float) -> None:
    uplink = Uplink()
    uplink.add(command())
    times = [t for t in sends(uplink, 10.0, 20.0, step_s) if t >= 10.6]
    assert len(times) >= 23, "ten a second"


def test_dropped_when_answered() -> None:
    uplink = Uplink()
    uplink.add(command("command-1"))
    uplink.add(command("command-2"))
    assert [c.id for c in uplink.due(10.0)] == ["command-1", "command-2"]
    uplink.keep(frozenset({"command-2"}))
    assert [c.id for c in uplink.due(10.5)] == ["command-2"]
    uplink.keep(frozenset())
    assert uplink.due(10.6) == []


def test_a_late_caller_sends_once() -> None:
    uplink = Uplink()
    uplink.add(command())
    uplink.due(10.0)
    assert len(uplink.due(12.0)) == 1
    assert uplink.due(12.0) == []


def test_expired_before_it_was_ever_sent_is_never_sent() -> None:
    uplink = Uplink()
    uplink.add(command())
    assert uplink.due(10.0 + EXPIRY_S) == []


@given(st.lists(st.floats(0.0001, 1.0), min_size=1, max_size=60))
def test_whatever_the_rhythm_never_after_expiry_and_never_more_than_once_a_call(steps_s: list[float]) -> None:
    uplink = Uplink()
    uplink.add(command())
    now_s = 10.0
    for step_s in steps_s:
        due = uplink.due(now_s)
        assert len(due) <= 1
        assert not due or now_s < due[0].expires_s
        next_s = uplink.next_s()
        assert next_s is None or next_s > now_s
        now_s += step_s
