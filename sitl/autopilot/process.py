"""The process around the core: arguments, sockets, and simulated time paced by the wall clock."""

from __future__ import annotations

import argparse
import math
import os
import selectors
import signal
import socket
import sys
import time
from collections.abc import Mapping
from types import FrameType

from sitl.autopilot.core import Autopilot
from sitl.autopilot.flight import STEP_S
from sitl.autopilot.links import LinkName
from sitl.autopilot.wind import Wind
from wire.geo import Position

DEFAULT_HOME = Position(48.8584, 2.2945, 35.0)
HOST = "127.0.0.1"
MAX_DATAGRAM = 2048
MAX_RECEIVED_PER_TICK = 500
TICK_S = 0.004
MAX_BEHIND_S = 0.25
MAX_INSTANCE = 99
PARAMETER_PREFIX = "PX4_PARAM_"
LAST_OWN_PORT = 9  # beyond this instance PX4 sends the onboard link to a shared port


class Endpoint:
    """A UDP socket of one link. The first peer that sends something is the only one it sends to from then on."""

    def __init__(self, link: LinkName, instance: int) -> None:
        local, remote = link.value
        self.link = link
        shift = 0 if link is LinkName.GCS else min(instance, LAST_OWN_PORT) if link is LinkName.ONBOARD else instance
        self._peer = (HOST, remote + shift)
        self._latched = False
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setblocking(False)
        try:
            self.socket.bind((HOST, local + instance))
        except OSError as error:
            self.socket.close()
            raise OSError(
                f"UDP port {local + instance} is in use: stop the other autopilot or choose another --instance"
            ) from error

    def receive(self) -> list[bytes]:
        """What has arrived."""
        datagrams = []
        for _ in range(MAX_RECEIVED_PER_TICK):
            try:
                data, sender = self.socket.recvfrom(MAX_DATAGRAM)
            except BlockingIOError:
                break
            except ConnectionError:  # nobody listens at the peer: UDP may say so here
                continue
            if not self._latched:
                self._latched, self._peer = True, sender
            datagrams.append(data)
        return datagrams

    def send(self, data: bytes) -> None:
        """Send to the peer; lost when nobody listens, as UDP is."""
        try:
            self.socket.sendto(data, self._peer)
        except (BlockingIOError, ConnectionError):
            return


class Runner:
    """Paces the core: sleeps until the next tick, receives, steps, sends."""

    def __init__(self, autopilot: Autopilot, endpoints: list[Endpoint], speed: float) -> None:
        self._autopilot = autopilot
        self._endpoints = {endpoint.link: endpoint for endpoint in endpoints}
        self._speed = speed
        self._stop = False
        self._told = False
        self._selector = selectors.DefaultSelector()
        for endpoint in endpoints:
            self._selector.register(endpoint.socket, selectors.EVENT_READ, endpoint)

    def stop(self, number: int, frame: FrameType | None) -> None:
        """Signal handler: end after the present tick."""
        del number, frame
        self._stop = True

    def run(self) -> None:
        """Until stopped."""
        start_s, owed_s = time.monotonic(), 0.0
        while not self._stop:
            self._receive(TICK_S)
            now_s = time.monotonic()
            owed_s += (now_s - start_s) * self._speed
            start_s = now_s
            owed_s = self._catch_up(owed_s)

    def _receive(self, timeout_s: float) -> None:
        deadline_s = time.monotonic() + timeout_s
        for key, _ in self._selector.select(timeout_s):
            for data in key.data.receive():
                self._autopilot.receive(key.data.link, data)
        left_s = deadline_s - time.monotonic()
        if left_s > 0.0:
            time.sleep(left_s)

    def _catch_up(self, owed_s: float) -> float:
        """Step what is owed in simulated time; returns the rest. Too much is dropped, and said once."""
        if owed_s > MAX_BEHIND_S * max(1.0, self._speed):
            if not self._told:
                self._told = True
                sys.stderr.write(f"autopilot: this machine cannot keep up with --speed {self._speed:g}, time runs slower\n")
            owed_s = MAX_BEHIND_S * self._speed
        while owed_s >= STEP_S and not self._stop:
            for link, data in self._autopilot.step(STEP_S):
                self._endpoints[link].send(data)
            owed_s -= STEP_S
        return owed_s

    def close(self) -> None:
        """Close the sockets."""
        self._selector.close()
        for endpoint in self._endpoints.values():
            endpoint.socket.close()


def main(argv: list[str]) -> int:
    """Run an autopilot until SIGINT or SIGTERM; the exit code."""
    options = _parse(argv, os.environ)
    overrides = _parameters(os.environ)
    wind = Wind(north_m_s=options.wind[0], east_m_s=options.wind[1], gust_m_s=options.gust, seed=options.seed)
    endpoints: list[Endpoint] = []
    try:
        autopilot = Autopilot(
            seed=options.seed,
            home=options.home,
            parameters=overrides,
            wind=wind,
            instance=options.instance,
            speed=options.speed,
            unix_s=time.time(),
        )
        endpoints += [Endpoint(link, options.instance) for link in LinkName]
    except (OSError, ValueError) as error:
        for endpoint in endpoints:
            endpoint.socket.close()
        sys.stderr.write(f"autopilot: {error}\n")
        return 1
    runner = Runner(autopilot, endpoints, options.speed)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, runner.stop)
    try:
        runner.run()
    finally:
        runner.close()
    return 0


def _parse(argv: list[str], environment: Mapping[str, str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m sitl.autopilot",
        description="A PX4 v1.16.0 quadrotor at its MAVLink boundary, simulated: onboard link UDP 14580 to 14540, "
        "ground station link UDP 18570 to 14550 (plus the instance).",
        epilog="PX4_HOME_LAT, PX4_HOME_LON, PX4_HOME_ALT, PX4_SIM_SPEED_FACTOR and PX4_PARAM_<NAME> work as with PX4.",
    )
    home = _home_from(environment)
    speed = environment.get("PX4_SIM_SPEED_FACTOR", "1")
    parser.add_argument("--instance", type=_instance, default=0, metavar="N", help="port offset, system id is N + 1")
    parser.add_argument("--home", type=_home, default=home, metavar="LAT,LON,ALT", help="degrees, metres AMSL")
    parser.add_argument("--speed", type=_speed, default=speed, metavar="X", help="simulated seconds per second")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of noise and gusts")
    parser.add_argument("--wind", type=_wind, default="0,0", metavar="NORTH,EAST", help="m/s, where it blows to")
    parser.add_argument("--gust", type=_gust, default=0.0, metavar="SIGMA", help="standard deviation of gusts, m/s")
    return parser.parse_args(argv)


def _home_from(environment: Mapping[str, str]) -> str:
    names = ("PX4_HOME_LAT", "PX4_HOME_LON", "PX4_HOME_ALT")
    return ",".join(environment.get(name, str(default)) for name, default in zip(names, DEFAULT_HOME, strict=True))


def _numbers(text: str, count: int) -> list[float]:
    try:
        values = [float(part) for part in text.split(",")]
    except ValueError:
        values = []
    if len(values) != count or not all(math.isfinite(value) for value in values):
        raise argparse.ArgumentTypeError(f"{text!r}: give {count} numbers separated by commas")
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


def _parameters(environment: Mapping[str, str]) -> dict[str, float]:
    overrides = {}
    for name, text in environment.items():
        if name.startswith(PARAMETER_PREFIX):
            try:
                overrides[name.removeprefix(PARAMETER_PREFIX)] = float(text)
            except ValueError:
                raise SystemExit(f"autopilot: {name} is {text!r}: give a number") from None
    return overrides
