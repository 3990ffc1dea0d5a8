"""Sessions drawn at random: nothing stalls, the same seed is the same session, and PX4 answers them alike."""

from __future__ import annotations

import pytest

from tests.sitl.conformance.conftest import Hangar
from tests.sitl.conformance.random_sessions.acts import Act, session
from tests.sitl.conformance.random_sessions.contrast import unanswered
from tests.sitl.conformance.random_sessions.player import AFTER_S, Player
from tests.sitl.conformance.random_sessions.transcript import Transcript, of

BRIEF_S = 25.0


def _brief(seed: int) -> list[Act]:
    return [act for act in session(seed) if act.at_s < BRIEF_S]


def _flown(hangar: Hangar, acts: list[Act], beside: int = 0) -> tuple[bytes, Transcript, int]:
    """What was said on both links, as bytes and in short, and the system id."""
    vehicle = hangar.start(beside=beside)
    player = Player(vehicle)
    player.play(acts)
    assert vehicle.now_s >= player.start_s + acts[-1].at_s + AFTER_S
    assert vehicle.onboard.rate_hz("HEARTBEAT", vehicle.now_s - AFTER_S, vehicle.now_s) == pytest.approx(1.0, abs=0.2)
    said = b"".join(frame.data for log in vehicle.logs.values() for frame in log.frames)
    return said, of(vehicle, player.start_s), vehicle.system


@pytest.mark.parametrize("seed", [1, 2])
def test_the_same_seed_is_the_same_session(seed: int) -> None:
    """On the embedded autopilot to the byte."""
    said = [[str(act.say) for act in session(number)] for number in (seed, seed, seed + 1)]
    assert said[0] == said[1] != said[2]
    embedded = Hangar(None, None, 1.0)
    first, second = (_flown(embedded, _brief(seed))[0] for _ in range(2))
    assert first == second


@pytest.mark.slow
@pytest.mark.px4
@pytest.mark.parametrize("seed", [12, 14, 31])
def test_px4_answers_alike(hangar: Hangar, seed: int) -> None:
    """Every command with the same results; what else they say may come at other times, and is for eyes to judge."""
    acts = session(seed)
    _, theirs, system = _flown(hangar, acts)
    _, ours, _ = _flown(Hangar(None, None, 1.0), acts, system - 1)
    assert unanswered(theirs, ours) == []
