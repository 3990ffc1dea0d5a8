"""STATUSTEXT on one link, as PX4 v1.16 sends it (streams/STATUSTEXT.hpp).

A text waits in a queue of eight until the link hears a ground station; one older than five seconds by then is dropped. Texts
go out at 20 Hz at most, a long one in pieces of 50 characters at once. Every text has the next number, from 0 on.
"""

from __future__ import annotations

from collections import deque

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.telling.texts import Text

MAX_TEXTS = 8
SPACING_S = 0.05
STALE_S = 5.0
PIECE = 50


class TextQueue:
    """What is still to be said on a link."""

    def __init__(self) -> None:
        self._texts: deque[tuple[float, Text]] = deque(maxlen=MAX_TEXTS)
        self._next_s = 0.0
        self._number = 0

    def say(self, text: Text, now_s: float) -> None:
        """Queue a text; the oldest goes when the queue is full."""
        self._texts.append((now_s, text))

    def due(self, now_s: float, *, heard: bool) -> list[mavlink.MAVLink_message]:
        """The pieces of the next text, if one may be sent now; `heard`: the link hears a ground station."""
        if now_s < self._next_s or not heard:
            return []
        while self._texts:
            since_s, text = self._texts.popleft()
            if now_s - since_s < STALE_S:
                self._next_s = now_s + SPACING_S
                return self._pieces(text)
        return []

    def _pieces(self, text: Text) -> list[mavlink.MAVLink_message]:
        data = text.words.encode("ascii", "replace")
        pieces = [data[start : start + PIECE] for start in range(0, len(data), PIECE)]
        number, self._number = self._number, (self._number + 1) & 0xFFFF
        return [mavlink.MAVLink_statustext_message(text.severity, piece, number, place) for place, piece in enumerate(pieces)]
