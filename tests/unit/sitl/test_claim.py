"""PX4's instances: two simulations never take the same, even when both start at once."""

from __future__ import annotations

import contextlib
import socket

import pytest

from sitl.stack import stack
from wire.errors import LinkError


def test_each_claim_is_another_instance_until_it_is_let_go() -> None:
    with contextlib.ExitStack() as held:
        instances = []
        with pytest.raises(LinkError, match="ten PX4 instances"):
            for _ in range(11):
                instance, claim = stack.claim_instance()
                held.enter_context(claim)
                instances.append(instance)
        assert instances == sorted(set(instances))
    _, claim = stack.claim_instance()
    claim.close()


def test_an_instance_whose_ports_somebody_uses_is_not_taken() -> None:
    first, claim = stack.claim_instance()
    claim.close()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as user:
        user.bind(("127.0.0.1", 14580 + first))
        other, claim = stack.claim_instance()
        claim.close()
    assert other != first
