"""Did the flight go as the mission says? And the figures that say so."""

from __future__ import annotations

import itertools
import math
import statistics
from dataclasses import dataclass

from missions import Mission
from sitl.report.record import FlightRecord
from sitl.scenario.model import Expect
from wire import geo
from wire.geo import Position
from wire.messages import Phase

NARRATIVE = (
    Phase.CHECKING,
    Phase.RELEASING,
    Phase.ARMING,
    Phase.CLIMBING,
    Phase.TRANSIT,
    Phase.SURVEYING,
    Phase.RETURNING,
    Phase.LANDING,
    Phase.SECURING,
    Phase.SECURED,
)
"""What a launch-and-survey without interruption is made of."""

RADIUS_TOLERANCE_M = 4.0
HEIGHT_TOLERANCE_M = 2.0
OFF_PAD_M = 1.5
MOVED_M = 1.0


@dataclass(frozen=True)
class OrbitFlown:
    """Of the samples while surveying: the circle really flown about the centre."""

    radius_m: float
    radius_error_m: float  # the largest
    height_m: float
    speed_m_s: float
    laps: float
    seconds: float


def orbit_flown(record: FlightRecord) -> OrbitFlown | None:
    """None when no survey was flown."""
    survey = record.survey
    began_s = next((span.began_s for span in record.phases if span.phase is Phase.SURVEYING), None)
    if survey is None or began_s is None or survey.swept_rad <= 0:
        return None
    # the first seconds are still the way onto the circle
    flying = [s for s in record.samples if s.phase is Phase.SURVEYING and s.at_s > began_s + 4.0]
    if not flying:
        return None
    radii = [geo.distance_m(survey.centre, s.position) for s in flying]
    heights = [s.height_m for s in flying if s.height_m is not None]
    speeds = [s.speed_m_s for s in flying if s.speed_m_s is not None]
    return OrbitFlown(
        radius_m=statistics.fmean(radii),
        radius_error_m=max(abs(r - survey.radius_m) for r in radii),
        height_m=statistics.fmean(heights) if heights else math.nan,
        speed_m_s=statistics.fmean(speeds) if speeds else math.nan,
        laps=survey.swept_rad / math.tau,
        seconds=survey.elapsed_s,
    )


def landed_off_pad_m(record: FlightRecord) -> float | None:
    """By the world's truth: how far from the pad's centre the aircraft stands at the end."""
    truth = record.truth
    return None if truth is None or truth.aircraft is None else geo.distance_m(truth.vehicle, truth.aircraft)


def vehicle_moved_m(record: FlightRecord) -> float:
    """By the world's truth: how far the vehicle drove during the flight."""
    first, last = record.first_truth, record.truth
    return 0.0 if first is None or last is None else geo.distance_m(first.vehicle, last.vehicle)


def verdict(record: FlightRecord, mission: Mission, *, video: bool = True) -> list[str]:
    """What is not as the mission says, a sentence each; [] when all is. `video` False: there was none to be expected."""
    seen = _video(record) if video else []
    return [*_narrative(record), *_orbit(record, mission), *_end(record), *seen]


def as_expected(record: FlightRecord, expect: Expect) -> list[str]:
    """What is not as a scenario expects, a sentence each; [] when all is."""
    phases = flown(record)
    wrong, rest = [], iter(phases)
    missing = next((phase for phase in expect.through if phase not in rest), None)
    if missing is not None:
        wrong.append(f"it did not come to {missing} where that was expected; the phases were {' → '.join(phases) or 'none'}")
    wrong += [f"it came to {phase}, which was not to be" for phase in expect.never if phase in phases]
    end = phases[-1] if phases else "before the launch"
    if end not in expect.ends:
        wrong.append(f"it ended {end}, not {' or '.join(expect.ends)}{_why(record)}")
    return wrong


def flown(record: FlightRecord) -> list[Phase]:
    """The phases from the launch on; what was before is no part of the flight."""
    names = [span.phase for span in record.phases]
    return names[names.index(Phase.CHECKING) if Phase.CHECKING in names else 0 :]


def _why(record: FlightRecord) -> str:
    return f": {record.phases[-1].reason}" if record.phases and record.phases[-1].reason else ""


def _narrative(record: FlightRecord) -> list[str]:
    phases = tuple(name for name in flown(record) if name is not Phase.STOWED)
    if (_without_go_arounds(phases) if vehicle_moved_m(record) > MOVED_M else phases) == NARRATIVE:
        return []
    last = record.phases[-1] if record.phases else None
    reason = f"; it ended {last.phase}: {last.reason}" if last else ""
    return [f"the phases were {' → '.join(phases) or 'none'}, not {' → '.join(NARRATIVE)}{reason}"]


def _without_go_arounds(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """A landing is broken off when the vehicle drives away under it, and then the way back and the landing come once more."""
    kept: list[Phase] = []
    for phase in phases:
        if phase is Phase.RETURNING and kept[-1:] == [Phase.LANDING]:
            del kept[-2:]
        kept.append(phase)
    return tuple(kept)


def _orbit(record: FlightRecord, mission: Mission) -> list[str]:
    flown, orbit, wrong = orbit_flown(record), mission.orbit, []
    if flown is None:
        return ["no orbit was flown"]
    if flown.radius_error_m > RADIUS_TOLERANCE_M:
        wrong.append(f"the orbit was up to {flown.radius_error_m:.1f} m off its radius of {orbit.radius_m:g} m")
    if abs(flown.height_m - orbit.height_m) > HEIGHT_TOLERANCE_M:
        wrong.append(f"the orbit was flown at {flown.height_m:.1f} m, not at {orbit.height_m:g} m")
    if orbit.laps is not None and flown.laps < orbit.laps - 0.01:
        wrong.append(f"{flown.laps:.2f} laps were flown, not {orbit.laps:g}")
    if orbit.duration_s is not None and flown.seconds < orbit.duration_s - 1:
        wrong.append(f"the survey took {flown.seconds:.0f} s, not {orbit.duration_s:g} s")
    return wrong


def _end(record: FlightRecord) -> list[str]:
    off_m, truth = landed_off_pad_m(record), record.truth
    if truth is None or off_m is None:
        return ["where the aircraft landed is not known"]
    if not truth.seated or off_m > OFF_PAD_M:
        return [f"the aircraft stands {off_m:.1f} m from the pad's centre, and is {'' if truth.seated else 'not '}seated"]
    return []


def _video(record: FlightRecord) -> list[str]:
    received = max((video.frames_received for video in record.videos), default=0)
    return [] if received > 0 else ["no video frame was decoded at the vehicle"]


def path_length_m(places: list[Position]) -> float:
    return sum(geo.distance_m(a, b) for a, b in itertools.pairwise(places))
