"""Messages of who the autopilot is, sent on request only."""

from __future__ import annotations

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.ftp import metadata
from sitl.autopilot.protocol import dialect
from sitl.autopilot.telemetry.sources import Message, Sources

MAVLINK_2, MAVLINK_1 = 200, 100
SERIAL_NUMBER = b"1006554d49534954414"  # as much of a simulated PX4's identity as fits
MULTIROTOR = 2


def protocol_version(src: Sources) -> Message:
    """MAVLink 2 is spoken, 1 understood; no hash of definitions or library."""
    del src
    return dialect.message(dialect.PROTOCOL_VERSION, version=MAVLINK_2, min_version=MAVLINK_1, max_version=MAVLINK_2)


def open_drone_id_basic_id(src: Sources) -> Message:
    """Remote identification: a serial number."""
    del src
    uas_id = list(SERIAL_NUMBER.ljust(20, b"\0"))
    kind = mavlink.MAV_ODID_ID_TYPE_SERIAL_NUMBER
    return mavlink.MAVLink_open_drone_id_basic_id_message(0, 0, [0] * 20, kind, MULTIROTOR, uas_id)


def component_information(src: Sources) -> Message:
    """Where the general metadata is, in the message that COMPONENT_METADATA replaces."""
    general = metadata.general()
    return dialect.message(
        dialect.COMPONENT_INFORMATION,
        time_boot_ms=src.boot_ms,
        general_metadata_file_crc=general.crc,
        general_metadata_uri=general.uri.encode("ascii"),
    )


def component_metadata(src: Sources) -> Message:
    """Where the general metadata is."""
    general = metadata.general()
    return dialect.message(
        dialect.COMPONENT_METADATA, time_boot_ms=src.boot_ms, file_crc=general.crc, uri=general.uri.encode("ascii")
    )
