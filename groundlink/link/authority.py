"""Who may order what. Pure. An operator is a key's name: what a message says of itself is never believed."""

from __future__ import annotations

from collections.abc import Iterable

from groundlink.configuration import Operator
from wire.messages import Verb

LAUNCHING = frozenset({Verb.LAUNCH, Verb.RESUME})
"""What sends the aircraft out or onward: only for operators with `launch: true`."""

STOPPING = frozenset({Verb.HOLD, Verb.RETURN, Verb.LAND, Verb.ABORT})
"""What makes a flight safer: open to every listed operator, at any time."""


class Authority:
    def __init__(self, operators: Iterable[Operator]) -> None:
        self._operators = {operator.name: operator for operator in operators}

    def refusal(self, operator: str, verb: Verb) -> str | None:
        """Why this operator may not order that, in a sentence, or None when they may."""
        entry = self._operators.get(operator)
        if entry is None:
            who = operator or "this key"
            return f"{who} is not among the operators: list it in the vehicle's configuration if it may give orders"
        if verb in LAUNCHING and not entry.launch:
            return f"{operator} may not {verb}: that needs 'launch: true' in the vehicle's configuration"
        return None
