"""sitl scenario check SCENARIO ...: are these files right, and what happens in them?"""

from __future__ import annotations

from collections.abc import Sequence

from sitl.scenario import model
from sitl.scenario.events import Event
from sitl.terminal import put
from wire.errors import ConfigurationError


def run(names: Sequence[str]) -> int:
    """Exit code: 0 all right, 2 not."""
    wrong = 0
    for name in names:
        try:
            path = model.scenario_path(name)
            scenario = model.load(path)
        except ConfigurationError as error:
            put(f"{error}\n", error=True)
            wrong = 2
            continue
        lines = [f"{path}: {scenario.name}", *(f"  {when(event)}: {event.sentence}" for event in in_order(scenario))]
        if scenario.expect is not None:
            lines.append(f"  expected: the flight {scenario.expect.sentence}")
        put("\n".join(lines) + "\n")
    return wrong


def in_order(scenario: model.Scenario) -> list[Event]:
    return sorted(scenario.events, key=lambda event: event.begins_s)


def when(event: Event) -> str:
    """Since launch."""
    if event.after_launch_s is None:
        return "from the start"
    if not event.lasts:
        return f"at {event.after_launch_s:g} s"
    return f"from {event.after_launch_s:g} s" + ("" if event.for_s is None else f" to {event.ends_s:g} s")
