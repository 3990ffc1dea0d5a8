"""Command line and environment of the autopilot's process."""

from __future__ import annotations

import argparse
import math
from collections.abc import Mapping
from pathlib import Path

from sitl.autopilot.starting import PLACE
from wire.geo import Position

DEFAULT_HOME = Position(48.8584, 2.2945, 35.0)
MAX_INSTANCE = 99
PARAMETER_PREFIX = "PX4_PARAM_"
_HOME_VARIABLES = ("PX4_HOME_LAT", "PX4_HOME_LON", "PX4_HOME_ALT")


def parse(argv: list[str], environment: Mapping[str, str], *, prog: str = "python -m sitl.autopilot") -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="A PX4 v1.16.0 quadrotor at its MAVLink boundary, simulated: onboard link UDP 14580 to 14540, "
        "ground station link UDP 18570 to 14550, camera 14280 to 14030, gimbal 13030 to 13280 (plus the instance).",
        epilog="PX4_HOME_LAT, PX4_HOME_LON, PX4_HOME_ALT, PX4_SIM_SPEED_FACTOR and PX4_PARAM_<NAME> work as with PX4.",
    )
    parser.add_argument("--instance", type=_instance, default=0, metavar="N", help="port offset, system id is N + 1")
    parser.add_argument(
        "--home", type=_home, default=None, metavar="LAT,LON,ALT", help="degrees, metres AMSL; else where it was before"
    )
    speed = environment.get("PX4_SIM_SPEED_FACTOR") or None
    parser.add_argument(
        "--speed", type=_speed, default=speed, metavar="X", help="simulated seconds per second; sets and keeps PX4's time-outs"
    )
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of noise and gusts")
    parser.add_argument(
        "--wind",
        type=_wind,
        default="0,0",
        metavar="NORTH,EAST",
        help="m/s, where it blows to; it holds its place in up to 8 m/s",
    )
    parser.add_argument("--gust", type=_gust, default=0.0, metavar="SIGMA", help="standard deviation of gusts, m/s")
    parser.add_argument(
        "--folder",
        type=Path,
        default=None,
        metavar="DIR",
        help="where parameters, missions and files are kept between starts; also what MAVLink FTP shows",
    )
    parser.add_argument(
        "--scenario",
        type=Path,
        default=None,
        metavar="FILE",
        help="wind, sensor_bias and px4_failure of a scenario; its other events are for sitl fly and sitl run",
    )
    parser.add_argument("--told", type=Path, default=None, metavar="DIR", help="write down there what came of the scenario")
    parser.add_argument("--log", type=Path, default=None, metavar="FILE", help="write the onboard link to a tlog")
    return parser.parse_args(_joined(argv))


def _joined(argv: list[str]) -> list[str]:
    """With "--home -33.9,151.2,5" as "--home=-33.9,151.2,5": argparse takes a leading minus for an option otherwise."""
    joined: list[str] = []
    for word in argv:
        if joined and joined[-1] in ("--home", "--wind"):
            joined[-1] += "=" + word
        else:
            joined.append(word)
    return joined


def state_folder(environment: Mapping[str, str], instance: int) -> Path:
    """Where an instance keeps its state unless told otherwise: by the XDG base directories."""
    base = environment.get("XDG_STATE_HOME", "")
    state = Path(base) if base.startswith("/") else Path.home() / ".local" / "state"
    return state / "pilotfish" / f"autopilot-{instance}"


def home(options: argparse.Namespace, environment: Mapping[str, str], kept: Mapping[str, float]) -> Position:
    """By the option, by PX4_HOME_*, where an earlier start was, DEFAULT_HOME. Raises ValueError for what is no place."""
    if options.home is not None:
        return Position(*options.home)
    before = (kept.get(name, default) for name, default in zip(PLACE, DEFAULT_HOME, strict=True))
    told = [environment.get(name) or str(value) for name, value in zip(_HOME_VARIABLES, before, strict=True)]
    try:
        return _home(",".join(told))
    except argparse.ArgumentTypeError as error:
        raise ValueError(f"{', '.join(_HOME_VARIABLES)}: {error}") from error


def _numbers(text: str, count: int) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count or not all(math.isfinite(value) for value in values):
        wanted = "a number" if count == 1 else f"{count} numbers separated by commas"
        raise argparse.ArgumentTypeError(f"{text!r}: give {wanted}")
    return values


def _home(text: str) -> Position:
    home = Position(*_numbers(text, 3))
    if abs(home.latitude_deg) > 85.0 or abs(home.longitude_deg) > 180.0 or not -500.0 <= home.altitude_amsl_m <= 9000.0:
        raise argparse.ArgumentTypeError(f"{text!r}: latitude within 85, longitude within 180 degrees, altitude -500 to 9000 m")
    return home


def _wind(text: str) -> tuple[float, float]:
    north, east = _numbers(text, 2)
    if max(abs(north), abs(east)) > 40.0:
        raise argparse.ArgumentTypeError(f"{text!r}: at most 40 m/s")
    return north, east


def _gust(text: str) -> float:
    (sigma,) = _numbers(text, 1)
    if not 0.0 <= sigma <= 20.0:
        raise argparse.ArgumentTypeError(f"{text!r}: 0 to 20 m/s")
    return sigma


def _speed(text: str) -> float:
    (speed,) = _numbers(text, 1)
    if not 0.1 <= speed <= 100.0:
        raise argparse.ArgumentTypeError(f"{text!r}: 0.1 to 100")
    return speed


def _instance(text: str) -> int:
    if not text.isdigit() or int(text) > MAX_INSTANCE:
        raise argparse.ArgumentTypeError(f"{text!r}: a whole number from 0 to {MAX_INSTANCE}")
    return int(text)


def parameters(environment: Mapping[str, str]) -> dict[str, float]:
    overrides = {}
    for name, text in environment.items():
        if name.startswith(PARAMETER_PREFIX):
            try:
                overrides[name.removeprefix(PARAMETER_PREFIX)] = float(text)
            except ValueError:
                raise ValueError(f"{name} is {text!r}: give a number") from None
    return overrides
