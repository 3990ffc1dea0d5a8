"""From one flight's measurements to figures: with ratios, budgets, and how each was measured."""

from __future__ import annotations

import statistics

from tests.bench import takeoff
from tests.bench.figures import Figure, percentile
from tests.bench.flight import FRAMES_WALL_S, SURVEY_WALL_S, Flown, OneOrder, Spoken
from tests.bench.processes import Load

FLIGHT_MB, FLIGHT_CORE_PERCENT, VISION_MB = 80.0, 5.0, 300.0


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
    to_bare = "bare encode+decode"
    return [
        Figure(group, "capture → decoded, p50", p50_ms, "ms", said, p50_ms and p50_ms / both_ms, to_bare),
        Figure(group, "capture → decoded, p95", p95_ms, "ms", said, p95_ms and p95_ms / both_p95_ms, to_bare),
        Figure(group, "bare encode+decode, p50", both_ms, "ms", paced),
        Figure(group, "bare encode+decode, p95", both_p95_ms, "ms", paced),
        *_ways(flown, group, p50_ms),
    ]


def _ways(flown: Flown, group: str, p50_ms: float | None) -> list[Figure]:
    """Where the time goes."""
    arrival_ms = 1000 * percentile([taken.arrived_s - taken.frame.captured_s for taken in flown.taken], 0.5)
    decode_ms = percentile([each.decode_ms for each in flown.bare], 0.5)
    known = [arrival_ms, flown.encode_ms, decode_ms]
    rest_ms = None if p50_ms is None or flown.encode_ms is None else p50_ms - arrival_ms - flown.encode_ms - decode_ms
    names = ("drawing, and to the board", "encoding in vision", "decoding", "the rest: waiting and the way to the ground")
    hows = (
        f"captured to received by a second reader like vision's, {FRAMES_WALL_S:g} s: the simulated world's own delay",
        "vision's own average",
        "median of the bare one",
        "what remains of the p50",
    )
    return [
        Figure(group, f"in it: {name}", value, "ms", how, value / p50_ms if value is not None and p50_ms else None, "the p50")
        for name, value, how in zip(names, (*known, rest_ms), hows, strict=True)
    ]


def _median(values: list[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return statistics.median(known) if known else None


def _loads(loads: list[Load]) -> list[Figure]:
    group = "each process while surveying, speed 1, camera 640×480 at 15 frames/s"
    core = f"difference of its CPU times over {SURVEY_WALL_S:g} s"
    cpu_budget = {"flight": FLIGHT_CORE_PERCENT}
    mb_budget = {"flight": FLIGHT_MB, "vision": VISION_MB}
    made = []
    for load in sorted(loads, key=lambda load: -load.core_percent):
        made += [
            Figure(group, f"{load.name}: share of a core", load.core_percent, "%", core, budget=cpu_budget.get(load.name)),
            Figure(group, f"{load.name}: resident memory", load.resident_mb, "MB", f"RSS, {load.threads} threads",
                   budget=mb_budget.get(load.name)),
        ]  # fmt: skip
    return made
