"""Silence is data: what a subscriber knows about each topic beside its newest message."""

from __future__ import annotations

from collections import deque

from wire.topics import LATE_PERIODS, ON_RATE_SHARE, Topic

_WINDOW_PERIODS = 10.0


class TopicHealth:
    """Alive, valid and on rate, for one topic. `now_s` is the subscriber's clock."""

    def __init__(self, topic: Topic) -> None:
        self.topic = topic
        self.received = 0
        self.malformed = 0
        self.last_error = ""
        self._newest_s: float | None = None
        self._newest_was_valid = False
        self._arrivals_s: deque[float] = deque(maxlen=256)

    def arrived(self, now_s: float) -> None:
        self.received += 1
        self._newest_s, self._newest_was_valid = now_s, True
        self._arrivals_s.append(now_s)

    def broken(self, error: Exception) -> None:
        self.malformed += 1
        self.last_error, self._newest_was_valid = str(error), False

    def age_s(self, now_s: float) -> float | None:
        """Seconds since the newest message, or None before the first."""
        return None if self._newest_s is None else now_s - self._newest_s

    def alive(self, now_s: float) -> bool:
        """A message came within LATE_PERIODS of its period; a topic without a rate is alive once it has spoken."""
        age_s = self.age_s(now_s)
        if age_s is None:
            return False
        return self.topic.rate_hz is None or age_s <= LATE_PERIODS / self.topic.rate_hz

    def valid(self) -> bool:
        """The newest bytes of this topic were a message."""
        return self._newest_was_valid

    def rate_hz(self, now_s: float) -> float:
        """Messages per second over the last ten periods (or ten seconds)."""
        window_s = _WINDOW_PERIODS / (self.topic.rate_hz or 1.0)
        while self._arrivals_s and self._arrivals_s[0] <= now_s - window_s:
            self._arrivals_s.popleft()
        return len(self._arrivals_s) / window_s

    def on_rate(self, now_s: float) -> bool:
        return self.topic.rate_hz is None or self.rate_hz(now_s) >= ON_RATE_SHARE * self.topic.rate_hz
