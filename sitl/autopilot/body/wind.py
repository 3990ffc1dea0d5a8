"""Wind: a steady part and gusts."""

from __future__ import annotations

import math
import random

from sitl.autopilot.body.vector import Vector

GUST_TIME_CONSTANT_S = 3.0  # a low-altitude turbulence length of some 30 m crossed at 10 m/s
VERTICAL_SHARE = 0.3


class Wind:
    """A mean wind (m/s towards north and east) with gusts: per axis a first-order Gauss-Markov process.

    `gust_m_s` is the standard deviation of the horizontal gusts; vertical ones have 0.3 of it.
    """

    def __init__(self, *, north_m_s: float = 0.0, east_m_s: float = 0.0, gust_m_s: float = 0.0, seed: int = 0) -> None:
        self.as_given = (north_m_s, east_m_s, gust_m_s)
        self._random = random.Random(f"wind {seed}")
        self.blow(*self.as_given)

    def blow(self, north_m_s: float, east_m_s: float, gust_m_s: float) -> None:
        """From now on it blows so; gusts begin anew."""
        self._mean = (north_m_s, east_m_s, 0.0)
        self._sigma = (gust_m_s, gust_m_s, gust_m_s * VERTICAL_SHARE)
        self._gust = [0.0, 0.0, 0.0]
        self.velocity_m_s = Vector(*self._mean)

    def step(self, dt_s: float) -> Vector:
        """Advance by dt_s; the wind's velocity towards north, east, down in m/s."""
        if self._sigma[0] > 0.0:
            kept = math.exp(-dt_s / GUST_TIME_CONSTANT_S)
            fresh = math.sqrt(1.0 - kept * kept)
            self._gust = [
                gust * kept + sigma * fresh * self._random.gauss(0.0, 1.0)
                for gust, sigma in zip(self._gust, self._sigma, strict=True)
            ]
            self.velocity_m_s = Vector(*(mean + gust for mean, gust in zip(self._mean, self._gust, strict=True)))
        return self.velocity_m_s
