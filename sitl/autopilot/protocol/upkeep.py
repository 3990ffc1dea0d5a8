"""Commands of upkeep: calibration, failures on purpose, tests of motors and servos, logs, links, what to estimate."""

from __future__ import annotations

from collections.abc import Callable

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.commander import injection
from sitl.autopilot.pilot import Pilot
from sitl.autopilot.protocol.command import Command
from sitl.autopilot.telling import texts

ACCEPTED: int = mavlink.MAV_RESULT_ACCEPTED
TEMPORARILY_REJECTED: int = mavlink.MAV_RESULT_TEMPORARILY_REJECTED
DENIED: int = mavlink.MAV_RESULT_DENIED
UNSUPPORTED: int = mavlink.MAV_RESULT_UNSUPPORTED
FAILED: int = mavlink.MAV_RESULT_FAILED

MOTORS, SERVOS = range(1, 13), range(33, 41)  # MAVLink's ACTUATOR_OUTPUT_FUNCTION
ANY_OUTPUT_FROM = 1000  # PX4's own numbers of functions, plus this

Result = int | list[int] | None
"""A MAV_RESULT, several, or PX4's silence."""
Handler = Callable[[Pilot, Command], Result]


def inject_failure(pilot: Pilot, command: Command) -> int | None:
    """A failure on purpose."""
    unit, failure, instance = (int(command.value(place) + 0.5) for place in (1, 2, 3))
    return injection.inject(pilot.battery, pilot.parameters, unit, failure, instance)


def calibrate(pilot: Pilot, command: Command) -> list[int]:
    """PREFLIGHT_CALIBRATION."""
    params = [command.value(place) for place in range(1, 8)]
    results, said = pilot.calibration.order(params, pilot.now_s, armed=pilot.commander.armed)
    pilot.said += said
    return results


def calibrate_compass(pilot: Pilot, command: Command) -> int:
    """By the heading it is said to have."""
    done, said = pilot.calibration.compass_by_heading(command.value(1), pilot.now_s, armed=pilot.commander.armed)
    pilot.said += said
    return ACCEPTED if done else TEMPORARILY_REJECTED


def high_latency(pilot: Pilot, command: Command) -> int:
    """There is no such link."""
    del command
    pilot.said.append(texts.NO_HIGH_LATENCY)
    return FAILED


def begin_log_stream(pilot: Pilot, command: Command) -> int:
    """PX4's only format is 0; there is no log to stream."""
    del pilot
    return ACCEPTED if int(command.value(1, -2.0) + 0.5) == 0 else UNSUPPORTED


def estimate_wind(pilot: Pilot, command: Command) -> list[int]:
    """PX4's estimator takes it, its commander knows nothing of it, and both answer."""
    del pilot, command
    return [ACCEPTED, UNSUPPORTED]


def move_actuator(pilot: Pilot, command: Command) -> int | None:
    """A motor or servo is to move alone, which has no effect here; of an unknown one PX4 says nothing."""
    if pilot.commander.armed or pilot.parameters["COM_MOT_TEST_EN"] != 1:
        return DENIED
    function = int(command.value(5, -2.0) + 0.5)
    return ACCEPTED if function in MOTORS or function in SERVOS or function >= ANY_OUTPUT_FROM else None
