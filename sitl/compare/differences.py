"""Where two narratives differ: what happened, in which order, when, and how far apart the tracks are.

Times may differ by 15 % of the time since the recorded autopilot was last told something, or 1 s; heights and distances by 1 m
or 10 %. What shows only once a second, in HEARTBEAT, lies between two of them: it is taken to lie where it fits best, and what
only one of them showed may be missing.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from itertools import zip_longest
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from sitl.compare.narrative import Change, Narrative, Place, Point, Value
from sitl.compare.recording import Told

SHARE_S, LEAST_S = 0.15, 1.0
SHARE_M, LEAST_M = 0.10, 1.0
LOW_M = 2.0
"""Below this height the track is not compared: on the ground PX4's own estimate wanders by up to 1.4 m."""
TRACK_EVERY_S = 1.0
TRACK = "the track"
SILENCE_S = 2.5
"""A stream of heartbeats or setpoints that pauses longer has stopped."""
HEARTBEAT_ONLY = ("armed", "mode", "system status")
GLIMPSE_S = 1.5
_STREAMS = (
    "HEARTBEAT",
    "SET_POSITION_TARGET_LOCAL_NED",
    "SET_POSITION_TARGET_GLOBAL_INT",
    "SET_ATTITUDE_TARGET",
    "LANDING_TARGET",
)


class Row(NamedTuple):
    """One thing on both sides; None where it did not happen. `late_s` is by how much ours came later than theirs can have."""

    what: str
    theirs: Change | None
    ours: Change | None
    late_s: float | None
    allowed_s: float
    same: bool


class Away(NamedTuple):
    """How far the tracks are apart at a time of theirs."""

    t_s: float
    metres: float
    allowed_m: float

    @property
    def same(self) -> bool:
        """Whether that is near enough."""
        return self.metres <= self.allowed_m


class Differences(NamedTuple):
    """Everything compared, whether it differs or not."""

    rows: list[Row]
    track: list[Away]

    @property
    def found(self) -> list[str]:
        """A sentence for each difference."""
        rows = [_sentence(row) for row in self.rows if not row.same]
        off = [away for away in self.track if not away.same]
        if off:
            worst = max(off, key=lambda away: away.metres / away.allowed_m)
            rows.append(
                f"{TRACK} is off at {len(off)} of {len(self.track)} points, most at {worst.t_s:.1f} s: "
                f"{worst.metres:.1f} m, {worst.allowed_m:.1f} m allowed"
            )
        return rows


def compare(theirs: Narrative, ours: Narrative, told: list[Told]) -> Differences:
    """Ours against a recorded narrative and what its autopilot was told."""
    acts = _acts(told)
    end_s = theirs.track[-1].t_s if theirs.track else math.inf
    rows = [
        row
        for what in theirs.changes | ours.changes
        for row in _rows(*_seen_by_both(theirs.changes.get(what, []), ours.changes.get(what, [])), acts, end_s)
    ]
    rows += _rows(theirs.answers, ours.answers, acts, end_s)
    rows += _rows(theirs.texts, ours.texts, acts, end_s)
    rows.sort(key=lambda row: (row.theirs or row.ours or _NEVER).by_s)
    return Differences(rows, _track(theirs, ours.track, acts))


def _seen_by_both(theirs: list[Change], ours: list[Change]) -> tuple[list[Change], list[Change]]:
    """What one heartbeat alone showed lasted less than two seconds, and may have passed between two of the other's."""
    if not theirs or theirs[0].what not in HEARTBEAT_ONLY or _values(theirs) == _values(ours):
        return theirs, ours
    lasting = _lasting(theirs), _lasting(ours)
    return lasting if _values(lasting[0]) == _values(lasting[1]) else (theirs, ours)


def _values(changes: list[Change]) -> list[Value]:
    return [change.value for change in changes]


def _lasting(changes: list[Change]) -> list[Change]:
    found: list[Change] = []
    for change, following in zip_longest(changes, changes[1:]):
        if following is not None and following.by_s - change.by_s < GLIMPSE_S:
            continue
        if not found or found[-1].value != change.value:
            found.append(change)
    return found


_NEVER = Change("", None, math.inf, math.inf)


def _acts(told: list[Told]) -> list[float]:
    """When something was told that was not merely going on: commands, and streams that begin or stop."""
    acts: list[float] = [0.0]
    last: dict[tuple[str, int, int], float] = {}
    for t_s, _, message in told:
        kind = message.get_type()
        if kind not in _STREAMS:
            acts.append(t_s)
            continue
        source = (kind, message.get_srcSystem(), message.get_srcComponent())
        before_s = last.get(source)
        if before_s is None or t_s - before_s > SILENCE_S:
            acts += [t_s] if before_s is None else [before_s, t_s]
        last[source] = t_s
    return sorted(acts + list(last.values()))


