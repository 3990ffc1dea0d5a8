"""A pause before the first command, and what was said as if there had been none."""

from __future__ import annotations

from itertools import pairwise

from pymavlink.dialects.v20 import development as mavlink

from sitl.compare.narrative import PREARM
from sitl.compare.pause import before_first_command
from sitl.compare.recording import Recording, Said, Told
from wire.geo import Position


def status(health: int) -> mavlink.MAVLink_message:
    return mavlink.MAVLink_sys_status_message(0, 0, health, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)


BEAT = mavlink.MAVLink_heartbeat_message(18, 8, 0, 0, 4, 3)
ARM = mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0)


def recorded(*, ready: bool = True) -> Recording:
    told = [Told(t + 0.5, b"beat", BEAT) for t in range(10)] + [Told(t, b"arm", ARM) for t in (2.0, 6.2, 8.0)]
    said = [Said(float(t), status(PREARM if ready and t >= 4 else 0)) for t in range(12)]
    return Recording("x", 1, Position(48.8584, 2.2945, 35.0), sorted(told, key=lambda one: one.t_s), said)


def test_commands_after_it_was_ready_come_later_and_heartbeats_go_on() -> None:
    pause = before_first_command(recorded(), 5.0)
    assert pause is not None
    longer = pause.put_into(recorded())
    assert [one.t_s for one in longer.told if one.packet == b"arm"] == [2.0, 11.2, 13.0]
    beats = [one.t_s for one in longer.told if one.packet == b"beat"]
    assert all(0.5 <= later - earlier <= 1.5 for earlier, later in pairwise(beats))
    assert [one.t_s for one in longer.told] == sorted(one.t_s for one in longer.told)
    assert longer.end_s == recorded().end_s + 5.0


def test_cut_out_again_nothing_is_left_of_it() -> None:
    pause = before_first_command(recorded(), 5.0)
    assert pause is not None
    assert pause.cut_out(pause.put_into(recorded()).said) == recorded().said


def test_without_a_command_or_readiness_there_is_none() -> None:
    only_beats = recorded()._replace(told=[one for one in recorded().told if one.packet == b"beat"])
    assert before_first_command(only_beats, 5.0) is None
    assert before_first_command(recorded(ready=False), 5.0) is None
