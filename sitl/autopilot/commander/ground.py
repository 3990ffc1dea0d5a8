"""Whether it stands on the ground: PX4's land detector for multicopters (MulticopterLandDetector), in its order.

Ground contact is little thrust and no movement close to the ground while a descent is asked for; the controller lets go then.
Perhaps landed is contact with least thrust and no rotation. Each must last for a third of LNDMC_TRIG_TIME, and then once more;
three times as long while there is no range, as when the range finder stands on the ground. How long all this takes depends on
how wrong the vertical speed is that the autopilot believes in: 2 to 8 s.
"""

from __future__ import annotations

import math
from typing import NamedTuple

from sitl.autopilot.body.vehicle import BodyRates
from sitl.autopilot.navigator.task import Tuning

CLOSE_M = 1.0
LOW_SHARE, LOW_SHARE_UNCONTROLLED, LEAST_SHARE = 0.6, 0.3, 0.1
"""Of the way from least to hover thrust."""
DESCENT_SHARE = 1.1  # of LNDMC_Z_VEL_MAX: what asks for a descent
HOVER_THRUST = 0.46  # what PX4's estimator of it makes of a descent, in which drag carries too
BLIND_FACTOR = 3.0


class Signs(NamedTuple):
    """What it judges by: commanded thrust (0..1), believed horizontal speed (0 where it is not known), vertical speed and
    change of height, how fast it turns, height over ground (None: no range), the vertical speed asked for (None: none).

    `climb_controlled` is whether the autopilot controls the climb at all.
    """

    thrust: float
    level_m_s: float
    velocity_down_m_s: float
    descent_m_s: float
    rates_rad_s: BodyRates
    range_m: float | None
    sink_m_s: float | None
    climb_controlled: bool


class _Lasting:
    """True once something has been so for a while, false at once."""

    def __init__(self) -> None:
        self._since_s: float | None = None
        self.so = False

    def update(self, now: bool, now_s: float, after_s: float) -> bool:
        if not now:
            self._since_s = None
        elif self._since_s is None:
            self._since_s = now_s
        self.so = self._since_s is not None and now_s - self._since_s >= after_s
        return self.so


class LandDetector:
    """In flight: a new one, or `reset`, begins with nothing under it."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = tuning
        self.reset()

    def reset(self) -> None:
        """It flies."""
        self._contact, self._perhaps, self._landed = _Lasting(), _Lasting(), _Lasting()

    @property
    def contact(self) -> bool:
        """It touches the ground: thrust may go."""
        return self._contact.so

    def update(self, signs: Signs, now_s: float) -> bool:
        """Whether it has landed by now; once landed, thrust decides nothing any more: reset it at the next take-off."""
        third_s = self._tuning["LNDMC_TRIG_TIME"] / 3.0 * (BLIND_FACTOR if signs.range_m is None else 1.0)
        contact = self._contact.update(self._touches(signs), now_s, third_s)
        perhaps = self._perhaps.update(contact and self._rests(signs), now_s, third_s)
        return self._landed.update(perhaps, now_s, third_s)

    def _touches(self, signs: Signs) -> bool:
        get = self._tuning
        share = LOW_SHARE if signs.climb_controlled else LOW_SHARE_UNCONTROLLED
        if signs.thrust > self._thrust(share) or (signs.range_m is not None and signs.range_m >= CLOSE_M):
            return False
        if signs.climb_controlled and not self._perhaps.so and not self._sinks(signs):
            return False
        still = min(abs(signs.velocity_down_m_s), abs(signs.descent_m_s)) < get["LNDMC_Z_VEL_MAX"]
        return still and signs.level_m_s <= get["LNDMC_XY_VEL_MAX"]

    def _sinks(self, signs: Signs) -> bool:
        return signs.sink_m_s is not None and signs.sink_m_s >= DESCENT_SHARE * self._tuning["LNDMC_Z_VEL_MAX"]

    def _rests(self, signs: Signs) -> bool:
        least = self._thrust(LEAST_SHARE) if signs.climb_controlled else self._tuning["MPC_MANTHR_MIN"] + 0.01
        turning_rad_s = math.hypot(*signs.rates_rad_s[:2])
        return signs.thrust <= least and turning_rad_s <= math.radians(self._tuning["LNDMC_ROT_MAX"])

    def _thrust(self, share: float) -> float:
        least = self._tuning["MPC_THR_MIN"]
        return least + (HOVER_THRUST - least) * share
