"""A recording with a pause in it, before it is armed: the same flight in other noise.

PX4's simulator begins with the same random seed each time (sih.cpp), so flights commanded at the same times share much of their
noise, whoever runs them. A flight that begins some seconds later meets other noise.
"""

from __future__ import annotations

from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.compare.recording import Recording, Said, Told

BEAT_S = 1.0
TOGETHER_S = 1.0
"""Commands that follow each other faster belong together."""
_BEFORE_S = 0.05


class Pause(NamedTuple):
    """From `at_s` of the recording on everything is `for_s` later."""

    at_s: float
    for_s: float

    def put_into(self, recording: Recording) -> Recording:
        """The recording with the pause, in which only heartbeats go on."""
        said = [one if one.t_s < self.at_s else one._replace(t_s=one.t_s + self.for_s) for one in recording.said]
        return recording._replace(told=self._told(recording.told), said=said)

    def _told(self, told: list[Told]) -> list[Told]:
        before = [one for one in told if one.t_s < self.at_s]
        beats = [one for one in before if _is_beat(one) and one.t_s >= self.at_s - BEAT_S]
        between = [
            one._replace(t_s=one.t_s + number * BEAT_S)
            for number in range(1, round(self.for_s / BEAT_S) + 1)
            for one in beats
            if one.t_s + number * BEAT_S < self.at_s + self.for_s
        ]
        after = [one._replace(t_s=one.t_s + self.for_s) for one in told if one.t_s >= self.at_s]
        return before + between + after

    def cut_out(self, said: list[Said]) -> list[Said]:
        """What was said, as if there had been no pause."""
        before = [one for one in said if one.t_s < self.at_s]
        return before + [one._replace(t_s=one.t_s - self.for_s) for one in said if one.t_s >= self.at_s + self.for_s]


def before_arming(recording: Recording, for_s: float) -> Pause | None:
    """Before the commands around the first arming that succeeded; None where it was never armed."""
    armed_s = next((one.t_s for one in recording.said if _is_armed(one)), None)
    commands = [one.t_s for one in recording.told if not _is_beat(one) and armed_s is not None and one.t_s < armed_s]
    if not commands:
        return None
    at_s = commands.pop()
    while commands and at_s - commands[-1] < TOGETHER_S:
        at_s = commands.pop()
    return Pause(at_s - _BEFORE_S, for_s)


def _is_beat(told: Told) -> bool:
    return isinstance(told.message, mavlink.MAVLink_heartbeat_message)


def _is_armed(said: Said) -> bool:
    return isinstance(said.message, mavlink.MAVLink_heartbeat_message) and bool(
        said.message.base_mode & mavlink.MAV_MODE_FLAG_SAFETY_ARMED
    )
