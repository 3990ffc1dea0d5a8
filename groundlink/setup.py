"""What a technician does before anything flies: keys, and is this configuration right?"""

from __future__ import annotations

from pathlib import Path

from groundlink import configuration
from wire import keys

_WHERE = """Which files go where (a .key_secret never leaves the machine it is listed for):
  aircraft: aircraft.key_secret, and the public aircraft.key, groundlink.key, operator.key
  vehicle:  groundlink.key_secret, operator.key_secret, and the public aircraft.key, groundlink.key, operator.key
  simulation on one machine: all of them, in this one folder"""


def make_keys(folder: Path) -> tuple[str, list[str]]:
    """Make what is missing; what to tell, and the new files. Raises KeysError."""
    made = [str(path) for path in keys.make(folder)]
    if not made:
        return f"All keys are already in {folder}; nothing was changed.\n{_WHERE}", made
    names = ", ".join(Path(each).name for each in made)
    return f"Made {len(made)} key files in {folder}: {names}.\n{_WHERE}", made


def check(path: Path) -> str:
    """Look at a configuration and at all that it points to. Raises ConfigurationError or KeysError."""
    config = configuration.load(path)
    ring = keys.load(config.keys_folder, "groundlink")
    for name in ("aircraft", config.client_key, *(operator.name for operator in config.operators)):
        ring.peer(name)
    mission = "no default mission"
    if config.mission is not None:
        configuration.mission_text(Path(config.mission))
        mission = f"the mission {Path(config.mission).stem}"
    operators = ", ".join(f"{each.name}{' (may launch)' if each.launch else ''}" for each in config.operators)
    return f"{path} is right: aircraft at {config.aircraft.telemetry}, {mission}, operators {operators}."
