"""Who may order what: every verb by everyone."""

from __future__ import annotations

import pytest

from groundlink.configuration import Operator
from groundlink.link.authority import LAUNCHING, STOPPING, Authority
from wire.messages import Verb

AUTHORITY = Authority([Operator(name="chief", launch=True), Operator(name="officer")])


def test_every_verb_has_its_place() -> None:
    assert LAUNCHING | STOPPING | {Verb.STATUS} == set(Verb)
    assert not LAUNCHING & STOPPING


@pytest.mark.parametrize("verb", Verb)
def test_who_may(verb: Verb) -> None:
    assert AUTHORITY.refusal("chief", verb) is None
    assert (AUTHORITY.refusal("officer", verb) is None) == (verb not in LAUNCHING)
    for stranger in ("stranger", "", "Chief", "chief "):
        assert AUTHORITY.refusal(stranger, verb) is not None


def test_refusals_say_what_to_do() -> None:
    assert "launch: true" in (AUTHORITY.refusal("officer", Verb.LAUNCH) or "")
    assert "stranger is not among the operators" in (AUTHORITY.refusal("stranger", Verb.HOLD) or "")
    assert "this key is not among the operators" in (AUTHORITY.refusal("", Verb.HOLD) or "")
