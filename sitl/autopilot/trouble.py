"""The autopilot's part of a scenario: sensors that are off, wind, and PX4's own failures."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.bias import NONE, SensorErrors
from sitl.autopilot.body.vector import Vector
from sitl.autopilot.body.wind import Wind
from sitl.autopilot.commander import injection
from sitl.autopilot.pilot import Pilot
from sitl.scenario.events import AutopilotEvent, Px4Failure, SensorBias, WindChange
from sitl.scenario.script import Change, LaunchClock, Script

Tell = Callable[[Change, str], None]


class Trouble:
    """Call `step` a few times a second. `tell` is given each change, and what PX4 said to it."""

    def __init__(self, events: Sequence[AutopilotEvent], pilot: Pilot, wind: Wind, tell: Tell) -> None:
        self._pilot, self._wind, self._tell = pilot, wind, tell
        self._script = Script(events)
        self._launch = LaunchClock()

    def step(self) -> None:
        """Do what begins and ends now."""
        flight = self._pilot.flight
        for change in self._script.update(self._launch.update(-flight.body.position_m.down, flight.now_s)):
            outcome = ""
            if isinstance(change.event, SensorBias):
                flight.estimate.bias.sensors = _errors(self._script.on(SensorBias))
            elif isinstance(change.event, WindChange):
                self._blow()
            elif isinstance(change.event, Px4Failure):
                outcome = self._fail(change.event, began=change.began)
            self._tell(change, outcome)

    def _blow(self) -> None:
        winds = self._script.on(WindChange)
        newest = winds[-1] if winds else None
        self._wind.blow(*(self._wind.as_given if newest is None else (newest.north_m_s, newest.east_m_s, newest.gust_m_s)))

    def _fail(self, event: Px4Failure, *, began: bool) -> str:
        result = injection.inject(self._pilot.battery, self._pilot.parameters, *numbers(event, began=began), event.instance)
        return answer(result)


def numbers(event: Px4Failure, *, began: bool) -> tuple[int, int]:
    """FAILURE_UNIT and FAILURE_TYPE of MAV_CMD_INJECT_FAILURE; when it is over, the unit works again."""
    group = "SYSTEM" if event.unit in _SYSTEMS else "SENSOR"
    unit = getattr(mavlink, f"FAILURE_UNIT_{group}_{event.unit.upper()}")
    return int(unit), int(getattr(mavlink, f"FAILURE_TYPE_{event.type.upper()}") if began else mavlink.FAILURE_TYPE_OK)


def answer(result: int | None) -> str:
    """What PX4 said to it, in words."""
    if result is None:
        return "PX4 does not answer: its simulation does not know this failure"
    said = {mavlink.MAV_RESULT_ACCEPTED: "accepted", mavlink.MAV_RESULT_DENIED: "denied: SYS_FAILURE_EN is 0"}
    return f"PX4: {said.get(result, 'unsupported')}"


def _errors(biases: Sequence[SensorBias]) -> SensorErrors:
    if not biases:
        return NONE
    gnss = Vector(sum(b.gnss_north_m for b in biases), sum(b.gnss_east_m for b in biases), -sum(b.gnss_up_m for b in biases))
    return SensorErrors(gnss, sum(b.barometer_m for b in biases), math.radians(sum(b.heading_deg for b in biases)))


_SYSTEMS = frozenset(("battery", "motor", "servo", "avoidance", "rc_signal", "mavlink_signal"))
