"""Replies are said again for a while, because packets are lost; each command's last word only, and not without bound."""

from __future__ import annotations

from onboard.flight.flight import REPLIES_KEPT, REPLY_AGAIN_S
from tests.sitl.lockstep.harness import READY_S, Watched
from wire.messages import Stage, Verb


def test_many_orders_do_not_make_ever_more_replies() -> None:
    flown = Watched()
    flown.run(READY_S)
    orders = [flown.order(Verb.HOLD) for _ in range(2 * REPLIES_KEPT)]
    flown.run(2 * REPLY_AGAIN_S)
    assert {reply.command_id for reply in flown.replies} == set(orders)
    before = len(flown.replies)
    flown.run(10 * REPLY_AGAIN_S)
    again = flown.replies[before:]
    assert {reply.command_id for reply in again} == set(orders[-REPLIES_KEPT:])
    assert {reply.stage for reply in again} == {Stage.REFUSED}
    assert len(again) <= 11 * REPLIES_KEPT
