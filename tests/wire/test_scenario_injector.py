"""MAV_CMD_INJECT_FAILURE over a socket, to an autopilot that runs as a program, as a real PX4 is told of failures."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sitl.scenario.events import Px4Failure
from sitl.scenario.injector import Injector
from sitl.scenario.script import Change
from sitl.stack.stack import claim_instance
from tests.sitl.stack.processes import until

BATTERY = Px4Failure(after_launch_s=1.0, for_s=1.0, unit="battery", failure="off")
GPS = Px4Failure(after_launch_s=1.0, unit="gps", failure="off")


@pytest.fixture
def instance() -> Iterator[int]:
    """Of an autopilot that runs."""
    number, claim = claim_instance()
    command = [sys.executable, "-m", "sitl.autopilot", "--instance", str(number), "--speed", "2"]
    process = subprocess.Popen(command, env={**os.environ, "PX4_PARAM_SYS_FAILURE_EN": "1"})
    yield number
    process.terminate()
    process.wait(10)
    claim.close()


def test_failures_are_told_one_after_the_other_and_their_answers_come_back(instance: int) -> None:
    injector, answers = Injector(instance), []
    changes = [Change(BATTERY, True, 1.0), Change(BATTERY, False, 2.0), Change(GPS, True, 3.0)]
    for change in changes:
        injector.inject(change)

    def all_answered() -> bool:
        answers.extend(injector.answered())
        return len(answers) == len(changes)

    until(all_answered, "the answers", 60.0)
    injector.close()
    assert [change for change, _ in answers] == changes
    unknown = "PX4 does not answer: its simulation does not know this failure"
    assert [outcome for _, outcome in answers] == ["PX4: accepted", "PX4: accepted", unknown]
