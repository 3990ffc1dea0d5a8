"""onboard: what runs on the aircraft.

Exit codes: 0 ended in order, 1 a process could not be kept running, 2 the configuration or the keys are wrong.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from onboard import configuration
from onboard.processes import processes
from onboard.watchdog import notify
from wire import keys
from wire.configuration import clock_warning, complaint, folder_trouble
from wire.errors import PilotfishError, ProcessError
from wire.supervise import StopFlag, Supervisor

_LOOK_S = 0.2


def main() -> None:
    parser = argparse.ArgumentParser(prog="onboard", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    verbs = parser.add_subparsers(required=True, dest="verb", metavar="VERB")
    run = verbs.add_parser("run", help="run flight and vision, and keep them running")
    run.add_argument("--config", type=Path, required=True, metavar="FILE")
    check = verbs.add_parser("check-config", help="is this configuration right? Says what is wrong, and where")
    check.add_argument("config", type=Path, metavar="FILE")
    arguments = parser.parse_args()
    try:
        if arguments.verb == "check-config":
            print(_check(arguments.config))
            code = 0
        else:
            code = _run(arguments.config)
    except ProcessError as error:
        print(error, file=sys.stderr)
        code = 1
    except PilotfishError as error:
        print(error, file=sys.stderr)
        code = 2
    sys.exit(code)


def _check(path: Path) -> str:
    """Look at a configuration and all it points to. Raises ConfigurationError or KeysError."""
    config = configuration.load(path)
    base = path.absolute().parent
    ring = keys.load(base / config.keys_folder.expanduser(), "aircraft")
    for name in ("aircraft", "groundlink", "operator"):
        ring.peer(name)
    trouble = folder_trouble(base / config.log_folder.expanduser())
    if trouble is not None:
        raise complaint(path, "log_folder", trouble)
    camera = config.vision.camera
    sentence = f"{path} is right: PX4 at {config.flight.autopilot}, {camera.kind} camera {camera.source}."
    return sentence if config.clock_speed == 1 else f"{sentence}\n{clock_warning(config.clock_speed)}"


def _run(path: Path) -> int:
    _check(path)
    stop = StopFlag()
    supervisor = Supervisor(processes(path), lambda sentence: print(sentence, file=sys.stderr, flush=True))
    supervisor.start()
    notify("READY=1")
    try:
        while not stop:
            supervisor.check()
            notify("WATCHDOG=1")
            time.sleep(_LOOK_S)
    finally:
        notify("STOPPING=1")
        supervisor.stop()
    return 0


if __name__ == "__main__":
    main()
