"""Keeps a decoder fed with whole groups of pictures only, and asks for a keyframe when one is broken."""

from __future__ import annotations

from collections import deque
from typing import NamedTuple

from groundlink.video.decoder import Decoder, Image, open_decoder
from wire.errors import MalformedError
from wire.messages import VideoPacket

REQUEST_PERIOD_S = 0.5
"""How often a keyframe is asked for while one is needed."""
_WINDOW_S = 5.0


class Shown(NamedTuple):
    """A packet that was decoded, and its picture."""

    packet: VideoPacket
    picture: Image


class Receiver:
    """Pure but for the decoder: takes packets and times.

    After a gap in the sequence, a decoding error or a change of codec nothing is fed to the decoder until the next keyframe.
    """

    def __init__(self) -> None:
        self.received = 0
        self.lost = 0
        """Packets that never came, and those that came but could not be decoded."""
        self.reason = ""
        """Why there is no picture now, or ''."""
        self._decoder: Decoder | None = None
        self._codec = ""
        self._sequence: int | None = None
        self._needs_keyframe = True
        self._asked_s = float("-inf")

    def take(self, packet: VideoPacket) -> Shown | None:
        """Decode a packet, or None when it cannot be shown."""
        self.received += 1
        self._follow(packet)
        if packet.keyframe:
            self._needs_keyframe = False
        if self._needs_keyframe:
            self.lost += 1
            return None
        try:
            if self._decoder is None:
                self._decoder, self._codec = open_decoder(packet.codec), packet.codec
            picture = self._decoder.decode(packet.data)
        except MalformedError as error:
            self.lost += 1
            self._interrupt(str(error))
            return None
        self.reason = ""
        return Shown(packet, picture)

    def wants_keyframe(self, now_s: float) -> bool:
        """Whether to ask for a keyframe now: at most once per REQUEST_PERIOD_S, and only when packets come at all."""
        due = self._needs_keyframe and self._sequence is not None and now_s - self._asked_s >= REQUEST_PERIOD_S
        if due:
            self._asked_s = now_s
        return due

    def _follow(self, packet: VideoPacket) -> None:
        """Notice gaps, restarts of the sender (the sequence begins anew), and other codecs."""
        expected = None if self._sequence is None else self._sequence + 1
        self._sequence = packet.sequence
        if expected is not None and packet.sequence != expected:
            self.lost += max(0, packet.sequence - expected)
            self._interrupt("video packets were lost; waiting for a keyframe")
        if self._decoder is not None and packet.codec != self._codec:
            self._interrupt(f"the video changed from {self._codec} to {packet.codec[:20]}; waiting for a keyframe")

    def _interrupt(self, reason: str) -> None:
        self._decoder = None
        self._needs_keyframe = True
        self.reason = reason[:400]


class Figures:
    """Rate, bits and latency of the last five seconds."""

    def __init__(self, now_s: float) -> None:
        self._start_s = now_s
        self._shown: deque[tuple[float, float | None]] = deque(maxlen=1024)
        self._bytes: deque[tuple[float, int]] = deque(maxlen=1024)

    def arrived(self, now_s: float, size: int) -> None:
        self._bytes.append((now_s, size))

    def shown(self, now_s: float, latency_s: float | None) -> None:
        """A frame was decoded `latency_s` after its capture (None: the clocks have not been compared yet)."""
        self._shown.append((now_s, latency_s))

    def frames_per_s(self, now_s: float) -> float:
        return sum(now_s - at_s < _WINDOW_S for at_s, _ in self._shown) / self._window_s(now_s)

    def kilobits_per_s(self, now_s: float) -> float:
        return sum(size for at_s, size in self._bytes if now_s - at_s < _WINDOW_S) / 125 / self._window_s(now_s)

    def latency_ms(self, now_s: float, share: float) -> float | None:
        """The latency that `share` (0 to 1) of the frames do not exceed (nearest rank), or None without any."""
        known = sorted(1000 * late_s for at_s, late_s in self._shown if late_s is not None and now_s - at_s < _WINDOW_S)
        return known[min(len(known) - 1, int(share * len(known)))] if known else None

    def _window_s(self, now_s: float) -> float:
        """At the beginning there are no five seconds to look back on."""
        return min(_WINDOW_S, max(1.0, now_s - self._start_s))
