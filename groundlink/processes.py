"""Every process of the vehicle, on one page. `groundlink run` starts them and looks after them."""

from __future__ import annotations

from pathlib import Path

from wire.supervise import Process, module


def processes(config_file: Path) -> list[Process]:
    """Without the link nothing works: when it cannot be kept running, all ends and the aircraft comes home by itself. The
    video may come and go; the link does not notice."""

    def each(name: str, restarts: int, *, essential: bool) -> Process:
        command = module(f"groundlink.{name}", "--config", str(config_file))
        return Process(name, command, restarts=restarts, window_s=60.0, misfit_code=2, essential=essential)

    return [each("link", 5, essential=True), each("video", 10, essential=False)]
