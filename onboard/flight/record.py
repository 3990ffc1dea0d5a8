"""What of flight goes into the aircraft's log, and how often."""

from __future__ import annotations

from missions.requests import LandingTarget
from onboard.flight.flight import REPLIES_KEPT, Turn
from wire.journal import Journal, Thinner
from wire.messages import AircraftState, Command, Reply


class Record:
    """Requests and events all, the state once a second and when it matters, each command and reply once."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thinner = Thinner()
        self._replies: dict[str, Reply] = {}

    def command(self, now_s: float, command: Command, sender: str) -> None:
        """A command has come, perhaps for another time; `sender` is the name of its key."""
        if self._thinner.passes("command", command.id, now_s):
            self._journal.write(now_s, "command", command, sender=sender)

    def turn(self, now_s: float, turn: Turn) -> None:
        """What a round gave."""
        for request in turn.requests:
            if isinstance(request, LandingTarget) and not self._thinner.passes("landing_target", None, now_s):
                continue
            self._journal.write(now_s, "request", request=repr(request))
        for topic, message in turn.messages:
            if isinstance(message, AircraftState):
                key = (message.phase, message.armed, message.mode, message.failsafe, message.landed)
                if self._thinner.passes(topic, key, now_s):
                    self._journal.write(now_s, topic, message)
            elif isinstance(message, Reply):
                if self._replies.get(message.command_id) != message:
                    newest = [*self._replies.items(), (message.command_id, message)][-2 * REPLIES_KEPT :]
                    self._replies = dict(newest)
                    self._journal.write(now_s, topic, message)
            elif topic == "event":
                self._journal.write(now_s, topic, message)
