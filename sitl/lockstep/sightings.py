"""A landing camera without pictures: what vision would tell of the roof's marker, from the truth, with errors and faults."""

from __future__ import annotations

import math
import random
from collections import deque

from onboard.vision.geolocation import inverse
from sitl.scenario.events import Frames
from wire import geo
from wire.geo import Ned, Position, Quaternion, rotate
from wire.messages import PadSighting

PERIOD_S = 0.1
DELAY_S = 0.1
"""From a picture to the sighting: what exposure, the way to the program and the look at it take."""
WIDTH_PX, HEIGHT_PX = 640, 480
SMALLEST_PX = 15.0
NOISE_M, NOISE_SHARE = 0.01, 0.01
"""Standard deviation per axis: a part that stays, and one per metre of distance (about a third of a degree)."""
MOUNT_RAD = math.radians(1.0)
"""How far the camera is from straight down; the way it leans follows from the seed."""


class SimulatedSightings:
    """The same for the same seed. To make things go wrong change what stands without an underscore."""

    def __init__(self, seed: int, *, hfov_deg: float = 90.0, marker_side_m: float = 0.75) -> None:
        self.dead = False
        """Vision has crashed, hangs, or has no landing camera: nothing comes."""
        self.blind = False
        """It looks and sees no marker: fog, darkness, something on the roof."""
        self.frozen: Frames | None = None
        """The camera gives no pictures, or the same one over and over; vision leaves those out, so that it is the same here."""
        self.gone_until_s = -math.inf
        """Vision is being started again until then."""
        self.lie = Ned(0.0, 0.0, 0.0)
        """What is told is this far from where the marker is."""
        self._random = random.Random(f"sightings {seed}")
        angle = self._random.uniform(-math.pi, math.pi)
        self._mount = (MOUNT_RAD * math.cos(angle), MOUNT_RAD * math.sin(angle))
        self._focal_px = WIDTH_PX / 2 / math.tan(math.radians(hfov_deg) / 2)
        self._side_m = marker_side_m
        self._waiting: deque[tuple[float, PadSighting]] = deque()
        self._looked_s, self._sequence = -math.inf, 0

    def look(self, now_s: float, aircraft: Position, attitude: Quaternion, pad: Position) -> list[PadSighting]:
        """Call it often while the marker is looked for; gives what has arrived by now. All in the true frame."""
        dead = self.dead or now_s < self.gone_until_s
        if now_s - self._looked_s >= PERIOD_S and not dead and self.frozen is None:
            self._looked_s = now_s
            self._sequence += 1
            self._waiting.append((now_s + DELAY_S, self._sighting(now_s, geo.ned_between(aircraft, pad), attitude)))
        arrived = []
        while self._waiting and self._waiting[0][0] <= now_s:
            arrived.append(self._waiting.popleft()[1])
        return [] if dead else arrived

    def _sighting(self, now_s: float, way: Ned, attitude: Quaternion) -> PadSighting:
        nothing = PadSighting(captured_s=now_s, sequence=self._sequence, marker_id=0, offset_ned_m=None)
        forward, right, down = rotate(inverse(attitude), *way)
        half_m = self._side_m / 2
        if self.blind or down <= 0.1 or self._side_m * self._focal_px / down < SMALLEST_PX:
            return nothing
        if (abs(right) + half_m) * self._focal_px / down > WIDTH_PX / 2:
            return nothing
        if (abs(forward) + half_m) * self._focal_px / down > HEIGHT_PX / 2:
            return nothing
        seen = rotate(
            attitude, forward + self._error(down, 0), right + self._error(down, 1), down * self._random.gauss(1, 0.02)
        )
        offset = Ned(*(part + wrong for part, wrong in zip(seen, self.lie, strict=True)))
        side_px = self._side_m * self._focal_px / down
        return PadSighting(
            captured_s=now_s, sequence=self._sequence, marker_id=0, offset_ned_m=offset, side_px=side_px, misfit=0.02
        )

    def _error(self, down_m: float, axis: int) -> float:
        return self._random.gauss(0, NOISE_M + NOISE_SHARE * down_m) + self._mount[axis] * down_m
