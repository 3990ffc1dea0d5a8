"""What of all that happens goes into the log, and how often."""

from __future__ import annotations

from groundlink.link.latch_control import Decision
from wire.journal import Journal, Thinner
from wire.messages import AircraftState, Answer, Command, Detections, LatchState, Message, Order, VehicleState


class Record:
    """Streams are thinned to once a second and to what changes; everything else is written as it comes."""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal
        self._thinner = Thinner()
        self._phase: str | None = None
        self._alive = False
        self._latch: tuple[LatchState | None, Decision] | None = None

    @property
    def trouble(self) -> str | None:
        return self._journal.trouble

    def happened(self, now_s: float, kind: str, message: Message | None = None, **fields: object) -> None:
        self._journal.write(now_s, kind, message, **fields)

    def order(self, now_s: float, order: Order, operator: str) -> None:
        self._journal.write(now_s, "order", order, operator=operator)

    def command(self, now_s: float, command: Command) -> None:
        self._journal.write(now_s, "command", command)

    def answer(self, now_s: float, answer: Answer) -> None:
        self._journal.write(now_s, "answer", answer)

    def state(self, now_s: float, state: AircraftState) -> None:
        if state.phase != self._phase:
            self._journal.write(now_s, "phase", phase=state.phase.value, before=self._phase, reason=state.reason)
            self._phase = state.phase.value
        key = (
            state.phase,
            state.armed,
            state.mode,
            state.landed,
            state.failsafe,
            state.latch_request,
            state.other_ground_station,
        )
        self._thinned(now_s, "state", state, key)

    def stream(self, now_s: float, kind: str, message: Message) -> None:
        """Any other steady topic."""
        key = sorted(each.track_id for each in message.objects or ()) if isinstance(message, Detections) else None
        self._thinned(now_s, kind, message, key)

    def vehicle(self, now_s: float, vehicle: VehicleState) -> None:
        self._thinned(now_s, "vehicle", vehicle, (vehicle.position is None, vehicle.latch))

    def link(self, now_s: float, *, alive: bool, age_s: float | None) -> None:
        if alive != self._alive:
            self._journal.write(now_s, "link_regained" if alive else "link_lost", age_s=age_s)
            self._alive = alive

    def latch(self, now_s: float, latch: LatchState | None, decision: Decision) -> None:
        if (latch, decision) != self._latch:
            self._journal.write(now_s, "latch", latch, action=decision.action.value, reason=decision.reason)
            self._latch = (latch, decision)

    def _thinned(self, now_s: float, kind: str, message: Message, key: object) -> None:
        if self._thinner.passes(kind, key, now_s):
            self._journal.write(now_s, kind, message)
