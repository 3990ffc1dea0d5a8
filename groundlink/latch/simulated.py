"""The simulator's latch, spoken to as a latch controller would be: orders out, sensor reports in."""

from __future__ import annotations

import zmq

from groundlink.configuration import LatchConfig
from wire.messages import LatchOrder, LatchReport, LatchState
from wire.sockets import Bus, Publisher, Subscriber


class SimulatedLatch:
    """A `Latch` over the topics latch_order and latch_report, both on this machine's clock."""

    def __init__(self, config: LatchConfig, bus: Bus) -> None:
        self._orders = Publisher(bus.connect(zmq.PUB, config.orders, "world", depth=1))
        self._reports = Subscriber(bus.connect(zmq.SUB, config.reports, "world", depth=4), bus.keyring, ("latch_report",))
        self._newest: LatchReport | None = None
        bus.watch(self._reports)

    def order(self, *, to_open: bool, now_s: float) -> None:
        self._orders.send("latch_order", LatchOrder(at_s=now_s, open=to_open))

    def read(self, now_s: float) -> tuple[LatchState, float] | None:
        for received in self._reports.receive(now_s):
            if isinstance(received.message, LatchReport):
                self._newest = received.message
        return None if self._newest is None else (self._newest.state, now_s - self._newest.at_s)
