"""Command line and environment of the autopilot's process."""

from __future__ import annotations

import argparse
import ipaddress
import math
from collections.abc import Mapping
from pathlib import Path

from sitl import values
from sitl.autopilot.parameters import Parameters
from sitl.autopilot.protocol.endpoint import HOST
from sitl.autopilot.starting import PLACE
from wire.errors import ConfigurationError
from wire.geo import Position

DEFAULT_HOME = Position(48.8584, 2.2945, 35.0)
MAX_INSTANCE = 99
SLOWEST, FASTEST = 0.1, 100.0
PARAMETER_PREFIX, SPEED_FACTOR = "PX4_PARAM_", "PX4_SIM_SPEED_FACTOR"
_HOME_VARIABLES = ("PX4_HOME_LAT", "PX4_HOME_LON", "PX4_HOME_ALT")
ENDINGS = """PX4_HOME_LAT, PX4_HOME_LON, PX4_HOME_ALT, PX4_SIM_SPEED_FACTOR and PX4_PARAM_<NAME> work as with PX4.

Exit codes: 0 ended by Ctrl-C, SIGTERM or MAVLink's shutdown, 1 ended by an error while it ran, 2 it did not start: options,
PX4_* variables or files are wrong, or its folder or a port is in use."""


def parse(argv: list[str], environment: Mapping[str, str], *, prog: str = "python -m sitl.autopilot") -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog=prog,
        description="A PX4 v1.16.0 quadrotor at its MAVLink boundary, simulated. Its links, by UDP from its port to the\n"
        "other's: onboard 14580 to 14540, ground station 18570 to 14550, camera 14280 to 14030, gimbal 13030 to 13280.\n"
        "To each port the instance is added, but for 14550, and 14540 which ends at 14549, as with PX4.",
        epilog=ENDINGS,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--instance",
        type=values.whole(0, MAX_INSTANCE),
        default=0,
        metavar="N",
        help=f"0 to {MAX_INSTANCE}: port offset, system id is N + 1 (default 0)",
    )
    parser.add_argument(
        "--bind",
        type=_address,
        default=HOST,
        metavar="ADDRESS",
        help=f"IPv4 address of this machine to listen on (default {HOST}: nobody else's programs; PX4: 0.0.0.0, all)",
    )
    default_home = ",".join(f"{number:g}" for number in DEFAULT_HOME)
    parser.add_argument(
        "--home",
        type=_home,
        default=None,
        metavar="LAT,LON,ALT",
        help=f"degrees, metres AMSL (default: PX4_HOME_*, else where it was before, at first {default_home})",
    )
    parser.add_argument(
        "--speed",
        type=_speed,
        default=environment.get(SPEED_FACTOR) or None,
        metavar="X",
        help=f"simulated seconds per second, {SLOWEST:g} to {FASTEST:g} (default 1, or PX4_SIM_SPEED_FACTOR); "
        "given, it sets and keeps PX4's time-outs",
    )
    parser.add_argument("--seed", type=values.seed, default=0, metavar="N", help="of noise and gusts (default 0)")
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
        type=values.path,
        default=None,
        metavar="DIR",
        help="where parameters, missions and files are kept between starts; also what MAVLink FTP shows",
    )
    parser.add_argument(
        "--scenario",
        type=values.path,
        default=None,
        metavar="SCENARIO",
        help="wind, sensor_bias and px4_failure of a file, or of one in sitl/scenarios/; the rest is for sitl fly and sitl run",
    )
    parser.add_argument(
        "--told", type=values.path, default=None, metavar="DIR", help="write down there what came of the scenario"
    )
    parser.add_argument("--log", type=values.path, default=None, metavar="FILE", help="write the onboard link to a tlog")
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
    if not SLOWEST <= speed <= FASTEST:
        raise argparse.ArgumentTypeError(f"{text!r}: {SLOWEST:g} to {FASTEST:g}")
    return speed


def _address(text: str) -> str:
    try:
        return str(ipaddress.IPv4Address(text))
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r}: give an IPv4 address such as {HOST} or 0.0.0.0") from None


def parameters(environment: Mapping[str, str], *, of_a_real_px4: bool = False) -> dict[str, float]:
    """What PX4_PARAM_<NAME> ask for. Raises ConfigurationError naming the one that cannot be.

    A real PX4 knows more names than the embedded autopilot: which, it says itself.
    """
    overrides = {}
    for variable, text in environment.items():
        if not variable.startswith(PARAMETER_PREFIX):
            continue
        name = variable.removeprefix(PARAMETER_PREFIX)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise ConfigurationError(f"the environment's {variable} is {text!r}: give a number, or unset it")
        overrides[name] = value
    if not of_a_real_px4:
        try:
            Parameters(overrides)
        except ValueError as error:
            raise ConfigurationError(f"the environment's {PARAMETER_PREFIX}<NAME>: {error}; correct or unset it") from error
    return overrides
