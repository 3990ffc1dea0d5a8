"""Every process of the vehicle, on one page. `groundlink run` starts them and looks after them."""

from __future__ import annotations

from pathlib import Path

from wire.supervise import Process, module


def processes(config_file: Path) -> list[Process]:
    """Without the link nothing works: when it cannot be kept running, all ends and the aircraft comes home by itself. The
    video may come and go; the link does not notice."""
    return [
        Process("link", module("groundlink.link", "--config", str(config_file)), restarts=5, window_s=60.0),
        Process("video", module("groundlink.video", "--config", str(config_file)), restarts=10, window_s=60.0, essential=False),
    ]
