"""The roof's marker as vision sees it, and whether to believe it. Pure: times are the board's clock.

Vision may hang, fail or lie. What it says counts only while it is fresh, fits the height above the roof, lies where the
vehicle says its roof is, and agrees with what it said just before. Otherwise there is none, and landing goes by position.
"""

from __future__ import annotations

import statistics
from collections import deque
from typing import NamedTuple

from missions.view import Sight, View
from wire import geo
from wire.geo import Ned, Position
from wire.messages import PadSighting

LATE_S = 0.5
"""A picture that is older than this when it is heard of is not used."""
AHEAD_S = 0.15
"""A picture may be this much newer than the newest position (three of its periods)."""
PAD_FRESH_S = 3.0
WIDEST = 1.5
"""The farthest to the side, per metre of height: 56 degrees off straight down, a wide lens and the lean in wind."""
HEIGHT_SLACK_M, HEIGHT_SHARE = 1.5, 0.25
"""How far the distance by the marker's size may be from the height above home: PX4's altitude drifts by a metre."""
SMALLEST_SIDE_PX, LARGEST_MISFIT = 12.0, 0.12
WINDOW_S, AVERAGED_S = 1.5, 0.3
ENOUGH, MOST, AGREE_M = 5, 0.7, 0.5
"""So many pictures of the last WINDOW_S, and this share of them, must put the pad within AGREE_M of their median."""

DISTRUST_S = 120.0
"""A marker that was believed, and then for ENOUGH pictures in a row is not where the standing vehicle is, has moved with the
aircraft: a picture that hangs, something on the lens. For this long, enough for a landing by position, none is believed."""


class _Place(NamedTuple):
    at_s: float
    position: Position


class PadSight:
    """Fed with the aircraft's positions and vision's sightings; tells where the pad is seen, if that can be believed."""

    def __init__(self, gate_m: float) -> None:
        self._gate_m = gate_m
        self._track: deque[_Place] = deque(maxlen=64)
        self._pads: deque[_Place] = deque(maxlen=32)
        self._newest_s = float("-inf")
        self._believed = self._astray = 0  # in a row
        self._distrusted_until_s = float("-inf")
        self.reason = ""
        """Why the newest sighting is not used; empty: it is."""

    def moved(self, at_s: float, position: Position) -> None:
        """The aircraft was there, by PX4. A clock that goes back has begun anew."""
        if self._track and at_s < self._track[-1].at_s:
            self._track.clear()
        if not self._track or at_s > self._track[-1].at_s:
            self._track.append(_Place(at_s, position))

    def sighted(self, sighting: PadSighting, now_s: float, view: View) -> None:
        """Take one sighting, or leave it."""
        if sighting.captured_s <= self._newest_s <= now_s:
            return  # heard before
        self._newest_s = sighting.captured_s
        here = self._position(sighting.captured_s)
        self.reason = self._refusal(sighting, here, now_s, view)
        if not self.reason and here is not None and sighting.offset_ned_m is not None:
            self._pads.append(_Place(sighting.captured_s, geo.offset(here, sighting.offset_ned_m)))

    def sight(self, now_s: float) -> Sight | None:
        """Where the pad is seen: the mean of the newest that agree with the median of all. None: nothing seen lately."""
        recent = [place for place in self._pads if 0 <= now_s - place.at_s <= WINDOW_S]
        if not recent:
            return None
        origin = recent[0].position
        offsets = [geo.ned_between(origin, place.position) for place in recent]
        median = Ned(*(statistics.median(axis) for axis in zip(*offsets, strict=True)))
        agreeing = [
            (place.at_s, offset) for place, offset in zip(recent, offsets, strict=True) if _apart_m(offset, median) <= AGREE_M
        ]
        if not agreeing:
            return None
        newest_s = agreeing[-1][0]
        newest = [offset for at_s, offset in agreeing if newest_s - at_s <= AVERAGED_S]
        mean = Ned(*(statistics.fmean(axis) for axis in zip(*newest, strict=True)))
        steady = len(agreeing) >= max(ENOUGH, MOST * len(recent))
        return Sight(geo.offset(origin, mean), newest_s, now_s - newest_s, steady)

    def _position(self, at_s: float) -> Position | None:
        """Where the aircraft was, between two positions or a little past the newest."""
        if not self._track or not self._track[0].at_s <= at_s <= self._track[-1].at_s + AHEAD_S:
            return None
        after = next((i for i, place in enumerate(self._track) if place.at_s >= at_s), len(self._track) - 1)
        later, earlier = self._track[after], self._track[max(0, after - 1)]
        if later.at_s == earlier.at_s:
            return later.position
        share = (at_s - earlier.at_s) / (later.at_s - earlier.at_s)
        way = geo.ned_between(earlier.position, later.position)
        return geo.offset(earlier.position, Ned(*(share * part for part in way)))

    def _refusal(self, sighting: PadSighting, here: Position | None, now_s: float, view: View) -> str:
        """Why this sighting is not used, or ''."""
        if sighting.offset_ned_m is None:
            return sighting.reason or "not seen"
        if not -AHEAD_S <= now_s - sighting.captured_s <= LATE_S:
            return "its picture is not fresh"
        if here is None:
            return "where the aircraft was then is not known"
        if now_s < self._distrusted_until_s:
            return "it was led astray by it before"
        return _unlikely(sighting, sighting.offset_ned_m, view) or self._elsewhere(
            geo.offset(here, sighting.offset_ned_m), now_s, view
        )

    def _elsewhere(self, pad: Position, now_s: float, view: View) -> str:
        vehicle = view.vehicle
        if vehicle.pad is None or vehicle.pad_age_s is None or not vehicle.pad_age_s <= PAD_FRESH_S:
            return "where the vehicle is is not known"
        if vehicle.stopped_s <= 0:
            return "the vehicle moves"
        away_m = geo.distance_m(vehicle.pad, pad)
        if not away_m <= self._gate_m:
            self._strayed(now_s)
            return f"it seems {away_m:.1f} m from where the vehicle says its roof is"
        self._believed, self._astray = self._believed + 1, 0
        return ""

    def _strayed(self, now_s: float) -> None:
        if self._believed < ENOUGH:
            return
        self._astray += 1
        if self._astray >= ENOUGH:
            self._believed = self._astray = 0
            self._distrusted_until_s = now_s + DISTRUST_S


def _unlikely(sighting: PadSighting, offset: Ned, view: View) -> str:
    """Whether a marker of that size, shape and direction can be the roof's."""
    home, here = view.aircraft.home, view.aircraft.position
    if home is None or here is None:
        return "the height above the roof is not known"
    if sighting.side_px is None or not sighting.side_px >= SMALLEST_SIDE_PX:
        return "it is too small in the picture"
    if sighting.misfit is None or not sighting.misfit <= LARGEST_MISFIT:
        return "it does not lie flat"
    if not offset.horizontal_m <= WIDEST * offset.down_m:
        return "it is not below the aircraft"
    height_m = here.altitude_amsl_m - home.altitude_amsl_m
    if not abs(offset.down_m - height_m) <= HEIGHT_SLACK_M + HEIGHT_SHARE * max(0.0, height_m):
        return f"by its size it is {offset.down_m:.1f} m below, where the roof is {height_m:.1f} m below"
    return ""


def _apart_m(a: Ned, b: Ned) -> float:
    return Ned(a.north_m - b.north_m, a.east_m - b.east_m, 0.0).horizontal_m
