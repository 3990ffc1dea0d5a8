"""Messages PX4 v1.16 speaks that the dialects shipped with pymavlink lack or cut short: those marked work in progress.

One table of definitions; `message` makes one to be packed like pymavlink's own, `read` takes one apart. Layouts and CRC_EXTRA
are those of the MAVLink definitions PX4 is built with. Fields stand in wire order (by size).
"""

from __future__ import annotations

import struct
from collections.abc import Mapping
from dataclasses import dataclass

from pymavlink.dialects.v20 import development as mavlink

Value = int | float | bytes
MAVLINK2 = 0xFD
HEADER_LENGTH, CRC_LENGTH, SIGNATURE_LENGTH = 10, 2, 13
SIGNED = 1


@dataclass(frozen=True)
class Definition:
    """A message: number, name, CRC_EXTRA, struct layout and the names of its fields in wire order."""

    number: int
    name: str
    crc_extra: int
    layout: struct.Struct
    fields: tuple[str, ...]


def _define(number: int, name: str, crc_extra: int, layout: str, fields: str) -> Definition:
    return Definition(number, name, crc_extra, struct.Struct("<" + layout), tuple(fields.split()))


LINK_NODE_STATUS = _define(
    8,
    "LINK_NODE_STATUS",
    117,
    "QIIIIIHHHBB",
    "timestamp tx_rate rx_rate messages_sent messages_received messages_lost rx_parse_err tx_overflows rx_overflows "
    "tx_buf rx_buf",
)
PROTOCOL_VERSION = _define(
    300, "PROTOCOL_VERSION", 217, "HHH8s8s", "version min_version max_version spec_version_hash library_version_hash"
)
TIME_ESTIMATE_TO_TARGET = _define(
    380, "TIME_ESTIMATE_TO_TARGET", 232, "iiiii", "safe_return land mission_next_item mission_end commanded_action"
)
COMPONENT_INFORMATION = _define(
    395,
    "COMPONENT_INFORMATION",
    0,
    "III100s100s",
    "time_boot_ms general_metadata_file_crc peripherals_metadata_file_crc general_metadata_uri peripherals_metadata_uri",
)
COMPONENT_METADATA = _define(397, "COMPONENT_METADATA", 182, "II100s", "time_boot_ms file_crc uri")
EVENT = _define(
    410,
    "EVENT",
    160,
    "IIHBBB40s",
    "id event_time_boot_ms sequence destination_component destination_system log_levels arguments",
)
CURRENT_EVENT_SEQUENCE = _define(411, "CURRENT_EVENT_SEQUENCE", 106, "HB", "sequence flags")
REQUEST_EVENT = _define(412, "REQUEST_EVENT", 33, "HHBB", "first_sequence last_sequence target_system target_component")
RESPONSE_EVENT_ERROR = _define(
    413,
    "RESPONSE_EVENT_ERROR",
    77,
    "HHBBB",
    "sequence sequence_oldest_available target_system target_component reason",
)

TABLE: Mapping[int, Definition] = {
    definition.number: definition
    for definition in (
        LINK_NODE_STATUS,
        PROTOCOL_VERSION,
        TIME_ESTIMATE_TO_TARGET,
        COMPONENT_INFORMATION,
        COMPONENT_METADATA,
        EVENT,
        CURRENT_EVENT_SEQUENCE,
        REQUEST_EVENT,
        RESPONSE_EVENT_ERROR,
    )
}


class ExtraMessage(mavlink.MAVLink_message):  # type: ignore[misc]  # pymavlink is untyped
    """One of the table's messages. Its fields are attributes; text and arrays are bytes of full length."""

    def __init__(self, definition: Definition, values: Mapping[str, Value]) -> None:
        super().__init__(definition.number, definition.name)
        self.definition = definition
        self._fieldnames = list(definition.fields)
        for name in definition.fields:
            setattr(self, name, values[name])

    def pack(self, mav: mavlink.MAVLink, force_mavlink1: bool = False) -> bytes:
        """The frame."""
        payload = self.definition.layout.pack(*(getattr(self, name) for name in self.definition.fields))
        data: bytes = self._pack(mav, self.definition.crc_extra, payload, force_mavlink1=force_mavlink1)
        return data


def message(definition: Definition, **values: Value) -> ExtraMessage:
    """A message to send; fields left out are zero. KeyError for a field it does not have."""
    zero = dict(zip(definition.fields, definition.layout.unpack(bytes(definition.layout.size)), strict=True))
    unknown = set(values) - set(zero)
    if unknown:
        raise KeyError(f"{definition.name} has no field {', '.join(sorted(unknown))}")
    return ExtraMessage(definition, zero | values)


def read(frame: bytes) -> ExtraMessage | None:
    """The message of a MAVLink 2 packet, None if it is broken or not of the table."""
    if len(frame) < HEADER_LENGTH + CRC_LENGTH or frame[0] != MAVLINK2:
        return None
    definition = TABLE.get(int.from_bytes(frame[7:10], "little"))
    end = HEADER_LENGTH + frame[1]
    if definition is None or len(frame) != end + CRC_LENGTH + (SIGNATURE_LENGTH if frame[2] & SIGNED else 0):
        return None
    crc = mavlink.x25crc(frame[1:end] + bytes([definition.crc_extra])).crc
    if crc != int.from_bytes(frame[end : end + CRC_LENGTH], "little"):
        return None
    size = definition.layout.size
    payload = frame[HEADER_LENGTH:end][:size].ljust(size, b"\0")
    values = dict(zip(definition.fields, definition.layout.unpack(payload), strict=True))
    found = ExtraMessage(definition, values)
    found._msgbuf = bytearray(frame)
    found._header = mavlink.MAVLink_header(definition.number, frame[2], frame[3], frame[1], frame[4], frame[5], frame[6])
    return found
