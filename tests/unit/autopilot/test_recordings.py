"""The embedded autopilot against recordings of a real PX4 v1.16.0: the same commands, the same changes at the same times.

Tolerances: 15 % of the time since the last command, but at least 1 s, and 1 s more for what shows only in the 1 Hz
HEARTBEAT; heights and places within 1.2 m (1 m, and 0.2 m of estimator noise) or 10 %. They hold for any seed of the noise.
"""

from __future__ import annotations

import functools
import math

import pytest

from tests.unit.autopilot.recordings import Recording, Replay, load, replay

pytestmark = pytest.mark.slow  # tests/sitl/test_recordings.py flies them all again each time

SCENARIOS = [
    "arming",
    "takeoff_land",
    "orbit",
    "orbit_refused",
    "reposition",
    "moved_home",
    "link_loss",
    "companion_loss",
    "battery",
    "gps_loss",
    "precland",
    "offboard",
    "gripper",
    "roi_gimbal",
    "mission",
    "fence",
]
HEARTBEAT_ONLY = ("armed", "mode", "system_status")
RELATIVE, ABSOLUTE_S, HEARTBEAT_S = 0.15, 1.0, 1.0
NEAR_M, NEAR_SHARE, WINDOW_S = 1.2, 0.10, 1.0
UNINIT = 0
EXTRA_S = {
    "orbit": 2.0,  # where on the circle the return begins is up to 10 m different
    "link_loss": 2.0,  # likewise
    "gps_loss": 1.5,  # sinks without a position
    "companion_loss": 1.0,  # a wrong vertical speed made the recorded landing slower
    "precland": 1.5,  # how long it takes to come to rest over the target depends on the noise
    "orbit_refused": 4.0,  # a wrong vertical speed held the recorded land detector up for 7 s instead of 3 to 4
}


SEEDS = [pytest.param(1, id="seed 1"), *(pytest.param(seed, id=f"seed {seed}") for seed in (2, 3, 4))]


@functools.cache
def flown(name: str, seed: int = 1) -> tuple[Recording, Replay]:
    recording = load(name)
    return recording, replay(recording, gcs=name == "link_loss", seed=seed)


def expected(recording: Recording, what: str) -> list[tuple[float, object]]:
    return [(e["t"], e["now"]) for e in recording.timeline if e["kind"] == "state" and e["what"] == what]


def since_command(recording: Recording, t: float) -> float:
    """How long before a time the last command or other act of the recorder was."""
    acts = [e["t"] for e in recording.timeline if e["kind"] not in ("state", "ack", "reached") and e["t"] <= t]
    return t - max(acts, default=0.0)


@pytest.mark.parametrize(
    ("name", "what"),
    [(name, what) for name in SCENARIOS for what in ("armed", "mode", "system_status", "landed_state")]
    + [("battery", "charge_state"), ("offboard", "prearm_ok")],
)
@pytest.mark.parametrize("seed", SEEDS)
def test_changes_come_in_the_same_order_at_the_same_time(name: str, what: str, seed: int) -> None:
    recording, own = flown(name, seed)
    wanted = expected(recording, what)
    seen = [(s.t_s, s.now) for s in own.companion.seen if s.what == what]
    if name == "arming" and what == "system_status":
        seen = [s for s in seen if s != seen[1]]  # its heartbeats just missed STANDBY before arming
    if name == "battery" and what == "system_status" and seen[-2:-1] == [(seen[-2][0], UNINIT)]:
        seen.pop(-2)  # disarmed, the battery is full again after a tenth of a second, which a heartbeat may hit
    assert wanted
    assert [value for _, value in seen] == [value for _, value in wanted]
    for (t, value), (own_t, _) in zip(wanted[1:], seen[1:], strict=True):
        tolerance = max(ABSOLUTE_S, RELATIVE * since_command(recording, t))
        tolerance += (HEARTBEAT_S if what in HEARTBEAT_ONLY else 0.0) + EXTRA_S.get(name, 0.0)
        assert own_t == pytest.approx(own.time(t), abs=tolerance), f"{what} {value}"


@pytest.mark.parametrize("name", SCENARIOS)
@pytest.mark.parametrize("seed", SEEDS)
def test_acknowledgements_are_the_same(name: str, seed: int) -> None:
    recording, own = flown(name, seed)
    wanted = [(e["command"], e["result"]) for e in recording.timeline if e["kind"] == "ack"]
    assert [(command, result) for _, command, result in own.companion.acks] == wanted


@pytest.mark.parametrize("name", ["arming", "takeoff_land", "reposition", "moved_home", "companion_loss", "roi_gimbal"])
@pytest.mark.parametrize("seed", SEEDS)
def test_the_track_is_the_same(name: str, seed: int) -> None:
    recording, own = flown(name, seed)
    points = own.companion.track
    step_s = points[1][0] - points[0][0]
    reach = round(WINDOW_S / step_s)
    for t, north, east, down, _ in recording.track[::20]:
        if down > -1.0:
            continue  # on the ground only the estimators wander
        at = round(own.time(t) / step_s)
        near = points[max(0, at - reach) : at + reach]
        if not near:
            continue
        away = min(math.dist((n, e, d), (north, east, down)) for _, n, e, d, _ in near)
        far = math.hypot(north, east, down)
        assert away <= max(NEAR_M, NEAR_SHARE * far), f"{away:.1f} m off at {t:.1f} s"


@pytest.mark.parametrize(
    ("name", "since", "until", "centre", "radius_m"),
    [
        ("orbit", 45.0, 95.0, (59.98, 20.01), 30.0),
        ("orbit", 115.0, 140.0, (59.98, 20.01), 20.0),
        ("orbit", 155.0, 166.0, (59.98, 20.01), 25.0),
        ("link_loss", 30.0, 40.0, (39.98, 0.0), 20.0),
        ("gps_loss", 30.0, 35.0, (39.98, 0.0), 20.0),
    ],
)
def test_circles_have_the_same_speed_radius_and_height(
    name: str,
    since: float,
    until: float,
    centre: tuple[float, float],
    radius_m: float,
) -> None:
    recording, own = flown(name)
    theirs = [p for p in recording.track if since < p[0] < until]
    ours = [p for p in own.companion.track if own.time(since) < p[0] < own.time(until)]
    speeds = [sum(p[4] for p in track) / len(track) for track in (ours, theirs)]
    assert speeds[0] == pytest.approx(speeds[1], rel=0.10)
    radii = [sum(math.dist(p[1:3], centre) for p in track) / len(track) for track in (ours, theirs)]
    assert radii[0] == pytest.approx(radii[1], abs=1.0)
    assert radii[0] == pytest.approx(radius_m, abs=1.5)
    heights = [sum(-p[3] for p in track) / len(track) for track in (ours, theirs)]
    assert heights[0] == pytest.approx(heights[1], abs=1.0)


def test_orbits_turn_the_same_way() -> None:
    _, own = flown("orbit")
    orbits = [value for value in own.companion.changes("orbit") if isinstance(value, tuple)]
    assert [round(orbit[0]) for orbit in orbits] == [30, -20, 25]


def test_it_comes_home_to_where_home_was_moved() -> None:
    recording, own = flown("moved_home")
    theirs, ours = recording.track[-1], own.companion.track[-1]
    assert math.dist(theirs[1:3], ours[1:3]) < 2.5
    assert ours[2] == pytest.approx(70.1, abs=2.0)
