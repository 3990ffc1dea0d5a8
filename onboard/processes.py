"""Every process of the aircraft, on one page. `onboard run` starts them and looks after them."""

from __future__ import annotations

from pathlib import Path

from wire.supervise import Process, module


def processes(config_file: Path) -> list[Process]:
    """Flight comes back at once when it is lost, and finds the aircraft as it is. Vision may come and go, flight goes on.

    When flight cannot be kept running, PX4 no longer hears of a ground station and brings the aircraft home by itself.
    """
    return [
        Process("flight", module("onboard.flight", "--config", str(config_file)), restarts=5, window_s=60.0),
        Process("vision", module("onboard.vision", "--config", str(config_file)), restarts=10, window_s=60.0, essential=False),
    ]
