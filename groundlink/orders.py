"""The command line's verbs that reach the daemon: order something and say what happened; ask for the status."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from groundlink.client import Client
from groundlink.configuration import GroundlinkConfig, mission_path, mission_text
from groundlink.exits import Exit, of_stage
from groundlink.words import capital, duration, latch_word, status_sentence
from wire.errors import LinkError
from wire.messages import ConsoleState, Stage, Verb
from wire.plain import plain

CONSOLE_WALL_S = 5.0

Out = Callable[[str], None]


def give(
    config: GroundlinkConfig, verb: Verb, out: Out, progress: Out, *, mission: str | None = None, words: str = "", as_json: bool
) -> Exit:
    """Give an order and follow it to its end. `progress` hears what happens on the way. Raises PilotfishError."""
    text = mission_text(mission_path(mission, Path.cwd())) if mission is not None else None
    with Client(config) as client:
        for answer in client.order(verb, text, words):
            if answer.stage is Stage.ACCEPTED:
                progress(f"{verb}: {answer.sentence}")
                continue
            ended = {"verb": verb.value, "stage": answer.stage.value, "sentence": answer.sentence, "order_id": answer.order_id}
            out(json.dumps(ended) if as_json else _sentence(verb, answer.stage, answer.sentence))
            return of_stage(answer.stage)
    raise LinkError(f"{verb} ended without an answer; watch the aircraft")


def status(config: GroundlinkConfig, out: Out, *, as_json: bool) -> Exit:
    """One look at everything. Raises LinkError without a daemon."""
    with Client(config) as client:
        console = client.console(CONSOLE_WALL_S)
    if console is None:
        raise LinkError(f"no word from the vehicle's daemon at {config.listen.console}: is 'groundlink run' running?")
    if as_json:
        out(json.dumps({"sentence": status_sentence(console), "console": plain(console)}))
    else:
        out(capital(status_sentence(console)) + ".")
        for line in details(console):
            out(f"  {line}")
    return Exit.DONE


def details(console: ConsoleState) -> list[str]:
    """The lines under the status sentence."""
    vehicle, aircraft = console.vehicle, console.aircraft
    lines = [f"latch: {latch_word(vehicle.latch)} ({console.latch_reason})"]
    place = vehicle.position
    lines.append(
        "vehicle: position not known" if place is None else f"vehicle: {place.latitude_deg:.6f}, {place.longitude_deg:.6f}"
    )
    if aircraft is not None:
        armed = {True: "armed", False: "disarmed", None: "arming not known"}[aircraft.armed]
        lines.append(f"autopilot: {armed}, mode {aircraft.mode or 'not known'}; {aircraft.reason or 'nothing to add'}")
    if console.round_trip_s is not None:
        lines.append(f"link: round trip {console.round_trip_s * 1000:.0f} ms")
    if console.video is not None:
        age_s = max(0.0, console.sent_s - console.video.sent_s)
        seen = "no detections" if console.video.objects is None else f"{console.video.objects} objects"
        lines.append(f"video: {console.video.frames_per_s:.0f} frames/s, {seen}, {duration(age_s)} ago")
    return lines + [f"warning: {warning}" for warning in console.warnings]


def _sentence(verb: Verb, stage: Stage, sentence: str) -> str:
    how = {Stage.DONE: "done", Stage.REFUSED: "refused"}.get(stage, "failed")
    return f"{capital(verb.value)} {how}: {sentence.rstrip('.')}."
