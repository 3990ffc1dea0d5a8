"""PX4's simulated battery: drains while armed down to SIM_BAT_MIN_PCT, is full again when disarmed."""

from __future__ import annotations

from enum import IntEnum

from sitl.autopilot.parameters import Parameters

CELLS = 4
FULL_V, EMPTY_V = 4.05, 3.6  # per cell
FILTER_S = 1.0  # lag of the reported remainder behind the voltage, as measured


class Charge(IntEnum):
    """MAV_BATTERY_CHARGE_STATE."""

    OK = 1
    LOW = 2
    CRITICAL = 3
    EMERGENCY = 4


class Battery:
    """From full to empty takes SIM_BAT_DRAIN seconds; `voltage_v` shows it at once, `remaining` (0..1) and `charge` later."""

    def __init__(self, parameters: Parameters) -> None:
        self._parameters = parameters
        self._charge = 1.0
        self._failed = False
        self.remaining = 0.9999
        self.charge = Charge.OK

    @property
    def voltage_v(self) -> float:
        """Of the whole pack."""
        return CELLS * (EMPTY_V + (FULL_V - EMPTY_V) * self._charge)

    def fail(self, failed: bool) -> None:
        """An injected failure: empty at once."""
        self._failed = failed

    def step(self, dt_s: float, *, armed: bool) -> None:
        """Advance by dt_s."""
        get = self._parameters
        floor = min(1.0, max(0.0, get["SIM_BAT_MIN_PCT"] / 100.0))
        if self._failed:
            self._charge = 0.0
        elif armed:
            self._charge = max(floor, self._charge - dt_s / max(1.0, get["SIM_BAT_DRAIN"]))
        else:
            self._charge = 1.0
        self.remaining += (self._charge - self.remaining) * min(1.0, dt_s / FILTER_S)
        self.charge = self._judge()

    def _judge(self) -> Charge:
        get = self._parameters
        for name, charge in (
            ("BAT_EMERGEN_THR", Charge.EMERGENCY),
            ("BAT_CRIT_THR", Charge.CRITICAL),
            ("BAT_LOW_THR", Charge.LOW),
        ):
            if self.remaining < get[name]:
                return charge
        return Charge.OK
