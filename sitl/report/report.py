"""report.md: one flight on a page, in words and figures; and track.png beside it."""

from __future__ import annotations

import json
import math
import statistics
from pathlib import Path

from missions import Mission
from sitl.options import Options
from sitl.report import judge, track
from sitl.report.record import FlightRecord
from sitl.scenario import report as scenarios
from wire import geo
from wire.geo import Position
from wire.messages import Phase

HEADLESS = "headless: in lockstep, in simulated time"
NO_VIDEO = """## Link and video

No radio link, no video, no detections, no voice: a headless flight has no sockets and draws no pictures. The roof's marker
was seen by a model of the landing camera. `sitl fly` without `--headless` flies with all of them."""


def write(
    folder: Path,
    record: FlightRecord,
    mission: Mission,
    options: Options,
    verdict: list[str],
    *,
    surprises: list[str] | None = None,
) -> None:
    """Write report.md and track.png into the flight's folder. Raises OSError, or DeviceError for the picture.

    `surprises`: what is not as the scenario expects; None: it expects nothing.
    """
    detections = _detections(folder / "detections.jsonl")
    autopilot = "real PX4 (SIH)" if options.autopilot == "px4" else "embedded autopilot"
    how = f"{HEADLESS}, seed {options.seed}" if options.headless else f"speed {options.speed:g}, seed {options.seed}"
    places = [place for place, _ in detections]
    track.draw(folder / "track.png", record, options, places, f"{mission.name}, {autopilot}")
    parts = [
        f"# {mission.name}, started {record.started.isoformat(sep=' ', timespec='seconds')}",
        f"{autopilot}, {how}. "
        + ("Flown as the mission says." if not verdict else "**Not flown as the mission says:** " + "; ".join(verdict) + "."),
        scenarios.judged(options.scenario, surprises),
        "![the flight](track.png)",
        _interrupted(record),
        _said(record),
        _table(
            "Scenario",
            ("", "began at s", "after launch s", "over at s"),
            scenarios.rows(record, options.scenario, _start_s(record)),
        ),
        _table("Phases", ("phase", "began at s", "took s", "why"), _phase_rows(record)),
        _table("Orbit", ("", "asked for", "flown"), _orbit_rows(record, mission)),
        _table("Return", ("", ""), _return_rows(record)),
        *([NO_VIDEO] if options.headless else _link_and_video(detections, record)),
        _list("Warnings", [f"{warning}" for _, warning in record.warnings]),
        _files(folder, record, options),
    ]
    (folder / "report.md").write_text("\n\n".join(part for part in parts if part) + "\n", encoding="utf-8")


def _link_and_video(detections: list[tuple[Position, dict[str, object]]], record: FlightRecord) -> list[str]:
    return [_table("Link and video", ("", ""), _link_rows(record)), _detection_text(detections, record)]


def _files(folder: Path, record: FlightRecord, options: Options) -> str:
    names = ["`events.jsonl` (the vehicle's log)", "`onboard/events.jsonl` (the aircraft's)", "`track.png`"]
    if not options.headless:
        names = ["`video.mp4` (as received)", *names, "`detections.jsonl`", "`logs/`", "`flight.tlog` (for `sitl compare`)"]
    names += ["`scenario/events.jsonl` (what was done of the scenario)"] * bool(record.scenario)
    names += [f"`{log.name}` (PX4's)" for log in sorted(folder.glob("*.ulg"))]
    return f"Files: {', '.join(names)}."


def _said(record: FlightRecord) -> str:
    lines = [f'Heard: "{record.heard}".'] if record.heard else []
    accepted_s = next((span.began_s for span in record.phases if span.phase is Phase.CHECKING), None)
    if accepted_s is not None and record.spoken_ended_s is not None:
        took_s = accepted_s - record.spoken_ended_s
        lines.append(f"From the end of the sentence to the launch accepted on board: {took_s:.2f} s.")
    return " ".join(lines + [f"{answer[:1].upper()}{answer[1:]}." for answer in record.answers])


_SIGNALS = {"SIGINT": "Ctrl-C (SIGINT)", "SIGHUP": "a closed terminal (SIGHUP)"}


def _interrupted(record: FlightRecord) -> str:
    if record.interrupted is None:
        return ""
    by, at_s = record.interrupted.by, record.interrupted.at_s - _start_s(record)
    then = "a second one stopped everything at once" if record.interrupted.at_once else "the aircraft was ordered home"
    return f"**Interrupted** by {_SIGNALS.get(by, by)} at {max(0.0, at_s):.1f} s: {then}."


def _table(title: str, heads: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    if not rows:
        return ""
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}", *(f"| {' | '.join(row)} |" for row in rows)]
    return f"## {title}\n\n" + "\n".join(lines)


def _list(title: str, lines: list[str]) -> str:
    return f"## {title}\n\n" + "\n".join(f"- {line}" for line in lines) if lines else ""


