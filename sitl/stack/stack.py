"""One simulated stack on this machine: its folder, keys, configuration files, ports and processes."""

from __future__ import annotations

import socket
from dataclasses import dataclass, replace
from pathlib import Path

import msgspec
import yaml

from groundlink import configuration as ground_configuration
from groundlink.configuration import GroundlinkConfig
from onboard.flight import parameters
from sitl import px4
from sitl.options import HOME, Options
from sitl.stack import files
from sitl.stack.keyfolder import KeyFolder
from wire.errors import DeviceError, LinkError
from wire.supervise import Process, leashed, module

_INSTANCES = 10  # beyond instance 9 PX4 shares the companion's port
_MAVLINK_PORTS = (14540, 14580, 18570, 14280, 13030, 19410, 19450)
_SIMULATED = {"SYS_FAILURE_EN": 0.0, "SIM_BAT_DRAIN": 900.0, "SIM_BAT_MIN_PCT": 5.0}
"""Beside what the aircraft is set up with: a battery that lasts about a quarter of an hour, and no failure injection."""


@dataclass(frozen=True)
class Stack:
    """Where everything of one simulation is."""

    options: Options
    folder: Path
    instance: int
    reports: str
    """The endpoint of the world's truth."""
    keys: KeyFolder
    claim: socket.socket
    """Held while the simulation lives: see `claim_instance`."""
    records: Path
    flight_port: int

    @property
    def tlog(self) -> Path:
        """What autopilot and flight say to each other."""
        return self.records / "flight.tlog"

    @property
    def ground_file(self) -> Path:
        return self.folder / "groundlink.yaml"

    @property
    def board_file(self) -> Path:
        return self.folder / "onboard.yaml"

    @property
    def world_file(self) -> Path:
        return self.folder / "world.yaml"

    @property
    def radio_file(self) -> Path:
        return self.folder / "radio.yaml"

    @property
    def scenario_file(self) -> Path:
        return self.folder / "scenario.yaml"

    @property
    def has_radio(self) -> bool:
        """Vehicle and aircraft talk through a relay, which a scenario cuts."""
        return self.options.scenario is not None and bool(self.options.scenario.cuts)

    @property
    def keys_folder(self) -> Path:
        return self.keys.path

    @property
    def px4_folder(self) -> Path:
        """Where a real PX4 works, and leaves its flight logs."""
        return self.folder / "px4"

    def ground(self) -> GroundlinkConfig:
        return ground_configuration.load(self.ground_file)

    def close(self) -> None:
        """Forget the keys, which were made for this simulation only, and leave PX4's instance to others."""
        self.keys.close()
        self.claim.close()


def prepare(options: Options, folder: Path, records: Path) -> Stack:
    """Make folder, keys and configuration files; logs and video go to `records`.

    Close the stack. Raises DeviceError, KeysError or LinkError.
    """
    instance, claim = claim_instance()
    try:
        places, keys = files.Places.free(instance), KeyFolder()
    except BaseException:
        claim.close()
        raise
    stack = Stack(options, folder, instance, places.reports, keys, claim, records, places.flight_port)
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write(stack.board_file, files.onboard(options, places, records, keys.path))
        _write(stack.world_file, files.world(options, places, records, keys.path))
        vehicle = places
        if stack.has_radio:
            vehicle = places.beyond_the_radio()
            _write(stack.radio_file, files.relay(options, places, vehicle, records, keys.path))
        _write(stack.ground_file, files.groundlink(options, vehicle, records, keys.path))
        _about(stack)
        if options.scenario is not None:
            _write(stack.scenario_file, msgspec.to_builtins(options.scenario))
    except OSError as error:
        stack.close()
        raise DeviceError(f"{folder} cannot be written ({error.strerror}): free space, or choose another --flights") from error
    return stack


def _write(path: Path, content: dict[str, object]) -> None:
    path.write_text(yaml.safe_dump(content, sort_keys=False), encoding="utf-8")


def _about(stack: Stack) -> None:
    """Beside the tlog: what `sitl compare` has to know of the start."""
    about = {"home": list(HOME), "speed": stack.options.speed, "parameters": _parameters(stack.options)}
    stack.tlog.with_suffix(".json").write_bytes(msgspec.json.format(msgspec.json.encode(about), indent=1))


def _parameters(options: Options) -> dict[str, float]:
    """What the autopilot is started with."""
    wanted = {required.name: required.set_to for required in parameters.REQUIRED}
    failing = {"SYS_FAILURE_EN": 1.0} if options.scenario is not None and options.scenario.px4_failures else {}
    return {**wanted, **_SIMULATED, **failing, **dict(options.parameters)}


def processes(stack: Stack) -> list[Process]:
    """Every process of a simulation, on one page. Raises ProcessError when PX4 is asked for and is not there."""
    listed = [
        *([Process("tap", _tap(stack))] if stack.options.autopilot == "px4" else []),
        _autopilot(stack),
        Process("world", module("sitl.world", "--config", str(stack.world_file))),
        *([Process("radio", module("sitl.scenario.relay", "--config", str(stack.radio_file)))] if stack.has_radio else []),
        Process("onboard", module("onboard.main", "run", "--config", str(stack.board_file)), stop_s=12.0),
        Process("groundlink", module("groundlink.main", "run", "--config", str(stack.ground_file)), stop_s=12.0),
    ]
    return [replace(process, arguments=leashed(process.arguments)) for process in listed]


def _autopilot(stack: Stack) -> Process:
    options = stack.options
    variables = px4.environment(HOME, options.speed, _parameters(options))
    if options.autopilot == "px4":
        return px4.process(options.px4 or "docker", stack.instance, stack.px4_folder, variables)
    north, east = options.wind_m_s
    arguments = ["--instance", str(stack.instance), "--seed", str(options.seed), "--wind", f"{north},{east}"]
    arguments += ["--gust", str(options.gust_m_s), "--log", str(stack.tlog)]
    if options.scenario is not None:
        arguments += ["--scenario", str(stack.scenario_file), "--told", str(stack.records)]
    return Process("autopilot", module("sitl.autopilot", *arguments), environment=variables)


def _tap(stack: Stack) -> tuple[str, ...]:
    ports = ("--listen", str(files.onboard_port(stack.instance)), "--to", str(stack.flight_port))
    return module("sitl.stack.tap", *ports, "--log", str(stack.tlog))


def claim_instance() -> tuple[int, socket.socket]:
    """The lowest PX4 instance that nobody has, and what claims it until it is closed. Raises LinkError.

    The UDP ports are bound only when the processes are up: two that start at once would both find them free. What claims an
    instance is the TCP port of the companion's number, which PX4 does not use; it is let go however its holder ends.
    """
    for instance in range(_INSTANCES):
        claim = _bound(_MAVLINK_PORTS[0] + instance, socket.SOCK_STREAM)
        if claim is None:
            continue
        if all(_is_free(port + instance) for port in _MAVLINK_PORTS):
            return instance, claim
        claim.close()
    raise LinkError("the UDP ports of all ten PX4 instances are in use: stop another simulation")


def _is_free(port: int) -> bool:
    probe = _bound(port, socket.SOCK_DGRAM)
    if probe is not None:
        probe.close()
    return probe is not None


def _bound(port: int, kind: socket.SocketKind) -> socket.socket | None:
    probe = socket.socket(socket.AF_INET, kind)
    try:
        probe.bind(("127.0.0.1", port))
    except OSError:
        probe.close()
        return None
    return probe
