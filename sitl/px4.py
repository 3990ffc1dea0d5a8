"""A real PX4 SITL (its built-in SIH quadrotor): from a build folder, a source tree, an installed package, or a container image.

`where` is a folder that has bin/px4 and etc/ in it (a build folder; /opt/px4, where PX4's own package installs) or in
build/px4_sitl_default/ or build/px4_sitl_sih/ (a source tree), the px4 program itself, its name on the PATH, or
`docker` / `docker:IMAGE` (px4io/px4-sitl by default).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import re
import shutil
import socket
import stat
import subprocess
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from sitl.stack.warden import guarded
from wire.errors import LinkError, ProcessError
from wire.geo import Position
from wire.supervise import Process, Supervisor

IMAGE = "px4io/px4-sitl:latest"
READY = "Ready for takeoff!"
"""What PX4's commander says on the console when its own checks allow arming for the first time."""
READY_S = 90.0
_PLACES = (".", "build", "build/px4_sitl_default", "build/px4_sitl_sih")
_PORTS = (14580, 18570, 14280, 13030, 19450)  # px4-rc.mavlink: local ports of instance 0
_STOP_S = 25.0  # longer than a warden takes at worst
_DOCKER_S = 20.0
_SOCKET_S = 1.0
_TAIL_LINES = 12
_COLOUR = re.compile(r"\x1b\[[0-9;]*m")


def find(where: Path) -> tuple[Path, Path]:
    """The px4 program and its etc folder. Raises ProcessError naming where it looked."""
    if len(where.parts) == 1 and not where.exists():
        where = Path(shutil.which(where.name) or where)
    candidates = [where.resolve().parent.parent] if where.is_file() else [where / place for place in _PLACES]
    for folder in candidates:
        program, etc = folder / "bin" / "px4", folder / "etc"
        if program.is_file() and (etc / "init.d-posix" / "rcS").is_file():
            return program.resolve(), etc.resolve()
    raise ProcessError(
        f"no PX4 SITL in {where}: give a folder with bin/px4 and etc/, such as build/px4_sitl_default of its source"
    )


def environment(home: Position, speed: float, parameters: Mapping[str, float]) -> dict[str, str]:
    """PX4's own variables for a start (px4-rc.simulator, rcS)."""
    values = {
        "PX4_SIM_MODEL": "sihsim_quadx",
        "PX4_HOME_LAT": str(home.latitude_deg),
        "PX4_HOME_LON": str(home.longitude_deg),
        "PX4_HOME_ALT": str(home.altitude_amsl_m),
        **{f"PX4_PARAM_{name}": f"{value:.10g}" for name, value in parameters.items()},
    }
    if speed != 1.0:
        values["PX4_SIM_SPEED_FACTOR"] = f"{speed:g}"
    return values


def process(where: str, instance: int, folder: Path, variables: Mapping[str, str]) -> Process:
    """PX4's line in the process list; it works in `folder` and leaves its .ulg logs there. Raises ProcessError."""
    sweep()
    folder = folder.absolute()
    folder.mkdir(parents=True, exist_ok=True)
    if where == "docker" or where.startswith("docker:"):
        return _container(where.partition(":")[2] or IMAGE, instance, folder, variables)
    program, etc = find(Path(where).expanduser())
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    arguments = (str(program), "-i", str(instance), "-d", "-s", "etc/init.d-posix/rcS", "-w", str(folder), str(etc))
    return Process("px4", guarded(arguments), environment={**variables, "PATH": path}, stop_s=_STOP_S)


def _container(image: str, instance: int, folder: Path, variables: Mapping[str, str]) -> Process:
    """The image's entry point hands its arguments to px4; its files, below XDG_DATA_HOME, are kept in `folder`."""
    _check_docker(image)
    settings = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    name = f"pilotfish-px4-{instance}"  # only one can hold the instance's ports: an old one is a stray
    arguments = (
        *("docker", "run", "--rm", "--init", "--name", name, "--network", "host"),
        *("--user", f"{os.getuid()}:{os.getgid()}", "--volume", f"{folder}:/px4", "--workdir", "/px4"),
        *("--env", "XDG_DATA_HOME=/px4", *settings, image, "-d", "-i", str(instance)),
    )
    return Process("px4", guarded(arguments, name), stop_s=_STOP_S)


def _check_docker(image: str) -> None:
    """Raises ProcessError when the image is not here to be run."""
    instead = "give a PX4 SITL build or install with --px4 PATH (how to get one: docs/sitl.md)"
    try:
        asked = subprocess.run(
            ("docker", "image", "inspect", "--format", "{{.Id}}", image),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_DOCKER_S,
            check=False,
        )
    except FileNotFoundError:
        raise ProcessError(f"{instead}, or install docker, which would run {image} and is not installed") from None
    except (OSError, subprocess.TimeoutExpired) as error:
        raise ProcessError(f"{instead}: docker, which would run {image}, does not answer ({error})") from error
    if asked.returncode:
        why = (asked.stderr.strip().splitlines() or ["it does not say why"])[-1]
        raise ProcessError(f"{instead}, or get the image with `docker pull {image}`; docker cannot run it yet: {why}")


