"""The commands as they are installed: Ctrl-C at any moment of their start ends them without a traceback."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

COMMANDS = {
    "onboard": ("check-config", "/nowhere/onboard.yaml"),
    "groundlink": ("run", "--config", "/nowhere/groundlink.yaml"),
    "sitl": ("compare", "/nowhere.tlog"),
    "python": ("-m", "missions", "check", "/nowhere/mission.yaml"),
}


@pytest.mark.parametrize("name", COMMANDS)
def test_an_interrupt_while_it_starts_is_quiet(name: str) -> None:
    """From the door on: while Python itself starts nobody here can do anything about it."""
    command = [str(Path(sys.executable).parent / name), *COMMANDS[name]]
    for delay_s in (0.05, 0.1, 0.15, 0.2, 0.3, 0.5):
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            time.sleep(delay_s)
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=30.0)
        assert "import_module" not in errors and "main.py" not in errors.replace("__main__.py", ""), errors


@pytest.mark.parametrize("name", COMMANDS)
def test_what_is_not_there_is_told_by_name(name: str) -> None:
    command = [str(Path(sys.executable).parent / name), *COMMANDS[name]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60.0, check=False)
    assert done.returncode == 2 and "/nowhere" in done.stderr and "Traceback" not in done.stderr
