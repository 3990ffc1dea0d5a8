"""What a seed stands for: an aircraft, a vehicle, orders and failures, and when."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from sitl.autopilot.body.wind import Wind
from sitl.scenario import events as happen
from sitl.scenario.model import Scenario
from sitl.world.configuration import Move
from tests.sitl.lockstep.harness import LONG, SHORT
from tests.sitl.lockstep.test_trouble import PX4_LAND, PX4_LOITER, PX4_RTL, ground_heartbeat, set_mode
from wire.geo import Ned
from wire.messages import Verb

if TYPE_CHECKING:
    from tests.sitl.lockstep.chaos import Chaos

CHAOS_S = 90.0
"""For so long after the first launch things are ordered and go wrong; then everything works again."""


class Deed(NamedTuple):
    at_s: float
    what: str
    do: Callable[[Chaos], object]


@dataclass
class Plan:
    """What a seed stands for. Times are since the first launch was ordered."""

    mission: str
    how: dict[str, object]
    deeds: list[Deed]
    told: str


def plan_of(seed: int) -> Plan:
    rng = random.Random(f"chaos {seed}")
    drain_s, least = rng.choice((900.0, 900.0, 150.0, 80.0)), rng.choice((5.0, 9.0, 13.0, 25.0))
    wind = Wind(north_m_s=rng.uniform(-2, 2), east_m_s=rng.uniform(-2, 2), gust_m_s=rng.choice((0.0, 0.3)), seed=seed)
    ends = rng.choice(("", "ends: {flight_time_s: 60}\n", "ends: {battery_percent: 50}\n"))
    mission = rng.choice((SHORT + ends, LONG if not ends else LONG[: LONG.index("ends")] + ends))
    scenario = tuple(event for _ in range(rng.randrange(5)) for event in _event(rng))
    moves = _moves(rng)
    deeds = [deed for _ in range(rng.randrange(4)) for deed in _deeds(rng)] + _orders(rng, mission)
    how: dict[str, object] = {
        "seed": seed,
        "wind": wind,
        "moves": moves,
        "gnss_noise_m": rng.choice((0.0, 0.3)),
        "parameters": {"SIM_BAT_DRAIN": drain_s, "SIM_BAT_MIN_PCT": least},
        "scenario": Scenario(name="chaos", events=scenario) if scenario else None,
    }
    name = "SHORT" if "short" in mission else "LONG"
    told = f"seed {seed}: battery {drain_s:g} s to {least:g} %, {ends.strip() or 'no limits'}, {name}"
    story = [f"{e.begins_s:6.1f} to {e.ends_s:6.1f} {e.sentence}" for e in scenario]
    story += [f"{m.after_launch_s:6.1f} drive {m.north_m:+.0f} {m.east_m:+.0f} m at {m.speed_m_s:.1f} m/s" for m in moves]
    return Plan(mission, how, sorted(deeds, key=lambda deed: deed.at_s), "\n".join([told, *story]))


def _moves(rng: random.Random) -> list[Move]:
    """Some of them creep."""
    return [
        Move(
            after_launch_s=rng.choice((rng.uniform(0.0, 10.0), rng.uniform(10.0, CHAOS_S), rng.uniform(30.0, CHAOS_S))),
            north_m=rng.choice((1, -1)) * rng.uniform(2.0, 60.0),
            east_m=rng.uniform(-40.0, 40.0),
            speed_m_s=rng.choice((0.4, 0.8, 1.5, 4.0, 8.0)),
        )
        for _ in range(rng.choice((0, 1, 1, 2, 3)))
    ]


def _event(rng: random.Random) -> list[happen.AnyEvent]:
    at_s, for_s = rng.uniform(0.0, CHAOS_S - 30.0), rng.uniform(1.0, 30.0)
    metres = [rng.uniform(-6.0, 6.0) for _ in range(2)]
    return [
        rng.choice(
            (
                happen.LinkCut(way=rng.choice(("both", "up", "down")), after_launch_s=at_s, for_s=for_s),
                happen.LatchStuck(at=rng.choice(("closed", "open")), after_launch_s=at_s, for_s=for_s),
                happen.CameraFrozen(camera="landing", after_launch_s=at_s, for_s=for_s),
                happen.SensorBias(gnss_north_m=metres[0], gnss_east_m=metres[1], after_launch_s=at_s, for_s=for_s),
                happen.VehicleGnssLost(after_launch_s=at_s, for_s=for_s),
                happen.VehicleGnssBias(
                    north_m=metres[0], east_m=metres[1], up_m=3 * metres[0], after_launch_s=at_s, for_s=for_s
                ),
                happen.WindChange(
                    north_m_s=metres[0] / 2, east_m_s=metres[1] / 2, gust_m_s=0.3, after_launch_s=at_s, for_s=for_s
                ),
                happen.Kill(process="flight", after_launch_s=at_s),
                happen.Kill(process=rng.choice(("vision", "link")), after_launch_s=at_s),
            )
        )
    ]


def _orders(rng: random.Random, mission: str) -> list[Deed]:
    """Some of them one upon the other."""
    deeds, at_s = [], rng.choice((0.0, 15.0, 15.0, 25.0))
    verbs = (Verb.LAUNCH, Verb.HOLD, Verb.HOLD, Verb.RESUME, Verb.RETURN, Verb.RETURN, Verb.LAND, Verb.ABORT)
    for _ in range(rng.randrange(2, 9)):
        at_s += rng.choice((rng.uniform(0.0, 0.6), rng.uniform(0.0, 12.0), rng.uniform(5.0, 40.0)))
        deeds.append(_order(at_s, rng.choice(verbs), mission))
    return [deed for deed in deeds if deed.at_s < CHAOS_S]


def _order(at_s: float, verb: Verb, mission: str) -> Deed:
    return Deed(at_s, f"order {verb}", lambda flight: flight.says(verb, mission))


def _deeds(rng: random.Random) -> list[Deed]:
    """Something that no scenario has, and its end."""
    at_s, for_s = rng.uniform(0.0, CHAOS_S - 20.0), rng.uniform(0.5, 20.0)
    sub = rng.choice((PX4_LOITER, PX4_RTL, PX4_LAND))
    lie = Ned(rng.uniform(-3, 3), rng.uniform(-3, 3), 0.0)

    def switch(name: str) -> list[Deed]:
        def put(value: object) -> Callable[[Chaos], object]:
            return lambda flight: setattr(flight, name, value)

        return [Deed(at_s, f"{name}", put(True)), Deed(at_s + for_s, f"{name} over", put(False))]

    def camera(name: str, wrong: object, right: object) -> list[Deed]:
        def put(value: object) -> Callable[[Chaos], object]:
            return lambda flight: setattr(flight.camera, name, value)

        return [Deed(at_s, f"camera {name} {wrong}", put(wrong)), Deed(at_s + for_s, f"camera {name} over", put(right))]

    def cable(cut: bool) -> Callable[[Chaos], object]:
        return lambda flight: setattr(flight.wire, "cut", cut)

    def satellites(number: float) -> Callable[[Chaos], object]:
        return lambda flight: flight.autopilot.parameters.__setitem__("SIM_GPS_USED", number)

    return rng.choice(
        (
            switch("vehicle_silent"),
            switch("no_fix"),
            switch("speed_unknown"),
            camera("blind", True, False),
            camera("lie", lie, Ned(0.0, 0.0, 0.0)),
            [Deed(at_s, "flight is restarted", lambda flight: flight.restart_flight())],
            [Deed(at_s, f"another pilot: AUTO {sub}", lambda flight: flight.from_other_station(set_mode(sub)))],
            [Deed(at_s, "another ground station", lambda flight: flight.from_other_station(ground_heartbeat()))],
            [Deed(at_s, "the cable to PX4 is cut", cable(True)), Deed(at_s + for_s / 4, "cable whole", cable(False))],
            [Deed(at_s, "no satellites", satellites(0.0)), Deed(at_s + for_s, "satellites", satellites(10.0))],
        )
    )
