"""What the vehicle knows of the aircraft, and how old that is. Pure."""

from __future__ import annotations

from wire.clock import PeerClock
from wire.messages import AircraftState, Echo

STALE_S = 1.0
"""The link is lost when the newest state is older than this: five periods."""

_RESTART_S = 1.0


class AircraftView:
    """The newest state, and the comparison of the two clocks. All times are the vehicle's, except the state's own stamps."""

    def __init__(self) -> None:
        self.state: AircraftState | None = None
        self.clock = PeerClock()
        self._arrived_s = float("-inf")
        self._echo: Echo | None = None

    def take(self, state: AircraftState, now_s: float) -> None:
        """A state has arrived."""
        if self.state is not None and state.sent_s < self.state.sent_s - _RESTART_S:
            self.clock = PeerClock()  # the aircraft's clock began anew: it has restarted
            self._echo = None
        self.state, self._arrived_s = state, now_s
        if state.echo is not None and state.echo != self._echo:
            self.clock.update(state.echo.peer_sent_s, state.echo.received_s, state.sent_s, now_s)
            self._echo = state.echo

    def age_s(self, now_s: float) -> float | None:
        """How old the newest state is: by its own stamp, or before the clocks are compared by its arrival. None without one."""
        if self.state is None:
            return None
        waited_s = now_s - self._arrived_s
        sent_s = self.clock.to_local_s(self.state.sent_s)
        return waited_s if sent_s is None else max(waited_s, now_s - sent_s)

    def proven_age_s(self, now_s: float) -> float | None:
        """As `age_s`, but None as long as only the arrival is known: bytes may have waited in a buffer before they came."""
        return None if self.clock.offset_s is None else self.age_s(now_s)

    def alive(self, now_s: float) -> bool:
        age_s = self.age_s(now_s)
        return age_s is not None and age_s <= STALE_S

    def echo(self) -> Echo | None:
        """What goes up so that the aircraft can compare the clocks too: its newest stamp, and when it came here."""
        return None if self.state is None else Echo(peer_sent_s=self.state.sent_s, received_s=self._arrived_s)

    def phase_for_s(self, now_s: float) -> float | None:
        """How long the aircraft has been in its phase."""
        age_s = self.age_s(now_s)
        if self.state is None or age_s is None:
            return None
        return max(0.0, self.state.sent_s - self.state.phase_since_s + age_s)
