"""MAV_CMD_INJECT_FAILURE as a simulated PX4 v1.16 takes it: the battery can be emptied; motors say they failed and turn on."""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.body.battery import Battery
from sitl.autopilot.parameters import Parameters

_ACCEPTED, _DENIED, _UNSUPPORTED = mavlink.MAV_RESULT_ACCEPTED, mavlink.MAV_RESULT_DENIED, mavlink.MAV_RESULT_UNSUPPORTED
_BATTERY, _MOTOR = mavlink.FAILURE_UNIT_SYSTEM_BATTERY, mavlink.FAILURE_UNIT_SYSTEM_MOTOR
_OK, _OFF, _WRONG = mavlink.FAILURE_TYPE_OK, mavlink.FAILURE_TYPE_OFF, mavlink.FAILURE_TYPE_WRONG
_MOTORS = range(9)


def inject(battery: Battery, parameters: Parameters, unit: int, failure: int, instance: int) -> int | None:
    """Make a unit fail, or work again; the MAV_RESULT, None for silence: no module of PX4's simulation handles the unit."""
    if parameters["SYS_FAILURE_EN"] < 1:
        return int(_DENIED)
    if unit == _BATTERY and failure in (_OK, _OFF):
        if instance != 0:
            return int(_UNSUPPORTED)
        battery.fail(failure == _OFF)
        return int(_ACCEPTED)
    if unit == _MOTOR:
        known = failure in (_OFF, _WRONG) or (failure == _OK and instance in _MOTORS)
        return int(_ACCEPTED if known else _UNSUPPORTED)
    return None
