"""python -m groundlink.link --config FILE: the daemon as a process of its own."""

from __future__ import annotations

import argparse
import sys
from datetime import UTC, datetime
from pathlib import Path

from groundlink import configuration
from groundlink.configuration import FixedPosition, GroundlinkConfig
from groundlink.latch.simulated import SimulatedLatch
from groundlink.link.daemon import Daemon
from groundlink.link.record import Record
from groundlink.position import PositionSource
from groundlink.position.fixed import FixedSource
from groundlink.position.nmea import NmeaSource
from wire import keys
from wire.clock import SystemClock
from wire.errors import PilotfishError
from wire.geo import Position
from wire.journal import Journal, new_folder
from wire.sockets import Bus
from wire.supervise import StopFlag, die_with_parent


def position_source(config: GroundlinkConfig, bus: Bus) -> PositionSource:
    """What the configuration says the vehicle's position comes from. Raises DeviceError."""
    chosen = config.position
    if isinstance(chosen, FixedPosition):
        return FixedSource(Position(chosen.latitude_deg, chosen.longitude_deg, chosen.altitude_amsl_m))
    source = NmeaSource(chosen.host, chosen.port, chosen.antenna_above_pad_m)
    bus.watch(source.fileno())
    return source


def run(config: GroundlinkConfig, stop: StopFlag) -> None:
    """Until `stop`. Raises PilotfishError when it cannot begin."""
    folder = new_folder(config.log_folder, exact=config.log_exact, utc=datetime.now(UTC))
    clock = SystemClock(config.clock_speed)
    with Bus(keys.load(config.keys_folder, "groundlink")) as bus:
        record = Record(Journal(folder))
        latch, position = SimulatedLatch(config.latch, bus), position_source(config, bus)
        daemon = Daemon(config, bus, clock, latch=latch, position=position, record=record)
        record.happened(clock.now_s(), "started", clock_speed=config.clock_speed)
        print(f"groundlink takes orders at {config.listen.orders} and logs to {folder}", file=sys.stderr, flush=True)
        while not stop:
            daemon.step()
        record.happened(clock.now_s(), "stopped")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m groundlink.link", description="The vehicle's daemon.")
    parser.add_argument("--config", type=Path, required=True, metavar="FILE")
    arguments = parser.parse_args()
    die_with_parent()
    stop = StopFlag()
    try:
        run(configuration.load(arguments.config), stop)
    except PilotfishError as error:
        print(f"groundlink: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
