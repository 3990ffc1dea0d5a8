"""Commands from the vehicle: believed once, answered every time, ended by what was seen."""

from __future__ import annotations

from collections import OrderedDict

from missions.model import Mission, parse
from wire.errors import ConfigurationError
from wire.messages import Command, Phase, Reply, Stage, Verb

KEPT = 64
"""So many commands are remembered; a repeat of any of them is answered from memory."""
MAX_LIFE_S = 30.0
"""An order may be valid for this long at most, whatever it says: one that lay somewhere for longer surprises everybody."""
SLACK_S = 0.5
"""Clocks of two machines agree to half a round trip; a command may be this much past its expiry, and no more."""

ACHIEVED: dict[Verb, frozenset[Phase]] = {
    Verb.LAUNCH: frozenset({Phase.TRANSIT}),
    Verb.HOLD: frozenset({Phase.HOLDING, Phase.STOWED, Phase.SECURED}),
    Verb.RESUME: frozenset({Phase.SURVEYING}),
    Verb.RETURN: frozenset({Phase.RETURNING, Phase.STOWED, Phase.SECURED}),
    Verb.LAND: frozenset({Phase.LANDING, Phase.STOWED, Phase.SECURED}),
    Verb.ABORT: frozenset({Phase.RETURNING, Phase.HOLDING, Phase.STOWED, Phase.SECURED}),
}
"""Where an order has done what it asked for (and the phase has settled)."""

ON_THE_WAY: dict[Verb, frozenset[Phase]] = {
    Verb.LAUNCH: frozenset({Phase.CHECKING, Phase.RELEASING, Phase.ARMING, Phase.CLIMBING}),
    Verb.HOLD: frozenset({Phase.LANDING, Phase.SECURING}),
    Verb.RESUME: frozenset({Phase.TRANSIT}),
    Verb.RETURN: frozenset({Phase.LANDING, Phase.SECURING}),
    Verb.LAND: frozenset({Phase.SECURING}),
    Verb.ABORT: frozenset({Phase.LANDING, Phase.SECURING}),
}
"""Phases that lead to it; anywhere else, the order has failed."""


class Ledger:
    """What became of each command. The newest order supersedes the one before it."""

    def __init__(self) -> None:
        self._replies: OrderedDict[str, Reply] = OrderedDict()
        self._verbs: dict[str, Verb] = {}
        self.open: Command | None = None

    def known(self, command: Command, now_s: float) -> Reply | None:
        """What became of this command, when it has come before. An id that comes again with another order is refused."""
        reply = self._replies.get(command.id)
        if reply is None or self._verbs[command.id] is command.verb:
            return reply
        sentence = f"{command.verb} refused: its id was used for another order before; say it again"
        return Reply(command_id=command.id, stage=Stage.REFUSED, sentence=sentence, at_s=now_s)

    def reply(self, command: Command, stage: Stage, sentence: str, now_s: float) -> Reply:
        """Note and return a reply; an ACCEPTED one stays open until DONE or FAILED."""
        reply = Reply(command_id=command.id, stage=stage, sentence=sentence[:400], at_s=now_s)
        self._replies[command.id] = reply
        self._replies.move_to_end(command.id)
        self._verbs[command.id] = command.verb
        while len(self._replies) > KEPT:
            del self._verbs[self._replies.popitem(last=False)[0]]
        if stage is Stage.ACCEPTED:
            self.open = command
        elif self.open is not None and self.open.id == command.id:
            self.open = None
        return reply

    def supersede(self, command: Command, now_s: float) -> list[Reply]:
        """A new order was taken: the one still open, if any, ends here."""
        if self.open is None:
            return []
        return [self.reply(self.open, Stage.FAILED, f"{self.open.verb} was overtaken by {command.verb}", now_s)]

    def settle(self, phase: Phase, settled: bool, sentence: str, now_s: float) -> Reply | None:
        """The open command's end, if `phase` is one: called every round."""
        command = self.open
        if command is None:
            return None
        if phase in ACHIEVED[command.verb]:
            return self.reply(command, Stage.DONE, sentence, now_s) if settled else None
        if phase in ON_THE_WAY[command.verb]:
            return None
        refused = command.verb is Verb.LAUNCH and phase is Phase.STOWED  # the checks said no, and nothing has moved
        return self.reply(command, Stage.REFUSED if refused else Stage.FAILED, sentence, now_s)


def expired(command: Command, now_ground_s: float | None) -> str | None:
    """Why a command is too old to obey, or None. `now_ground_s` is the vehicle's clock now, as well as it is known here."""
    if now_ground_s is None:
        return "the vehicle's clock is not known yet; say it again"
    if not now_ground_s <= command.expires_s + SLACK_S:
        return f"the order is {now_ground_s - command.issued_s:.1f} s old and has expired; say it again"
    if command.issued_s > now_ground_s + SLACK_S:
        return "the order claims to come from the future; the clocks do not agree"
    if not command.expires_s - command.issued_s <= MAX_LIFE_S:
        life_s = command.expires_s - command.issued_s
        return (
            f"the order would stay valid for {life_s:.0f} s, and {MAX_LIFE_S:g} s is the most; say it again with a shorter life"
        )
    return None


def mission_of(command: Command) -> Mission | str:
    """The mission that a launch carries, checked here again; or a sentence on what is wrong with it."""
    if command.mission_yaml is None:
        return "the launch names no mission"
    try:
        return parse(command.mission_yaml, "mission")
    except ConfigurationError as error:
        return str(error)
