"""A real PX4 SITL (its built-in SIH quadrotor): from a build folder, a source tree, an installed package, or a container image.

`where` is a folder that has bin/px4 and etc/ in it or in build/px4_sitl_default/ (a source tree), the px4 program itself, or
`docker` / `docker:IMAGE` (px4io/px4-sitl by default).
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from wire.errors import ProcessError
from wire.geo import Position
from wire.supervise import Process

IMAGE = "px4io/px4-sitl:latest"
_PLACES = (".", "build", "build/px4_sitl_default", "build/px4_sitl_sih")


def find(where: Path) -> tuple[Path, Path]:
    """The px4 program and its etc folder. Raises ProcessError naming where it looked."""
    candidates = [where.parent.parent] if where.is_file() else [where / place for place in _PLACES]
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
        **{f"PX4_PARAM_{name}": f"{value:g}" for name, value in parameters.items()},
    }
    if speed != 1.0:
        values["PX4_SIM_SPEED_FACTOR"] = f"{speed:g}"
    return values


def process(where: str, instance: int, folder: Path, variables: Mapping[str, str]) -> Process:
    """PX4's line in the process list; it works in `folder` and leaves its .ulg logs there. Raises ProcessError."""
    if where == "docker" or where.startswith("docker:"):
        return _container(where.partition(":")[2] or IMAGE, instance, variables)
    program, etc = find(Path(where).expanduser())
    folder.mkdir(parents=True, exist_ok=True)
    path = f"{program.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    arguments = (str(program), "-i", str(instance), "-d", "-s", "etc/init.d-posix/rcS", "-w", str(folder), str(etc))
    return Process("px4", arguments, environment={**variables, "PATH": path}, folder=folder)


def _container(image: str, instance: int, variables: Mapping[str, str]) -> Process:
    if shutil.which("docker") is None:
        raise ProcessError("docker is not installed; give the folder of a PX4 SITL build instead")
    if instance != 0:
        raise ProcessError("the container runs PX4 as instance 0, but its UDP ports are in use: stop what uses 14540 to 19410")
    settings = [part for name, value in variables.items() for part in ("--env", f"{name}={value}")]
    name = f"pilotfish-px4-{os.getpid()}"
    return Process(
        "px4", ("docker", "run", "--rm", "--init", "--network", "host", "--name", name, *settings, image), stop_s=15.0
    )
