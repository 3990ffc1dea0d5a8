"""Whatever comes in on whatever link in whatever state, the autopilot neither crashes nor stalls."""

from __future__ import annotations

import math
import time
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.core import Autopilot
from sitl.autopilot.protocol.links import Datagram, LinkName
from tests.unit.autopilot.garbage import Garbage
from tests.unit.autopilot.harness import HOME, NAN

LINKS = list(LinkName)
MOST_PER_STEP = 1200  # messages in a step of 4 ms: five links at their loudest, files and parameters on each


def started(*, flying: bool, folder: Path | None = None, seed: int = 1) -> Autopilot:
    """Ready on the ground, or in the air; streams at 5 Hz, so that all of them are built in a fraction of the time."""
    autopilot = Autopilot(seed=seed, home=HOME, folder=folder)
    for link in autopilot.links.values():
        for number in link.default_rates_hz:
            link.set_interval(number, 0.2, 0.0)
    autopilot.step(4.4)
    if flying:
        mav = mavlink.MAVLink(None, srcSystem=1, srcComponent=191)
        for message in (
            mavlink.MAVLink_command_long_message(1, 1, 22, 0, NAN, 0, 0, NAN, NAN, NAN, 45.0),
            mavlink.MAVLink_command_long_message(1, 1, 400, 0, 1, 0, 0, 0, 0, 0, 0),
        ):
            autopilot.receive(LinkName.ONBOARD, message.pack(mav))
        autopilot.step(7.0)
    return autopilot


def feed(autopilot: Autopilot, chance: Random, packets: int) -> None:
    """Packets on any link, time passing between them now and then."""
    garbage = Garbage(chance)
    for _ in range(packets):
        datagram = b"".join(garbage.packet() for _ in range(chance.choice((1, 1, 1, 2, 5))))
        autopilot.receive(chance.choice(LINKS), datagram)
        if chance.randrange(4) == 0:
            step(autopilot, chance.choice((0.004, 0.02, 0.3)))


def step(autopilot: Autopilot, duration_s: float) -> list[Datagram]:
    sent: list[Datagram] = []
    for _ in range(round(duration_s / 0.004)):
        out = autopilot.step(0.004)
        assert len(out) <= MOST_PER_STEP
        sent += out
    return sent


def assert_alive(autopilot: Autopilot) -> None:
    """Heartbeats on every link, at a finite place."""
    beating = {link for link, data in step(autopilot, 1.2) if data[7:10] == b"\0\0\0" and data[6] == 1}
    assert beating == set(LINKS)
    assert all(math.isfinite(x) for x in autopilot.pilot.flight.estimate.position_m)


@settings(max_examples=10, deadline=None)
@given(st.randoms(use_true_random=False), st.booleans(), st.integers(1, 25))
def test_garbage_on_every_link(chance: Random, flying: bool, packets: int) -> None:
    autopilot = started(flying=flying)
    feed(autopilot, chance, packets)
    assert_alive(autopilot)


@pytest.mark.slow
@pytest.mark.timeout(0)
def test_garbage_for_long(request: pytest.FixtureRequest, tmp_path: Path) -> None:
    """--fuzz-seconds of real time; --fuzz-seed begins where a failure was."""
    seconds, seed = (float(request.config.getoption(name)) for name in ("--fuzz-seconds", "--fuzz-seed"))
    end_s, number = time.monotonic() + seconds, int(seed)
    while time.monotonic() < end_s:
        chance = Random(number)
        autopilot = started(flying=chance.randrange(3) > 0, folder=tmp_path, seed=number)
        try:
            for _ in range(10):
                feed(autopilot, chance, 60)
                assert_alive(autopilot)
        except Exception as error:
            raise AssertionError(f"garbage of --fuzz-seed {number}: {error!r}") from error
        finally:
            autopilot.close()
        number += 1
    assert number > seed