def sweep(base: Path = Path("/tmp")) -> None:  # noqa: S108 - where PX4 makes them
    """Take away what killed PX4s have left: this user's locks that nobody holds, and sockets of shells with nobody behind."""
    names = {path.name for path in (*base.glob("px4_lock-*"), *base.glob("px4-sock-*"))}
    for instance in {name.rpartition("-")[2] for name in names}:
        with contextlib.suppress(OSError):
            _sweep_one(base / f"px4_lock-{instance}", base / f"px4-sock-{instance}")


def _sweep_one(lock: Path, shell: Path) -> None:
    """Of an instance. Raises OSError when its lock is held: PX4 takes it first."""
    with contextlib.ExitStack() as held:
        if lock.exists() and _is_ours(lock, stat.S_ISREG):
            file = held.enter_context(lock.open("r+b"))
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            held.callback(lock.unlink)
        if shell.exists() and _is_ours(shell, stat.S_ISSOCK):
            probe = held.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            probe.settimeout(_SOCKET_S)
            try:
                probe.connect(str(shell))
            except ConnectionRefusedError:
                shell.unlink()


def _is_ours(path: Path, is_kind: Callable[[int], bool]) -> bool:
    about = path.lstat()
    return is_kind(about.st_mode) and about.st_uid == os.getuid()


def check_ports(instance: int) -> None:
    """PX4 itself flies on without the links whose ports are taken. Raises LinkError naming the first one that is."""
    for port in (first + instance for first in _PORTS):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            try:
                probe.bind(("", port))  # every address, as PX4 does
            except OSError as error:
                raise LinkError(
                    f"UDP port {port} of PX4 instance {instance} is in use: stop the other simulation or take another instance"
                ) from error


def logs(folder: Path) -> list[Path]:
    """The flight logs (.ulg) that a PX4 which worked in `folder` left there, oldest first."""
    return sorted(folder.rglob("*.ulg"), key=lambda path: path.stat().st_mtime)


def collect(folder: Path, beside: Path) -> list[str]:
    """Move the flight logs to the folder `beside`; their names there, oldest first."""
    names = []
    for path in logs(folder):
        name = f"px4-{path.parent.name}-{path.name}"
        shutil.move(path, beside / name)
        names.append(name)
    return names


def tail(log: Path, lines: int = _TAIL_LINES) -> str:
    """The last lines that PX4 said, without colours; '' when it said none."""
    if not log.is_file():
        return ""
    said = _COLOUR.sub("", log.read_text(encoding="utf-8", errors="replace")).splitlines()
    return "\n".join([line.rstrip() for line in said if line.strip()][-lines:])


def last_words(log: Path) -> str:
    """To be put behind an error that PX4 may have the reason of; '' when it said nothing."""
    words = tail(log)
    return f"; PX4's last words:\n{words}" if words else ""


class Px4:
    """A PX4 of its own, for tests and tools: entering the `with` starts it, leaving ends it and everything it started.

    Raises LinkError when another program holds its ports, ProcessError when there is no such PX4.
    """

    def __init__(
        self, where: str, instance: int, folder: Path, variables: Mapping[str, str], say: Callable[[str], None] = lambda _: None
    ) -> None:
        check_ports(instance)
        self.folder = folder
        self.log = folder / "logs" / "px4.log"
        self._supervisor = Supervisor([process(where, instance, folder, variables)], say, self.log.parent)

    def __enter__(self) -> Self:
        self.log.parent.mkdir(parents=True, exist_ok=True)
        self._supervisor.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._supervisor.stop()
        sweep()

    def ready(self) -> bool:
        """Whether it has said that it can be armed. Raises ProcessError, with its last words, when it has ended."""
        try:
            self._supervisor.check()
        except ProcessError as error:
            raise ProcessError(f"{error}{last_words(self.log)}") from error
        return READY in (self.log.read_text(encoding="utf-8", errors="replace") if self.log.is_file() else "")

    def wait_ready(self, deadline_s: float = READY_S) -> Self:
        """Until `ready`. Raises ProcessError, with its last words, after `deadline_s` real seconds."""
        end_s = time.monotonic() + deadline_s
        while not self.ready():
            if time.monotonic() > end_s:
                raise ProcessError(f"PX4 is not ready to arm after {deadline_s:g} s: read {self.log}{last_words(self.log)}")
            time.sleep(0.1)
        return self
