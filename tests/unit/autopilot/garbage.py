"""Valid MAVLink packets with invalid contents, and valid packets bent: what a fuzzer feeds the autopilot."""

from __future__ import annotations

import functools
import gzip
import math
import struct
from random import Random
from typing import Any

from pymavlink.dialects.v20 import development as mavlink

from sitl.autopilot.protocol import dialect
from tests.unit.autopilot.harness import FOLDER

FLOATS = (
    0.0,
    -0.0,
    1.0,
    -1.0,
    0.5,
    90.0,
    180.0,
    1e5,
    3.4e38,
    -3.4e38,
    1e-40,
    math.nan,
    math.inf,
    -math.inf,
    21196.0,
    2147483647.0,
)
SERVED = (
    *(0, 4, 11, 20, 21, 22, 23, 39, 40, 41, 43, 44, 45, 47, 51, 69, 70, 73, 75, 76, 77, 84, 86, 82, 110, 111, 149, 144, 231),
    *(282, 285, 286, 287, 288, 84, 253, 410, 412, 332, 395),
)
"""Messages an autopilot does something with, or forwards: four times as likely as all others together."""
COMMANDS = (
    *(
        16,
        20,
        21,
        22,
        23,
        31,
        34,
        35,
        84,
        85,
        93,
        112,
        115,
        176,
        177,
        178,
        179,
        181,
        183,
        185,
        186,
        187,
        189,
        192,
        193,
        195,
        197,
    ),
    *(201, 205, 206, 207, 209, 211, 241, 242, 243, 245, 246, 262, 300, 310, 400, 401, 410, 420, 510, 511, 512, 519, 520, 521),
    *(1000, 1001, 2000, 2003, 2500, 4501, 5001, 5002, 5003, 5004, 5100, 31000, 42600),
)
PARAMETERS = (
    b"NAV_DLL_ACT",
    b"COM_OBL_RC_ACT",
    b"MPC_XY_CRUISE",
    b"_HASH_CHECK",
    b"GF_ACTION",
    b"EKF2_GPS_CTRL",
    b"NO_SUCH",
    b"",
)
_INTS = {"b": 8, "B": 8, "h": 16, "H": 16, "i": 32, "I": 32, "q": 64, "Q": 64}


class Garbage:
    """`packet` is the next one; all chance comes from `chance`."""

    def __init__(self, chance: Random, system: int = 1) -> None:
        self._chance, self._system = chance, system
        self._mav = {peer: mavlink.MAVLink(None, *peer) for peer in ((system, 191), (255, 190), (system, 100), (7, 1))}
        self._numbers = sorted(mavlink.mavlink_map)
        self._recorded = recorded()

    def packet(self) -> bytes:
        """Wild contents, bent bytes, or a recorded packet as it is."""
        kind = self._chance.randrange(10)
        if kind < 6:
            return self._wild()
        packet = self._chance.choice(self._recorded) if self._recorded and kind < 9 else self._wild()
        return self._bent(packet) if kind < 9 else packet

    def _wild(self) -> bytes:
        chance = self._chance
        if chance.randrange(20) == 0:
            wanted = {"first_sequence": chance.randrange(65536), "last_sequence": chance.randrange(65536)}
            return bytes(dialect.message(dialect.REQUEST_EVENT, **wanted).pack(self._peer()))
        number = chance.choice(SERVED if chance.randrange(5) else self._numbers)
        kind = mavlink.mavlink_map.get(number)
        if kind is None:
            return b"\xfd"
        values = [self._field(kind, place) for place in range(len(kind.fieldnames))]
        return bytes(kind(*values).pack(self._peer(), force_mavlink1=number < 256 and chance.randrange(12) == 0))

    def _peer(self) -> mavlink.MAVLink:
        return self._chance.choice(list(self._mav.values()))

    def _field(self, kind: Any, place: int) -> Any:
        name, order = kind.fieldnames[place], kind.orders[place]
        if name == "target_system":
            return self._chance.choice((self._system, self._system, self._system, 0, 255))
        if name == "target_component":
            return self._chance.choice((1, 1, 1, 0, 191, 100))
        if name == "command" and not kind.array_lengths[order]:
            return self._chance.choice(COMMANDS)
        if name == "param_id":
            return self._chance.choice(PARAMETERS)
        code = chr(kind.native_format[1:][order])
        length = kind.array_lengths[order]
        if code == "c":
            return self._chance.randbytes(min(length or 1, 10))
        value = [self._number(code) for _ in range(length or 1)]
        return value if length else value[0]

    def _number(self, code: str) -> float:
        if code in "fd":
            wild = self._chance.uniform(-200.0, 200.0)
            return self._chance.choice((wild, self._chance.choice(FLOATS)))
        bits, signed = _INTS[code], code.islower()
        low, high = (-(1 << bits - 1), (1 << bits - 1) - 1) if signed else (0, (1 << bits) - 1)
        return self._chance.choice((low, high, 0, 1, 2, 3, min(high, 5), self._chance.randint(low, high)))

    def _bent(self, packet: bytes) -> bytes:
        data, chance = bytearray(packet), self._chance
        for _ in range(chance.randint(1, 4)):
            data[chance.randrange(len(data))] = chance.randrange(256)
        if chance.randrange(4) == 0:
            del data[chance.randrange(len(data)) :]
        elif len(data) > 12 and chance.randrange(4):
            checksum(data)
        return bytes(data)


def checksum(data: bytearray) -> None:
    """Make the check sum of a packet right again, so that what was changed gets past it."""
    number = int.from_bytes(data[7:10], "little")
    kind, own = mavlink.mavlink_map.get(number), dialect.TABLE.get(number)
    extra = kind.crc_extra if kind is not None else own.crc_extra if own is not None else None
    if extra is not None:
        data[-2:] = struct.pack("<H", mavlink.x25crc(bytes(data[1:-2]) + bytes([extra])).crc)


@functools.cache
def recorded() -> list[bytes]:
    """What was sent to a real PX4, and some of what it sent; nothing where there are no recordings."""
    found: dict[tuple[int, int], bytes] = {}
    for name in ("boot", "params", "mission", "fence", "offboard", "precland", "gripper"):
        path = FOLDER / f"{name}.tlog.gz"
        if not path.exists():
            continue
        data, at = gzip.decompress(path.read_bytes()), 0
        while at + 20 <= len(data):
            size = 12 + data[at + 9] + (13 if data[at + 10] & 1 else 0)
            packet = data[at + 8 : at + 8 + size]
            at += 8 + size
            found.setdefault((int.from_bytes(packet[7:10], "little"), packet[6]), packet)
    return [found[key] for key in sorted(found)]
