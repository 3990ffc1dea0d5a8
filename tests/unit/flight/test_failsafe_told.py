"""Why the aircraft has yielded: PX4's failsafe shows as a changed mode first, and as a failsafe up to a second later."""

from __future__ import annotations

from missions.view import Aircraft, Mode, Vehicle, View
from onboard.flight.conductor import Conductor
from onboard.flight.envelope import Limits
from wire.messages import Phase


def yielded(failsafe: bool, said_s: float = 1.5) -> View:
    aircraft = Aircraft(
        heartbeat_age_s=0.1, armed=True, mode=Mode.HOLD, failsafe=failsafe, last_text="GCS lost", last_text_s=said_s
    )
    return View(aircraft, Vehicle())


def test_reason_is_corrected_once() -> None:
    conductor = Conductor(Limits())
    conductor.phase, conductor.reason = Phase.YIELDED, "mode hold was not asked for here: somebody else flies"
    assert conductor.update(1.0, yielded(failsafe=False)).events == []
    assert conductor.update(2.0, yielded(failsafe=True)).events == [("failsafe", "PX4 acts on a failsafe: GCS lost")]
    assert conductor.reason == "PX4 acts on a failsafe: GCS lost"
    assert conductor.update(3.0, yielded(failsafe=True)).events == []
    assert conductor.phase is Phase.YIELDED


def test_old_words_of_px4_are_not_quoted() -> None:
    """Without a ground station PX4 says nothing more; what it said long ago is no reason."""
    conductor = Conductor(Limits())
    conductor.phase = Phase.YIELDED
    assert conductor.update(100.0, yielded(failsafe=True)).events == [("failsafe", "PX4 acts on a failsafe")]
