"""A real PX4 told what a recorded one was told, at the same times of its own clock: what differs then is its own noise."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path

from pymavlink.dialects.v20 import development as mavlink

from sitl import px4
from sitl.autopilot.protocol.links import LinkName
from sitl.compare.pause import before_arming
from sitl.compare.recording import AUTOPILOT, Recording, Said
from sitl.compare.replay import WATCHED_IDS
from sitl.compare.script import Script
from sitl.px4 import Px4
from sitl.px4_links import Heard, Links
from wire.errors import ProcessError

SILENCE_S = 20.0
LOOK_AFTER_S = 1.0
"""Both of real time: without news of PX4's clock it has hung; how often to see whether it has ended."""


def fly(
    recording: Recording,
    where: str,
    instance: int,
    folder: Path,
    *,
    parameters: Mapping[str, float] | None = None,
    pause_s: float = 0.0,
) -> list[Said]:
    """What PX4 says on its onboard link until the recording's end, as fast as the recorded one went.

    `where` is as in sitl/px4.py; it works in `folder`, which should be empty. With `pause_s` it is commanded so much later, in
    other noise, and the pause is cut out of what it says (see sitl/compare/pause.py). Raises LinkError and ProcessError.
    """
    pause = before_arming(recording, pause_s)
    if pause is not None and pause_s > 0.0:
        return pause.cut_out(_fly(pause.put_into(recording), where, instance, folder, parameters or {}))
    return _fly(recording, where, instance, folder, parameters or {})


def _fly(recording: Recording, where: str, instance: int, folder: Path, parameters: Mapping[str, float]) -> list[Said]:
    variables = px4.environment(recording.home, recording.speed, {**recording.parameters, **parameters})
    links = Links(instance)
    try:
        with Px4(where, instance, folder, variables) as running:
            return _Flight(recording, links, running).fly()
    finally:
        links.close()


class _Flight:
    def __init__(self, recording: Recording, links: Links, running: Px4) -> None:
        self._links, self._running = links, running
        self._end_s = recording.end_s
        self._script = Script(recording, links.system)
        self._parser = mavlink.MAVLink(None)
        self._said: list[Said] = []

    def fly(self) -> list[Said]:
        looked_s = news_s = time.monotonic()
        while self._links.now_s < self._end_s:
            had_s, now_s = self._links.now_s, time.monotonic()
            for packet in self._script.due(had_s):
                self._links.send(*packet)
            for heard in self._links.receive():
                self._hear(heard)
            news_s = now_s if self._links.now_s > had_s else news_s
            if now_s - looked_s > LOOK_AFTER_S:
                looked_s = now_s
                self._look_after(now_s - news_s)
        return self._said

    def _hear(self, heard: Heard) -> None:
        if heard.link is not LinkName.ONBOARD or int.from_bytes(heard.data[7:10], "little") not in WATCHED_IDS:
            return
        message = self._parser.decode(bytearray(heard.data))
        if (message.get_srcSystem(), message.get_srcComponent()) != (self._links.system, AUTOPILOT):
            return  # forwarded
        self._said.append(Said(heard.t_s, message))
        answer = self._script.hear(heard.t_s, message)
        if answer is not None:
            self._links.send(*answer)

    def _look_after(self, silent_s: float) -> None:
        self._running.ready()  # raises when it has ended
        if silent_s > SILENCE_S:
            log = self._running.log
            raise ProcessError(f"PX4 fell silent {self._links.now_s:.1f} s after its start{px4.last_words(log)}")