def _phase_rows(record: FlightRecord) -> list[tuple[str, ...]]:
    if not record.phases:
        return []
    start_s = _start_s(record)
    rows: list[tuple[str, ...]] = []
    for index, span in enumerate(record.phases):
        took_s = record.duration_s(index)
        if span.began_s >= start_s:
            took = "" if took_s is None else f"{took_s:.1f}"
            rows.append((str(span.phase), f"{span.began_s - start_s:.1f}", took, span.reason.replace("|", "/")))
    return rows


def _start_s(record: FlightRecord) -> float:
    """What the tables count from: when the launch was accepted on board."""
    checking_s = next((span.began_s for span in record.phases if span.phase is Phase.CHECKING), None)
    return checking_s if checking_s is not None else record.phases[0].began_s if record.phases else 0.0


def _orbit_rows(record: FlightRecord, mission: Mission) -> list[tuple[str, ...]]:
    flown, orbit = judge.orbit_flown(record), mission.orbit
    if flown is None:
        return []
    asked = f"{orbit.laps:g}" if orbit.laps is not None else f"for {orbit.duration_s:g} s"
    return [
        ("radius", f"{orbit.radius_m:g} m", f"{flown.radius_m:.1f} m, at most {flown.radius_error_m:.1f} m off"),
        ("height above the roof", f"{orbit.height_m:g} m", f"{flown.height_m:.1f} m"),
        ("speed", f"{orbit.speed_m_s:g} m/s", f"{flown.speed_m_s:.1f} m/s (PX4 flies 75 to 85 % of it)"),
        ("laps", asked, f"{flown.laps:.2f} in {flown.seconds:.0f} s"),
    ]


def _return_rows(record: FlightRecord) -> list[tuple[str, ...]]:
    off_m, truth = judge.landed_off_pad_m(record), record.truth
    if truth is None or off_m is None:
        return []
    rows = [
        ("the vehicle moved", f"{judge.vehicle_moved_m(record):.1f} m during the flight"),
        ("the aircraft stands", f"{off_m:.2f} m from the pad's centre, {'seated' if truth.seated else 'not seated'}"),
    ]
    batteries = [s.battery_percent for s in record.samples if s.battery_percent is not None and s.phase is not Phase.SECURED]
    if batteries:
        rows.append(("battery", f"{batteries[0]:.0f} % to {min(batteries):.0f} %"))
    length_m = judge.path_length_m([s.position for s in record.samples if s.height_m is not None and s.height_m > 1])
    return [*rows, ("path flown", f"{length_m:.0f} m")]


def _link_rows(record: FlightRecord) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    ages = [s.link_age_s for s in record.samples if s.link_age_s is not None]
    trips = [s.round_trip_s for s in record.samples if s.round_trip_s is not None]
    if ages:
        rows.append(("age of the aircraft's state", f"median {statistics.median(ages):.2f} s, largest {max(ages):.2f} s"))
    if trips:
        rows.append(("round trip", f"{1000 * statistics.median(trips):.1f} ms"))
    videos = [video for video in record.videos if video.frames_per_s > 0]
    if videos:
        last = videos[-1]
        rate = statistics.median(v.frames_per_s for v in videos)
        rows.append(("video", f"{rate:.1f} frames/s, {last.frames_received} received"))
        rows.append(("frames lost", str(last.frames_lost)))
        rows.append(("rate", f"{statistics.fmean(v.kilobits_per_s for v in videos):.0f} kbit/s"))
        p50 = [v.latency_p50_ms for v in videos if v.latency_p50_ms is not None]
        p95 = [v.latency_p95_ms for v in videos if v.latency_p95_ms is not None]
        if p50 and p95:
            rows.append(("capture to decoded", f"median {statistics.median(p50):.0f} ms, 95th percentile {max(p95):.0f} ms"))
    return rows


def _detections(path: Path) -> list[tuple[Position, dict[str, object]]]:
    """Every placed object of detections.jsonl; lines cut off by a crash are left out."""
    found = []
    for line in path.read_text(encoding="utf-8").splitlines() if path.is_file() else []:
        try:
            objects = json.loads(line).get("objects") or []
        except json.JSONDecodeError:
            continue
        for each in objects:
            place = each.get("position")
            if place:
                values = place.values() if isinstance(place, dict) else place
                found.append((Position(*values), each))
    return found


def _detection_text(detections: list[tuple[Position, dict[str, object]]], record: FlightRecord) -> str:
    tracks: dict[object, str] = {each["track_id"]: str(each["kind"]) for _, each in detections}
    if not tracks:
        return "## Detections\n\nNone." if record.flew() else ""
    kinds = {kind: sum(1 for k in tracks.values() if k == kind) for kind in sorted(set(tracks.values()))}
    counted = ", ".join(f"{count} × {kind}" for kind, count in kinds.items())
    text = f"## Detections\n\n{len(tracks)} tracks ({counted}) in {len(detections)} sightings."
    centre = record.survey.centre if record.survey else None
    if centre is not None:
        away = statistics.median(geo.distance_m(centre, place) for place, _ in detections)
        text += f" Half of them within {math.ceil(away)} m of the scene's centre."
    return text