def _allowed_s(t_s: float, acts: list[float]) -> float:
    since = t_s - max(act for act in acts if act <= max(t_s, 0.0))
    return max(LEAST_S, SHARE_S * since)


def _rows(theirs: list[Change], ours: list[Change], acts: list[float], end_s: float) -> list[Row]:
    """`end_s` is when the recording ends: what it shows just before may come later here."""
    rows = []
    for their, our in zip_longest(theirs, ours):
        if their is None or our is None:
            one = their or our
            assert one is not None
            allowed_s = _allowed_s(one.by_s, acts)
            rows.append(Row(one.what, their, our, None, allowed_s, same=our is None and one.by_s + allowed_s > end_s))
            continue
        late_s, allowed_s = _late_s(their, our), _allowed_s(their.by_s, acts)
        rows.append(Row(their.what, their, our, late_s, allowed_s, _alike(their.value, our.value) and abs(late_s) <= allowed_s))
    return rows


def _late_s(theirs: Change, ours: Change) -> float:
    """The least shift that lays one interval on the other; 0 when they overlap."""
    if ours.after_s > theirs.by_s:
        return ours.after_s - theirs.by_s
    return min(0.0, ours.by_s - theirs.after_s)


def _alike(theirs: Value, ours: Value) -> bool:
    if isinstance(theirs, Place) and isinstance(ours, Place):
        return theirs.metres_from(ours) <= LEAST_M
    return theirs == ours


def _track(theirs: Narrative, ours: list[Point], acts: list[float]) -> list[Away]:
    """At a point of theirs each second: how near ours comes within the time allowed.

    Without satellites the position is dead reckoning, which goes astray anywhere: then only the heights are compared.
    """
    found: list[Away] = []
    fixes = theirs.changes.get("satellite fix", [])
    times = [p.t_s for p in ours]
    next_s = 0.0
    for point in theirs.track:
        if point.t_s < next_s or point.down_m > -LOW_M:
            continue
        next_s = point.t_s + TRACK_EVERY_S
        allowed_s = _allowed_s(point.t_s, acts)
        lost = any(change.by_s <= point.t_s and not change.value for change in fixes[-1:])
        last = bisect_right(times, point.t_s + allowed_s)
        first = bisect_left(times, point.t_s - allowed_s)
        near = [_apart_m(p, point, heights_only=lost) for p in ours[first:last]]
        far_m = _apart_m(point, _START, heights_only=lost)
        found.append(Away(point.t_s, min(near, default=math.inf), max(LEAST_M, SHARE_M * far_m)))
    return found


_START = Point(0.0, 0.0, 0.0, 0.0, 0.0)


def _apart_m(one: Point, other: Point, *, heights_only: bool) -> float:
    if heights_only:
        return abs(one.down_m - other.down_m)
    return math.dist((one.north_m, one.east_m, one.down_m), (other.north_m, other.east_m, other.down_m))


def _sentence(row: Row) -> str:
    if row.ours is None and row.theirs is not None:
        return f"{row.what}: {words(row.theirs)} at {row.theirs.by_s:.1f} s did not happen"
    if row.theirs is None and row.ours is not None:
        return f"{row.what}: {words(row.ours)} at {row.ours.by_s:.1f} s did not happen in the recording"
    assert row.theirs is not None and row.ours is not None and row.late_s is not None
    if not _alike(row.theirs.value, row.ours.value):
        return (
            f"{row.what}: {words(row.ours)} at {row.ours.by_s:.1f} s instead of {words(row.theirs)} at {row.theirs.by_s:.1f} s"
        )
    return (
        f"{row.what}: {words(row.theirs)} came {row.late_s:+.1f} s off, {row.allowed_s:.1f} s allowed "
        f"(recorded {row.theirs.by_s:.1f} s, here {row.ours.by_s:.1f} s)"
    )


def words(change: Change) -> str:
    """A value for a person."""
    value = change.value
    if value is None:
        return "none"
    if isinstance(value, Place):
        return f"{value.latitude_deg:.6f} {value.longitude_deg:.6f} {value.third_m:.1f} m"
    return _answer(change.what, *value) if isinstance(value, tuple) else str(value)


def _answer(what: str, number: int, result: int) -> str:
    if what == "MISSION_ACK":
        return f"list {number}: {_name('MAV_MISSION_RESULT', result)}"
    return f"{_name('MAV_CMD', number)}: {_name('MAV_RESULT', result)}"


def _name(enum: str, value: int) -> str:
    """The name of a value without its enumeration's, the number where the dialect has none."""
    known = mavlink.enums[enum].get(value)
    return str(value) if known is None else known.name.removeprefix(f"{enum}_")
