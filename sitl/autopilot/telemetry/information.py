"""Messages about the flight and the storage, sent on request only."""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.telemetry.sources import Message, Sources

CAPACITY_MIB, USED_MIB = 32768.0, 1024.0  # of the card a vehicle would have; PX4's simulation tells of the disk it runs on
READY = 2


def flight_information(src: Sources) -> Message:
    """When it was armed and took off, in microseconds since start, 0 when disarmed (PX4 v1.16 fills in no other clock)."""
    commander = src.pilot.commander
    armed_us = round(commander.armed_at_s * 1e6) if commander.armed else 0
    off_us = round(commander.took_off_at_s * 1e6) if commander.armed else 0
    number = int(src.pilot.parameters["COM_FLIGHT_UUID"])
    return mavlink.MAVLink_flight_information_message(src.boot_ms, armed_us, off_us, number)


def storage_information(src: Sources) -> Message:
    """The one card that is there."""
    free_mib = CAPACITY_MIB - USED_MIB
    return mavlink.MAVLink_storage_information_message(src.boot_ms, 1, 1, READY, CAPACITY_MIB, USED_MIB, free_mib, 0.0, 0.0)
