"""PROTOCOL_VERSION (300), which PX4 sends and the dialects shipped with pymavlink leave out."""

from __future__ import annotations

import struct

from pymavlink.dialects.v20 import development as mavlink

MSG_ID_PROTOCOL_VERSION = 300
_PAYLOAD = struct.Struct("<HHH8s8s")
_CRC_EXTRA = 217
CURRENT, MINIMUM, MAXIMUM = 200, 100, 200


class ProtocolVersion(mavlink.MAVLink_message):  # type: ignore[misc]  # pymavlink is untyped
    """MAVLink 2 is spoken, 1 understood; no specification or library hash."""

    id = MSG_ID_PROTOCOL_VERSION
    msgname = "PROTOCOL_VERSION"

    def __init__(self) -> None:
        super().__init__(MSG_ID_PROTOCOL_VERSION, self.msgname)

    def pack(self, mav: mavlink.MAVLink, force_mavlink1: bool = False) -> bytes:
        """The frame."""
        payload = _PAYLOAD.pack(CURRENT, MINIMUM, MAXIMUM, bytes(8), bytes(8))
        data: bytes = self._pack(mav, _CRC_EXTRA, payload, force_mavlink1=force_mavlink1)
        return data
