"""What a technician does before anything flies: keys, and is this configuration right?"""

from __future__ import annotations

from pathlib import Path

from groundlink import configuration
from wire import keys
from wire.configuration import clock_warning, complaint, folder_trouble

_WHERE = """Which files go where (a .key_secret never leaves the machine it is listed for):
  aircraft: aircraft.key_secret, and the public aircraft.key, groundlink.key, operator.key
  vehicle:  groundlink.key_secret, operator.key_secret, and the public aircraft.key, groundlink.key, operator.key
  simulation on one machine: all of them, in this one folder"""


def make_keys(folder: Path) -> tuple[str, list[str]]:
    """Make what is missing; what to tell, and the new files. Raises KeysError."""
    made = [str(path) for path in keys.make(folder)]
    lines = []
    if made:
        lines.append(f"Made {len(made)} key files in {folder}: {', '.join(Path(each).name for each in made)}.")
    lines += [
        f"{name}.key is in {folder} without {name}.key_secret: right if that is on another machine. "
        f"If it is lost: {keys.renewal(folder, name)}."
        for name in keys.without_secret(folder)
    ]
    if not lines:
        lines.append(f"All keys are already in {folder}; nothing was changed.")
    return "\n".join([*lines, _WHERE]), made


def check(path: Path) -> str:
    """Look at a configuration and at all that it points to: one sentence, and a line for each thing that looks doubtful.

    Raises ConfigurationError or KeysError.
    """
    config = configuration.load(path)
    ring = keys.load(config.keys_folder, "groundlink")
    keys.load(config.keys_folder, config.client_key)
    for name in ("aircraft", "groundlink", config.client_key, *(operator.name for operator in config.operators)):
        ring.peer(name)
    folders = {"log_folder": config.log_folder}
    if config.video.folder is not None:
        folders["video.folder"] = path.absolute().parent / config.video.folder.expanduser()
    for field, folder in folders.items():
        trouble = folder_trouble(folder)
        if trouble is not None:
            raise complaint(path, field, trouble)
    mission = "no default mission"
    if config.mission is not None:
        configuration.mission_text(Path(config.mission))
        mission = f"the mission {Path(config.mission).stem}"
    operators = ", ".join(f"{each.name}{' (may launch)' if each.launch else ''}" for each in config.operators)
    sentence = f"{path} is right: aircraft at {config.aircraft.telemetry}, {mission}, operators {operators}."
    return sentence if config.clock_speed == 1 else f"{sentence}\n{clock_warning(config.clock_speed)}"
