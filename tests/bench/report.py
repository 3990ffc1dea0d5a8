"""From one flight's measurements to figures: with ratios, budgets, and how each was measured."""

from __future__ import annotations

import statistics
from collections.abc import Sequence

from onboard.vision.configuration import VisionConfig
from tests.bench import takeoff
from tests.bench.figures import Figure, percentile
from tests.bench.flight import FRAMES_WALL_S, SURVEY_WALL_S, Flown, OneOrder, Spoken
from tests.bench.processes import Load

FLIGHT_MB, FLIGHT_CORE_PERCENT, VISION_MB = 80.0, 5.0, 300.0
_TO_BARE = "bare encode+decode"


def figures(flown: Flown) -> list[Figure]:
    return [
        *_orders(flown.orders),
        *_spoken(flown.spoken),
        *_pictures(flown),
        *_loads(flown.loads),
        *takeoff.figures(flown.took_off, "launch accepted → airborne, embedded autopilot"),
    ]


def _orders(orders: list[OneOrder]) -> list[Figure]:
    group = "command at the ground → MAVLink command on the wire"
    count = f"{len(orders)} orders 'hold' in flight"
    bare = [each.bare_round_trip_s for each in orders]
    to_bare = "a bare CURVE round trip"
    made = []
    for share, name in ((0.5, "p50"), (0.95, "p95")):
        order_s = percentile([each.to_mavlink_s for each in orders], share)
        bare_s = percentile(bare, share)
        made += [
            Figure(group, f"order → DO_REPOSITION, {name}", 1000 * order_s, "ms",
                   f"{count}: Client.order to the datagram at a relay between flight and autopilot", order_s / bare_s, to_bare),
            Figure(group, f"bare CURVE round trip, {name}", 1000 * bare_s, "ms",
                   "the same bytes to an echo process and back, before each order; as many sockets as an order crosses"),
        ]  # fmt: skip
    answer_s = percentile([each.to_answer_s for each in orders], 0.5)
    how = f"{count}: Client.order to the aircraft's acceptance at the client"
    made.append(Figure(group, "order → accepted, at the ground, p50", 1000 * answer_s, "ms", how))
    return made


def _spoken(spoken: Spoken) -> list[Figure]:
    group = "spoken sentence ended → launch accepted on board"
    recognised_s = statistics.median(spoken.recognised_s)
    whole_s = recognised_s + spoken.ordered_s
    how = f"sitl/sounds/launch-and-survey.wav, recogniser loaded; median of {len(spoken.recognised_s)}"
    to_sound = f"the sound's own {spoken.sound_s:.1f} s"
    return [
        Figure(group, "sentence ended → accepted", 1000 * whole_s, "ms", "the sum of the two below",
               whole_s / spoken.sound_s, to_sound),
        Figure(group, "recognising", 1000 * recognised_s, "ms", how, recognised_s / whole_s, "the whole"),
        Figure(group, "order → accepted on board", 1000 * spoken.ordered_s, "ms",
               "one launch: Client.order to the event 'checking' on board", spoken.ordered_s / whole_s, "the whole"),
    ]  # fmt: skip


def _pictures(flown: Flown) -> list[Figure]:
    group = "capture → decoded frame at the ground"
    p50_ms = _median([video.latency_p50_ms for video in flown.videos])
    p95_ms = _median([video.latency_p95_ms for video in flown.videos])
    both_ms = percentile([each.both_ms for each in flown.bare], 0.5)
    both_p95_ms = percentile([each.both_ms for each in flown.bare], 0.95)
    said = f"median of the ground's own figure over {SURVEY_WALL_S:g} s of the survey"
    paced = f"{len(flown.bare)} frames of the same flight, one thread, vision's settings, in flight at the camera's pace"
    return [
        Figure(group, "capture → decoded, p50", p50_ms, "ms", said, p50_ms and p50_ms / both_ms, _TO_BARE),
        Figure(group, "capture → decoded, p95", p95_ms, "ms", said, p95_ms and p95_ms / both_p95_ms, _TO_BARE),
        Figure(group, "bare encode+decode, p50", both_ms, "ms", paced),
        Figure(group, "bare encode+decode, p95", both_p95_ms, "ms", paced),
        _shown(flown, group),
        *_ways(flown, group),
    ]


def _shown(flown: Flown, group: str) -> Figure:
    asked = VisionConfig().camera.frames_per_s
    shown = _median([video.frames_per_s for video in flown.videos])
    how = "decoded at the ground, over the same stretch: fewer where the machine cannot draw as many"
    return Figure(group, "frames", shown, "1/s", how, shown and shown / asked, f"the {asked:g} asked for")


def _ways(flown: Flown, group: str) -> list[Figure]:
    """Where the time goes: of the seconds in which a second reader stood beside vision and saw when frames come."""
    whole_ms = None if flown.video_while_taken is None else flown.video_while_taken.latency_p50_ms
    arrival_ms = 1000 * percentile([taken.arrived_s - taken.frame.captured_s for taken in flown.taken], 0.5)
    both_ms = percentile([each.both_ms for each in flown.bare], 0.5)
    aboard_ms = None if whole_ms is None else whole_ms - arrival_ms
    how = f"{FRAMES_WALL_S:g} s with a second reader of the world's frames beside vision's"
    return [
        Figure(group, "with a second reader: the whole, p50", whole_ms, "ms", how, whole_ms and whole_ms / both_ms, _TO_BARE),
        Figure(group, "in it: drawing, and to the board", arrival_ms, "ms",
               "captured to received by that reader: the simulated world's own delay, which no camera has",
               whole_ms and arrival_ms / whole_ms, "the whole"),
        Figure(group, "in it: frame on board → decoded", aboard_ms, "ms", "what remains: encoding, the wire, decoding, waiting",
               aboard_ms and aboard_ms / both_ms, _TO_BARE),
        Figure(group, "vision's encoding", flown.encode_ms, "ms", "its own average, while its detector runs beside it"),
    ]  # fmt: skip


def _median(values: Sequence[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _loads(loads: list[Load]) -> list[Figure]:
    group = "each process while surveying, speed 1, camera 640×480 set to 15 frames/s"
    core = f"difference of its CPU times over {SURVEY_WALL_S:g} s"
    cpu_budget = {"flight": FLIGHT_CORE_PERCENT}
    mb_budget = {"flight": FLIGHT_MB, "vision": VISION_MB}
    made = []
    for load in sorted(loads, key=lambda load: -load.core_percent):
        made += [
            Figure(group, f"{load.name}: share of a core", load.core_percent, "%", core, budget=cpu_budget.get(load.name)),
            Figure(group, f"{load.name}: resident memory", load.resident_mb, "MB", f"RSS at its end, {load.threads} threads",
                   budget=mb_budget.get(load.name)),
        ]  # fmt: skip
    return made
