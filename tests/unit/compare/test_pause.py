"""A pause before it is armed, and what was said as if there had been none."""

from __future__ import annotations

from itertools import pairwise

from pymavlink.dialects.v20 import development as mavlink

from sitl.compare.pause import before_arming
from sitl.compare.recording import Recording, Said, Told
from tests.unit.compare.story import heartbeat
from wire.geo import Position

BEAT = mavlink.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3)
ARM = mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0)


def recorded(*, armed: bool = True) -> Recording:
    """Asked to arm in vain at 2 s, told two things at 6.2 and 6.5 s, armed since, told something again at 8 s."""
    told = [Told(t + 0.5, b"beat", BEAT) for t in range(10)] + [Told(t, b"arm", ARM) for t in (2.0, 6.2, 6.5, 8.0)]
    said = [Said(float(t), heartbeat(armed and t > 6)) for t in range(12)]
    return Recording("x", 1, Position(48.8584, 2.2945, 35.0), sorted(told, key=lambda one: one.t_s), said)


def test_what_arms_it_and_all_that_follows_comes_later_while_heartbeats_go_on() -> None:
    pause = before_arming(recorded(), 5.0)
    assert pause is not None
    longer = pause.put_into(recorded())
    assert [one.t_s for one in longer.told if one.packet == b"arm"] == [2.0, 11.2, 11.5, 13.0]
    beats = [one.t_s for one in longer.told if one.packet == b"beat"]
    assert all(0.5 <= later - earlier <= 1.5 for earlier, later in pairwise(beats))
    assert [one.t_s for one in longer.told] == sorted(one.t_s for one in longer.told)
    assert longer.end_s == recorded().end_s + 5.0


def test_cut_out_again_nothing_is_left_of_it() -> None:
    pause = before_arming(recorded(), 5.0)
    assert pause is not None
    assert pause.cut_out(pause.put_into(recorded()).said) == recorded().said


def test_what_was_never_armed_has_none() -> None:
    assert before_arming(recorded(armed=False), 5.0) is None
