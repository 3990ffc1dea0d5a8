"""The embedded autopilot told what a recorded one was told, at the same times."""

from __future__ import annotations

from collections.abc import Mapping

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol.links import STREAM_OFF, LinkName
from sitl.compare.narrative import WATCHED
from sitl.compare.recording import AUTOPILOT, Recording, Said
from sitl.compare.script import Script

STEP_S = 0.004
_IDS = {message.msgname: number for number, message in mavlink.mavlink_map.items()}
WATCHED_IDS = frozenset(_IDS[name] for name in WATCHED)


def fly(recording: Recording, *, seed: int = 1, parameters: Mapping[str, float] | None = None) -> list[Said]:
    """What the embedded autopilot says on its onboard link, until the recording's end."""
    autopilot = Autopilot(
        seed=seed,
        home=recording.home,
        parameters={**recording.parameters, **(parameters or {})},
        instance=recording.system - 1,
        speed=None if recording.speed == 1.0 else recording.speed,  # PX4 is not told of one that is real time
    )
    _look_only_at_what_is_told(autopilot)
    parser, script = mavlink.MAVLink(None), Script(recording, recording.system)
    said: list[Said] = []
    end_s = recording.end_s
    while autopilot.now_s < end_s:
        for packet in script.due(autopilot.now_s):
            autopilot.receive(*packet)
        for link, data in autopilot.step(STEP_S):
            if link is not LinkName.ONBOARD or int.from_bytes(data[7:10], "little") not in WATCHED_IDS:
                continue
            message = parser.decode(bytearray(data))
            if (message.get_srcSystem(), message.get_srcComponent()) != (recording.system, AUTOPILOT):
                continue  # forwarded
            said.append(Said(autopilot.now_s, message))
            answer = script.hear(autopilot.now_s, message)
            if answer is not None:
                autopilot.receive(*answer)
    return said


def _look_only_at_what_is_told(autopilot: Autopilot) -> None:
    """What is not looked at need not be packed."""
    for link in autopilot.links.values():
        for number in link.default_rates_hz:
            if number not in WATCHED_IDS or link.name is not LinkName.ONBOARD:
                link.set_interval(number, STREAM_OFF, 0.0)
