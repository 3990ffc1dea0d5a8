"""The technician's commands, with what a bench without hardware gets to read."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml

from sitl.stack.ports import free_ports
from wire import keys


def write_config(folder: Path, **sections: Any) -> Path:
    """A board without PX4 and without cameras."""
    keys.make(folder / "keys")
    at = [f"tcp://127.0.0.1:{port}" for port in free_ports(6)]
    camera = {"kind": "v4l2", "source": "/dev/video98"}
    content = {
        "keys_folder": "keys",
        "log_folder": "log",
        "flight": {
            "autopilot": "serial:/no/such/tty:921600", "downlink": at[0], "uplink": at[1], "pose": at[2], "vision": at[3],
        },
        "vision": {
            "camera": camera,
            "landing": {"camera": camera | {"source": "/dev/video99"}},
            "endpoints": {"video": at[4], "detections": at[3], "video_request": at[5], "pose": at[2]},
        },
    }  # fmt: skip
    path = folder / "onboard.yaml"
    path.write_text(yaml.safe_dump(content | sections))
    return path


def onboard(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "onboard", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_without_hardware_each_part_is_named_in_a_plain_sentence(tmp_path: Path) -> None:
    run = onboard("run", "--config", str(write_config(tmp_path)))
    assert run.returncode == 1, "flight's restarts are used up"
    for number in (98, 99):
        assert run.stderr.count(f"no camera at /dev/video{number}: is it plugged in") == 1, run.stderr
    assert "serial line /no/such/tty at 921600 baud: there is no such device" in run.stderr
    for noise in ("cap.cpp", "VIDEOIO", "Errno", "Traceback"):
        assert noise not in run.stderr, run.stderr


def test_check_config_looks_at_keys_folder_and_clock(tmp_path: Path) -> None:
    path = write_config(tmp_path, clock_speed=5.0)
    checked = onboard("check-config", str(path))
    assert checked.returncode == 0 and "\nwarning: clock_speed is 5, for simulations only" in checked.stdout

    (tmp_path / "keys" / "operator.key").unlink()
    keyless = onboard("check-config", str(path))
    assert keyless.returncode == 2 and "no public key of 'operator'" in keyless.stderr
    keys.make(tmp_path / "keys")

    secret = tmp_path / "keys" / "aircraft.key_secret"
    own = secret.read_bytes()
    secret.write_bytes((tmp_path / "keys" / "world.key_secret").read_bytes())
    mixed = onboard("check-config", str(path))
    assert mixed.returncode == 2 and "aircraft.key does not belong to" in mixed.stderr
    secret.write_bytes(own)

    path.write_text(path.read_text().replace("log_folder: log", "log_folder: /dev/null/x"))
    nowhere = onboard("check-config", str(path))
    assert nowhere.returncode == 2 and ": log_folder: /dev/null/x cannot be a folder" in nowhere.stderr
