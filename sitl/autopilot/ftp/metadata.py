"""The component metadata a ground station fetches over MAVLink FTP: generated, and only what is true of this autopilot.

`files` are the files by path, as PX4 names them; `general` is where it begins. Check sums are those of MAVLink FTP; PX4 gives
that of the unpacked text for the general file, and those of the packed files in it.
"""

from __future__ import annotations

import functools
import json
import lzma
import zlib
from collections.abc import Mapping
from typing import NamedTuple

from sitl.autopilot.parameters import Parameters, ParameterType
from sitl.autopilot.telling import event_dictionary

FOLDER = "etc/extras"
SCHEME = "mftp://"
TYPE_PARAMETER, TYPE_EVENTS = 1, 4


class Reference(NamedTuple):
    """Where a metadata file is and its check sum."""

    uri: str
    crc: int


def ftp_crc32(data: bytes) -> int:
    """The CRC-32 of MAVLink FTP: the usual polynomial, begun with 0 and not inverted."""
    return zlib.crc32(data, 0xFFFFFFFF) ^ 0xFFFFFFFF


def _packed(content: object) -> bytes:
    return lzma.compress(_text(content), check=lzma.CHECK_CRC32)


def _text(content: object) -> bytes:
    return json.dumps(content, sort_keys=True).encode("ascii")


def _parameters() -> object:
    """Names, types and defaults; this autopilot has no descriptions or bounds of them."""
    defaults = Parameters()
    kinds = {ParameterType.INT32: "Int32", ParameterType.REAL32: "Float"}
    listed = [{"name": name, "type": kinds[defaults.type_of(name)], "default": defaults[name]} for name in defaults.names]
    return {"version": 1, "parameters": listed}


@functools.cache
def _contents() -> tuple[Mapping[str, bytes], Reference]:
    parts = {
        "parameters.json.xz": (TYPE_PARAMETER, _parameters()),
        "all_events.json.xz": (TYPE_EVENTS, event_dictionary.definitions()),
    }
    files = {f"{FOLDER}/{name}": _packed(content) for name, (_, content) in parts.items()}
    listed = [
        {"type": kind, "uri": f"{SCHEME}{FOLDER}/{name}", "fileCrc": ftp_crc32(files[f"{FOLDER}/{name}"])}
        for name, (kind, _) in parts.items()
    ]
    general_content = {"version": 1, "metadataTypes": listed}
    path = f"{FOLDER}/component_general.json.xz"
    files[path] = _packed(general_content)
    return files, Reference(f"{SCHEME}{path}", ftp_crc32(_text(general_content)))


def files() -> Mapping[str, bytes]:
    """Path, without a leading slash, and content."""
    return _contents()[0]


def general() -> Reference:
    """The file that names the others."""
    return _contents()[1]
