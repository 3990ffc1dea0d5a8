"""Where two transcripts of the same session differ."""

from __future__ import annotations

import math
from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest
from typing import NamedTuple

from pymavlink.dialects.v20 import development as mavlink

from tests.sitl.conformance.random_sessions.transcript import WINDOW_S, Entry, Transcript

LATE_S, GLIMPSE_S = 2.5, 2.6
SLOW = frozenset(
    {
        "HEARTBEAT",
        "CURRENT_MODE",
        "SYS_STATUS",
        "EXTENDED_SYS_STATE",
        "HOME_POSITION",
        "ORBIT_EXECUTION_STATUS",
        "BATTERY_STATUS",
        "POSITION_TARGET_LOCAL_NED",
        "POSITION_TARGET_GLOBAL_INT",
        "ATTITUDE_TARGET",
        "GIMBAL_MANAGER_STATUS",
    }
)
APART_M = 6.0
REQUEST_MESSAGE: int = mavlink.MAV_CMD_REQUEST_MESSAGE
RATE_SHARE, RATE_COUNT = 0.25, 4


class Difference(NamedTuple):
    """At a time: what PX4 did ("-"), what the embedded autopilot did ("+"), or both, but not alike ("~")."""

    t_s: float
    sign: str
    subject: str
    words: str

    def __str__(self) -> str:
        return f"{self.t_s:7.2f} {self.sign} {self.subject}: {self.words}"


def contrast(theirs: Transcript, ours: Transcript) -> list[Difference]:
    """All differences, in order of time."""
    found = [d for subject in theirs.said | ours.said for d in _said(subject, theirs, ours)]
    return sorted([*found, *_rates(theirs, ours), *_track(theirs, ours)])


def _said(subject: str, theirs: Transcript, ours: Transcript) -> Iterator[Difference]:
    a, b = (_told(subject, side.said.get(subject, [])) for side in (theirs, ours))
    for topic in dict.fromkeys([*map(_topic, a), *map(_topic, b)]):
        yield from _aligned(subject, [e for e in a if _topic(e) == topic], [e for e in b if _topic(e) == topic])


def _told(subject: str, entries: list[Entry]) -> list[Entry]:
    """Without what was shown so shortly that the slow message of the other may have missed it."""
    if subject.partition(" ")[2] not in SLOW:
        return entries
    lasting: list[Entry] = []
    for entry, following in zip_longest(entries, entries[1:]):
        shortly = following is not None and following.t_s - entry.t_s < GLIMPSE_S
        if (entry is entries[0] or not shortly) and not (lasting and lasting[-1].value == entry.value):
            lasting.append(entry)
    return lasting


def _topic(entry: Entry) -> object:
    """What is to come in the same order on both: acknowledgements of a command, values of a parameter, one text."""
    value = entry.value
    if entry.what in {"COMMAND_ACK", "PARAM_VALUE"}:
        return value[0]
    return value[:1] if entry.what == "EVENT" else value if entry.what == "STATUSTEXT" else None


def _aligned(subject: str, a: list[Entry], b: list[Entry]) -> Iterator[Difference]:
    matcher = SequenceMatcher(None, [e.value for e in a], [e.value for e in b], autojunk=False)
    for tag, i, j, k, m in matcher.get_opcodes():
        if tag == "equal":
            yield from (_late(subject, one, other) for one, other in zip(a[i:j], b[k:m], strict=True) if _is_late(one, other))
            continue
        yield from (Difference(e.t_s, "-", subject, _words(e)) for e in a[i:j])
        yield from (Difference(e.t_s, "+", subject, _words(e)) for e in b[k:m])


def _words(entry: Entry) -> str:
    if isinstance(entry.value, tuple) and entry.value and isinstance(entry.value[0], tuple) and len(entry.value[0]) == 2:
        return " ".join(f"{name}={value}" for name, value in entry.value)
    return str(entry.value)


def _is_late(one: Entry, other: Entry) -> bool:
    return abs(one.t_s - other.t_s) > LATE_S


def _late(subject: str, one: Entry, other: Entry) -> Difference:
    return Difference(one.t_s, "~", subject, f"{other.t_s - one.t_s:+.1f} s later: {_words(one)}")


def _rates(theirs: Transcript, ours: Transcript) -> Iterator[Difference]:
    for link, number in theirs.rates | ours.rates:
        a, b = theirs.rates.get((link, number)), ours.rates.get((link, number))
        total = max((max(c, default=0) for c in (a, b) if c), default=0)
        for window in range(total):
            one, other = (c[window] if c else 0 for c in (a, b))
            if abs(one - other) > max(RATE_COUNT, RATE_SHARE * max(one, other)):
                yield Difference(window * WINDOW_S, "~", f"{link} rate of {number}", f"{one} and {other} in {WINDOW_S:.0f} s")
                break


def _track(theirs: Transcript, ours: Transcript) -> Iterator[Difference]:
    """The first time they are apart."""
    for one in theirs.track:
        near = [other for other in ours.track if abs(other.t_s - one.t_s) < 2.0]
        if near and min(math.dist(one[1:], other[1:]) for other in near) > APART_M:
            other = min(near, key=lambda other: abs(other.t_s - one.t_s))
            words = "({:.0f} {:.0f} {:.0f})".format(*one[1:]) + " and ({:.0f} {:.0f} {:.0f})".format(*other[1:])
            yield Difference(one.t_s, "~", "track", words)
            return


def unanswered(theirs: Transcript, ours: Transcript) -> list[Difference]:
    """Commands that one of them acknowledged otherwise or not at all; requests apart, which PX4 denies now and then."""
    subjects = ("onboard COMMAND_ACK", "gcs COMMAND_ACK")
    known = [d for subject in subjects for d in _said(subject, theirs, ours) if d.sign != "~"]
    return [d for d in known if f"command={REQUEST_MESSAGE} " not in d.words]
