"""The clock of the other end: when it is believed, what does not count, what happens when it is set."""

from __future__ import annotations

import pytest

from sitl.autopilot.protocol.timesync import CONVERGED_AFTER, JUMPED_AFTER, Timesync

AHEAD_US = 3_000_000_000
EVERY_US = 100_000


def answer(clock: Timesync, times: int, *, ahead_us: int = AHEAD_US, way_us: int = 4_000, from_us: int = 0) -> int:
    """So many answers, ten a second; the time of the last."""
    now_us = from_us
    for _ in range(times):
        now_us += EVERY_US
        clock.hear(now_us + way_us, (now_us + way_us // 2 + ahead_us) * 1000, now_us * 1000)
    return now_us


def test_a_stamp_is_believed_after_enough_answers() -> None:
    clock = Timesync()
    now_us = answer(clock, CONVERGED_AFTER - 1)
    assert clock.stamp_us(AHEAD_US, now_us) == now_us, "not known yet: it is now"
    now_us = answer(clock, 1, from_us=now_us)
    assert clock.stamp_us(now_us + AHEAD_US - 500_000, now_us) == pytest.approx(now_us - 500_000, abs=2_000)


def test_slow_answers_say_nothing() -> None:
    clock = Timesync()
    answer(clock, 2 * CONVERGED_AFTER, way_us=12_000)
    assert not clock.converged


def test_a_clock_that_was_set_is_learned_anew() -> None:
    clock = Timesync()
    now_us = answer(clock, CONVERGED_AFTER)
    now_us = answer(clock, JUMPED_AFTER, ahead_us=2 * AHEAD_US, from_us=now_us)
    believed = [clock.converged]
    now_us = answer(clock, 1, ahead_us=2 * AHEAD_US, from_us=now_us)
    believed.append(clock.converged)
    assert believed == [True, False], "some strange answers are no reason, one more is"
    now_us = answer(clock, CONVERGED_AFTER, ahead_us=2 * AHEAD_US, from_us=now_us)
    assert clock.stamp_us(now_us + 2 * AHEAD_US, now_us) == pytest.approx(now_us, abs=2_000)
