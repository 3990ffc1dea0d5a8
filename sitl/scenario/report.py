"""The scenario's part of report.md."""

from __future__ import annotations

from sitl.report.record import FlightRecord
from sitl.scenario.model import Scenario


def judged(scenario: Scenario | None, surprises: list[str] | None) -> str:
    """Which scenario was flown, and whether it went as that expects. `surprises` None: it expects nothing."""
    if scenario is None:
        return ""
    if surprises is None or scenario.expect is None:
        return f"Scenario {scenario.name}: it expects nothing of its own, so the mission decides."
    expected = f"It expects that the flight {scenario.expect.sentence}, and that decides in the mission's place"
    if not surprises:
        return f"Scenario {scenario.name}: flown as it expects. {expected}."
    return f"Scenario {scenario.name}: **not flown as it expects:** {'; '.join(surprises)}. {expected}."


def rows(record: FlightRecord, scenario: Scenario | None, start_s: float) -> list[tuple[str, ...]]:
    """What happened, when it began and ended; and what never came. `start_s`: what the other tables count from."""
    if scenario is None:
        return []
    found: list[tuple[str, ...]] = []
    for began in (each for each in record.scenario if each.began):
        over = next((e for e in record.scenario if not e.began and e.event == began.event and e.at_s >= began.at_s), None)
        since = "before it" if began.since_launch_s is None else f"{began.since_launch_s:.1f}"
        words = began.event + (f" ({began.outcome})" if began.outcome else "")
        end = "" if over is None else f"{over.at_s - start_s:.1f}" + (f" ({over.outcome})" if over.outcome else "")
        found.append((words, f"{began.at_s - start_s:.1f}", since, end))
    came = [each.event for each in record.scenario if each.began]
    for event in scenario.events:
        if event.sentence in came:
            came.remove(event.sentence)
        else:
            found.append((event.sentence, "never: the flight had ended", f"planned at {event.begins_s:g}", ""))
    return found
