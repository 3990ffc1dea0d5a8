"""The clock of whoever is on the other end of a link, by TIMESYNC: PX4's filter (lib/timesync), with its constants."""

from __future__ import annotations

import math

CONVERGED_AFTER = 500  # answers
FIRST_GAIN, LAST_GAIN = 0.05, 0.003
LONGEST_WAY_US = 10_000  # there and back; what took longer says nothing
FARTHEST_OFF_US = 100_000
JUMPED_AFTER = 10  # answers that far off


class Timesync:
    """`hear` answers to this autopilot's own TIMESYNC; `stamp_us` turns their time into this clock's."""

    def __init__(self) -> None:
        self._answers = 0
        self._offset_us = self._skew_us = 0.0
        self._far_off = 0

    def hear(self, now_us: int, theirs_ns: int, asked_ns: int) -> None:
        """An answer: their time, and ours when it was asked for."""
        way_us = now_us - asked_ns // 1000
        if not 0 <= way_us < LONGEST_WAY_US:
            return
        offset_us = (asked_ns // 1000 + now_us - 2 * (theirs_ns // 1000)) // 2
        if self.converged and abs(self._offset_us - offset_us) > FARTHEST_OFF_US:
            self._far_off += 1
            if self._far_off > JUMPED_AFTER:
                self._answers = self._far_off = 0  # their clock was set: begin anew
                self._offset_us = self._skew_us = 0.0
            return
        self._far_off = 0
        self._filter(offset_us)

    def _filter(self, offset_us: float) -> None:
        gain = LAST_GAIN
        if not self.converged:
            left = 1.0 - self._answers / CONVERGED_AFTER
            late = 1.0 - math.exp(0.5 * (1.0 - 1.0 / left))
            gain = late * LAST_GAIN + (1.0 - late) * FIRST_GAIN
        before_us = self._offset_us
        if self._answers == 0:
            self._offset_us = offset_us
        else:
            self._offset_us = gain * offset_us + (1.0 - gain) * (before_us + self._skew_us)
            self._skew_us = gain * (self._offset_us - before_us) + (1.0 - gain) * self._skew_us
        self._answers += 1

    @property
    def converged(self) -> bool:
        """Enough answers came: their time stamps are believed from now on."""
        return self._answers >= CONVERGED_AFTER

    def stamp_us(self, theirs_us: int, now_us: int) -> int:
        """A time of theirs by this clock; now, as long as their clock is not known."""
        return theirs_us + int(self._offset_us) if self.converged else now_us
